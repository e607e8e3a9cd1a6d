//! The factors of a score as lines with notes, and why a score is lower than its factors.

use serde::Serialize;

use super::sources::Sources;
use crate::markdown::{count, days, number};
use crate::sponsor::{Executive, FACTOR_POINTS, Factor, Sponsors, Tally};
use crate::vocabulary::tolerance::TOLERANCE;
use crate::vocabulary::{EngagementLevel, LevelRule, SponsorFactor};

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

pub(super) fn line(factor: &Factor, executive: &Executive, sources: &Sources<'_>) -> FactorLine {
    FactorLine {
        factor: factor.factor,
        score: factor.score,
        out_of: FACTOR_POINTS,
        measured: factor.score.is_some(),
        note: note(factor, executive, sources),
    }
}

/// Which share of its points a factor has; nothing where not measured.
pub(super) fn share(factor: &Factor) -> Option<f64> {
    factor.score.map(|score| score / FACTOR_POINTS)
}

fn note(factor: &Factor, executive: &Executive, sources: &Sources<'_>) -> String {
    match factor.tally {
        Tally::Meetings { attended, required } => {
            format!(
                "{}: {} attended",
                asked(required, executive, sources.sponsors),
                count(attended, "held meeting")
            )
        }
        Tally::Answers { outreaches, .. } if factor.score.is_none() => {
            let sent = if outreaches == 0 {
                "none".to_owned()
            } else {
                outreaches.to_string()
            };
            let least = count(sources.policy.sponsors.min_outreaches, "outreach");
            format!("Not measured below {least}: {sent} old enough to be judged")
        }
        Tally::Answers {
            outreaches,
            answered: 0,
            ..
        } => format!("No answer to {}", count(outreaches, "outreach")),
        Tally::Answers {
            outreaches,
            answered,
            mean_days,
            ..
        } => {
            format!(
                "{answered} of {} answered, {} on average",
                count(outreaches, "outreach"),
                after(mean_days)
            )
        }
        Tally::Qbrs { due: 0, .. } => "Not measured without a QBR that was due".to_owned(),
        Tally::Qbrs { attended, due } => {
            format!("{attended}/{due} {}", if due == 1 { "QBR" } else { "QBRs" })
        }
        Tally::Alignment {
            high: 0,
            medium: 0,
            low: 0,
        } if !sources.rows.initiatives.is_empty() => {
            "Not measured without executive contact of theirs".to_owned()
        }
        Tally::Alignment {
            high: 0,
            medium: 0,
            low: 0,
        } => "Not measured without an initiative".to_owned(),
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
            format!(
                "{} attended; the cadence asks for {}",
                count(attended, "held meeting"),
                asked(required, executive, sponsors)
            )
        }
        Tally::Answers {
            outreaches,
            answered: 0,
            ..
        } => format!("no answer to {}", count(outreaches, "outreach")),
        Tally::Answers {
            outreaches,
            answered,
            mean_days,
            ..
        } => {
            format!(
                "{answered} of {} answered, {} on average",
                count(outreaches, "outreach"),
                after(mean_days)
            )
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
        Some(since) if (required - sponsors.cadence.per_year).abs() > TOLERANCE => {
            format!("{} since {since}, at {year} a year", number(Some(required)))
        }
        _ => format!("{year} a year"),
    }
}

/// How long answers take: in whole days.
fn after(mean_days: Option<f64>) -> String {
    match mean_days {
        Some(mean) if mean >= 0.5 => format!("after {}", days(mean)),
        _ => "within the day".to_owned(),
    }
}

/// Level and score within a sentence; the score of somebody unknown says nothing.
pub(super) fn level_and_score(executive: &Executive) -> String {
    match executive.level {
        EngagementLevel::Unknown => executive.level.in_words().to_owned(),
        level => format!("{}, {} of 100", level.in_words(), executive.score),
    }
}

/// Why the score is lower than what the factors come to; nothing where it is not.
pub(super) fn score_note(sources: &Sources<'_>, executive: &Executive) -> Option<String> {
    if executive.score == executive.factor_score {
        return None;
    }
    let span = match executive
        .since
        .filter(|since| *since > sources.windows.year_start_day)
    {
        Some(since) => format!("since {since}"),
        None => "over twelve months".to_owned(),
    };
    let cap = match executive.level {
        EngagementLevel::Unknown => "not shown".to_owned(),
        _ => format!("capped at {}", executive.score),
    };
    Some(format!(
        "{} {span}, {cap}: {}",
        executive.factor_score,
        held_back(sources, executive)
    ))
}

/// What keeps the level of an executive down.
pub(super) fn held_back(sources: &Sources<'_>, executive: &Executive) -> String {
    let policy = &sources.policy.sponsors;
    let silent = || format!("silent for {}", whole_days(executive.silence.days));
    match executive.rule {
        LevelRule::NoSponsor | LevelRule::NewSponsor | LevelRule::NeverInContact => {
            "not in contact yet".to_owned()
        }
        LevelRule::Silent => silent(),
        LevelRule::Delegates => format!("{}, while their department is in contact", silent()),
        LevelRule::Declines => format!(
            "declined or missed the last {}",
            count(sources.sponsors.declines.meetings, "meeting")
        ),
        LevelRule::Advocates | LevelRule::InContact | LevelRule::Occasional => {
            let days = executive
                .last_contact_on
                .map(|day| sources.windows.days_since(day));
            if days.is_none() {
                "not in contact yet".to_owned()
            } else if !sources.is_recent(executive) {
                format!("the last contact was {} ago", whole_days(days))
            } else if executive.contact_days < policy.contact_days {
                format!("in contact on {} only", count(executive.contact_days, "day"))
            } else if executive.factor_score < policy.engaged_score {
                format!("{} are engaged", policy.engaged_score)
            } else {
                format!("only {} could be measured", count(executive.measured, "factor"))
            }
        }
    }
}

fn whole_days(days: Option<i64>) -> String {
    count(u32::try_from(days.unwrap_or(0)).unwrap_or(0), "day")
}
