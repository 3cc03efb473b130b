//! `/admin/products/{product_id}/variants` and `/admin/variants`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::{CreateVariant, UpdateVariant};
use crate::{
    auth::{
        extract::Staff,
        rights::{ProductsRead, ProductsWrite},
    },
    catalog::{
        admin::view::{self, AdminVariant},
        draft::{NewVariant, Terms, VariantChange},
        edit_product, store,
        variants::{self, AnyVariantSort, Surroundings, VariantFilter, VariantSort},
        write_variant,
    },
    db::Conn,
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        cursor::PageRequest,
        etag::{IfMatch, RequiredIfMatch},
        idempotency::{self, IdempotencyKey},
        json::StrictJson,
        listing::Listing,
        path::PathParameter,
        query::StrictQuery,
    },
    ids::{ProductId, VariantId},
    page::Collection,
    shop::Shop,
};

/// The routes of variants.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_variants)
        .service(list_all_variants)
        .service(create_variant)
        .service(get_variant)
        .service(update_variant)
        .service(delete_variant);
}

/// Which variants of the product to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListVariants {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// The variant with this SKU.
    #[param(min_length = 1, max_length = 100, example = "ENAMEL-MUG")]
    sku: Option<String>,
    /// The shop's own key for a variant.
    #[param(min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// The variants with this barcode.
    #[param(min_length = 1, max_length = 100, example = "2000000000015")]
    barcode: Option<String>,
    /// How to sort; in the order to show them where it is not given.
    #[param(inline)]
    sort: Option<VariantSort>,
}

/// Which variants of the shop to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAllVariants {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// The variant with this SKU.
    #[param(min_length = 1, max_length = 100, example = "ENAMEL-MUG")]
    sku: Option<String>,
    /// The shop's own key for a variant.
    #[param(min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// The variants with this barcode.
    #[param(min_length = 1, max_length = 100, example = "2000000000015")]
    barcode: Option<String>,
    /// How to sort; oldest first where it is not given.
    #[param(inline)]
    sort: Option<AnyVariantSort>,
}

