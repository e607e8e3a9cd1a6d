//! The guardrails, at both sides of each threshold, and how one cause gets one alert.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;
use rapport_engagement::alert::lifecycle::{Conditions, EvaluationDay, Finding, Step, step, steps};
use rapport_engagement::alert::{Alert, AlertRule, Condition, Subject};
use rapport_engagement::evaluation::evaluate;
use rapport_engagement::guardrail::engagement_fell::DailyScore;
use rapport_engagement::guardrail::org_change::OrgChange;
use rapport_engagement::guardrail::outreach::{OpenPlan, OutreachPlan, Refusal, check_outreach};
use rapport_engagement::guardrail::sponsor_departure::{departed_sponsors, succession_picture};
use rapport_engagement::guardrail::{AccountFacts, conditions, stale_feed};
use rapport_engagement::id::{ContactId, OrgChangeId, OutreachId, UserId};
use rapport_engagement::measure::Collect;
use rapport_engagement::policy::Policy;
use rapport_engagement::recommendation::People;
use rapport_engagement::report::engagement::{EngagementReport, Labels};
use rapport_engagement::row::Departure;
use rapport_engagement::vocabulary::*;
use rapport_engagement::windows::Windows;
use uuid::Uuid;

use crate::account::{Book, ENDING_ON, at, day};

use Severity::{Critical, High, Medium};

const SPONSOR_MISSING: AlertRule = AlertRule::Signal(Signal::SponsorMissing);

/// What the guardrails of one account look at, beside its rows.
#[derive(Default)]
pub struct Case {
    pub renewal_on: Option<NaiveDate>,
    pub year_ago_usage: Option<[u32; 2]>,
    pub changes: Vec<OrgChange>,
    pub scores: Vec<DailyScore>,
    pub names: HashMap<ContactId, String>,
    pub stale: Vec<Feed>,
    pub alerts: Vec<(u32, Alert)>,
}

impl Case {
    pub fn renewal(days: i64) -> Self {
        Self {
            renewal_on: Some(day(ENDING_ON) + TimeDelta::days(days)),
            ..Self::default()
        }
    }

    pub fn on(&self, b: &Book, ending_on: &str) -> Conditions {
        let mut rows = b.rows.clone();
        rows.account.renewal_on = self.renewal_on.or(rows.account.renewal_on);
        let windows = Windows::new(day(ending_on), at("2030-01-01"), b.zone, Period::Quarterly);
        let evaluation = evaluate(&rows, &b.catalogue, &b.policy, &windows, Collect::Evidence);
        let facts = AccountFacts {
            rows: &rows,
            evaluation: &evaluation,
            year_ago_usage: self.year_ago_usage,
            changes: &self.changes,
            scores: &self.scores,
            names: &self.names,
            stale: &self.stale,
        };
        conditions(&facts, &self.alerts, &today(ending_on), &b.policy)
    }

    pub fn hold(&self, b: &Book) -> Vec<Condition> {
        self.on(b, ENDING_ON).hold
    }

    /// The alerts after an evaluation.
    pub fn run(&mut self, b: &Book, ending_on: &str) {
        let conditions = self.on(b, ending_on);
        for decision in steps(&self.alerts, &conditions, &today(ending_on), &b.policy.alerts) {
            match decision.step {
                Step::Open(alert) => self.alerts.push((self.alerts.len() as u32, *alert)),
                Step::Change(_, alert) => self.alerts[decision.id.unwrap() as usize].1 = *alert,
                Step::Keep => {}
            }
        }
    }

    pub fn unresolved(&self) -> Vec<(AlertRule, Severity)> {
        let mut rules: Vec<_> = self
            .alerts
            .iter()
            .filter(|(_, a)| a.is_unresolved())
            .map(|(_, a)| (a.key.rule, a.severity))
            .collect();
        rules.sort_unstable();
        rules
    }
}

pub fn today(ending_on: &str) -> EvaluationDay {
    EvaluationDay {
        day: day(ending_on),
        at: at(ending_on),
        first: false,
    }
}

pub fn severity_of(conditions: &[Condition], rule: AlertRule) -> Option<Severity> {
    let mut found = conditions.iter().filter(|c| c.key.rule == rule);
    let severity = found.next().map(|c| c.severity);
    assert!(found.next().is_none(), "two conditions of {rule}");
    severity
}

pub fn message_of(conditions: &[Condition], rule: AlertRule) -> &str {
    &conditions
        .iter()
        .find(|c| c.key.rule == rule)
        .expect("a condition")
        .message
}

pub fn days_before(days: i64) -> String {
    (day(ENDING_ON) - TimeDelta::days(days)).to_string()
}

