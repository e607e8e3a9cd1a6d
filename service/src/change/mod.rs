//! What people do: each change decides, writes, and follows up in one transaction.

pub(crate) mod departure;
pub mod erasure;
pub mod org_change;
pub mod outreach;
pub mod sponsorship;
