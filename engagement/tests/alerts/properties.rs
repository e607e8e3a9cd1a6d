//! What must hold whatever happens: any conditions on any days, and people doing anything with the alerts in between.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use rapport_engagement::alert::ladder::{Rung, due};
use rapport_engagement::alert::lifecycle::{Conditions, EvaluationDay, Event, Step, steps};
use rapport_engagement::alert::{Alert, AlertRule, Condition, Ending, Key};
use rapport_engagement::policy::AlertPolicy;
use rapport_engagement::vocabulary::*;

use crate::story::{SILENT, at, condition, evidence};

const RULES: [AlertRule; 4] = [
    SILENT,
    AlertRule::Signal(Signal::SponsorMissing),
    AlertRule::OrgChangeUnreviewed,
    AlertRule::SponsorDeparted,
];

/// Something that happens after a while.
#[derive(Debug, Clone)]
enum Deed {
    /// An evaluation: for each rule whether it holds, how badly, and by how many rows; and which rules cannot be judged.
    Evaluate([Option<(Severity, u8)>; RULES.len()], [bool; RULES.len()]),
    /// A person takes up an alert, by rule.
    Acknowledge(usize),
    /// A person puts it off by some days.
    Snooze(usize, i64),
    /// A person is done with it.
    Resolve(usize, Disposition),
}

fn deed() -> impl Strategy<Value = Deed> {
    let held = prop::option::weighted(0.6, (prop::sample::select(Severity::ALL), 1_u8..5));
    let unknown = prop::bool::weighted(0.1);
    prop_oneof![
        6 => (prop::array::uniform4(held), prop::array::uniform4(unknown)).prop_map(|(held, unknown)| Deed::Evaluate(held, unknown)),
        1 => (0..RULES.len()).prop_map(Deed::Acknowledge),
        1 => (0..RULES.len(), 1_i64..12).prop_map(|(rule, days)| Deed::Snooze(rule, days)),
        1 => (0..RULES.len(), prop::sample::select(Disposition::ALL)).prop_map(|(rule, d)| Deed::Resolve(rule, d)),
    ]
}

/// The alerts of an account, and what an onlooker wrote down about them.
#[derive(Default)]
struct World {
    alerts: Vec<(usize, Alert)>,
    /// Per key: the distinct days on which it was found clear since it held last.
    clear_days: HashMap<Key, Vec<NaiveDate>>,
    /// Per key: the most such days since a person resolved it.
    clear_since_resolved: HashMap<Key, usize>,
    /// Per key: until when it is mute.
    muted: HashMap<Key, NaiveDate>,
    evaluated: bool,
}

impl World {
    fn unresolved(&self, rule: AlertRule) -> Option<usize> {
        self.alerts
            .iter()
            .position(|(_, a)| a.key.rule == rule && a.is_unresolved())
    }

    fn last_of(&self, key: &Key) -> Option<&Alert> {
        self.alerts.iter().map(|(_, a)| a).rfind(|a| a.key == *key)
    }

    fn people(&mut self, deed: &Deed, today: NaiveDate, now: DateTime<Utc>, policy: &AlertPolicy) {
        let (Deed::Acknowledge(rule) | Deed::Snooze(rule, _) | Deed::Resolve(rule, _)) = deed else {
            return;
        };
        let Some(place) = self.unresolved(RULES[*rule]) else {
            return;
        };
        let alert = &self.alerts[place].1;
        let next = match deed {
            Deed::Acknowledge(_) => alert.acknowledge(now),
            Deed::Snooze(_, days) => alert.snooze(today + TimeDelta::days(*days), today),
            Deed::Resolve(_, disposition) => {
                self.clear_since_resolved.insert(
                    alert.key.clone(),
                    self.clear_days.get(&alert.key).map_or(0, Vec::len),
                );
                if *disposition == Disposition::Noise {
                    self.muted.insert(alert.key.clone(), today + TimeDelta::days(30));
                }
                alert.resolve(*disposition, now, today, policy)
            }
            Deed::Evaluate(..) => return,
        };
        self.alerts[place].1 = next.unwrap();
    }

