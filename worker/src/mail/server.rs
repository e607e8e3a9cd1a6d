//! Where the mail server is and how to talk to it, read from one URL:
//! `smtp://user:password@host:587?tls=required`, `smtps://host`, `smtp://localhost:25?tls=none`.
//!
//! TLS is required unless the URL says `tls=none`; there is no "if the server likes", which whoever sits between could
//! answer for it. `ca=FILE` names the certificate of a private authority; the public ones are built in.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Not at all: `smtp://…?tls=none`.
    None,
    /// By STARTTLS, or there is no connection: `smtp://`.
    StartTls,
    /// From its first byte: `smtps://`.
    Implicit,
}

/// A mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// Name or address, as certificates have it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// User and password.
    pub credentials: Option<(String, String)>,
    /// A file with the certificate of its authority, in PEM.
    pub authority: Option<PathBuf>,
}

/// What is wrong with a URL, without the URL: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; one is written like smtp://user:password@mail.example:587?tls=required")]
pub struct ServerUrlError(String);

impl FromStr for Server {
    type Err = ServerUrlError;

    fn from_str(text: &str) -> Result<Self, ServerUrlError> {
        let wrong = |what: &str| ServerUrlError(what.to_owned());
        let url = Url::parse(text).map_err(|error| wrong(&format!("it is no URL ({error})")))?;
        let implicit = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(wrong("it must start with smtp:// or smtps://")),
        };
        let host = match url.host().map(|host| host.to_owned()) {
            Some(Host::Domain(name)) if !name.is_empty() => name,
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            _ => return Err(wrong("it names no host")),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(wrong(
                "nothing may follow the host but ?tls=… and &ca=… (a # or / in the password is written %23 or %2F)",
            ));
        }
        let (mut security, mut authority) = (
            if implicit {
                Security::Implicit
            } else {
                Security::StartTls
            },
            None,
        );
        for (key, value) in url.query_pairs() {
            match (key.as_ref(), value.as_ref()) {
                ("tls", "required") => {}
                ("tls", "none") if implicit => {
                    return Err(wrong("smtps:// is TLS; tls=none goes with smtp://"));
                }
                ("tls", "none") => security = Security::None,
                ("tls", _) => return Err(wrong("tls is either required or none")),
                ("ca", file) if !file.is_empty() => authority = Some(PathBuf::from(file)),
                _ => return Err(wrong("of parameters it may have tls and ca=FILE")),
            }
        }
        let plain = |text: &str| {
            percent_decode_str(text)
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| wrong("its user or password is no UTF-8"))
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => Some((plain(user)?, plain(password)?)),
            _ => return Err(wrong("user and password go together")),
        };
        if credentials.is_some() && security == Security::None && !is_loopback(&host) {
            return Err(wrong(
                "a password is not sent without TLS, except to this machine",
            ));
        }
        let port = url.port().unwrap_or(match security {
            Security::None => 25,
            Security::StartTls => 587,
            Security::Implicit => 465,
        });
        Ok(Self {
            host,
            port,
            security,
            credentials,
            authority,
        })
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("user", &self.credentials.as_ref().map(|(user, _)| user))
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Server, String> {
        text.parse().map_err(|error: ServerUrlError| error.to_string())
    }

    #[test]
    fn tls_is_required_unless_it_is_written_out_that_it_is_not() {
        for (url, port, security) in [
            ("smtp://mail.example", 587, Security::StartTls),
            ("smtp://mail.example?tls=required", 587, Security::StartTls),
            ("smtp://mail.example:2525", 2525, Security::StartTls),
            ("smtps://mail.example", 465, Security::Implicit),
            (
                "smtps://mail.example:10465?tls=required",
                10465,
                Security::Implicit,
            ),
            ("smtp://mail.example?tls=none", 25, Security::None),
            ("smtp://127.0.0.1:1025?tls=none", 1025, Security::None),
        ] {
            let server = read(url).unwrap();
            assert_eq!((server.port, server.security), (port, security), "{url}");
        }
        assert_eq!(read("smtp://[::1]:25?tls=none").unwrap().host, "::1");
    }

    #[test]
    fn credentials_are_unescaped_and_not_shown() {
        let server = read("smtp://ada%40x.example:p%40ss%2Fword@mail.example?ca=/etc/ca.pem").unwrap();
        assert_eq!(
            server.credentials,
            Some(("ada@x.example".to_owned(), "p@ss/word".to_owned()))
        );
        assert_eq!(server.authority, Some("/etc/ca.pem".into()));
        let shown = format!("{server} {server:?}");
        assert!(
            !shown.contains("p@ss") && shown.contains("ada@x.example"),
            "{shown}"
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused_without_quoting_it() {
        for (url, said) in [
            ("mail.example", "no URL"),
            ("http://u:s3cret@mail.example", "must start with smtp://"),
            ("smtp://", "no host"),
            ("smtp://mail.example?tls=maybe", "either required or none"),
            ("smtp://mail.example?tls=opportunistic", "either required or none"),
            ("smtps://mail.example?tls=none", "smtps:// is TLS"),
            ("smtp://user@mail.example", "go together"),
            ("smtp://:s3cret@mail.example", "go together"),
            ("smtp://u:s3cret@mail.example?tls=none", "not sent without TLS"),
            ("smtp://u:s3c/ret@mail.example", "no URL"),
            ("smtp://mail.example/inbox", "nothing may follow"),
            ("smtp://mail.example?timeout=3", "may have tls and ca"),
        ] {
            let refused = read(url).unwrap_err();
            assert!(
                refused.contains(said) && !refused.contains("s3c"),
                "{url}: {refused}"
            );
        }
        assert!(read("smtp://u:s3cret@localhost:25?tls=none").is_ok());
    }
}
