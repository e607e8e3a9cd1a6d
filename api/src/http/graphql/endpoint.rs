//! `/graphql`: authenticate, read one request, pass it through the gate, execute it in bounded time, answer.

use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use async_graphql::{Request, Response, ServerError, Value};
use serde::Serialize;
use service::access::Access;

use super::fault::Fault;
use super::negotiation::{MediaType, media_type};
use super::operation::Operation;
use crate::engine::{Cut, EXECUTION_TIMEOUT};
use crate::graphql::error::{self, Code};
use crate::graphql::{MAX_ANSWER_BYTES, RequestContext, Schema};
use crate::http::access_log::{OperationName, TraceId};
use crate::http::auth;
use crate::state::AppState;

/// `POST /graphql`.
pub async fn post(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
    schema: web::Data<Schema>,
) -> HttpResponse {
    answer(
        &request,
        &state,
        &schema,
        Operation::from_post(request.headers(), payload),
    )
    .await
}

/// `GET /graphql?query=`.
pub async fn get(
    request: HttpRequest,
    state: web::Data<AppState>,
    schema: web::Data<Schema>,
) -> HttpResponse {
    answer(&request, &state, &schema, async {
        Operation::from_get(request.query_string())
    })
    .await
}

/// Any other method.
pub async fn refuse_method() -> HttpResponse {
    let mut answer = Fault::new(
        StatusCode::METHOD_NOT_ALLOWED,
        Code::BadRequest,
        "use POST, or GET for queries",
    )
    .into_response(MediaType::GraphqlResponse);
    answer.headers_mut().insert(
        actix_web::http::header::ALLOW,
        actix_web::http::header::HeaderValue::from_static("GET, POST"),
    );
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
        return Fault::new(StatusCode::NOT_ACCEPTABLE, Code::BadRequest, message)
            .into_response(MediaType::Json);
    };
    let trace_id = request
        .extensions()
        .get::<TraceId>()
        .map(|t| t.0.clone())
        .unwrap_or_default();
    let (started, mut kind) = (Instant::now(), None);
    let answered = async {
        let access = auth::authenticate(state, request.headers(), &trace_id).await?;
        let operation = operation.await?;
        kind = operation.kind();
        if let Some(name) = operation.log_name() {
            request.extensions_mut().insert(OperationName(name));
        }
        if operation.watches() {
            return Err(Fault::bad_request(
                "subscribe over a WebSocket on this address, with the sub-protocol graphql-transport-ws",
            ));
        }
        execute(state, schema, operation, access, media_type, &trace_id).await
    };
    let answered = answered.await;
    let (code, answer) = match answered {
        Ok(written) => (written.code, written.into_response(media_type)),
        Err(fault) => (Some(fault.code), fault.into_response(media_type)),
    };
    state
        .monitor
        .meters()
        .graphql_answered(kind, code.map(Code::as_str), started.elapsed());
    answer
}

/// Executes an operation and writes its answer. One that writes is executed to its end, also when the client has gone or the
/// time is up: whether a change was made must not depend on who is listening.
async fn execute(
    state: &AppState,
    schema: &Schema,
    operation: Operation,
    access: Access,
    media_type: MediaType,
    trace_id: &str,
) -> Result<Written, Fault> {
    let writes = operation.writes();
    let mut query = Request::new("");
    query.operation_name = operation.name;
    query.set_parsed_query(operation.document);
    let (query, turns) = RequestContext::attach(query, state, access, writes);
    let (schema, trace) = (schema.clone(), trace_id.to_owned());
    let execution = async move {
        let mut response = turns
            .take(!writes, schema.execute(query))
            .await
            .ok_or_else(|| Fault::too_long(MAX_ANSWER_BYTES))?;
        error::publish(&mut response, &trace);
        let changed = writes && error::tell_what_was_done(&mut response);
        Written::of(&response, changed, media_type, &trace)
    };
    let executed = if writes {
        state.engine.run_to_the_end(execution).await
    } else {
        state.engine.run(execution).await
    };
    executed.unwrap_or_else(|cut| {
        let hint = if writes {
            "what was asked for may still be done"
        } else {
            "ask for less at once"
        };
        Err(unfinished(cut, trace_id, hint))
    })
}

/// What is told of a request that was not executed to its end.
pub(in crate::http) fn unfinished(cut: Cut, trace_id: &str, hint: &str) -> Fault {
    match cut {
        // The panic's own message has gone to the log with its place; here is what connects it to the request.
        Cut::Panicked => {
            tracing::error!(trace_id, "executing a request panicked");
            Fault::failure(Code::Internal, trace_id)
        }
        Cut::Late => {
            tracing::warn!(
                trace_id,
                seconds = EXECUTION_TIMEOUT.as_secs(),
                "executing a request took too long"
            );
            Fault::new(
                StatusCode::SERVICE_UNAVAILABLE,
                Code::Timeout,
                format!("the answer took too long; {hint}"),
            )
        }
    }
}

