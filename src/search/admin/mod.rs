//! Search for the staff: words that mean the same, why a search finds what it finds, and what people search for.

pub mod explain;
pub mod searches;
pub mod synonyms;

use utoipa_actix_web::service_config::ServiceConfig;

/// The staff's routes of search.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.configure(synonyms::api::routes).configure(explain::api::routes).configure(searches::api::routes);
}
