//! The house: which crate may use which, which floor of a crate may use which, that no two files import
//! each other, and that files and items say what they are for.

#[cfg(test)]
mod boundaries;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod floors;
#[cfg(test)]
mod source;
