//! Reports: what a person reads, as fields and as Markdown.

pub mod engagement;
mod engagement_markdown;
