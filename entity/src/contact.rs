//! The customer's people.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Unique within the account.
    pub external_id: String,
    /// Display name.
    pub name: String,
    /// Address, lower-case.
    pub email: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// As imported.
    pub department: Option<String>,
    /// C_LEVEL, VP, DIRECTOR, MANAGER or INDIVIDUAL.
    pub seniority: Option<String>,
    /// Since when in this role.
    pub role_started_on: Option<Date>,
    /// ACTIVE or DEPARTED, as imported.
    pub status: String,
    /// As imported.
    pub departed_on: Option<Date>,
    /// As imported.
    pub communication_preference: Option<String>,
    /// JSON array of texts.
    pub priorities: String,
    /// Effect of the earliest confirmed departure among the organisational changes.
    pub left_on: Option<Date>,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
