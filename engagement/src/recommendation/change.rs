//! What an action would change in the numbers: its counterfactual. Two actions with the same one are one piece of advice.

use super::plan::{Step, hold_a_meeting_a_month, hold_meetings};
use crate::measure::Measures;
use crate::policy::Policy;
use crate::score::{Assessment, score};
use crate::vocabulary::{Action, InteractionKind};

/// A change of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// They speak for us once.
    Reference,
    /// More conversations are about strategy.
    Strategy,
    /// One more executive is in contact.
    Executive,
    /// More of what we ask is answered.
    Answers,
    /// Answers come within the hours that earn full credit.
    Speed,
    /// One more meeting is held.
    Meeting,
    /// One more meeting a month is held.
    MeetingAMonth,
    /// The meetings that were called off are held after all.
    HeldAfterAll,
    /// One more business review is held.
    Review,
    /// One more meeting is held, and one more feature is used for it.
    Value,
    /// One more contact is in conversation.
    Contact,
    /// One more feature and one more power user.
    Adoption,
}

/// What an action would change; none where no measure does, or nobody could say which.
pub(super) const fn of(action: Action) -> Option<Change> {
    match action {
        Action::ReduceFrequency
        | Action::PursueExpansion
        | Action::AgreeRenewal
        | Action::Escalate
        | Action::SavePlay
        | Action::DecideOffboarding
        | Action::CalmSupport => None,
        Action::AskForAdvocacy => Some(Change::Reference),
        Action::RaiseStrategicContent => Some(Change::Strategy),
        Action::EngageExecutives | Action::FindSponsor | Action::WakeSponsor => Some(Change::Executive),
        Action::ReEngagementCampaign | Action::ChangeChannel | Action::AskForResponse => {
            Some(Change::Answers)
        }
        Action::DemonstrateValue => Some(Change::Meeting),
        Action::RebookMeeting => Some(Change::HeldAfterAll),
        Action::RemoveObstacle => Some(Change::Speed),
        Action::RebookQbr => Some(Change::Review),
        Action::ValueReview => Some(Change::Value),
        Action::SetCadence => Some(Change::MeetingAMonth),
        Action::MultiThread => Some(Change::Contact),
        Action::AdoptionPlay => Some(Change::Adoption),
    }
}

impl Change {
    /// The numbers after it; none where it cannot be brought about.
    fn apply(self, m: &Measures, policy: &Policy) -> Option<Measures> {
        let step = |step: Step| step.apply(m, policy);
        let and = |first: Option<Measures>, second: Step| match first {
            Some(after) => second.apply(&after, policy).or(Some(after)),
            None => second.apply(m, policy),
        };
        let changed = |change: &dyn Fn(&mut Measures)| {
            let mut after = m.clone();
            change(&mut after);
            Some(after)
        };
        match self {
            Self::Reference => changed(&|after| after.activity[InteractionKind::Reference as usize] += 1),
            Self::Strategy => step(Step::RaiseStrategicShare),
            Self::Executive => step(Step::EngageExecutive),
            Self::Answers => step(Step::RaiseResponseRate),
            Self::Speed => step(Step::SpeedUpResponses),
            Self::Meeting => changed(&|after| hold_meetings(after, InteractionKind::Meeting, 1)),
            Self::MeetingAMonth => changed(&hold_a_meeting_a_month),
            // What was called off was due already.
            Self::HeldAfterAll => changed(&|after| {
                after.activity[InteractionKind::Meeting as usize] += m.called_off_in_a_row;
                after.meetings_held =
                    (m.meetings_held + f64::from(m.called_off_in_a_row)).min(m.meetings_due);
            }),
            Self::Review => changed(&|after| hold_meetings(after, InteractionKind::Qbr, 1)),
            Self::Value => and(
                changed(&|after| hold_meetings(after, InteractionKind::Meeting, 1)),
                Step::AdoptFeature,
            ),
            Self::Contact => step(Step::EngageContact),
            Self::Adoption => and(step(Step::AdoptFeature), Step::AddPowerUser),
        }
    }
}

/// Points of the overall score that an action is worth; none where no measure changes.
pub(super) fn expected_points(
    action: Action,
    m: &Measures,
    assessment: &Assessment,
    policy: &Policy,
) -> Option<f64> {
    let after = of(action)?.apply(m, policy).filter(|after| after != m)?;
    let changed = score(&after, policy);
    // A change to something that is not measured shows in no component.
    let seen = assessment
        .ledger()
        .zip(changed.ledger())
        .any(|((_, before), (_, after))| before.value != after.value || before.score != after.score);
    let (before, after) = (assessment.overall?, changed.overall?);
    seen.then_some(after - before)
}
