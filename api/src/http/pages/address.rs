//! Addresses within a page: made of what others wrote, they stay one attribute and one part of a path.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The account in the user's own frontend.
pub(super) fn frontend(pattern: Option<&str>, external_id: &str) -> Option<String> {
    let escaped = utf8_percent_encode(external_id, NON_ALPHANUMERIC).to_string();
    pattern.map(|pattern| pattern.replace("{external_id}", &escaped))
}

/// A link as an attribute holds it.
pub(super) fn escape_link(url: &str) -> String {
    url.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('\'', "&#x27;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frontend_gets_the_key_escaped() {
        let url = frontend(
            Some("https://crm.example/a/{external_id}?x=1&y"),
            "a/b\"><script>",
        );
        assert_eq!(
            url.as_deref(),
            Some("https://crm.example/a/a%2Fb%22%3E%3Cscript%3E?x=1&y")
        );
        assert_eq!(frontend(None, "a"), None);
        assert_eq!(
            escape_link("https://x.example/?a=1&b='\"<>"),
            "https://x.example/?a=1&amp;b=&#x27;&quot;&lt;&gt;"
        );
    }
}
