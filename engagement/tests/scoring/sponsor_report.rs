//! The sponsor report: its parts, and whole reports as Markdown.

use rapport_engagement::id::AlertId;
use rapport_engagement::report::digest::{NamedAccount, PersonName};
use rapport_engagement::report::escalation::{DepartureFacts, DepartureNotice};
use rapport_engagement::report::sponsor::{
    Contract, Initiative, InteractionText, OrgChange, Outcome, Person, PlannedOutreach, Scheduled,
    SponsorContext, SponsorReport,
};
use rapport_engagement::row::Departure;
use rapport_engagement::sponsor::{Goal, Metric};
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;
use uuid::Uuid;

use crate::account::{Book, ENDING_ON, at, day};

use InteractionKind::{Call, ExecutiveDinner, InternalAdvocacy, Meeting, Qbr, Reference};
use InteractionStatus::{Canceled, Completed, Declined};

/// A context that names the contacts of a book.
fn context(b: &Book, account: &str) -> SponsorContext {
    let person = |external_id: &str| {
        let (name, title) = external_id.split_once(", ").unwrap_or((external_id, ""));
        Person {
            name: name.to_owned(),
            title: Some(title.to_owned()),
            ..Person::default()
        }
    };
    SponsorContext {
        account: account.to_owned(),
        contacts: b
            .rows
            .contacts
            .iter()
            .map(|c| (c.id, person(&c.external_id)))
            .collect(),
        data_through: Some(day("2026-09-29")),
        policy_hash: "0123456789abcdef".to_owned(),
        ..SponsorContext::default()
    }
}

fn report(b: &Book, context: &SponsorContext) -> SponsorReport {
    let windows = Windows::new(day(ENDING_ON), at("2030-01-01"), b.zone, Period::Quarterly);
    SponsorReport::new(&b.rows, &b.catalogue, &b.policy, &windows, context)
}

fn metric(name: &str, value: f64, previous: Option<f64>, above_zero: Option<&str>) -> Metric {
    Metric {
        metric: name.to_owned(),
        value,
        observed_on: day("2026-09-15"),
        previous,
        last_above_zero_on: above_zero.map(day),
    }
}

fn initiative(initiative: &str, their_priority: &str, alignment: Alignment) -> Initiative {
    Initiative {
        initiative: initiative.to_owned(),
        their_priority: Some(their_priority.to_owned()).filter(|text| !text.is_empty()),
        alignment,
    }
}

const DANA: &str = "Dana Whitfield, COO";
const BEN: &str = "Ben Osei, VP Operations";
const CHO: &str = "Cho Min-jun, Director of IT";
const EVE: &str = "Eve Lindqvist, CFO";

