//! Reports: what a person reads, as fields and as Markdown.

/// `write!` to a string cannot fail; the result is dropped here once.
macro_rules! tell {
    ($out:expr, $($arg:tt)*) => { let _ = std::fmt::Write::write_fmt($out, format_args!($($arg)*)); };
}

pub mod digest;
pub mod engagement;
pub mod escalation;
pub mod named;
pub mod portfolio;
pub mod sponsor;
pub mod standing;
