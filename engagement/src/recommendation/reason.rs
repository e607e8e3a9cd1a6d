//! Why: one or two plain sentences with the names, the dates and the numbers of today.

use chrono::{NaiveDate, TimeDelta};

use super::case::Case;
use crate::dimension::{outbound_points, uncapped_points};
use crate::markdown::{capital, count, money, number, percent};
use crate::row::ContactIndex;
use crate::score::{DimensionScore, round};
use crate::vocabulary::{Action, Component, Dimension, EngagementLevel, Signal};

impl Case<'_> {
    /// The sentences of an action about a contact.
    pub(super) fn reason(&self, action: Action, contact: Option<ContactIndex>) -> String {
        let overall = format!(
            "Overall {} of 100",
            self.evaluation.assessment.rounded().unwrap_or(0)
        );
        let m = self.measures();
        match action {
            Action::AgreeRenewal => self.renewal(contact),
            Action::ReduceFrequency => {
                let (all, ours) = (uncapped_points(m, self.policy), outbound_points(m, self.policy));
                let benchmark = self.policy.frequency.benchmark.of(m.tier);
                format!(
                    "Activity is at {} of the benchmark, and {} of it comes from us: fewer touches would do.",
                    percent(Some(all / benchmark)),
                    percent(Some(ours / all))
                )
            }
            Action::PursueExpansion => format!("{overall}, on track, and {}.", self.sponsor_stands()),
            Action::AskForAdvocacy => {
                let days = self
                    .primary()
                    .and_then(|primary| primary.since)
                    .map_or(0, |since| (self.day() - since).num_days());
                format!(
                    "{overall}, on track, and {} after {days} days as our sponsor.",
                    self.sponsor_stands()
                )
            }
            Action::RaiseStrategicContent => self.strategic_share(),
            Action::EngageExecutives => {
                let wanted = number(Some(self.policy.breadth.executives.of(m.tier)));
                format!(
                    "{} of {wanted} executives are in conversation with us{}.",
                    m.engaged_executives,
                    self.silence_of(contact)
                )
            }
            Action::ReEngagementCampaign => {
                format!(
                    "{overall}; {}{}.",
                    answered(m.answered, m.outreaches),
                    self.last_contact(contact)
                )
            }
            Action::DemonstrateValue => format!("{overall}; {}.", self.stands(Dimension::Product)),
            Action::Escalate => {
                let stake = self
                    .rows
                    .account
                    .arr
                    .as_ref()
                    .map(|arr| format!(", with {} a year at stake", money(std::slice::from_ref(arr))));
                let executives = match m.engaged_executives {
                    0 => "none of their executives is".to_owned(),
                    1 => "one of their executives is".to_owned(),
                    many => format!("{many} of their executives are"),
                };
                format!(
                    "{overall}{}; {executives} in conversation with us.",
                    stake.unwrap_or_default()
                )
            }
            Action::SavePlay => format!(
                "{overall}; {}{}.",
                self.stands(Dimension::Frequency),
                self.last_contact(contact)
            ),
            Action::DecideOffboarding => {
                let before = self.evaluation.previous_assessment.rounded().unwrap_or(0);
                let then = self.evaluation.windows.previous().ending_on;
                let now = self.evaluation.assessment.rounded().unwrap_or(0);
                format!(
                    "Disengaged in two windows running: {before} of 100 on {then}, {now} on {}.",
                    self.day()
                )
            }
            Action::WakeSponsor => self.silent_sponsor(),
            Action::ChangeChannel => self.said_of(Signal::UnansweredOutreach, contact),
            Action::RebookMeeting => self.said_of(Signal::CanceledMeetings, None),
            Action::RemoveObstacle => self.said_of(Signal::ResponseTimeDegrading, contact),
            Action::RebookQbr => self.said_of(Signal::QbrMissed, None),
            Action::FindSponsor => self.said_of(Signal::SponsorMissing, contact),
            Action::ValueReview => self.said_of(Signal::UsageAndEngagementDecline, contact),
            Action::CalmSupport => self.said_of(Signal::SupportSurge, None),
            Action::SetCadence => self.weakest(Dimension::Frequency),
            Action::AskForResponse => self.weakest(Dimension::Quality),
            Action::MultiThread => self.weakest(Dimension::Breadth),
            Action::AdoptionPlay => self.weakest(Dimension::Product),
        }
    }

    fn name(&self, contact: ContactIndex) -> Option<&str> {
        self.id(contact).and_then(|id| self.people.name(id))
    }

    /// "Ana Lopez, the primary sponsor", "Ana Lopez", "the primary sponsor", "a contact of theirs".
    fn who(&self, contact: ContactIndex) -> String {
        let sponsors = self.primary().is_some_and(|primary| primary.contact == contact);
        match (self.name(contact), sponsors) {
            (Some(name), true) => format!("{name}, the primary sponsor"),
            (Some(name), false) => name.to_owned(),
            (None, true) => "the primary sponsor".to_owned(),
            (None, false) if self.touch(contact).is_some_and(|touch| touch.executive) => {
                "one of their executives".to_owned()
            }
            (None, false) => "one of their people".to_owned(),
        }
    }

    fn last_touch(&self, contact: ContactIndex) -> Option<NaiveDate> {
        self.touch(contact).and_then(|touch| touch.last_touch_on)
    }

    /// "; Ana Lopez was last in contact on 2026-09-21".
    fn last_contact(&self, contact: Option<ContactIndex>) -> String {
        let known = contact.and_then(|contact| Some((self.who(contact), self.last_touch(contact)?)));
        known.map_or_else(String::new, |(who, day)| {
            format!("; {} was last in contact on {day}", comma(&who))
        })
    }

    /// The same of somebody who may never have been.
    fn silence_of(&self, contact: Option<ContactIndex>) -> String {
        match contact.map(|contact| (self.who(contact), self.last_touch(contact))) {
            Some((who, Some(day))) => format!("; {} was last in contact on {day}", comma(&who)),
            Some((who, None)) => format!(
                "; {} has not been in contact {}",
                comma(&who),
                self.heard_for(contact)
            ),
            None => String::new(),
        }
    }

    /// For how long somebody would have been heard: since they sponsor us, since there is data, or as far back as rows are read.
    fn heard_for(&self, contact: Option<ContactIndex>) -> String {
        let sponsor = self
            .evaluation
            .sponsors
            .executives
            .iter()
            .find(|executive| Some(executive.contact) == contact);
        let since = sponsor.and_then(|sponsor| sponsor.since);
        let first = self
            .measures()
            .days_since_first_fact
            .map(|days| self.day() - TimeDelta::days(days));
        let read = self.evaluation.windows.history_start_day;
        match (
            since.filter(|since| *since > read),
            first.filter(|first| *first > read),
        ) {
            (Some(since), first) if first.is_none_or(|first| since >= first) => {
                format!("since they became our sponsor on {since}")
            }
            (_, Some(first)) => format!("since the first data, of {first}"),
            _ => "in the last 24 months".to_owned(),
        }
    }

    fn renewal(&self, contact: Option<ContactIndex>) -> String {
        let day = self
            .rows
            .account
            .renewal_on
            .map(|day| day.to_string())
            .unwrap_or_default();
        let ahead = match self.days_to_renewal() {
            Some(0) => "today".to_owned(),
            Some(1) => "tomorrow".to_owned(),
            Some(days) => format!("in {days} days"),
            None => String::new(),
        };
        match contact {
            Some(_) => format!(
                "The contract renews on {day}, {ahead}{}.",
                self.silence_of(contact)
            ),
            None => format!(
                "The contract renews on {day}, {ahead}, and no sponsor or executive of theirs is in contact with us."
            ),
        }
    }

    /// "Ana Lopez, the primary sponsor, is a champion at 91 of 100".
    fn sponsor_stands(&self) -> String {
        let Some(primary) = self.primary() else {
            return "there is no primary sponsor".to_owned();
        };
        let level = if primary.level == EngagementLevel::Champion {
            "a champion"
        } else {
            "engaged"
        };
        format!(
            "{} is {level} at {} of 100",
            comma(&self.who(primary.contact)),
            primary.score
        )
    }

    fn silent_sponsor(&self) -> String {
        let sponsorship = &self.measures().sponsorship;
        let who = sponsorship
            .primary
            .map(|contact| comma(&self.who(contact)))
            .unwrap_or_default();
        let days = sponsorship.primary_silent_days.unwrap_or(0);
        let limit = (self.policy.signals.sponsor_intervals
            * self.policy.cadence_interval(self.measures().tier))
        .ceil();
        let booked = sponsorship.primary_booked_on.map_or_else(String::new, |day| {
            format!(" A touch with them is booked for {day}.")
        });
        format!(
            "{} has not been in contact for {days} days; the limit is {limit:.0} days.{booked}",
            capital(&who)
        )
    }

    fn strategic_share(&self) -> String {
        let m = self.measures();
        let row = self.component(Component::StrategicShare);
        match row.filter(|row| !row.measured).map(|row| row.note.as_deref()) {
            Some(note) => format!(
                "How much of the conversation is strategic is not known ({}).",
                note.unwrap_or("not measured")
            ),
            None => format!(
                "{} of {} classified conversations are strategic; the benchmark is {}.",
                m.strategic,
                m.classified,
                percent(Some(self.policy.quality.strategic_share))
            ),
        }
    }

    /// What a signal says, and who was last in contact.
    fn said_of(&self, signal: Signal, contact: Option<ContactIndex>) -> String {
        let raised = self
            .evaluation
            .signals
            .iter()
            .find(|raised| raised.signal == signal);
        let said = raised.map(|raised| raised.message.clone()).unwrap_or_default();
        let last = contact.and_then(|contact| Some((self.who(contact), self.last_touch(contact)?)));
        match last {
            Some((who, day)) => format!("{said} {} was last in contact on {day}.", capital(&comma(&who))),
            None => said,
        }
    }

    /// "Product stands at 63".
    fn stands(&self, dimension: Dimension) -> String {
        let score = self
            .evaluation
            .assessment
            .dimension(dimension)
            .and_then(|d| d.score);
        let name = dimension_name(dimension);
        score.map_or_else(
            || format!("{name} is not measured"),
            |score| format!("{name} stands at {} of 100", round(score)),
        )
    }

    fn weakest(&self, dimension: Dimension) -> String {
        let (m, policy) = (self.measures(), self.policy);
        let numbers = match dimension {
            Dimension::Frequency => {
                let points = self.component(Component::Activity).and_then(|row| row.value);
                let benchmark = policy.frequency.benchmark.of(m.tier);
                format!(
                    "{} of {} points of activity per 30 days",
                    number(points),
                    number(Some(benchmark))
                )
            }
            Dimension::Quality => {
                format!(
                    "{}, {} of {} meetings due were held",
                    answered(m.answered, m.outreaches),
                    m.meetings_held,
                    m.meetings_due
                )
            }
            Dimension::Breadth => format!(
                "{} of {} people and {} of {} departments are in conversation with us",
                number(Some(m.stakeholders())),
                number(Some(policy.breadth.stakeholders.of(m.tier))),
                m.engaged_departments,
                number(Some(policy.breadth.departments.of(m.tier)))
            ),
            Dimension::Product => {
                format!(
                    "{} of {} features are used, by {}",
                    m.features_used,
                    m.catalogue,
                    count(m.power_users, "power user")
                )
            }
        };
        let score = self
            .evaluation
            .assessment
            .dimension(dimension)
            .and_then(|d: &DimensionScore| d.score)
            .map_or(0, round);
        format!(
            "{} is the weakest dimension, at {score} of 100: {numbers}.",
            dimension_name(dimension)
        )
    }
}

const fn dimension_name(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Frequency => "Frequency",
        Dimension::Quality => "Quality",
        Dimension::Breadth => "Breadth",
        Dimension::Product => "Product",
    }
}

/// "4 of 12 outreaches were answered".
fn answered(answered: f64, outreaches: f64) -> String {
    if outreaches > 0.0 {
        format!("{answered} of {outreaches} outreaches were answered")
    } else {
        "no outreach was due an answer".to_owned()
    }
}

/// What is said of somebody closes with a comma before the verb.
fn comma(who: &str) -> String {
    if who.contains(", ") {
        format!("{who},")
    } else {
        who.to_owned()
    }
}
