//! From an evaluation to its standing: which reasons hold, and what follows from them. Pure conditions, in the order of
//! docs/scoring.md § 4.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::account_standing::Standing;
use super::reason::Reason;
use crate::measure::{ContactTouch, Measures, Reading};
use crate::policy::Policy;
use crate::row::windows::Windows;
use crate::row::{AccountRows, Catalogue, ConfirmedChange, ContactIndex, Departure};
use crate::score::Assessment;
use crate::score::season::Season;
use crate::signal::{RaisedSignal, is_grave};
use crate::sponsor::{Executive, Sponsors};
use crate::vocabulary::tolerance::TOLERANCE;
use crate::vocabulary::{
    AccountTier, Dimension, EngagementLevel, OrgChangeKind, Pattern, ServedBy, Severity, Signal, SponsorRank,
    StandingReason, StandingState,
};

/// Everything that a standing follows from, of the standard period.
pub(crate) struct Grounds<'a> {
    pub(crate) rows: &'a AccountRows,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) policy: &'a Policy,
    pub(crate) windows: &'a Windows,
    pub(crate) current: &'a Measures,
    pub(crate) previous: &'a Measures,
    pub(crate) assessment: &'a Assessment,
    pub(crate) previous_assessment: &'a Assessment,
    pub(crate) change: Option<i32>,
    pub(crate) signals: &'a [RaisedSignal],
    pub(crate) sponsors: &'a Sponsors,
    pub(crate) touches: &'a [ContactTouch],
    pub(crate) season: Season,
}

/// The standing of a customer; none for an account that is none any more.
pub(crate) fn decide(grounds: &Grounds<'_>) -> Option<Standing> {
    let day = grounds.windows.ending_on;
    grounds.rows.account.is_active_on(day).then(|| {
        let reasons = grounds.reasons();
        Standing {
            state: grounds.state(&reasons),
            reasons,
        }
    })
}

/// Whether a score is known well enough to draw conclusions from: it has a pattern, is not provisional, and whoever records
/// the account's contacts still does.
pub fn is_known(assessment: &Assessment, rows: &AccountRows) -> bool {
    assessment.pattern.is_some() && assessment.provisional.is_none() && !rows.contact_feed_silent
}

