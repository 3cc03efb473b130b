//! `/admin/products`.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::{CreateProduct, UpdateProduct};
use crate::{
    auth::{
        extract::Staff,
        rights::{ProductsRead, ProductsWrite},
    },
    catalog::{
        admin::view::{self, AdminProduct},
        change_product::change_product,
        collections::membership::{Membership, Seen},
        create_product::create_product as make_product,
        delete_product::delete_product as remove_product,
        documented::attribute_filters,
        draft::{NewProduct, ProductChange, Terms},
        edit_product,
        filterable::Filterable,
        list::{self, ProductFilter, ProductSort},
        model::ProductStatus,
        named, parts,
        tree::CategoryTree,
        typed,
        view::{Lens, ProductSummary},
    },
    db::Conn,
    error::Result,
    http::{
        answer::{Answer, Keep},
        etag::RequiredIfMatch,
        idempotency::{self, IdempotencyKey},
        json::StrictJson,
        listing::Listing,
        path::PathParameter,
        query::{self, StrictQuery},
    },
    ids::ProductId,
    media::RenderQueue,
    money::Currency,
    page::Collection,
    shop::Shop,
    time::UtcTime,
};

/// The routes of products.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_admin_products)
        .service(create_product)
        .service(get_admin_product)
        .service(update_product)
        .service(delete_product);
}

/// Which products to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAdminProducts {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// ISO 4217 code of the currency of prices; the shop's default where it is not given.
    #[param(pattern = "^[A-Z]{3}$", min_length = 3, max_length = 3, example = "EUR")]
    currency: Option<String>,
    /// Words of the name, each of which may stand within another, or how the external id, or a variant's SKU, barcode or
    /// external id, begins. It finds 1,000 products at most; further words leave fewer.
    #[param(min_length = 1, max_length = 200, example = "oak")]
    q: Option<String>,
    /// Any of these states, commas between them; every state where it is not given.
    #[param(inline, value_type = Option<Vec<ProductStatus>>, style = Form, explode = false, max_items = 3, example = json!(["draft"]))]
    status: Option<Vec<ProductStatus>>,
    /// Ids or slugs of categories, commas between them; all below them count too.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100, example = json!(["kitchen"]))]
    category: Option<Vec<String>>,
    /// Ids or slugs of brands, commas between them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100)]
    brand: Option<Vec<String>>,
    /// Ids or slugs of collections, commas between them, for what is in any of them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 20, example = json!(["small-presents"]))]
    collection: Option<Vec<String>>,
    /// Ids of products, commas between them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100)]
    ids: Option<Vec<String>>,
    /// The slug of a product.
    #[param(min_length = 1, max_length = 200, example = "enamel-mug")]
    slug: Option<String>,
    /// The shop's own key for a product.
    #[param(min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// At least this price, in minor units of the currency.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1000)]
    price_min: Option<i64>,
    /// At most this price, in minor units of the currency.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 5000)]
    price_max: Option<i64>,
    /// Only what can be bought from the shelf, or only what cannot.
    in_stock: Option<bool>,
    /// Made at or after this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    created_from: Option<UtcTime>,
    /// Made before this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    created_before: Option<UtcTime>,
    /// As its schema says.
    #[param(schema_with = attribute_filters)]
    attr: Option<BTreeMap<String, String>>,
    /// How to sort; newest first where it is not given. Products without a price stand last by price, those that
    /// never sold by popularity. `position` is the order of a manual collection, which `collection` has to name.
    #[param(inline)]
    sort: Option<ProductSort>,
}

fn filter(
    conn: &mut Conn,
    tree: &CategoryTree,
    query: &ListAdminProducts,
    currency: Currency,
) -> Result<ProductFilter> {
    query::in_order(("price_min", query.price_min), ("price_max", query.price_max))?;
    let attributes = Filterable::asked(conn, query.attr.as_ref())?;
    let mut filter = ProductFilter {
        statuses: query.status.clone(),
        ids: named::ids_named(conn, query.ids.as_deref(), query.slug.as_deref(), query.external_id.as_deref())?,
        categories: query.category.as_ref().map(|names| named::categories_named(conn, tree, names)).transpose()?,
        brands: query.brand.as_ref().map(|names| named::brands_named(conn, names)).transpose()?,
        price_min: query.price_min,
        price_max: query.price_max,
        in_stock: query.in_stock,
        created_from: query.created_from,
        created_before: query.created_before,
        attributes,
        members: Membership::named(conn, tree, query.collection.as_deref(), Seen::Everything)?,
    };
    if let Some(text) = &query.q {
        let meant = typed::products_meant(conn, text, &filter, currency)?;
        let fits = |id: &ProductId| filter.ids.as_ref().is_none_or(|ids| ids.contains(id));
        filter.ids = Some(meant.into_iter().filter(fits).collect());
    }
    Ok(filter.with_members_among_ids())
}

