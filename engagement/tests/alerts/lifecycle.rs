//! What evaluations do to an alert.

use rapport_engagement::alert::lifecycle::{Conditions, EvaluationDay, Event, Finding, Step, step, steps};
use rapport_engagement::alert::{Alert, AlertRule, Condition, Ending, Subject};
use rapport_engagement::policy::AlertPolicy;
use rapport_engagement::vocabulary::*;

use crate::story::{SILENT, Story, at, condition, day, evidence};

use AlertStatus::{Acknowledged, Open, Resolved, Snoozed};
use Severity::{Critical, High, Medium};

#[test]
fn the_same_cause_updates_its_alert_and_opens_no_other() {
    let mut s = Story::of(SILENT);
    s.holds_by(1, &[3, 2, 1]);
    assert_eq!((s.alerts.len(), s.status(), s.alert().baseline), (1, Open, false));
    assert_eq!(s.holds_by(2, &[4, 3, 2, 1]), Some(Event::Updated));
    assert_eq!(s.holds(3, Critical), Some(Event::Raised));
    assert_eq!(s.holds(3, Critical), None, "nothing is new");
    assert_eq!(s.holds(4, High), Some(Event::Updated));
    let alert = s.alert();
    assert_eq!(s.alerts.len(), 1);
    assert_eq!(
        (alert.severity, alert.message.as_str(), alert.last_seen_on),
        (High, "It is HIGH.", day(4))
    );
    assert_eq!((&alert.evidence, alert.opened_at), (&evidence(&[]), at(1, 9)));
}

#[test]
fn the_first_evaluation_of_an_account_opens_a_baseline() {
    let mut s = Story::of_new_account(SILENT);
    s.holds(1, Critical);
    assert!(s.alert().baseline);
    assert_eq!(s.alert().escalating_since, None);
    s.holds(2, Critical);
    assert!(s.alert().baseline, "it stays one");
}

#[test]
fn a_departure_is_news_even_of_a_new_account() {
    let mut s = Story::of_new_account(AlertRule::SponsorDeparted);
    s.holds(1, High);
    assert!(!s.alert().baseline);
    assert_eq!(s.alert().escalating_since, Some(at(1, 9)));
}

#[test]
fn a_condition_must_be_clear_for_two_daily_evaluations() {
    let mut s = Story::of(SILENT);
    s.holds(1, High);
    for hour in 0..24 {
        s.finds(2, hour, Finding::Clear);
        assert_eq!(s.status(), Open, "the hours of one day count once");
    }
    assert_eq!(s.clear(3), Some(Event::Resolved));
    let alert = s.alert();
    assert_eq!(
        (alert.status, alert.resolved_at, alert.disposition),
        (Resolved, Some(at(3, 9)), None)
    );
}

#[test]
fn what_holds_in_between_begins_the_count_anew() {
    let mut s = Story::of(SILENT);
    s.holds(1, High);
    s.clear(2);
    s.holds(3, High);
    s.clear(4);
    assert_eq!(s.status(), Open);
    s.clear(5);
    assert_eq!(s.status(), Resolved);
}

#[test]
fn an_evaluation_of_an_earlier_day_says_nothing_about_today() {
    let mut s = Story::of(SILENT);
    s.holds(10, High);
    assert_eq!((s.clear(9), s.clear(8), s.holds(9, Critical)), (None, None, None));
    assert_eq!((s.status(), s.alert().severity), (Open, High));
    s.clear(11);
    assert_eq!(s.clear(10), None);
    s.clear(12);
    assert_eq!(s.status(), Resolved);
    assert_eq!(s.holds(11, High), None, "nor does it reopen what is over");
}

#[test]
fn within_seven_days_the_old_alert_is_reopened() {
    let resolved_on_three = || {
        let mut s = Story::of(SILENT);
        s.holds(1, High);
        s.acknowledge(1, 10);
        s.clear(2);
        s.clear(3);
        assert_eq!(s.status(), Resolved);
        s
    };
    let mut s = resolved_on_three();
    assert_eq!(s.holds(10, High), Some(Event::Reopened));
    let alert = s.alert();
    assert_eq!(
        (
            s.alerts.len(),
            alert.status,
            alert.resolved_at,
            alert.acknowledged_at
        ),
        (1, Open, None, None)
    );
    assert_eq!((alert.opened_at, alert.clear_evaluations), (at(1, 9), 0));

    let mut s = resolved_on_three();
    assert_eq!(s.holds_at(10, 10, High), None);
    assert_eq!(
        (s.alerts.len(), s.alert().opened_at),
        (2, at(10, 10)),
        "seven days and an hour later it is another one"
    );
}

