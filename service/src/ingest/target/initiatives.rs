//! `initiatives`: what we do for the customer, and how well it fits what they want.

use crate::ingest::target::column::{Column, Kind, Spec, Stamp, word};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::Initiatives,
    table: "initiative",
    columns: &[
        Column::key("account_external_id", Kind::Account).to("account_id"),
        Column::key("initiative", Kind::Name),
        Column::optional("their_priority", Kind::Text),
        Column::required("alignment", word!(Alignment)),
    ],
    stamps: &[Stamp::Id],
};
