//! The HTTP side: routes, and what is done to every request before and after GraphQL.

mod access_log;
mod auth;
mod crowd;
mod explorer;
mod graphql;
mod health;
mod pages;
mod socket;

use actix_web::web;

pub use access_log::log_request;
pub use crowd::{Crowd, CrowdLimits, keep_count};
pub use health::routes as health_routes;
pub(crate) use pages::Pages;

/// Every route.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/graphql")
                .route(web::post().to(graphql::post))
                .route(web::get().guard(socket::wanted()).to(socket::open))
                .route(web::get().to(graphql::get))
                .default_service(web::to(graphql::refuse_method)),
        )
        .configure(health::routes)
        .configure(pages::routes)
        .configure(explorer::routes);
}
