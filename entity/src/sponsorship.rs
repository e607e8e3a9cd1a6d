//! Who of the customer's people sponsors us, and when.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sponsorship")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The sponsor.
    pub contact_id: Uuid,
    /// First day.
    pub since: Date,
    /// First day after it, as imported.
    pub until: Option<Date>,
    /// PRIMARY or BACKUP.
    pub rank: String,
    /// Effect of a departure: the day it ended.
    pub ended_on: Option<Date>,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
