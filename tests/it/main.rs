//! Whole-system tests, one binary, a file per behaviour.

#[cfg(test)]
mod boundaries;
#[cfg(test)]
mod import_mapping;
mod import_stage;
mod schema;
mod worker_slots;