    fn evaluate(
        &mut self,
        conditions: &Conditions,
        today: NaiveDate,
        now: DateTime<Utc>,
        policy: &AlertPolicy,
    ) -> Result<(), TestCaseError> {
        let evaluation = EvaluationDay {
            day: today,
            at: now,
            first: !self.evaluated,
        };
        self.evaluated = true;
        for rule in RULES.iter().filter(|rule| !conditions.unknown.contains(rule)) {
            let key = condition(*rule, Severity::Low).key;
            let days = self.clear_days.entry(key.clone()).or_default();
            if conditions.hold.iter().any(|c| c.key == key) {
                days.clear();
            } else if days.last() != Some(&today) {
                days.push(today);
            }
            let most = self.clear_since_resolved.entry(key).or_default();
            *most = (*most).max(days.len());
        }
        for decision in steps(&self.alerts, conditions, &evaluation, policy) {
            let held = |key: &Key| conditions.hold.iter().find(|c| c.key == *key);
            match decision.step {
                Step::Keep => prop_assert!(false, "nothing to do is not said"),
                Step::Open(alert) => {
                    self.check_opening(&alert, held(&alert.key), today, policy)?;
                    prop_assert_eq!(
                        alert.baseline,
                        evaluation.first && alert.key.rule != AlertRule::SponsorDeparted
                    );
                    self.alerts.push((self.alerts.len(), *alert));
                }
                Step::Change(event, alert) => {
                    let place = decision.id.unwrap();
                    if event == Event::Reopened {
                        self.check_opening(&alert, held(&alert.key), today, policy)?;
                        let ago = now - self.alerts[place].1.resolved_at.unwrap();
                        prop_assert!(ago <= TimeDelta::days(7));
                    }
                    if event == Event::Resolved {
                        prop_assert!(held(&alert.key).is_none());
                        let days = self.clear_days[&alert.key].len();
                        match alert.key.rule.ending() {
                            Ending::WhenClear => {
                                prop_assert!(days >= 2, "resolved after {} clear days", days);
                            }
                            Ending::WhenDone => {}
                            Ending::ByHand => prop_assert!(false, "an event does not end by itself"),
                        }
                    }
                    self.alerts[place].1 = *alert;
                }
            }
        }
        prop_assert_eq!(
            steps(
                &self.alerts,
                conditions,
                &EvaluationDay {
                    first: false,
                    ..evaluation
                },
                policy
            ),
            vec![],
            "once is enough"
        );
        Ok(())
    }

    /// A key speaks only while it holds, is not mute, and was not silenced by a person for what it says.
    fn check_opening(
        &self,
        alert: &Alert,
        held: Option<&Condition>,
        today: NaiveDate,
        policy: &AlertPolicy,
    ) -> Result<(), TestCaseError> {
        let held = held.expect("it holds");
        prop_assert!(
            self.muted.get(&alert.key).is_none_or(|until| today >= *until),
            "mute"
        );
        if let Some(before) = self
            .last_of(&alert.key)
            .filter(|before| before.resolved_by_hand())
        {
            let needed = if alert.key.rule.ending() == Ending::WhenClear {
                policy.clear_evaluations as usize
            } else {
                1
            };
            let cleared = self.clear_since_resolved[&alert.key] >= needed;
            let worse = held.severity > before.severity;
            let more = held.evidence.count > before.evidence.count && alert.key.rule == SILENT;
            prop_assert!(cleared || worse || more, "a person had said so");
        }
        Ok(())
    }

