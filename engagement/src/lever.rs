//! The plan as people are told it: what could be moved, with the counts of today and the people it takes. The steps of one
//! candidate are one lever.

use serde::Serialize;

use crate::evaluation::Evaluation;
use crate::markdown::{count, number, percent};
use crate::measure::{ContactTouch, Measures};
use crate::policy::Policy;
use crate::recommendation::People;
use crate::recommendation::plan::{PlannedStep, RATE_STEPS, STRATEGIC_STEP, Step, misses_department};
use crate::row::AccountRows;
use crate::score::round;
use crate::vocabulary::tolerance::TOLERANCE;

/// How many levers are told; the rest of the plan is one number.
pub const MOST_LEVERS: usize = 5;
/// How many people a lever names.
const MOST_NAMES: usize = 3;

/// One thing that could be moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Lever {
    /// What, with the counts of today.
    pub change: String,
    /// Points of the overall score, all its steps together.
    pub points: f64,
    /// Steps of the plan that it stands for.
    pub steps: u32,
    /// The overall score, rounded, with it and the levers before it.
    pub overall_after: i32,
}

/// A plan as it is told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Levers {
    /// The largest, at most [`MOST_LEVERS`].
    pub told: Vec<Lever>,
    /// Points of all others together.
    pub rest: f64,
}

/// Tells a plan: its steps by candidate, the largest sum of points first, of equal ones in the order of the candidates.
pub fn levers(
    steps: &[PlannedStep],
    evaluation: &Evaluation,
    rows: &AccountRows,
    policy: &Policy,
    people: &People,
) -> Levers {
    let sum = |step: Step| {
        let of_step = || steps.iter().filter(move |planned| planned.step == step);
        (
            step,
            of_step().count() as u32,
            of_step().map(|planned| planned.points).sum::<f64>(),
        )
    };
    let mut sums: Vec<(Step, u32, f64)> = Step::ALL
        .into_iter()
        .map(sum)
        .filter(|(_, steps, _)| *steps > 0)
        .collect();
    // A stable sort; the last digits of a sum do not decide.
    sums.sort_by(|(_, _, a), (_, _, b)| {
        if (a - b).abs() < TOLERANCE {
            std::cmp::Ordering::Equal
        } else {
            b.total_cmp(a)
        }
    });
    let teller = Teller {
        m: &evaluation.current.measures,
        touches: &evaluation.current.touches,
        rows,
        policy,
        people,
    };
    let mut overall = evaluation.assessment.overall.unwrap_or(0.0);
    let told = sums.iter().take(MOST_LEVERS).map(|(step, steps, points)| {
        overall += points;
        Lever {
            change: teller.tell(*step, *steps),
            points: *points,
            steps: *steps,
            overall_after: round(overall),
        }
    });
    let told = told.collect();
    Levers {
        told,
        rest: sums.iter().skip(MOST_LEVERS).map(|(_, _, points)| points).sum(),
    }
}

struct Teller<'a> {
    m: &'a Measures,
    touches: &'a [ContactTouch],
    rows: &'a AccountRows,
    policy: &'a Policy,
    people: &'a People,
}

impl Teller<'_> {
    fn tell(&self, step: Step, steps: u32) -> String {
        let (m, policy) = (self.m, self.policy);
        match step {
            Step::MeetingAMonth => {
                let with = self.names("with", "with a known executive", |touch| touch.executive);
                format!("Hold {} a month {with} ({})", more(steps, "meeting"), held(m))
            }
            Step::EngageContact => {
                let from = if misses_department(m, policy) {
                    " from new departments"
                } else {
                    ""
                };
                let such = self.names(", such as", "", |touch| !touch.in_conversation());
                let today = format!(
                    "{} of {} people and {} of {} departments today",
                    number(Some(m.stakeholders())),
                    number(Some(policy.breadth.stakeholders.of(m.tier))),
                    m.engaged_departments,
                    number(Some(policy.breadth.departments.of(m.tier)))
                );
                format!(
                    "Bring {}{from} into conversation{such} ({today})",
                    more(steps, "contact")
                )
            }
            Step::EngageExecutive => {
                let such = self.names(", such as", "", |touch| {
                    touch.executive && !touch.in_conversation()
                });
                let wanted = number(Some(policy.breadth.executives.of(m.tier)));
                format!(
                    "Bring {} into conversation{such} ({} of {wanted} today)",
                    more(steps, "executive"),
                    m.engaged_executives
                )
            }
            Step::RaiseResponseRate => {
                let to = ((m.answered / m.outreaches) * RATE_STEPS + TOLERANCE).floor() + f64::from(steps);
                let to = percent(Some((to / RATE_STEPS).min(1.0)));
                format!(
                    "Get {to} of outreaches answered ({} of {} today)",
                    m.answered, m.outreaches
                )
            }
            Step::SpeedUpResponses => {
                let today = m
                    .response_hours
                    .map_or_else(String::new, |hours| format!(", median {hours:.0} hours"));
                let within = policy.quality.response_full_hours;
                format!(
                    "Get answers within {within:.0} hours ({} of {} answered{today})",
                    m.answered, m.outreaches
                )
            }
            Step::FullParticipation => {
                format!("Hold every meeting that is due ({})", held(m))
            }
            Step::AdoptFeature => format!(
                "Get {} used ({} of {} today)",
                more(steps, "feature"),
                m.features_used,
                m.catalogue
            ),
            Step::AddPowerUser => {
                let wanted = number(Some(policy.product.power_users.of(m.tier)));
                format!(
                    "Win {} ({} of {wanted} today)",
                    more(steps, "power user"),
                    m.power_users
                )
            }
            Step::RaiseStrategicShare => {
                let to = percent(Some(
                    (m.strategic / m.classified + f64::from(steps) * STRATEGIC_STEP).min(1.0),
                ));
                format!(
                    "Make {to} of conversations strategic ({} of {} classified today)",
                    m.strategic, m.classified
                )
            }
        }
    }

    /// Up to three people of theirs of whom something holds, those in contact most recently first; nobody who has left.
    fn names(&self, before: &str, otherwise: &str, which: impl Fn(&ContactTouch) -> bool) -> String {
        let known = self
            .rows
            .contacts
            .iter()
            .zip(self.touches)
            .filter(|(_, touch)| !touch.departed && which(touch));
        let mut known: Vec<_> = known
            .filter_map(|(contact, touch)| Some((contact, touch, self.people.name(contact.id)?)))
            .collect();
        known.sort_by(|(a, then, _), (b, now, _)| {
            now.last_touch_on
                .cmp(&then.last_touch_on)
                .then_with(|| a.external_id.cmp(&b.external_id))
        });
        let names: Vec<&str> = known.iter().take(MOST_NAMES).map(|(_, _, name)| *name).collect();
        match names.as_slice() {
            [] => otherwise.to_owned(),
            [only] => format!("{before} {only}"),
            [first @ .., last] => format!("{before} {} or {last}", first.join(", ")),
        }
    }
}

/// "3 of 5 meetings held".
fn held(m: &Measures) -> String {
    if m.meetings_due > 0.0 {
        format!("{} of {} meetings held", m.meetings_held, m.meetings_due)
    } else {
        "no meeting was due".to_owned()
    }
}

/// "one more meeting", "3 more meetings".
fn more(steps: u32, noun: &str) -> String {
    if steps == 1 {
        format!("one more {noun}")
    } else {
        count(steps, &format!("more {noun}"))
    }
}
