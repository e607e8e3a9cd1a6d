//! The people who use Rapport.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "app_user")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Lower-case, unique.
    pub email: String,
    /// How to address them.
    pub name: String,
    /// ADMIN, MANAGER, CSM or VIEWER.
    pub role: String,
    /// IANA name; absent = the organisation's.
    pub time_zone: Option<String>,
    /// Who they report to.
    pub manager_email: Option<String>,
    /// Wants no digest.
    pub digest_off: bool,
    /// MONDAY to SUNDAY; absent = Monday.
    pub digest_day: Option<String>,
    /// 0 to 23; absent = 8.
    pub digest_hour: Option<i32>,
    /// IANA name; absent = the user's.
    pub digest_zone: Option<String>,
    /// When any of these changed; microseconds since 1970.
    pub digest_changed_at: Option<i64>,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// Since when mail is known not to reach them; microseconds since 1970.
    pub mail_disabled_at: Option<i64>,
    /// As a viewer in no team they see every account.
    pub sees_everything: bool,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
