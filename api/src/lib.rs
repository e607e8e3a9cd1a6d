//! GraphQL over HTTP: what frontends, scripts and people with a browser talk to.
//!
//! Nothing here decides about the business: `service` reads and authorises, `engagement` computes. What this crate owns
//! is the contract of docs/api.md (names, paging, error codes) and the defence of the service against its clients.

mod engine;
mod graphql;
mod http;
mod live;
mod serve;
mod state;

pub use engine::Engine;
pub use graphql::schema_sdl;
pub use http::CrowdLimits;
pub use serve::{ApiConfig, ServeError, bind, bind_for, serve, serve_health};
pub use state::AppState;
