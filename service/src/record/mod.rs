//! The records that the product is about, one file per aggregate: read and changed here, and nowhere else.

pub mod account;
pub mod account_list;
pub(crate) mod by_ids;
pub mod contact;
pub mod digest_preferences;
pub(crate) mod erased_contact;
pub mod goal;
pub mod installation;
pub mod interaction;
pub(crate) mod mail_switch;
pub(crate) mod mask;
pub mod metric;
pub(crate) mod pages_by_account;
pub(crate) mod spoken;
pub mod team;
pub mod user;
