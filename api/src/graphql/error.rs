//! What a client is told when something fails: a code that programs can rely on, a message for people, and never more
//! than it may know. What is not meant for clients is masked at the one place through which every answer goes.

use async_graphql::{
    Error, ErrorExtensionValues, ErrorExtensions, PathSegment, Response, ServerError, Value,
};
use service::error::{ServiceError, with_causes};

/// The values of `extensions.code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// No valid token.
    Unauthenticated,
    /// Visible to the caller, but the action is not theirs.
    Forbidden,
    /// There is no such thing, or not for the caller.
    NotFound,
    /// An argument breaks a rule; `extensions.field` names it.
    BadUserInput,
    /// A guardrail forbids it; `extensions.rule` names it.
    Guardrail,
    /// The present state forbids it.
    Conflict,
    /// The query asks for more than one request may.
    ComplexityLimit,
    /// The text is no GraphQL.
    ParseFailed,
    /// The query does not fit the schema.
    ValidationFailed,
    /// The HTTP request is not what GraphQL over HTTP asks for.
    BadRequest,
    /// The answer took too long.
    Timeout,
    /// The service has too much to do: the same may go well in a moment.
    RetryLater,
    /// The database is away or takes no writes.
    Unavailable,
    /// Our fault; masked, with a trace id that is also in the log.
    Internal,
}

impl Code {
    /// Every code.
    pub const ALL: &'static [Self] = &[
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::BadUserInput,
        Self::Guardrail,
        Self::Conflict,
        Self::ComplexityLimit,
        Self::ParseFailed,
        Self::ValidationFailed,
        Self::BadRequest,
        Self::Timeout,
        Self::RetryLater,
        Self::Unavailable,
        Self::Internal,
    ];

    /// As it stands in `extensions.code`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Guardrail => "GUARDRAIL",
            Self::Conflict => "CONFLICT",
            Self::ComplexityLimit => "COMPLEXITY_LIMIT",
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadRequest => "BAD_REQUEST",
            Self::Timeout => "TIMEOUT",
            Self::RetryLater => "RETRY_LATER",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// An argument that breaks a rule.
pub fn bad_user_input(field: impl Into<String>, message: impl Into<String>) -> Error {
    let field = field.into();
    Error::new(message).extend_with(|_, extensions| {
        extensions.set("code", Code::BadUserInput.as_str());
        extensions.set("field", field);
    })
}

/// What an argument names is not there, or not for the caller.
fn not_found(field: &str, message: String) -> Error {
    coded(Code::NotFound, message).extend_with(|_, extensions| extensions.set("field", field))
}

/// A failure of `service`, as a resolver returns it. The log's message is kept beside the client's until the answer is
/// published.
pub fn from_service(error: &ServiceError) -> Error {
    match error {
        ServiceError::BadInput { field, .. } => bad_user_input(field, error.client_message()),
        ServiceError::NotFound { field, .. } => not_found(field, error.client_message()),
        ServiceError::Guardrail { rule, other, .. } => coded(Code::Guardrail, error.client_message())
            .extend_with(|_, extensions| {
                extensions.set("rule", rule.as_str());
                if let Some(other) = other {
                    extensions.set("outreachId", other.to_string());
                }
            }),
        ServiceError::Conflict(_) => coded(Code::Conflict, error.client_message()),
        ServiceError::Forbidden(_) => coded(Code::Forbidden, error.client_message()),
        ServiceError::Busy { .. }
        | ServiceError::Unreachable { .. }
        | ServiceError::DiskFull { .. }
        | ServiceError::ReadOnly { .. } => coded(code_of_failure(error), with_causes(error)),
        ServiceError::Database { .. }
        | ServiceError::Internal { .. }
        | ServiceError::SchemaNewer { .. }
        | ServiceError::SchemaOlder { .. }
        | ServiceError::Stored { .. }
        | ServiceError::PolicyChanged { .. }
        | ServiceError::File { .. } => coded(Code::Internal, with_causes(error)),
    }
}

/// The code of a failure that is not the asker's: what the database cannot do now, or our fault.
pub const fn code_of_failure(error: &ServiceError) -> Code {
    match error {
        ServiceError::Busy { .. } => Code::RetryLater,
        ServiceError::Unreachable { .. } | ServiceError::DiskFull { .. } | ServiceError::ReadOnly { .. } => {
            Code::Unavailable
        }
        _ => Code::Internal,
    }
}

