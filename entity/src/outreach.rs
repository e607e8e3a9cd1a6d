//! Planned outreach to contacts.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outreach")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// To whom.
    pub contact_id: Uuid,
    /// EMAIL, CALL or a meeting kind.
    pub kind: String,
    /// STRATEGIC, TACTICAL or OPERATIONAL.
    pub purpose: String,
    /// Microseconds since 1970.
    pub planned_for: i64,
    /// One line.
    pub subject: String,
    /// Who planned it.
    pub planned_by: Option<Uuid>,
    /// JSON list of the user ids it was coordinated with.
    pub coordinated_with: String,
    /// PLANNED or CANCELED.
    pub status: String,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// Microseconds since 1970.
    pub canceled_at: Option<i64>,
    /// By whom.
    pub canceled_by: Option<Uuid>,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
