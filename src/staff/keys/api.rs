//! `/admin/api-keys`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    view::ApiKey,
    write::{self, NewApiKey},
};
use crate::{
    address::require_text,
    audit::By,
    auth::{
        api_keys,
        extract::{Source, Staff},
        rights::{RightName, StaffRead, StaffWrite},
    },
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        etag::RequiredIfMatch,
        idempotency::{self, IdempotencyKey},
        json::StrictJson,
        listing::{Listing, Paging},
        path::PathParameter,
        query::StrictQuery,
    },
    ids::KeyId,
    page::Collection,
    shop::Shop,
    time::UtcTime,
};

/// The routes of API keys.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_api_keys)
        .service(create_api_key)
        .service(get_api_key)
        .service(update_api_key)
        .service(delete_api_key);
}

/// An API key to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100, example = "Warehouse")]
    name: String,
    /// What it may do; all of it must be yours.
    #[schema(max_items = 100)]
    rights: Vec<RightName>,
    /// From when on it is no good; it does not end by itself where this is absent.
    #[schema(value_type = Option<String>, format = DateTime, max_length = 40, example = "2099-01-01T00:00:00Z")]
    expires_at: Option<UtcTime>,
}

/// What is to change of an API key.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateApiKey {
    /// What it is for.
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "Warehouse")]
    name: Option<String>,
}

/// List API keys
///
/// Newest first; what they are shown by is not among it.
#[utoipa::path(
    tag = "admin staff",
    params(Paging),
    responses((status = 200, description = "A page of API keys.", body = Collection<ApiKey>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/api-keys")]
async fn list_api_keys(
    _staff: Staff<StaffRead>,
    shop: Data<Shop>,
    query: StrictQuery<Paging>,
    request: HttpRequest,
) -> Result<Answer> {
    let Paging { limit, cursor, with_total } = query.0;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(api_keys::load_page(conn, &page)?);
            let total = (with_total == Some(true)).then(|| api_keys::count(conn)).transpose()?;
            Ok(page.collection(window, total, |it| vec![json!(it.id)], |it| ApiKey::new(it, None)))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Make an API key
///
/// This answer alone shows the key; only its hash is kept. It goes into `Authorization: Bearer sk_…`, below `/admin`. A key
/// may what it was made for, and never more than whoever made it may at that moment.
#[utoipa::path(
    tag = "admin staff",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateApiKey,
    responses((status = 201, description = "The API key.", body = ApiKey)),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/api-keys")]
async fn create_api_key(
    staff: Staff<StaffWrite>,
    shop: Data<Shop>,
    key: IdempotencyKey,
    source: Source,
    body: StrictJson<CreateApiKey>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let CreateApiKey { name, rights, expires_at } = body.value;
    require_text("#/name", Some(&name))?;
    let new = NewApiKey { name, rights: rights.into_iter().collect(), expires_at };
    let (by, keys) = (By { actor: staff.id, source }, shop.keys.clone());
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let made = write::create(conn, &keys, &by, new.clone(), now)?;
        let location = format!("/api/v1/admin/api-keys/{}", made.id);
        Ok(Answer::created(&made, location, Keep::Never).versioned(made.version))
    })
    .await
}

/// Show an API key
///
/// By its id, without what it is shown by.
#[utoipa::path(
    tag = "admin staff",
    params(("api_key_id" = KeyId, Path, description = "The API key.")),
    responses((status = 200, description = "The API key.", body = ApiKey)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/api-keys/{api_key_id}")]
async fn get_api_key(_staff: Staff<StaffRead>, shop: Data<Shop>, id: PathParameter<KeyId>) -> Result<Answer> {
    let found = shop.db.read(move |conn| api_keys::find(conn, id.0)?.ok_or_else(Error::not_found)).await?;
    let found = ApiKey::new(found, None);
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Rename an API key
///
/// Its rights stay as they are: for others make another key.
#[utoipa::path(
    tag = "admin staff",
    params(
        ("api_key_id" = KeyId, Path, description = "The API key."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateApiKey,
    responses((status = 200, description = "The API key as it now is.", body = ApiKey)),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/api-keys/{api_key_id}")]
async fn update_api_key(
    staff: Staff<StaffWrite>,
    shop: Data<Shop>,
    id: PathParameter<KeyId>,
    condition: RequiredIfMatch,
    source: Source,
    body: StrictJson<UpdateApiKey>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let UpdateApiKey { name } = body.value;
    require_text("#/name", name.as_deref())?;
    let (by, keys) = (By { actor: staff.id, source }, shop.keys.clone());
    let changed =
        shop.db.write(move |conn| write::rename(conn, &keys, &by, id.0, &condition.0, name.clone(), now)).await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Revoke an API key
///
/// The next request with it is refused.
#[utoipa::path(
    tag = "admin staff",
    params(
        ("api_key_id" = KeyId, Path, description = "The API key."),
        ("If-Match" = String, Header, description = "The version to revoke.")
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/api-keys/{api_key_id}")]
async fn delete_api_key(
    staff: Staff<StaffWrite>,
    shop: Data<Shop>,
    id: PathParameter<KeyId>,
    condition: RequiredIfMatch,
    source: Source,
) -> Result<Answer> {
    let now = shop.clock.now();
    let (by, keys) = (By { actor: staff.id, source }, shop.keys.clone());
    shop.db.write(move |conn| write::revoke(conn, &keys, &by, id.0, &condition.0, now)).await?;
    Ok(Answer::no_content())
}
