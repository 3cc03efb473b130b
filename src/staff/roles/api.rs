//! `/admin/roles`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{store, view::RoleView, write};
use crate::{
    address::require_text,
    audit::By,
    auth::{
        extract::{Source, Staff},
        rights::{RightName, Rights, StaffRead, StaffWrite},
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
    ids::RoleId,
    page::Collection,
    shop::Shop,
};

/// The routes of roles.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_roles).service(create_role).service(get_role).service(update_role).service(delete_role);
}

/// A role to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRole {
    /// What to call it; no other role may have the name.
    #[schema(min_length = 1, max_length = 100, example = "Customer care")]
    name: String,
    /// What its holders may do; all of it must be yours.
    #[schema(max_items = 100)]
    rights: Vec<RightName>,
}

/// What is to change of a role.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRole {
    /// What to call it; no other role may have the name.
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "Customer care")]
    name: Option<String>,
    /// All that its holders may do; what was there and what comes must be yours.
    #[schema(nullable = false, max_items = 100)]
    rights: Option<Vec<RightName>>,
}

/// List roles
///
/// Those that come with the shop first, then the shop's own, oldest first.
#[utoipa::path(
    tag = "admin staff",
    params(Paging),
    responses((status = 200, description = "A page of roles.", body = Collection<RoleView>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/roles")]
async fn list_roles(
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
            let window = page.window(store::load_page(conn, &page)?);
            let total = (with_total == Some(true)).then(|| store::count(conn)).transpose()?;
            Ok(page.collection(window, total, |it| vec![json!(it.id)], RoleView::from))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Make a role
///
/// Of rights that you hold yourself; else 403 `beyond_own_rights`.
#[utoipa::path(
    tag = "admin staff",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateRole,
    responses((status = 201, description = "The role.", body = RoleView)),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/roles")]
async fn create_role(
    staff: Staff<StaffWrite>,
    shop: Data<Shop>,
    key: IdempotencyKey,
    source: Source,
    body: StrictJson<CreateRole>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let CreateRole { name, rights } = body.value;
    require_text("#/name", Some(&name))?;
    let rights: Rights = rights.into_iter().collect();
    let (by, keys) = (By { actor: staff.id, source }, shop.keys.clone());
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let made = write::create(conn, &keys, &by, name.clone(), rights, now)?;
        let location = format!("/api/v1/admin/roles/{}", made.id);
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await
}

/// Show a role
///
/// By its id, with its rights.
#[utoipa::path(
    tag = "admin staff",
    params(("role_id" = RoleId, Path, description = "The role.")),
    responses((status = 200, description = "The role.", body = RoleView)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/roles/{role_id}")]
async fn get_role(_staff: Staff<StaffRead>, shop: Data<Shop>, id: PathParameter<RoleId>) -> Result<Answer> {
    let found = shop.db.read(move |conn| store::find(conn, id.0)?.ok_or_else(Error::not_found)).await?;
    let found = RoleView::from(found);
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Change a role
///
/// What its holders may do changes at once. You must hold all the rights that it had and all that it is to have.
#[utoipa::path(
    tag = "admin staff",
    params(
        ("role_id" = RoleId, Path, description = "The role."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateRole,
    responses(
        (status = 200, description = "The role as it now is.", body = RoleView),
        (status = 409, description = "It comes with the shop (`built_in_role`), or another has this name (`name_taken`).")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/roles/{role_id}")]
async fn update_role(
    staff: Staff<StaffWrite>,
    shop: Data<Shop>,
    id: PathParameter<RoleId>,
    condition: RequiredIfMatch,
    source: Source,
    body: StrictJson<UpdateRole>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let UpdateRole { name, rights } = body.value;
    require_text("#/name", name.as_deref())?;
    let rights = rights.map(Rights::from_iter);
    let (by, keys) = (By { actor: staff.id, source }, shop.keys.clone());
    let changed = shop
        .db
        .write(move |conn| write::change(conn, &keys, &by, id.0, &condition.0, (name.clone(), rights), now))
        .await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Delete a role
///
/// One that nobody has, and to which nobody is invited.
#[utoipa::path(
    tag = "admin staff",
    params(
        ("role_id" = RoleId, Path, description = "The role."),
        ("If-Match" = String, Header, description = "The version to delete.")
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 409, description = "It comes with the shop (`built_in_role`), or somebody has it (`in_use`).")
    ),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/roles/{role_id}")]
async fn delete_role(
    staff: Staff<StaffWrite>,
    shop: Data<Shop>,
    id: PathParameter<RoleId>,
    condition: RequiredIfMatch,
    source: Source,
) -> Result<Answer> {
    let now = shop.clock.now();
    let (by, keys) = (By { actor: staff.id, source }, shop.keys.clone());
    shop.db.write(move |conn| write::delete(conn, &keys, &by, id.0, &condition.0, now)).await?;
    Ok(Answer::no_content())
}