/// An enterprise account whose sponsor is a champion, with a rich story around her.
fn champion() -> (Book, SponsorContext) {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact(DANA, "Operations", Some(Seniority::CLevel));
    b.contact(BEN, "Operations", Some(Seniority::Vp));
    b.contact(CHO, "IT", Some(Seniority::Director));
    b.contact(EVE, "Finance", Some(Seniority::CLevel));
    b.role_since(DANA, "2024-06-15");
    b.sponsor(DANA, SponsorRank::Primary, "2025-03-01", None);
    b.sponsor(BEN, SponsorRank::Backup, "2026-02-01", None);
    for month in [
        "2025-10", "2025-12", "2026-02", "2026-04", "2026-05", "2026-07", "2026-08", "2026-09",
    ] {
        b.meeting(&format!("{month}-08"), &[DANA])
            .purpose(Purpose::Strategic);
    }
    for month in ["2025-11", "2026-03", "2026-06"] {
        b.interaction(Qbr, Direction::Outbound, Completed, &format!("{month}-18"))
            .with(DANA)
            .with(BEN);
    }
    b.interaction(Qbr, Direction::Outbound, Declined, "2026-09-18")
        .with(DANA);
    b.interaction(ExecutiveDinner, Direction::Outbound, Completed, "2026-01-22")
        .with(DANA);
    b.interaction(Meeting, Direction::Outbound, Canceled, "2026-08-12")
        .with(DANA);
    b.interaction(Reference, Direction::Inbound, Completed, "2026-05-27")
        .with(DANA);
    b.interaction(InternalAdvocacy, Direction::Inbound, Completed, "2026-08-20")
        .with(DANA);
    b.mail("2026-08-01").with(DANA).answered(20);
    b.mail("2026-08-25").with(BEN).answered(30).by(BEN);
    b.mail("2026-09-10").with(DANA).answered(72);
    b.interaction(Call, Direction::Outbound, Completed, "2026-09-24")
        .with(CHO);
    b.rows.initiatives = vec![
        Alignment::High,
        Alignment::High,
        Alignment::Medium,
        Alignment::Low,
    ];
    b.uses_for(Some(CHO), "feature_1", "2026-07-01", 40);

    let mut c = context(&b, "Harlan & Voss");
    let dana = b.rows.contacts[0].id;
    let person = c.contacts.get_mut(&dana).unwrap();
    person.priorities = vec!["cost to serve".to_owned(), "one platform".to_owned()];
    person.communication_preference = Some("short e-mail".to_owned());
    let text = |subject: &str, topics: &[&str], outcome: Option<&str>| InteractionText {
        subject: Some(subject.to_owned()),
        topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
        outcome: outcome.map(str::to_owned),
    };
    c.interactions.insert(
        b.rows.interactions[7].id,
        text(
            "Monthly 1:1",
            &["renewal", "roadmap"],
            Some("Agreed on the pilot"),
        ),
    );
    c.interactions
        .insert(b.rows.interactions[6].id, text("Monthly 1:1", &[], None));
    c.goals = vec![
        Goal {
            goal: "One platform in all plants".to_owned(),
            progress: Some(60.0),
            due_on: Some(day("2026-08-31")),
        },
        Goal {
            goal: "Halve ticket volume".to_owned(),
            progress: Some(100.0),
            due_on: Some(day("2026-12-31")),
        },
        Goal {
            goal: "Train every shift lead".to_owned(),
            progress: Some(20.0),
            due_on: Some(day("2026-09-30")),
        },
    ];
    c.metrics = vec![
        metric("executive_dashboard_views", 0.0, Some(3.0), Some("2026-08-01")),
        metric("roi", 3.0, Some(2.4), Some("2026-09-15")),
    ];
    c.org_changes = vec![
        OrgChange {
            kind: OrgChangeKind::NewExecutive,
            observed_on: day("2026-09-02"),
            contact: Some(b.rows.contacts[3].id),
            summary: "Eve Lindqvist joins as CFO".to_owned(),
            certainty: Certainty::Confirmed,
            impact: None,
            reviewed: false,
        },
        OrgChange {
            kind: OrgChangeKind::Reorganisation,
            observed_on: day("2026-03-05"),
            contact: None,
            summary: "IT now reports to the COO".to_owned(),
            certainty: Certainty::Confirmed,
            impact: Some("Budget and sponsor in one hand".to_owned()),
            reviewed: true,
        },
        OrgChange {
            kind: OrgChangeKind::Layoff,
            observed_on: day("2025-09-30"),
            contact: None,
            summary: "Too long ago".to_owned(),
            certainty: Certainty::Confirmed,
            impact: None,
            reviewed: true,
        },
    ];
    c.initiatives = vec![
        initiative("Shop-floor analytics", "", Alignment::Low),
        initiative("Single sign-on everywhere", "one platform", Alignment::High),
        initiative("Self-service", "cost to serve", Alignment::High),
        initiative("Executive dashboard", "transparency", Alignment::Medium),
    ];
    c.contract = Contract {
        start: Some(day("2024-01-01")),
        renewal_on: Some(day("2026-12-31")),
        arr: Some("240,000 EUR".to_owned()),
    };
    c.scheduled = vec![Scheduled {
        kind: Qbr,
        at: at("2026-10-14"),
        subject: Some("QBR of the third quarter".to_owned()),
        purpose: Some(Purpose::Strategic),
        contacts: vec![b.rows.contacts[0].id, b.rows.contacts[2].id],
        owner: Some("Mara Ortiz".to_owned()),
    }];
    c.planned = vec![PlannedOutreach {
        contact: b.rows.contacts[1].id,
        kind: InteractionKind::Email,
        purpose: Purpose::Strategic,
        at: at("2026-10-05"),
        subject: "Roadmap preview".to_owned(),
        planned_by: Some("Mara Ortiz".to_owned()),
    }];
    (b, c)
}

#[test]
fn a_champion() {
    let (b, c) = champion();
    insta::assert_snapshot!(report(&b, &c).markdown(&c));
}

