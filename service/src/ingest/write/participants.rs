//! Participants of interactions: read with what is stored, replaced only where they differ.

use std::collections::HashMap;

use engagement::vocabulary::Attendance;
use sea_orm::Value as Parameter;
use uuid::Uuid;

use super::context::{Context, Written};
use super::merged::{Attendances, MergedRow};
use super::statement::{RowsStatement, delete_by_key, select_by_key};
use crate::db::Tx;
use crate::error::{During, ServiceError};
use crate::ingest::summary::RowOutcome;
use crate::ingest::target::column::Spec;
use crate::ingest::target::file::Target;
use crate::ingest::value::Value;

/// What has to change in the table of participants.
#[derive(Default)]
pub(super) struct ParticipantChanges {
    /// Interactions whose participants go.
    cleared: Vec<(Uuid, Uuid)>,
    /// Participants that come: account, interaction, contact, attendance.
    added: Vec<(Uuid, Uuid, Uuid, Attendance)>,
}

/// Compares participants, and drops a responder who is none of them, with a warning.
pub(super) async fn compare(
    tx: &Tx,
    context: &Context<'_>,
    spec: &'static Spec,
    rows: &mut [MergedRow],
    written: &mut Written,
) -> Result<ParticipantChanges, ServiceError> {
    let mut changes = ParticipantChanges::default();
    if spec.target != Target::Interactions {
        return Ok(changes);
    }
    let mut stored = read(tx, rows).await?;
    if let Some(rehearsal) = context.rehearsal {
        rehearsal.forget_participants(&mut stored).await?;
    }
    let at = spec
        .columns
        .iter()
        .position(|c| c.name == "responded_by")
        .unwrap_or(usize::MAX);
    for row in rows {
        let (Some(account), Some(id)) = (row.account, row.id) else {
            continue;
        };
        if row.outcome == RowOutcome::Deleted {
            continue;
        }
        let before = stored.remove(&id).unwrap_or_default();
        let after: Attendances = row
            .participants
            .take()
            .map_or_else(|| before.clone(), |list| list.into_iter().collect());
        if let Some(responder) = row.values[at].id()
            && !after.iter().any(|(contact, _)| *contact == responder)
        {
            written.warn(
                row.line,
                "responded_by",
                "is no participant of the interaction".to_owned(),
            );
            row.values[at] = Value::Null;
        }
        row.compare();
        if before != after {
            if row.outcome == RowOutcome::Unchanged {
                row.outcome = RowOutcome::Updated;
            }
            if !before.is_empty() {
                changes.cleared.push((account, id));
            }
            changes.added.extend(
                after
                    .iter()
                    .map(|(contact, attendance)| (account, id, *contact, *attendance)),
            );
            row.attendance = Some([before, after]);
        }
    }
    Ok(changes)
}

async fn read(tx: &Tx, rows: &[MergedRow]) -> Result<HashMap<Uuid, Attendances>, ServiceError> {
    let known: Vec<(Uuid, Uuid)> = rows
        .iter()
        .filter(|row| row.stored.is_some())
        .filter_map(|row| Some((row.account?, row.id?)))
        .collect();
    let key = ["account_id", "interaction_id"];
    let statement = select_by_key(
        "reading participants",
        "interaction_participant",
        &key,
        &["contact_id", "attendance"],
    );
    let pair = |(account, id): &(Uuid, Uuid), parameters: &mut Vec<Parameter>| {
        parameters.extend([*account, *id].map(Parameter::from));
    };
    let mut found: HashMap<Uuid, Attendances> = HashMap::new();
    for (number, row) in statement.query(tx, &known, pair).await? {
        let contact: Uuid = row.try_get_by_index(1).during(statement.operation)?;
        let attendance: String = row.try_get_by_index(2).during(statement.operation)?;
        let attendance = attendance.parse().map_err(|_| ServiceError::Stored {
            table: "interaction_participant",
            column: "attendance",
            value: attendance.clone(),
        })?;
        if let Some((_, id)) = known.get(number) {
            found.entry(*id).or_default().insert((contact, attendance));
        }
    }
    Ok(found)
}

impl ParticipantChanges {
    /// Writes the changes; the interactions have been written.
    pub(super) async fn write(&self, tx: &Tx) -> Result<(), ServiceError> {
        let table = "interaction_participant";
        let pair = |(account, id): &(Uuid, Uuid), parameters: &mut Vec<Parameter>| {
            parameters.extend([*account, *id].map(Parameter::from));
        };
        delete_by_key("removing participants", table, &["account_id", "interaction_id"])
            .execute(tx, &self.cleared, pair)
            .await?;
        let insert = RowsStatement {
            operation: "writing participants",
            before: format!(
                "INSERT INTO {table} (account_id, interaction_id, contact_id, attendance) VALUES "
            ),
            after: String::new(),
            width: 4,
            numbered: false,
        };
        insert
            .execute(
                tx,
                &self.added,
                |(account, id, contact, attendance), parameters| {
                    parameters.extend([*account, *id, *contact].map(Parameter::from));
                    parameters.push(Parameter::from(attendance.as_str()));
                },
            )
            .await
    }
}
