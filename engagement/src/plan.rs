//! Target and improvement plan: what would have to change, by how much, for the score to be what it should be.
//!
//! A step changes the numbers, never the rows, and is scored like everything else. The plan is greedy: the largest gain
//! first, until the target is reached or nothing helps. Sending more mail is never a step.

use serde::Serialize;

use crate::measure::Measures;
use crate::pattern;
use crate::policy::Policy;
use crate::score::{Assessment, round, score};
use crate::vocabulary::{InteractionKind, Pattern};

/// How often one step may be taken.
pub const MOST_REPEATS: u32 = 4;
/// Gains below this are rounding noise of floating-point sums.
const NOISE: f64 = 1e-9;
/// The response rate rises in steps of one fifth.
const RATE_STEPS: f64 = 5.0;
/// The strategic share rises by ten points.
const STRATEGIC_STEP: f64 = 0.10;

/// What the score should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Target {
    /// Overall score to reach.
    pub overall: i32,
    /// The pattern of that score.
    pub pattern: Pattern,
}

/// A change that people can bring about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Step {
    /// One more held meeting a month with a known executive.
    MeetingAMonth,
    /// One more engaged contact, of a new department if one is missing.
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
                hold_meetings(&mut after, InteractionKind::Meeting, m.months);
                if m.engaged_executives == 0 {
                    // The executive of these meetings is in direct contact from then on.
                    after.engaged_executives = 1;
                    after.engaged_contacts += 1;
                }
            }
            Self::EngageContact => {
                after.engaged_contacts += 1;
                if f64::from(m.engaged_departments) < policy.breadth.departments.of(m.tier) {
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
                after.response_hours = m.response_hours.map(|hours| hours.min(policy.quality.response_full_hours));
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

    /// The step in words, with the numbers it starts from.
    fn describe(self, m: &Measures, policy: &Policy) -> String {
        let percent = |share: f64| 100.0 * share;
        match self {
            Self::MeetingAMonth => "Hold one more meeting a month with a known executive".to_owned(),
            Self::EngageContact if f64::from(m.engaged_departments) < policy.breadth.departments.of(m.tier) => {
                format!("Engage one more contact, from a new department ({} contacts now)", m.engaged_contacts)
            }
            Self::EngageContact => format!("Engage one more contact ({} now)", m.engaged_contacts),
            Self::EngageExecutive => format!("Engage one more executive ({} now)", m.engaged_executives),
            Self::RaiseResponseRate => {
                let now = percent(m.answered / m.outreaches);
                format!("Raise the response rate from {now:.0} % to {:.0} %", percent(next_rate(m)))
            }
            Self::SpeedUpResponses => format!("Get answers within {:.0} hours", policy.quality.response_full_hours),
            Self::FullParticipation => format!("Hold every meeting that is due ({} of {} now)", m.meetings_held, m.meetings_due),
            Self::AdoptFeature => format!("Get one more feature used ({} of {} now)", m.features_used, m.catalogue),
            Self::AddPowerUser => format!("Win one more power user ({} now)", m.power_users),
            Self::RaiseStrategicShare => {
                format!("Raise the strategic share of conversations by 10 points from {:.0} %", percent(m.strategic / m.classified))
            }
        }
    }
}

/// Held meetings are due ones, and two-way.
pub(crate) fn hold_meetings(m: &mut Measures, kind: InteractionKind, count: u32) {
    m.activity[kind as usize] += count;
    m.meetings_due += f64::from(count);
    m.meetings_held += f64::from(count);
}

/// The next multiple of 20 % above the present response rate.
fn next_rate(m: &Measures) -> f64 {
    (((m.answered / m.outreaches) * RATE_STEPS + NOISE).floor() + 1.0).min(RATE_STEPS) / RATE_STEPS
}

/// The score that an account of this tier and pattern should reach.
pub fn target(m: &Measures, assessment: &Assessment, policy: &Policy) -> Target {
    let next_floor = assessment.pattern.and_then(pattern::above).map(|next| pattern::floor(next, policy));
    let overall = round(policy.target.of(m.tier)).max(next_floor.unwrap_or(0));
    Target { overall, pattern: pattern::of(overall, policy) }
}

/// The steps that reach the target, largest gain first. Empty without a score or when nothing is missing.
pub fn plan(m: &Measures, assessment: &Assessment, target: Target, policy: &Policy) -> Vec<PlannedStep> {
    let Some(mut overall) = assessment.overall else { return Vec::new() };
    let mut now = m.clone();
    let mut taken = [0; Step::ALL.len()];
    let mut steps = Vec::new();
    while overall + NOISE < f64::from(target.overall) {
        let mut best: Option<(Step, Measures, f64)> = None;
        for step in Step::ALL.into_iter().filter(|step| taken[*step as usize] < MOST_REPEATS) {
            let Some(after) = step.apply(&now, policy) else { continue };
            let Some(reached) = score(&after, policy).overall else { continue };
            let most = best.as_ref().map_or(overall, |(_, _, most)| *most);
            if reached > most + NOISE {
                best = Some((step, after, reached));
            }
        }
        let Some((step, after, reached)) = best else { break };
        let change = step.describe(&now, policy);
        steps.push(PlannedStep { step, change, points: reached - overall, overall_after: round(reached) });
        taken[step as usize] += 1;
        (now, overall) = (after, reached);
    }
    steps
}
