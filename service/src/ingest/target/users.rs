//! `users`: who uses Rapport.

use crate::ingest::target::column::{Column, Kind, Spec, Stamp, word};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::Users,
    table: "app_user",
    columns: &[
        Column::key("email", Kind::Email),
        Column::required("name", Kind::Name),
        Column::optional("role", word!(Role)).or("CSM"),
        Column::optional("time_zone", Kind::Zone),
        Column::optional("manager_email", Kind::Email),
        Column::optional("sees_everything", Kind::Flag).or("false"),
    ],
    stamps: &[Stamp::Id, Stamp::CreatedAt],
};
