//! The history of executives' levels: a row per change.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sponsor_level")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// The executive.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: Uuid,
    /// The day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// CHAMPION, ENGAGED, PASSIVE, DISENGAGED or UNKNOWN.
    pub level: String,
    /// The level before; absent for the first.
    pub previous_level: Option<String>,
    /// 0 to 100.
    pub score: i32,
    /// The rule that decided.
    pub cause: String,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
