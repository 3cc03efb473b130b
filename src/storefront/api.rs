//! `/store`.

use actix_web::{get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    config::Config,
    country::Country,
    error::Result,
    http::answer::{Answer, Keep},
    money::Currency,
    shipping,
    shop::Shop,
};

/// A BCP 47 tag.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 35, example = "en")]
#[allow(dead_code, reason = "stands for a text in the document")]
pub struct LanguageTag(String);

/// The routes of the shop itself.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(get_store);
}

/// What a front-end needs to know of the shop before it shows anything.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Store {
    /// The shop's name.
    #[schema(min_length = 1, max_length = 200, example = "Harbour & Pine")]
    name: String,
    /// The currency of answers to requests that name none.
    default_currency: Currency,
    /// The currencies in which the shop sells, the default first.
    #[schema(min_items = 1, max_items = 200)]
    currencies: Vec<Currency>,
    /// BCP 47 tag of the language of answers to requests that name none.
    #[schema(min_length = 1, max_length = 35, example = "en")]
    default_language: String,
    /// BCP 47 tags of the shop's languages, the default first.
    #[schema(value_type = Vec<LanguageTag>, min_items = 1, max_items = 100)]
    languages: Vec<String>,
    /// The countries that the shop ships to, by code.
    #[schema(value_type = Vec<Country>, max_items = 249)]
    countries: Vec<String>,
    /// Whether one may buy without an account.
    guest_checkout: bool,
    /// Whether catalogue prices include tax.
    prices_include_tax: bool,
    /// By whom one may pay.
    #[schema(max_items = 10)]
    payment_providers: Vec<StorePaymentProvider>,
    /// Pages that a shopper must be able to read.
    #[schema(max_items = 20)]
    legal_links: Vec<LegalLink>,
}

/// A way to pay.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StorePaymentProvider {
    /// What checkout calls it.
    #[schema(min_length = 1, max_length = 40, example = "sandbox")]
    name: String,
    /// The key with which a browser makes the provider's tokens; null where it takes none.
    #[schema(required, min_length = 1, max_length = 200)]
    publishable_key: Option<String>,
}

/// A page that a shopper must be able to read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LegalLink {
    /// What it is about.
    #[schema(min_length = 1, max_length = 100, example = "terms")]
    name: String,
    /// Its address.
    #[schema(format = "uri", max_length = 2000, example = "https://shop.example/terms")]
    url: String,
}

/// Show the store
///
/// Its name, currencies, languages and countries, and what one may do there.
#[utoipa::path(tag = "store", responses((status = 200, description = "The store.", body = Store)))]
#[get("/api/v1/store")]
async fn get_store(shop: Data<Shop>) -> Result<Answer> {
    let countries = shop.db.read(|conn| Ok(shipping::served_countries(conn)?)).await?;
    Ok(Answer::ok(&store(&shop.config, countries), Keep::Public).tagged())
}

fn store(config: &Config, countries: Vec<String>) -> Store {
    let link = |(name, url): &(String, String)| LegalLink { name: name.clone(), url: url.clone() };
    let sandbox = StorePaymentProvider { name: "sandbox".to_owned(), publishable_key: None };
    let says = &config.store;
    Store {
        name: says.name.clone(),
        default_currency: says.default_currency(),
        currencies: says.currencies.clone(),
        default_language: says.languages.first().cloned().unwrap_or_default(),
        languages: says.languages.clone(),
        countries,
        guest_checkout: says.guest_checkout,
        prices_include_tax: says.prices_include_tax,
        payment_providers: config.sandbox_journal.iter().map(|_| sandbox.clone()).collect(),
        legal_links: says.legal_links.iter().map(link).collect(),
    }
}
