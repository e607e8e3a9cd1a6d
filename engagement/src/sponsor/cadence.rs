//! How often an executive should hear from us, and how long they have been silent. One ladder of cadence intervals serves
//! levels and signals, so that they never contradict each other (docs/scoring.md § 7).

use chrono::{Days, NaiveDate};

use crate::policy::Policy;
use crate::row::windows::Windows;
use crate::vocabulary::AccountTier;
use crate::vocabulary::tolerance::TOLERANCE;

/// What a tier's cadence asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cadence {
    /// Touchpoints a year, at least.
    pub per_year: f64,
    /// Days between two of them.
    pub interval_days: f64,
}

/// How long an executive has been silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Silence {
    /// The later of their last executive contact and the beginning of their sponsorship; without a sponsorship the former.
    pub counted_from: Option<NaiveDate>,
    /// Days since.
    pub days: Option<i64>,
    /// A touchpoint is overdue.
    pub overdue: bool,
    /// The last day on which the next touchpoint is not overdue.
    pub due_on: Option<NaiveDate>,
}

impl Cadence {
    /// The cadence of a tier.
    pub fn of(tier: AccountTier, policy: &Policy) -> Self {
        Self {
            per_year: policy.sponsors.cadence.of(tier),
            interval_days: policy.cadence_interval(tier),
        }
    }

    /// Whether so many days are at least so many intervals.
    pub(crate) fn reaches(&self, days: i64, intervals: f64) -> bool {
        days as f64 + TOLERANCE >= intervals * self.interval_days
    }

    /// Whether so many days are at most so many intervals.
    pub(crate) fn within(&self, days: i64, intervals: f64) -> bool {
        days as f64 <= intervals * self.interval_days + TOLERANCE
    }

    /// The silence that is counted from a day.
    pub(super) fn silence(
        &self,
        counted_from: Option<NaiveDate>,
        policy: &Policy,
        windows: &Windows,
    ) -> Silence {
        let Some(from) = counted_from else {
            return Silence::default();
        };
        let days = windows.days_since(from);
        let overdue = policy.sponsors.overdue_intervals * self.interval_days;
        // The day before the first one that is overdue; a cadence of once in many centuries is due never.
        let last = (overdue.ceil() - 1.0).max(0.0);
        let due_on = if last < 1_000_000.0 {
            from.checked_add_days(Days::new(last as u64))
        } else {
            None
        };
        Silence {
            counted_from,
            days: Some(days),
            overdue: self.reaches(days, policy.sponsors.overdue_intervals),
            due_on,
        }
    }
}

/// A kind of touchpoint that is offered to executives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touchpoint {
    /// A meeting with at most one participant of theirs.
    OneToOne,
    /// A quarterly business review.
    Qbr,
    /// A dinner with executives.
    ExecutiveDinner,
    /// A strategic check-in.
    StrategicCheckIn,
    /// A business review, as smaller customers know it.
    BusinessReview,
}

impl Touchpoint {
    /// What is offered to a tier, the usual one first.
    pub const fn offered(tier: AccountTier) -> &'static [Self] {
        match tier {
            AccountTier::Enterprise => &[Self::OneToOne, Self::Qbr, Self::ExecutiveDinner],
            AccountTier::MidMarket => &[Self::Qbr, Self::StrategicCheckIn],
            AccountTier::Smb => &[Self::BusinessReview],
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneToOne => "1:1",
            Self::Qbr => "QBR",
            Self::ExecutiveDinner => "Executive dinner",
            Self::StrategicCheckIn => "Strategic check-in",
            Self::BusinessReview => "Business review",
        }
    }
}