impl Grounds<'_> {
    fn known(&self) -> bool {
        is_known(self.assessment, self.rows)
    }

    fn reasons(&self) -> Vec<Reason> {
        let known = self.known();
        let sponsor_changed = self.sponsor_changed();
        let cold = if sponsor_changed.is_none() && known {
            self.sponsor_cold()
        } else {
            None
        };
        let signals = self.several_signals().filter(|_| known);
        let support = self.support().filter(|_| known);
        let signal = if known && signals.is_none() && support.is_none() {
            self.one_signal()
        } else {
            None
        };
        [
            self.organisation(),
            sponsor_changed,
            self.sponsor_declines(),
            cold,
            self.fell().filter(|_| known),
            self.usage_fell(),
            self.hangs_on_one().filter(|_| known),
            signals,
            support,
            self.low_score().filter(|_| known),
            signal,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn state(&self, reasons: &[Reason]) -> StandingState {
        let known = self.known();
        let decisive = reasons.iter().filter(|reason| reason.reason.decides()).count();
        let weighs = |reason: &&Reason| {
            reason.reason.decides() && !(reason.reason == StandingReason::Organisation && self.settled())
        };
        let at_renewal = reasons.iter().filter(weighs).count();
        let day = self.windows.ending_on;
        let no_renewal_ahead = self.rows.account.renewal_on.is_none_or(|renewal| renewal < day);
        let pattern = self.assessment.pattern;
        let critical = |signal: &&RaisedSignal| {
            signal.severity == Severity::Critical && signal.signal != Signal::SponsorMissing
        };
        if (known
            && (pattern == Some(Pattern::Disengaged) || self.signals.iter().any(|signal| critical(&signal))))
            || (at_renewal >= 1 && self.current.renewal_near)
            || (decisive >= 2 && no_renewal_ahead)
        {
            StandingState::AtRisk
        } else if decisive >= 1 {
            StandingState::Watch
        } else if !known {
            if self.served_by_the_product() {
                StandingState::OnTrack
            } else {
                StandingState::NotKnown
            }
        } else if pattern == Some(Pattern::LowEngaged) || self.graves().next().is_some() {
            StandingState::Watch
        } else {
            StandingState::OnTrack
        }
    }

    /// The primary sponsor is with us, and was so after the latest merger, acquisition or layoffs.
    fn settled(&self) -> bool {
        let well = matches!(
            self.assessment.pattern,
            Some(Pattern::HighlyEngaged | Pattern::ModeratelyEngaged)
        );
        let latest = self.upheavals().map(|change| change.observed_on).max();
        let spoken = |primary: &Executive| {
            primary.level.is_engaged()
                && primary
                    .last_contact_on
                    .is_some_and(|contact| latest.is_none_or(|latest| contact > latest))
        };
        self.known() && well && self.sponsors.primary().is_some_and(spoken)
    }

    /// Who is served by the product is judged by it.
    fn served_by_the_product(&self) -> bool {
        let unmeasured = |dimension| self.assessment.dimension(dimension).is_none_or(|d| !d.measured);
        let product = self
            .assessment
            .dimension(Dimension::Product)
            .and_then(|d| d.score);
        let (now, before) = self.usage();
        let rule = &self.policy.standing;
        self.rows.account.served_by == ServedBy::Pooled
            && unmeasured(Dimension::Frequency)
            && unmeasured(Dimension::Breadth)
            && product.is_some_and(|score| score + TOLERANCE >= rule.served_by_product)
            && before > 0.0
            && now + TOLERANCE >= rule.served_by_product_usage * before
    }

    /// Usage days per 30 days: now, and in the previous window.
    fn usage(&self) -> (f64, f64) {
        (self.current.usage_rate(), self.previous.usage_rate())
    }

    /// Whether a day lies in so many days up to the last one that counts.
    fn within(&self, day: NaiveDate, days: u32) -> bool {
        span(days).contains(&self.windows.days_since(day))
    }

    fn upheavals(&self) -> impl Iterator<Item = &ConfirmedChange> {
        let days = self.policy.standing.organisation_days;
        self.rows
            .changes
            .iter()
            .filter(move |change| change.kind.is_upheaval() && self.within(change.observed_on, days))
    }

    fn organisation(&self) -> Option<Reason> {
        let latest = self
            .upheavals()
            .max_by_key(|change| (change.observed_on, change.kind))?;
        Some(Reason {
            change: Some(latest.kind),
            ..Reason::on(StandingReason::Organisation, latest.observed_on, self.windows)
        })
    }

    fn sponsor_changed(&self) -> Option<Reason> {
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
    fn sponsored_around(&self, contact: ContactIndex, day: NaiveDate, days: u32) -> bool {
        let recent = |until: NaiveDate| (day - until).num_days() <= i64::from(days);
        self.rows
            .sponsorships
            .iter()
            .any(|held| held.contact == contact && held.since <= day && held.until.is_none_or(recent))
    }

    /// They are still an active sponsor who is with us, and have shown it since.
    fn stayed(&self, contact: ContactIndex, since: NaiveDate) -> bool {
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
    fn contact_days_after(&self, contact: ContactIndex, since: NaiveDate) -> u32 {
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

    fn sponsor_declines(&self) -> Option<Reason> {
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

    fn sponsor_cold(&self) -> Option<Reason> {
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
    fn last_primary_ended_on(&self) -> Option<NaiveDate> {
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

    fn fell(&self) -> Option<Reason> {
        let rule = &self.policy.standing;
        let change = self.change.filter(|change| *change <= -rule.fall_points)?;
        if !self.assessment.measured_the_same(self.previous_assessment) || self.season.all {
            return None;
        }
        let pairs = self
            .assessment
            .dimensions
            .iter()
            .zip(&self.previous_assessment.dimensions);
        let lower = pairs.filter(|(now, before)| {
            now.score
                .zip(before.score)
                .is_some_and(|(now, before)| before - now > 1.0 + TOLERANCE)
        });
        if lower.count() < rule.fall_dimensions as usize {
            return None;
        }
        let now = self.assessment.rounded()?;
        let reason = Reason::about(StandingReason::Fell);
        let before = self.windows.previous().ending_on;
        Some(Reason {
            on: Some(before),
            number: Some(f64::from(now)),
            against: Some(f64::from(now - change)),
            ..reason
        })
    }

    fn usage_fell(&self) -> Option<Reason> {
        let rule = &self.policy.standing;
        let (now, before) = self.usage();
        let feed_alive = self
            .catalogue
            .last_usage_on()
            .is_some_and(|day| self.within(day, rule.usage_feed_days));
        let fell = before + TOLERANCE >= rule.usage_days && now <= rule.usage_share * before + TOLERANCE;
        if !fell || !feed_alive || self.season.usage {
            return None;
        }
        let reason = Reason::about(StandingReason::UsageFell);
        let before_on = self.windows.previous().ending_on;
        Some(Reason {
            on: Some(before_on),
            number: Some(now),
            against: Some(before),
            ..reason
        })
    }

    fn hangs_on_one(&self) -> Option<Reason> {
        let people = self.current.too_few_people(self.policy)?;
        if self.rows.account.tier == AccountTier::Smb {
            return None;
        }
        // Whoever carries most of it; of equals the first by external id.
        let external_id = |contact: &usize| {
            self.rows
                .contacts
                .get(*contact)
                .map(|contact| contact.external_id.as_str())
        };
        let most = (0..self.touches.len())
            .filter(|contact| self.touches[*contact].in_conversation())
            .max_by(|a, b| {
                self.touches[*a]
                    .days
                    .cmp(&self.touches[*b].days)
                    .then_with(|| external_id(b).cmp(&external_id(a)))
            });
        let touch = most.map(|contact| self.touches[contact]);
        Some(Reason {
            contact: most.and_then(|contact| self.id(contact as ContactIndex)),
            on: touch.and_then(|touch| touch.last_touch_on),
            number: Some(people),
            ..Reason::about(StandingReason::HangsOnOne)
        })
    }

    /// HIGH and CRITICAL signals other than the missing sponsor.
    fn several_signals(&self) -> Option<Reason> {
        let grave =
            |raised: &&RaisedSignal| is_grave(raised.severity) && raised.signal != Signal::SponsorMissing;
        let signals: Vec<(Signal, Severity)> = self
            .signals
            .iter()
            .filter(grave)
            .map(|s| (s.signal, s.severity))
            .collect();
        let enough = signals.len() >= self.policy.standing.signals as usize;
        enough.then(|| Reason {
            number: Some(signals.len() as f64),
            signals,
            ..Reason::about(StandingReason::Signals)
        })
    }

    fn support(&self) -> Option<Reason> {
        let surge = self
            .signals
            .iter()
            .find(|raised| raised.signal == Signal::SupportSurge)?;
        Some(Reason {
            number: Some(self.current.support_rate()),
            against: Some(self.previous.support_rate()),
            signals: vec![(surge.signal, surge.severity)],
            ..Reason::about(StandingReason::Support)
        })
    }

    fn low_score(&self) -> Option<Reason> {
        let low = matches!(
            self.assessment.pattern,
            Some(Pattern::LowEngaged | Pattern::Disengaged)
        );
        let overall = self.assessment.rounded().filter(|_| low)?;
        Some(Reason {
            number: Some(f64::from(overall)),
            ..Reason::about(StandingReason::Score)
        })
    }

    /// HIGH and CRITICAL signals; that of the missing sponsor only where there is or was one.
    fn graves(&self) -> impl Iterator<Item = &RaisedSignal> {
        let ever = self.current.sponsorship.ever;
        self.signals.iter().filter(move |raised| {
            is_grave(raised.severity) && (ever || raised.signal != Signal::SponsorMissing)
        })
    }

    fn one_signal(&self) -> Option<Reason> {
        let signals: Vec<(Signal, Severity)> = self
            .graves()
            .map(|raised| (raised.signal, raised.severity))
            .collect();
        (!signals.is_empty()).then(|| Reason {
            signals,
            ..Reason::about(StandingReason::Signal)
        })
    }

    fn id(&self, contact: ContactIndex) -> Option<crate::vocabulary::id::ContactId> {
        self.rows.contacts.get(contact as usize).map(|contact| contact.id)
    }
}

fn span(days: u32) -> RangeInclusive<i64> {
    0..=i64::from(days)
}
