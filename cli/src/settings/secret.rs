//! A value that may hold a password: it shows itself only where it is used.

use std::fmt;

/// Text whose password part is hidden in every message.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one who connects with it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Secret {
    /// `scheme://user:secret@host/path` without the secret, and without a query that may hold another.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else {
            return f.write_str("***");
        };
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        // A password may hold an '@' that somebody forgot to escape: what follows the last one is the host.
        let Some((user, host)) = authority.rsplit_once('@') else {
            let whole = self.0.split('?').next().unwrap_or_default();
            // With an '@' further on, the password may hold a '/': then nothing is safe to show.
            return f.write_str(if path.contains('@') { "***" } else { whole });
        };
        let (host, path) = (
            host.split('?').next().unwrap_or_default(),
            path.split('?').next().unwrap_or_default(),
        );
        let name = user.split(':').next().unwrap_or_default();
        if user.contains(':') {
            write!(f, "{scheme}://{name}:***@{host}{path}")
        } else {
            write!(f, "{scheme}://{name}@{host}{path}")
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let shown = |url: &str| Secret::new(url).to_string();
        assert_eq!(
            shown("postgres://app:hunter2@db:5432/rapport?password=hunter2"),
            "postgres://app:***@db:5432/rapport"
        );
        assert_eq!(
            shown("smtp://mail%40x:hunt@er2@relay:587?tls=required"),
            "smtp://mail%40x:***@relay:587"
        );
        assert_eq!(shown("postgres://app@db/rapport"), "postgres://app@db/rapport");
        assert_eq!(shown("sqlite://rapport.db?mode=rwc"), "sqlite://rapport.db");
        assert_eq!(shown("postgres://app:hun/ter2@db/rapport"), "***");
        assert_eq!(shown("hunter2"), "***");
        assert_eq!(
            format!("{:?}", Secret::new("smtp://u:hunter2@h")),
            "Secret(smtp://u:***@h)"
        );
    }
}
