//! The catalogue's public routes.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpRequest, get, web::Data};
use diesel::QueryResult;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    attribute_definition,
    classification::{AtHand, Classification},
    collections::membership::{Membership, Seen},
    documented::attribute_filters,
    list::{self, ProductFilter, ProductSort},
    model::{ProductStatus, Slug},
    named, parts, store,
    tree::CategoryTree,
    view::{self, Brand, Category, Lens, Product, ProductSummary, ShownAttribute},
};
use crate::{
    db::{Conn, changes::Scope},
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        cursor::{self, PageRequest},
        path::PathParameter,
        query::{self, StrictQuery},
    },
    ids::{BrandId, CategoryId, ProductId},
    page::Collection,
    shop::Shop,
    time::UtcTime,
};

/// The catalogue's public routes.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_products)
        .service(get_product)
        .service(list_categories)
        .service(get_category)
        .service(list_brands)
        .service(get_brand)
        .service(list_attributes);
}

/// Those of them whose answers are kept until the catalogue changes.
pub const KEPT: [&str; 7] = [
    "/api/v1/products",
    "/api/v1/products/{id_or_slug}",
    "/api/v1/categories",
    "/api/v1/categories/{id_or_slug}",
    "/api/v1/brands",
    "/api/v1/brands/{id_or_slug}",
    "/api/v1/attributes",
];

/// Which products to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListProducts {
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
    /// The cheapest variant costs at least this, in minor units of the currency.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1000)]
    price_min: Option<i64>,
    /// The cheapest variant costs at most this, in minor units of the currency.
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

/// List products
///
/// Published products, filtered, sorted and paged by key: products added meanwhile neither repeat nor skip one.
#[utoipa::path(tag = "catalogue", params(ListProducts), responses((status = 200, description = "A page of products.", body = Collection<ProductSummary>)))]
#[get("/api/v1/products")]
async fn list_products(
    shop: Data<Shop>,
    at_hand: Data<AtHand>,
    query: StrictQuery<ListProducts>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(query) = query;
    let currency = shop.chosen_currency(query.currency.as_deref())?;
    let sort = query.sort.unwrap_or(ProductSort::NewestFirst);
    let described = cursor::without_cursor(request.query_string());
    let asked = described.clone();
    let keys = shop.keys.clone();
    let media_url = shop.config.media_url.clone();
    let classification = at_hand.wanted(shop.db.changes());
    let collection = shop
        .db
        .read(move |conn| {
            let list = format!("products {asked}");
            let page = PageRequest::new(&keys, list, query.limit, query.cursor.as_deref())?;
            let classification = classification.get(conn)?;
            let filter = filter(conn, &classification, &query)?;
            let window = page.window(list::load_page(conn, &filter, currency, sort, &page)?);
            let total = match query.with_total {
                Some(true) => Some(list::count(conn, &filter, currency)?),
                _ => None,
            };
            let parts = parts::load_listed_parts(conn, window.rows.iter().map(|(row, _)| row), currency)?;
            let lens = Lens { tree: &classification.tree, currency, media_url: &media_url };
            Ok(page.collection(window, total, |row| list::key_of(sort, row), |(row, _)| lens.summary(row, &parts)))
        })
        .await?;
    let address = format!("{}/api/v1/products", shop.config.public_url);
    let link = cursor::link_header(&address, &described, &collection.page);
    Ok(Answer { link, ..Answer::ok(&collection, Keep::Public).tagged().showing(Scope::Products) })
}

/// A value that names nothing narrows the list to nothing.
fn filter(conn: &mut Conn, classification: &Classification, query: &ListProducts) -> Result<ProductFilter> {
    let Classification { tree, filterable } = classification;
    query::in_order(("price_min", query.price_min), ("price_max", query.price_max))?;
    let filter = ProductFilter {
        statuses: Some(vec![ProductStatus::Published]),
        ids: named::ids_named(conn, query.ids.as_deref(), query.slug.as_deref(), query.external_id.as_deref())?,
        categories: query.category.as_ref().map(|names| categories_named(conn, tree, names)).transpose()?,
        brands: query.brand.as_ref().map(|names| brands_named(conn, names)).transpose()?,
        price_min: query.price_min,
        price_max: query.price_max,
        in_stock: query.in_stock,
        created_from: query.created_from,
        created_before: query.created_before,
        attributes: filterable.conditions(query.attr.as_ref())?,
        members: Membership::named(conn, tree, query.collection.as_deref(), Seen::Published)?,
    };
    Ok(filter.with_states_settled(conn)?)
}

/// Categories by id or slug, with all below them.
pub fn categories_named(conn: &mut Conn, tree: &CategoryTree, names: &[String]) -> QueryResult<Vec<CategoryId>> {
    // Each once, however often it lies in one that is named.
    let mut all = BTreeSet::new();
    for name in names {
        if let Some(row) = named::category_named(conn, tree, name)? {
            all.extend(tree.with_descendants(row.id));
        }
    }
    Ok(all.into_iter().collect())
}

/// Brands by id or slug.
pub fn brands_named(conn: &mut Conn, names: &[String]) -> QueryResult<Vec<BrandId>> {
    let slugs: Vec<Slug> = names.iter().filter_map(|name| name.parse().ok()).collect();
    let mut ids: Vec<BrandId> = names.iter().filter_map(|name| name.parse().ok()).collect();
    ids.extend(store::brand_ids_of_slugs(conn, &slugs)?);
    Ok(ids)
}

