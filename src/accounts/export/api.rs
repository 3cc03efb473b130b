//! `/me/export`.

use actix_web::{get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{gather::gather, view::PersonalData};
use crate::{
    auth::extract::Customer,
    error::Result,
    http::answer::{Answer, Keep},
    shop::Shop,
};

/// The route of the export.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(export_me);
}

/// Take all of one's own data along
///
/// Everything that the shop holds of the customer who calls, in one document. What is kept as a mere hash, a password or a
/// token, is not in it.
#[utoipa::path(
    tag = "accounts",
    responses((status = 200, description = "All of it.", body = PersonalData)),
    security(("bearer" = []))
)]
#[get("/api/v1/me/export")]
async fn export_me(customer: Customer, shop: Data<Shop>) -> Result<Answer> {
    let (now, inner) = (shop.clock.now(), shop.clone());
    let data = shop.db.read(move |conn| gather(conn, &inner, customer.id, now)).await?;
    Ok(Answer::ok(&data, Keep::Never).tagged())
}
