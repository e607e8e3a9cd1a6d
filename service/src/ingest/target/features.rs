//! `features`: the product's features, the catalogue that adoption is measured against.

use super::Target;
use crate::ingest::column::{Column, Kind, Spec};

pub(super) static SPEC: Spec = Spec {
    target: Target::Features,
    table: "feature",
    columns: &[Column::key("feature", Kind::Name), Column::optional("name", Kind::Name)],
    stamps: &[],
};