/// An enterprise account with two sponsors who are in touch: no guardrail has anything to say.
pub fn calm() -> Book {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact("ana", "IT", Some(Seniority::CLevel));
    b.contact("ben", "Finance", Some(Seniority::Vp));
    b.contact("cho", "IT", None);
    b.sponsor("ana", SponsorRank::Primary, "2025-01-01", None);
    b.sponsor("ben", SponsorRank::Backup, "2025-01-01", None);
    b.meeting("2026-09-20", &["ana", "ben"]);
    b
}

#[test]
fn a_calm_account_breaks_no_rule() {
    assert_eq!(Case::renewal(30).on(&calm(), ENDING_ON), Conditions::default());
}

// No executive contact.

/// An enterprise account whose vice president was met some days ago; its sponsor is somebody else.
fn met(days: i64) -> Vec<Condition> {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact("vp", "IT", Some(Seniority::Vp));
    b.meeting(&days_before(days), &["vp"]);
    // Somebody else's meeting, which is no executive contact.
    b.contact("cho", "IT", None);
    b.meeting(&days_before(1), &["cho"]);
    b.rows.account.tier = AccountTier::Enterprise;
    Case {
        alerts: departure_alert(),
        ..Case::default()
    }
    .hold(&b)
}

/// The alert of a departure, which keeps SPONSOR_MISSING out of the way.
fn departure_alert() -> Vec<(u32, Alert)> {
    let gone = Condition::new(AlertRule::SponsorDeparted, Critical, String::new())
        .about(Subject::Contact(Uuid::from_u128(77).into()));
    let Step::Open(alert) = step(
        None,
        Finding::Holds(&gone),
        &today("2026-09-01"),
        &Policy::default().alerts,
    ) else {
        panic!("no alert")
    };
    vec![(0, *alert)]
}

#[test]
fn no_executive_contact_for_a_quarter() {
    let severity = |days| severity_of(&met(days), AlertRule::ExecutiveNoContact);
    assert_eq!(
        [89, 90, 119, 120].map(severity),
        [None, Some(High), Some(High), Some(Critical)]
    );
    assert_eq!(
        message_of(&met(97), AlertRule::ExecutiveNoContact),
        "No executive has been in contact for 97 days, since 2026-06-25; the limit is 90 days."
    );
}

#[test]
fn a_booked_touch_softens_the_silence_of_executives() {
    use ServedBy::{Direct, Partner, Pooled};
    let severity = |days: i64, booked: Option<&str>, served_by| {
        let mut b = Book::new(AccountTier::Enterprise);
        b.contact("vp", "IT", Some(Seniority::Vp));
        b.contact("cho", "IT", None);
        b.meeting(&days_before(days), &["vp"]);
        b.meeting(&days_before(1), &["cho"]);
        b.served_by(served_by);
        if let Some(who) = booked {
            b.booked("2026-10-14", who);
        }
        severity_of(
            &Case {
                alerts: departure_alert(),
                ..Case::default()
            }
            .hold(&b),
            AlertRule::ExecutiveNoContact,
        )
    };
    assert_eq!(
        [90, 120].map(|days| severity(days, Some("vp"), Direct)),
        [Some(Medium), Some(High)]
    );
    assert_eq!(severity(90, Some("cho"), Direct), Some(High), "no executive");
    assert_eq!(
        [Partner, Pooled].map(|by| severity(120, None, by)),
        [Some(Medium), Some(Medium)]
    );
}

#[test]
fn what_is_served_by_others_has_no_sponsor_of_ours_to_lose() {
    let mut b = calm();
    b.departed("ana", Departure::On(day("2026-09-25")));
    assert_eq!(
        severity_of(&Case::default().hold(&b), AlertRule::SponsorDeparted),
        Some(Critical)
    );
    b.served_by(ServedBy::Partner);
    let hold = Case::default().hold(&b);
    assert_eq!(severity_of(&hold, AlertRule::SponsorDeparted), Some(Medium));
}

#[test]
fn confirmed_mergers_and_layoffs_are_grave_near_the_renewal() {
    use Certainty::{Confirmed, Suspected};
    use OrgChangeKind::{Layoff, MergerAcquisition, Reorganisation};
    let severity = |kind, certainty, days| {
        let changes = vec![change(1, kind, &days_before(7), None, certainty)];
        severity_of(
            &Case {
                changes,
                ..Case::renewal(days)
            }
            .hold(&calm()),
            AlertRule::OrgChangeUnreviewed,
        )
    };
    assert_eq!(
        [0, 180, 181].map(|days| severity(MergerAcquisition, Confirmed, days)),
        [Some(High), Some(High), Some(Medium)]
    );
    assert_eq!(severity(Layoff, Confirmed, 30), Some(High));
    assert_eq!(severity(Layoff, Suspected, 30), Some(Medium));
    assert_eq!(severity(Reorganisation, Confirmed, 30), Some(Medium));
}

#[test]
fn no_executive_contact_is_about_enterprise_accounts() {
    for tier in [AccountTier::MidMarket, AccountTier::Smb] {
        let mut b = Book::new(tier);
        b.contact("vp", "IT", Some(Seniority::Vp));
        b.meeting(&days_before(300), &["vp"]);
        assert_eq!(
            severity_of(&Case::default().hold(&b), AlertRule::ExecutiveNoContact),
            None
        );
    }
}