#[test]
fn a_reopened_baseline_is_news() {
    let mut s = Story::of_new_account(SILENT);
    s.holds(1, Critical);
    s.clear(2);
    s.clear(3);
    s.holds(4, Critical);
    assert!(!s.alert().baseline);
    assert_eq!(s.alert().escalating_since, Some(at(4, 9)));
}

#[test]
fn a_snoozed_alert_is_updated_and_returns_on_its_day() {
    let mut s = Story::of(SILENT);
    s.holds(1, Medium);
    s.acknowledge(1, 10);
    s.snooze(1, 5);
    assert_eq!((s.status(), s.alert().snoozed_until), (Snoozed, Some(day(5))));
    assert_eq!(s.holds(4, High), Some(Event::Raised));
    assert_eq!(
        (s.status(), s.alert().severity, s.alert().last_seen_on),
        (Snoozed, High, day(4))
    );
    assert_eq!(s.holds_at(5, 0, High), Some(Event::Returned));
    assert_eq!(
        (s.status(), s.alert().snoozed_until, s.alert().acknowledged_at),
        (Open, None, None)
    );
}

#[test]
fn a_snooze_ends_on_its_day_also_where_nothing_can_be_said() {
    let mut s = Story::of(SILENT);
    s.holds(1, High);
    s.snooze(1, 5);
    assert_eq!(s.finds(5, 9, Finding::Unknown), Some(Event::Returned));
    assert_eq!(s.status(), Open);
}

#[test]
fn a_snoozed_alert_wakes_when_it_becomes_critical() {
    let mut s = Story::of(SILENT);
    s.holds(1, High);
    s.snooze(1, 20);
    assert_eq!(s.holds(4, Critical), Some(Event::Raised));
    assert_eq!(
        (s.status(), s.alert().snoozed_until, s.alert().escalating_since),
        (Open, None, Some(at(4, 9)))
    );
}

#[test]
fn a_critical_alert_may_be_snoozed_and_stays_so() {
    let mut s = Story::of(SILENT);
    s.holds(1, Critical);
    s.snooze(1, 20);
    assert_eq!(s.holds(4, Critical), Some(Event::Updated));
    s.holds(5, High);
    s.holds(6, Critical);
    assert_eq!(s.status(), Open, "it was less in between");
}

#[test]
fn a_snoozed_alert_whose_cause_is_gone_resolves_itself() {
    let mut s = Story::of(SILENT);
    s.holds(1, High);
    s.snooze(1, 20);
    s.clear(2);
    assert_eq!(s.status(), Snoozed);
    assert_eq!(s.clear(3), Some(Event::Resolved));
    assert_eq!(s.alert().snoozed_until, None);
}

#[test]
fn an_acknowledgement_of_less_does_not_cover_critical() {
    let mut s = Story::of(SILENT);
    s.holds(1, High);
    s.acknowledge(1, 10);
    assert_eq!(s.holds(2, High), Some(Event::Updated));
    assert_eq!(s.status(), Acknowledged);
    s.holds(3, Critical);
    assert_eq!((s.status(), s.alert().acknowledged_at), (Open, None));
}

#[test]
fn what_was_resolved_by_hand_stays_resolved_while_nothing_changes() {
    for disposition in [Disposition::Acted, Disposition::AlreadyKnown] {
        let mut s = Story::of(SILENT);
        s.holds_by(1, &[3, 2, 1]);
        s.resolve(1, disposition);
        for day in 2..40 {
            assert_eq!(s.holds_by(day, &[3, 2, 1]), None);
        }
        assert_eq!(
            (s.alerts.len(), s.status(), s.alert().disposition),
            (1, Resolved, Some(disposition))
        );
    }
}

#[test]
fn it_comes_back_once_it_had_cleared() {
    let mut s = Story::of(SILENT);
    s.holds(1, High);
    s.resolve(1, Disposition::Acted);
    s.clear(2);
    assert_eq!(
        s.holds(3, High),
        Some(Event::Updated),
        "one clear day is none: the count begins anew"
    );
    s.clear(4);
    s.clear(5);
    assert!(s.alert().cleared_since);
    assert_eq!(s.holds(6, High), Some(Event::Reopened));
    assert_eq!(
        (s.status(), s.alert().disposition, s.alert().cleared_since),
        (Open, None, false)
    );

    let mut s = Story::of(SILENT);
    s.holds(1, High);
    s.resolve(1, Disposition::Acted);
    s.clear(2);
    s.clear(3);
    s.holds(20, High);
    assert_eq!(
        s.alerts.iter().map(|a| a.status).collect::<Vec<_>>(),
        [Resolved, Open],
        "long after it is another one"
    );
}

