//! From a rendered mail to the bytes that are sent, RFC 5322. The same input gives the same bytes: the Message-ID and the
//! boundaries come from the row, the date from the clock that workers are given.

use chrono::{DateTime, Utc};
use engagement::email_address::EmailAddress;
use engagement::id::MessageId;
use engagement::vocabulary::MessageKind;
use lettre::message::header::{ContentDisposition, ContentId, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use super::render::{Picture, Rendered};
use super::sender::Sender;
use super::text::{header_text, header_url};

/// What stands on the outside of a mail.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// Which row it is.
    pub id: MessageId,
    /// Its kind.
    pub kind: MessageKind,
    /// The Message-ID, without angle brackets.
    pub message_id: &'a str,
    /// Who sends it.
    pub from: &'a Sender,
    /// Who gets it.
    pub to: &'a EmailAddress,
    /// Their name, where it is known.
    pub to_name: Option<&'a str>,
    /// When it was rendered.
    pub date: DateTime<Utc>,
    /// Where the recipient can end mails of this kind by one POST (RFC 8058), for kinds where they can.
    pub unsubscribe_url: Option<&'a str>,
}

/// Why a mail cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// An address is none that mail can go to.
    #[error("the address of the {0} is none that mail can go to")]
    Address(&'static str),
    /// A part of it is refused.
    #[error("the message cannot be put together: {0}")]
    Parts(#[from] lettre::error::Error),
    /// Something in it is no UTF-8.
    #[error("the message is no text")]
    Text(#[from] std::string::FromUtf8Error),
}

/// The Message-ID of a row at our domain. A row that is rendered again, because its text was erased meanwhile, is another
/// message: `again` counts the attempts before.
pub fn message_id(id: MessageId, again: Option<u32>, domain: &str) -> String {
    match again {
        None => format!("{id}@{domain}"),
        Some(attempts) => format!("{id}.{attempts}@{domain}"),
    }
}

/// Puts a mail together.
///
/// # Errors
/// When an address is unusable.
pub fn compose(rendered: Rendered, envelope: &Envelope<'_>) -> Result<String, MessageError> {
    let mailbox = |name: &str, address: &EmailAddress, whose| {
        let name = header_text(name);
        let email = address
            .expose()
            .parse()
            .map_err(|_| MessageError::Address(whose))?;
        Ok::<_, MessageError>(Mailbox::new((!name.is_empty()).then_some(name), email))
    };
    let from = mailbox(&envelope.from.name, &envelope.from.address, "sender")?;
    let to = mailbox(envelope.to_name.unwrap_or_default(), envelope.to, "recipient")?;
    let mut builder = Message::builder()
        .from(from)
        .to(to)
        .subject(header_text(&rendered.subject))
        .date(envelope.date.into())
        .message_id(Some(format!("<{}>", header_text(envelope.message_id))))
        .header(AutoSubmitted("auto-generated".to_owned()))
        .header(RapportKind(envelope.kind.as_str().to_owned()));
    if let Some(url) = envelope.unsubscribe_url {
        builder = builder
            .header(ListUnsubscribe(format!("<{}>", header_url(url))))
            .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
    }
    let boundary = |part: &str| format!("{part}-{}", envelope.id);
    let mut shown = MultiPart::related()
        .boundary(boundary("related"))
        .singlepart(SinglePart::html(rendered.html));
    for picture in rendered.pictures {
        shown = shown.singlepart(inline(picture));
    }
    let parts = MultiPart::alternative()
        .boundary(boundary("alternative"))
        .singlepart(SinglePart::plain(rendered.text))
        .multipart(shown);
    Ok(String::from_utf8(builder.multipart(parts)?.formatted())?)
}

fn inline(picture: Picture) -> SinglePart {
    let file = format!("{}.png", picture.name);
    let png = ContentType::parse("image/png").unwrap_or(ContentType::TEXT_PLAIN);
    SinglePart::builder()
        .header(png)
        .header(ContentDisposition::inline_with_name(&file))
        .header(ContentId::from(format!("<{}>", picture.name)))
        .body(picture.png)
}

macro_rules! header {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone)]
            struct $name(String);

            impl Header for $name {
                fn name() -> HeaderName {
                    HeaderName::new_from_ascii_str($text)
                }

                fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                    Ok(Self(text.to_owned()))
                }

                fn display(&self) -> HeaderValue {
                    HeaderValue::new(Self::name(), self.0.clone())
                }
            }
        )+
    };
}

header! {
    /// Nobody wrote it, nobody should answer it automatically (RFC 3834).
    AutoSubmitted = "Auto-Submitted";
    /// What it is, for filters.
    RapportKind = "X-Rapport-Kind";
    /// Where to unsubscribe (RFC 2369).
    ListUnsubscribe = "List-Unsubscribe";
    /// By one POST, without asking (RFC 8058).
    ListUnsubscribePost = "List-Unsubscribe-Post";
}