/// What is written: errors first, and no `data` where nothing was executed.
#[derive(Serialize)]
struct Body<'r> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'r [async_graphql::ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'r Value>,
}

/// An answer, ready to be sent.
struct Written {
    status: StatusCode,
    code: Option<Code>,
    retry_after: Option<u64>,
    body: Vec<u8>,
}

impl Written {
    /// `changed` says that something was changed, whatever is missing of the answer.
    fn of(response: &Response, changed: bool, media_type: MediaType, trace_id: &str) -> Result<Self, Fault> {
        // An error of the execution has a path; a request that was refused before it has none.
        let refused = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|e| e.path.is_empty());
        let body = Body {
            errors: &response.errors,
            data: (!refused).then_some(&response.data),
        };
        let body = serde_json::to_vec(&body).map_err(|error| {
            tracing::error!(trace_id, %error, "an answer could not be written");
            Fault::failure(Code::Internal, trace_id)
        })?;
        let (status, retry_after) = if changed {
            (StatusCode::OK, None)
        } else {
            Self::status(response, refused, media_type)
        };
        Ok(Self {
            status,
            code: error::first_code(&response.errors),
            retry_after,
            body,
        })
    }

    /// An answer with any data is 200, whatever stands beside it. One without is an error of HTTP too where asking for less, or
    /// later, is what helps; then also for how many seconds later.
    fn status(response: &Response, refused: bool, media_type: MediaType) -> (StatusCode, Option<u64>) {
        let has_none = !response.errors.is_empty()
            && match &response.data {
                Value::Object(fields) => fields.values().all(|value| *value == Value::Null),
                value => *value == Value::Null,
            };
        let is = |wanted: Code| move |e: &ServerError| error::code_of(e) == Some(wanted);
        let later = response.errors.iter().filter_map(error::retry_after_of).max();
        if has_none && later.is_some() {
            (StatusCode::SERVICE_UNAVAILABLE, later)
        } else if has_none && response.errors.iter().any(is(Code::ComplexityLimit))
            || refused && media_type == MediaType::GraphqlResponse
        {
            (StatusCode::BAD_REQUEST, None)
        } else {
            (StatusCode::OK, None)
        }
    }

    fn into_response(self, media_type: MediaType) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        answer
            .insert_header((CONTENT_TYPE, media_type.header()))
            .body(self.body)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{ErrorExtensionValues, PathSegment};

    use super::*;

    /// An answer with nothing but an error, as it is sent for an operation that writes.
    fn written(code: Code, path: &[&str]) -> (StatusCode, serde_json::Value) {
        let mut error = ServerError::new("the message", None);
        error.path = path
            .iter()
            .map(|name| PathSegment::Field((*name).to_owned()))
            .collect();
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code.as_str());
        if let Some(seconds) = error::retry_after(code) {
            extensions.set(error::RETRY_AFTER, seconds);
        }
        error.extensions = Some(extensions);
        let mut response = Response::new(async_graphql::value!({ "a": null }));
        response.errors.push(error);
        let changed = error::tell_what_was_done(&mut response);
        let written = Written::of(&response, changed, MediaType::GraphqlResponse, "trace").unwrap();
        (written.status, serde_json::from_slice(&written.body).unwrap())
    }

    #[test]
    fn a_change_that_was_made_is_no_refusal_whatever_is_missing_of_its_answer() {
        for code in [Code::ComplexityLimit, Code::RetryLater, Code::Unavailable] {
            let (status, body) = written(code, &["a", "account", "name"]);
            assert_eq!(status, StatusCode::OK, "{body}");
            assert_eq!(
                body["errors"][0]["message"],
                "the change was made, but what it shows is cut off: the message"
            );
            assert_eq!(body["errors"][0]["extensions"]["code"], code.as_str());
        }
    }

    #[test]
    fn a_change_that_was_not_made_is_told_by_the_status_too() {
        for (code, expected) in [
            (Code::ComplexityLimit, StatusCode::BAD_REQUEST),
            (Code::RetryLater, StatusCode::SERVICE_UNAVAILABLE),
            (Code::Unavailable, StatusCode::SERVICE_UNAVAILABLE),
        ] {
            let (status, body) = written(code, &["a"]);
            assert_eq!(
                (status, &body["errors"][0]["message"]),
                (expected, &serde_json::json!("the message"))
            );
        }
    }
}
