//! Links as URLs: the public address of the installation, a path, a token. The one place that knows the paths.

use super::key::SigningKey;
use super::{ActionLink, ReportLink};

/// Makes the URLs of links.
#[derive(Debug, Clone)]
pub struct LinkUrls {
    key: SigningKey,
    public_url: String,
}

impl LinkUrls {
    /// Below a public address, which may have a path of its own: `https://x.example/rapport`.
    pub fn new(key: SigningKey, public_url: &str) -> Self {
        Self {
            key,
            public_url: public_url.trim_end_matches('/').to_owned(),
        }
    }

    /// What they are signed with.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Where something is done.
    pub fn action(&self, link: &ActionLink) -> String {
        format!("{}/m/{}", self.public_url, link.token(&self.key))
    }

    /// Where a report is read.
    pub fn report(&self, link: &ReportLink) -> String {
        format!("{}/r/{}", self.public_url, link.token(&self.key))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_public_address_may_have_a_path() {
        let link = ActionLink::Unsubscribe {
            user: Uuid::from_u128(1).into(),
        };
        let token = link.token(&SigningKey::new(&[7; 32]));
        for (public_url, expected) in [
            ("https://x.example", "https://x.example/m/"),
            ("https://x.example/", "https://x.example/m/"),
            ("https://x.example/rapport", "https://x.example/rapport/m/"),
            ("https://x.example/a/b//", "https://x.example/a/b/m/"),
        ] {
            assert_eq!(
                LinkUrls::new(SigningKey::new(&[7; 32]), public_url).action(&link),
                format!("{expected}{token}")
            );
        }
    }
}
