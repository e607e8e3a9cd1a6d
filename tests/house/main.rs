//! The house: which crate may use which, which floor of a crate may use which, and that no two files import each other.

#[cfg(test)]
mod boundaries;
#[cfg(test)]
mod floors;
#[cfg(test)]
mod source;
