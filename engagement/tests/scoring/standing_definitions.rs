//! The standing of docs/scoring.md § 4, written down a second time: sentence by sentence, from the rows. Of the evaluation it
//! takes the scores of the dimensions, the pattern, whether they are provisional, and the signals; nothing else.

use std::collections::BTreeSet;

use chrono::{Days, Months, NaiveDate};
use rapport_engagement::evaluation::Evaluation;
use rapport_engagement::row::{AccountRows, Departure, Interaction};
use rapport_engagement::score::Assessment;
use rapport_engagement::vocabulary::*;

use crate::sponsor_definitions::{
    Day, Said, is_engaged, is_support, midnight, of_executives, primary, round,
};

/// What the definitions say of a customer.
#[derive(Debug, PartialEq)]
pub struct SaidOfStanding {
    pub state: StandingState,
    pub reasons: Vec<StandingReason>,
}

/// The rows of an account, the last day with usage of any account, and what is taken from the evaluation.
pub struct Case<'a> {
    pub rows: &'a AccountRows,
    pub last_usage_on: Option<NaiveDate>,
    pub evaluation: &'a Evaluation,
}

impl Case<'_> {
    pub fn of_standing(&self, day: Day) -> Option<SaidOfStanding> {
        let account = &self.rows.account;
        let customer = account
            .churned_on
            .map_or(account.status == AccountStatus::Active, |churned| {
                churned > day.ending_on
            });
        customer.then(|| {
            let reasons = self.reasons(day);
            SaidOfStanding {
                state: self.state(day, &reasons),
                reasons,
            }
        })
    }

    fn known(&self) -> bool {
        let assessment = &self.evaluation.assessment;
        assessment.pattern.is_some() && assessment.provisional.is_none() && !self.rows.contact_feed_silent
    }

    fn executives(&self, day: Day) -> Vec<Said> {
        of_executives(self.rows, day)
    }

    fn primary(&self, day: Day) -> Option<Said> {
        let primary = primary(self.rows, day)?;
        self.executives(day)
            .into_iter()
            .find(|said| said.contact == primary)
    }

    fn signal(&self, signal: Signal) -> Option<Severity> {
        self.evaluation
            .signals
            .iter()
            .find(|raised| raised.signal == signal)
            .map(|raised| raised.severity)
    }

    /// HIGH or CRITICAL.
    fn grave(&self, signal: Signal) -> bool {
        matches!(self.signal(signal), Some(Severity::High | Severity::Critical))
    }

    fn has_or_had_a_sponsorship(&self, day: Day) -> bool {
        self.rows.sponsorships.iter().any(|s| s.since <= day.ending_on)
    }

    fn several_signals(&self) -> bool {
        Signal::ALL
            .iter()
            .filter(|s| **s != Signal::SponsorMissing && self.grave(**s))
            .count()
            >= 2
    }

    fn a_grave_signal(&self, day: Day) -> bool {
        let counts = |s: Signal| s != Signal::SponsorMissing || self.has_or_had_a_sponsorship(day);
        Signal::ALL.iter().any(|s| counts(*s) && self.grave(*s))
    }

    fn reasons(&self, day: Day) -> Vec<StandingReason> {
        let known = self.known();
        let tier = self.rows.account.tier;
        StandingReason::ALL
            .iter()
            .copied()
            .filter(|reason| match reason {
                StandingReason::Organisation => !self.upheavals(day).is_empty(),
                StandingReason::SponsorChanged => self.sponsor_changed(day),
                StandingReason::SponsorDeclines => primary(self.rows, day)
                    .is_some_and(|primary| day.declined_meetings(self.rows, primary) >= 2),
                StandingReason::SponsorCold => {
                    known
                        && self.rows.account.served_by == ServedBy::Direct
                        && !self.sponsor_changed(day)
                        && self.cold(day)
                }
                StandingReason::Fell => known && self.fell(day),
                StandingReason::UsageFell => self.usage_fell(day),
                StandingReason::HangsOnOne => {
                    known
                        && tier != AccountTier::Smb
                        && self
                            .effective_people(day)
                            .is_some_and(|people| people < 1.6 - 1e-9)
                }
                StandingReason::Signals => known && self.several_signals(),
                StandingReason::Support => known && self.signal(Signal::SupportSurge).is_some(),
                StandingReason::Score => known && self.is(&[Pattern::LowEngaged, Pattern::Disengaged]),
                StandingReason::Signal => {
                    known
                        && self.a_grave_signal(day)
                        && !self.several_signals()
                        && self.signal(Signal::SupportSurge).is_none()
                }
            })
            .collect()
    }

    fn is(&self, patterns: &[Pattern]) -> bool {
        self.evaluation
            .assessment
            .pattern
            .is_some_and(|pattern| patterns.contains(&pattern))
    }

    fn state(&self, day: Day, reasons: &[StandingReason]) -> StandingState {
        let known = self.known();
        let deciding: Vec<&StandingReason> = reasons
            .iter()
            .filter(|r| ![StandingReason::Score, StandingReason::Signal].contains(r))
            .collect();
        let renewal = self
            .rows
            .account
            .renewal_on
            .map(|on| (on - day.ending_on).num_days());
        let near = renewal.is_some_and(|days| (0..=180).contains(&days));
        let at_renewal = deciding
            .iter()
            .filter(|r| ***r != StandingReason::Organisation || !self.settled(day))
            .count();
        let critical = self
            .evaluation
            .signals
            .iter()
            .any(|s| s.severity == Severity::Critical && s.signal != Signal::SponsorMissing);
        if known && self.is(&[Pattern::Disengaged]) {
            return StandingState::AtRisk;
        }
        if known && critical {
            return StandingState::AtRisk;
        }
        if at_renewal > 0 && near {
            return StandingState::AtRisk;
        }
        if deciding.len() >= 2 && renewal.is_none_or(|days| days < 0) {
            return StandingState::AtRisk;
        }
        if !deciding.is_empty() {
            return StandingState::Watch;
        }
        let score = |d: Dimension| self.evaluation.assessment.dimension(d).and_then(|d| d.score);
        let (usage, usage_before) = (self.usage_rate(day), self.usage_rate(day.previous()));
        if !known
            && self.rows.account.served_by == ServedBy::Pooled
            && score(Dimension::Frequency).is_none()
            && score(Dimension::Breadth).is_none()
            && score(Dimension::Product).is_some_and(|product| product >= 60.0 - 1e-9)
            && usage_before > 0.0
            && usage >= 0.8 * usage_before - 1e-9
        {
            return StandingState::OnTrack;
        }
        if !known {
            return StandingState::NotKnown;
        }
        if self.is(&[Pattern::LowEngaged]) || self.a_grave_signal(day) {
            StandingState::Watch
        } else {
            StandingState::OnTrack
        }
    }

    /// The days of confirmed mergers, acquisitions and layoffs of the last 180 days.
    fn upheavals(&self, day: Day) -> Vec<NaiveDate> {
        let upheaval = |kind| [OrgChangeKind::MergerAcquisition, OrgChangeKind::Layoff].contains(&kind);
        let of = self.rows.changes.iter().filter(|c| upheaval(c.kind));
        of.map(|c| c.observed_on)
            .filter(|on| (0..=180).contains(&day.since(*on)))
            .collect()
    }

    /// Whether an upheaval does not count at the renewal.
    fn settled(&self, day: Day) -> bool {
        let latest = self.upheavals(day).into_iter().max();
        self.known()
            && self.is(&[Pattern::HighlyEngaged, Pattern::ModeratelyEngaged])
            && self
                .primary(day)
                .is_some_and(|said| is_engaged(said.level) && said.last_contact_on > latest)
    }

    fn sponsor_changed(&self, day: Day) -> bool {
        let rows = self.rows;
        let recent = |on: NaiveDate| (0..=90).contains(&day.since(on));
        let sponsored = |contact: u32, on: NaiveDate| {
            let around = rows
                .sponsorships
                .iter()
                .filter(|s| s.contact == contact && s.since <= on);
            around
                .filter(|s| s.until.is_none_or(|until| until + Days::new(90) >= on))
                .count()
                > 0
        };
        let stayed = |contact: u32, on: NaiveDate| {
            let said = self
                .executives(day)
                .into_iter()
                .find(|said| said.contact == contact);
            let seated = crate::sponsor_definitions::seat(rows, contact, day.ending_on).is_some();
            let after: BTreeSet<NaiveDate> = day
                .executive_contacts(rows, contact)
                .into_iter()
                .filter(|met| *met > on)
                .collect();
            seated && said.is_some_and(|said| is_engaged(said.level)) && after.len() >= 2
        };
        let by_change = rows.changes.iter().any(|c| {
            let Some(contact) = c.contact else { return false };
            [OrgChangeKind::Departure, OrgChangeKind::RoleChange].contains(&c.kind)
                && recent(c.observed_on)
                && sponsored(contact, c.observed_on)
                && !stayed(contact, c.observed_on)
        });
        let by_row = (0_u32..)
            .zip(&rows.contacts)
            .any(|(contact, c)| match c.departure {
                Departure::On(left) => recent(left) && sponsored(contact, left),
                Departure::None | Departure::Undated => false,
            });
        let took_over = primary(rows, day).is_some_and(|me| {
            let (_, since) = crate::sponsor_definitions::seat(rows, me, day.ending_on).unwrap();
            recent(since)
                && rows
                    .sponsorships
                    .iter()
                    .any(|s| s.rank == SponsorRank::Primary && s.contact != me && s.since < since)
        });
        by_change || by_row || took_over
    }

    fn cold(&self, day: Day) -> bool {
        if !self.has_or_had_a_sponsorship(day) {
            return false;
        }
        let Some(said) = self.primary(day) else {
            return true;
        };
        let interval = 365.0 / crate::sponsor_definitions::cadence(self.rows);
        let (_, since) = crate::sponsor_definitions::seat(self.rows, said.contact, day.ending_on).unwrap();
        said.level == EngagementLevel::Disengaged
            || (said.last_contact_on.is_none() && day.since(since) as f64 >= interval - 1e-9)
    }

    fn fell(&self, day: Day) -> bool {
        let (now, before) = (&self.evaluation.assessment, &self.evaluation.previous_assessment);
        let (Some(overall), Some(previous)) = (overall(now), overall(before)) else {
            return false;
        };
        let score = |a: &Assessment, d: Dimension| a.dimension(d).and_then(|d| d.score);
        let same = Dimension::ALL
            .iter()
            .all(|d| score(now, *d).is_some() == score(before, *d).is_some());
        let lower = |d: &&Dimension| {
            score(now, **d)
                .zip(score(before, **d))
                .is_some_and(|(now, then)| then - now > 1.0 + 1e-9)
        };
        round(overall) - round(previous) <= -10
            && same
            && Dimension::ALL.iter().filter(lower).count() >= 2
            && !(self.usage_as_a_year_ago(day) && self.points_as_a_year_ago(day))
    }

    fn usage_fell(&self, day: Day) -> bool {
        let (now, before) = (self.usage_rate(day), self.usage_rate(day.previous()));
        let alive = self
            .last_usage_on
            .is_some_and(|on| (0..=7).contains(&day.since(on)));
        now <= 0.5 * before + 1e-9 && before >= 10.0 - 1e-9 && alive && !self.usage_as_a_year_ago(day)
    }

    /// Usage days of the quarter that ends on a day, per 30 days.
    fn usage_rate(&self, day: Day) -> f64 {
        let window = day.months_back(3)..=day.ending_on;
        let in_window = self.rows.usage.iter().filter(|u| window.contains(&u.day));
        let days: BTreeSet<(Option<u32>, Option<u32>, NaiveDate)> = in_window
            .map(|u| {
                (
                    u.contact,
                    if u.contact.is_some() {
                        None
                    } else {
                        Some(u.feature)
                    },
                    u.day,
                )
            })
            .collect();
        days.len() as f64 * 30.0 / length(day)
    }

    /// Points of two-way interactions of the quarter that ends on a day, at its own end, per 30 days.
    fn points_rate(&self, day: Day) -> f64 {
        let counts = |i: &&Interaction| {
            let window = midnight(day.months_back(3))..day.at();
            day.in_history(i) && !is_support(i) && day.two_way(i).is_some_and(|time| window.contains(&time))
        };
        self.rows
            .interactions
            .iter()
            .filter(counts)
            .map(|i| points(i.kind))
            .sum::<f64>()
            * 30.0
            / length(day)
    }

    fn usage_as_a_year_ago(&self, day: Day) -> bool {
        let Some([then, then_before]) = self.rows.year_ago_usage else {
            return false;
        };
        let rate = |days: u32, day: Day| f64::from(days) * 30.0 / length(day);
        let (year_ago, before_year_ago) = year_back(day);
        let course = [
            self.usage_rate(day),
            self.usage_rate(day.previous()),
            rate(then, year_ago),
            rate(then_before, before_year_ago),
        ];
        self.known_for_long(day) && as_then(course)
    }

    fn points_as_a_year_ago(&self, day: Day) -> bool {
        let (year_ago, before_year_ago) = year_back(day);
        as_then([day, day.previous(), year_ago, before_year_ago].map(|day| self.points_rate(day)))
    }

    fn known_for_long(&self, day: Day) -> bool {
        let interactions = self
            .rows
            .interactions
            .iter()
            .filter(|i| day.in_history(i))
            .map(|i| i.occurred_at.date_naive());
        let usage = self
            .rows
            .usage
            .iter()
            .map(|u| u.day)
            .chain(self.rows.first_usage_days.iter().copied());
        let usage = usage.filter(|on| *on >= day.months_back(24) && *on <= day.ending_on);
        interactions.chain(usage).any(|on| on < day.months_back(18))
    }

    fn effective_people(&self, day: Day) -> Option<f64> {
        use InteractionKind::{Certification, CommunityEvent, ForumPost, Training};
        let c = match self.rows.account.tier {
            AccountTier::Enterprise => 31,
            AccountTier::MidMarket => 92,
            AccountTier::Smb => 183,
        };
        let start = day.months_back(3).min(day.end() - Days::new(c));
        let days = |contact: u32| {
            let facts = self
                .rows
                .interactions
                .iter()
                .filter(|i| day.in_history(i) && !is_support(i));
            let direct =
                facts.filter(|i| ![Training, Certification, CommunityEvent, ForumPost].contains(&i.kind));
            let direct = direct
                .filter_map(|i| day.direct(i))
                .filter(|(on, who)| *on >= start && who.contains(&contact));
            direct.map(|(on, _)| on).collect::<BTreeSet<_>>().len() as f64
        };
        let there = (0..self.rows.contacts.len() as u32)
            .filter(|c| !crate::sponsor_definitions::departed(self.rows, *c, day.ending_on));
        let days: Vec<f64> = there.map(days).collect();
        let sum: f64 = days.iter().sum();
        (sum > 0.0).then(|| sum * sum / days.iter().map(|t| t * t).sum::<f64>())
    }
}

