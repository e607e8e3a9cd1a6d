//! Executives are never contacted for operational issues. A plan to do so is refused (`outreach`); a record of one that
//! has happened is kept, and raises an alert.

use crate::alert::{AlertRule, Condition, Subject};
use crate::evaluation::Evaluation;
use crate::measure::Evidence;
use crate::policy::Policy;
use crate::row::{AccountRows, Interaction};
use crate::vocabulary::{Direction, InteractionKind, InteractionStatus, Purpose, Severity};

/// Recent interactions that reached for an executive for an operational issue.
pub(super) fn check<'a>(
    rows: &'a AccountRows,
    evaluation: &'a Evaluation,
    policy: &'a Policy,
) -> impl Iterator<Item = Condition> + 'a {
    let windows = &evaluation.windows;
    let recent = move |interaction: &&Interaction| {
        interaction.occurred_at < windows.at
            && windows.days_since(windows.day_of(interaction.occurred_at))
                <= i64::from(policy.guardrails.operational_days)
    };
    let touches = &evaluation.current.touches;
    let executives = move |interaction: &Interaction| {
        let is_executive = |contact: u32| touches.get(contact as usize).is_some_and(|touch| touch.executive);
        interaction
            .participants
            .iter()
            .filter(|participant| is_executive(participant.contact))
            .count()
    };
    rows.interactions
        .iter()
        .filter(|interaction| reaches_out(interaction))
        .filter(recent)
        .filter_map(move |interaction| {
            let count = executives(interaction);
            if count == 0 {
                return None;
            }
            let people = if count == 1 {
                "An executive was".to_owned()
            } else {
                format!("{count} executives were")
            };
            let day = windows.day_of(interaction.occurred_at);
            let kind = interaction.kind.in_words();
            let message = format!(
                "{people} contacted for an operational issue ({kind}, {day}). Take such issues to their team."
            );
            let condition = Condition::new(AlertRule::ExecutiveOperationalContact, Severity::Medium, message);
            let evidence = Evidence {
                count: 1,
                interactions: vec![interaction.id],
            };
            Some(
                condition
                    .about(Subject::Interaction(interaction.id))
                    .with(evidence),
            )
        })
}

/// We reached for them, whether or not they were there: an e-mail, a call or a meeting of ours that was not called off.
fn reaches_out(interaction: &Interaction) -> bool {
    let kind = interaction.kind;
    interaction.direction == Direction::Outbound
        && interaction.purpose == Some(Purpose::Operational)
        && (matches!(kind, InteractionKind::Email | InteractionKind::Call) || kind.is_meeting())
        && matches!(
            interaction.status,
            InteractionStatus::Completed | InteractionStatus::NoShow
        )
}
