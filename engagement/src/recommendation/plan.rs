//! Target and improvement plan: what would have to change, by how much, for the score to be what it should be.
//!
//! A step changes the numbers, never the rows, and is scored like everything else. The plan is greedy: the largest gain
//! first, until the target is reached or nothing helps. Sending more mail is never a step. Steps are data; people are told
//! levers (`lever`).

use serde::Serialize;

use crate::measure::{DAYS_OF_A_RATE, Measures};
use crate::policy::Policy;
use crate::score::{Assessment, pattern, round, score};
use crate::vocabulary::tolerance::TOLERANCE;
use crate::vocabulary::{InteractionKind, Pattern};

/// How often one step may be taken.
pub const MOST_REPEATS: u32 = 4;
/// The response rate rises in steps of one fifth.
pub(crate) const RATE_STEPS: f64 = 5.0;
/// The strategic share rises by ten points.
pub(crate) const STRATEGIC_STEP: f64 = 0.10;
/// A cadence is of a year.
const MONTHS_OF_A_YEAR: f64 = 12.0;

/// What the score should be next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Target {
    /// Overall score to reach: the floor of the next better pattern; that of the present one where there is none better.
    pub overall: i32,
    /// The pattern of that score.
    pub pattern: Pattern,
    /// Where an account of the tier should be in the long run.
    pub long_term: i32,
}

/// A change that people can bring about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Step {
    /// One more held meeting a month with a known executive.
    MeetingAMonth,
    /// One more contact in conversation, of a new department if one is missing.
    EngageContact,
    /// One more engaged executive.
    EngageExecutive,
    /// The response rate to the next multiple of 20 %.
    RaiseResponseRate,
    /// Every answer within the time that earns full credit.
    SpeedUpResponses,
    /// Every meeting due is held.
    FullParticipation,
    /// One more feature in use.
    AdoptFeature,
    /// One more power user.
    AddPowerUser,
    /// The strategic share up by 10 points.
    RaiseStrategicShare,
}

/// One step of the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
#[cfg_attr(feature = "graphql", graphql(name = "ImprovementStep"))]
pub struct PlannedStep {
    /// Which change.
    pub step: Step,
    /// The change in words.
    pub change: String,
    /// Points it adds to the overall score, after the steps before it.
    pub points: f64,
    /// The overall score after it.
    pub overall_after: i32,
}

impl Step {
    /// Every step, in the order that decides ties.
    pub const ALL: [Self; 9] = [
        Self::MeetingAMonth,
        Self::EngageContact,
        Self::EngageExecutive,
        Self::RaiseResponseRate,
        Self::SpeedUpResponses,
        Self::FullParticipation,
        Self::AdoptFeature,
        Self::AddPowerUser,
        Self::RaiseStrategicShare,
    ];

    /// The numbers after the step; `None` where it cannot be taken.
    pub fn apply(self, m: &Measures, policy: &Policy) -> Option<Measures> {
        let mut after = m.clone();
        match self {
            Self::MeetingAMonth => {
                if m.executives == 0 {
                    return None;
                }
                hold_a_meeting_a_month(&mut after);
                if m.engaged_executives == 0 {
                    // The executive of these meetings is in direct contact from then on.
                    after.engaged_executives = 1;
                    after.engaged_contacts += 1;
                }
            }
            Self::EngageContact => {
                after.engaged_contacts += 1;
                if misses_department(m, policy) {
                    after.engaged_departments += 1;
                }
            }
            Self::EngageExecutive => {
                after.engaged_contacts += 1;
                after.engaged_executives += 1;
            }
            Self::RaiseResponseRate => {
                if m.answered >= m.outreaches {
                    return None;
                }
                after.answered = next_rate(m) * m.outreaches;
            }
            Self::SpeedUpResponses => {
                if m.response_credit >= m.answered {
                    return None;
                }
                after.response_credit = m.answered;
                after.response_hours = m
                    .response_hours
                    .map(|hours| hours.min(policy.quality.response_full_hours));
            }
            Self::FullParticipation => {
                if m.meetings_held >= m.meetings_due {
                    return None;
                }
                after.meetings_held = m.meetings_due;
            }
            Self::AdoptFeature => {
                if m.features_used >= m.catalogue {
                    return None;
                }
                after.features_used += 1;
            }
            Self::AddPowerUser => after.power_users += 1,
            Self::RaiseStrategicShare => {
                if m.strategic >= m.classified {
                    return None;
                }
                after.strategic = (m.strategic + STRATEGIC_STEP * m.classified).min(m.classified);
            }
        }
        Some(after)
    }

    /// How often it may be taken, of what the account has today.
    fn most_repeats(self, today: &Measures, policy: &Policy) -> u32 {
        if self != Self::MeetingAMonth {
            return MOST_REPEATS;
        }
        // Meetings a month that the cadence asks for with those executives who are in contact at all.
        let a_month = policy.sponsors.cadence.of(today.tier) * f64::from(today.executives_in_contact)
            / MONTHS_OF_A_YEAR;
        ((a_month + TOLERANCE).floor().clamp(1.0, f64::from(MOST_REPEATS))) as u32
    }

