//! `/admin/inventory`.

use actix_web::{HttpRequest, get, patch, post, web::Data};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::{
        extract::Staff,
        rights::{InventoryRead, InventoryWrite},
    },
    catalog::{availability, model::Availability},
    error::Result,
    http::{
        answer::{Answer, Keep},
        etag::RequiredIfMatch,
        idempotency::{self, IdempotencyKey},
        json::StrictJson,
        listing::Listing,
        path::PathParameter,
        query::StrictQuery,
    },
    ids::{LocationId, VariantId},
    inventory::{
        adjust::{self, Adjustment},
        count::{self, Count},
        ledger::Cause,
        view::{self, Inventory, InventoryFilter, InventoryMovement, InventorySort},
    },
    page::Collection,
    shop::Shop,
};

/// The routes of stock.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_inventory)
        .service(get_inventory)
        .service(update_inventory)
        .service(create_inventory_adjustment)
        .service(list_inventory_movements);
}

/// Whose stock to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListInventory {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// Ids of variants, commas between them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100)]
    variant_id: Option<Vec<String>>,
    /// The SKU of a variant.
    #[param(min_length = 1, max_length = 100, example = "ENAMEL-MUG")]
    sku: Option<String>,
    /// Shown to shoppers as any of these, commas between them.
    #[param(inline, value_type = Option<Vec<Availability>>, style = Form, explode = false, max_items = 4, example = json!(["low_stock", "out_of_stock"]))]
    availability: Option<Vec<Availability>>,
    /// How to sort; by SKU where it is not given.
    #[param(inline)]
    sort: Option<InventorySort>,
}

/// Which movements to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListInventoryMovements {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// Any of these causes, commas between them.
    #[param(inline, value_type = Option<Vec<Cause>>, style = Form, explode = false, max_items = 5, example = json!(["count", "adjustment"]))]
    cause: Option<Vec<Cause>>,
    /// How to sort; newest first where it is not given.
    #[param(inline)]
    sort: Option<MovementSort>,
}

/// How movements are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub enum MovementSort {
    /// Newest first.
    #[serde(rename = "-occurred_at")]
    NewestFirst,
    /// Oldest first.
    #[serde(rename = "occurred_at")]
    OldestFirst,
}

/// What was counted on the shelf.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateInventory {
    /// Units on the shelf, those that are reserved included.
    #[schema(minimum = 0, maximum = 1_000_000_000, example = 24)]
    on_hand: i64,
    /// In somebody's words.
    #[schema(min_length = 1, max_length = 500, example = "Yearly count")]
    reason: Option<String>,
}

/// A change of stock to be booked.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateInventoryAdjustment {
    /// By how many units; not 0.
    #[schema(minimum = -1_000_000_000, maximum = 1_000_000_000, example = -2)]
    delta: i64,
    /// Where; the shop's first location where it is not given.
    location_id: Option<LocationId>,
    /// Why, in somebody's words.
    #[schema(min_length = 1, max_length = 500, example = "Broken in the storeroom")]
    reason: String,
}

