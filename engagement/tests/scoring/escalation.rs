//! The mail of a departure: who, what is at stake, who could follow, and what to do.

use std::collections::HashMap;

use chrono::TimeDelta;
use rapport_engagement::alert::AlertRule;
use rapport_engagement::guardrail::sponsor_departure::{SuccessionPicture, Successor};
use rapport_engagement::id::{AccountId, AlertId, ContactId};
use rapport_engagement::money::Money;
use rapport_engagement::report::digest::{NamedAccount, PersonName};
use rapport_engagement::report::escalation::*;
use rapport_engagement::standing::{Reason, Standing};
use rapport_engagement::vocabulary::*;
use uuid::Uuid;

use crate::account::{at, day};

use EngagementLevel::{Disengaged, Engaged, Passive, Unknown};

fn contact(n: u32) -> ContactId {
    ContactId::from(Uuid::from_u128(u128::from(n)))
}

fn successor(n: u32, rank: Option<SponsorRank>, level: EngagementLevel, last: Option<&str>) -> Successor {
    Successor {
        contact: contact(n),
        rank,
        level,
        score: 70,
        last_contact_on: last.map(day),
    }
}

struct Case {
    picture: SuccessionPicture,
    source: Option<OrgChangeSource>,
    recorded_by: Option<&'static str>,
    renewal: Option<&'static str>,
    standing: Option<Standing>,
    pattern: Option<Pattern>,
    alerts: Vec<(Severity, String)>,
}

impl Case {
    /// The primary sponsor of a good account left yesterday; a backup is engaged.
    fn covered() -> Self {
        let sponsors = vec![successor(
            2,
            Some(SponsorRank::Backup),
            Engaged,
            Some("2026-09-12"),
        )];
        let executives = vec![
            successor(3, None, Passive, Some("2026-06-01")),
            successor(4, None, Unknown, None),
        ];
        Self {
            picture: SuccessionPicture {
                departed: contact(1),
                rank: SponsorRank::Primary,
                left_on: day("2026-09-29"),
                sponsors,
                executives,
                first: None,
            },
            source: Some(OrgChangeSource::Manual),
            recorded_by: None,
            renewal: Some("2027-06-30"),
            standing: None,
            pattern: Some(Pattern::HighlyEngaged),
            alerts: vec![],
        }
    }

    fn notice(&self) -> DepartureNotice {
        let name = |n: u32, name: &str, title: &str| {
            (
                contact(n),
                PersonName {
                    name: name.to_owned(),
                    title: Some(title.to_owned()),
                },
            )
        };
        let names = HashMap::from([
            name(1, "Dana Whitfield", "COO"),
            name(2, "Ben Osei", "VP Operations"),
            name(3, "Eve Lindqvist", "CFO"),
            name(4, "Cho Min-jun", "CIO"),
        ]);
        DepartureNotice::new(&DepartureFacts {
            alert: AlertId::from(Uuid::from_u128(9)),
            account: NamedAccount {
                id: AccountId::from(Uuid::from_u128(8)),
                external_id: "acme".to_owned(),
                name: "Acme".to_owned(),
            },
            picture: &self.picture,
            names: &names,
            source: self.source,
            recorded_by: self.recorded_by,
            summary: Some("Left for a competitor"),
            arr: Some(Money::new(120_000_000, Some("USD".to_owned()))),
            renewal_on: self.renewal.map(day),
            standing: self.standing.as_ref(),
            overall: self.pattern.map(|_| 84),
            pattern: self.pattern,
            alerts: &self.alerts,
            day: day("2026-09-30"),
            told: vec!["Mia Torres".to_owned(), "lead@example.com".to_owned()],
        })
    }

    fn actions(&self) -> Vec<String> {
        self.notice()
            .steps
            .iter()
            .map(|step| format!("{}: {}", step.by, step.action))
            .collect()
    }
}

