//! `/admin/shipping-zones`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    model::{DeliveryDays, NewOption, NewZone, Zone},
    store,
    write_zone::{self, ZoneChange},
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
    ids::{ShippingOptionId, ShippingZoneId},
    money::{Currency, Money},
    page::Collection,
    shop::Shop,
};

/// The routes of shipping zones.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_shipping_zones)
        .service(create_shipping_zone)
        .service(get_shipping_zone)
        .service(update_shipping_zone)
        .service(delete_shipping_zone);
}

/// Which shipping zones to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListShippingZones {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// How to sort; oldest first where it is not given.
    #[param(inline)]
    sort: Option<ShippingZoneSort>,
}

/// How shipping zones are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub enum ShippingZoneSort {
    /// Oldest first.
    #[serde(rename = "created_at")]
    OldestFirst,
    /// Newest first.
    #[serde(rename = "-created_at")]
    NewestFirst,
}

/// A shipping zone to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateShippingZone {
    /// What the staff call it.
    #[schema(min_length = 1, max_length = 200, example = "Central Europe")]
    name: String,
    /// Its countries; none of them may lie in another zone.
    #[schema(max_items = 249)]
    countries: Vec<Country>,
    /// The ways to ship there, in the order to show them.
    #[schema(max_items = 50)]
    options: Vec<ShippingOptionInput>,
}

/// What is to change of a shipping zone.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateShippingZone {
    /// What the staff call it.
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "Central Europe")]
    name: Option<String>,
    /// All its countries; none of them may lie in another zone.
    #[schema(nullable = false, max_items = 249)]
    countries: Option<Vec<Country>>,
    /// All ways to ship there, in the order to show them. One that has its `id` stays the same option, one without is
    /// new, one that is missing goes.
    #[schema(nullable = false, max_items = 50)]
    options: Option<Vec<ShippingOptionInput>>,
}

/// A way to ship, as it is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShippingOptionInput {
    /// The option that it is already.
    id: Option<ShippingOptionId>,
    /// What shoppers read.
    #[schema(min_length = 1, max_length = 200, example = "Standard")]
    name: String,
    /// What it costs, once in each currency in which it is to be offered.
    #[schema(max_items = 200)]
    prices: Vec<ShippingPrice>,
    /// How long it takes.
    delivery_days: Option<DeliveryDays>,
}

/// What a way to ship costs in one currency.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShippingPrice {
    /// Integer minor units of the currency.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 490)]
    amount: i64,
    /// One that the shop offers.
    currency: Currency,
}

impl From<ShippingOptionInput> for NewOption {
    fn from(input: ShippingOptionInput) -> Self {
        let ShippingOptionInput { id, name, prices, delivery_days } = input;
        let prices = prices.into_iter().map(|it| Money::new(it.amount, it.currency)).collect();
        Self { id, name, prices, delivery_days }
    }
}

/// List shipping zones
///
/// With their countries and options.
#[utoipa::path(
    tag = "admin settings",
    params(ListShippingZones),
    responses((status = 200, description = "A page of shipping zones.", body = Collection<Zone>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/shipping-zones")]
async fn list_shipping_zones(
    _staff: Staff<SettingsRead>,
    shop: Data<Shop>,
    query: StrictQuery<ListShippingZones>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(ListShippingZones { limit, cursor, with_total, sort }) = query;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let rising = sort != Some(ShippingZoneSort::NewestFirst);
            let window = page.window(store::load_page(conn, rising, &page)?);
            let total = (with_total == Some(true)).then(|| store::count(conn)).transpose()?;
            Ok(page.collection(window, total, |it| vec![json!(it.id)], |it| it))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Make a shipping zone
///
/// With its countries and the ways to ship there. A country that lies in another zone is 409 `country_taken`.
#[utoipa::path(
    tag = "admin settings",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateShippingZone,
    responses((status = 201, description = "The shipping zone.", body = Zone)),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/shipping-zones")]
async fn create_shipping_zone(
    staff: Staff<SettingsWrite>,
    shop: Data<Shop>,
    key: IdempotencyKey,
    body: StrictJson<CreateShippingZone>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let CreateShippingZone { name, countries, options } = body.value;
    let new = NewZone { name, countries, options: options.into_iter().map(NewOption::from).collect() };
    let config = shop.config.clone();
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let made = write_zone::create(conn, &new, &config.store.currencies, now)?;
        let location = format!("/api/v1/admin/shipping-zones/{}", made.id);
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await
}

/// Show a shipping zone
///
/// By its id, with its countries and options.
#[utoipa::path(
    tag = "admin settings",
    params(("shipping_zone_id" = ShippingZoneId, Path, description = "The shipping zone.")),
    responses((status = 200, description = "The shipping zone.", body = Zone)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/shipping-zones/{shipping_zone_id}")]
async fn get_shipping_zone(
    _staff: Staff<SettingsRead>,
    shop: Data<Shop>,
    id: PathParameter<ShippingZoneId>,
) -> Result<Answer> {
    let found = shop.db.read(move |conn| store::find_zone(conn, id.0)?.ok_or_else(Error::not_found)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Change a shipping zone
///
/// Members that are absent stay; lists are replaced as a whole. Orders keep the option that they were placed with.
#[utoipa::path(
    tag = "admin settings",
    params(
        ("shipping_zone_id" = ShippingZoneId, Path, description = "The shipping zone."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateShippingZone,
    responses(
        (status = 200, description = "The shipping zone as it now is.", body = Zone),
        (status = 409, description = "A country lies in another zone (`country_taken`).")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/shipping-zones/{shipping_zone_id}")]
async fn update_shipping_zone(
    _staff: Staff<SettingsWrite>,
    shop: Data<Shop>,
    id: PathParameter<ShippingZoneId>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateShippingZone>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let UpdateShippingZone { name, countries, options } = body.value;
    let options = options.map(|it| it.into_iter().map(NewOption::from).collect());
    let change = ZoneChange { name, countries, options };
    let config = shop.config.clone();
    let changed = shop
        .db
        .write(move |conn| write_zone::change(conn, id.0, &condition.0, change.clone(), &config.store.currencies, now))
        .await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Delete a shipping zone
///
/// The shop no longer ships to its countries. Carts that had chosen one of its options have none.
#[utoipa::path(
    tag = "admin settings",
    params(
        ("shipping_zone_id" = ShippingZoneId, Path, description = "The shipping zone."),
        ("If-Match" = String, Header, description = "The version to delete.")
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/shipping-zones/{shipping_zone_id}")]
async fn delete_shipping_zone(
    _staff: Staff<SettingsWrite>,
    shop: Data<Shop>,
    id: PathParameter<ShippingZoneId>,
    condition: RequiredIfMatch,
) -> Result<Answer> {
    shop.db.write(move |conn| write_zone::delete(conn, id.0, &condition.0)).await?;
    Ok(Answer::no_content())
}