/// List a product's variants
///
/// With their prices in all currencies.
#[utoipa::path(
    tag = "admin products",
    params(("product_id" = ProductId, Path, description = "The product."), ListVariants),
    responses((status = 200, description = "A page of variants.", body = Collection<AdminVariant>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/products/{product_id}/variants")]
async fn list_variants(
    _staff: Staff<ProductsRead>,
    shop: Data<Shop>,
    product_id: PathParameter<ProductId>,
    query: StrictQuery<ListVariants>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(ListVariants { limit, cursor, with_total, sku, external_id, barcode, sort }) = query;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let sort = sort.unwrap_or(VariantSort::Position);
    let filter =
        VariantFilter { product_id: Some(product_id.0), sku, external_id, barcode, ..VariantFilter::default() };
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            store::find_product(conn, product_id.0)?.ok_or_else(Error::not_found)?;
            load_page(conn, &filter, sort, &page, with_total)
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// List variants
///
/// Of all products, with their prices in all currencies: how a variant is found by what other systems call it.
#[utoipa::path(
    tag = "admin products",
    params(ListAllVariants),
    responses((status = 200, description = "A page of variants.", body = Collection<AdminVariant>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/variants")]
async fn list_all_variants(
    _staff: Staff<ProductsRead>,
    shop: Data<Shop>,
    query: StrictQuery<ListAllVariants>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(ListAllVariants { limit, cursor, with_total, sku, external_id, barcode, sort }) = query;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let sort = sort.unwrap_or(AnyVariantSort::OldestFirst).into();
    let filter = VariantFilter { sku, external_id, barcode, ..VariantFilter::default() };
    let collection = shop
        .db
        .read(move |conn| load_page(conn, &filter, sort, &asked.page(limit, cursor.as_deref())?, with_total))
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

fn load_page(
    conn: &mut Conn,
    filter: &VariantFilter,
    sort: VariantSort,
    page: &PageRequest<'_>,
    with_total: Option<bool>,
) -> Result<Collection<AdminVariant>> {
    let window = page.window(variants::load_page(conn, filter, sort, page)?);
    let total = (with_total == Some(true)).then(|| variants::count(conn, filter)).transpose()?;
    let around = Surroundings::load(conn, &window.rows)?;
    let view = |row| view::variant(&row, around.version(&row), &around.prices);
    Ok(page.collection(window, total, |row| variants::key_of(sort, row), view))
}

/// Add a variant to a product
///
/// With its prices and its stock, behind the variants that there are. The product has a new version.
#[utoipa::path(
    tag = "admin products",
    params(
        ("product_id" = ProductId, Path, description = "The product."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")
    ),
    request_body = CreateVariant,
    responses(
        (status = 201, description = "The variant.", body = AdminVariant),
        (status = 409, description = "`sku_taken` or `external_id_taken`, with the pointers of all of them.")
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/products/{product_id}/variants")]
async fn create_variant(
    staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    product_id: PathParameter<ProductId>,
    key: IdempotencyKey,
    body: StrictJson<CreateVariant>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let new = NewVariant::from(body.value);
    let config = shop.config.clone();
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let mut editing = edit_product::open(conn, product_id.0, &IfMatch::Absent)?;
        let id = write_variant::create_variant(conn, &mut editing, &new, "#", Terms::of(&config), now)?;
        edit_product::finish(conn, editing, now)?;
        let made = load(conn, id)?;
        let location = format!("/api/v1/admin/variants/{id}");
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await
}

fn load(conn: &mut Conn, id: VariantId) -> Result<AdminVariant> {
    let row = variants::find(conn, id)?.ok_or_else(Error::not_found)?;
    let around = Surroundings::load(conn, std::slice::from_ref(&row))?;
    Ok(view::variant(&row, around.version(&row), &around.prices))
}

/// Show a variant
///
/// By its id, with its prices in all currencies. Its version is that of its product.
#[utoipa::path(
    tag = "admin products",
    params(("variant_id" = VariantId, Path, description = "The variant.")),
    responses((status = 200, description = "The variant.", body = AdminVariant)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/variants/{variant_id}")]
async fn get_variant(_staff: Staff<ProductsRead>, shop: Data<Shop>, id: PathParameter<VariantId>) -> Result<Answer> {
    let found = shop.db.read(move |conn| load(conn, id.0)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Change a variant
///
/// Members that are absent stay, options are merged by name, prices are replaced as a whole. The product has a new
/// version; stock is changed under `/admin/inventory`.
#[utoipa::path(
    tag = "admin products",
    params(
        ("variant_id" = VariantId, Path, description = "The variant."),
        ("If-Match" = String, Header, description = "The version of the product to change.")
    ),
    request_body = UpdateVariant,
    responses(
        (status = 200, description = "The variant as it now is.", body = AdminVariant),
        (status = 409, description = "`sku_taken` or `external_id_taken`, with the pointers of all of them.")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/variants/{variant_id}")]
async fn update_variant(
    _staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    id: PathParameter<VariantId>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateVariant>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let change = VariantChange::from(body.value);
    let config = shop.config.clone();
    let changed = shop
        .db
        .write(move |conn| {
            let mut editing = edit_product::open_of_variant(conn, id.0, &condition.0)?;
            write_variant::change_variant(conn, &mut editing, id.0, &change, "#", Terms::of(&config), now)?;
            edit_product::finish(conn, editing, now)?;
            load(conn, id.0)
        })
        .await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Delete a variant
///
/// With its prices and its stock. Carts lose its lines; orders keep what they have frozen of it. The product has a new
/// version.
#[utoipa::path(
    tag = "admin products",
    params(
        ("variant_id" = VariantId, Path, description = "The variant."),
        ("If-Match" = String, Header, description = "The version of the product to change.")
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 409, description = "Units of it are reserved for orders that have not been shipped (`in_use`).")
    ),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/variants/{variant_id}")]
async fn delete_variant(
    staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    id: PathParameter<VariantId>,
    condition: RequiredIfMatch,
) -> Result<Answer> {
    let now = shop.clock.now();
    shop.db
        .write(move |conn| {
            let mut editing = edit_product::open_of_variant(conn, id.0, &condition.0)?;
            write_variant::delete_variant(conn, &mut editing, id.0, Some(staff.id.as_str()), now)?;
            edit_product::finish(conn, editing, now).map(drop)
        })
        .await?;
    Ok(Answer::no_content())
}
