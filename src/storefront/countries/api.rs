//! `/countries`.

use actix_web::{get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::{AddressRules, AllCountries};
use crate::{
    country::Country,
    error::Result,
    http::{
        answer::{Answer, Keep},
        path::PathParameter,
    },
    shipping,
    shop::Shop,
};

/// The routes of countries.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_countries).service(get_address_rules);
}

/// List the countries
///
/// All of ISO 3166-1, on one page, and which of them the shop ships to.
#[utoipa::path(
    tag = "store",
    responses((status = 200, description = "All countries.", body = AllCountries))
)]
#[get("/api/v1/countries")]
async fn list_countries(shop: Data<Shop>) -> Result<Answer> {
    let served = shop.db.read(|conn| Ok(shipping::served_countries(conn)?)).await?;
    Ok(Answer::ok(&AllCountries::new(&served), Keep::Public).tagged())
}

/// Show how addresses are written in a country
///
/// What a form for an address needs to know, and what addresses are held against wherever they come in. The facts are
/// taken from Google's address data (CC BY 4.0).
#[utoipa::path(
    tag = "store",
    params(("code" = Country, Path, description = "ISO 3166-1 alpha-2 code of the country.")),
    responses((status = 200, description = "The country's rules.", body = AddressRules))
)]
#[get("/api/v1/countries/{code}/address-rules")]
async fn get_address_rules(code: PathParameter<Country>) -> Result<Answer> {
    Ok(Answer::ok(&AddressRules::of(code.0), Keep::Public).tagged())
}
