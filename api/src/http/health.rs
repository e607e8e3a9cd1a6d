//! Is the process there, can it do its work, and what has it done? For machines that watch, on the API's address or on one
//! of their own; without a token, so nothing here is about anybody.
//!
//! Whoever asks is answered by a thread that does nothing but speak with clients; what has to be read for it is read
//! elsewhere. So `/healthz` waits for nobody, however much the process has to do.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use service::monitoring::{MEDIA_TYPE, Monitor};
use tokio::runtime::Handle;

/// The routes, for whatever has a [`Monitor`] and the runtime that it reads on.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(alive))
        .route("/readyz", web::get().to(ready))
        .route("/metrics", web::get().to(metrics));
}

/// `GET /healthz`: the process answers.
async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// `GET /readyz`: the database answers, its schema is the one that this binary needs, and the worker in this process, where
/// there is one, is at work.
async fn ready(monitor: web::Data<Monitor>, runtime: web::Data<Handle>) -> HttpResponse {
    let monitor = Monitor::clone(&monitor);
    let looking = runtime.spawn(async move { monitor.obstacles().await });
    let obstacles = looking
        .await
        .unwrap_or_else(|_| vec!["whether the process can do its work could not be told".to_owned()]);
    if obstacles.is_empty() {
        return HttpResponse::Ok().json(serde_json::json!({ "status": "ready" }));
    }
    HttpResponse::ServiceUnavailable()
        .json(serde_json::json!({ "status": "unavailable", "reason": obstacles.join("; ") }))
}

/// `GET /metrics`: everything there is to measure, for Prometheus.
async fn metrics(monitor: web::Data<Monitor>, runtime: web::Data<Handle>) -> HttpResponse {
    let monitor = Monitor::clone(&monitor);
    match runtime.spawn(async move { monitor.scrape().await }).await {
        Ok(Ok(text)) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, MEDIA_TYPE))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text),
        Ok(Err(error)) => {
            tracing::error!(%error, "the metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
