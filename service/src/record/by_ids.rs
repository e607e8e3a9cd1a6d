//! Rows by id, as far as the asker may see them: one statement, whatever the number of ids.

use std::collections::HashMap;
use std::hash::Hash;

use sea_orm::{Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::db::Db;
use crate::error::{During, ServiceError};
use crate::sql::dialect::id_in;

/// Reads the rows of an entity whose ids are among `ids` and that are `visible`; those that do not exist or may not be seen are
/// absent. `from_row` makes the domain's type of a row, with its id.
///
/// # Errors
/// Those of the database, during `operation`, and of `from_row`.
pub(crate) async fn read<E, I, T>(
    db: &Db,
    operation: &'static str,
    (id, visible): (E::Column, Condition),
    ids: impl Iterator<Item = Uuid>,
    from_row: impl Fn(E::Model) -> Result<(I, T), ServiceError>,
) -> Result<HashMap<I, T>, ServiceError>
where
    E: EntityTrait,
    I: Eq + Hash,
{
    let found = E::find()
        .filter(id_in(db.backend(), id, ids))
        .filter(visible)
        .all(db.read())
        .await;
    found.during(operation)?.into_iter().map(from_row).collect()
}