#[test]
fn without_any_executive_contact_the_silence_is_as_long_as_the_data() {
    let silent = |days| {
        let mut b = Book::new(AccountTier::Enterprise);
        b.contact("vp", "IT", Some(Seniority::Vp));
        b.mail(&days_before(days)).with("vp");
        let hold = Case {
            alerts: departure_alert(),
            ..Case::default()
        }
        .hold(&b);
        severity_of(&hold, AlertRule::ExecutiveNoContact)
            .map(|s| (s, message_of(&hold, AlertRule::ExecutiveNoContact).to_owned()))
    };
    assert_eq!(silent(89), None);
    assert_eq!(
        silent(90),
        Some((
            High,
            "No executive has been in contact in the 90 days since the first data; the limit is 90 days."
                .to_owned()
        ))
    );
}

#[test]
fn silent_executives_raise_the_alert_of_the_missing_sponsor_instead_of_opening_a_second() {
    let mut b = calm();
    b.rows.interactions.clear();
    b.meeting(&days_before(121), &["ana"]);
    let hold = Case::default().hold(&b);
    assert_eq!(severity_of(&hold, AlertRule::ExecutiveNoContact), None);
    assert_eq!(
        severity_of(&hold, SPONSOR_MISSING),
        Some(Critical),
        "HIGH by itself"
    );
    assert_eq!(
        message_of(&hold, SPONSOR_MISSING),
        "The primary sponsor has not been in contact for 121 days; the limit for the tier is 61 days. \
         No executive has been in contact for 121 days, since 2026-06-01; the limit is 90 days."
    );
    // The report says what the alert says, and the signal by itself stays what it is.
    let report = EngagementReport::new(b.evaluate(), &b.rows, &b.catalogue, &b.policy, &People::default());
    let told = format!("critical**: {}", message_of(&hold, SPONSOR_MISSING));
    assert_eq!(
        report.markdown(&Labels::default()).matches(&told).count(),
        2,
        "among the signs, and among the warnings"
    );
    assert!(
        report
            .evaluation
            .signals
            .iter()
            .any(|raised| raised.signal == Signal::SponsorMissing && raised.severity == High)
    );
}

#[test]
fn with_a_sponsor_in_touch_silent_executives_cannot_be() {
    let mut b = calm();
    b.rows.interactions.clear();
    b.meeting(&days_before(60), &["ana"]);
    let hold = Case::default().hold(&b);
    assert_eq!(
        (
            severity_of(&hold, SPONSOR_MISSING),
            severity_of(&hold, AlertRule::ExecutiveNoContact)
        ),
        (None, None)
    );
}

// Backup sponsor required.

#[test]
fn a_backup_sponsor_is_required_of_every_account() {
    for tier in AccountTier::ALL {
        let severity = |since: &str, until: Option<&str>| {
            let mut b = Book::new(*tier);
            b.contact("ana", "IT", None);
            b.sponsor("ana", SponsorRank::Backup, since, until);
            severity_of(&Case::default().hold(&b), AlertRule::BackupMissing)
        };
        assert_eq!(severity(ENDING_ON, None), None, "{tier}");
        assert_eq!(severity("2026-10-01", None), Some(Medium), "not yet");
        assert_eq!(severity("2026-01-01", Some("2026-10-01")), None);
        assert_eq!(severity("2026-01-01", Some(ENDING_ON)), Some(Medium), "no more");
    }
}

#[test]
fn a_departed_backup_is_none() {
    let mut b = calm();
    b.departed("ben", Departure::On(day("2026-01-01")));
    assert_eq!(
        severity_of(&Case::default().hold(&b), AlertRule::BackupMissing),
        Some(Medium)
    );
}

#[test]
fn an_account_without_contact_or_interaction_has_no_relationship_to_guard() {
    let mut b = Book::new(AccountTier::Enterprise);
    b.uses(None, "feature_1", "2026-01-01");
    assert_eq!(Case::default().hold(&b), []);
    b.meeting("2026-09-01", &[]);
    assert_eq!(Case::default().hold(&b), [], "one that names nobody is none");
    b.mail("2026-09-01").answered(1);
    assert_eq!(
        severity_of(&Case::default().hold(&b), AlertRule::BackupMissing),
        Some(Medium)
    );
    assert_eq!(
        severity_of(&Case::default().hold(&b), SPONSOR_MISSING),
        Some(Critical)
    );
}

// Organisational changes.

fn change(
    id: u128,
    kind: OrgChangeKind,
    observed: &str,
    contact: Option<ContactId>,
    certainty: Certainty,
) -> OrgChange {
    OrgChange {
        id: OrgChangeId::from(Uuid::from_u128(id)),
        kind,
        observed_on: day(observed),
        contact,
        source: OrgChangeSource::Linkedin,
        certainty,
        reviewed: false,
    }
}

