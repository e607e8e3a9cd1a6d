//! The gate in front of the GraphQL library: what it refuses never reaches validation or a resolver.
//!
//! In this order: a lexical scan, one parse, a count through fragments; then variables are written out, and what is left, all
//! of it constant, is priced. What passes is bounded in every way that the library's own checks are sensitive to.
//!
//! The library's own limits do not do it: they count after parsing and validation, which a hostile query makes dear, and know no
//! price of a list.

#[cfg(test)]
mod hostile;
mod price;
mod refusal;
mod text;
mod types;
mod variables;

pub use price::check as check_price;
pub use refusal::Refusal;
pub use text::{MAX_INTROSPECTION_DEPTH, MAX_NESTING, admit};
pub use types::Types;
pub use variables::write_out;
