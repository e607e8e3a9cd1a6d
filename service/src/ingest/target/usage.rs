//! `usage`: who used which feature on which day. Usage without a contact is a key of its own.

use crate::ingest::target::column::{Column, Kind, Spec};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::Usage,
    table: "usage",
    columns: &[
        Column::key("account_external_id", Kind::Account).to("account_id"),
        Column::key_or_absent("contact_external_id", Kind::Contact).to("contact_key"),
        Column::key("feature", Kind::Name),
        Column::key("day", Kind::Day),
        Column::required("count", Kind::Count),
    ],
    stamps: &[],
};
