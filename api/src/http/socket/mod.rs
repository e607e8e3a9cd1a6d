//! `/graphql` as a WebSocket: who has said who they are may watch (`graphql-transport-ws`). One task per connection; it
//! ends with the token, with the service, and with whoever is too slow.

mod connection;
mod opening;
mod protocol;

pub use opening::{open, wanted};
