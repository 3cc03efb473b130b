//! `/admin/customer-groups`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{store, view::CustomerGroup};
use crate::{
    address::require_text,
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
    ids::CustomerGroupId,
    page::Collection,
    shop::Shop,
};

/// The routes of customer groups.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_customer_groups)
        .service(create_customer_group)
        .service(get_customer_group)
        .service(update_customer_group)
        .service(delete_customer_group);
}

/// A customer group to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCustomerGroup {
    /// What to call it; no other group may have the name.
    #[schema(min_length = 1, max_length = 100, example = "Wholesale")]
    name: String,
}

/// What is to change of a customer group.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateCustomerGroup {
    /// What to call it; no other group may have the name.
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "Wholesale")]
    name: Option<String>,
}

/// List customer groups
///
/// Oldest first. Who belongs to one is listed by `GET /admin/customers?group_id=`.
#[utoipa::path(
    tag = "admin customers",
    params(Paging),
    responses((status = 200, description = "A page of groups.", body = Collection<CustomerGroup>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/customer-groups")]
async fn list_customer_groups(
    _staff: Staff<CustomersRead>,
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
            Ok(page.collection(window, total, |it| vec![json!(it.id)], |it| it))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Make a customer group
///
/// Customers are put into it by `PATCH /admin/customers/{customer_id}`.
#[utoipa::path(
    tag = "admin customers",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateCustomerGroup,
    responses(
        (status = 201, description = "The group.", body = CustomerGroup),
        (status = 409, description = "`name_taken`, with a pointer.")
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/customer-groups")]
async fn create_customer_group(
    staff: Staff<CustomersWrite>,
    shop: Data<Shop>,
    key: IdempotencyKey,
    body: StrictJson<CreateCustomerGroup>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let CreateCustomerGroup { name } = body.value;
    require_text("#/name", Some(&name))?;
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let made = store::insert(conn, &name, now)?;
        let location = format!("/api/v1/admin/customer-groups/{}", made.id);
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await
}

/// Show a customer group
///
/// By its id.
#[utoipa::path(
    tag = "admin customers",
    params(("customer_group_id" = CustomerGroupId, Path, description = "The group.")),
    responses((status = 200, description = "The group.", body = CustomerGroup)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/customer-groups/{customer_group_id}")]
async fn get_customer_group(
    _staff: Staff<CustomersRead>,
    shop: Data<Shop>,
    id: PathParameter<CustomerGroupId>,
) -> Result<Answer> {
    let found = shop.db.read(move |conn| store::find(conn, id.0)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Change a customer group
///
/// Gives it another name.
#[utoipa::path(
    tag = "admin customers",
    params(
        ("customer_group_id" = CustomerGroupId, Path, description = "The group."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateCustomerGroup,
    responses(
        (status = 200, description = "The group as it now is.", body = CustomerGroup),
        (status = 409, description = "`name_taken`, with a pointer.")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/customer-groups/{customer_group_id}")]
async fn update_customer_group(
    _staff: Staff<CustomersWrite>,
    shop: Data<Shop>,
    id: PathParameter<CustomerGroupId>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateCustomerGroup>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let UpdateCustomerGroup { name } = body.value;
    require_text("#/name", name.as_deref())?;
    let changed = shop.db.write(move |conn| store::rename(conn, id.0, &condition.0, name.as_deref(), now)).await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Delete a customer group
///
/// Its members stay customers, and belong to it no more.
#[utoipa::path(
    tag = "admin customers",
    params(
        ("customer_group_id" = CustomerGroupId, Path, description = "The group."),
        ("If-Match" = String, Header, description = "The version to delete.")
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/customer-groups/{customer_group_id}")]
async fn delete_customer_group(
    _staff: Staff<CustomersWrite>,
    shop: Data<Shop>,
    id: PathParameter<CustomerGroupId>,
    condition: RequiredIfMatch,
) -> Result<Answer> {
    shop.db.write(move |conn| store::delete(conn, id.0, &condition.0)).await?;
    Ok(Answer::no_content())
}
