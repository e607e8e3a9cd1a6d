//! From when until when a connection counts as busy: from its request until its answer has been handed over.
//!
//! The body of the answer carries the end. So a client that goes away in the middle ends it too.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpRequest};

use super::members::Doing;
use super::membership::Membership;

/// Wraps every request: its connection is busy until its answer has been handed over.
pub async fn keep_count(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if let Some(membership) = request.conn_data::<Membership>() {
        membership.does(Doing::Request);
    }
    let response = next.call(request).await?;
    let becomes = if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        Doing::Watching
    } else {
        Doing::Request
    };
    if let Some(membership) = response.request().conn_data::<Membership>() {
        membership.does(becomes);
    }
    let end = Handover(response.request().clone());
    Ok(response.map_body(|_, body| Handed {
        body: Box::pin(body),
        _end: end,
    }))
}

/// Ends with the answer.
struct Handover(HttpRequest);

impl Drop for Handover {
    fn drop(&mut self) {
        if let Some(membership) = self.0.conn_data::<Membership>() {
            membership.does(Doing::Nothing);
        }
    }
}

/// The body of an answer, which notices when it has been handed over.
struct Handed<B> {
    body: Pin<Box<B>>,
    _end: Handover,
}

impl<B: MessageBody> MessageBody for Handed<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, B::Error>>> {
        self.body.as_mut().poll_next(cx)
    }
}