#[test]
fn a_sponsor_who_delegates() {
    let mut b = Book::mid_market();
    b.contact(DANA, "Operations", Some(Seniority::CLevel));
    b.contact(
        "Oli Brandt, Operations Manager",
        "operations",
        Some(Seniority::Manager),
    );
    b.role_since(DANA, "2026-05-01");
    b.sponsor(DANA, SponsorRank::Primary, "2025-01-01", None);
    b.meeting("2025-11-20", &[DANA]);
    b.meeting("2026-05-05", &["Oli Brandt, Operations Manager"]);
    for when in ["2026-07-05", "2026-08-05", "2026-09-05"] {
        b.meeting(when, &["Oli Brandt, Operations Manager"]);
        b.mail(when).with(DANA);
    }
    b.rows.initiatives = vec![Alignment::Low];
    let mut c = context(&b, "Northwind Logistics");
    c.initiatives = vec![initiative("Route planning", "fewer empty runs", Alignment::Low)];
    c.org_changes = vec![OrgChange {
        kind: OrgChangeKind::Departure,
        observed_on: day("2026-09-20"),
        contact: Some(b.rows.contacts[0].id),
        summary: "Her mail bounces".to_owned(),
        certainty: Certainty::Suspected,
        impact: None,
        reviewed: false,
    }];
    c.metrics = vec![metric("roi", 1.5, Some(2.5), None)];
    insta::assert_snapshot!(report(&b, &c).markdown(&c));
}

#[test]
fn an_account_whose_sponsor_has_left() {
    let mut b = Book::new(AccountTier::Smb);
    b.contact(DANA, "Operations", Some(Seniority::CLevel));
    b.contact(BEN, "Operations", Some(Seniority::Vp));
    b.contact(CHO, "IT", Some(Seniority::Director));
    b.sponsor(DANA, SponsorRank::Primary, "2025-01-01", Some("2026-09-10"));
    b.departed(DANA, Departure::On(day("2026-09-10")));
    b.meeting("2026-08-20", &[DANA, CHO]);
    let mut c = context(&b, "Little Anchor");
    c.org_changes = vec![OrgChange {
        kind: OrgChangeKind::Departure,
        observed_on: day("2026-09-10"),
        contact: Some(b.rows.contacts[0].id),
        summary: "Left for a competitor".to_owned(),
        certainty: Certainty::Confirmed,
        impact: None,
        reviewed: true,
    }];
    c.contract.renewal_on = Some(day("2026-11-30"));
    insta::assert_snapshot!(report(&b, &c).markdown(&c));
}

#[test]
fn an_account_without_a_single_row() {
    let b = Book::mid_market();
    let c = context(&b, "Empty Ltd");
    insta::assert_snapshot!(report(&b, &c).markdown(&c));
}

/// The headings and tables of the seed's response format, in its order.
const FORMAT: [&str; 27] = [
    "**Standing**: ",
    "## Executive Sponsor Report",
    "**Account**: ",
    "**Account Tier**: ",
    "**Overall Exec Engagement**: ",
    "### Executive Sponsors",
    "### Primary Sponsor: ",
    "**Profile**",
    "**Engagement Timeline**",
    "**Engagement Score Breakdown**",
    "### Engagement Health",
    "**Strengths**",
    "**Concerns**",
    "### Organizational Intelligence",
    "**Recent Changes**",
    "**Succession Risk**",
    "- Current sponsor tenure: ",
    "- Backup relationships: ",
    "- Risk level: ",
    "### Strategic Alignment",
    "### Recommended Actions",
    "**Immediate (This Week)**",
    "**Short-Term (This Quarter)**",
    "**Strategic (Long-Term)**",
    "### Engagement Calendar",
    "### Bus Factor",
    "---",
];

#[test]
fn every_report_has_the_parts_of_the_format_in_its_order() {
    let (full, full_context) = champion();
    let empty = Book::mid_market();
    for (b, c) in [(&full, full_context), (&empty, context(&empty, "Empty Ltd"))] {
        let markdown = report(b, &c).markdown(&c);
        let mut lines = markdown.lines();
        for part in FORMAT {
            assert!(
                lines.any(|line| line.starts_with(part)),
                "{part} is missing or out of order in\n{markdown}"
            );
        }
    }
    let (b, c) = champion();
    let markdown = report(&b, &c).markdown(&c);
    for header in [
        "| Name | Title | Engagement | Last Touch | Status |",
        "| Date | Interaction | Topics | Outcome |",
        "| Factor | Score | Notes |",
        "| Our Initiative | Their Priority | Alignment |",
        "| Date | Event | Attendees | Objective |",
    ] {
        assert!(markdown.contains(header), "{header}");
    }
}

