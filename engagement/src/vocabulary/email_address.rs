//! An e-mail address that masks itself: it can be compared and stored, but a log line or an error that prints it shows
//! `a…@example.com`. Only [`EmailAddress::expose`] gives the text, and only mail, storage and authorized answers call it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Longest address that SMTP carries (RFC 5321 § 4.5.3.1.3, less the angle brackets).
const LONGEST: usize = 254;

/// A syntactically plausible address, in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

/// Why a text is not an address. Never quotes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address (expected name@domain)")]
pub struct EmailAddressError;

impl EmailAddress {
    /// The address itself. Not for logs.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = EmailAddressError;

    fn from_str(text: &str) -> Result<Self, EmailAddressError> {
        let text = text.trim();
        let (name, domain) = text.rsplit_once('@').ok_or(EmailAddressError)?;
        let printable = |c: char| {
            !c.is_whitespace()
                && !c.is_control()
                && !matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')' | '@' | '\\')
        };
        let labels = domain
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
        if text.len() <= LONGEST
            && !name.is_empty()
            && name.chars().all(printable)
            && labels
            && domain
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
        {
            Ok(Self(text.to_lowercase()))
        } else {
            Err(EmailAddressError)
        }
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, domain) = self.0.rsplit_once('@').unwrap_or(("", ""));
        write!(f, "{}…@{domain}", name.chars().take(1).collect::<String>())
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_masked_wherever_it_is_printed() {
        let address: EmailAddress = " Ada.Lovelace@Example.COM ".parse().unwrap();
        assert_eq!(format!("{address} {address:?}"), "a…@example.com a…@example.com");
        assert_eq!(address.expose(), "ada.lovelace@example.com");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example..com",
            "a b@example.com",
            "ada@exa mple.com",
            "ada@example.com\nBcc: x@y.z",
            "<ada@example.com>",
            "ada@-x.com",
        ] {
            assert_eq!(text.parse::<EmailAddress>(), Err(EmailAddressError), "{text}");
        }
    }
}
