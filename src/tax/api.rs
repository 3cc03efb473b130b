//! `/admin/tax-rates`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    change_rate::{self, TaxRateChange},
    model::{NewTaxRate, TaxRate},
    store,
};
use crate::{
    auth::{
        extract::Staff,
        rights::{SettingsRead, SettingsWrite},
    },
    country::Country,
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        etag::RequiredIfMatch,
        idempotency::{self, IdempotencyKey},
        json::StrictJson,
        listing::Listing,
        path::PathParameter,
        query::StrictQuery,
    },
    ids::TaxRateId,
    page::Collection,
    pricing::Rate,
    shop::Shop,
};

/// The routes of tax rates.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_tax_rates)
        .service(create_tax_rate)
        .service(get_tax_rate)
        .service(update_tax_rate)
        .service(delete_tax_rate);
}

/// Which tax rates to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListTaxRates {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// ISO 3166-1 alpha-2 code of a country.
    #[param(pattern = "^[A-Z]{2}$", min_length = 2, max_length = 2, example = "DE")]
    country: Option<String>,
    /// How to sort; by country where it is not given.
    #[param(inline)]
    sort: Option<TaxRateSort>,
}

/// How tax rates are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub enum TaxRateSort {
    /// By country.
    #[serde(rename = "country")]
    Country,
    /// By country, last first.
    #[serde(rename = "-country")]
    CountryDescending,
}

/// A tax rate to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTaxRate {
    /// The country that goods are shipped to; it has one tax rate at most.
    country: Country,
    /// What shoppers read.
    #[schema(min_length = 1, max_length = 500, example = "VAT")]
    name: String,
    /// How much of the net price it is.
    rate: Rate,
}

/// What is to change of a tax rate.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateTaxRate {
    /// The country that goods are shipped to; it has one tax rate at most.
    #[schema(nullable = false)]
    country: Option<Country>,
    /// What shoppers read.
    #[schema(nullable = false, min_length = 1, max_length = 500, example = "VAT")]
    name: Option<String>,
    /// How much of the net price it is.
    #[schema(nullable = false)]
    rate: Option<Rate>,
}

/// List tax rates
///
/// One for each country that the shop charges tax for.
#[utoipa::path(
    tag = "admin settings",
    params(ListTaxRates),
    responses((status = 200, description = "A page of tax rates.", body = Collection<TaxRate>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/tax-rates")]
async fn list_tax_rates(
    _staff: Staff<SettingsRead>,
    shop: Data<Shop>,
    query: StrictQuery<ListTaxRates>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(ListTaxRates { limit, cursor, with_total, country, sort }) = query;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let rising = sort != Some(TaxRateSort::CountryDescending);
            let window = page.window(store::load_page(conn, country.as_deref(), rising, &page)?);
            let total = (with_total == Some(true)).then(|| store::count(conn, country.as_deref())).transpose()?;
            Ok(page.collection(window, total, |it| vec![json!(it.country)], |it| it))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Make a tax rate
///
/// From then on what is shipped to the country is taxed by it. A country that has one already is 409 `country_taken`.
#[utoipa::path(
    tag = "admin settings",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateTaxRate,
    responses((status = 201, description = "The tax rate.", body = TaxRate)),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/tax-rates")]
async fn create_tax_rate(
    staff: Staff<SettingsWrite>,
    shop: Data<Shop>,
    key: IdempotencyKey,
    body: StrictJson<CreateTaxRate>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let CreateTaxRate { country, name, rate } = body.value;
    let new = NewTaxRate { country, name, rate };
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let made = change_rate::create(conn, new.clone(), now)?;
        let location = format!("/api/v1/admin/tax-rates/{}", made.id);
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await
}

/// Show a tax rate
///
/// By its id.
#[utoipa::path(
    tag = "admin settings",
    params(("tax_rate_id" = TaxRateId, Path, description = "The tax rate.")),
    responses((status = 200, description = "The tax rate.", body = TaxRate)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/tax-rates/{tax_rate_id}")]
async fn get_tax_rate(_staff: Staff<SettingsRead>, shop: Data<Shop>, id: PathParameter<TaxRateId>) -> Result<Answer> {
    let found = shop.db.read(move |conn| store::find(conn, id.0)?.ok_or_else(Error::not_found)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Change a tax rate
///
/// Members that are absent stay. Orders keep the tax that they were placed with.
#[utoipa::path(
    tag = "admin settings",
    params(
        ("tax_rate_id" = TaxRateId, Path, description = "The tax rate."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateTaxRate,
    responses(
        (status = 200, description = "The tax rate as it now is.", body = TaxRate),
        (status = 409, description = "The country has another tax rate (`country_taken`).")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/tax-rates/{tax_rate_id}")]
async fn update_tax_rate(
    _staff: Staff<SettingsWrite>,
    shop: Data<Shop>,
    id: PathParameter<TaxRateId>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateTaxRate>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let UpdateTaxRate { country, name, rate } = body.value;
    let changed = shop
        .db
        .write(move |conn| {
            let change = TaxRateChange { country, name: name.clone(), rate };
            change_rate::change(conn, id.0, &condition.0, change, now)
        })
        .await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Delete a tax rate
///
/// From then on what is shipped to the country is not taxed.
#[utoipa::path(
    tag = "admin settings",
    params(
        ("tax_rate_id" = TaxRateId, Path, description = "The tax rate."),
        ("If-Match" = String, Header, description = "The version to delete.")
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/tax-rates/{tax_rate_id}")]
async fn delete_tax_rate(
    _staff: Staff<SettingsWrite>,
    shop: Data<Shop>,
    id: PathParameter<TaxRateId>,
    condition: RequiredIfMatch,
) -> Result<Answer> {
    shop.db.write(move |conn| change_rate::delete(conn, id.0, &condition.0)).await?;
    Ok(Answer::no_content())
}