#[test]
fn a_hostile_name_breaks_no_table_and_opens_no_heading() {
    let (b, mut c) = champion();
    let evil = "[x](http://evil) | <b>\n## Forged";
    c.account = evil.to_owned();
    for person in c.contacts.values_mut() {
        *person = Person {
            name: evil.to_owned(),
            title: Some(evil.to_owned()),
            communication_preference: Some(evil.to_owned()),
            priorities: vec![evil.to_owned()],
        };
    }
    for text in c.interactions.values_mut() {
        *text = InteractionText {
            subject: None,
            topics: vec![evil.to_owned()],
            outcome: Some(evil.to_owned()),
        };
    }
    for change in &mut c.org_changes {
        (change.summary, change.impact) = (evil.to_owned(), Some(evil.to_owned()));
    }
    for one in &mut c.initiatives {
        (one.initiative, one.their_priority) = (evil.to_owned(), Some(evil.to_owned()));
    }
    for goal in &mut c.goals {
        goal.goal = evil.to_owned();
    }
    for metric in &mut c.metrics {
        metric.metric = evil.to_owned();
        (metric.value, metric.previous) = (1.0, Some(2.0));
    }
    for one in &mut c.scheduled {
        (one.subject, one.owner) = (Some(evil.to_owned()), Some(evil.to_owned()));
    }
    for one in &mut c.planned {
        (one.subject, one.planned_by) = (evil.to_owned(), Some(evil.to_owned()));
    }
    c.contract.arr = Some(evil.to_owned());
    let markdown = report(&b, &c).markdown(&c);
    assert!(!markdown.contains("\n## Forged") && !markdown.contains("<b>") && !markdown.contains("[x](http"));
    let mut columns = 0;
    for line in markdown.lines() {
        let here = line.replace("\\|", "").matches('|').count();
        assert!(here == 0 || columns == 0 || here == columns, "{line}");
        columns = here;
    }
}

#[test]
fn whom_to_approach_first() {
    let first = |b: &Book| {
        let c = context(b, "x");
        let report = report(b, &c);
        let approach = report.approach.clone();
        approach.map(|a| {
            (
                a.contact.map(|id| {
                    b.rows
                        .contacts
                        .iter()
                        .find(|c| c.id == id)
                        .unwrap()
                        .external_id
                        .clone()
                }),
                a.reason,
            )
        })
    };
    let name = |b: &Book| first(b).unwrap().0;
    let mut b = Book::mid_market();
    assert_eq!(name(&b), None);
    b.contact("intern", "", Some(Seniority::Individual));
    b.meeting("2026-08-01", &["intern"]);
    assert_eq!(name(&b).as_deref(), Some("intern"));
    b.contact("vp", "", Some(Seniority::Vp));
    assert_eq!(name(&b).as_deref(), Some("vp"));
    b.contact("manager", "", Some(Seniority::Manager));
    b.contact("director", "", Some(Seniority::Director));
    b.meeting("2026-08-02", &["manager"]);
    b.meeting("2026-08-01", &["director"]);
    assert_eq!(name(&b).as_deref(), Some("manager"));
    b.meeting("2026-08-02", &["director"]);
    assert_eq!(name(&b).as_deref(), Some("director"));
    b.meeting("2025-08-02", &["vp"]);
    assert_eq!(
        first(&b).unwrap(),
        (
            Some("vp".to_owned()),
            "The executive who stands closest to us: disengaged, 0 of 100, last contact on 2025-08-02."
                .to_owned()
        )
    );
    b.contact("ceo", "", Some(Seniority::CLevel));
    b.meeting("2026-09-02", &["ceo"]);
    assert_eq!(name(&b).as_deref(), Some("ceo"));
    b.sponsor("vp", SponsorRank::Primary, "2026-01-01", None);
    assert_eq!(first(&b), None);
}

#[test]
fn value_is_a_concern_from_a_fifth_down_and_sixty_days_unseen() {
    let concerns = |metrics: Vec<Metric>, goals: Vec<Goal>| {
        let (b, mut c) = champion();
        (c.metrics, c.goals, c.org_changes) = (metrics, goals, vec![]);
        let report = report(&b, &c);
        report.concerns.into_iter().map(|c| c.summary).collect::<Vec<_>>()
    };
    let none = concerns(vec![], vec![]);
    let more = |metrics, goals| {
        concerns(metrics, goals)
            .into_iter()
            .filter(|c| !none.contains(c))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        more(vec![metric("roi", 3.2, Some(4.0), None)], vec![]),
        ["roi is down 20 %"]
    );
    assert_eq!(more(vec![metric("roi", 3.21, Some(4.0), None)], vec![]), [""; 0]);
    assert_eq!(
        more(
            vec![metric("roi", 3.2, None, None), metric("x", 1.0, Some(0.0), None)],
            vec![]
        ),
        [""; 0]
    );
    let views = |last| vec![metric("executive_dashboard_views", 1.0, Some(1.0), last)];
    assert_eq!(more(views(Some("2026-08-02")), vec![]), [""; 0]);
    assert_eq!(
        more(views(Some("2026-08-01")), vec![]),
        ["No dashboard view in 60 days"]
    );
    assert_eq!(more(views(None), vec![]), ["No dashboard view in 60 days"]);
    let goal = |progress, due| {
        vec![Goal {
            goal: "g".to_owned(),
            progress,
            due_on: Some(day(due)),
        }]
    };
    assert_eq!(more(vec![], goal(Some(89.9), "2026-09-29")), ["Goal past due, g"]);
    assert_eq!(more(vec![], goal(None, "2026-09-29")), ["Goal past due, g"]);
    assert_eq!(more(vec![], goal(Some(89.9), "2026-09-30")), [""; 0]);
    assert_eq!(
        more(vec![], goal(Some(90.0), "2026-09-29")),
        [""; 0],
        "to be closed out, never late"
    );
    assert_eq!(more(vec![], goal(Some(100.0), "2026-09-29")), [""; 0]);
}

