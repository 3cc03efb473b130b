//! `/countries`.

use actix_web::{HttpRequest, get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::{AddressRules, CountryEntry};
use crate::{
    country::Country,
    error::Result,
    http::{
        answer::{Answer, Keep},
        listing::{Listing, WholeOrPaged},
        path::PathParameter,
        query::StrictQuery,
    },
    page::Collection,
    shipping,
    shop::Shop,
};

/// The routes of countries.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_countries).service(get_address_rules);
}

/// List the countries
///
/// All of ISO 3166-1 by their codes, on one page where no `limit` is given, and which of them the shop ships to.
#[utoipa::path(
    tag = "store",
    params(WholeOrPaged),
    responses((status = 200, description = "The countries.", body = Collection<CountryEntry>))
)]
#[get("/api/v1/countries")]
async fn list_countries(shop: Data<Shop>, query: StrictQuery<WholeOrPaged>, request: HttpRequest) -> Result<Answer> {
    let served = shop.db.read(|conn| Ok(shipping::served_countries(conn)?)).await?;
    let (listing, countries) = (Listing::new(&shop, &request), Country::all().collect());
    let view = |code| CountryEntry::new(code, &served);
    let page = listing.part(&query.0, countries, |code: &Country| code.as_str().to_owned(), view)?;
    Ok(listing.answer(&page, Keep::Public))
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
