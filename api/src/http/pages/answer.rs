//! Answers with a page: every one carries the same headers, which forbid a browser to keep, frame or index it and to fetch
//! anything.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    RETRY_AFTER, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use serde::Serialize;
use service::error::ServiceError;
use sha2::{Digest, Sha256};

use super::address::escape_link;
use super::notice::Notice;
use crate::http::access_log::TraceId;

const STYLE: &str = include_str!("../../pages/page.css");
const TEMPLATES: [(&str, &str); 3] = [
    ("layout.html", include_str!("../../pages/layout.html")),
    ("notice.html", include_str!("../../pages/notice.html")),
    ("report.html", include_str!("../../pages/report.html")),
];
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// The templates, read and ready.
#[derive(Debug)]
pub struct Pages {
    environment: Environment<'static>,
    /// The only source of style is the one whose hash this names.
    policy: String,
}

impl Pages {
    /// Reads the templates.
    ///
    /// # Errors
    /// When one of them is no template; a test sees to it that all are.
    pub fn new() -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.add_filter("link", |url: String| Value::from_safe_string(escape_link(&url)));
        environment.add_global("style", STYLE);
        for (name, source) in TEMPLATES {
            environment.add_template(name, source)?;
        }
        let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        Ok(Self { environment, policy })
    }

    /// An answer with a page.
    pub(super) fn show(&self, status: StatusCode, template: &str, page: &impl Serialize) -> HttpResponse {
        let rendered = self
            .environment
            .get_template(template)
            .and_then(|template| template.render(context! { page => Value::from(Serde(page)) }));
        match rendered {
            Ok(html) => self
                .answer(status)
                .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
                .body(html),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    template,
                    "a page could not be written"
                );
                self.answer(StatusCode::INTERNAL_SERVER_ERROR)
                    .insert_header((CONTENT_TYPE, "text/plain"))
                    .body("internal error")
            }
        }
    }

    /// An answer with a short page.
    pub(super) fn notice(&self, notice: &Notice) -> HttpResponse {
        let mut answer = self.show(notice.status, "notice.html", notice);
        if notice.status == StatusCode::SERVICE_UNAVAILABLE {
            answer
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("60"));
        }
        answer
    }

    fn answer(&self, status: StatusCode) -> actix_web::HttpResponseBuilder {
        let mut answer = HttpResponse::build(status);
        answer
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_SECURITY_POLICY, self.policy.as_str()))
            .insert_header((REFERRER_POLICY, "no-referrer"))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((X_FRAME_OPTIONS, "DENY"))
            .insert_header((ROBOTS, "noindex"));
        answer
    }
}

/// Our fault, and where the log says more.
pub(super) fn fault(pages: &Pages, request: &HttpRequest, error: &ServiceError) -> HttpResponse {
    let trace_id = request
        .extensions()
        .get::<TraceId>()
        .map(|trace| trace.0.clone())
        .unwrap_or_default();
    tracing::error!(
        trace_id,
        error = error as &dyn std::error::Error,
        "a link could not be followed"
    );
    // What will be mended without us: whoever asks by a program tries again.
    pages.notice(&if error.is_passing() {
        Notice::busy()
    } else {
        Notice::fault(&trace_id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_fetch_nothing_and_run_nothing() {
        for (name, source) in TEMPLATES.into_iter().chain([("page.css", STYLE)]) {
            for foreign in [
                "http:", "https:", "//", "<script", "@import", "url(", "style=", "onclick", "onload",
                "onerror",
            ] {
                assert!(!source.contains(foreign), "{name}: {foreign}");
            }
        }
    }

    #[test]
    fn every_template_is_one() {
        let pages = Pages::new().unwrap();
        assert!(
            pages.policy.contains("style-src 'sha256-") && !pages.policy.contains("unsafe"),
            "{}",
            pages.policy
        );
    }
}
