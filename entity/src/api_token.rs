//! Bearer tokens, kept as their hash.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// SHA-256, hexadecimal.
    pub token_hash: String,
    /// Its last four characters, to tell tokens apart.
    pub last4: String,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// From when on it is refused.
    pub expires_at: Option<i64>,
    /// Kept to within five minutes.
    pub last_used_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// The token that it was made with, and ends with.
    pub parent_id: Option<Uuid>,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
