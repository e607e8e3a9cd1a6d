//! `goals`: what the customer wants to reach.

use crate::ingest::target::column::{Column, Kind, Spec, Stamp};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::Goals,
    table: "goal",
    columns: &[
        Column::key("account_external_id", Kind::Account).to("account_id"),
        Column::key("goal", Kind::Name),
        Column::optional("progress", Kind::Number(0.0, 100.0)),
        Column::optional("due_on", Kind::Day),
    ],
    stamps: &[Stamp::Id],
};