#[test]
fn a_change_waits_seven_days_for_its_review() {
    let waiting = |days: i64, reviewed| {
        let mut changes = vec![change(
            1,
            OrgChangeKind::Layoff,
            &days_before(days),
            None,
            Certainty::Confirmed,
        )];
        changes[0].reviewed = reviewed;
        Case {
            changes,
            ..Case::default()
        }
        .hold(&calm())
    };
    assert_eq!(waiting(6, false), []);
    let hold = waiting(7, false);
    assert_eq!(severity_of(&hold, AlertRule::OrgChangeUnreviewed), Some(Medium));
    assert_eq!(hold[0].key.subject, Subject::OrgChange(Uuid::from_u128(1).into()));
    assert_eq!(
        hold[0].message,
        "A layoff, seen on LinkedIn on 2026-09-23, has waited 7 days for a review; the limit is 7 days."
    );
    assert_eq!(waiting(7, true), []);
    assert_eq!(waiting(-1, false), [], "a day to come");
    assert_eq!(waiting(800, false), [], "older than the history");
}

#[test]
fn each_change_is_reviewed_for_itself() {
    let changes = (1..=3)
        .map(|id| {
            change(
                id,
                OrgChangeKind::RoleChange,
                "2026-09-01",
                None,
                Certainty::Confirmed,
            )
        })
        .collect();
    assert_eq!(
        Case {
            changes,
            ..Case::default()
        }
        .hold(&calm())
        .len(),
        3
    );
}

#[test]
fn a_suspected_departure_of_a_sponsor_asks_for_a_person() {
    let b = calm();
    let contact = |place: usize| Some(b.rows.contacts[place].id);
    let suspected = |place, certainty, reviewed| {
        let mut changes = vec![
            change(1, OrgChangeKind::Departure, ENDING_ON, contact(place), certainty),
            change(2, OrgChangeKind::Departure, ENDING_ON, contact(place), certainty),
        ];
        for change in &mut changes {
            change.reviewed = reviewed;
        }
        Case {
            changes,
            ..Case::default()
        }
        .hold(&b)
    };
    let hold = suspected(0, Certainty::Suspected, false);
    assert_eq!(
        severity_of(&hold, AlertRule::SponsorDepartureSuspected),
        Some(High)
    );
    assert_eq!(hold[0].key.subject, Subject::Contact(b.rows.contacts[0].id));
    assert_eq!(
        hold[0].message,
        "The primary sponsor seems to have left (seen on LinkedIn, 2026-09-30). Confirm the departure, or review it away."
    );
    assert_eq!(
        severity_of(
            &suspected(1, Certainty::Suspected, false),
            AlertRule::SponsorDepartureSuspected
        ),
        Some(Medium),
        "a backup"
    );
    assert_eq!(suspected(2, Certainty::Suspected, false), [], "no sponsor");
    assert_eq!(suspected(0, Certainty::Suspected, true), [], "reviewed");
    assert_eq!(
        suspected(0, Certainty::Confirmed, false),
        [],
        "a confirmed one is a departure"
    );
}

// Operational issues.

#[test]
fn an_executive_contacted_for_an_operational_issue() {
    use InteractionStatus::{Canceled, Completed, Declined, NoShow, Scheduled};
    let raised = |kind, direction, status, purpose, days: i64, who: &str| {
        let mut b = calm();
        b.interaction(kind, direction, status, &days_before(days))
            .with(who)
            .purpose(purpose);
        let id = b.rows.interactions.last().unwrap().id;
        let hold = Case::default().hold(&b);
        let found = hold
            .into_iter()
            .find(|c| c.key.rule == AlertRule::ExecutiveOperationalContact);
        found.map(|c| {
            assert_eq!(
                (c.key.subject, c.evidence.interactions),
                (Subject::Interaction(id), vec![id])
            );
            c.severity
        })
    };
    let mail = |days, who| {
        raised(
            InteractionKind::Email,
            Direction::Outbound,
            Completed,
            Purpose::Operational,
            days,
            who,
        )
    };
    assert_eq!(mail(0, "ana"), Some(Medium));
    assert_eq!(mail(30, "ana"), Some(Medium));
    assert_eq!(mail(31, "ana"), None, "history");
    assert_eq!(mail(-1, "ana"), None, "tomorrow");
    assert_eq!(mail(0, "cho"), None, "no executive");
    for (purpose, expected) in [
        (Purpose::Strategic, None),
        (Purpose::Tactical, None),
        (Purpose::Operational, Some(Medium)),
    ] {
        assert_eq!(
            raised(
                InteractionKind::Call,
                Direction::Outbound,
                Completed,
                purpose,
                1,
                "ana"
            ),
            expected
        );
    }
    assert_eq!(
        raised(
            InteractionKind::Email,
            Direction::Inbound,
            Completed,
            Purpose::Operational,
            1,
            "ana"
        ),
        None,
        "they came to us"
    );
    for (status, expected) in [
        (NoShow, Some(Medium)),
        (Scheduled, None),
        (Canceled, None),
        (Declined, None),
    ] {
        assert_eq!(
            raised(
                InteractionKind::Meeting,
                Direction::Outbound,
                status,
                Purpose::Operational,
                1,
                "ana"
            ),
            expected,
            "{status}"
        );
    }
    for kind in InteractionKind::ALL {
        let reaches = matches!(kind, InteractionKind::Email | InteractionKind::Call) || kind.is_meeting();
        let found = raised(
            *kind,
            Direction::Outbound,
            Completed,
            Purpose::Operational,
            1,
            "ana",
        );
        assert_eq!(found.is_some(), reaches, "{kind}");
    }
}

