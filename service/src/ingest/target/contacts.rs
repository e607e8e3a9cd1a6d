//! `contacts`: the customers' people. One that becomes departed ends their sponsorship (`departure`).

use crate::ingest::target::column::{Column, Kind, Spec, Stamp, word};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::Contacts,
    table: "contact",
    columns: &[
        Column::key("account_external_id", Kind::Account).to("account_id"),
        Column::key("external_id", Kind::Name),
        Column::required("name", Kind::Name),
        Column::optional("email", Kind::Email),
        Column::optional("title", Kind::Text),
        Column::optional("department", Kind::Text),
        Column::optional("seniority", word!(Seniority)),
        Column::optional("role_started_on", Kind::Day),
        Column::optional("status", word!(ContactStatus)).or("ACTIVE"),
        Column::optional("departed_on", Kind::Day),
        Column::optional("communication_preference", Kind::Text),
        Column::optional("priorities", Kind::List).or("[]"),
    ],
    stamps: &[Stamp::Id],
};