#[test]
fn the_calendar_asks_for_no_touch_that_is_planned() {
    let (b, mut c) = champion();
    let events = |c: &SponsorContext| {
        let calendar = report(&b, c).calendar;
        assert!(calendar.is_sorted_by_key(|entry| entry.on));
        calendar
            .into_iter()
            .map(|entry| (entry.on.to_string(), entry.event, entry.attendees.join(", ")))
            .collect::<Vec<_>>()
    };
    // Dana answered on 13 September: the cadence of 30.4 days asks for 13 October, and the QBR is on the 14th. She had a
    // 1:1 and a QBR since the last dinner.
    let touch = (
        "2026-10-13".to_owned(),
        "Executive dinner".to_owned(),
        "Dana Whitfield".to_owned(),
    );
    assert!(events(&c).contains(&touch), "{:?}", events(&c));
    c.scheduled[0].at = at("2026-10-13");
    assert!(
        events(&c)
            .iter()
            .all(|(_, event, who)| who != "Dana Whitfield" || event == "Renewal")
    );
    // A training is no executive touch, and what is past is no plan.
    c.scheduled[0].kind = InteractionKind::Training;
    assert!(events(&c).contains(&touch));
    c.scheduled[0].at = at("2026-09-01");
    assert!(events(&c).iter().all(|(_, event, _)| event != "Training"));
}

#[test]
fn recommendations_come_by_horizon_and_say_what_they_are_worth() {
    let (b, c) = champion();
    let report = report(&b, &c);
    assert!(report.recommendations.is_sorted_by_key(|one| one.horizon));
    assert!(
        report
            .recommendations
            .iter()
            .all(|one| !one.action.is_empty() && one.reason.chars().any(|c| c.is_ascii_digit()))
    );
}

/// A mid-market account with a sponsor of long standing who was met four times, the last time on a day.
fn met_until(last: &str) -> Book {
    let mut b = Book::mid_market();
    b.contact(DANA, "Operations", Some(Seniority::CLevel));
    b.sponsor(DANA, SponsorRank::Primary, "2024-01-01", None);
    for when in ["2025-11-10", "2025-12-10", "2026-01-12"] {
        b.meeting(when, &[DANA]);
    }
    b.interaction(Qbr, Direction::Outbound, Completed, last)
        .with(DANA);
    b
}

#[test]
fn a_score_that_its_level_caps_says_why() {
    // Once a month: silent from 92 days on, no longer engaged after 45.
    let score = |last: &str, more: &dyn Fn(&mut Book)| {
        let mut b = Book::new(AccountTier::Enterprise);
        b.contact(DANA, "Operations", Some(Seniority::CLevel));
        b.sponsor(DANA, SponsorRank::Primary, "2024-01-01", None);
        for n in 1..=11 {
            b.meeting(&format!("2026-01-{n:02}"), &[DANA]);
        }
        b.interaction(Qbr, Direction::Outbound, Completed, last)
            .with(DANA);
        more(&mut b);
        let report = report(&b, &context(&b, "x"));
        (report.score, report.factor_score, report.score_note)
    };
    let note = |text: &str| Some(text.to_owned());
    assert_eq!(
        score("2026-06-26", &|_| ()),
        (
            39,
            100,
            note("100 over twelve months, capped at 39: silent for 96 days")
        )
    );
    assert_eq!(
        score("2026-08-01", &|_| ()),
        (
            59,
            100,
            note("100 over twelve months, capped at 59: the last contact was 60 days ago")
        )
    );
    assert_eq!(score("2026-09-10", &|_| ()), (100, 100, None));
    let declines = |b: &mut Book| {
        for when in ["2026-09-20", "2026-09-25"] {
            b.interaction(Meeting, Direction::Outbound, Declined, when)
                .with(DANA);
        }
    };
    assert_eq!(
        score("2026-09-10", &declines),
        (
            59,
            100,
            note("100 over twelve months, capped at 59: declined or missed the last 2 meetings")
        )
    );
}