    fn check(
        &self,
        conditions: Option<&Conditions>,
        today: NaiveDate,
        now: DateTime<Utc>,
        policy: &AlertPolicy,
    ) -> Result<(), TestCaseError> {
        for rule in RULES {
            let unresolved: Vec<_> = self
                .alerts
                .iter()
                .filter(|(_, a)| a.key.rule == rule && a.is_unresolved())
                .collect();
            prop_assert!(unresolved.len() <= 1, "two unresolved alerts of one key");
        }
        for (_, alert) in &self.alerts {
            prop_assert_eq!(
                alert.status == AlertStatus::Snoozed,
                alert.snoozed_until.is_some()
            );
            prop_assert_eq!(alert.status == AlertStatus::Resolved, alert.resolved_at.is_some());
            prop_assert!(alert.disposition.is_none() || alert.status == AlertStatus::Resolved);
            prop_assert!(alert.is_unresolved() || due(alert, now, policy).is_empty());
        }
        let Some(conditions) = conditions else {
            return Ok(());
        };
        for (_, alert) in self.alerts.iter().filter(|(_, a)| a.is_unresolved()) {
            prop_assert!(alert.snoozed_until.is_none_or(|until| until > today), "overslept");
        }
        // What holds is told, unless a person did not want to hear it.
        for condition in conditions
            .hold
            .iter()
            .filter(|c| !conditions.unknown.contains(&c.key.rule))
        {
            let alert = self.last_of(&condition.key).expect("an alert");
            prop_assert!(alert.is_unresolved() || alert.resolved_by_hand());
            prop_assert!(
                !alert.is_unresolved() || (alert.severity, alert.last_seen_on) == (condition.severity, today)
            );
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn an_alert_leads_an_orderly_life(deeds in prop::collection::vec((deed(), 0_i64..40), 1..80)) {
        let policy = AlertPolicy::default();
        let mut world = World::default();
        let mut now = at(1, 0);
        for (deed, hours) in deeds {
            now += TimeDelta::hours(hours);
            let today = now.date_naive();
            let conditions = match &deed {
                Deed::Evaluate(held, unknown) => {
                    let hold = RULES.iter().zip(held).filter_map(|(rule, held)| {
                        let (severity, rows) = (*held)?;
                        let ids: Vec<u128> = (1..=u128::from(rows)).rev().collect();
                        Some(condition(*rule, severity).with(evidence(&ids)))
                    });
                    let unknown = RULES.iter().zip(unknown).filter(|(_, unknown)| **unknown).map(|(rule, _)| *rule);
                    Some(Conditions { hold: hold.collect(), unknown: unknown.collect(), ..Conditions::default() })
                }
                _ => None,
            };
            match &conditions {
                Some(conditions) => world.evaluate(conditions, today, now, &policy)?,
                None => world.people(&deed, today, now, &policy),
            }
            world.check(conditions.as_ref(), today, now, &policy)?;
        }
    }

    #[test]
    fn the_team_is_told_once_of_each_rise_to_critical(
        days in prop::collection::vec((prop::option::weighted(0.8, prop::sample::select(vec![Severity::High, Severity::Critical])), 1_i64..30), 1..60)
    ) {
        let policy = AlertPolicy::default();
        let mut alerts: Vec<(usize, Alert)> = vec![];
        let mut now = at(1, 0);
        let mut told: Option<DateTime<Utc>> = None;
        for (severity, hours) in days {
            now += TimeDelta::hours(hours);
            let hold: Vec<Condition> = severity.map(|severity| condition(SILENT, severity)).into_iter().collect();
            let conditions = Conditions { hold, ..Conditions::default() };
            let evaluation = EvaluationDay { day: now.date_naive(), at: now, first: false };
            for decision in steps(&alerts, &conditions, &evaluation, &policy) {
                match decision.step {
                    Step::Open(alert) => {
                        told = None;
                        alerts.push((alerts.len(), *alert));
                    }
                    Step::Change(event, alert) => {
                        if matches!(event, Event::Reopened | Event::Raised) {
                            told = None;
                        }
                        alerts[decision.id.unwrap()].1 = *alert;
                    }
                    Step::Keep => {}
                }
            }
            for (_, alert) in &mut alerts {
                let rungs = due(alert, now, &policy);
                if rungs.contains(&Rung::Team) {
                    let before = told.replace(now);
                    prop_assert!(before.is_none(), "again after {:?}", before);
                }
                *alert = alert.climbed(&rungs);
                prop_assert_eq!(due(alert, now, &policy), vec![]);
            }
        }
    }
}
