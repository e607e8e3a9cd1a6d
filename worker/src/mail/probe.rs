//! A message that says nothing but that mail arrives: for operators who try out their settings.

use chrono::{DateTime, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::MessageId;

use super::message::message_id;
use super::sender::Sender;

/// The test message, whole.
pub fn test_message(from: &Sender, to: &EmailAddress, id: MessageId, at: DateTime<Utc>) -> String {
    let (from_address, to, message_id) = (
        from.address.expose(),
        to.expose(),
        message_id(id, None, from.domain()),
    );
    let date = at.to_rfc2822();
    format!(
        "From: <{from_address}>\r\nTo: <{to}>\r\nSubject: Test mail of Rapport\r\nDate: {date}\r\nMessage-ID: <{message_id}>\r\n\
         Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         This is a test: mail of Rapport arrives here. It was sent by `rapport doctor`.\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_message() {
        let from: Sender = "Rapport <rapport@vendor.example>".parse().unwrap();
        let id = MessageId::from(uuid::Uuid::from_u128(1));
        let message = test_message(
            &from,
            &"ada@x.example".parse().unwrap(),
            id,
            "2026-06-17T12:00:00Z".parse().unwrap(),
        );
        let (head, body) = message.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with(
                "From: <rapport@vendor.example>\r\nTo: <ada@x.example>\r\nSubject: Test mail of Rapport\r\n"
            ),
            "{head}"
        );
        assert!(
            head.contains("\r\nDate: Wed, 17 Jun 2026 12:00:00 +0000\r\n"),
            "{head}"
        );
        assert!(
            head.contains("\r\nMessage-ID: <msg_00000000000000000000000001@vendor.example>\r\n"),
            "{head}"
        );
        assert!(body.ends_with(".\r\n"), "{body}");
    }
}
