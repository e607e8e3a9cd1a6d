//! Which of the two media types of GraphQL over HTTP a client wants to read.

use actix_web::http::header::{ACCEPT, HeaderMap};

/// The media type of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: the status tells whether the request was accepted.
    GraphqlResponse,
    /// `application/json`: for clients older than the other one; a well-formed request is always answered with 200.
    Json,
}

impl MediaType {
    /// The value of the `Content-Type` header.
    pub const fn header(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// The media type that the client likes best; none when it takes neither. Without a preference it is the newer one.
pub fn media_type(headers: &HeaderMap) -> Option<MediaType> {
    let mut ranges = Vec::new();
    for value in headers.get_all(ACCEPT) {
        // What is no text names no type that we have.
        ranges.extend(
            value
                .to_str()
                .unwrap_or_default()
                .split(',')
                .map(str::trim)
                .filter(|r| !r.is_empty()),
        );
    }
    if ranges.is_empty() {
        return Some(MediaType::GraphqlResponse);
    }
    let newer = quality(&ranges, "graphql-response+json");
    let older = quality(&ranges, "json");
    match (newer, older) {
        (0, 0) => None,
        (newer, older) if newer >= older => Some(MediaType::GraphqlResponse),
        _ => Some(MediaType::Json),
    }
}

/// How much the client wants `application/{subtype}`, in thousandths: the most specific range that covers it decides.
fn quality(ranges: &[&str], subtype: &str) -> u16 {
    let mut best = (0, 0);
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let specific = match name.split_once('/') {
            Some(("application", s)) if s == subtype => 3,
            Some(("application", "*")) => 2,
            Some(("*", "*")) => 1,
            _ => continue,
        };
        let weight = parts
            .find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")))
            .map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0))
            .clamp(0.0, 1.0);
        if specific > best.0 {
            best = (specific, (weight * 1000.0) as u16);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn chosen(accept: &[&str]) -> Option<MediaType> {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, HeaderValue::from_str(value).unwrap());
        }
        media_type(&headers)
    }

    #[test]
    fn the_client_decides_and_the_newer_type_wins_a_tie() {
        use MediaType::{GraphqlResponse, Json};
        for (accept, expected) in [
            (&[][..], Some(GraphqlResponse)),
            (&["*/*"], Some(GraphqlResponse)),
            (&["application/*"], Some(GraphqlResponse)),
            (&["application/json"], Some(Json)),
            (&["APPLICATION/JSON; charset=utf-8"], Some(Json)),
            (
                &["application/graphql-response+json, application/json;q=0.9"],
                Some(GraphqlResponse),
            ),
            (
                &["application/graphql-response+json;q=0.5, application/json"],
                Some(Json),
            ),
            (
                &["application/json", "application/graphql-response+json"],
                Some(GraphqlResponse),
            ),
            (
                &["text/html,application/xhtml+xml,*/*;q=0.8"],
                Some(GraphqlResponse),
            ),
            (&["application/json, */*;q=0.1"], Some(Json)),
            (&["text/html"], None),
            (&["application/json;q=0"], None),
            (&["*/*;q=nonsense"], None),
        ] {
            assert_eq!(chosen(accept), expected, "{accept:?}");
        }
    }
}
