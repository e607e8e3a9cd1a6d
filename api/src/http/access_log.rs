//! One line per request: what was asked by name, how it ended, how long it took, and the trace id under which the rest of
//! the log speaks of it. Never a query, a variable, a token or an address.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use service::monitoring::Monitor;
use tracing::Instrument;

use crate::state::AppState;

/// The header in which the client is given the trace id.
const TRACE_HEADER: HeaderName = HeaderName::from_static("x-trace-id");

/// Identifies one request in the log.
#[derive(Debug, Clone)]
pub struct TraceId(pub String);

/// The name of the GraphQL operation, once it is known.
#[derive(Debug, Clone)]
pub struct OperationName(pub String);

/// Wraps every request.
pub async fn log_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let trace_id = match request.app_data::<web::Data<AppState>>() {
        Some(state) => service::ids::new_id(state.clock.now()).simple().to_string(),
        None => String::new(),
    };
    request.extensions_mut().insert(TraceId(trace_id.clone()));
    let span = tracing::info_span!("request", trace_id);
    let mut response = next.call(request).instrument(span).await?;
    if let Ok(value) = HeaderValue::from_str(&trace_id) {
        response.headers_mut().insert(TRACE_HEADER, value);
    }
    let operation = response
        .request()
        .extensions()
        .get::<OperationName>()
        .map(|o| o.0.clone());
    // The pattern, never the path: a path can hold anything.
    let route = response.request().match_pattern();
    let took = started.elapsed();
    tracing::info!(
        trace_id,
        method = %response.request().method(),
        route = route.as_deref().unwrap_or("-"),
        operation = operation.as_deref().unwrap_or("-"),
        status = response.status().as_u16(),
        micros = took.as_micros() as u64,
        "request"
    );
    if let Some(monitor) = response.request().app_data::<web::Data<Monitor>>() {
        monitor.meters().http_answered(
            response.request().method().as_str(),
            route,
            response.status().as_u16(),
            took,
        );
    }
    Ok(response)
}
