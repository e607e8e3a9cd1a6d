//! What clients write to say which rows a list holds and how it is ordered, and how `service` is asked for it.
//!
//! Roots and objects take these inputs. An input knows no object and reads nothing from the database: it refuses what cannot be meant,
//! and names the part.

pub mod account;
pub mod alert;
