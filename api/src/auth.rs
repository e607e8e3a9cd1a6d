//! Who asks: the owner of the bearer token, looked up anew for each request, so that a revoked token is dead at once.

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use service::access::Access;

use crate::graphql::error::{Code, with_causes};
use crate::http::Fault;
use crate::state::AppState;

/// Longest header that can hold a token of ours.
const MAX_HEADER: usize = 512;

/// The rights of the token's owner.
///
/// # Errors
/// UNAUTHENTICATED, with one message for every reason: which it was is nobody's business.
pub async fn authenticate(state: &AppState, headers: &HeaderMap, trace_id: &str) -> Result<Access, Fault> {
    let Some(token) = bearer(headers) else {
        let message = "send a token as `Authorization: Bearer TOKEN`; `rapport token create --user EMAIL` makes one";
        return Err(Fault::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, message));
    };
    match service::token::authenticate(&state.db, &state.clock, token).await {
        Ok(Some(access)) => Ok(access),
        Ok(None) => Err(Fault::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, "the token is not valid: unknown, expired or revoked")),
        Err(error) => {
            tracing::error!(trace_id, error = with_causes(&error), "looking up a token failed");
            Err(Fault::internal(StatusCode::SERVICE_UNAVAILABLE, error.client_message(), trace_id))
        }
    }
}

/// The token of a well-formed header; the scheme's case does not matter.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION);
    let value = values.next()?.to_str().ok().filter(|text| text.len() <= MAX_HEADER)?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
