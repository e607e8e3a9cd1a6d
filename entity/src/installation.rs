//! What this database was installed with: one row.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "installation")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// 16 hexadecimal digits.
    pub policy_hash: String,
    /// The policy as TOML.
    pub policy: String,
    /// IANA name.
    pub time_zone: String,
    /// Microseconds since 1970.
    pub installed_at: i64,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
