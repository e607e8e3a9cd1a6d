//! The parts of a run that several workers share.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_batch")]
pub struct Model {
    /// The run.
    #[sea_orm(primary_key, auto_increment = false)]
    pub run_id: Uuid,
    /// Its place in the run, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    /// The day that is scored.
    pub day: Date,
    /// ALL, MISSING or TOUCHED.
    pub which: String,
    /// The accounts after this one …
    pub after_account: Option<Uuid>,
    /// … up to this one.
    pub until_account: Option<Uuid>,
    /// How often it was begun.
    pub attempts: i32,
    /// The worker that is at it.
    pub leased_by: Option<String>,
    /// Until when; microseconds since 1970.
    pub leased_until: Option<i64>,
    /// When it was done; microseconds since 1970.
    pub done_at: Option<i64>,
    /// JSON object of numbers.
    pub counts: String,
    /// JSON list: accounts that could not be scored, each with the reason.
    pub set_aside: String,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