    /// The step in words, with the numbers of today; rates say from where to where it takes them.
    fn describe(self, today: &Measures, now: &Measures, policy: &Policy) -> String {
        let percent = |share: f64| 100.0 * share;
        match self {
            Self::MeetingAMonth => "Hold one more meeting a month with a known executive".to_owned(),
            Self::EngageContact if misses_department(now, policy) => {
                format!(
                    "Bring one more contact into conversation, from a new department ({} today)",
                    today.engaged_contacts
                )
            }
            Self::EngageContact => format!(
                "Bring one more contact into conversation ({} today)",
                today.engaged_contacts
            ),
            Self::EngageExecutive => format!(
                "Bring one more executive into conversation ({} today)",
                today.engaged_executives
            ),
            Self::RaiseResponseRate => {
                let from = percent(now.answered / now.outreaches);
                format!(
                    "Raise the response rate from {from:.0} % to {:.0} %",
                    percent(next_rate(now))
                )
            }
            Self::SpeedUpResponses => format!(
                "Get answers within {:.0} hours",
                policy.quality.response_full_hours
            ),
            Self::FullParticipation => {
                format!(
                    "Hold every meeting that is due ({} of {} held today)",
                    today.meetings_held, today.meetings_due
                )
            }
            Self::AdoptFeature => format!(
                "Get one more feature used ({} of {} today)",
                today.features_used, today.catalogue
            ),
            Self::AddPowerUser => format!("Win one more power user ({} today)", today.power_users),
            Self::RaiseStrategicShare => {
                format!(
                    "Raise the strategic share of conversations by 10 points from {:.0} %",
                    percent(now.strategic / now.classified)
                )
            }
        }
    }
}

/// Whether there are departments that nobody in conversation comes from.
pub(crate) fn misses_department(m: &Measures, policy: &Policy) -> bool {
    f64::from(m.engaged_departments) < policy.breadth.departments.of(m.tier)
}

/// One more held meeting in each month of the activity span and of the window.
pub(crate) fn hold_a_meeting_a_month(m: &mut Measures) {
    m.activity[InteractionKind::Meeting as usize] += (m.span_days_lived / DAYS_OF_A_RATE).max(1);
    m.meetings_due += f64::from(m.months);
    m.meetings_held += f64::from(m.months);
}

/// Held meetings are due ones, and two-way.
pub(crate) fn hold_meetings(m: &mut Measures, kind: InteractionKind, count: u32) {
    m.activity[kind as usize] += count;
    m.meetings_due += f64::from(count);
    m.meetings_held += f64::from(count);
}

/// The next multiple of 20 % above the present response rate.
fn next_rate(m: &Measures) -> f64 {
    (((m.answered / m.outreaches) * RATE_STEPS + TOLERANCE).floor() + 1.0).min(RATE_STEPS) / RATE_STEPS
}

/// What an account with this score should reach next. Without a pattern its score decides, and without a score there is
/// only the long-term aim of the tier.
pub fn target(m: &Measures, assessment: &Assessment, policy: &Policy) -> Target {
    let long_term = round(policy.target.of(m.tier));
    let present = assessment
        .pattern
        .or_else(|| assessment.rounded().map(|overall| pattern::of(overall, policy)));
    let overall = present.map_or(long_term, |present| {
        pattern::floor(pattern::above(present).unwrap_or(present), policy)
    });
    Target {
        overall,
        pattern: pattern::of(overall, policy),
        long_term,
    }
}

/// The steps that reach the target, largest gain first. Empty without a score or when nothing is missing.
pub fn plan(m: &Measures, assessment: &Assessment, target: Target, policy: &Policy) -> Vec<PlannedStep> {
    let Some(mut overall) = assessment.overall else {
        return Vec::new();
    };
    let mut now = m.clone();
    let mut taken = [0; Step::ALL.len()];
    let mut steps = Vec::new();
    // A target is a rounded score, as patterns are.
    while round(overall) < target.overall {
        let mut best: Option<(Step, Measures, f64)> = None;
        for step in Step::ALL
            .into_iter()
            .filter(|step| taken[*step as usize] < step.most_repeats(m, policy))
        {
            let Some(after) = step.apply(&now, policy) else {
                continue;
            };
            let Some(reached) = score(&after, policy).overall else {
                continue;
            };
            let most = best.as_ref().map_or(overall, |(_, _, most)| *most);
            if reached > most + TOLERANCE {
                best = Some((step, after, reached));
            }
        }
        let Some((step, after, reached)) = best else { break };
        let change = step.describe(m, &now, policy);
        steps.push(PlannedStep {
            step,
            change,
            points: reached - overall,
            overall_after: round(reached),
        });
        taken[step as usize] += 1;
        (now, overall) = (after, reached);
    }
    steps
}
