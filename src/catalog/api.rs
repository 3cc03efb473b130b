//! The catalogue's public routes.

use actix_web::{HttpRequest, get, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    attribute_definition,
    classification::AtHand,
    model::{ProductStatus, Slug},
    named, parts, store,
    tree::CategoryTree,
    view::{self, Brand, Category, Lens, Product, ShownAttribute},
};
use crate::{
    db::{Conn, changes::Scope},
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        listing::{Listing, WholeOrPaged},
        path::PathParameter,
        query::StrictQuery,
    },
    ids::ProductId,
    page::Collection,
    shop::Shop,
};

/// The catalogue's public routes.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(get_product)
        .service(list_categories)
        .service(get_category)
        .service(list_brands)
        .service(get_brand)
        .service(list_attributes);
}

/// Those of them whose answers are kept until the catalogue changes.
pub const KEPT: [&str; 6] = [
    "/api/v1/products/{id_or_slug}",
    "/api/v1/categories",
    "/api/v1/categories/{id_or_slug}",
    "/api/v1/brands",
    "/api/v1/brands/{id_or_slug}",
    "/api/v1/attributes",
];

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
    let show = move |conn: &mut Conn| {
        let found = match (name.0.parse::<ProductId>(), name.0.parse::<Slug>()) {
            (Ok(id), _) => store::find_product(conn, id)?,
            (_, Ok(slug)) => store::find_product_by_slug(conn, &slug)?,
            _ => None,
        };
        let row = found.filter(|it| it.status == ProductStatus::Published).ok_or_else(Error::not_found)?;
        let classification = classification.get(conn)?;
        let parts = parts::load_parts(conn, std::slice::from_ref(&row))?;
        let product = Lens { tree: &classification.tree, currency, media_url: &media_url }.product(row, &parts);
        // A slug that it has had is never another's, so that nothing but itself changes the answer.
        Ok(Answer::ok(&product, Keep::Public).versioned(product.version).showing(Scope::Product(product.id)))
    };
    shop.db.read(show).await
}

/// List categories
///
/// The roots with their whole trees, on one page where no `limit` is given.
#[utoipa::path(tag = "catalogue", params(WholeOrPaged), responses((status = 200, description = "The category trees.", body = Collection<Category>)))]
#[get("/api/v1/categories")]
async fn list_categories(shop: Data<Shop>, query: StrictQuery<WholeOrPaged>, request: HttpRequest) -> Result<Answer> {
    let tree = shop.db.read(|conn| Ok(CategoryTree::load(conn)?)).await?;
    let (listing, roots) = (Listing::new(&shop, &request), tree.children(None).collect());
    let page = listing.part(&query.0, roots, |row| row.id.to_string(), |row| view::category(&tree, row))?;
    Ok(listing.answer(&page, Keep::Public).showing(Scope::Taxonomy))
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
/// All brands by name, on one page where no `limit` is given.
#[utoipa::path(tag = "catalogue", params(WholeOrPaged), responses((status = 200, description = "The brands.", body = Collection<Brand>)))]
#[get("/api/v1/brands")]
async fn list_brands(shop: Data<Shop>, query: StrictQuery<WholeOrPaged>, request: HttpRequest) -> Result<Answer> {
    let brands = shop.db.read(|conn| Ok(store::load_brands(conn)?)).await?;
    let listing = Listing::new(&shop, &request);
    let page = listing.part(&query.0, brands, |row| row.id.to_string(), Brand::from)?;
    Ok(listing.answer(&page, Keep::Public).showing(Scope::Taxonomy))
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
/// What the shop says of attributes and options, in the order to show them, on one page where no `limit` is given. By
/// these keys products have their attributes, and those that are filterable make `attr.KEY` a parameter of lists and
/// searches.
#[utoipa::path(tag = "catalogue", params(WholeOrPaged), responses((status = 200, description = "The attributes.", body = Collection<ShownAttribute>)))]
#[get("/api/v1/attributes")]
async fn list_attributes(shop: Data<Shop>, query: StrictQuery<WholeOrPaged>, request: HttpRequest) -> Result<Answer> {
    let rows = shop.db.read(|conn| Ok(attribute_definition::load_all(conn)?)).await?;
    let listing = Listing::new(&shop, &request);
    let page = listing.part(&query.0, rows, |row| row.key.clone(), ShownAttribute::from)?;
    Ok(listing.answer(&page, Keep::Public).showing(Scope::Taxonomy))
}
