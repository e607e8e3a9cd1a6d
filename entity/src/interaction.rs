//! What happened between us and a customer.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "interaction")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Unique within the account.
    pub external_id: String,
    /// EMAIL, CALL, MEETING, …
    pub kind: String,
    /// OUTBOUND or INBOUND.
    pub direction: String,
    /// SCHEDULED, COMPLETED, CANCELED, NO_SHOW or DECLINED.
    pub status: String,
    /// STRATEGIC, TACTICAL or OPERATIONAL.
    pub purpose: Option<String>,
    /// Microseconds since 1970.
    pub occurred_at: i64,
    /// Not before `occurred_at`.
    pub responded_at: Option<i64>,
    /// The contact who answered.
    pub responded_by: Option<Uuid>,
    /// The contact it came from.
    pub from_contact: Option<Uuid>,
    /// External id of the interaction that takes its place.
    pub rescheduled_to: Option<String>,
    /// CUSTOMER or VENDOR; absent = customer.
    pub canceled_by: Option<String>,
    /// As imported.
    pub subject: Option<String>,
    /// JSON array of texts.
    pub topics: String,
    /// As imported.
    pub outcome: Option<String>,
    /// Who of us led it.
    pub owner_id: Option<Uuid>,
    /// A newsletter or a campaign.
    pub bulk: bool,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// Microseconds since 1970.
    pub updated_at: i64,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
