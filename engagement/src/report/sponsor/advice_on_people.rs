//! Advice on the people: who changed, who is silent, whom to win.

use super::advice_list::List;
use super::approach::Approach;
use super::calendar::next_touchpoint;
use super::change::RecentChange;
use super::concern::{WELL_CONNECTED, silence};
use super::introduction::Introductions;
use crate::markdown::{count, days, number};
use crate::sponsor::Executive;
use crate::vocabulary::{Certainty, Horizon, LevelRule, OrgChangeKind};

impl List<'_> {
    pub(super) fn about_changes(&mut self, changes: &[RecentChange]) {
        let waiting = || changes.iter().filter(|change| !change.reviewed);
        let doubtful = |change: &&RecentChange| {
            change.kind == OrgChangeKind::Departure && change.certainty == Certainty::Suspected
        };
        let is_there = |change: &&RecentChange| {
            change
                .contact
                .is_none_or(|contact| self.sources.is_there(contact))
        };
        let doubts: Vec<&RecentChange> = waiting().filter(doubtful).filter(is_there).collect();
        for change in doubts {
            let who = change
                .contact
                .map_or("they", |contact| self.sources.people.name_of(contact));
            self.add(
                Horizon::Immediate,
                format!("Find out whether {who} has left"),
                format!("{} ({})", change.summary, change.observed_on),
            );
        }
        if let Some(newest) = waiting().find(|change| !doubtful(change)) {
            let n = waiting().filter(|change| !doubtful(change)).count() as u32;
            let reason = format!("{}, observed on {}", newest.summary, newest.observed_on);
            let reason = if n == 1 {
                reason
            } else {
                format!("the newest of {n}, {reason}")
            };
            self.add(
                Horizon::Immediate,
                format!("Review {}", count(n, "organisational change")),
                reason,
            );
        }
    }

    pub(super) fn find_sponsor(&mut self, approach: &Approach) {
        let action = match approach.contact {
            Some(contact) => format!(
                "Approach {} about the sponsorship",
                self.sources.people.name_of(contact)
            ),
            None => "Find out who at the customer owns the outcome".to_owned(),
        };
        self.add(
            Horizon::Immediate,
            action,
            format!("there is no primary sponsor. {}", approach.reason),
        );
    }

    pub(super) fn about_silence(&mut self, primary: &Executive) {
        let sources = self.sources;
        let name = sources.people.name(primary.contact);
        let touchpoint = next_touchpoint(sources.rows, sources.policy, sources.windows, primary.contact);
        let interval = days(sources.sponsors.cadence.interval_days);
        let reason = format!(
            "{name} {}; the cadence asks for a touchpoint every {interval}",
            silence(primary)
        );
        match primary.rule {
            LevelRule::NewSponsor => self.add(
                Horizon::Immediate,
                format!("Introduce ourselves to {name}"),
                reason,
            ),
            LevelRule::Silent => {
                self.add(
                    Horizon::Immediate,
                    format!("Have one of our executives reach out to {name}"),
                    reason,
                );
            }
            LevelRule::Delegates => {
                let days = primary.delegation.unwrap_or_default().days;
                let outcome = format!(
                    "{name} {}, while their department was in contact on {}",
                    silence(primary),
                    count(days, "day")
                );
                self.add(
                    Horizon::Immediate,
                    format!("Ask {name} for half an hour about outcomes, not operations"),
                    outcome,
                );
            }
            _ if primary.silence.overdue => self.add(
                Horizon::Immediate,
                format!("Book a touchpoint with {name} ({touchpoint})"),
                reason,
            ),
            _ => {}
        }
    }

    /// More than one executive should know us.
    pub(super) fn about_executives(&mut self) {
        let sources = self.sources;
        let sponsors = sources.sponsors;
        if sponsors.primary.is_none() || sponsors.engaged_executives >= WELL_CONNECTED {
            return;
        }
        let Some(unmet) = sponsors
            .executives
            .iter()
            .find(|e| e.rank.is_none() && e.last_contact_on.is_none())
        else {
            return;
        };
        let reason = format!(
            "{} in contact in the last three months; the aim is more than {} per account",
            match sponsors.engaged_executives {
                1 => "1 executive was".to_owned(),
                n => format!("{n} executives were"),
            },
            number(Some(sources.policy.portfolio.multi_thread_score))
        );
        let name = sources.people.name(unmet.contact);
        let action = match Introductions::new(sources).to(unmet.contact) {
            Some(known) => format!(
                "Meet {name}; ask {} for the introduction",
                sources.people.name(known.contact)
            ),
            None => format!("Meet {name}"),
        };
        self.add(Horizon::Strategic, action, reason);
    }
}
