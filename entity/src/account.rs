//! Customer accounts.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The key in the customer's own systems.
    pub external_id: String,
    /// Display name.
    pub name: String,
    /// ENTERPRISE, MID_MARKET or SMB.
    pub tier: String,
    /// Internet domain.
    pub domain: Option<String>,
    /// ACTIVE or CHURNED.
    pub status: String,
    /// The day it ceased to be a customer.
    pub churned_on: Option<Date>,
    /// As imported.
    pub industry: Option<String>,
    /// As imported.
    pub region: Option<String>,
    /// Annual recurring revenue in minor units.
    pub arr_minor: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// First day of the contract.
    pub contract_start: Option<Date>,
    /// The day it renews.
    pub renewal_date: Option<Date>,
    /// DIRECT, PARTNER or POOLED.
    pub served_by: String,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// Microseconds since 1970.
    pub updated_at: i64,
    /// The latest stored standing, worst first from 0; absent without one, and for who is no customer any more.
    pub standing_rank: Option<i32>,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
