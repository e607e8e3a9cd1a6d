//! `features`: the product's features, the catalogue that adoption is measured against.

use crate::ingest::target::column::{Column, Kind, Spec};
use crate::ingest::target::file::Target;

pub(super) static SPEC: Spec = Spec {
    target: Target::Features,
    table: "feature",
    columns: &[
        Column::key("feature", Kind::Name),
        Column::optional("name", Kind::Name),
    ],
    stamps: &[],
};
