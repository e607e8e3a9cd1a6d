//! The sponsor report: its parts, and whole reports as Markdown.

use rapport_engagement::report::sponsor::{
    Contract, Initiative, InteractionText, OrgChange, Person, PlannedOutreach, Scheduled, SponsorContext, SponsorReport,
};
use rapport_engagement::row::Departure;
use rapport_engagement::sponsor::{Goal, Metric};
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;

use crate::account::{Book, ENDING_ON, at, day};

use InteractionKind::{Call, ExecutiveDinner, InternalAdvocacy, Meeting, Qbr, Reference};
use InteractionStatus::{Canceled, Completed, Declined};

/// A context that names the contacts of a book.
fn context(b: &Book, account: &str) -> SponsorContext {
    let person = |external_id: &str| {
        let (name, title) = external_id.split_once(", ").unwrap_or((external_id, ""));
        Person { name: name.to_owned(), title: Some(title.to_owned()), ..Person::default() }
    };
    SponsorContext {
        account: account.to_owned(),
        contacts: b.rows.contacts.iter().map(|c| (c.id, person(&c.external_id))).collect(),
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
    Metric { metric: name.to_owned(), value, observed_on: day("2026-09-15"), previous, last_above_zero_on: above_zero.map(day) }
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
    for month in ["2025-10", "2025-12", "2026-02", "2026-04", "2026-05", "2026-07", "2026-08", "2026-09"] {
        b.meeting(&format!("{month}-08"), &[DANA]).purpose(Purpose::Strategic);
    }
    for month in ["2025-11", "2026-03", "2026-06"] {
        b.interaction(Qbr, Direction::Outbound, Completed, &format!("{month}-18")).with(DANA).with(BEN);
    }
    b.interaction(Qbr, Direction::Outbound, Declined, "2026-09-18").with(DANA);
    b.interaction(ExecutiveDinner, Direction::Outbound, Completed, "2026-01-22").with(DANA);
    b.interaction(Meeting, Direction::Outbound, Canceled, "2026-08-12").with(DANA);
    b.interaction(Reference, Direction::Inbound, Completed, "2026-05-27").with(DANA);
    b.interaction(InternalAdvocacy, Direction::Inbound, Completed, "2026-08-20").with(DANA);
    b.mail("2026-08-01").with(DANA).answered(20);
    b.mail("2026-08-25").with(BEN).answered(30).by(BEN);
    b.mail("2026-09-10").with(DANA).answered(72);
    b.interaction(Call, Direction::Outbound, Completed, "2026-09-24").with(CHO);
    b.rows.initiatives = vec![Alignment::High, Alignment::High, Alignment::Medium, Alignment::Low];
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
    c.interactions.insert(b.rows.interactions[7].id, text("Monthly 1:1", &["renewal", "roadmap"], Some("Agreed on the pilot")));
    c.interactions.insert(b.rows.interactions[6].id, text("Monthly 1:1", &[], None));
    c.goals = vec![
        Goal { goal: "One platform in all plants".to_owned(), progress: Some(60.0), due_on: Some(day("2026-08-31")) },
        Goal { goal: "Halve ticket volume".to_owned(), progress: Some(100.0), due_on: Some(day("2026-12-31")) },
        Goal { goal: "Train every shift lead".to_owned(), progress: Some(20.0), due_on: Some(day("2026-09-30")) },
    ];
    c.metrics =
        vec![metric("executive_dashboard_views", 0.0, Some(3.0), Some("2026-08-01")), metric("roi", 3.0, Some(2.4), Some("2026-09-15"))];
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
    c.contract = Contract { start: Some(day("2024-01-01")), renewal_on: Some(day("2026-12-31")), arr: Some("240,000 EUR".to_owned()) };
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
    b.contact("Oli Brandt, Operations Manager", "operations", Some(Seniority::Manager));
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
const FORMAT: [&str; 26] = [
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
            assert!(lines.any(|line| line.starts_with(part)), "{part} is missing or out of order in\n{markdown}");
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
        *text = InteractionText { subject: None, topics: vec![evil.to_owned()], outcome: Some(evil.to_owned()) };
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
        approach.map(|a| (a.contact.map(|id| b.rows.contacts.iter().find(|c| c.id == id).unwrap().external_id.clone()), a.reason))
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
        (Some("vp".to_owned()), "The best placed executive: disengaged, 0 of 100, last contact on 2025-08-02.".to_owned())
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
    let more = |metrics, goals| concerns(metrics, goals).into_iter().filter(|c| !none.contains(c)).collect::<Vec<_>>();
    assert_eq!(more(vec![metric("roi", 3.2, Some(4.0), None)], vec![]), ["roi is down 20 %"]);
    assert_eq!(more(vec![metric("roi", 3.21, Some(4.0), None)], vec![]), [""; 0]);
    assert_eq!(more(vec![metric("roi", 3.2, None, None), metric("x", 1.0, Some(0.0), None)], vec![]), [""; 0]);
    let views = |last| vec![metric("executive_dashboard_views", 1.0, Some(1.0), last)];
    assert_eq!(more(views(Some("2026-08-02")), vec![]), [""; 0]);
    assert_eq!(more(views(Some("2026-08-01")), vec![]), ["No dashboard view in 60 days"]);
    assert_eq!(more(views(None), vec![]), ["No dashboard view in 60 days"]);
    let goal = |progress, due| vec![Goal { goal: "g".to_owned(), progress, due_on: Some(day(due)) }];
    assert_eq!(more(vec![], goal(Some(99.9), "2026-09-29")), ["Goal past due, g"]);
    assert_eq!(more(vec![], goal(None, "2026-09-29")), ["Goal past due, g"]);
    assert_eq!(more(vec![], goal(Some(99.9), "2026-09-30")), [""; 0]);
    assert_eq!(more(vec![], goal(Some(100.0), "2026-09-29")), [""; 0]);
}

#[test]
fn the_calendar_asks_for_no_touch_that_is_planned() {
    let (b, mut c) = champion();
    let events = |c: &SponsorContext| {
        let calendar = report(&b, c).calendar;
        assert!(calendar.is_sorted_by_key(|entry| entry.on));
        calendar.into_iter().map(|entry| (entry.on.to_string(), entry.event, entry.attendees.join(", "))).collect::<Vec<_>>()
    };
    // Dana answered on 13 September: the cadence of 30.4 days asks for 13 October, and the QBR is on the 14th. She had a
    // 1:1 and a QBR since the last dinner.
    let touch = ("2026-10-13".to_owned(), "Executive dinner".to_owned(), "Dana Whitfield".to_owned());
    assert!(events(&c).contains(&touch), "{:?}", events(&c));
    c.scheduled[0].at = at("2026-10-13");
    assert!(events(&c).iter().all(|(_, event, who)| who != "Dana Whitfield" || event == "Renewal"));
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
    assert!(report.recommendations.iter().all(|one| !one.action.is_empty() && one.reason.chars().any(|c| c.is_ascii_digit())));
}
