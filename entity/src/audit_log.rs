//! Who changed what, when and how.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Microseconds since 1970.
    pub at: i64,
    /// Who; absent for the system.
    pub user_id: Option<Uuid>,
    /// With which token.
    pub token_id: Option<Uuid>,
    /// What was done: the name of a mutation.
    pub action: String,
    /// To what: the name of a table, in capitals.
    pub target_kind: String,
    /// To which of them, where they have ids.
    pub target_id: Option<Uuid>,
    /// The account it belongs to, where it belongs to one.
    pub account_id: Option<Uuid>,
    /// JSON object of what the change replaced; absent where it made something.
    pub before: Option<String>,
    /// JSON object of what the change made of it; absent where it removed something.
    pub after: Option<String>,
    /// When a person was erased from it.
    pub redacted_at: Option<i64>,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
