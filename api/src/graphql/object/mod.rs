//! The objects of the graph: a file holds an object's fields and how it is made of what `service` answers. The small parts that only this
//! object has stand with it; a report with many parts has a folder.
//!
//! An object asks the request's loaders for what hangs on it. Objects name each other freely: an account has contacts, a contact has
//! an account.

pub mod account;
pub mod account_engagement;
pub mod alert;
pub mod alert_usefulness;
pub mod audit;
pub mod contact;
pub mod contract;
pub mod departure;
pub mod engagement_change;
pub mod engagement_report;
pub mod goal;
pub mod interaction;
pub mod metric;
pub mod node;
pub mod org_change;
pub mod outreach;
pub mod portfolio_report;
pub mod sponsor_report;
pub mod sponsorship;
pub mod standing;
pub mod team_member;
pub mod token;
pub mod user;
