//! The rows that everything is computed from, the days that a report looks at, and what rows say by themselves.

pub(crate) mod renewal;
pub mod retention;
mod rows;
pub mod seat;
pub mod windows;

pub use rows::{
    Account, AccountRows, BookedTouch, Catalogue, ConfirmedChange, Contact, ContactIndex, Departure,
    FeatureIndex, Interaction, LOGIN, Participant, Span, Sponsorship, Usage, customer_on,
};
