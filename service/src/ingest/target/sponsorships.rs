//! `sponsorships`: which of the customer's people sponsor us, and for how long.

use crate::ingest::target::column::{Column, Kind, Spec, Stamp, word};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::Sponsorships,
    table: "sponsorship",
    columns: &[
        Column::key("account_external_id", Kind::Account).to("account_id"),
        Column::key("contact_external_id", Kind::Contact).to("contact_id"),
        Column::key("since", Kind::Day),
        Column::optional("until", Kind::Day),
        Column::required("rank", word!(SponsorRank)),
    ],
    stamps: &[Stamp::Id],
};
