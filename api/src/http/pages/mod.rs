//! Pages for people who come from a mail, with a signed link and nothing else: what a link does (`/m/{token}`) and reports
//! (`/r/{token}`).
//!
//! A page is whole in itself: no script, one style, nothing from outside; nobody may frame it, keep it, index it, or learn
//! from it where its reader came from. Every text is escaped by the templates; what is Markdown becomes tags of ours alone
//! ([`markdown`]). Links within pages are relative, so that they work below any path of a proxy.

mod action;
mod address;
mod answer;
mod markdown;
mod notice;
mod report;

use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

pub use self::answer::Pages;

use self::notice::Notice;

/// The two routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/m/{token}")
                .route(web::get().to(action::look))
                .route(web::head().to(action::look))
                .route(web::post().to(action::act))
                .default_service(web::to(refuse_method)),
        )
        .service(
            web::resource("/r/{token}")
                .route(web::get().to(report::read))
                .route(web::head().to(report::read))
                .default_service(web::to(refuse_method)),
        );
}

async fn refuse_method(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    let methods = if request
        .match_pattern()
        .is_some_and(|pattern| pattern.starts_with("/m/"))
    {
        "GET, HEAD, POST"
    } else {
        "GET, HEAD"
    };
    let mut answer = pages.notice(&Notice::wrong_method());
    answer
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(methods));
    answer
}
