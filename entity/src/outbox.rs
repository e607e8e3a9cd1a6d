//! What is to be sent: one row, one message, one recipient.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// MAIL.
    pub channel: String,
    /// SPONSOR_DEPARTED, ALERT, OUTREACH_PLANNED or WEEKLY_DIGEST.
    pub kind: String,
    /// What makes it the same message.
    pub natural_key: String,
    /// Address.
    pub recipient: String,
    /// The recipient, where they are a user.
    pub user_id: Option<Uuid>,
    /// The account it is about.
    pub account_id: Option<Uuid>,
    /// The alert it is about.
    pub alert_id: Option<Uuid>,
    /// JSON object: what was known when it was decided.
    pub context: String,
    /// QUEUED, SENT, FAILED or CANCELED.
    pub status: String,
    /// 0 goes before 1.
    pub priority: i32,
    /// Microseconds since 1970.
    pub queued_at: i64,
    /// Not before; microseconds since 1970.
    pub due_at: i64,
    /// An attempt that fails from then on is the last; microseconds since 1970.
    pub give_up_at: i64,
    /// The worker that is at it.
    pub leased_by: Option<String>,
    /// Until when; microseconds since 1970.
    pub leased_until: Option<i64>,
    /// How often it was tried.
    pub attempts: i32,
    /// Its Message-ID, once rendered.
    pub message_id: Option<String>,
    /// The rendered message.
    pub message: Option<String>,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it was sent, given up or cancelled; microseconds since 1970.
    pub finished_at: Option<i64>,
}

/// No relations: rows are read in batches per table, never through the ORM's graph.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
