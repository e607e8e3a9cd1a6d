//! The commands, one file each: what serves until it is stopped ([`serving`]), what moves and scores data ([`data`]), what is
//! about people of ours ([`people`]), and what looks.

mod data;
mod dispatch;
mod doctor;
mod jobs;
mod mail;
mod people;
mod report;
pub mod schema;
mod serving;

pub use dispatch::{Command, run};
