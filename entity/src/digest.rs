//! What became of each user's digest of each week.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "digest")]
pub struct Model {
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Such as 2026-W25.
    #[sea_orm(primary_key, auto_increment = false)]
    pub week: String,
    /// QUEUED, EMPTY or MISSED.
    pub outcome: String,
    /// When its time came; microseconds since 1970.
    pub due_at: i64,
    /// When that was decided; microseconds since 1970.
    pub settled_at: i64,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
