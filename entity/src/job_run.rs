//! The ledger of job runs.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job_run")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its name.
    pub job: String,
    /// The slot it was due at.
    pub slot_at: i64,
    /// Which worker ran it.
    pub worker: String,
    /// Microseconds since 1970.
    pub started_at: i64,
    /// Microseconds since 1970.
    pub finished_at: Option<i64>,
    /// RUNNING, DONE, PARTIAL, FAILED or MISSED.
    pub outcome: String,
    /// JSON object of numbers.
    pub counts: String,
    /// What failed.
    pub error: Option<String>,
    /// How often it was begun.
    pub attempts: i32,
    /// Until when its worker has it, where one worker does all of it; microseconds since 1970.
    pub leased_until: Option<i64>,
    /// How far its worker's clock was ahead of the database's; microseconds, negative where it was behind.
    pub clock_ahead: i64,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
