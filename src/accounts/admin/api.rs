//! `/admin/customers`.

use actix_web::{HttpRequest, delete, get, patch, web::Data};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    change::{self, CustomerChange},
    store::{self, CustomerFilter},
    view::{AdminCustomer, Tag},
};
use crate::{
    accounts::{erase::erase, store::require},
    address::require_text,
    audit::{Action, By},
    auth::{
        extract::{Source, Staff},
        rights::{CustomersRead, CustomersWrite},
    },
    error::Result,
    http::{
        answer::{Answer, Keep},
        etag::RequiredIfMatch,
        json::StrictJson,
        listing::Listing,
        path::PathParameter,
        query::StrictQuery,
    },
    ids::{CustomerGroupId, CustomerId},
    page::Collection,
    patch::{Patch, TurnedOff},
    shop::Shop,
    time::UtcTime,
};

/// The routes of customers.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_customers).service(get_customer).service(update_customer).service(delete_customer);
}

/// Which customers to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListCustomers {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// The one who logs in by this e-mail address.
    #[param(min_length = 3, max_length = 254, example = "ada@example.com")]
    email: Option<String>,
    /// The one with this key of the shop's own.
    #[param(min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// Those with this tag.
    #[param(min_length = 1, max_length = 50, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "vip")]
    tag: Option<String>,
    /// Those in this group.
    #[param(inline)]
    group_id: Option<CustomerGroupId>,
    /// Those who may not come in, or those who may.
    disabled: Option<bool>,
    /// Registered at or after this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    created_from: Option<UtcTime>,
    /// Registered before this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    created_before: Option<UtcTime>,
}

/// What is to change of a customer: what is absent stays, null clears.
// Without `Debug`, so that no log can hold a name.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateCustomer {
    /// The shop's own key for them; no other customer may have it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "CRM-4711")]
    external_id: Patch<String>,
    /// What they want to be called.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "Ann Berg")]
    name: Patch<String>,
    /// Whether to keep them from coming in.
    #[schema(nullable = false)]
    disabled: Option<bool>,
    /// All their tags.
    #[schema(nullable = false, max_items = 50)]
    tags: Option<Vec<Tag>>,
    /// All the groups that they are to belong to.
    #[schema(nullable = false, max_items = 50)]
    group_ids: Option<Vec<CustomerGroupId>>,
    /// `false` turns it off, for who has lost the device and the recovery codes.
    #[schema(nullable = false)]
    second_factor: Option<TurnedOff>,
}

/// List customers
///
/// Those who registered last first. Names and addresses are encrypted, so that customers are found by the whole e-mail
/// address, and by what stands beside it.
#[utoipa::path(
    tag = "admin customers",
    params(ListCustomers),
    responses((status = 200, description = "A page of customers.", body = Collection<AdminCustomer>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/customers")]
async fn list_customers(
    _staff: Staff<CustomersRead>,
    shop: Data<Shop>,
    query: StrictQuery<ListCustomers>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(query) = query;
    let ListCustomers { limit, cursor, with_total, email, external_id, tag, .. } = query;
    let ListCustomers { group_id, disabled, created_from, created_before, .. } = query;
    let email_hash = email.map(|it| shop.keys.email_hash(&it));
    let filter =
        CustomerFilter { email_hash, external_id, tag, group: group_id, disabled, created_from, created_before };
    let listing = Listing::new(&shop, &request);
    let (asked, keys) = (listing.clone(), shop.keys.clone());
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(store::load_page(conn, &filter, &page)?);
            let total = (with_total == Some(true)).then(|| store::count(conn, &filter)).transpose()?;
            let page = page.collection(window, total, |row| vec![json!(row.id)], |row| row);
            Ok(Collection { items: store::views(conn, &keys, page.items)?, page: page.page })
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Show a customer
///
/// By their id. Who has erased their account is not there any more.
#[utoipa::path(
    tag = "admin customers",
    params(("customer_id" = CustomerId, Path, description = "The customer.")),
    responses((status = 200, description = "The customer.", body = AdminCustomer)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/customers/{customer_id}")]
async fn get_customer(_staff: Staff<CustomersRead>, shop: Data<Shop>, id: PathParameter<CustomerId>) -> Result<Answer> {
    let keys = shop.keys.clone();
    let read = move |conn: &mut _| {
        let row = require(conn, id.0)?;
        store::view(conn, &keys, row)
    };
    let found = shop.db.read(read).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Change a customer
///
/// Who is disabled is out at once, with all sessions. The e-mail address is changed by the customer alone.
#[utoipa::path(
    tag = "admin customers",
    params(
        ("customer_id" = CustomerId, Path, description = "The customer."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateCustomer,
    responses(
        (status = 200, description = "The customer as they now are.", body = AdminCustomer),
        (status = 409, description = "`external_id_taken`, with a pointer.")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/customers/{customer_id}")]
async fn update_customer(
    staff: Staff<CustomersWrite>,
    shop: Data<Shop>,
    id: PathParameter<CustomerId>,
    condition: RequiredIfMatch,
    source: Source,
    body: StrictJson<UpdateCustomer>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let UpdateCustomer { external_id, name, disabled, tags, group_ids, second_factor } = body.value;
    if let Patch::Value(name) = &name {
        require_text("#/name", Some(name))?;
    }
    let without_second_factor = second_factor.is_some();
    let wanted = CustomerChange { external_id, name, disabled, tags, groups: group_ids, without_second_factor };
    let (by, inner) = (By { actor: staff.id, source }, shop.clone());
    let changed =
        shop.db.write(move |conn| change::change(conn, &inner, &by, id.0, &condition.0, wanted.clone(), now)).await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Erase a customer
///
/// As they could themself: all sessions end, and the key that everything personal was sealed with is destroyed. Orders
/// stay in the shop's books, without a name. There is no way back.
#[utoipa::path(
    tag = "admin customers",
    params(
        ("customer_id" = CustomerId, Path, description = "The customer."),
        ("If-Match" = String, Header, description = "The version to erase.")
    ),
    responses((status = 204, description = "They are gone.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/customers/{customer_id}")]
async fn delete_customer(
    staff: Staff<CustomersWrite>,
    shop: Data<Shop>,
    id: PathParameter<CustomerId>,
    condition: RequiredIfMatch,
    source: Source,
) -> Result<Answer> {
    let (id, now, keys) = (id.0, shop.clock.now(), shop.keys.clone());
    let by = By { actor: staff.id, source };
    let erase = move |conn: &mut _| {
        erase(conn, id, &condition.0, now)?;
        by.record(conn, &keys, id.as_str(), Action::AccountErased, now)
    };
    shop.db.erase(erase).await?;
    Ok(Answer::no_content())
}
