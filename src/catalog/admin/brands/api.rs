//! `/admin/brands`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::{
        extract::Staff,
        rights::{BrandsRead, BrandsWrite},
    },
    catalog::{
        former_slugs,
        model::Slug,
        store::{self, BrandRow},
        taxonomy::{self, BrandFilter, BrandSort},
        view::Brand,
        write_brand::{self, BrandChange, NewBrand},
    },
    db::Conn,
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        etag::RequiredIfMatch,
        idempotency::{self, IdempotencyKey},
        json::StrictJson,
        listing::Listing,
        path::PathParameter,
        query::StrictQuery,
    },
    ids::BrandId,
    page::Collection,
    patch::Patch,
    shop::Shop,
};

/// The routes of brands.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_admin_brands)
        .service(create_brand)
        .service(get_admin_brand)
        .service(update_brand)
        .service(delete_brand);
}

/// A brand with what only the staff see.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AdminBrand {
    /// What shoppers see.
    #[serde(flatten)]
    brand: Brand,
    /// Slugs that it had: they still lead to it, and no other brand may take them.
    #[schema(max_items = 10000)]
    former_slugs: Vec<Slug>,
}

fn load(conn: &mut Conn, id: BrandId) -> Result<AdminBrand> {
    let row = store::find_brand(conn, id)?.ok_or_else(Error::not_found)?;
    let former_slugs = former_slugs::of_brands::of(conn, &[id])?.remove(&id).unwrap_or_default();
    Ok(AdminBrand { brand: row.into(), former_slugs })
}

/// Which brands to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAdminBrands {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// The slug that a brand has, or had.
    #[param(min_length = 1, max_length = 100, example = "fjordlight")]
    slug: Option<String>,
    /// The shop's own key for a brand.
    #[param(min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// How to sort; by name where it is not given.
    #[param(inline)]
    sort: Option<BrandSort>,
}

/// A brand to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateBrand {
    /// The shop's own key for it; no other brand may have it.
    #[schema(pattern = "\\S", min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// Its name in addresses; made from its name where it is not given.
    slug: Option<Slug>,
    /// Its name.
    #[schema(pattern = "\\S", min_length = 1, max_length = 500, example = "Fjordlight")]
    name: String,
}

/// What is to change of a brand.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateBrand {
    /// The shop's own key for it; no other brand may have it.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "\\S", min_length = 1, max_length = 200)]
    external_id: Patch<String>,
    /// Its name in addresses. The one before still leads to it.
    #[schema(nullable = false)]
    slug: Option<Slug>,
    /// Its name.
    #[schema(nullable = false, pattern = "\\S", min_length = 1, max_length = 500, example = "Fjordlight")]
    name: Option<String>,
}

/// List brands as staff
///
/// Filtered, sorted and paged.
#[utoipa::path(
    tag = "admin brands",
    params(ListAdminBrands),
    responses((status = 200, description = "A page of brands.", body = Collection<AdminBrand>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/brands")]
async fn list_admin_brands(
    _staff: Staff<BrandsRead>,
    shop: Data<Shop>,
    query: StrictQuery<ListAdminBrands>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(ListAdminBrands { limit, cursor, with_total, slug, external_id, sort }) = query;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let sort = sort.unwrap_or(BrandSort::Name);
    let filter = BrandFilter { slug, external_id };
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(taxonomy::load_brands(conn, &filter, sort, &page)?);
            let counted = with_total == Some(true);
            let total = counted.then(|| taxonomy::count_brands(conn, &filter)).transpose()?;
            let ids: Vec<BrandId> = window.rows.iter().map(|row| row.id).collect();
            let mut former = former_slugs::of_brands::of(conn, &ids)?;
            let view = |row: BrandRow| {
                let former_slugs = former.remove(&row.id).unwrap_or_default();
                AdminBrand { brand: row.into(), former_slugs }
            };
            Ok(page.collection(window, total, |row| taxonomy::brand_key(sort, row), view))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Make a brand
///
/// A slug that is not given is made from the name.
#[utoipa::path(
    tag = "admin brands",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateBrand,
    responses(
        (status = 201, description = "The brand.", body = AdminBrand),
        (status = 409, description = "`slug_taken` or `external_id_taken`, with a pointer.")
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/brands")]
async fn create_brand(
    staff: Staff<BrandsWrite>,
    shop: Data<Shop>,
    key: IdempotencyKey,
    body: StrictJson<CreateBrand>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let CreateBrand { external_id, slug, name } = body.value;
    let new = NewBrand { external_id, slug, name };
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let id = write_brand::create_brand(conn, &new, now)?.id;
        let made = load(conn, id)?;
        let location = format!("/api/v1/admin/brands/{id}");
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.brand.version))
    })
    .await
}

/// Show a brand as staff
///
/// By its id.
#[utoipa::path(
    tag = "admin brands",
    params(("brand_id" = BrandId, Path, description = "The brand.")),
    responses((status = 200, description = "The brand.", body = AdminBrand)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/brands/{brand_id}")]
async fn get_admin_brand(_staff: Staff<BrandsRead>, shop: Data<Shop>, id: PathParameter<BrandId>) -> Result<Answer> {
    let found = shop.db.read(move |conn| load(conn, id.0)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.brand.version))
}

/// Change a brand
///
/// Members that are absent stay.
#[utoipa::path(
    tag = "admin brands",
    params(
        ("brand_id" = BrandId, Path, description = "The brand."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateBrand,
    responses(
        (status = 200, description = "The brand as it now is.", body = AdminBrand),
        (status = 409, description = "`slug_taken` or `external_id_taken`, with a pointer.")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/brands/{brand_id}")]
async fn update_brand(
    _staff: Staff<BrandsWrite>,
    shop: Data<Shop>,
    id: PathParameter<BrandId>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateBrand>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let UpdateBrand { external_id, slug, name } = body.value;
    let change = BrandChange { external_id, slug, name };
    let changed = shop
        .db
        .write(move |conn| {
            write_brand::change_brand(conn, id.0, &condition.0, change.clone(), now)?;
            load(conn, id.0)
        })
        .await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.brand.version))
}

/// Delete a brand
///
/// One that products name cannot go, nor can one that rules of collections name.
#[utoipa::path(
    tag = "admin brands",
    params(
        ("brand_id" = BrandId, Path, description = "The brand."),
        ("If-Match" = String, Header, description = "The version to delete.")
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 409, description = "Products, or rules of collections, name it (`in_use`); `collection_ids` names the latter.")
    ),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/brands/{brand_id}")]
async fn delete_brand(
    _staff: Staff<BrandsWrite>,
    shop: Data<Shop>,
    id: PathParameter<BrandId>,
    condition: RequiredIfMatch,
) -> Result<Answer> {
    let now = shop.clock.now();
    shop.db.write(move |conn| write_brand::delete_brand(conn, id.0, &condition.0, now)).await?;
    Ok(Answer::no_content())
}
