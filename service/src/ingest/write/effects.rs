//! What follows a row: departures, whoever writes them, end sponsorships through one function.

use engagement::vocabulary::OrgChangeKind;
use uuid::Uuid;

use super::context::Context;
use super::merged::MergedRow;
use crate::alert::joining;
use crate::change::departure;
use crate::clock::Moment;
use crate::db::Tx;
use crate::error::ServiceError;
use crate::ingest::summary::RowOutcome;
use crate::ingest::target::column::Spec;
use crate::ingest::target::file::Target;

/// Lets the effects of a batch follow. Removals count too: what a removed departure did is taken back.
pub(super) async fn follow(
    tx: &Tx,
    context: &Context<'_>,
    spec: &Spec,
    rows: &[MergedRow],
) -> Result<(), ServiceError> {
    let changed = rows.iter().filter(|row| row.is_changed());
    let contacts: Vec<(Uuid, Uuid)> = match spec.target {
        // A contact that is gone has taken its sponsorships along.
        Target::Contacts => changed
            .filter(|row| row.outcome != RowOutcome::Deleted)
            .filter_map(|row| Some((row.account?, row.id?)))
            .collect(),
        Target::Sponsorships => changed.filter_map(|row| named(spec, row)).collect(),
        Target::OrgChanges => {
            let departure = OrgChangeKind::Departure.as_str();
            changed
                .filter(|row| row.value(spec, "kind").text() == Some(departure))
                .filter_map(|row| named(spec, row))
                .collect()
        }
        _ => return Ok(()),
    };
    let moment = Moment {
        now: context.now,
        today: context.today,
    };
    let followed = departure::follow(tx, context.settings, moment, &contacts).await?;
    joining::queue(tx, context.now, followed.messages).await.map(drop)
}

fn named(spec: &Spec, row: &MergedRow) -> Option<(Uuid, Uuid)> {
    Some((row.account?, row.value(spec, "contact_external_id").id()?))
}
