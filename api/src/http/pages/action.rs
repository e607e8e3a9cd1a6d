//! `/m/{token}`: GET and HEAD say what the button would do and change nothing, because programs that guard mailboxes open
//! every link; POST does it, without cookies and without a redirect, so that a mailbox provider can do it in its user's name
//! (RFC 8058). What stands in the body does not matter: the link says what is to be done.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use service::link::{ActionLink, ActionView, Found};

use super::answer::{Pages, fault};
use super::notice::Notice;
use crate::state::AppState;

/// Longest body: `List-Unsubscribe=One-Click` as a form of several parts, and some more.
const MAX_BODY: usize = 4 * 1024;
/// How long a client may take to send its body.
const PATIENCE: Duration = Duration::from_secs(10);

/// GET and HEAD.
pub(super) async fn look(
    request: HttpRequest,
    token: web::Path<String>,
    state: web::Data<AppState>,
    pages: web::Data<Pages>,
) -> HttpResponse {
    let Some(link) = ActionLink::open(&state.link_key, &token) else {
        return pages.notice(&Notice::nothing());
    };
    let looking = {
        let state = state.clone();
        async move { service::link::look(&state.db, &state.settings(), state.clock.now(), &link).await }
    };
    match state.engine.run(looking).await {
        Ok(Ok(found)) => pages.notice(&describe(&state, &link, &found)),
        Ok(Err(error)) => fault(&pages, &request, &error),
        Err(_) => pages.notice(&Notice::busy()),
    }
}

/// POST.
pub(super) async fn act(
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
    state: web::Data<AppState>,
    pages: web::Data<Pages>,
) -> HttpResponse {
    match tokio::time::timeout(PATIENCE, payload.to_bytes_limited(MAX_BODY)).await {
        Ok(Ok(Ok(_))) => {}
        Ok(Err(_)) => return pages.notice(&Notice::too_long()),
        Ok(Ok(Err(_))) | Err(_) => return pages.notice(&Notice::busy()),
    }
    let Some(link) = ActionLink::open(&state.link_key, &token) else {
        return pages.notice(&Notice::nothing());
    };
    // To its end, also when the client has gone: whether it was done must not depend on who is listening.
    let doing = {
        let state = state.clone();
        async move { service::link::act(&state.db, &state.settings(), state.clock.now(), &link).await }
    };
    match state.engine.run_to_the_end(doing).await {
        Ok(Ok(found)) => pages.notice(&describe(&state, &link, &found)),
        Ok(Err(error)) => fault(&pages, &request, &error),
        Err(_) => pages.notice(&Notice::busy()),
    }
}

fn describe(state: &AppState, link: &ActionLink, found: &Found<ActionView>) -> Notice {
    match (found, *link) {
        (Found::Gone, _) => Notice::nothing(),
        (Found::Expired, _) => Notice::action_expired(),
        (Found::Here(ActionView::Alert(view)), _) => Notice::alert(view, state.account_url.as_deref()),
        (Found::Here(ActionView::Digest { off: false, .. }), ActionLink::Unsubscribe { .. }) => {
            Notice::unsubscribe()
        }
        (Found::Here(ActionView::Digest { off: true, time }), ActionLink::Resubscribe { .. }) => {
            Notice::resubscribe(*time)
        }
        (
            Found::Here(ActionView::Digest { off, time }),
            ActionLink::Unsubscribe { user }
            | ActionLink::Resubscribe { user }
            | ActionLink::Acknowledge { user, .. },
        ) => {
            if *off {
                Notice::unsubscribed(ActionLink::Resubscribe { user }.token(&state.link_key))
            } else {
                Notice::subscribed(*time, ActionLink::Unsubscribe { user }.token(&state.link_key))
            }
        }
    }
}