fn user(n: u128) -> UserId {
    Uuid::from_u128(n).into()
}

fn plan(
    b: &Book,
    contact: usize,
    purpose: Purpose,
    planned_on: &str,
    coordinated_with: &[UserId],
    others: &[OpenPlan],
) -> Result<(), Refusal> {
    let touches = b.evaluate().current.touches;
    let plan = OutreachPlan {
        contact: b.rows.contacts[contact].id,
        executive: touches[contact].executive,
        purpose,
        planned_on: day(planned_on),
        planned_by: user(1),
        coordinated_with,
    };
    check_outreach(&plan, others, &b.policy)
}

#[test]
fn no_plan_contacts_an_executive_for_an_operational_issue() {
    let b = calm();
    let refused = plan(&b, 0, Purpose::Operational, "2026-11-24", &[], &[]).unwrap_err();
    assert_eq!(
        (refused.rule, refused.other),
        (AlertRule::ExecutiveOperationalContact, None)
    );
    assert!(
        refused.message.contains("not contacted for operational issues"),
        "{refused}"
    );
    assert_eq!(
        plan(&b, 2, Purpose::Operational, "2026-11-24", &[], &[]),
        Ok(()),
        "no executive"
    );
    assert_eq!(plan(&b, 0, Purpose::Strategic, "2026-11-24", &[], &[]), Ok(()));
}

#[test]
fn two_members_do_not_reach_for_one_executive_within_a_week() {
    let b = calm();
    let other = |place: usize, planned_on: &str, by: u128| OpenPlan {
        id: OutreachId::from(Uuid::from_u128(500 + by)),
        contact: b.rows.contacts[place].id,
        kind: InteractionKind::Meeting,
        planned_on: day(planned_on),
        planned_by: user(by),
        planned_by_name: "Mia Torres".to_owned(),
    };
    let refused = |planned_on: &str, others: &[OpenPlan], with: &[UserId]| {
        plan(&b, 0, Purpose::Strategic, planned_on, with, others).err()
    };
    let mia = [other(0, "2026-11-20", 2)];
    let days = [
        "2026-11-12",
        "2026-11-13",
        "2026-11-20",
        "2026-11-27",
        "2026-11-28",
    ];
    assert_eq!(
        days.map(|day| refused(day, &mia, &[]).is_some()),
        [false, true, true, true, false]
    );
    let refusal = refused("2026-11-24", &mia, &[]).unwrap();
    assert_eq!(
        (refusal.rule, refusal.other),
        (AlertRule::OutreachUncoordinated, Some(mia[0].id))
    );
    assert_eq!(
        refusal.message,
        format!(
            "Mia Torres has planned to contact this executive on 2026-11-20 (meeting, {}), and plans within 7 days of each other have \
             to be coordinated. Agree on it with them and name them in `coordinatedWith`, or choose a day before 2026-11-13 or after \
             2026-11-27.",
            mia[0].id
        )
    );
    assert_eq!(refused("2026-11-24", &mia, &[user(3), user(2)]), None, "agreed");
    assert!(
        refused("2026-11-24", &mia, &[user(3)]).is_some(),
        "agreed with somebody else"
    );
    assert_eq!(
        refused("2026-11-24", &[other(0, "2026-11-20", 1)], &[]),
        None,
        "one's own plan"
    );
    assert_eq!(
        refused("2026-11-24", &[other(1, "2026-11-20", 2)], &[]),
        None,
        "another executive"
    );
    assert_eq!(
        plan(
            &b,
            2,
            Purpose::Strategic,
            "2026-11-24",
            &[],
            &[other(2, "2026-11-24", 2)]
        ),
        Ok(()),
        "no executive"
    );
    let both = [other(0, "2026-11-18", 2), other(0, "2026-11-26", 3)];
    assert_eq!(
        refused("2026-11-24", &both, &[]).unwrap().other,
        Some(both[1].id),
        "the nearest is named"
    );
    assert_eq!(
        refused("2026-11-24", &both, &[user(3)]).unwrap().other,
        Some(both[0].id),
        "every one counts"
    );
}

