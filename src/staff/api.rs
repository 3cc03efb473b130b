//! `/admin/me` and `/admin/staff`.

use actix_web::{HttpRequest, delete, get, patch, web::Data};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    change::{self, StaffChange},
    roles::store::RoleRow,
    store::{self, StaffRow},
    view::StaffAccount,
};
use crate::{
    address::require_text,
    audit::By,
    auth::{
        extract::{AnyStaff, Source, Staff},
        rights::{StaffRead, StaffWrite},
        second_factor,
    },
    db::Conn,
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        etag::RequiredIfMatch,
        json::StrictJson,
        listing::{Listing, Paging},
        path::PathParameter,
        query::StrictQuery,
    },
    ids::{RoleId, StaffId},
    page::Collection,
    patch::{Patch, TurnedOff},
    shop::Shop,
    vault,
};

/// The routes of the staff.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(get_admin_me)
        .service(list_staff)
        .service(get_staff_member)
        .service(update_staff_member)
        .service(delete_staff_member);
}

/// What is to change of a member of the staff: what is absent stays, a null name clears it.
// Without `Debug`, so that no log can hold a name.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateStaffMember {
    /// Their name.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "Kim Lund")]
    name: Patch<String>,
    /// Their role; you must hold all its rights.
    #[schema(nullable = false)]
    role_id: Option<RoleId>,
    /// Whether to keep them from coming in.
    #[schema(nullable = false)]
    disabled: Option<bool>,
    /// `false` turns it off, for who has lost the device and the recovery codes.
    #[schema(nullable = false)]
    second_factor: Option<TurnedOff>,
}

/// Show oneself
///
/// One's account among the staff, with one's role and rights. For people; an API key has no account.
#[utoipa::path(
    tag = "admin staff",
    responses((status = 200, description = "The account.", body = StaffAccount)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/me")]
async fn get_admin_me(staff: AnyStaff, shop: Data<Shop>) -> Result<Answer> {
    let inner = shop.clone();
    let found = shop.db.read(move |conn| store::find_account(conn, &inner.keys, staff.id)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// List the staff
///
/// Newest first, those who have been disabled included.
#[utoipa::path(
    tag = "admin staff",
    params(Paging),
    responses((status = 200, description = "A page of accounts.", body = Collection<StaffAccount>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/staff")]
async fn list_staff(
    _staff: Staff<StaffRead>,
    shop: Data<Shop>,
    query: StrictQuery<Paging>,
    request: HttpRequest,
) -> Result<Answer> {
    let Paging { limit, cursor, with_total } = query.0;
    let listing = Listing::new(&shop, &request);
    let (asked, inner) = (listing.clone(), shop.clone());
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(store::load_page(conn, &page)?);
            let total = (with_total == Some(true)).then(|| store::count(conn)).transpose()?;
            let page = page.collection(window, total, |(row, _)| vec![json!(row.id)], |it| it);
            Ok(Collection { items: opened(conn, &inner, page.items)?, page: page.page })
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

fn opened(conn: &mut Conn, shop: &Shop, rows: Vec<(StaffRow, RoleRow)>) -> Result<Vec<StaffAccount>> {
    let owners: Vec<&str> = rows.iter().map(|(row, _)| row.id.as_str()).collect();
    let keys = vault::find_all(conn, &shop.keys, &owners)?;
    let with_second_factor = second_factor::those_with(conn, &owners)?;
    let open = |(row, role): (StaffRow, RoleRow)| {
        let key = keys.get(row.id.as_str()).ok_or_else(|| Error::Internal(format!("{} has no key", row.id)))?;
        let second_factor = with_second_factor.contains(row.id.as_str());
        store::account(row, role, key, second_factor)
    };
    rows.into_iter().map(open).collect()
}

/// Show a member of the staff
///
/// By their id, with their role and rights.
#[utoipa::path(
    tag = "admin staff",
    params(("staff_id" = StaffId, Path, description = "The member of the staff.")),
    responses((status = 200, description = "The account.", body = StaffAccount)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/staff/{staff_id}")]
async fn get_staff_member(_staff: Staff<StaffRead>, shop: Data<Shop>, id: PathParameter<StaffId>) -> Result<Answer> {
    let inner = shop.clone();
    let found = shop.db.read(move |conn| store::find_account(conn, &inner.keys, id.0)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Change a member of the staff
///
/// Whoever changes somebody must hold all the rights that they have and are to have, else 403 `beyond_own_rights`. Who is
/// disabled is out at once, with all sessions and API keys; the last admin is not.
#[utoipa::path(
    tag = "admin staff",
    params(
        ("staff_id" = StaffId, Path, description = "The member of the staff."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateStaffMember,
    responses(
        (status = 200, description = "The account as it now is.", body = StaffAccount),
        (status = 409, description = "They are the last admin who may come in (`last_admin`).")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/staff/{staff_id}")]
async fn update_staff_member(
    staff: Staff<StaffWrite>,
    shop: Data<Shop>,
    id: PathParameter<StaffId>,
    condition: RequiredIfMatch,
    source: Source,
    body: StrictJson<UpdateStaffMember>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let UpdateStaffMember { name, role_id, disabled, second_factor } = body.value;
    if let Patch::Value(name) = &name {
        require_text("#/name", Some(name))?;
    }
    let wanted = StaffChange { name, role_id, disabled, without_second_factor: second_factor.is_some() };
    let (by, keys) = (By { actor: staff.id, source }, shop.keys.clone());
    let changed =
        shop.db.write(move |conn| change::change(conn, &keys, &by, id.0, &condition.0, wanted.clone(), now)).await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Let a member of the staff go
///
/// Their sessions and API keys end, and nothing personal of them stays; what they have done stays under their id.
#[utoipa::path(
    tag = "admin staff",
    params(
        ("staff_id" = StaffId, Path, description = "The member of the staff."),
        ("If-Match" = String, Header, description = "The version to delete.")
    ),
    responses(
        (status = 204, description = "They are gone."),
        (status = 409, description = "They are the last admin who may come in (`last_admin`).")
    ),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/staff/{staff_id}")]
async fn delete_staff_member(
    staff: Staff<StaffWrite>,
    shop: Data<Shop>,
    id: PathParameter<StaffId>,
    condition: RequiredIfMatch,
    source: Source,
) -> Result<Answer> {
    let now = shop.clock.now();
    let (by, keys) = (By { actor: staff.id, source }, shop.keys.clone());
    shop.db.write(move |conn| change::delete(conn, &keys, &by, id.0, &condition.0, now)).await?;
    Ok(Answer::no_content())
}
