//! Reads one GraphQL request out of an HTTP request: one JSON object by POST, or a query by GET. Everything else is
//! refused: other content types (forms can be posted across sites), multipart, batches, mutations by GET.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::web;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::fault::Fault;
use crate::graphql::error::Code;
use crate::graphql::{gate, schema_types};

/// Longest body of a request: a thousand rows of a bulk mutation with long texts, and its query.
const MAX_BODY: usize = 2 * 1024 * 1024;
/// Longest text of variables of an operation that writes.
const MAX_WRITTEN: usize = MAX_BODY;
/// Longest text of variables of one that reads: ids, filters, cursors.
const MAX_VARIABLES: usize = 64 * 1024;
/// Longest value in a query string.
const MAX_IN_URL: usize = 64 * 1024;
/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A request that is safe to validate and execute.
#[derive(Debug)]
pub struct Operation {
    /// The parsed text, its variables written out.
    pub document: ExecutableDocument,
    /// Which of its operations is asked for.
    pub name: Option<String>,
}

/// The parameters of GraphQL over HTTP, as JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    // Tools send it; nothing of ours reads it.
    #[serde(rename = "extensions")]
    _extensions: Option<Map<String, Value>>,
}

impl Operation {
    /// Reads the body of a POST.
    pub async fn from_post(headers: &HeaderMap, payload: web::Payload) -> Result<Self, Fault> {
        require_json(headers)?;
        let body = match tokio::time::timeout(BODY_TIMEOUT, payload.to_bytes_limited(MAX_BODY)).await {
            Ok(Ok(Ok(body))) => body,
            Ok(Ok(Err(error))) => {
                return Err(Fault::bad_request(format!("the body could not be read: {error}")));
            }
            Ok(Err(_)) => {
                let message = format!("the body is longer than {MAX_BODY} bytes");
                return Err(Fault::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    Code::BadRequest,
                    message,
                ));
            }
            Err(_) => {
                return Err(Fault::new(
                    StatusCode::REQUEST_TIMEOUT,
                    Code::BadRequest,
                    "the body did not come in time",
                ));
            }
        };
        if body.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[') {
            return Err(Fault::bad_request(
                "batches are not supported: send one JSON object",
            ));
        }
        let parameters = serde_json::from_slice(&body).map_err(|error| {
            Fault::bad_request(format!(
                "the body is not the JSON object of a GraphQL request: {error}"
            ))
        })?;
        Self::from_parameters(parameters)
    }

    /// Reads the query string of a GET; only queries may be sent so.
    pub fn from_get(query_string: &str) -> Result<Self, Fault> {
        let mut given = web::Query::<HashMap<String, String>>::from_query(query_string)
            .map_err(|error| Fault::bad_request(format!("the query string could not be read: {error}")))?
            .into_inner();
        let mut json = |name: &str| match given.remove(name).filter(|text| !text.is_empty()) {
            Some(text) if text.len() > MAX_IN_URL => Err(Fault::bad_request(format!("`{name}` is too long"))),
            Some(text) => serde_json::from_str::<Option<Map<String, Value>>>(&text)
                .map_err(|error| Fault::bad_request(format!("`{name}` is not a JSON object: {error}"))),
            None => Ok(None),
        };
        let (variables, extensions) = (json("variables")?, json("extensions")?);
        let operation_name = given.remove("operationName").filter(|name| !name.is_empty());
        let operation = Self::from_parameters(Parameters {
            query: given.remove("query"),
            operation_name,
            variables,
            _extensions: extensions,
        })?;
        match operation.chosen().map(|chosen| chosen.ty) {
            Some(OperationType::Mutation | OperationType::Subscription) => Err(Fault::new(
                StatusCode::METHOD_NOT_ALLOWED,
                Code::BadRequest,
                "only queries may be sent by GET; use POST",
            )),
            Some(OperationType::Query) | None => Ok(operation),
        }
    }

    /// Reads what a WebSocket's client subscribes to; only subscriptions may be sent so.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn from_message(payload: Value) -> Result<Self, Fault> {
        let parameters = serde_json::from_value(payload).map_err(|error| {
            Fault::bad_request(format!(
                "the payload is not the JSON object of a GraphQL request: {error}"
            ))
        })?;
        let operation = Self::from_parameters(parameters)?;
        match operation.chosen().map(|chosen| chosen.ty) {
            Some(OperationType::Query | OperationType::Mutation) => Err(Fault::bad_request(
                "only subscriptions may be sent over a WebSocket; send queries and mutations by POST",
            )),
            Some(OperationType::Subscription) | None => Ok(operation),
        }
    }

    fn from_parameters(parameters: Parameters) -> Result<Self, Fault> {
        let query = parameters
            .query
            .ok_or_else(|| Fault::bad_request("`query` is missing"))?;
        let variables = parameters.variables.unwrap_or_default();
        let mut operation = Self {
            document: gate::admit(&query)?,
            name: parameters.operation_name,
        };
        let (length, most) = (
            length(&variables),
            if operation.writes() {
                MAX_WRITTEN
            } else {
                MAX_VARIABLES
            },
        );
        if length > most {
            let message = format!("the variables are too long: {length} bytes, at most {most} are allowed");
            return Err(Fault::new(
                StatusCode::BAD_REQUEST,
                Code::ComplexityLimit,
                message,
            ));
        }
        refuse_nul(&query, &variables)?;
        gate::write_out(
            schema_types(),
            &mut operation.document,
            operation.name.as_deref(),
            variables,
        )?;
        if let Some(chosen) = operation.chosen() {
            gate::check_price(schema_types(), &operation.document, chosen)?;
        }
        Ok(operation)
    }

    /// Whether it asks to watch.
    pub fn watches(&self) -> bool {
        self.chosen()
            .is_some_and(|chosen| chosen.ty == OperationType::Subscription)
    }

    /// Whether it may change anything.
    pub fn writes(&self) -> bool {
        self.chosen()
            .is_some_and(|chosen| chosen.ty == OperationType::Mutation)
    }

    /// Whether it is a query, a mutation or a subscription, in a word of ours; none where that cannot be told.
    pub fn kind(&self) -> Option<&'static str> {
        self.chosen().map(|chosen| match chosen.ty {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        })
    }

    /// The operation that is asked for; none where the request does not name one that there is.
    fn chosen(&self) -> Option<&OperationDefinition> {
        let operation = match (&self.document.operations, &self.name) {
            // The library takes no name for an anonymous operation and will say so.
            (DocumentOperations::Single(operation), _) => Some(operation),
            (DocumentOperations::Multiple(all), Some(name)) => all.get(name.as_str()),
            (DocumentOperations::Multiple(all), None) => all.values().next().filter(|_| all.len() == 1),
        };
        operation.map(|operation| &operation.node)
    }

    /// The operation's own name, for the log: a name of the document, never a free text of the client.
    pub fn log_name(&self) -> Option<String> {
        match (&self.document.operations, &self.name) {
            (DocumentOperations::Multiple(all), Some(name)) => {
                all.get_key_value(name.as_str()).map(|(name, _)| name.to_string())
            }
            (DocumentOperations::Multiple(all), None) => all
                .keys()
                .next()
                .filter(|_| all.len() == 1)
                .map(ToString::to_string),
            (DocumentOperations::Single(_), _) => None,
        }
        .map(|mut name| {
            // Names are ASCII by grammar.
            name.truncate(64);
            name
        })
    }
}