// Sponsor departure.

#[test]
fn a_departed_sponsor_is_news() {
    let gone = |who: &str, left: &str| {
        let mut b = calm();
        b.departed(who, Departure::On(day(left)));
        for held in &mut b.rows.sponsorships {
            held.until = b.rows.contacts[held.contact as usize]
                .departure
                .is_departed_on(day("2099-01-01"))
                .then(|| day(left));
        }
        Case {
            names: HashMap::from([(b.rows.contacts[0].id, "Ana Ruiz".to_owned())]),
            ..Case::default()
        }
        .hold(&b)
    };
    let hold = gone("ana", "2026-09-28");
    assert_eq!(severity_of(&hold, AlertRule::SponsorDeparted), Some(Critical));
    assert_eq!(
        message_of(&hold, AlertRule::SponsorDeparted),
        "Ana Ruiz, the primary sponsor, left on 2026-09-28. Active backup sponsors: 1 (passive). Executives still there: 1, last contact on 2026-09-20."
    );
    let hold = gone("ben", ENDING_ON);
    assert_eq!(severity_of(&hold, AlertRule::SponsorDeparted), Some(High));
    assert!(
        message_of(&hold, AlertRule::SponsorDeparted)
            .starts_with("The backup sponsor left on 2026-09-30. Active backup sponsors: none. ")
    );
    assert_eq!(
        severity_of(&gone("ana", &days_before(14)), AlertRule::SponsorDeparted),
        Some(Critical)
    );
    assert_eq!(
        severity_of(&gone("ana", &days_before(15)), AlertRule::SponsorDeparted),
        None,
        "recorded, and no news"
    );
    assert_eq!(
        severity_of(&gone("ana", "2026-10-01"), AlertRule::SponsorDeparted),
        None,
        "not yet"
    );
    assert_eq!(
        severity_of(&gone("cho", ENDING_ON), AlertRule::SponsorDeparted),
        None,
        "no sponsor"
    );
}

#[test]
fn only_who_sponsored_us_on_the_day_they_left_is_a_departed_sponsor() {
    let departed = |departure, since: &str, until: Option<&str>| {
        let mut b = Book::mid_market();
        b.contact("ana", "IT", None).departed("ana", departure);
        b.sponsor("ana", SponsorRank::Backup, since, until);
        departed_sponsors(&b.rows, day(ENDING_ON), &b.policy)
            .first()
            .map(|d| d.left_on)
    };
    let left = Departure::On(day("2026-09-25"));
    let on_25 = Some(day("2026-09-25"));
    assert_eq!(departed(left, "2026-01-01", None), on_25);
    assert_eq!(
        departed(left, "2026-01-01", Some("2026-09-25")),
        on_25,
        "what their leaving ended"
    );
    assert_eq!(
        departed(left, "2026-01-01", Some("2026-09-24")),
        None,
        "ended before"
    );
    assert_eq!(departed(left, "2026-09-25", None), on_25);
    assert_eq!(departed(left, "2026-09-26", None), None, "began after");
    assert_eq!(
        departed(Departure::Undated, "2026-01-01", Some("2026-09-29")),
        Some(day("2026-09-29"))
    );
    assert_eq!(
        departed(Departure::Undated, "2026-01-01", None),
        Some(day(ENDING_ON)),
        "seen today"
    );
    assert_eq!(departed(Departure::None, "2026-01-01", Some("2026-09-29")), None);
}

#[test]
fn who_had_both_ranks_left_as_the_primary() {
    let mut b = calm();
    b.sponsor("ana", SponsorRank::Backup, "2026-01-01", None)
        .departed("ana", Departure::On(day(ENDING_ON)));
    assert_eq!(
        severity_of(&Case::default().hold(&b), AlertRule::SponsorDeparted),
        Some(Critical)
    );
    b.rows.sponsorships.reverse();
    assert_eq!(
        severity_of(&Case::default().hold(&b), AlertRule::SponsorDeparted),
        Some(Critical)
    );
}

#[test]
fn the_succession_picture_shows_who_could_follow() {
    let mut b = calm();
    for (name, met) in [
        ("old", Some("2026-02-01")),
        ("new", Some("2026-09-02")),
        ("never", None),
        ("mid", Some("2026-05-01")),
    ] {
        b.contact(name, "IT", Some(Seniority::Vp));
        if let Some(met) = met {
            b.meeting(met, &[name]);
        }
    }
    b.departed("ana", Departure::On(day("2026-09-28")));
    let now = b.evaluate();
    let departed = departed_sponsors(&b.rows, now.windows.ending_on, &b.policy)[0];
    let picture = succession_picture(departed, &b.rows, &now.sponsors, &now.current.touches).unwrap();
    assert_eq!(
        (picture.departed, picture.rank, picture.left_on),
        (b.rows.contacts[0].id, SponsorRank::Primary, day("2026-09-28"))
    );
    let name = |id| {
        b.rows
            .contacts
            .iter()
            .find(|c| c.id == id)
            .unwrap()
            .external_id
            .as_str()
    };
    let sponsors: Vec<_> = picture
        .sponsors
        .iter()
        .map(|s| (name(s.contact), s.rank, s.level, s.last_contact_on))
        .collect();
    assert_eq!(
        sponsors,
        [(
            "ben",
            Some(SponsorRank::Backup),
            EngagementLevel::Passive,
            Some(day("2026-09-20"))
        )]
    );
    assert_eq!(
        picture
            .executives
            .iter()
            .map(|s| name(s.contact))
            .collect::<Vec<_>>(),
        ["new", "mid", "old", "never"]
    );
}

