//! GraphQL over HTTP: the endpoint ([`endpoint`]), which media type the client reads ([`negotiation`]), the request that it
//! sends ([`operation`]), and why a request is refused ([`fault`]).

mod endpoint;
mod fault;
mod negotiation;
mod operation;

pub(super) use endpoint::unfinished;
pub use endpoint::{get, post, refuse_method};
pub use fault::Fault;
pub(super) use negotiation::MediaType;
pub(super) use operation::Operation;
