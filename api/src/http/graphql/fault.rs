//! A request that is refused before anything is executed, as the GraphQL answer that says so.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError};

use super::negotiation::MediaType;
use crate::graphql::error::{self, Code, TOO_LONG, masked, retry_after};
use crate::graphql::gate::Refusal;

/// Why a request is refused, with what the client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The status of the answer.
    pub status: StatusCode,
    /// The machine-readable reason.
    pub code: Code,
    /// The reason in words.
    pub message: String,
    /// Which part of the input it is about, where one is.
    pub field: Option<String>,
    /// Where in the query it is, where it is there.
    pub at: Option<Pos>,
    /// Where the log says more, for what is our fault.
    pub trace_id: Option<String>,
    /// The limit that is broken, where there is one.
    pub limit: Option<usize>,
}

impl Fault {
    /// A refusal.
    pub fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            field: None,
            at: None,
            trace_id: None,
            limit: None,
        }
    }

    /// It failed, and not by the asker's fault: 503 for what may go well soon, 500 for what is ours.
    pub fn failure(code: Code, trace_id: &str) -> Self {
        let soon = retry_after(code).is_some();
        let status = if soon {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        };
        Self {
            trace_id: Some(trace_id.to_owned()),
            ..Self::new(status, code, masked(code))
        }
    }

    /// The request itself is not what GraphQL over HTTP asks for.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadRequest, message)
    }

    /// A variable or an argument breaks a rule.
    pub fn bad_user_input(field: &str, message: impl Into<String>) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..Self::new(StatusCode::BAD_REQUEST, Code::BadUserInput, message)
        }
    }

    /// More is asked for than may be.
    pub fn too_much(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::ComplexityLimit, message)
    }

    /// The answer would be longer than so many bytes.
    pub fn too_long(limit: usize) -> Self {
        Self {
            limit: Some(limit),
            ..Self::too_much(TOO_LONG)
        }
    }

    /// The error that says so.
    pub fn into_error(self) -> ServerError {
        let mut error = ServerError::new(self.message, self.at);
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code.as_str());
        if let Some(field) = self.field {
            extensions.set("field", field);
        }
        if let Some(trace_id) = self.trace_id {
            extensions.set("traceId", trace_id);
        }
        if let Some(limit) = self.limit {
            extensions.set("limit", limit);
        }
        if let Some(seconds) = retry_after(self.code) {
            extensions.set(error::RETRY_AFTER, seconds);
        }
        error.extensions = Some(extensions);
        error
    }

    /// The answer. What is wrong with the query or its variables is told with 200 to a client that reads plain JSON only:
    /// such clients take any other status for a fault of the network.
    pub fn into_response(self, media_type: MediaType) -> HttpResponse {
        let query = matches!(
            self.code,
            Code::ParseFailed | Code::ValidationFailed | Code::BadUserInput
        );
        let status = if query && media_type == MediaType::Json {
            StatusCode::OK
        } else {
            self.status
        };
        let mut answer = HttpResponse::build(status);
        if self.status == StatusCode::UNAUTHORIZED {
            answer.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"rapport\""));
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            answer.insert_header((ALLOW, "POST"));
        }
        if let Some(seconds) = retry_after(self.code) {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        let body = serde_json::json!({ "errors": Response::from_errors(vec![self.into_error()]).errors });
        answer
            .insert_header((CONTENT_TYPE, media_type.header()))
            .body(body.to_string())
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let code = match &refusal {
            Refusal::Syntax(_) => Code::ParseFailed,
            Refusal::Limit { .. } | Refusal::Price { .. } => Code::ComplexityLimit,
            Refusal::Cycle(_) | Refusal::Invalid { .. } => Code::ValidationFailed,
            Refusal::Value { .. } => Code::BadUserInput,
        };
        let fault = Self::new(StatusCode::BAD_REQUEST, code, refusal.to_string());
        match refusal {
            Refusal::Value { field, at, .. } => Self {
                field: Some(field),
                at: Some(at),
                ..fault
            },
            Refusal::Invalid { at, .. } => Self {
                at: Some(at),
                ..fault
            },
            Refusal::Syntax(_) | Refusal::Limit { .. } | Refusal::Price { .. } | Refusal::Cycle(_) => fault,
        }
    }
}
