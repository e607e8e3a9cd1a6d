//! Reasons that lie with the sponsor: who left, declines or has gone cold.

use chrono::NaiveDate;

use super::grounds::Grounds;
use super::reason::Reason;
use crate::measure::Reading;
use crate::row::{ContactIndex, Departure};
use crate::sponsor::Executive;
use crate::vocabulary::tolerance::TOLERANCE;
use crate::vocabulary::{EngagementLevel, OrgChangeKind, ServedBy, SponsorRank, StandingReason};

impl Grounds<'_> {
    pub(super) fn sponsor_changed(&self) -> Option<Reason> {
        let days = self.policy.standing.sponsor_changed_days;
        let changes = self.rows.changes.iter().filter_map(|change| {
            let contact = change.contact?;
            let of_sponsor = matches!(change.kind, OrgChangeKind::Departure | OrgChangeKind::RoleChange)
                && self.within(change.observed_on, days)
                && self.sponsored_around(contact, change.observed_on, days)
                && !self.stayed(contact, change.observed_on);
            of_sponsor.then_some((change.observed_on, contact, change.kind))
        });
        let departures = (0..self.rows.contacts.len() as ContactIndex).filter_map(|contact| {
            let Departure::On(left) = self.rows.contacts.get(contact as usize)?.departure else {
                return None;
            };
            let of_sponsor = self.within(left, days) && self.sponsored_around(contact, left, days);
            of_sponsor.then_some((left, contact, OrgChangeKind::Departure))
        });
        // A departure says more than that somebody came in their place.
        let latest = changes
            .chain(departures)
            .max_by_key(|(day, contact, kind)| (*day, *kind == OrgChangeKind::Departure, *contact));
        if let Some((day, contact, kind)) = latest {
            let reason = Reason::on(StandingReason::SponsorChanged, day, self.windows);
            return Some(Reason {
                contact: self.id(contact),
                change: Some(kind),
                ..reason
            });
        }
        let primary = self.sponsors.primary()?;
        let since = primary.since.filter(|since| self.within(*since, days))?;
        let held_before = |held: &crate::row::Sponsorship| {
            held.rank == SponsorRank::Primary && held.contact != primary.contact && held.since < since
        };
        if !self.rows.sponsorships.iter().any(held_before) {
            return None;
        }
        Some(Reason {
            contact: self.id(primary.contact),
            ..Reason::on(StandingReason::SponsorChanged, since, self.windows)
        })
    }

    /// A sponsorship of theirs had begun by that day and had not ended long before it.
    pub(super) fn sponsored_around(&self, contact: ContactIndex, day: NaiveDate, days: u32) -> bool {
        let recent = |until: NaiveDate| (day - until).num_days() <= i64::from(days);
        self.rows
            .sponsorships
            .iter()
            .any(|held| held.contact == contact && held.since <= day && held.until.is_none_or(recent))
    }

    /// They are still an active sponsor who is with us, and have shown it since.
    pub(super) fn stayed(&self, contact: ContactIndex, since: NaiveDate) -> bool {
        let seated = |executive: &&Executive| {
            executive.contact == contact && executive.rank.is_some() && executive.level.is_engaged()
        };
        self.sponsors
            .executives
            .iter()
            .any(|executive| seated(&executive))
            && self.contact_days_after(contact, since) >= self.policy.standing.contact_days_after
    }

    /// Distinct days of executive contact with somebody after a day: one pass, for the few who changed.
    pub(super) fn contact_days_after(&self, contact: ContactIndex, since: NaiveDate) -> u32 {
        let mut days = Vec::new();
        let known = |interaction: &&crate::row::Interaction| {
            self.windows.remembers(interaction.occurred_at) && interaction.kind.is_executive_contact()
        };
        for interaction in self.rows.interactions.iter().filter(known) {
            let Some(reading) =
                Reading::of(interaction, self.policy, self.windows).filter(|reading| !reading.operational)
            else {
                continue;
            };
            let Some(day) = reading
                .two_way_at
                .map(|time| self.windows.day_of(time))
                .filter(|day| *day > since)
            else {
                continue;
            };
            reading.for_each_contact(interaction, |who| {
                if who == contact && !days.contains(&day) {
                    days.push(day);
                }
            });
        }
        days.len() as u32
    }

    pub(super) fn sponsor_declines(&self) -> Option<Reason> {
        let declines = self.sponsors.declines;
        if declines.meetings < self.policy.standing.declines {
            return None;
        }
        let reason = Reason::about(StandingReason::SponsorDeclines);
        let contact = self
            .sponsors
            .primary()
            .and_then(|primary| self.id(primary.contact));
        Some(Reason {
            contact,
            on: declines.last_on,
            number: Some(f64::from(declines.meetings)),
            ..reason
        })
    }

    pub(super) fn sponsor_cold(&self) -> Option<Reason> {
        if self.rows.account.served_by != ServedBy::Direct || !self.current.sponsorship.ever {
            return None;
        }
        let reason = Reason::about(StandingReason::SponsorCold);
        let Some(primary) = self.sponsors.primary() else {
            return Some(Reason {
                on: self.last_primary_ended_on(),
                ..reason
            });
        };
        let interval = self.sponsors.cadence.interval_days;
        let waited = primary.since.map(|since| self.windows.days_since(since));
        let never_met = primary.last_contact_on.is_none()
            && waited.is_some_and(|days| days as f64 + TOLERANCE >= interval);
        if primary.level != EngagementLevel::Disengaged && !never_met {
            return None;
        }
        let on = primary.last_contact_on.or(primary.since);
        let days = on.map(|day| self.windows.days_since(day) as f64);
        // Without any contact the number alone cannot say what it counts from.
        let against = primary.last_contact_on.is_none().then_some(0.0);
        Some(Reason {
            contact: self.id(primary.contact),
            on,
            number: days,
            against,
            ..reason
        })
    }

    /// The day since which there has been no primary sponsor, where it is known: the last one's ended, or they left.
    pub(super) fn last_primary_ended_on(&self) -> Option<NaiveDate> {
        let day = self.windows.ending_on;
        let begun = self
            .rows
            .sponsorships
            .iter()
            .filter(|held| held.rank == SponsorRank::Primary && held.since <= day);
        let ended = begun.filter_map(|held| {
            let left = match self.rows.contacts.get(held.contact as usize)?.departure {
                Departure::On(left) => Some(left),
                Departure::None | Departure::Undated => None,
            };
            let observed = self
                .rows
                .departures_of(held.contact)
                .filter(|left| *left >= held.since);
            held.until
                .into_iter()
                .chain(left)
                .chain(observed)
                .filter(|end| *end <= day)
                .min()
        });
        ended.max()
    }
}