#[test]
fn while_a_departure_is_open_it_speaks_for_the_missing_sponsor_and_backup() {
    let mut b = calm();
    let mut case = Case::default();
    case.run(&b, "2026-09-21");
    assert_eq!(case.unresolved(), []);
    for who in ["ana", "ben"] {
        b.departed(who, Departure::On(day("2026-09-22")));
    }
    case.run(&b, "2026-09-22");
    let departures = [
        (AlertRule::SponsorDeparted, High),
        (AlertRule::SponsorDeparted, Critical),
    ];
    assert_eq!(case.unresolved(), departures, "in one evaluation");
    case.run(&b, "2026-09-30");
    assert_eq!(case.unresolved(), departures);
    for (_, alert) in &mut case.alerts {
        *alert = alert
            .resolve(
                Disposition::Acted,
                at(ENDING_ON),
                day(ENDING_ON),
                &b.policy.alerts,
            )
            .unwrap();
    }
    case.run(&b, "2026-10-01");
    assert_eq!(
        case.unresolved(),
        [(SPONSOR_MISSING, Critical), (AlertRule::BackupMissing, Medium)]
    );
}

#[test]
fn what_was_open_before_a_departure_is_kept_up() {
    let mut b = calm();
    b.rows.sponsorships.pop();
    let mut case = Case::default();
    case.run(&b, "2026-09-21");
    assert_eq!(case.unresolved(), [(AlertRule::BackupMissing, Medium)]);
    b.departed("ana", Departure::On(day("2026-09-22")));
    for day in 22..=30 {
        case.run(&b, &format!("2026-09-{day}"));
    }
    assert_eq!(
        case.unresolved(),
        [
            (AlertRule::BackupMissing, Medium),
            (AlertRule::SponsorDeparted, Critical)
        ]
    );
}

#[test]
fn while_a_departure_hides_the_missing_sponsor_silent_executives_speak_for_themselves() {
    let hold = met(121);
    assert_eq!(severity_of(&hold, SPONSOR_MISSING), Some(Critical));
    assert_eq!(severity_of(&hold, AlertRule::ExecutiveNoContact), Some(Critical));
}

// Stale data.

fn feed(gaps: &[i64]) -> Vec<NaiveDate> {
    let mut last = day("2026-09-01");
    let mut days = vec![last];
    for gap in gaps {
        last -= TimeDelta::days(*gap);
        days.push(last);
    }
    days
}

fn stale(days: &[NaiveDate], silent: i64) -> Option<Condition> {
    stale_feed::check(
        Feed::Usage,
        days,
        day("2026-09-01") + TimeDelta::days(silent),
        &Policy::default(),
    )
}

#[test]
fn a_daily_feed_is_stale_after_three_days() {
    let days = feed(&[1; 40]);
    assert_eq!(stale(&days, 2), None);
    let found = stale(&days, 3).unwrap();
    assert_eq!(
        (found.key.rule, found.key.subject, found.severity),
        (AlertRule::DataStale, Subject::Feed(Feed::Usage), High)
    );
    assert_eq!(
        found.message,
        "No usage of any account has come in for 3 days, the last on 2026-09-01; usual are gaps of up to 1. Alerts that depend on it \
         stand still until it is back."
    );
}

#[test]
fn the_usual_gap_is_the_ninetieth_percentile_by_nearest_rank() {
    // Ten gaps: the ninth in order is the 90th percentile.
    let days = feed(&[1, 1, 1, 1, 1, 1, 1, 1, 2, 9]);
    assert_eq!(
        (stale(&days, 5), stale(&days, 6).is_some()),
        (None, true),
        "3 × 2"
    );
    // Eleven: the tenth (9.9, rounded up).
    let days = feed(&[1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 9]);
    assert_eq!(
        (stale(&days, 11), stale(&days, 12).is_some()),
        (None, true),
        "3 × 4"
    );
}

#[test]
fn weekends_are_usual() {
    let days: Vec<NaiveDate> = feed(&[1; 59])
        .into_iter()
        .filter(|day| !matches!(day.format("%u").to_string().as_str(), "6" | "7"))
        .collect();
    assert_eq!(
        (stale(&days, 8), stale(&days, 9).is_some()),
        (None, true),
        "3 × 3"
    );
}

