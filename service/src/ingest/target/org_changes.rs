//! `org_changes`: what changed in the customer's organisation. A confirmed departure ends a sponsorship (`departure`).

use crate::ingest::target::column::{Column, Kind, Spec, Stamp, word};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::OrgChanges,
    table: "org_change",
    columns: &[
        Column::key("account_external_id", Kind::Account).to("account_id"),
        Column::key("kind", word!(OrgChangeKind)),
        Column::key("observed_on", Kind::Day),
        Column::key_or_absent("contact_external_id", Kind::Contact).to("contact_id"),
        Column::key("summary", Kind::Name),
        Column::optional("source", word!(OrgChangeSource)).or("MANUAL"),
        // Its default depends on the source.
        Column::optional("certainty", word!(Certainty)),
        Column::optional("url", Kind::Text),
        Column::optional("impact", Kind::Text),
    ],
    stamps: &[Stamp::Id],
};
