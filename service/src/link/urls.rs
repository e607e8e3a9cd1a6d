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
        Self { key, public_url: public_url.trim_end_matches('/').to_owned() }
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
