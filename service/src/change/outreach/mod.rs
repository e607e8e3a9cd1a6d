//! Planned outreach: made and called off by hand, checked against the guardrails, told to the account's team.

mod cancel;
mod list;
mod model;
mod plan;

pub use cancel::cancel;
pub use list::{by_ids, pages_of};
pub use model::{NewOutreach, Outreach};
pub use plan::plan;
