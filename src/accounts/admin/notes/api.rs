//! `/admin/customers/{customer_id}/notes`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{store, view::CustomerNote};
use crate::{
    accounts::store::{lock, require},
    auth::{
        extract::Staff,
        rights::{CustomersRead, CustomersWrite},
    },
    error::Result,
    http::{
        answer::{Answer, Keep},
        etag::RequiredIfMatch,
        idempotency::{self, IdempotencyKey},
        json::StrictJson,
        listing::{Listing, Paging},
        path::PathParameter,
        query::StrictQuery,
    },
    ids::{CustomerId, NoteId},
    page::Collection,
    shop::Shop,
};

/// The routes of notes.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_customer_notes)
        .service(create_customer_note)
        .service(get_customer_note)
        .service(update_customer_note)
        .service(delete_customer_note);
}

/// A note to be written.
// Without `Debug`, here and below, so that no log can hold what is noted.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCustomerNote {
    /// What it says.
    #[schema(min_length = 1, max_length = 5000, example = "Prefers to be called in the morning.")]
    text: String,
}

/// What is to change of a note.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateCustomerNote {
    /// What it says.
    #[schema(nullable = false, min_length = 1, max_length = 5000, example = "Prefers to be called in the evening.")]
    text: Option<String>,
}

/// List the notes on a customer
///
/// Newest first. The customer does not see them, but in the export of all that the shop holds of them.
#[utoipa::path(
    tag = "admin customers",
    params(("customer_id" = CustomerId, Path, description = "The customer."), Paging),
    responses((status = 200, description = "A page of notes.", body = Collection<CustomerNote>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/customers/{customer_id}/notes")]
async fn list_customer_notes(
    _staff: Staff<CustomersRead>,
    shop: Data<Shop>,
    id: PathParameter<CustomerId>,
    query: StrictQuery<Paging>,
    request: HttpRequest,
) -> Result<Answer> {
    let Paging { limit, cursor, with_total } = query.0;
    let listing = Listing::new(&shop, &request);
    let (asked, keys) = (listing.clone(), shop.keys.clone());
    let collection = shop
        .db
        .read(move |conn| {
            require(conn, id.0)?;
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(store::load_page(conn, id.0, &page)?);
            let total = (with_total == Some(true)).then(|| store::count(conn, id.0)).transpose()?;
            let page = page.collection(window, total, |row| vec![json!(row.id)], |row| row);
            Ok(Collection { items: store::views(conn, &keys, id.0, page.items)?, page: page.page })
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Never))
}

/// Write a note on a customer
///
/// It is erased with them.
#[utoipa::path(
    tag = "admin customers",
    params(
        ("customer_id" = CustomerId, Path, description = "The customer."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")
    ),
    request_body = CreateCustomerNote,
    responses((status = 201, description = "The note.", body = CustomerNote)),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/customers/{customer_id}/notes")]
async fn create_customer_note(
    staff: Staff<CustomersWrite>,
    shop: Data<Shop>,
    id: PathParameter<CustomerId>,
    key: IdempotencyKey,
    body: StrictJson<CreateCustomerNote>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let (CreateCustomerNote { text }, keys) = (body.value, shop.keys.clone());
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        lock(conn, id.0)?;
        let made = store::insert(conn, &keys, id.0, staff.id.as_str(), &text, now)?;
        let location = format!("/api/v1/admin/customers/{}/notes/{}", id.0, made.id);
        Ok(Answer::created(&made, location, Keep::Never).versioned(made.version))
    })
    .await
}

/// Show a note on a customer
///
/// By its id.
#[utoipa::path(
    tag = "admin customers",
    params(
        ("customer_id" = CustomerId, Path, description = "The customer."),
        ("note_id" = NoteId, Path, description = "The note.")
    ),
    responses((status = 200, description = "The note.", body = CustomerNote)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/customers/{customer_id}/notes/{note_id}")]
async fn get_customer_note(
    _staff: Staff<CustomersRead>,
    shop: Data<Shop>,
    of: PathParameter<CustomerId>,
    id: PathParameter<NoteId, 1>,
) -> Result<Answer> {
    let (of, id, keys) = (of.0, id.0, shop.keys.clone());
    let found = shop.db.read(move |conn| store::find(conn, &keys, of, id)).await?;
    Ok(Answer::ok(&found, Keep::Never).versioned(found.version))
}

/// Change a note on a customer
///
/// Who has written it stays the same.
#[utoipa::path(
    tag = "admin customers",
    params(
        ("customer_id" = CustomerId, Path, description = "The customer."),
        ("note_id" = NoteId, Path, description = "The note."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateCustomerNote,
    responses((status = 200, description = "The note as it now is.", body = CustomerNote)),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/customers/{customer_id}/notes/{note_id}")]
async fn update_customer_note(
    _staff: Staff<CustomersWrite>,
    shop: Data<Shop>,
    of: PathParameter<CustomerId>,
    id: PathParameter<NoteId, 1>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateCustomerNote>,
) -> Result<Answer> {
    let (of, id, keys, now) = (of.0, id.0, shop.keys.clone(), shop.clock.now());
    let UpdateCustomerNote { text } = body.value;
    let rewrite = move |conn: &mut _| {
        lock(conn, of)?;
        store::rewrite(conn, &keys, (of, id), &condition.0, text.as_deref(), now)
    };
    let changed = shop.db.write(rewrite).await?;
    Ok(Answer::ok(&changed, Keep::Never).versioned(changed.version))
}

/// Delete a note on a customer
///
/// Nothing of it stays.
#[utoipa::path(
    tag = "admin customers",
    params(
        ("customer_id" = CustomerId, Path, description = "The customer."),
        ("note_id" = NoteId, Path, description = "The note."),
        ("If-Match" = String, Header, description = "The version to delete.")
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/customers/{customer_id}/notes/{note_id}")]
async fn delete_customer_note(
    _staff: Staff<CustomersWrite>,
    shop: Data<Shop>,
    of: PathParameter<CustomerId>,
    id: PathParameter<NoteId, 1>,
    condition: RequiredIfMatch,
) -> Result<Answer> {
    let (of, id, keys) = (of.0, id.0, shop.keys.clone());
    let delete = move |conn: &mut _| {
        lock(conn, of)?;
        store::delete(conn, &keys, (of, id), &condition.0)
    };
    shop.db.write(delete).await?;
    Ok(Answer::no_content())
}
