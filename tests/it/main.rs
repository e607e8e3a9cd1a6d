//! Whole-system tests, one binary, a file per behaviour.

#[cfg(test)]
mod boundaries;
#[cfg(test)]
mod schema;