#[test]
fn a_factor_is_a_strength_only_while_the_last_contact_is_recent() {
    // 136 days are at most 1.5 × 91.25, 137 are not.
    let strengths = |last: &str| {
        let b = met_until(last);
        report(&b, &context(&b, "x")).strengths
    };
    assert!(
        strengths("2026-05-17")
            .iter()
            .any(|one| one.starts_with("Present at business reviews")),
        "{:?}",
        strengths("2026-05-17")
    );
    assert_eq!(strengths("2026-05-16"), [""; 0]);
}

#[test]
fn a_new_sponsor_is_blamed_for_no_meeting_before_one_could_be_due() {
    let concerns = |since: &str| {
        let mut b = Book::mid_market();
        b.contact(DANA, "Operations", Some(Seniority::CLevel));
        b.sponsor(DANA, SponsorRank::Primary, since, None);
        b.interaction(Qbr, Direction::Outbound, Declined, "2026-09-29")
            .with(DANA);
        b.interaction(Call, Direction::Outbound, Completed, "2026-09-28")
            .with(DANA);
        let report = report(&b, &context(&b, "x"));
        let said: Vec<String> = report.concerns.iter().map(|one| one.summary.clone()).collect();
        let asked = report
            .recommendations
            .iter()
            .any(|one| one.action.contains("series of touchpoints"));
        (
            said.contains(&"Too few meetings".to_owned()),
            said.contains(&"Absent from business reviews".to_owned()),
            asked,
        )
    };
    assert_eq!(concerns("2026-07-02"), (false, false, false), "for 90 days");
    assert_eq!(concerns("2026-06-30"), (true, true, true), "for 92 days");
}

#[test]
fn writing_less_is_advised_from_four_outreaches_of_which_less_than_half_were_answered() {
    let advice = |sent: usize, answered: usize| {
        let mut b = met_until("2026-09-10");
        for n in 0..sent {
            let mail = b.mail(&format!("2026-08-{:02}", 3 + n)).with(DANA);
            if n < answered {
                mail.answered(150);
            }
        }
        let report = report(&b, &context(&b, "x"));
        report
            .recommendations
            .iter()
            .any(|one| one.action.starts_with("Write less"))
    };
    assert!(!advice(3, 0));
    assert!(advice(4, 1));
    assert!(!advice(4, 2), "half");
}

#[test]
fn a_goal_from_ninety_percent_is_closed_out_and_never_late() {
    let b = met_until("2026-09-10");
    let advice = |progress: f64| {
        let mut c = context(&b, "x");
        c.goals = vec![Goal {
            goal: "Go live".to_owned(),
            progress: Some(progress),
            due_on: Some(day("2026-06-30")),
        }];
        let report = report(&b, &c);
        let said: Vec<String> = report
            .recommendations
            .iter()
            .map(|one| format!("{}: {}", one.action, one.reason))
            .collect();
        (
            said.into_iter().find(|one| one.contains("Go live")),
            report.concerns.iter().any(|one| one.summary.contains("Go live")),
        )
    };
    let close = "Close out the goal \"Go live\" with the sponsor: 99 % reached; agree on what is left, and write down what it brought";
    assert_eq!(advice(99.0), (Some(close.to_owned()), false));
    assert!(advice(90.0).0.unwrap().starts_with("Close out"));
    let (late, concern) = advice(89.9);
    assert!(late.unwrap().starts_with("Agree on a new plan") && concern);
    assert_eq!(advice(100.0), (None, false));
}

#[test]
fn handing_over_is_said_only_above_forty_eight_months() {
    let advice = |role_since: &str| {
        let mut b = met_until("2026-09-10");
        b.role_since(DANA, role_since);
        b.contact(BEN, "Operations", Some(Seniority::Vp));
        b.sponsor(BEN, SponsorRank::Backup, "2024-01-01", None);
        for when in ["2025-11-10", "2026-01-12", "2026-06-10", "2026-09-10"] {
            b.meeting(when, &[BEN]);
        }
        b.interaction(Qbr, Direction::Outbound, Completed, "2026-05-10")
            .with(BEN);
        b.rows.initiatives = vec![Alignment::High];
        let report = report(&b, &context(&b, "x"));
        let of = |text: &str| report.recommendations.iter().any(|one| one.action.contains(text));
        (of("handover"), of("what they want to change"))
    };
    assert_eq!(advice("2022-08-30"), (true, false), "49 months");
    assert_eq!(advice("2022-09-30"), (false, false), "48 months");
    assert_eq!(advice("2026-06-30"), (false, true), "3 months");
}

