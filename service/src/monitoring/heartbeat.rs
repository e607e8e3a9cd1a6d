//! A write that is there to be made: a database that can be read is not yet one that takes writes, and whoever asks whether a
//! process is ready is told before the first user is.

use chrono::{DateTime, Utc};
use entity::heartbeat::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use sea_orm::sea_query::OnConflict;

use crate::db::Db;
use crate::error::{During, ServiceError};

/// How much is written, in bytes, to see whether there is room again after a write was refused for want of it. A full disk
/// still has room for a small row, for a while: the log's file is as long as it once was.
const BALLAST: usize = 1 << 20;

/// Writes one.
///
/// # Errors
/// Those of writing; [`ServiceError::DiskFull`] until there is room for more than a row.
pub(crate) async fn beat(db: &Db, now: DateTime<Utc>) -> Result<(), ServiceError> {
    let wanted_room = db.wants_room();
    if wanted_room {
        write(db, now, Some(vec![0xa5; BALLAST])).await?;
    }
    write(db, now, None).await?;
    if wanted_room {
        db.has_room();
    }
    Ok(())
}

async fn write(db: &Db, now: DateTime<Utc>, ballast: Option<Vec<u8>>) -> Result<(), ServiceError> {
    db.write_tx(async |tx| {
        let row = ActiveModel {
            id: Set(1),
            at: Set(now.timestamp_micros()),
            ballast: Set(ballast),
        };
        let over = OnConflict::column(Column::Id)
            .update_columns([Column::At, Column::Ballast])
            .to_owned();
        Entity::insert(row)
            .on_conflict(over)
            .exec_without_returning(tx)
            .await
            .during("writing a heartbeat")?;
        Ok(())
    })
    .await
}
