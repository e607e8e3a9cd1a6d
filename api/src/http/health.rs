//! Is the process there, and can it do its work?

use std::time::Duration;

use actix_web::{HttpResponse, web};

use crate::graphql::error::with_causes;
use crate::state::AppState;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// `GET /healthz`: the process answers.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// `GET /readyz`: the database answers and its schema is the one that this binary needs.
pub async fn ready(state: web::Data<AppState>) -> HttpResponse {
    let checked = tokio::time::timeout(PATIENCE, async {
        state.db.ping().await?;
        service::db::check_schema(&state.db).await
    });
    let reason = match checked.await {
        Ok(Ok(())) => return HttpResponse::Ok().json(serde_json::json!({ "status": "ready" })),
        Ok(Err(error)) => {
            tracing::warn!(error = with_causes(&error), "not ready");
            error.client_message()
        }
        Err(_) => {
            tracing::warn!("not ready: the database does not answer in time");
            "the database does not answer in time".to_owned()
        }
    };
    HttpResponse::ServiceUnavailable().json(serde_json::json!({ "status": "unavailable", "reason": reason }))
}
