//! `/admin/attributes`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::{
        extract::Staff,
        rights::{ProductsRead, ProductsWrite},
    },
    catalog::attribute_definition::{self, AttributeKind, Definition, DefinitionChange, NewDefinition},
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        etag::RequiredIfMatch,
        idempotency::{self, IdempotencyKey},
        json::StrictJson,
        listing::{Listing, WholeOrPaged},
        path::PathParameter,
        query::StrictQuery,
    },
    ids::AttributeId,
    page::Collection,
    patch::Patch,
    shop::Shop,
    time::UtcTime,
};

/// The routes of attribute definitions.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_admin_attributes)
        .service(create_attribute)
        .service(get_attribute)
        .service(update_attribute)
        .service(delete_attribute);
}

/// What the shop says of an attribute, or of an option of that name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Attribute {
    /// Its id.
    pub id: AttributeId,
    /// The key that products have it under. An option's name becomes a key by lower case, and `_` for all but letters
    /// and digits.
    #[schema(pattern = "^[a-z0-9][a-z0-9_]{0,79}$", min_length = 1, max_length = 80, example = "seat_height_cm")]
    pub key: String,
    /// What shoppers call it.
    #[schema(min_length = 1, max_length = 200, example = "Seat height")]
    pub label: String,
    /// What values it has. One of another kind is refused; where it was there before, it is shown, but not filtered by.
    pub kind: AttributeKind,
    /// The unit of its numbers.
    #[schema(required, min_length = 1, max_length = 20, example = "cm")]
    pub unit: Option<String>,
    /// Whether products are filtered and counted by it.
    pub filterable: bool,
    /// Its place among the others; those on one place stand by key.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub position: i32,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

impl From<Definition> for Attribute {
    fn from(row: Definition) -> Self {
        let Definition { id, key, label, kind, unit, filterable, position, version, created_at, updated_at } = row;
        Self { id, key, label, kind, unit, filterable, position, version, created_at, updated_at }
    }
}

/// An attribute to be defined.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAttribute {
    /// The key that products have it under. It stays.
    #[schema(pattern = "^[a-z0-9][a-z0-9_]{0,79}$", min_length = 1, max_length = 80, example = "seat_height_cm")]
    key: String,
    /// What shoppers call it.
    #[schema(pattern = "\\S", min_length = 1, max_length = 200, example = "Seat height")]
    label: String,
    /// What values it has; a `list` may be a single text too. It stays.
    kind: AttributeKind,
    /// The unit of its numbers; others have none.
    #[schema(min_length = 1, max_length = 20, example = "cm")]
    unit: Option<String>,
    /// Whether products are filtered and counted by it; not, where it is not said.
    #[schema(nullable = false)]
    filterable: Option<bool>,
    /// Its place among the others.
    #[schema(nullable = false, minimum = 0, maximum = 2_147_483_647)]
    position: Option<i32>,
}

/// What is to change of an attribute's definition.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateAttribute {
    /// What shoppers call it.
    #[schema(nullable = false, pattern = "\\S", min_length = 1, max_length = 200, example = "Seat height")]
    label: Option<String>,
    /// The unit of its numbers; null takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20, example = "cm")]
    unit: Patch<String>,
    /// Whether products are filtered and counted by it.
    #[schema(nullable = false)]
    filterable: Option<bool>,
    /// Its place among the others.
    #[schema(nullable = false, minimum = 0, maximum = 2_147_483_647)]
    position: Option<i32>,
}

/// List attribute definitions
///
/// All of them, in the order to show them, on one page where no `limit` is given.
#[utoipa::path(
    tag = "admin products",
    params(WholeOrPaged),
    responses((status = 200, description = "The definitions.", body = Collection<Attribute>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/attributes")]
async fn list_admin_attributes(
    _staff: Staff<ProductsRead>,
    shop: Data<Shop>,
    query: StrictQuery<WholeOrPaged>,
    request: HttpRequest,
) -> Result<Answer> {
    let rows = shop.db.read(|conn| Ok(attribute_definition::load_all(conn)?)).await?;
    let listing = Listing::new(&shop, &request);
    let page = listing.part(&query.0, rows, |row| row.key.clone(), Attribute::from)?;
    Ok(listing.answer(&page, Keep::Personal))
}

/// Define an attribute
///
/// Products may have attributes that nobody has defined. A definition gives one a label, a kind and a unit, and, where
/// it is filterable, makes `attr.KEY` a parameter of lists and searches, and `attr.KEY` a facet.
#[utoipa::path(
    tag = "admin products",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateAttribute,
    responses(
        (status = 201, description = "The definition.", body = Attribute),
        (status = 409, description = "The key has one (`name_taken`), or the shop has 500 (`conflict`).")
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/attributes")]
async fn create_attribute(
    staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    key: IdempotencyKey,
    body: StrictJson<CreateAttribute>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let CreateAttribute { key, label, kind, unit, filterable, position } = body.value;
    let (filterable, position) = (filterable.unwrap_or(false), position.unwrap_or(0));
    let new = NewDefinition { key, label, kind, unit, filterable, position };
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let made = Attribute::from(attribute_definition::create(conn, &new, now)?);
        let location = format!("/api/v1/admin/attributes/{}", made.id);
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await
}

/// Show an attribute definition
///
/// By its id.
#[utoipa::path(
    tag = "admin products",
    params(("attribute_id" = AttributeId, Path, description = "The definition.")),
    responses((status = 200, description = "The definition.", body = Attribute)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/attributes/{attribute_id}")]
async fn get_attribute(
    _staff: Staff<ProductsRead>,
    shop: Data<Shop>,
    id: PathParameter<AttributeId>,
) -> Result<Answer> {
    let find = move |conn: &mut _| attribute_definition::find(conn, id.0)?.ok_or_else(Error::not_found);
    let attribute = Attribute::from(shop.db.read(find).await?);
    Ok(Answer::ok(&attribute, Keep::Personal).versioned(attribute.version))
}

/// Change an attribute definition
///
/// Members that are absent stay.
#[utoipa::path(
    tag = "admin products",
    params(
        ("attribute_id" = AttributeId, Path, description = "The definition."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateAttribute,
    responses(
        (status = 200, description = "The definition as it now is.", body = Attribute),
        (status = 409, description = "Rules of collections name it, so that it stays filterable (`in_use`); `collection_ids` names them.")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/attributes/{attribute_id}")]
async fn update_attribute(
    _staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    id: PathParameter<AttributeId>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateAttribute>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let UpdateAttribute { label, unit, filterable, position } = body.value;
    let change = DefinitionChange { label, unit, filterable, position };
    let changed = move |conn: &mut _| attribute_definition::change(conn, id.0, &condition.0, change.clone(), now);
    let attribute = Attribute::from(shop.db.write(changed).await?);
    Ok(Answer::ok(&attribute, Keep::Personal).versioned(attribute.version))
}

/// Delete an attribute definition
///
/// What products say under its key stays; lists and searches take it no more.
#[utoipa::path(
    tag = "admin products",
    params(
        ("attribute_id" = AttributeId, Path, description = "The definition."),
        ("If-Match" = String, Header, description = "The version to delete.")
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 409, description = "Rules of collections name it (`in_use`); `collection_ids` names them.")
    ),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/attributes/{attribute_id}")]
async fn delete_attribute(
    _staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    id: PathParameter<AttributeId>,
    condition: RequiredIfMatch,
) -> Result<Answer> {
    let now = shop.clock.now();
    shop.db.write(move |conn| attribute_definition::delete(conn, id.0, &condition.0, now)).await?;
    Ok(Answer::no_content())
}
