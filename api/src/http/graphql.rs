//! `/graphql`: authenticate, read one request, pass it through the gate, execute it in bounded time, answer.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use async_graphql::{Request, Response, Value};
use futures_util::FutureExt;
use serde::Serialize;
use tracing::Instrument;

use super::access_log::{OperationName, TraceId};
use super::fault::Fault;
use super::negotiation::{MediaType, media_type};
use super::operation::Operation;
use crate::auth;
use crate::graphql::error::{self, Code};
use crate::graphql::{RequestContext, Schema};
use crate::state::AppState;

/// How long executing one request may take.
pub(super) const EXECUTION_TIMEOUT: Duration = Duration::from_secs(10);

/// `POST /graphql`.
pub async fn post(request: HttpRequest, payload: web::Payload, state: web::Data<AppState>, schema: web::Data<Schema>) -> HttpResponse {
    answer(&request, &state, &schema, Operation::from_post(request.headers(), payload)).await
}

/// `GET /graphql?query=`.
pub async fn get(request: HttpRequest, state: web::Data<AppState>, schema: web::Data<Schema>) -> HttpResponse {
    answer(&request, &state, &schema, async { Operation::from_get(request.query_string()) }).await
}

/// Any other method.
pub async fn refuse_method() -> HttpResponse {
    let mut answer = Fault::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadRequest, "use POST, or GET for queries")
        .into_response(MediaType::GraphqlResponse);
    answer.headers_mut().insert(actix_web::http::header::ALLOW, actix_web::http::header::HeaderValue::from_static("GET, POST"));
    answer
}

async fn answer(
    request: &HttpRequest,
    state: &AppState,
    schema: &Schema,
    operation: impl Future<Output = Result<Operation, Fault>>,
) -> HttpResponse {
    let Some(media_type) = media_type(request.headers()) else {
        let message = "only application/graphql-response+json and application/json are spoken here";
        return Fault::new(StatusCode::NOT_ACCEPTABLE, Code::BadRequest, message).into_response(MediaType::Json);
    };
    let trace_id = request.extensions().get::<TraceId>().map(|t| t.0.clone()).unwrap_or_default();
    let (started, mut kind) = (Instant::now(), None);
    let answered = async {
        let access = auth::authenticate(state, request.headers(), &trace_id).await?;
        let operation = operation.await?;
        kind = operation.kind();
        if let Some(name) = operation.log_name() {
            request.extensions_mut().insert(OperationName(name));
        }
        if operation.watches() {
            return Err(Fault::bad_request("subscribe over a WebSocket on this address, with the sub-protocol graphql-transport-ws"));
        }
        let writes = operation.writes();
        let mut query = Request::new("").variables(operation.variables);
        query.operation_name = operation.name;
        query.set_parsed_query(operation.document);
        let query = RequestContext::attach(query, state, access, writes);
        if writes { execute_to_the_end(schema, query, &trace_id).await } else { execute(schema, query, &trace_id).await }
    };
    let answered = answered.await;
    let (code, answer) = match answered {
        Ok(mut response) => {
            error::publish(&mut response, &trace_id);
            (error::first_code(&response.errors), write(&response, media_type, &trace_id))
        }
        Err(fault) => (Some(fault.code), fault.into_response(media_type)),
    };
    state.monitor.meters().graphql_answered(kind, code.map(Code::as_str), started.elapsed());
    answer
}

async fn execute(schema: &Schema, query: Request, trace_id: &str) -> Result<Response, Fault> {
    // Unconstrained, so that resolvers which wait for one batch are all polled before the batch is sent.
    let execution = tokio::task::unconstrained(schema.execute(query));
    match tokio::time::timeout(EXECUTION_TIMEOUT, AssertUnwindSafe(execution).catch_unwind()).await {
        Ok(Ok(response)) => Ok(response),
        // The panic's own message has gone to the log with its place; here is what connects it to the request.
        Ok(Err(_)) => Err(panicked(trace_id)),
        Err(_) => Err(too_late(trace_id, "the answer took too long; ask for less at once")),
    }
}

/// A request that writes is executed to its end, also when the client has gone or the time is up: whether a change was
/// made must not depend on who is listening.
async fn execute_to_the_end(schema: &Schema, query: Request, trace_id: &str) -> Result<Response, Fault> {
    let schema = schema.clone();
    let execution = async move { tokio::task::unconstrained(schema.execute(query)).await };
    let execution = tokio::spawn(execution.in_current_span());
    match tokio::time::timeout(EXECUTION_TIMEOUT, execution).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(_)) => Err(panicked(trace_id)),
        Err(_) => Err(too_late(trace_id, "the answer took too long; what was asked for may still be done")),
    }
}

/// Executing a request panicked.
pub(super) fn panicked(trace_id: &str) -> Fault {
    tracing::error!(trace_id, "executing a request panicked");
    Fault::internal(StatusCode::INTERNAL_SERVER_ERROR, "internal error", trace_id)
}

/// Executing a request took too long.
pub(super) fn too_late(trace_id: &str, message: &str) -> Fault {
    tracing::warn!(trace_id, seconds = EXECUTION_TIMEOUT.as_secs(), "executing a request took too long");
    Fault::new(StatusCode::SERVICE_UNAVAILABLE, Code::Timeout, message)
}

/// What is written: errors first, and no `data` where nothing was executed.
#[derive(Serialize)]
struct Body<'r> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'r [async_graphql::ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'r Value>,
}

fn write(response: &Response, media_type: MediaType, trace_id: &str) -> HttpResponse {
    // An error of the execution has a path; a request that was refused before it has none.
    let refused = response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|e| e.path.is_empty());
    let limited = refused && response.errors.iter().any(|e| error::code_of(e) == Some(Code::ComplexityLimit));
    let status = if limited || (refused && media_type == MediaType::GraphqlResponse) { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let body = Body { errors: &response.errors, data: (!refused).then_some(&response.data) };
    match serde_json::to_vec(&body) {
        Ok(bytes) => HttpResponse::build(status).insert_header((CONTENT_TYPE, media_type.header())).body(bytes),
        Err(error) => {
            tracing::error!(trace_id, %error, "an answer could not be written");
            Fault::internal(StatusCode::INTERNAL_SERVER_ERROR, "internal error", trace_id).into_response(media_type)
        }
    }
}
