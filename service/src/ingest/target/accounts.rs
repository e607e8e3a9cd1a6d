//! `accounts`: customer accounts, keyed by the id they have where they come from.

use crate::ingest::target::column::{Column, Kind, Spec, Stamp, word};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::Accounts,
    table: "account",
    columns: &[
        Column::key("external_id", Kind::Name),
        Column::required("name", Kind::Name),
        Column::required("tier", word!(AccountTier)),
        Column::optional("domain", Kind::Name),
        Column::optional("status", word!(AccountStatus)).or("ACTIVE"),
        Column::optional("churned_on", Kind::Day),
        Column::optional("industry", Kind::Name),
        Column::optional("region", Kind::Name),
        Column::optional("arr", Kind::Money).to("arr_minor"),
        Column::optional("currency", Kind::Currency),
        Column::optional("contract_start", Kind::Day),
        Column::optional("renewal_date", Kind::Day),
        Column::optional("served_by", word!(ServedBy)).or("DIRECT"),
    ],
    stamps: &[Stamp::Id, Stamp::CreatedAt, Stamp::UpdatedAt],
};
