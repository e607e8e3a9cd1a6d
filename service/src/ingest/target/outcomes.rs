//! `outcomes`: how a contract turned out. Its amounts are in the account's currency.

use crate::ingest::target::column::{Column, Kind, Spec, word};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::Outcomes,
    table: "outcome",
    columns: &[
        Column::key("account_external_id", Kind::Account).to("account_id"),
        Column::key("kind", word!(OutcomeKind)),
        Column::key("on", Kind::Day).to("occurred_on"),
        Column::optional("arr_before", Kind::Money).to("arr_before_minor"),
        Column::optional("arr_after", Kind::Money).to("arr_after_minor"),
        Column::derived("currency", Kind::Currency),
    ],
    stamps: &[],
};
