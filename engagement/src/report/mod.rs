//! Reports: what a person reads, as fields and as Markdown.

/// `write!` to a string cannot fail; the result is dropped here once.
macro_rules! tell {
    ($out:expr, $($arg:tt)*) => { let _ = std::fmt::Write::write_fmt($out, format_args!($($arg)*)); };
}

pub mod digest;
mod ending;
pub mod engagement;
mod engagement_advice;
mod engagement_markdown;
mod engagement_preface;
pub mod escalation;
pub mod portfolio;
mod portfolio_advice;
mod portfolio_markdown;
pub mod sponsor;
mod sponsor_markdown;
pub mod standing;