/// How long the text of the variables is.
fn length(variables: &Map<String, Value>) -> usize {
    serde_json::to_string(variables).map_or(usize::MAX, |text| text.len())
}

/// No text of ours holds U+0000, and PostgreSQL takes none: whoever asks for one is told so, whatever the database.
fn refuse_nul(query: &str, variables: &Map<String, Value>) -> Result<(), Fault> {
    const MESSAGE: &str = "a text must not hold the character U+0000";
    if let Some((name, _)) = variables.iter().find(|(_, value)| holds_nul(value)) {
        return Err(Fault::bad_user_input(name, MESSAGE));
    }
    if query.contains("\\u0000") || query.contains("\\u{0") || query.contains('\0') {
        return Err(Fault::bad_user_input("query", MESSAGE));
    }
    Ok(())
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn require_json(headers: &HeaderMap) -> Result<(), Fault> {
    let unsupported = |what: &str| {
        let message = format!("{what}: send the request as application/json in UTF-8");
        Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadRequest, message)
    };
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Err(unsupported("the content type is missing"));
    };
    let text = value.to_str().unwrap_or_default().to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    if parts.next() != Some("application/json") {
        return Err(unsupported("the content type is not supported"));
    }
    match parts
        .find_map(|p| p.strip_prefix("charset="))
        .map(|c| c.trim_matches('"'))
    {
        None | Some("utf-8" | "utf8" | "us-ascii") => Ok(()),
        Some(_) => Err(unsupported("the character set is not supported")),
    }
}