/// List stock
///
/// One entry for each variant.
#[utoipa::path(
    tag = "admin inventory",
    params(ListInventory),
    responses((status = 200, description = "A page of stock.", body = Collection<Inventory>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/inventory")]
async fn list_inventory(
    _staff: Staff<InventoryRead>,
    shop: Data<Shop>,
    query: StrictQuery<ListInventory>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(ListInventory { limit, cursor, with_total, variant_id, sku, availability, sort }) = query;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let sort = sort.unwrap_or(InventorySort::Sku);
    // A value that names nothing narrows the list to nothing.
    let variant_ids = variant_id.map(|ids| ids.iter().filter_map(|it| it.parse().ok()).collect());
    let availability = availability.map(|it| it.iter().map(|it| it.as_str().to_owned()).collect());
    let filter = InventoryFilter { variant_ids, sku, availability };
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(view::load_page(conn, &filter, sort, &page)?);
            let total = (with_total == Some(true)).then(|| view::count(conn, &filter)).transpose()?;
            let levels = view::levels_of(conn, &window.rows)?;
            Ok(page.collection(window, total, |row| view::key_of(sort, row), |row| view::inventory(row, &levels)))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Show a variant's stock
///
/// Over all locations and at each. Its version rises with counts and adjustments, not with sales.
#[utoipa::path(
    tag = "admin inventory",
    params(("variant_id" = VariantId, Path, description = "The variant.")),
    responses((status = 200, description = "Its stock.", body = Inventory)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/inventory/{variant_id}")]
async fn get_inventory(_staff: Staff<InventoryRead>, shop: Data<Shop>, id: PathParameter<VariantId>) -> Result<Answer> {
    let found = shop.db.read(move |conn| view::load(conn, id.0)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Count a variant's stock
///
/// Sets what stands on the shelf to what was counted there; the ledger gets the difference. Less than is reserved for
/// orders is 409 `insufficient_stock`.
#[utoipa::path(
    tag = "admin inventory",
    params(
        ("variant_id" = VariantId, Path, description = "The variant."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateInventory,
    responses(
        (status = 200, description = "The stock as it now is.", body = Inventory),
        (status = 409, description = "Less was counted than is reserved for orders (`insufficient_stock`).")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/inventory/{variant_id}")]
async fn update_inventory(
    staff: Staff<InventoryWrite>,
    shop: Data<Shop>,
    id: PathParameter<VariantId>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateInventory>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let low_stock = shop.config.low_stock;
    let UpdateInventory { on_hand, reason } = body.value;
    let counted = Count { on_hand, reason };
    let changed = shop
        .db
        .write(move |conn| {
            count::count(conn, id.0, &condition.0, &counted, Some(staff.id.as_str()), now)?;
            availability::refresh(conn, &[id.0], low_stock, now)?;
            view::load(conn, id.0)
        })
        .await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Adjust a variant's stock
///
/// How other systems book what comes and goes: by a difference rather than by a count. Less than is reserved for orders
/// is 409 `insufficient_stock`.
#[utoipa::path(
    tag = "admin inventory",
    params(
        ("variant_id" = VariantId, Path, description = "The variant."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")
    ),
    request_body = CreateInventoryAdjustment,
    responses(
        (status = 201, description = "The stock as it now is; `Location` is its address.", body = Inventory),
        (status = 409, description = "Less would be left than is reserved for orders (`insufficient_stock`).")
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/inventory/{variant_id}/adjustments")]
async fn create_inventory_adjustment(
    staff: Staff<InventoryWrite>,
    shop: Data<Shop>,
    id: PathParameter<VariantId>,
    key: IdempotencyKey,
    body: StrictJson<CreateInventoryAdjustment>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let low_stock = shop.config.low_stock;
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let CreateInventoryAdjustment { delta, location_id, reason } = body.value;
    let adjustment = Adjustment { delta, location_id, reason };
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        adjust::adjust(conn, id.0, &adjustment, Some(staff.id.as_str()), now)?;
        availability::refresh(conn, &[id.0], low_stock, now)?;
        let changed = view::load(conn, id.0)?;
        let location = format!("/api/v1/admin/inventory/{}", id.0);
        Ok(Answer::created(&changed, location, Keep::Personal).versioned(changed.version))
    })
    .await
}

/// List a variant's stock movements
///
/// The ledger: each change of what stands on the shelf, with its cause.
#[utoipa::path(
    tag = "admin inventory",
    params(("variant_id" = VariantId, Path, description = "The variant."), ListInventoryMovements),
    responses((status = 200, description = "A page of movements.", body = Collection<InventoryMovement>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/inventory/{variant_id}/movements")]
async fn list_inventory_movements(
    _staff: Staff<InventoryRead>,
    shop: Data<Shop>,
    id: PathParameter<VariantId>,
    query: StrictQuery<ListInventoryMovements>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(ListInventoryMovements { limit, cursor, with_total, cause, sort }) = query;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let rising = sort == Some(MovementSort::OldestFirst);
            let window = page.window(view::load_movements(conn, id.0, cause.as_deref(), rising, &page)?);
            let counted = with_total == Some(true);
            let total = counted.then(|| view::count_movements(conn, id.0, cause.as_deref())).transpose()?;
            Ok(page.collection(window, total, |it| vec![json!(it.id)], |it| it))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}