/// List products as staff
///
/// Products of every state, filtered, sorted and paged as the public list is.
#[utoipa::path(
    tag = "admin products",
    params(ListAdminProducts),
    responses((status = 200, description = "A page of products.", body = Collection<ProductSummary>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/products")]
async fn list_admin_products(
    _staff: Staff<ProductsRead>,
    shop: Data<Shop>,
    query: StrictQuery<ListAdminProducts>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(query) = query;
    let currency = shop.chosen_currency(query.currency.as_deref())?;
    let sort = query.sort.unwrap_or(ProductSort::NewestFirst);
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let config = shop.config.clone();
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(query.limit, query.cursor.as_deref())?;
            let tree = CategoryTree::load(conn)?;
            let filter = filter(conn, &tree, &query, currency)?;
            let window = page.window(list::load_page(conn, &filter, currency, sort, &page)?);
            let counted = query.with_total == Some(true);
            let total = counted.then(|| list::count(conn, &filter, currency)).transpose()?;
            let parts = parts::load_listed_parts(conn, window.rows.iter().map(|(row, _)| row), currency)?;
            let lens = Lens { tree: &tree, currency, media_url: &config.media_url };
            Ok(page.collection(window, total, |row| list::key_of(sort, row), |(row, _)| lens.summary(row, &parts)))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Make a product
///
/// With its variants, their prices and their stock. A slug that is not given is made from the name.
#[utoipa::path(
    tag = "admin products",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateProduct,
    responses(
        (status = 201, description = "The product.", body = AdminProduct),
        (status = 409, description = "`slug_taken`, `sku_taken` or `external_id_taken`, with the pointers of all of them.")
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/products")]
async fn create_product(
    staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    key: IdempotencyKey,
    body: StrictJson<CreateProduct>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let new = NewProduct::from(body.value);
    let config = shop.config.clone();
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let id = make_product(conn, &new, Terms::of(&config), now)?;
        let made = view::load_product(conn, id, &config)?;
        let location = format!("/api/v1/admin/products/{id}");
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await
}

/// Show a product as staff
///
/// Of whatever state, with its prices in all currencies.
#[utoipa::path(
    tag = "admin products",
    params(("product_id" = ProductId, Path, description = "The product.")),
    responses((status = 200, description = "The product.", body = AdminProduct)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/products/{product_id}")]
async fn get_admin_product(
    _staff: Staff<ProductsRead>,
    shop: Data<Shop>,
    id: PathParameter<ProductId>,
) -> Result<Answer> {
    let config = shop.config.clone();
    let found = shop.db.read(move |conn| view::load_product(conn, id.0, &config)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Change a product
///
/// Members that are absent stay, and attributes are merged by key. Variants are changed by themselves, but for what they
/// have of other options: `variant_options` says it together with `options`.
#[utoipa::path(
    tag = "admin products",
    params(
        ("product_id" = ProductId, Path, description = "The product."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateProduct,
    responses(
        (status = 200, description = "The product as it now is.", body = AdminProduct),
        (status = 409, description = "`slug_taken` or `external_id_taken`, with the pointers of all of them.")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/products/{product_id}")]
async fn update_product(
    _staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    id: PathParameter<ProductId>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateProduct>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let change = ProductChange::from(body.value);
    let config = shop.config.clone();
    let changed = shop
        .db
        .write(move |conn| {
            let mut editing = edit_product::open(conn, id.0, &condition.0)?;
            change_product(conn, &mut editing, &change, now)?;
            edit_product::finish(conn, editing, now)?;
            view::load_product(conn, id.0, &config)
        })
        .await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Delete a product
///
/// With its variants, prices, images and stock. Carts lose its lines; orders keep what they have frozen of it. To take
/// it off the shop and keep it, archive it.
#[utoipa::path(
    tag = "admin products",
    params(
        ("product_id" = ProductId, Path, description = "The product."),
        ("If-Match" = String, Header, description = "The version to delete.")
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 409, description = "Units of it are reserved for orders that have not been shipped (`in_use`).")
    ),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/products/{product_id}")]
async fn delete_product(
    staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    queue: Data<RenderQueue>,
    id: PathParameter<ProductId>,
    condition: RequiredIfMatch,
) -> Result<Answer> {
    let now = shop.clock.now();
    let remove = move |conn: &mut _| remove_product(conn, id.0, &condition.0, Some(staff.id.as_str()), now);
    queue.forget(shop.db.write(remove).await?).await;
    Ok(Answer::no_content())
}