#[test]
fn it_comes_back_when_it_is_worse() {
    let mut s = Story::of(SILENT);
    s.holds(1, Medium);
    s.holds(2, High);
    s.holds(3, Medium);
    s.resolve(3, Disposition::AlreadyKnown);
    assert_eq!(s.holds(4, Medium), None);
    assert_eq!(
        s.holds(5, High),
        Some(Event::Reopened),
        "worse than when it was resolved"
    );
}

#[test]
fn it_comes_back_on_new_evidence() {
    let mut s = Story::of(SILENT);
    s.holds_by(1, &[3, 2, 1]);
    s.resolve(1, Disposition::Acted);
    assert_eq!(s.holds_by(2, &[3, 1]), None, "less is nothing new");
    assert_eq!(s.holds_by(3, &[4, 3, 2, 1]), Some(Event::Reopened));
}

#[test]
fn what_a_cut_off_list_did_not_show_is_nothing_new() {
    let shown = |count: u32, ids: &[u128]| {
        let mut evidence = evidence(ids);
        evidence.count = count;
        condition(SILENT, High).with(evidence)
    };
    let mut s = Story::of(SILENT);
    s.finds(1, 9, Finding::Holds(&shown(25, &[25, 24, 23])));
    s.resolve(1, Disposition::Acted);
    assert_eq!(
        s.finds(2, 9, Finding::Holds(&shown(24, &[25, 23, 22]))),
        None,
        "22 was there, behind the cut"
    );
    assert_eq!(
        s.finds(3, 9, Finding::Holds(&shown(25, &[26, 25, 23]))),
        Some(Event::Reopened)
    );
}

#[test]
fn new_rows_that_may_be_good_news_bring_nothing_back() {
    let mut s = Story::of(AlertRule::Signal(Signal::UsageAndEngagementDecline));
    s.holds_by(1, &[3, 2, 1]);
    s.resolve(1, Disposition::Acted);
    assert_eq!(s.holds_by(2, &[5, 4, 3, 2, 1]), None);
}

#[test]
fn noise_mutes_its_key_for_thirty_days() {
    let mut s = Story::of(SILENT);
    s.holds(1, High);
    s.resolve(1, Disposition::Noise);
    assert_eq!(s.alert().muted_until, Some(day(31)));
    s.clear(2);
    s.clear(3);
    for day in 4..31 {
        s.holds(day, Critical);
        assert_eq!((s.alerts.len(), s.status()), (1, Resolved));
    }
    s.holds(31, High);
    assert_eq!((s.alerts.len(), s.status()), (2, Open));
}

#[test]
fn after_the_mute_noise_that_never_cleared_stays_resolved() {
    let mut s = Story::of(SILENT);
    s.holds(1, High);
    s.resolve(1, Disposition::Noise);
    for day in 2..60 {
        assert_eq!(s.holds(day, High), None);
    }
}

#[test]
fn a_departure_ends_by_hand_only() {
    let mut s = Story::of(AlertRule::SponsorDeparted);
    s.holds(1, Critical);
    for day in 2..30 {
        assert_eq!(s.clear(day), None);
    }
    assert_eq!(s.status(), Open);
    s.resolve(30, Disposition::Acted);
    assert_eq!(s.status(), Resolved);
}

#[test]
fn a_task_ends_as_soon_as_it_is_done() {
    for rule in [
        AlertRule::OrgChangeUnreviewed,
        AlertRule::SponsorDepartureSuspected,
        AlertRule::MailUndeliverable,
    ] {
        let mut s = Story::of(rule);
        s.holds(1, Medium);
        assert_eq!(s.finds(1, 10, Finding::Clear), Some(Event::Resolved));
    }
}

#[test]
fn every_rule_says_how_it_ends() {
    let ending = |ending| {
        AlertRule::ALL
            .iter()
            .filter(|rule| rule.ending() == ending)
            .count()
    };
    assert_eq!(
        [Ending::WhenClear, Ending::WhenDone, Ending::ByHand].map(ending),
        [13, 4, 3]
    );
}

#[test]
fn alerts_of_a_stale_feed_stand_still() {
    let mut s = Story::of(SILENT);
    s.finds(1, 9, Finding::Unknown);
    assert!(s.alerts.is_empty(), "not opened");
    s.holds(2, High);
    for day in 3..10 {
        assert_eq!(
            s.finds(day, 9, Finding::Unknown),
            None,
            "not raised, not resolved"
        );
    }
    s.clear(10);
    s.finds(11, 9, Finding::Unknown);
    s.clear(12);
    assert_eq!(s.status(), Resolved, "what is not known breaks no series");
}

