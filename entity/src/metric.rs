//! Observed values of named metrics.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "metric")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// Its name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub metric: String,
    /// The day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub observed_on: Date,
    /// Finite.
    pub value: f64,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
