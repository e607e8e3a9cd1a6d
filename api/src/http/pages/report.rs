//! `/r/{token}`: an engagement report or a sponsor report as its mail tells of it, for whoever may see the account at the
//! moment of reading. The other report of the account is one click away.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use service::link::{Found, LinkedReport, ReportKind, ReportLink, ReportReader};
use service::scoring::holding;
use tokio::time::Instant;

use super::address::frontend;
use super::answer::{Pages, fault};
use super::markdown::html;
use super::notice::{Notice, day};
use crate::engine::Asker;
use crate::state::AppState;

/// How long a reader waits for others.
const PATIENCE: Duration = Duration::from_secs(6);

/// A report, for its template.
#[derive(Debug, Serialize)]
struct Page {
    account: String,
    kind: &'static str,
    links: Vec<PageLink>,
    frontend: Option<String>,
    as_of: String,
    until: String,
    body: String,
}

/// One of the reports of the account.
#[derive(Debug, Serialize)]
struct PageLink {
    token: String,
    text: &'static str,
    current: bool,
}

/// GET and HEAD.
pub(super) async fn read(
    request: HttpRequest,
    token: web::Path<String>,
    state: web::Data<AppState>,
    pages: web::Data<Pages>,
) -> HttpResponse {
    let Some(link) = ReportLink::open(&state.link_key, &token) else {
        return pages.notice(&Notice::nothing());
    };
    // Whoever has a link may ask for it as often as they like.
    let asker = match link.reader {
        ReportReader::User(user) => Asker::User(user),
        ReportReader::Address(fingerprint) => Asker::Address(fingerprint),
    };
    let Ok(place) = state.engine.gate.enter(asker, Instant::now() + PATIENCE).await else {
        return pages.notice(&Notice::busy());
    };
    let reading = {
        let state = state.clone();
        async move {
            holding(
                place,
                service::link::read(
                    &state.db,
                    &state.settings(),
                    &state.link_key,
                    state.clock.now(),
                    &link,
                ),
            )
            .await
        }
    };
    match state.engine.run(reading).await {
        Ok(Ok(Found::Here(report))) => {
            pages.show(StatusCode::OK, "report.html", &page(&state, &link, report))
        }
        Ok(Ok(Found::Expired)) => pages.notice(&Notice::report_expired()),
        Ok(Ok(Found::Gone)) => pages.notice(&Notice::nothing()),
        Ok(Err(error)) => fault(&pages, &request, &error),
        Err(_) => pages.notice(&Notice::busy()),
    }
}

fn page(state: &AppState, link: &ReportLink, report: LinkedReport) -> Page {
    let kinds = [
        (ReportKind::Engagement, "Engagement report"),
        (ReportKind::Sponsor, "Sponsor report"),
    ];
    let links = kinds.map(|(kind, text)| PageLink {
        token: ReportLink { kind, ..*link }.token(&state.link_key),
        text,
        current: kind == link.kind,
    });
    let kind = match link.kind {
        ReportKind::Engagement => "engagement report",
        ReportKind::Sponsor => "sponsor report",
    };
    Page {
        kind,
        links: links.into(),
        frontend: frontend(state.account_url.as_deref(), &report.external_id),
        as_of: day(report.ending_on),
        until: day(state.settings().day_of(link.until)),
        body: html(&report.markdown),
        account: report.account,
    }
}
