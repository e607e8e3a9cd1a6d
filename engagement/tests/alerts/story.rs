//! A small language for the life of one alert: days of November 2026, what holds on them, and what people do.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rapport_engagement::alert::lifecycle::{EvaluationDay, Event, Finding, Step, step};
use rapport_engagement::alert::{Alert, AlertRule, Condition, Subject};
use rapport_engagement::id::{ContactId, InteractionId};
use rapport_engagement::measure::Evidence;
use rapport_engagement::policy::AlertPolicy;
use rapport_engagement::vocabulary::*;
use uuid::Uuid;

pub const SILENT: AlertRule = AlertRule::Signal(Signal::UnansweredOutreach);

/// A day of November 2026 (day 31 is 1 December).
pub fn day(of_november: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 1).unwrap() + TimeDelta::days(of_november - 1)
}

/// An hour of it, in UTC.
pub fn at(of_november: i64, hour: i64) -> DateTime<Utc> {
    day(of_november).and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::hours(hour)
}

pub fn evidence(ids: &[u128]) -> Evidence {
    Evidence {
        count: ids.len() as u32,
        interactions: ids
            .iter()
            .map(|id| InteractionId::from(Uuid::from_u128(*id)))
            .collect(),
    }
}

/// A condition of a rule; departures are about a contact.
pub fn condition(rule: AlertRule, severity: Severity) -> Condition {
    let condition = Condition::new(rule, severity, format!("It is {severity}."));
    let contact = ContactId::from(Uuid::from_u128(9));
    match rule {
        AlertRule::SponsorDeparted | AlertRule::SponsorDepartureSuspected => {
            condition.about(Subject::Contact(contact))
        }
        _ => condition,
    }
}

/// One alert and everything that became of it.
#[derive(Debug)]
pub struct Story {
    pub rule: AlertRule,
    pub policy: AlertPolicy,
    /// The alerts of the one key, oldest first.
    pub alerts: Vec<Alert>,
    /// The account was evaluated before.
    pub evaluated: bool,
}

impl Story {
    /// A rule of an account that was evaluated before.
    pub fn of(rule: AlertRule) -> Self {
        Self {
            rule,
            policy: AlertPolicy::default(),
            alerts: vec![],
            evaluated: true,
        }
    }

    /// The same for an account that is new.
    pub fn of_new_account(rule: AlertRule) -> Self {
        Self {
            evaluated: false,
            ..Self::of(rule)
        }
    }

    pub fn alert(&self) -> &Alert {
        self.alerts.last().expect("an alert")
    }

    pub fn status(&self) -> AlertStatus {
        self.alert().status
    }

    pub fn finds(&mut self, day_: i64, hour: i64, finding: Finding<'_>) -> Option<Event> {
        let evaluation = EvaluationDay {
            day: day(day_),
            at: at(day_, hour),
            first: !self.evaluated,
        };
        self.evaluated = true;
        match step(self.alerts.last(), finding, &evaluation, &self.policy) {
            Step::Keep => None,
            Step::Open(alert) => {
                self.alerts.push(*alert);
                None
            }
            Step::Change(event, alert) => {
                *self.alerts.last_mut().expect("an alert") = *alert;
                Some(event)
            }
        }
    }

    /// The rule holds on a day, at nine.
    pub fn holds(&mut self, day: i64, severity: Severity) -> Option<Event> {
        self.holds_at(day, 9, severity)
    }

    pub fn holds_at(&mut self, day: i64, hour: i64, severity: Severity) -> Option<Event> {
        let condition = condition(self.rule, severity);
        self.finds(day, hour, Finding::Holds(&condition))
    }

    /// The rule holds because of these interactions.
    pub fn holds_by(&mut self, day: i64, ids: &[u128]) -> Option<Event> {
        let condition = condition(self.rule, Severity::High).with(evidence(ids));
        self.finds(day, 9, Finding::Holds(&condition))
    }

    /// The rule does not hold on a day, at nine.
    pub fn clear(&mut self, day: i64) -> Option<Event> {
        self.finds(day, 9, Finding::Clear)
    }

    pub fn acknowledge(&mut self, day: i64, hour: i64) {
        self.replace(|alert| alert.acknowledge(at(day, hour)).unwrap());
    }

    pub fn snooze(&mut self, today: i64, until: i64) {
        self.replace(|alert| alert.snooze(day(until), day(today)).unwrap());
    }

    pub fn resolve(&mut self, today: i64, disposition: Disposition) {
        let policy = self.policy.clone();
        self.replace(|alert| {
            alert
                .resolve(disposition, at(today, 12), day(today), &policy)
                .unwrap()
        });
    }

    fn replace(&mut self, change: impl FnOnce(&Alert) -> Alert) {
        let last = self.alerts.last_mut().expect("an alert");
        *last = change(last);
    }
}
