//! `/me/addresses`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    bodies::{ChangeAddress, CreateAddress},
    model::AddressRow,
    store,
    view::SavedAddress,
    write_address,
};
use crate::{
    auth::extract::Customer,
    db::Conn,
    error::Result,
    http::{
        answer::{Answer, Keep},
        etag::IfMatch,
        idempotency::{self, IdempotencyKey},
        json::ShopperJson,
        listing::{Listing, Paging},
        path::PathParameter,
        query::StrictQuery,
    },
    ids::{AddressId, CustomerId},
    page::Collection,
    shop::Shop,
    vault,
};

/// The routes of address books.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_addresses)
        .service(create_address)
        .service(get_address)
        .service(update_address)
        .service(delete_address);
}

/// List one's addresses
///
/// In the order in which they were made.
#[utoipa::path(
    tag = "addresses",
    params(Paging),
    responses((status = 200, description = "A page of addresses.", body = Collection<SavedAddress>)),
    security(("bearer" = []))
)]
#[get("/api/v1/me/addresses")]
async fn list_addresses(
    customer: Customer,
    shop: Data<Shop>,
    query: StrictQuery<Paging>,
    request: HttpRequest,
) -> Result<Answer> {
    let Paging { limit, cursor, with_total } = query.0;
    let listing = Listing::new(&shop, &request).of(customer.id.as_str());
    let (asked, inner) = (listing.clone(), shop.clone());
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(store::load_page(conn, customer.id, &page)?);
            let total = (with_total == Some(true)).then(|| store::count(conn, customer.id)).transpose()?;
            let page = page.collection(window, total, |row| vec![json!(row.id)], |row| row);
            opened(conn, &inner, customer.id, page)
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

fn opened(
    conn: &mut Conn,
    shop: &Shop,
    customer: CustomerId,
    page: Collection<AddressRow>,
) -> Result<Collection<SavedAddress>> {
    let key = vault::open(conn, &shop.keys, customer.as_str())?;
    let Collection { items, page } = page;
    let items = items.iter().map(|row| Ok(SavedAddress::new(row, row.open(&key)?))).collect::<Result<_>>()?;
    Ok(Collection { items, page })
}

/// Keep an address
///
/// The first one becomes the default for goods and for bills. A customer keeps at most 50.
#[utoipa::path(
    tag = "addresses",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateAddress,
    responses(
        (status = 201, description = "The address.", body = SavedAddress),
        (status = 409, description = "There are 50 addresses already (`too_many_addresses`), or a request with this key still runs.")
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/me/addresses")]
async fn create_address(
    customer: Customer,
    shop: Data<Shop>,
    key: IdempotencyKey,
    body: ShopperJson<CreateAddress>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(customer.id.as_str()), &body.bytes)?;
    let inner = shop.clone();
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let made = write_address::create(conn, &inner, customer.id, body.value.clone(), now)?;
        let location = format!("/api/v1/me/addresses/{}", made.id);
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await
}

/// Show an address
///
/// One of one's own.
#[utoipa::path(
    tag = "addresses",
    params(("address_id" = AddressId, Path, description = "The address.")),
    responses((status = 200, description = "The address.", body = SavedAddress)),
    security(("bearer" = []))
)]
#[get("/api/v1/me/addresses/{address_id}")]
async fn get_address(customer: Customer, shop: Data<Shop>, id: PathParameter<AddressId>) -> Result<Answer> {
    let inner = shop.clone();
    let found = shop
        .db
        .read(move |conn| {
            let row = store::find_owned(conn, customer.id, id.0)?;
            let key = vault::open(conn, &inner.keys, customer.id.as_str())?;
            Ok(SavedAddress::new(&row, row.open(&key)?))
        })
        .await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Change an address
///
/// A JSON merge patch: what is absent stays, null clears. Carts and orders keep the address that they were given.
#[utoipa::path(
    tag = "addresses",
    params(
        ("address_id" = AddressId, Path, description = "The address."),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for.")
    ),
    request_body(description = "The changes.", content((ChangeAddress = "application/json"), (ChangeAddress = "application/merge-patch+json"))),
    responses((status = 200, description = "The address as it now is.", body = SavedAddress)),
    security(("bearer" = []))
)]
#[patch("/api/v1/me/addresses/{address_id}")]
async fn update_address(
    customer: Customer,
    shop: Data<Shop>,
    id: PathParameter<AddressId>,
    condition: IfMatch,
    body: ShopperJson<ChangeAddress>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let inner = shop.clone();
    let changed = shop
        .db
        .write(move |conn| write_address::change(conn, &inner, customer.id, id.0, &condition, body.value.clone(), now))
        .await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Delete an address
///
/// Where it was a default, there is none until another is made it.
#[utoipa::path(
    tag = "addresses",
    params(
        ("address_id" = AddressId, Path, description = "The address."),
        ("If-Match" = Option<String>, Header, description = "The version to delete.")
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/me/addresses/{address_id}")]
async fn delete_address(
    customer: Customer,
    shop: Data<Shop>,
    id: PathParameter<AddressId>,
    condition: IfMatch,
) -> Result<Answer> {
    shop.db.write(move |conn| write_address::delete(conn, customer.id, id.0, &condition)).await?;
    Ok(Answer::no_content())
}