/// Which currency to show.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GetProduct {
    /// ISO 4217 code of the currency of prices; the shop's default where it is not given.
    #[param(pattern = "^[A-Z]{3}$", min_length = 3, max_length = 3, example = "EUR")]
    currency: Option<String>,
}

/// Show a product
///
/// A published product by its id or slug. A slug that it has had before still leads to it.
#[utoipa::path(
    tag = "catalogue",
    params(("id_or_slug" = String, Path, description = "Id or slug of the product.", min_length = 1, max_length = 100, example = "enamel-mug"), GetProduct),
    responses((status = 200, description = "The product.", body = Product))
)]
#[get("/api/v1/products/{id_or_slug}")]
async fn get_product(
    shop: Data<Shop>,
    at_hand: Data<AtHand>,
    name: PathParameter<String>,
    query: StrictQuery<GetProduct>,
) -> Result<Answer> {
    let currency = shop.chosen_currency(query.0.currency.as_deref())?;
    let media_url = shop.config.media_url.clone();
    let classification = at_hand.wanted(shop.db.changes());
    let product = shop
        .db
        .read(move |conn| {
            let found = match (name.0.parse::<ProductId>(), name.0.parse::<Slug>()) {
                (Ok(id), _) => store::find_product(conn, id)?,
                (_, Ok(slug)) => store::find_product_by_slug(conn, &slug)?,
                _ => None,
            };
            let row = found.filter(|it| it.status == ProductStatus::Published).ok_or_else(Error::not_found)?;
            let classification = classification.get(conn)?;
            let parts = parts::load_parts(conn, std::slice::from_ref(&row))?;
            Ok(Lens { tree: &classification.tree, currency, media_url: &media_url }.product(row, &parts))
        })
        .await?;
    // A slug that it has had is never another's, so that nothing but itself changes the answer.
    Ok(Answer::ok(&product, Keep::Public).versioned(product.version).showing(Scope::Product(product.id)))
}

/// List categories
///
/// The roots with their whole trees, on one page.
#[utoipa::path(tag = "catalogue", responses((status = 200, description = "The category trees.", body = Collection<Category>)))]
#[get("/api/v1/categories")]
async fn list_categories(shop: Data<Shop>) -> Result<Answer> {
    let tree = shop.db.read(|conn| Ok(CategoryTree::load(conn)?)).await?;
    let roots = tree.children(None).map(|row| view::category(&tree, row)).collect();
    Ok(Answer::ok(&Collection::whole(roots), Keep::Public).tagged().showing(Scope::Taxonomy))
}

/// Show a category
///
/// A category by its id or slug, with all below it. A slug that it has had before still leads to it.
#[utoipa::path(
    tag = "catalogue",
    params(("id_or_slug" = String, Path, description = "Id or slug of the category.", min_length = 1, max_length = 100, example = "kitchen")),
    responses((status = 200, description = "The category.", body = Category))
)]
#[get("/api/v1/categories/{id_or_slug}")]
async fn get_category(shop: Data<Shop>, name: PathParameter<String>) -> Result<Answer> {
    let shown = shop
        .db
        .read(move |conn| {
            let tree = CategoryTree::load(conn)?;
            let row = named::category_named(conn, &tree, &name.0)?.ok_or_else(Error::not_found)?;
            Ok(view::category(&tree, row))
        })
        .await?;
    Ok(Answer::ok(&shown, Keep::Public).versioned(shown.version).showing(Scope::Taxonomy))
}

/// List brands
///
/// All brands by name, on one page.
#[utoipa::path(tag = "catalogue", responses((status = 200, description = "The brands.", body = Collection<Brand>)))]
#[get("/api/v1/brands")]
async fn list_brands(shop: Data<Shop>) -> Result<Answer> {
    let brands = shop.db.read(|conn| Ok(store::load_brands(conn)?)).await?;
    let brands = brands.into_iter().map(Brand::from).collect();
    Ok(Answer::ok(&Collection::<Brand>::whole(brands), Keep::Public).tagged().showing(Scope::Taxonomy))
}

/// Show a brand
///
/// A brand by its id or slug. A slug that it has had before still leads to it.
#[utoipa::path(
    tag = "catalogue",
    params(("id_or_slug" = String, Path, description = "Id or slug of the brand.", min_length = 1, max_length = 100, example = "fjordlight")),
    responses((status = 200, description = "The brand.", body = Brand))
)]
#[get("/api/v1/brands/{id_or_slug}")]
async fn get_brand(shop: Data<Shop>, name: PathParameter<String>) -> Result<Answer> {
    let find = move |conn: &mut Conn| named::brand_named(conn, &name.0)?.ok_or_else(Error::not_found);
    let brand = Brand::from(shop.db.read(find).await?);
    Ok(Answer::ok(&brand, Keep::Public).versioned(brand.version).showing(Scope::Taxonomy))
}

/// List attributes
///
/// What the shop says of attributes and options, in the order to show them, on one page: by these keys products have
/// their attributes, and those that are filterable make `attr.KEY` a parameter of lists and searches.
#[utoipa::path(tag = "catalogue", responses((status = 200, description = "The attributes.", body = Collection<ShownAttribute>)))]
#[get("/api/v1/attributes")]
async fn list_attributes(shop: Data<Shop>) -> Result<Answer> {
    let rows = shop.db.read(|conn| Ok(attribute_definition::load_all(conn)?)).await?;
    let shown = rows.into_iter().map(ShownAttribute::from).collect();
    let shown = Collection::<ShownAttribute>::whole(shown);
    Ok(Answer::ok(&shown, Keep::Public).tagged().showing(Scope::Taxonomy))
}