#[test]
fn what_is_usual_takes_ten_gaps_of_the_sixty_days_up_to_the_last_data() {
    assert_eq!(stale(&feed(&[1; 9]), 100), None, "nine are too few");
    assert!(stale(&feed(&[1; 10]), 100).is_some());
    assert!(stale(&feed(&[6; 10]), 100).is_some(), "sixty days");
    assert_eq!(stale(&feed(&[7; 10]), 100), None, "eight gaps in 56 days");
    let mut days = feed(&[1; 10]);
    days.extend(feed(&[1; 10]));
    days.push(day("2030-01-01"));
    assert_eq!(
        (stale(&days, 2), stale(&days, 3).is_some()),
        (None, true),
        "a day to come is none"
    );
    let twice = [feed(&[2; 10]), feed(&[2; 10])].concat();
    assert_eq!(
        (stale(&twice, 5), stale(&twice, 6).is_some()),
        (None, true),
        "a day counts once"
    );
    assert_eq!(stale(&[], 3), None);
}

#[test]
fn alerts_of_a_stale_feed_are_neither_opened_nor_resolved() {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact("ana", "IT", None);
    b.sponsor("ana", SponsorRank::Primary, "2025-01-01", None);
    let mut case = Case {
        stale: vec![Feed::Interactions],
        ..Case::renewal(30)
    };
    b.meeting("2026-01-01", &["ana"]);
    case.run(&b, "2026-09-29");
    assert_eq!(
        case.unresolved(),
        [(AlertRule::BackupMissing, Medium)],
        "no feed is needed to see that"
    );
    case.stale.clear();
    case.run(&b, "2026-09-29");
    assert_eq!(
        case.unresolved(),
        [(SPONSOR_MISSING, Critical), (AlertRule::BackupMissing, Medium)]
    );
    case.stale = vec![Feed::Interactions];
    b.meeting("2026-09-29", &["ana"]);
    for day in 1..9 {
        case.run(&b, &format!("2026-10-0{day}"));
    }
    assert_eq!(
        case.unresolved(),
        [(SPONSOR_MISSING, Critical), (AlertRule::BackupMissing, Medium)]
    );
}

#[test]
fn which_rules_depend_on_which_feed() {
    let of = |feed| {
        AlertRule::ALL
            .iter()
            .filter(|rule| rule.feeds().contains(&feed))
            .map(|rule| rule.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(Feed::Usage),
        [
            "signal.usage_and_engagement_decline",
            "signal.support_surge",
            "engagement.fell"
        ]
    );
    assert_eq!(
        of(Feed::Interactions),
        [
            "signal.unanswered_outreach",
            "signal.canceled_meetings",
            "signal.response_time_degrading",
            "signal.qbr_missed",
            "signal.sponsor_missing",
            "signal.usage_and_engagement_decline",
            "signal.support_surge",
            "executive.no_contact",
            "data.owner_silent",
            "engagement.fell",
            "single_threaded",
            "single_point"
        ]
    );
}

// All together.

#[test]
fn signals_are_conditions_with_their_evidence() {
    let mut b = calm();
    for day in 21..=24 {
        b.mail(&format!("2026-09-{day}")).with("cho");
    }
    let hold = Case::default().hold(&b);
    assert_eq!(
        severity_of(&hold, AlertRule::Signal(Signal::UnansweredOutreach)),
        Some(High)
    );
    assert_eq!(
        (
            hold.len(),
            hold[0].evidence.count,
            hold[0].evidence.interactions.len()
        ),
        (1, 4, 4)
    );
    assert!(hold[0].message.contains("4 outreaches"));
}

#[test]
fn alerts_are_for_active_accounts() {
    let mut b = Book::new(AccountTier::Enterprise);
    b.contact("ana", "IT", None);
    let mut case = Case::default();
    case.run(&b, "2026-09-29");
    assert_eq!(case.unresolved().len(), 2);
    b.rows.account.churned_on = Some(day(ENDING_ON));
    assert_eq!(
        case.on(&b, ENDING_ON),
        Conditions {
            over: true,
            ..Conditions::default()
        }
    );
    case.run(&b, ENDING_ON);
    assert_eq!(case.unresolved(), []);
}

proptest! {
    #[test]
    fn a_feed_is_never_stale_within_three_days_and_always_is_again_later(
        gaps in prop::collection::vec(1_i64..6, 10..60), silent in 0_i64..400, later in 1_i64..400
    ) {
        let days = feed(&gaps);
        prop_assert!(silent >= 3 || stale(&days, silent).is_none());
        prop_assert!(stale(&days, silent).is_none() || stale(&days, silent + later).is_some(), "silence alone brings no data back");
        prop_assert!(stale(&days, 18).is_some(), "three times the longest gap of all");
    }
}
