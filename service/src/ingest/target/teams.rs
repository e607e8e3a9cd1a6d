//! `teams`: who of us looks after which account.

use crate::ingest::target::column::{Column, Kind, Spec, word};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::Teams,
    table: "team_member",
    columns: &[
        Column::key("account_external_id", Kind::Account).to("account_id"),
        Column::key("user_email", Kind::User).to("user_id"),
        Column::optional("team_role", word!(TeamRole)).or("CSM"),
    ],
    stamps: &[],
};