fn length(day: Day) -> f64 {
    (day.end() - day.months_back(3)).num_days() as f64
}

/// The quarter that ends 12 months earlier, and the one that ends 12 months before the previous one's end.
fn year_back(day: Day) -> (Day, Day) {
    let back = |day: Day| Day {
        ending_on: day.ending_on - Months::new(12),
    };
    (back(day), back(day.previous()))
}

/// This, the previous, the one of a year ago, and the one before that.
fn as_then([this, previous, then, before_then]: [f64; 4]) -> bool {
    if this <= 0.0 || previous <= 0.0 || then <= 0.0 || before_then <= 0.0 {
        return false;
    }
    this / previous >= then / before_then - 0.15 - 1e-9 && this >= 0.8 * then - 1e-9
}

pub fn points(kind: InteractionKind) -> f64 {
    use InteractionKind as K;
    match kind {
        K::Email | K::ForumPost => 1.0,
        K::Call | K::CommunityEvent => 3.0,
        K::Training | K::Certification => 4.0,
        K::Meeting | K::StrategicCheckIn | K::Reference | K::Referral | K::InternalAdvocacy => 5.0,
        K::ExecutiveDinner => 8.0,
        K::Qbr => 10.0,
    }
}

/// The weighted mean of the dimensions that were measured.
fn overall(assessment: &Assessment) -> Option<f64> {
    let weights = [
        (Dimension::Frequency, 0.30),
        (Dimension::Quality, 0.35),
        (Dimension::Breadth, 0.20),
        (Dimension::Product, 0.15),
    ];
    let measured: Vec<(f64, f64)> = weights
        .iter()
        .filter_map(|(d, w)| Some((assessment.dimension(*d)?.score?, *w)))
        .collect();
    let weight: f64 = measured.iter().map(|(_, w)| w).sum();
    (weight > 0.0).then(|| measured.iter().map(|(score, w)| score * w).sum::<f64>() / weight)
}