/// A failure of ours that is no failure of `service`; the message is for the log.
pub fn internal(message: &str) -> Error {
    coded(Code::Internal, message.to_owned())
}

/// What the client is told of an answer that is longer than it may be.
pub const TOO_LONG: &str = "the answer would be too long: ask for fewer fields or shorter lists (`first`)";

/// An answer that is longer than so many bytes, or has too many values for them.
pub fn too_long(limit: usize) -> ServerError {
    let mut error = ServerError::new(TOO_LONG, None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", Code::ComplexityLimit.as_str());
    extensions.set("limit", limit);
    error.extensions = Some(extensions);
    error
}

/// More accounts would have to be scored than one request may ask for.
pub fn too_many_accounts(accounts: u64, limit: u64) -> Error {
    let message = format!(
        "this would score {accounts} accounts, and a request may have {limit} scored: ask for fewer with `filter`, or for the standard \
         period on a day whose scores are stored"
    );
    coded(Code::ComplexityLimit, message).extend_with(|_, extensions| {
        extensions.set("accounts", accounts);
        extensions.set("limit", limit);
    })
}

/// There is too much heavy work at the moment.
pub fn overloaded(retry_after: u64) -> Error {
    let message = format!("too many reports are being computed: ask again in {retry_after} seconds");
    coded(Code::RetryLater, message).extend_with(|_, extensions| extensions.set(RETRY_AFTER, retry_after))
}

/// The name of the extension that says when it is worth asking again, in seconds.
pub const RETRY_AFTER: &str = "retryAfter";

/// When it is worth asking again, in seconds, where nothing else is known: what is busy is free sooner than what is away is back.
pub const fn retry_after(code: Code) -> Option<u64> {
    match code {
        Code::RetryLater => Some(2),
        Code::Unavailable => Some(10),
        _ => None,
    }
}

/// When an error says that it is worth asking again.
pub fn retry_after_of(error: &ServerError) -> Option<u64> {
    match error.extensions.as_ref()?.get(RETRY_AFTER)? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    }
}

fn coded(code: Code, message: String) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
}

/// Most errors in one answer: a query of a thousand unknown fields is told about the first ones.
const MAX_ERRORS: usize = 20;

/// Makes an answer fit to leave the house: every error has a code, and what is our fault says no more than where in the
/// log it stands.
pub fn publish(response: &mut Response, trace_id: &str) {
    // The library says some things once per rule that notices them.
    response.errors.dedup();
    response.errors.truncate(MAX_ERRORS);
    for error in &mut response.errors {
        let code = code_of(error);
        match code {
            // Its message is meant for the client.
            Some(Code::RetryLater) if retry_after_of(error).is_some() => {
                tracing::warn!(trace_id, error = error.message, "heavy work was put off");
            }
            Some(code @ (Code::Internal | Code::RetryLater | Code::Unavailable)) => {
                mask(error, code, trace_id);
            }
            Some(_) => {}
            None if error.path.is_empty() => classify_refusal(error),
            None if is_unreadable(&error.message) => blame_argument(error),
            None => mask(error, Code::Internal, trace_id),
        }
    }
}

/// Says of every error below a field that changes something that the change was made: what failed is what shows it. Whether
/// there is such an error.
pub fn tell_what_was_done(response: &mut Response) -> bool {
    let mut any = false;
    for error in response.errors.iter_mut().filter(|error| error.path.len() > 1) {
        any = true;
        if matches!(
            code_of(error),
            Some(Code::ComplexityLimit | Code::RetryLater | Code::Unavailable)
        ) {
            error.message = format!(
                "the change was made, but what it shows is cut off: {}",
                error.message
            );
        }
    }
    any
}

/// The code that a resolver gave an error.
pub fn code_of(error: &ServerError) -> Option<Code> {
    let Some(Value::String(text)) = error.extensions.as_ref().and_then(|e| e.get("code")) else {
        return None;
    };
    Code::ALL.iter().copied().find(|code| code.as_str() == text)
}

/// The code of the first of some errors; one without a code is our fault.
pub fn first_code(errors: &[ServerError]) -> Option<Code> {
    errors
        .first()
        .map(|error| code_of(error).unwrap_or(Code::Internal))
}

