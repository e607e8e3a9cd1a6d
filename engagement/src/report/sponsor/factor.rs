//! The factors of a score as lines with notes, and levels as words.

use serde::Serialize;

use crate::markdown::{count, number};
use crate::sponsor::{Executive, FACTOR_POINTS, Factor, Sponsors, Tally};
use crate::vocabulary::{EngagementLevel, SponsorFactor};

/// Share of a factor's points from which it is a strength: the floor of a champion's score.
pub(super) const STRONG: f64 = 0.80;
/// Share below which it is a concern: the midpoint, below which there is more missing than there.
pub(super) const WEAK: f64 = 0.50;

/// One factor of the primary sponsor's score.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
#[cfg_attr(feature = "graphql", graphql(name = "SponsorFactorScore"))]
pub struct FactorLine {
    /// Which factor.
    pub factor: SponsorFactor,
    /// Points, unrounded; null where not measured.
    pub score: Option<f64>,
    /// The most there is: 25.
    pub out_of: f64,
    /// Whether it could be measured.
    pub measured: bool,
    /// What it is made of, or why it could not be measured.
    pub note: String,
}

pub(super) fn line(factor: &Factor, executive: &Executive, sponsors: &Sponsors) -> FactorLine {
    FactorLine {
        factor: factor.factor,
        score: factor.score,
        out_of: FACTOR_POINTS,
        measured: factor.score.is_some(),
        note: note(factor, executive, sponsors),
    }
}

/// Which share of its points a factor has; nothing where not measured.
pub(super) fn share(factor: &Factor) -> Option<f64> {
    factor.score.map(|score| score / FACTOR_POINTS)
}

fn note(factor: &Factor, executive: &Executive, sponsors: &Sponsors) -> String {
    match factor.tally {
        Tally::Meetings { attended, required } => {
            format!("{}: {} attended", asked(required, executive, sponsors), count(attended, "held meeting"))
        }
        Tally::Answers { outreaches: 0, .. } => "Not measured: nothing that we sent them is old enough to be judged".to_owned(),
        Tally::Answers { outreaches, answered: 0, .. } => format!("No answer to {}", count(outreaches, "outreach")),
        Tally::Answers { outreaches, answered, mean_days, .. } => {
            format!("{} days on average, {answered} of {} answered", number(mean_days), count(outreaches, "outreach"))
        }
        Tally::Qbrs { due: 0, .. } => "Not measured: no QBR was due".to_owned(),
        Tally::Qbrs { attended, due } => format!("{attended}/{due} {}", if due == 1 { "QBR" } else { "QBRs" }),
        Tally::Alignment { high: 0, medium: 0, low: 0 } => "Not measured: no initiative is recorded".to_owned(),
        Tally::Alignment { high, medium, low } => {
            let word = match share(factor) {
                Some(share) if share >= STRONG => "Strong",
                Some(share) if share >= WEAK => "Partial",
                _ => "Weak",
            };
            format!("{word}: {high} high, {medium} medium, {low} low")
        }
    }
}

/// The same within a sentence.
pub(super) fn detail(factor: &Factor, executive: &Executive, sponsors: &Sponsors) -> String {
    match factor.tally {
        Tally::Meetings { attended, required } => {
            format!("{} attended; the cadence asks for {}", count(attended, "held meeting"), asked(required, executive, sponsors))
        }
        Tally::Answers { outreaches, answered: 0, .. } => format!("no answer to {}", count(outreaches, "outreach")),
        Tally::Answers { outreaches, answered, mean_days, .. } => {
            format!("{answered} of {} answered, after {} days on average", count(outreaches, "outreach"), number(mean_days))
        }
        Tally::Qbrs { attended, due } => format!("{attended} of {} attended", count(due, "business review")),
        Tally::Alignment { high, medium, low } => {
            format!(
                "of {}, {high} fit a priority of theirs closely, {medium} somewhat, {low} hardly",
                count(high + medium + low, "initiative")
            )
        }
    }
}

/// What the cadence asks for: "12 a year", or a share of it for a sponsor of less than a year.
fn asked(required: f64, executive: &Executive, sponsors: &Sponsors) -> String {
    let year = number(Some(sponsors.cadence.per_year));
    match executive.since {
        Some(since) if (required - sponsors.cadence.per_year).abs() > 1e-9 => {
            format!("{} since {since}, at {year} a year", number(Some(required)))
        }
        _ => format!("{year} a year"),
    }
}

/// A level within a sentence.
pub(super) const fn level_word(level: EngagementLevel) -> &'static str {
    match level {
        EngagementLevel::Champion => "champion",
        EngagementLevel::Engaged => "engaged",
        EngagementLevel::Passive => "passive",
        EngagementLevel::Disengaged => "disengaged",
        EngagementLevel::Unknown => "unknown",
    }
}
