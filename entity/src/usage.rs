//! Who used which feature on which day, how often.
//!
//! Write `contact_key` (the contact's id, or the nil id for nobody); `contact_id` is generated from it and refuses writes.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "usage")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// The day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// The feature's key; `login` counts sessions.
    #[sea_orm(primary_key, auto_increment = false)]
    pub feature: String,
    /// The contact, the nil id for nobody: never NULL, so that the key holds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_key: Uuid,
    /// The contact; generated, read-only.
    pub contact_id: Option<Uuid>,
    /// Not negative. Zero is a row of the export and no usage: whoever scores reads `count > 0`.
    pub count: i64,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