#[test]
fn what_another_alert_covers_opens_nothing_but_is_kept_up() {
    let high = condition(SILENT, High);
    let critical = condition(SILENT, Critical);
    let mut s = Story::of(SILENT);
    s.finds(1, 9, Finding::Covered(&high));
    assert!(s.alerts.is_empty());
    s.holds(2, High);
    assert_eq!(s.finds(3, 9, Finding::Covered(&critical)), Some(Event::Raised));
    s.clear(4);
    s.clear(5);
    assert_eq!(s.finds(6, 9, Finding::Covered(&high)), None);
    assert_eq!(s.status(), Resolved, "nor does it reopen one");
}

#[test]
fn a_customer_who_left_has_no_alerts() {
    for rule in [SILENT, AlertRule::SponsorDeparted] {
        let mut s = Story::of(rule);
        s.finds(1, 9, Finding::Over);
        assert!(s.alerts.is_empty());
        s.holds(2, High);
        s.snooze(2, 20);
        assert_eq!(s.finds(3, 9, Finding::Over), Some(Event::Resolved));
        assert_eq!(s.finds(4, 9, Finding::Over), None);
    }
}

#[test]
fn one_evaluation_decides_for_every_key_of_an_account() {
    let policy = AlertPolicy::default();
    let evaluation = EvaluationDay {
        day: day(9),
        at: at(9, 9),
        first: false,
    };
    let opened = |condition: &Condition| -> Alert {
        match step(
            None,
            Finding::Holds(condition),
            &EvaluationDay {
                day: day(8),
                at: at(8, 9),
                first: false,
            },
            &policy,
        ) {
            Step::Open(alert) => *alert,
            other => panic!("{other:?}"),
        }
    };
    let old = Alert {
        status: Resolved,
        resolved_at: Some(at(2, 0)),
        ..opened(&condition(SILENT, High))
    };
    let stored = vec![
        (
            "silent, long over",
            Alert {
                resolved_at: Some(at(1, 0)),
                ..old.clone()
            },
        ),
        (
            "silent, over",
            Alert {
                resolved_at: Some(at(8, 0)),
                last_seen_on: day(7),
                ..old
            },
        ),
        ("backup", opened(&condition(AlertRule::BackupMissing, Medium))),
        ("single", opened(&condition(AlertRule::SingleThreaded, Medium))),
        ("fell", opened(&condition(AlertRule::EngagementFell, High))),
    ];
    let suspected = Condition {
        message: "!".to_owned(),
        ..condition(AlertRule::SponsorDepartureSuspected, High)
    };
    let conditions = Conditions {
        over: false,
        hold: vec![
            condition(SILENT, High),
            Condition {
                message: "!".to_owned(),
                ..condition(AlertRule::BackupMissing, Medium)
            },
            suspected.clone(),
            condition(AlertRule::Signal(Signal::SponsorMissing), High),
        ],
        unknown: vec![AlertRule::EngagementFell],
        covered: vec![AlertRule::Signal(Signal::SponsorMissing)],
    };
    let decisions = steps(&stored, &conditions, &evaluation, &policy);
    let said: Vec<_> = decisions
        .iter()
        .map(|decision| match &decision.step {
            Step::Open(alert) => (decision.id, None, alert.key.clone()),
            Step::Change(event, alert) => (decision.id, Some(*event), alert.key.clone()),
            Step::Keep => panic!("never said"),
        })
        .collect();
    let key = |rule| condition(rule, High).key;
    assert_eq!(
        said,
        [
            (Some("silent, over"), Some(Event::Reopened), key(SILENT)),
            (
                Some("backup"),
                Some(Event::Updated),
                key(AlertRule::BackupMissing)
            ),
            (None, None, suspected.key),
            (
                Some("single"),
                Some(Event::Updated),
                key(AlertRule::SingleThreaded)
            ),
        ]
    );

    let over = steps(
        &stored,
        &Conditions {
            over: true,
            ..Conditions::default()
        },
        &evaluation,
        &policy,
    );
    assert_eq!(
        over.iter().map(|d| d.id.unwrap()).collect::<Vec<_>>(),
        ["backup", "fell", "single"]
    );
}

#[test]
fn subjects_keep_causes_apart() {
    let one = condition(AlertRule::OrgChangeUnreviewed, Medium)
        .about(Subject::OrgChange(uuid::Uuid::from_u128(1).into()));
    let two = condition(AlertRule::OrgChangeUnreviewed, Medium)
        .about(Subject::OrgChange(uuid::Uuid::from_u128(2).into()));
    let evaluation = EvaluationDay {
        day: day(9),
        at: at(9, 9),
        first: false,
    };
    let conditions = Conditions {
        hold: vec![one, two],
        ..Conditions::default()
    };
    let none: Vec<(u8, Alert)> = vec![];
    assert_eq!(
        steps(&none, &conditions, &evaluation, &AlertPolicy::default()).len(),
        2
    );
}