/// The library's own refusals, before execution: it knows no codes, so its messages are all there is to tell them apart.
/// A test holds each of the messages that matter here.
fn classify_refusal(error: &mut ServerError) {
    let message = error.message.as_str();
    let too_much = message.starts_with("Query is too complex")
        || message.starts_with("Query is nested too deep")
        || message.contains("cannot be greater than");
    let argument = message
        .strip_prefix("Invalid value for argument \"")
        .and_then(|rest| rest.split('"').next())
        .map(str::to_owned);
    let mut extensions = ErrorExtensionValues::default();
    match argument {
        Some(argument) => {
            extensions.set("code", Code::BadUserInput.as_str());
            extensions.set("field", argument);
        }
        None if too_much => {
            "the query is too complex: ask for fewer fields or shorter lists (`first`)"
                .clone_into(&mut error.message);
            extensions.set("code", Code::ComplexityLimit.as_str());
        }
        None => extensions.set("code", Code::ValidationFailed.as_str()),
    }
    error.extensions = Some(extensions);
}

/// The library's words for a value that an argument's type does not take.
fn is_unreadable(message: &str) -> bool {
    message.starts_with("Failed to parse \"") || message.starts_with("Expected input type \"")
}

/// Longest message about a value that is not readable: the library quotes the whole value.
const MAX_QUOTED: usize = 200;

/// A value that fits its type's grammar but not its range, or is of another shape. The library does not say which
/// argument it was: the field that has it must do.
fn blame_argument(error: &mut ServerError) {
    if let Some((end, _)) = error.message.char_indices().nth(MAX_QUOTED) {
        error.message.truncate(end);
        error.message.push('…');
    }
    let field = error.path.iter().rev().find_map(|segment| match segment {
        PathSegment::Field(name) => Some(name.clone()),
        PathSegment::Index(_) => None,
    });
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", Code::BadUserInput.as_str());
    extensions.set("field", field.unwrap_or_default());
    error.extensions = Some(extensions);
}

/// What the client is told of a failure whose own words are for the log.
pub const fn masked(code: Code) -> &'static str {
    match code {
        Code::RetryLater => "the service is busy: try again in a moment",
        Code::Unavailable => "the database cannot be reached, or takes no writes, at the moment",
        _ => "internal error",
    }
}

/// Keeps for the log what a client may not read; tells the client what it can do.
fn mask(error: &mut ServerError, code: Code, trace_id: &str) {
    let path = error.path.iter().map(|segment| match segment {
        PathSegment::Field(name) => name.clone(),
        PathSegment::Index(index) => index.to_string(),
    });
    let path = path.collect::<Vec<_>>().join(".");
    let message = masked(code);
    tracing::error!(
        trace_id,
        path,
        code = code.as_str(),
        error = error.message,
        "a resolver failed"
    );
    message.clone_into(&mut error.message);
    error.source = None;
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.as_str());
    extensions.set("traceId", trace_id);
    if let Some(seconds) = retry_after(code) {
        extensions.set(RETRY_AFTER, seconds);
    }
    error.extensions = Some(extensions);
}

#[cfg(test)]
mod tests {
    use async_graphql::Pos;

    use super::*;

    #[test]
    fn a_failure_of_ours_is_no_conflict_of_the_client_and_says_nothing() {
        for (error, code, shown) in [
            (
                ServiceError::internal("scoring", "task 7 panicked with message \"Ana Ruiz\""),
                Code::Internal,
                false,
            ),
            (
                ServiceError::Conflict("the plan was called off already".to_owned()),
                Code::Conflict,
                true,
            ),
        ] {
            let mut response = Response::new(Value::Null);
            response
                .errors
                .push(from_service(&error).into_server_error(Pos::default()));
            publish(&mut response, "trace-7");
            let answered = &response.errors[0];
            assert_eq!(code_of(answered), Some(code));
            assert_eq!(
                answered.message == error.to_string(),
                shown,
                "{}",
                answered.message
            );
            let trace = answered
                .extensions
                .as_ref()
                .and_then(|extensions| extensions.get("traceId"));
            assert_eq!(trace.is_some(), !shown, "the way to the log");
            assert!(!answered.message.contains("Ana") && !answered.message.contains("scoring"));
        }
    }
}
