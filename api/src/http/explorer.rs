//! The query explorer at `/`: GraphiQL, served whole from the binary, because many sites reach no content delivery
//! network, and because a page that holds a token should run nobody else's script.

use std::io::Write;

use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ContentEncoding,
    ETAG, Encoding, IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

/// The page may load from here alone; GraphiQL's editor sets styles on elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file in the binary.
struct Asset {
    path: &'static str,
    content_type: &'static str,
    /// Whether its path changes whenever its content does.
    versioned: bool,
    content: &'static [u8],
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! asset {
    ($path:literal, $content_type:ident, $versioned:literal) => {
        Asset {
            path: $path,
            content_type: $content_type,
            versioned: $versioned,
            content: include_bytes!(concat!("../../assets/", $path)),
        }
    };
}

static PAGE: Asset = asset!("explorer.html", HTML, false);

static ASSETS: [Asset; 6] = [
    asset!("explorer.css", CSS, false),
    asset!("explorer.js", JAVASCRIPT, false),
    asset!("graphiql-3.9.0/graphiql.min.css", CSS, true),
    asset!("graphiql-3.9.0/graphiql.min.js", JAVASCRIPT, true),
    asset!("graphiql-3.9.0/react.production.min.js", JAVASCRIPT, true),
    asset!("graphiql-3.9.0/react-dom.production.min.js", JAVASCRIPT, true),
];

/// The page and what it loads.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(page))
        .route("/assets/{path:.*}", web::get().to(file));
}

async fn page(request: HttpRequest) -> HttpResponse {
    send(&request, &PAGE).await
}

async fn file(request: HttpRequest, path: web::Path<String>) -> HttpResponse {
    match ASSETS.iter().find(|asset| asset.path == path.as_str()) {
        Some(asset) => send(&request, asset).await,
        None => HttpResponse::NotFound().finish(),
    }
}

async fn send(request: &HttpRequest, asset: &'static Asset) -> HttpResponse {
    let packed = Packed::of(asset).await;
    let cache = if asset.versioned {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = request
        .headers()
        .get(IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == packed.tag.as_bytes());
    let mut answer = if known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer
        .insert_header((CACHE_CONTROL, cache))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((ETAG, packed.tag.as_str()))
        .insert_header((VARY, "accept-encoding"));
    if known {
        return answer.finish();
    }
    answer.insert_header((CONTENT_TYPE, asset.content_type));
    if takes_gzip(request) {
        return answer
            .insert_header(ContentEncoding::Gzip)
            .body(packed.gzip.clone());
    }
    if request.headers().contains_key(ACCEPT_ENCODING) {
        // Said, so that nothing compresses it on its way out.
        answer.insert_header(ContentEncoding::Identity);
    }
    answer.body(asset.content)
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let offered = [Encoding::gzip(), Encoding::identity()];
    request
        .get_header::<AcceptEncoding>()
        .is_some_and(|accepted| accepted.negotiate(offered.iter()) == Some(Encoding::gzip()))
}

/// A file as it is sent: compressed when it is first asked for, and never again.
struct Packed {
    /// Changes with the content.
    tag: String,
    gzip: Bytes,
}

impl Packed {
    async fn of(asset: &'static Asset) -> &'static Self {
        static ALL: OnceCell<Vec<Packed>> = OnceCell::const_new();
        let all = ALL.get_or_init(|| async {
            // Off the threads that speak with clients; where it cannot be, on this one.
            let pack = || std::iter::once(&PAGE).chain(&ASSETS).map(Self::new).collect();
            tokio::task::spawn_blocking(pack).await.unwrap_or_else(|_| pack())
        });
        let at = ASSETS
            .iter()
            .position(|other| std::ptr::eq(other, asset))
            .map_or(0, |at| at + 1);
        &all.await[at]
    }

    fn new(asset: &Asset) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Writing into memory does not fail.
        let gzip = encoder
            .write_all(asset.content)
            .and_then(|()| encoder.finish())
            .unwrap_or_default();
        let digest = Sha256::digest(asset.content);
        Self {
            tag: format!("\"{}\"", STANDARD.encode(&digest[..12])),
            gzip: gzip.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_only_what_the_binary_holds() {
        let page = std::str::from_utf8(PAGE.content).unwrap();
        let mut loaded = 0;
        for attribute in ["src=\"", "href=\""] {
            for reference in page
                .split(attribute)
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                if reference == "data:," {
                    continue;
                }
                let path = reference
                    .strip_prefix("assets/")
                    .unwrap_or_else(|| panic!("{reference} is not ours"));
                assert!(ASSETS.iter().any(|a| a.path == path), "{path}");
                loaded += 1;
            }
        }
        assert_eq!(
            loaded,
            ASSETS.len(),
            "nothing is shipped that the page does not load"
        );
    }

    #[test]
    fn our_own_files_name_no_other_host() {
        for asset in ASSETS.iter().filter(|a| !a.versioned).chain([&PAGE]) {
            let text = std::str::from_utf8(asset.content).unwrap();
            assert!(
                !text.contains("http://") && !text.contains("https://"),
                "{}",
                asset.path
            );
        }
    }

    #[test]
    fn the_styles_fetch_nothing() {
        for asset in ASSETS.iter().filter(|a| a.content_type == CSS) {
            let text = std::str::from_utf8(asset.content).unwrap();
            for reference in text.split("url(").skip(1) {
                assert!(
                    reference.trim_start_matches(['"', '\'']).starts_with("data:"),
                    "{}: {}",
                    asset.path,
                    &reference[..40.min(reference.len())]
                );
            }
        }
    }
}
