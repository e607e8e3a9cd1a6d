//! Who mail comes from: `Rapport <rapport@example.com>`, or the address alone.

use std::fmt;
use std::str::FromStr;

use engagement::email_address::EmailAddress;

use super::text::header_text;

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// How it introduces itself; may be empty.
    pub name: String,
    /// Where answers and bounces go.
    pub address: EmailAddress,
}

/// A text that is no mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no mail address; one is written like Rapport <rapport@example.com>")]
pub struct SenderError;

impl Sender {
    /// The domain of the address: our Message-IDs are of it.
    pub fn domain(&self) -> &str {
        self.address
            .expose()
            .rsplit_once('@')
            .map_or("localhost", |(_, domain)| domain)
    }
}

impl FromStr for Sender {
    type Err = SenderError;

    fn from_str(text: &str) -> Result<Self, SenderError> {
        if text.chars().any(char::is_control) {
            return Err(SenderError);
        }
        let (name, address) = match text
            .trim()
            .strip_suffix('>')
            .and_then(|rest| rest.rsplit_once('<'))
        {
            Some((name, address)) => (name.trim().trim_matches('"'), address),
            None => ("", text),
        };
        if name.contains(['<', '>']) {
            return Err(SenderError);
        }
        Ok(Self {
            name: header_text(name),
            address: address.parse().map_err(|_| SenderError)?,
        })
    }
}

impl fmt::Display for Sender {
    /// Masked, as every address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            write!(f, "{}", self.address)
        } else {
            write!(f, "{} <{}>", self.name, self.address)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_with_or_without_a_name() {
        let read = |text: &str| {
            text.parse::<Sender>()
                .map(|sender| (sender.name, sender.address.expose().to_owned()))
        };
        assert_eq!(
            read("Rapport <rapport@localhost>"),
            Ok(("Rapport".to_owned(), "rapport@localhost".to_owned()))
        );
        assert_eq!(
            read("\"Customer Success, EMEA\" <cs@Example.com>"),
            Ok(("Customer Success, EMEA".to_owned(), "cs@example.com".to_owned()))
        );
        assert_eq!(
            read("cs@example.com"),
            Ok((String::new(), "cs@example.com".to_owned()))
        );
        for wrong in [
            "",
            "Rapport",
            "Rapport <>",
            "a <b> <c@d.example>",
            "nobody\r\nBcc: all@x.example",
            "R <r@x.example",
            "R r@x.example>",
        ] {
            assert_eq!(read(wrong), Err(SenderError), "{wrong}");
        }
        assert_eq!(
            "cs@example.com".parse::<Sender>().unwrap().domain(),
            "example.com"
        );
        assert_eq!(
            "R <cs@example.com>".parse::<Sender>().unwrap().to_string(),
            "R <c…@example.com>"
        );
    }
}
