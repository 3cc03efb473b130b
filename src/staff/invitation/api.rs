//! `/admin/staff/invitations`.

use actix_web::{HttpRequest, delete, get, post, web::Data};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    store,
    view::Invitation,
    write::{self, NewInvitation},
};
use crate::{
    address::require_text,
    audit::By,
    auth::{
        extract::{Source, Staff},
        rights::{StaffRead, StaffWrite},
    },
    email::Email,
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
    ids::{InvitationId, RoleId},
    page::Collection,
    shop::Shop,
};

/// The routes of invitations.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_staff_invitations)
        .service(create_staff_invitation)
        .service(get_staff_invitation)
        .service(delete_staff_invitation);
}

/// Somebody to be invited into the staff.
// Without `Debug`, so that no log can hold an address or a name.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateStaffInvitation {
    /// Where the invitation goes; the address that they will log in by.
    #[schema(value_type = String, format = "email", min_length = 3, max_length = 254, example = "kim@example.com")]
    email: Email,
    /// What they are to be called; they may say otherwise.
    #[schema(min_length = 1, max_length = 200, example = "Kim Lund")]
    name: Option<String>,
    /// What they are to be there for; you must hold all its rights.
    role_id: RoleId,
}

/// List invitations
///
/// Those that wait for an answer, newest first.
#[utoipa::path(
    tag = "admin staff",
    params(Paging),
    responses((status = 200, description = "A page of invitations.", body = Collection<Invitation>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/staff/invitations")]
async fn list_staff_invitations(
    _staff: Staff<StaffRead>,
    shop: Data<Shop>,
    query: StrictQuery<Paging>,
    request: HttpRequest,
) -> Result<Answer> {
    let now = shop.clock.now();
    let Paging { limit, cursor, with_total } = query.0;
    let listing = Listing::new(&shop, &request);
    let (asked, keys) = (listing.clone(), shop.keys.clone());
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(store::load_page(conn, &page, now)?);
            let total = (with_total == Some(true)).then(|| store::count(conn, now)).transpose()?;
            let page = page.collection(window, total, |(row, _)| vec![json!(row.id)], |it| it);
            Ok(Collection { items: store::views(conn, &keys, page.items)?, page: page.page })
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Invite somebody into the staff
///
/// They are mailed a link that is good for 72 hours, once. You must hold all the rights of the role, now and when they
/// accept.
#[utoipa::path(
    tag = "admin staff",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateStaffInvitation,
    responses((status = 201, description = "The invitation.", body = Invitation)),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/staff/invitations")]
async fn create_staff_invitation(
    staff: Staff<StaffWrite>,
    shop: Data<Shop>,
    key: IdempotencyKey,
    source: Source,
    body: StrictJson<CreateStaffInvitation>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let CreateStaffInvitation { email, name, role_id } = body.value;
    require_text("#/name", name.as_deref())?;
    let new = NewInvitation { email, name, role_id };
    let (by, keys) = (By { actor: staff.id, source }, shop.keys.clone());
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let made = write::create(conn, &keys, &by, &new, now)?;
        let location = format!("/api/v1/admin/staff/invitations/{}", made.id);
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await
}

/// Show an invitation
///
/// By its id, as long as it waits for an answer.
#[utoipa::path(
    tag = "admin staff",
    params(("invitation_id" = InvitationId, Path, description = "The invitation.")),
    responses((status = 200, description = "The invitation.", body = Invitation)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/staff/invitations/{invitation_id}")]
async fn get_staff_invitation(
    _staff: Staff<StaffRead>,
    shop: Data<Shop>,
    id: PathParameter<InvitationId>,
) -> Result<Answer> {
    let (now, keys) = (shop.clock.now(), shop.keys.clone());
    let found = shop.db.read(move |conn| store::view(conn, &keys, id.0, now)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Revoke an invitation
///
/// The link in its mail is good for nothing any more.
#[utoipa::path(
    tag = "admin staff",
    params(
        ("invitation_id" = InvitationId, Path, description = "The invitation."),
        ("If-Match" = String, Header, description = "The version to revoke.")
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/staff/invitations/{invitation_id}")]
async fn delete_staff_invitation(
    staff: Staff<StaffWrite>,
    shop: Data<Shop>,
    id: PathParameter<InvitationId>,
    condition: RequiredIfMatch,
    source: Source,
) -> Result<Answer> {
    let now = shop.clock.now();
    let (by, keys) = (By { actor: staff.id, source }, shop.keys.clone());
    shop.db.write(move |conn| write::revoke(conn, &keys, &by, id.0, &condition.0, now)).await?;
    Ok(Answer::no_content())
}
