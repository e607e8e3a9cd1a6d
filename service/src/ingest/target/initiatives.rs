//! `initiatives`: what we do for the customer, and how well it fits what they want.

use super::Target;
use crate::ingest::column::{Column, Kind, Spec, Stamp, word};

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