#[test]
fn the_calendar_falls_on_working_days_with_one_first_contact_a_week() {
    let mut b = Book::new(AccountTier::Enterprise);
    for (who, seniority) in [
        (DANA, Seniority::CLevel),
        (BEN, Seniority::Vp),
        (EVE, Seniority::CLevel),
    ] {
        b.contact(who, "Operations", Some(seniority));
    }
    b.contact(CHO, "operations", Some(Seniority::Director));
    b.contact("Old Hand, VP", "Operations", Some(Seniority::Vp));
    b.departed("Old Hand, VP", Departure::On(day("2026-09-01")));
    b.contact("Uma Patel, Analyst", "Operations", None);
    for when in ["2026-08-03", "2026-08-17"] {
        b.meeting(when, &[CHO, "Uma Patel, Analyst", "Old Hand, VP"]);
    }
    b.meeting("2026-09-03", &[CHO, "Old Hand, VP"]);
    let mut c = context(&b, "x");
    c.contract.renewal_on = Some(day("2026-11-28"));
    let gone = b
        .rows
        .contacts
        .iter()
        .find(|contact| contact.external_id == "Old Hand, VP")
        .unwrap()
        .id;
    c.planned = vec![PlannedOutreach {
        contact: gone,
        kind: InteractionKind::Email,
        purpose: Purpose::Strategic,
        at: at("2026-10-05"),
        subject: "Hello".to_owned(),
        planned_by: None,
    }];
    // A Saturday.
    let windows = Windows::new(day("2026-10-03"), at("2030-01-01"), b.zone, Period::Quarterly);
    let report = SponsorReport::new(&b.rows, &b.catalogue, &b.policy, &windows, &c);
    let rows: Vec<_> = report
        .calendar
        .iter()
        .map(|one| format!("{} {} {}", one.on, one.event, one.attendees.join(", ")))
        .collect();
    assert_eq!(
        rows,
        [
            "2026-10-05 1:1 Ben Osei",
            "2026-10-12 1:1 Dana Whitfield",
            "2026-10-19 1:1 Eve Lindqvist",
            "2026-11-27 Renewal on Saturday 2026-11-28 ",
        ]
    );
    assert_eq!(
        report.calendar[0].objective,
        "First contact; Cho Min-jun can introduce us, who shared 3 conversations with their department"
    );
    let markdown = report.markdown(&c);
    assert!(
        !markdown.contains("Old Hand"),
        "nobody who has left is put into the calendar or introduced: {markdown}"
    );
}

#[test]
fn after_a_loss_the_table_shows_who_was_there_and_the_timeline_is_of_all_executives() {
    let mut b = met_until("2026-08-20");
    b.contact(BEN, "Operations", Some(Seniority::Vp));
    b.contact(EVE, "Finance", Some(Seniority::CLevel));
    b.sponsor(EVE, SponsorRank::Backup, "2025-01-01", Some("2026-03-15"));
    b.sponsor(BEN, SponsorRank::Backup, "2024-01-01", Some("2025-09-30"));
    b.departed(DANA, Departure::On(day("2026-09-10")));
    b.meeting("2026-07-08", &[BEN, EVE]);
    let c = context(&b, "Harbour Foods");
    let report = report(&b, &c);
    let name = |id| {
        b.rows
            .contacts
            .iter()
            .find(|contact| contact.id == id)
            .unwrap()
            .external_id
            .as_str()
    };
    let former: Vec<_> = report
        .former
        .iter()
        .map(|one| (name(one.contact), one.departed, one.ended_on))
        .collect();
    assert_eq!(
        former,
        [
            (DANA, true, Some(day("2026-09-10"))),
            (EVE, false, Some(day("2026-03-15")))
        ],
        "of the last twelve months"
    );
    let markdown = report.markdown(&c);
    assert!(
        markdown.contains("| Dana Whitfield | COO | – | 2026-08-20 | ✗ left 2026-09-10 |"),
        "{markdown}"
    );
    assert!(markdown.contains("| ✗ sponsor until 2026-03-15 |"), "{markdown}");
    assert!(
        markdown.contains("| 2026-07-08 | Meeting with Ben Osei, Eve Lindqvist | – | Held |"),
        "{markdown}"
    );
    assert!(
        !markdown.contains("Approach Dana") && markdown.contains("Whom to approach first: **Ben Osei**"),
        "{markdown}"
    );
}