#[test]
fn it_says_who_left_and_what_is_at_stake() {
    let mut case = Case::covered();
    case.alerts = (0..5)
        .map(|n| (Severity::High, format!("Message {n}.")))
        .collect();
    let notice = case.notice();
    assert_eq!(notice.subject, "Sponsor departed: Dana Whitfield, Acme");
    assert_eq!(
        notice.left,
        "Dana Whitfield (COO), the primary sponsor, left on 29 September 2026, yesterday."
    );
    assert_eq!(
        notice.known,
        "We know because somebody of us recorded it: “Left for a competitor”."
    );
    let stakes: Vec<_> = notice
        .stakes
        .iter()
        .map(|fact| format!("{}: {}", fact.name, fact.value))
        .collect();
    assert_eq!(
        stakes,
        [
            "Revenue a year: 1,200,000 USD",
            "Renewal: 30 June 2027, in 273 days",
            "Engagement: 84 of 100, highly engaged",
            "Open alerts: 5 more",
        ]
    );
    assert_eq!(
        (notice.alerts.len(), notice.more_alerts, notice.alerts[0].as_str()),
        (3, 2, "High: Message 0.")
    );
    assert_eq!(notice.sponsors[0].person, "Ben Osei (VP Operations)");
    assert_eq!(
        notice.sponsors[0].standing,
        "backup sponsor, engaged, last contact on 12 September 2026"
    );
    assert_eq!(notice.executives[1].standing, "unknown, never in contact");
    let text = serde_json::to_string(&notice).unwrap();
    assert_eq!(serde_json::from_str::<DepartureNotice>(&text).unwrap(), notice);
}

#[test]
fn with_an_engaged_backup_they_are_asked_to_take_over() {
    assert_eq!(
        Case::covered().actions(),
        [
            "today: Call Ben Osei (VP Operations) and ask them to take over as sponsor",
            "within 48 hours: Write to Dana Whitfield: thank them, and ask who takes over and whether they would introduce us",
            "within 48 hours: Book a first meeting with Eve Lindqvist (CFO)",
            "within 48 hours: Acknowledge the alert, and write down the new primary sponsor once they have agreed",
        ]
    );
}

#[test]
fn who_is_approached_first_is_engaged_backup_then_level_score_and_latest_contact() {
    let first = |case: &Case| case.actions()[0].clone();
    let mut case = Case::covered();
    // A backup who is not engaged has no place before an executive of a better level …
    case.picture.sponsors[0].level = Disengaged;
    assert_eq!(
        first(&case),
        "today: Ask Eve Lindqvist (CFO) for half an hour: who owns the outcome now?"
    );
    assert_eq!(
        case.notice().steps[0].reason,
        "No backup is in regular contact; of the executives they stand closest to us (passive, last contact on 1 June 2026)."
    );
    // … and one of the same level goes before by the score.
    case.picture.sponsors[0] = Successor {
        score: 71,
        ..successor(2, Some(SponsorRank::Backup), Passive, None)
    };
    assert_eq!(
        first(&case),
        "today: Call Ben Osei (VP Operations) and win them back before asking for more"
    );
    case.picture.sponsors[0].score = 70;
    assert_eq!(
        first(&case),
        "today: Ask Eve Lindqvist (CFO) for half an hour: who owns the outcome now?",
        "by the latest contact"
    );
    // An engaged backup goes before anybody else.
    case.picture.sponsors.push(Successor {
        score: 60,
        ..successor(4, Some(SponsorRank::Backup), Engaged, None)
    });
    case.picture.executives[0].level = EngagementLevel::Champion;
    assert_eq!(
        first(&case),
        "today: Call Cho Min-jun (CIO) and ask them to take over as sponsor"
    );
}

#[test]
fn without_a_backup_an_executive_is_asked_or_whoever_is_in_touch() {
    let mut case = Case::covered();
    case.picture.sponsors.clear();
    assert_eq!(
        case.actions()[0],
        "today: Ask Eve Lindqvist (CFO) for half an hour: who owns the outcome now?"
    );
    assert!(
        !case
            .actions()
            .concat()
            .contains("Book a first meeting with Eve Lindqvist"),
        "{:?}",
        case.actions()
    );
    case.picture.executives.clear();
    let actions = case.actions();
    assert_eq!(
        actions[0],
        "today: Ask our daily contacts who takes over from Dana Whitfield, and for an introduction"
    );
    assert_eq!(actions.len(), 3);
    // Somebody of no rank, who was found when the picture was drawn.
    case.picture.first = Some(contact(4));
    assert_eq!(
        case.actions()[0],
        "today: Ask Cho Min-jun (CIO) who takes over from Dana Whitfield, and for an introduction"
    );
}

#[test]
fn what_is_at_stake_begins_with_the_standing() {
    let mut case = Case::covered();
    let reason = |reason, on: &str, number| Reason {
        reason,
        on: Some(day(on)),
        contact: Some(contact(2)),
        change: None,
        number: Some(number),
        against: None,
        signals: vec![],
    };
    case.standing = Some(Standing {
        state: StandingState::AtRisk,
        reasons: vec![
            reason(StandingReason::SponsorCold, "2026-06-26", 96.0),
            reason(StandingReason::Score, "2026-09-30", 38.0),
            reason(StandingReason::HangsOnOne, "2026-09-20", 1.3),
            reason(StandingReason::Signals, "2026-09-30", 2.0),
        ],
    });
    let stakes = case.notice().stakes;
    assert_eq!(stakes[0].name, "Standing");
    assert_eq!(
        stakes[0].value,
        "At risk — Ben Osei, the primary sponsor, has been silent for 96 days, since 2026-06-26; the score is 38 of 100; \
         the relationship rests on 1.3 people: Ben Osei, last in contact on 2026-09-20, carries most of it"
    );
}

