//! Whole-system tests, one binary, a file per behaviour.

#[cfg(test)]
mod boundaries;
#[cfg(test)]
mod import_bad_input;
#[cfg(test)]
mod import_departure;
#[cfg(test)]
mod import_files;
#[cfg(test)]
mod import_mapping;
#[cfg(test)]
mod import_stage;
#[cfg(test)]
mod import_strict;
#[cfg(test)]
mod schema;
mod worker_slots;
