//! `interactions`: what happened between us and a customer. Their participants go to a table of their own.

use crate::ingest::target::column::{Column, Kind, Spec, Stamp, word};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::Interactions,
    table: "interaction",
    columns: &[
        Column::key("account_external_id", Kind::Account).to("account_id"),
        Column::key("external_id", Kind::Name),
        Column::required("kind", word!(InteractionKind)),
        Column::required("direction", word!(Direction)),
        Column::required("status", word!(InteractionStatus)),
        Column::required("occurred_at", Kind::Instant),
        Column::optional("purpose", word!(Purpose)),
        Column::optional("responded_at", Kind::Instant),
        Column::optional("responded_by", Kind::Contact),
        Column::optional("from_contact", Kind::Contact),
        Column::optional("rescheduled_to", Kind::Name),
        Column::optional("canceled_by", word!(Party)),
        Column::optional("subject", Kind::Text),
        Column::optional("topics", Kind::List).or("[]"),
        Column::optional("outcome", Kind::Text),
        Column::optional("owner_email", Kind::User).to("owner_id"),
        Column::optional("bulk", Kind::Flag).or("false"),
        Column::optional("participants", Kind::Participants),
    ],
    stamps: &[Stamp::Id, Stamp::CreatedAt, Stamp::UpdatedAt],
};
