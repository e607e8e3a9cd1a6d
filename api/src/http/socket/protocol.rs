//! The messages of graphql-transport-ws, and the codes with which a connection ends.

use actix_ws::{CloseCode, CloseReason};
use async_graphql::{Response, ServerError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The name of the protocol.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Who it is.
    ConnectionInit {
        /// Holds the token.
        payload: Option<Value>,
    },
    /// What it wants to watch.
    Subscribe {
        /// How it calls it.
        id: String,
        /// The operation.
        payload: Value,
    },
    /// It has seen enough.
    Complete {
        /// Of what.
        id: String,
    },
    /// It asks whether we are there.
    Ping {
        /// To be given back.
        payload: Option<Value>,
    },
    /// It is there.
    Pong {},
}

/// What we say.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage<'a> {
    /// The client is known.
    ConnectionAck,
    /// An event.
    Next {
        /// Of which subscription.
        id: &'a str,
        /// What it wanted to know about it.
        payload: &'a Response,
    },
    /// The subscription cannot be.
    Error { id: &'a str, payload: &'a [ServerError] },
    /// We are there.
    Pong {
        /// What came with the question.
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
    },
}

/// Why a connection ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// A message that the protocol does not know.
    InvalidMessage(String),
    /// A subscription before it was said who asks.
    Unauthorized,
    /// No token, or none that is valid, or not any more.
    Forbidden,
    /// Nobody said who asks.
    InitTimeout,
    /// Two subscriptions under one name.
    SubscriberExists(String),
    /// It was said twice who asks.
    TooManyInits,
    /// More than a connection, or a user, may ask for; or slower than what happens.
    TryAgainLater(&'static str),
    /// The service stops.
    GoingAway,
    /// Our fault.
    Internal,
    /// The client has gone.
    Gone,
}

impl Closing {
    /// The close frame; none where nobody would read it.
    pub fn reason(&self) -> Option<CloseReason> {
        let (code, text) = match self {
            Self::InvalidMessage(what) => (CloseCode::Other(4400), what.clone()),
            Self::Unauthorized => (CloseCode::Other(4401), "Unauthorized".to_owned()),
            Self::Forbidden => (CloseCode::Other(4403), "Forbidden".to_owned()),
            Self::InitTimeout => (
                CloseCode::Other(4408),
                "Connection initialisation timeout".to_owned(),
            ),
            Self::SubscriberExists(id) => (
                CloseCode::Other(4409),
                format!("Subscriber for {} already exists", shortened(id)),
            ),
            Self::TooManyInits => (
                CloseCode::Other(4429),
                "Too many initialisation requests".to_owned(),
            ),
            Self::TryAgainLater(why) => (CloseCode::Again, (*why).to_owned()),
            Self::GoingAway => (CloseCode::Away, "the service stops; connect again".to_owned()),
            Self::Internal => (CloseCode::Error, "internal error".to_owned()),
            Self::Gone => return None,
        };
        Some(CloseReason {
            code,
            description: Some(text),
        })
    }
}

/// What fits into a close frame.
fn shortened(text: &str) -> String {
    text.chars().take(20).collect()
}

/// Reads a message.
///
/// # Errors
/// What is wrong with it.
pub fn read(text: &str) -> Result<ClientMessage, Closing> {
    serde_json::from_str(text).map_err(|_| Closing::InvalidMessage("Invalid message".to_owned()))
}

/// The token in the payload of an initialisation: as a header would hold it, or by itself.
pub fn token_of(payload: Option<&Value>) -> Option<&str> {
    let payload = payload?.as_object()?;
    let named = |name: &str| {
        payload
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| value.as_str())
    };
    match named("authorization") {
        Some(value) => {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
        }
        None => named("token"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn messages_are_those_of_the_protocol() {
        assert!(matches!(
            read(r#"{"type":"connection_init"}"#),
            Ok(ClientMessage::ConnectionInit { payload: None })
        ));
        assert!(matches!(
            read(r#"{"type":"pong","payload":{"a":1}}"#),
            Ok(ClientMessage::Pong {})
        ));
        assert!(matches!(
            read(r#"{"type":"subscribe","id":"1","payload":{"query":"x"}}"#),
            Ok(ClientMessage::Subscribe { .. })
        ));
        for wrong in [
            "",
            "[]",
            "{}",
            r#"{"type":"start","id":"1"}"#,
            r#"{"type":"subscribe","payload":{}}"#,
        ] {
            assert!(matches!(read(wrong), Err(Closing::InvalidMessage(_))), "{wrong}");
        }
        let said = serde_json::to_value(ServerMessage::Pong { payload: None }).unwrap();
        assert_eq!(said, json!({"type": "pong"}));
        assert_eq!(
            serde_json::to_value(ServerMessage::ConnectionAck).unwrap(),
            json!({"type": "connection_ack"})
        );
    }

    #[test]
    fn a_token_comes_as_a_header_or_by_itself() {
        for payload in [
            json!({"Authorization": "Bearer t"}),
            json!({"authorization": "bearer  t"}),
            json!({"token": "t"}),
        ] {
            assert_eq!(token_of(Some(&payload)), Some("t"), "{payload}");
        }
        for payload in [
            json!({}),
            json!(null),
            json!("t"),
            json!({"Authorization": "t"}),
            json!({"Authorization": "Basic t"}),
            json!({"token": 1}),
        ] {
            assert_eq!(token_of(Some(&payload)), None, "{payload}");
        }
        assert_eq!(token_of(None), None);
    }

    #[test]
    fn a_close_frame_is_short_enough() {
        let long = "é".repeat(500);
        let reason = Closing::SubscriberExists(long).reason().unwrap();
        assert!(reason.description.unwrap().len() <= 123);
    }
}
