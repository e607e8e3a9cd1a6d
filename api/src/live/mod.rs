//! What happens while somebody watches: one look per second and process at the database, whoever wrote to it, told to
//! every connection that subscribes. Nobody watches, nobody looks.
//!
//! An event only names what changed. What a subscriber is shown of it is read for them, with their rights, when it is
//! delivered.

mod event;
mod snapshot;
mod watch;

pub use event::Event;
pub use watch::{Live, Presence};
