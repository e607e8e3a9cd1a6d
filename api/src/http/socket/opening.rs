//! The upgrade of `/graphql` to a WebSocket: only for whoever offers our sub-protocol, before it is known who they are.

use actix_web::guard::{Guard, fn_guard};
use actix_web::http::StatusCode;
use actix_web::http::header::{SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};

use super::connection::Connection;
use super::protocol::PROTOCOL;
use crate::graphql::Schema;
use crate::graphql::error::Code;
use crate::http::access_log::TraceId;
use crate::http::auth;
use crate::http::graphql::{Fault, MediaType};
use crate::live::Live;
use crate::state::AppState;

/// Longest message of a client: the longest query with the longest variables.
const MAX_MESSAGE: usize = 96 * 1024;

/// Requests that want to become a WebSocket.
pub fn wanted() -> impl Guard {
    fn_guard(|context| {
        let value = context
            .head()
            .headers()
            .get(UPGRADE)
            .and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
    })
}

/// Opens a connection.
pub async fn open(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
    schema: web::Data<Schema>,
    live: web::Data<Live>,
) -> HttpResponse {
    let offers = request
        .headers()
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok());
    if !offers
        .flat_map(|value| value.split(','))
        .any(|offer| offer.trim() == PROTOCOL)
    {
        let message = format!("only the sub-protocol {PROTOCOL} is spoken here");
        return Fault::new(StatusCode::BAD_REQUEST, Code::BadRequest, message).into_response(MediaType::Json);
    }
    let trace_id = request
        .extensions()
        .get::<TraceId>()
        .map(|t| t.0.clone())
        .unwrap_or_default();
    // Clients that are no browsers may say at once who they are.
    let token = auth::bearer(request.headers()).map(str::to_owned);
    match actix_ws::handle_with_protocols(&request, payload, &[PROTOCOL]) {
        Ok((answer, session, messages)) => {
            let messages = messages
                .max_frame_size(MAX_MESSAGE)
                .aggregate_continuations()
                .max_continuation_size(MAX_MESSAGE);
            let connection = Connection::new(session, state, schema, live, token, trace_id);
            actix_web::rt::spawn(connection.run(messages));
            answer
        }
        Err(error) => Fault::bad_request(format!("no WebSocket: {error}")).into_response(MediaType::Json),
    }
}
