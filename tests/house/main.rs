//! The house: which crate may use which, which floor of a crate may use which, and that no two files import each other.

mod boundaries;
mod floors;
mod source;
