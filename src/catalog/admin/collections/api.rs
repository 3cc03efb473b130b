//! `/admin/collections`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::{CreateCollection, UpdateCollection};
use crate::{
    auth::{
        extract::Staff,
        rights::{CategoriesRead, CategoriesWrite},
    },
    catalog::{
        collections::{
            store::{self, CollectionFilter, CollectionSort},
            view::{AdminCollection, AdminCollectionSummary},
            write_collection::{self, CollectionChange, NewCollection},
        },
        former_slugs,
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
        query::StrictQuery,
    },
    ids::CollectionId,
    page::Collection,
    shop::Shop,
};

/// The staff's routes of collections.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_admin_collections)
        .service(create_collection)
        .service(get_admin_collection)
        .service(update_collection)
        .service(delete_collection);
}

fn load(conn: &mut Conn, id: CollectionId) -> Result<AdminCollection> {
    let (row, product_ids) = store::load_whole(conn, id)?;
    let former_slugs = former_slugs::of_collections::of(conn, &[id])?.remove(&id).unwrap_or_default();
    Ok(AdminCollection::new(row, product_ids, former_slugs))
}

/// Which collections to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAdminCollections {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// Only those that shoppers see, or only those that they do not.
    published: Option<bool>,
    /// The slug that a collection has, or had.
    #[param(min_length = 1, max_length = 100, example = "small-presents")]
    slug: Option<String>,
    /// The shop's own key for a collection.
    #[param(min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// How to sort; in the order to show them where it is not given.
    #[param(inline)]
    sort: Option<CollectionSort>,
}

/// List collections as staff
///
/// Without what was put into them; filtered, sorted and paged.
#[utoipa::path(
    tag = "admin collections",
    params(ListAdminCollections),
    responses((status = 200, description = "A page of collections.", body = Collection<AdminCollectionSummary>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/collections")]
async fn list_admin_collections(
    _staff: Staff<CategoriesRead>,
    shop: Data<Shop>,
    query: StrictQuery<ListAdminCollections>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(ListAdminCollections { limit, cursor, with_total, published, slug, external_id, sort }) = query;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let sort = sort.unwrap_or(CollectionSort::Position);
    let filter = CollectionFilter { published, slug, external_id };
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(store::load_page(conn, &filter, sort, &page)?);
            let total = (with_total == Some(true)).then(|| store::count(conn, &filter)).transpose()?;
            Ok(page.collection(window, total, |row| store::key_of(sort, row), AdminCollectionSummary::from))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Make a collection
///
/// A manual one holds the products that are put into it, in their order; one by rules holds whatever meets them, from
/// the moment on in which it does. A slug that is not given is made from the name.
#[utoipa::path(
    tag = "admin collections",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateCollection,
    responses(
        (status = 201, description = "The collection.", body = AdminCollection),
        (status = 409, description = "`slug_taken` or `external_id_taken`, with a pointer.")
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/collections")]
async fn create_collection(
    staff: Staff<CategoriesWrite>,
    shop: Data<Shop>,
    key: IdempotencyKey,
    body: StrictJson<CreateCollection>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let new = NewCollection::from(body.value);
    let config = shop.config.clone();
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let id = write_collection::create_collection(conn, &new, &config.store.currencies, now)?;
        let made = load(conn, id)?;
        let location = format!("/api/v1/admin/collections/{id}");
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version()))
    })
    .await
}

/// Show a collection as staff
///
/// By its id, with what was put into it.
#[utoipa::path(
    tag = "admin collections",
    params(("collection_id" = CollectionId, Path, description = "The collection.")),
    responses((status = 200, description = "The collection.", body = AdminCollection)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/collections/{collection_id}")]
async fn get_admin_collection(
    _staff: Staff<CategoriesRead>,
    shop: Data<Shop>,
    id: PathParameter<CollectionId>,
) -> Result<Answer> {
    let found = shop.db.read(move |conn| load(conn, id.0)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version()))
}

/// Change a collection
///
/// Members that are absent stay; `rules` and `product_ids` are replaced as a whole. Its kind stays.
#[utoipa::path(
    tag = "admin collections",
    params(
        ("collection_id" = CollectionId, Path, description = "The collection."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateCollection,
    responses(
        (status = 200, description = "The collection as it now is.", body = AdminCollection),
        (status = 409, description = "`slug_taken` or `external_id_taken`, with a pointer.")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/collections/{collection_id}")]
async fn update_collection(
    _staff: Staff<CategoriesWrite>,
    shop: Data<Shop>,
    id: PathParameter<CollectionId>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateCollection>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let change = CollectionChange::from(body.value);
    let config = shop.config.clone();
    let changed = shop
        .db
        .write(move |conn| {
            let offered = &config.store.currencies;
            write_collection::change_collection(conn, id.0, &condition.0, change.clone(), offered, now)?;
            load(conn, id.0)
        })
        .await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version()))
}

/// Delete a collection
///
/// Its products stay.
#[utoipa::path(
    tag = "admin collections",
    params(
        ("collection_id" = CollectionId, Path, description = "The collection."),
        ("If-Match" = String, Header, description = "The version to delete.")
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/collections/{collection_id}")]
async fn delete_collection(
    _staff: Staff<CategoriesWrite>,
    shop: Data<Shop>,
    id: PathParameter<CollectionId>,
    condition: RequiredIfMatch,
) -> Result<Answer> {
    let now = shop.clock.now();
    shop.db.write(move |conn| write_collection::delete_collection(conn, id.0, &condition.0, now)).await?;
    Ok(Answer::no_content())
}
