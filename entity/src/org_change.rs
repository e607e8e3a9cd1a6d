//! Changes in the customer's organisation.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "org_change")]
pub struct Model {
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// DEPARTURE, ROLE_CHANGE, NEW_EXECUTIVE, REORGANISATION, MERGER_ACQUISITION or LAYOFF.
    pub kind: String,
    /// The day.
    pub observed_on: Date,
    /// Whom it is about.
    pub contact_id: Option<Uuid>,
    /// The contact or the nil id: generated, read-only, part of the natural key.
    pub contact_key: Uuid,
    /// One line.
    pub summary: String,
    /// MANUAL, LINKEDIN, NEWS, CRM or EMAIL_BOUNCE.
    pub source: String,
    /// SUSPECTED or CONFIRMED.
    pub certainty: String,
    /// Where it was read.
    pub url: Option<String>,
    /// What it means for us.
    pub impact: Option<String>,
    /// When a person looked at it; microseconds since 1970.
    pub reviewed_at: Option<i64>,
    /// That person.
    pub reviewed_by: Option<Uuid>,
    /// Who wrote it down; absent for an imported one.
    pub recorded_by: Option<Uuid>,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
