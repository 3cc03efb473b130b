//! The collections that shoppers see.

use actix_web::{HttpRequest, get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    store::{self, CollectionFilter, CollectionSort},
    view::ProductCollection,
};
use crate::{
    db::changes::Scope,
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        listing::{Listing, Paging},
        path::PathParameter,
        query::StrictQuery,
    },
    page::Collection,
    shop::Shop,
};

/// The public routes of collections.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_collections).service(get_collection);
}

/// Their answers are kept until the catalogue changes.
pub const KEPT: [&str; 2] = ["/api/v1/collections", "/api/v1/collections/{id_or_slug}"];

/// List collections
///
/// Those that shoppers see, in the order to show them. `GET /api/v1/products?collection=…` lists what is in one.
#[utoipa::path(tag = "catalogue", params(Paging), responses((status = 200, description = "A page of collections.", body = Collection<ProductCollection>)))]
#[get("/api/v1/collections")]
async fn list_collections(shop: Data<Shop>, query: StrictQuery<Paging>, request: HttpRequest) -> Result<Answer> {
    let StrictQuery(Paging { limit, cursor, with_total }) = query;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let filter = CollectionFilter { published: Some(true), ..CollectionFilter::default() };
    let sort = CollectionSort::Position;
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(store::load_page(conn, &filter, sort, &page)?);
            let total = (with_total == Some(true)).then(|| store::count(conn, &filter)).transpose()?;
            Ok(page.collection(window, total, |row| store::key_of(sort, row), ProductCollection::from))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Public).showing(Scope::Taxonomy))
}

/// Show a collection
///
/// One that shoppers see, by its id or slug. A slug that it has had before still leads to it.
#[utoipa::path(
    tag = "catalogue",
    params(("id_or_slug" = String, Path, description = "Id or slug of the collection.", min_length = 1, max_length = 100, example = "summer-in-the-garden")),
    responses((status = 200, description = "The collection.", body = ProductCollection))
)]
#[get("/api/v1/collections/{id_or_slug}")]
async fn get_collection(shop: Data<Shop>, name: PathParameter<String>) -> Result<Answer> {
    let found = shop.db.read(move |conn| Ok(store::named(conn, &[name.0])?)).await?;
    let row = found.into_iter().find(|row| row.published).ok_or_else(Error::not_found)?;
    let shown = ProductCollection::from(row);
    Ok(Answer::ok(&shown, Keep::Public).versioned(shown.version).showing(Scope::Taxonomy))
}
