//! Is the process there, can it do its work, and what has it done? For machines that watch, on the API's address or on one
//! of their own; without a token, so nothing here is about anybody.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use service::monitoring::{MEDIA_TYPE, Monitor};

/// The routes, for whatever has a [`Monitor`].
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/healthz", web::get().to(alive)).route("/readyz", web::get().to(ready)).route("/metrics", web::get().to(metrics));
}

/// `GET /healthz`: the process answers.
async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// `GET /readyz`: the database answers, its schema is the one that this binary needs, and the worker in this process, where
/// there is one, is at work.
async fn ready(monitor: web::Data<Monitor>) -> HttpResponse {
    let obstacles = monitor.obstacles().await;
    if obstacles.is_empty() {
        return HttpResponse::Ok().json(serde_json::json!({ "status": "ready" }));
    }
    HttpResponse::ServiceUnavailable().json(serde_json::json!({ "status": "unavailable", "reason": obstacles.join("; ") }))
}

/// `GET /metrics`: everything there is to measure, for Prometheus.
async fn metrics(monitor: web::Data<Monitor>) -> HttpResponse {
    match monitor.scrape().await {
        Ok(text) => HttpResponse::Ok().insert_header((CONTENT_TYPE, MEDIA_TYPE)).insert_header((CACHE_CONTROL, "no-store")).body(text),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
