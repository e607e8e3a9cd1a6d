//! Who asks: the owner of the bearer token, looked up anew for each request, so that a revoked token is dead at once.

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use service::access::Access;
use service::error::with_causes;

use super::graphql::Fault;
use crate::engine::Cut;
use crate::graphql::error::{Code, code_of_failure};
use crate::state::AppState;

/// Longest header that can hold a token of ours.
const MAX_HEADER: usize = 512;

/// The rights of the token's owner.
///
/// # Errors
/// UNAUTHENTICATED, with one message for every reason: which it was is nobody's business. RETRY_LATER or UNAVAILABLE where the
/// database is why it is not known.
pub async fn authenticate(state: &AppState, headers: &HeaderMap, trace_id: &str) -> Result<Access, Fault> {
    let Some(token) = bearer(headers) else {
        let message =
            "send a token as `Authorization: Bearer TOKEN`; `rapport token create --user EMAIL` makes one";
        return Err(Fault::new(
            StatusCode::UNAUTHORIZED,
            Code::Unauthenticated,
            message,
        ));
    };
    match owner(state, token, trace_id).await {
        Ok(Some(access)) => Ok(access),
        Ok(None) => Err(Fault::new(
            StatusCode::UNAUTHORIZED,
            Code::Unauthenticated,
            "the token is not valid: unknown, expired or revoked",
        )),
        Err(code) => Err(Fault::failure(code, trace_id)),
    }
}

/// Who a token stands for by now.
///
/// # Errors
/// The code of what kept it from being looked up; the log says more.
pub async fn owner(state: &AppState, token: &str, trace_id: &str) -> Result<Option<Access>, Code> {
    let looking = {
        let (state, token) = (state.clone(), token.to_owned());
        async move { service::token::authenticate(&state.db, &state.clock, &token).await }
    };
    match state.engine.run(looking).await {
        Ok(Ok(access)) => Ok(access),
        Ok(Err(error)) => {
            tracing::error!(trace_id, error = with_causes(&error), "looking up a token failed");
            Err(code_of_failure(&error))
        }
        Err(Cut::Late) => {
            tracing::error!(trace_id, "looking up a token took too long");
            Err(Code::RetryLater)
        }
        Err(Cut::Panicked) => Err(Code::Internal),
    }
}

/// The token of a well-formed header; the scheme's case does not matter.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION);
    let value = values
        .next()?
        .to_str()
        .ok()
        .filter(|text| text.len() <= MAX_HEADER)?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