#[test]
fn a_departed_backup_is_the_primary_sponsors_to_replace() {
    let mut case = Case::covered();
    case.picture.rank = SponsorRank::Backup;
    case.picture.sponsors = vec![successor(
        2,
        Some(SponsorRank::Primary),
        Engaged,
        Some("2026-09-12"),
    )];
    assert_eq!(
        case.actions()[0],
        "today: Tell Ben Osei (VP Operations) and ask whom they would name in Dana Whitfield's place"
    );
}

#[test]
fn a_near_renewal_or_a_low_score_is_a_matter_for_leaders() {
    let leaders = |case: &Case| {
        case.notice()
            .steps
            .into_iter()
            .find(|step| step.action.starts_with("Have one of our leaders"))
            .map(|step| step.reason)
    };
    let mut case = Case::covered();
    assert_eq!(leaders(&case), None);
    case.renewal = Some("2026-12-30");
    assert_eq!(leaders(&case), None, "in 91 days");
    case.renewal = Some("2026-12-29");
    assert_eq!(
        leaders(&case).as_deref(),
        Some(
            "1,200,000 USD a year renews on 29 December 2026, in 90 days, and nobody there owns that any more."
        )
    );
    case.renewal = Some("2026-09-29");
    assert_eq!(leaders(&case), None, "past");
    case.pattern = Some(Pattern::LowEngaged);
    assert_eq!(
        leaders(&case).as_deref(),
        Some("The account stood at 84 of 100 before they left.")
    );
}

#[test]
fn what_was_only_read_is_confirmed_first() {
    for (source, asked) in [
        (OrgChangeSource::Linkedin, true),
        (OrgChangeSource::News, true),
        (OrgChangeSource::EmailBounce, true),
        (OrgChangeSource::Crm, false),
    ] {
        let case = Case {
            source: Some(source),
            ..Case::covered()
        };
        assert_eq!(
            case.actions()[0] == "today: Ask somebody at Acme whether Dana Whitfield has left",
            asked,
            "{source}"
        );
        assert!(case.actions().len() <= 5);
    }
    let case = Case {
        source: None,
        ..Case::covered()
    };
    assert!(
        case.notice()
            .known
            .starts_with("We know because the contact was marked as departed")
    );
    let case = Case {
        recorded_by: Some("Mia Torres"),
        ..Case::covered()
    };
    assert_eq!(
        case.notice().known,
        "We know because Mia Torres recorded it: “Left for a competitor”."
    );
    let case = Case {
        source: Some(OrgChangeSource::News),
        ..case
    };
    assert_eq!(
        case.notice().known,
        "We know because it was in the news (Mia Torres recorded it): “Left for a competitor”."
    );
}

#[test]
fn the_ladder_says_how_long_it_has_waited() {
    let after = |minutes| waiting(at("2026-09-30"), at("2026-09-30") + TimeDelta::minutes(minutes));
    assert_eq!(after(59), None);
    assert_eq!(after(60).as_deref(), Some("Nobody has taken it up for 1 hour."));
    assert_eq!(
        after(47 * 60 + 59).as_deref(),
        Some("Nobody has taken it up for 47 hours.")
    );
    assert_eq!(
        after(72 * 60).as_deref(),
        Some("Nobody has taken it up for 3 days.")
    );
}

#[test]
fn every_rule_has_a_first_step_of_its_own() {
    let mut steps: Vec<_> = AlertRule::ALL.iter().map(|rule| next_step(*rule)).collect();
    steps.sort_unstable();
    steps.dedup();
    assert_eq!(steps.len(), AlertRule::ALL.len());
}

#[test]
fn a_joined_mail_counts() {
    let joined = JoinedNotices::new(&[Severity::Critical; 30], 12);
    assert_eq!(
        (joined.subject.as_str(), joined.quoted, joined.more),
        ("30 critical alerts at 12 accounts", 20, 10)
    );
    assert_eq!(joined.reason, "They came within 1 hour, so they are one message.");
    let mixed = JoinedNotices::new(&[Severity::Critical, Severity::High], 1);
    assert_eq!(
        (mixed.subject.as_str(), mixed.quoted, mixed.more),
        ("2 alerts at 1 account", 2, 0)
    );
}
