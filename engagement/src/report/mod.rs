//! Reports: what a person reads, as fields and as Markdown.

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