#[test]
fn a_customer_no_more_is_told_what_happened_and_given_no_advice() {
    let (mut b, mut c) = champion();
    b.rows.account.churned_on = Some(day("2026-08-31"));
    b.rows.account.status = AccountStatus::Churned;
    b.departed(DANA, Departure::On(day("2026-07-15")));
    c.outcomes = vec![Outcome {
        kind: OutcomeKind::Churned,
        on: day("2026-08-31"),
        arr_before: Some("240,000 EUR".to_owned()),
        arr_after: None,
    }];
    let report = report(&b, &c);
    assert!(
        report.standing.is_none()
            && report.recommendations.is_empty()
            && report.calendar.is_empty()
            && report.approach.is_none()
    );
    let markdown = report.markdown(&c);
    assert!(
        markdown.starts_with(
            "**Customer until 2026-08-31**. The contract of 240,000 EUR a year ended on 2026-08-31. The last executive contact was on \
             2026-08-26. Dana Whitfield, the primary sponsor, left on 2026-07-15.\n"
        ),
        "{markdown}"
    );
    let mut lines = markdown.lines();
    assert!(
        FORMAT[1..]
            .iter()
            .all(|part| lines.any(|line| line.starts_with(part))),
        "{markdown}"
    );
}

/// Whoever the report says to approach is the one of the picture, and of the mail's first step.
#[test]
fn report_picture_and_mail_name_the_same_person() {
    use rapport_engagement::guardrail::sponsor_departure::{departed_sponsors, succession_picture};
    let mut named = 0;
    for case in 0..64_u32 {
        let mut b = met_until("2026-08-20");
        b.departed(DANA, Departure::On(day("2026-09-20")));
        let has = |bit: u32| case & (1 << bit) != 0;
        b.contact(BEN, "Operations", Some(Seniority::Vp));
        b.contact(EVE, "Finance", Some(Seniority::CLevel));
        b.contact(CHO, "IT", Some(Seniority::Director));
        if has(0) {
            b.sponsor(BEN, SponsorRank::Backup, "2025-01-01", None);
        }
        if has(1) {
            b.meeting("2026-06-10", &[BEN]);
            b.meeting("2026-09-10", &[BEN]);
        }
        if has(2) {
            b.sponsor(EVE, SponsorRank::Backup, "2026-09-15", None);
        }
        if has(3) {
            b.meeting("2026-03-10", &[EVE]);
            b.interaction(Qbr, Direction::Outbound, Completed, "2026-08-30")
                .with(EVE);
        }
        if has(4) {
            b.meeting("2026-09-12", &[CHO]);
        }
        if has(5) {
            b.interaction(Qbr, Direction::Outbound, Completed, "2026-08-30")
                .with(BEN);
        }
        let c = context(&b, "x");
        let report = report(&b, &c);
        let now = b.evaluate();
        let departed = departed_sponsors(&b.rows, now.windows.ending_on, &b.policy)[0];
        let picture = succession_picture(departed, &b.rows, &now.sponsors, &now.current.touches).unwrap();
        let approach = report.approach.and_then(|approach| approach.contact);
        assert_eq!(picture.first_to_approach(), approach, "{case:b}");
        let names = c
            .contacts
            .iter()
            .map(|(id, person)| {
                (
                    *id,
                    PersonName {
                        name: person.name.clone(),
                        title: None,
                    },
                )
            })
            .collect();
        let notice = DepartureNotice::new(&DepartureFacts {
            alert: AlertId::from(Uuid::from_u128(9)),
            account: NamedAccount {
                id: b.rows.account.id,
                external_id: "x".to_owned(),
                name: "x".to_owned(),
            },
            picture: &picture,
            names: &names,
            source: None,
            recorded_by: None,
            summary: None,
            arr: None,
            renewal_on: None,
            standing: now.standing.as_ref(),
            overall: None,
            pattern: None,
            alerts: &[],
            day: now.windows.ending_on,
            told: vec![],
        });
        let name = &c.contacts[&approach.unwrap()].name;
        assert!(
            notice.steps[0].action.contains(name.as_str()),
            "{case:b}: {name} in {:?}",
            notice.steps[0]
        );
        let first = report
            .recommendations
            .iter()
            .find(|one| one.action.starts_with("Approach "))
            .unwrap();
        assert!(first.action.contains(name.as_str()), "{case:b}");
        named += 1;
    }
    assert_eq!(named, 64);
}

#[test]
fn the_aim_for_executives_is_the_policys() {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact(DANA, "Operations", Some(Seniority::CLevel));
    b.contact(EVE, "Finance", Some(Seniority::CLevel));
    b.sponsor(DANA, SponsorRank::Primary, "2025-03-01", None);
    b.meeting("2026-09-08", &[DANA]);
    let aim = |b: &Book| {
        let c = context(b, "Harlan & Voss");
        let markdown = report(b, &c).markdown(&c);
        let (_, aim) = markdown.split_once("the aim is ").expect("an aim");
        aim.lines().next().map(str::to_owned)
    };
    assert_eq!(aim(&b).as_deref(), Some("more than 1.5 per account"));
    b.policy.portfolio.multi_thread_score = 3.0;
    assert_eq!(aim(&b).as_deref(), Some("more than 3 per account"));
}
