//! How a contract turned out.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outcome")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// RENEWED, CHURNED, EXPANDED or CONTRACTED.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// The day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub occurred_on: Date,
    /// Minor units.
    pub arr_before_minor: Option<i64>,
    /// Minor units.
    pub arr_after_minor: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
