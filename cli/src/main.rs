//! The one binary, `rapport`.
fn main() {}
