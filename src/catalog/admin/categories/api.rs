//! `/admin/categories`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::{
        extract::Staff,
        rights::{CategoriesRead, CategoriesWrite},
    },
    catalog::{
        former_slugs,
        model::Slug,
        store::CategoryRow,
        taxonomy::{self, CategoryFilter, CategorySort},
        tree::CategoryTree,
        write_category::{self, CategoryChange, NewCategory},
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
    ids::CategoryId,
    page::Collection,
    patch::Patch,
    shop::Shop,
    time::UtcTime,
};

/// The routes of categories.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_admin_categories)
        .service(create_category)
        .service(get_admin_category)
        .service(update_category)
        .service(delete_category);
}

/// A category by itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AdminCategory {
    /// Its id.
    id: CategoryId,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// Its name.
    #[schema(min_length = 1, max_length = 500, example = "Kitchen")]
    name: String,
    /// Its name in addresses.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", min_length = 1, max_length = 100, example = "kitchen")]
    slug: String,
    /// Slugs that it had: they still lead to it, and no other category may take them.
    #[schema(max_items = 10000)]
    former_slugs: Vec<Slug>,
    /// Slugs from the root down to it.
    #[schema(max_items = 20)]
    path: Vec<Slug>,
    /// The category that it lies in.
    #[schema(required)]
    parent_id: Option<CategoryId>,
    /// Its place among its siblings.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    position: i32,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    version: i64,
    /// When it was made.
    created_at: UtcTime,
    /// When it last changed.
    updated_at: UtcTime,
}

fn view(tree: &CategoryTree, row: CategoryRow, former_slugs: Vec<Slug>) -> AdminCategory {
    let CategoryRow { id, external_id, slug, name, parent_id, position, version, created_at, updated_at } = row;
    AdminCategory {
        path: tree.path(id),
        slug: slug.as_str().to_owned(),
        former_slugs,
        id,
        external_id,
        name,
        parent_id,
        position,
        version,
        created_at,
        updated_at,
    }
}

fn load(conn: &mut Conn, id: CategoryId) -> Result<AdminCategory> {
    let tree = CategoryTree::load(conn)?;
    let row = tree.get(id).cloned().ok_or_else(Error::not_found)?;
    let former_slugs = former_slugs::of_categories::of(conn, &[id])?.remove(&id).unwrap_or_default();
    Ok(view(&tree, row, former_slugs))
}

/// Which categories to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAdminCategories {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// Ids of categories, commas between them, for those that lie in one of them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100)]
    parent_id: Option<Vec<String>>,
    /// The slug that a category has, or had.
    #[param(min_length = 1, max_length = 100, example = "kitchen")]
    slug: Option<String>,
    /// The shop's own key for a category.
    #[param(min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// How to sort; by slug where it is not given.
    #[param(inline)]
    sort: Option<CategorySort>,
}

/// A category to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCategory {
    /// The shop's own key for it; no other category may have it.
    #[schema(pattern = "\\S", min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// Its name in addresses; made from its name where it is not given.
    slug: Option<Slug>,
    /// Its name.
    #[schema(pattern = "\\S", min_length = 1, max_length = 500, example = "Kitchen")]
    name: String,
    /// The category that it is to lie in.
    parent_id: Option<CategoryId>,
    /// Its place among its siblings; behind them where it is not given.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    position: Option<i32>,
}

/// What is to change of a category.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateCategory {
    /// The shop's own key for it; no other category may have it.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "\\S", min_length = 1, max_length = 200)]
    external_id: Patch<String>,
    /// Its name in addresses.
    #[schema(nullable = false)]
    slug: Option<Slug>,
    /// Its name.
    #[schema(nullable = false, pattern = "\\S", min_length = 1, max_length = 500, example = "Kitchen")]
    name: Option<String>,
    /// The category that it is to lie in; null makes it a root.
    #[serde(default)]
    #[schema(value_type = Option<CategoryId>)]
    parent_id: Patch<CategoryId>,
    /// Its place among its siblings.
    #[schema(nullable = false, minimum = 0, maximum = 2_147_483_647)]
    position: Option<i32>,
}

/// List categories as staff
///
/// One by one rather than as trees; filtered, sorted and paged.
#[utoipa::path(
    tag = "admin categories",
    params(ListAdminCategories),
    responses((status = 200, description = "A page of categories.", body = Collection<AdminCategory>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/categories")]
async fn list_admin_categories(
    _staff: Staff<CategoriesRead>,
    shop: Data<Shop>,
    query: StrictQuery<ListAdminCategories>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(ListAdminCategories { limit, cursor, with_total, parent_id, slug, external_id, sort }) = query;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let sort = sort.unwrap_or(CategorySort::Slug);
    // A value that names nothing narrows the list to nothing.
    let parents = parent_id.map(|ids| ids.iter().filter_map(|it| it.parse().ok()).collect());
    let filter = CategoryFilter { parents, slug, external_id };
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(taxonomy::load_categories(conn, &filter, sort, &page)?);
            let counted = with_total == Some(true);
            let total = counted.then(|| taxonomy::count_categories(conn, &filter)).transpose()?;
            let tree = CategoryTree::load(conn)?;
            let ids: Vec<CategoryId> = window.rows.iter().map(|row| row.id).collect();
            let mut former = former_slugs::of_categories::of(conn, &ids)?;
            let view = |row: CategoryRow| {
                let own = former.remove(&row.id).unwrap_or_default();
                view(&tree, row, own)
            };
            Ok(page.collection(window, total, |row| taxonomy::category_key(sort, row), view))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Make a category
///
/// A slug that is not given is made from the name.
#[utoipa::path(
    tag = "admin categories",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateCategory,
    responses(
        (status = 201, description = "The category.", body = AdminCategory),
        (status = 409, description = "`slug_taken` or `external_id_taken`, with a pointer.")
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/categories")]
async fn create_category(
    staff: Staff<CategoriesWrite>,
    shop: Data<Shop>,
    key: IdempotencyKey,
    body: StrictJson<CreateCategory>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let CreateCategory { external_id, slug, name, parent_id, position } = body.value;
    let new = NewCategory { external_id, slug, name, parent_id, position };
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let row = write_category::create_category(conn, &new, now)?;
        let made = load(conn, row.id)?;
        let location = format!("/api/v1/admin/categories/{}", made.id);
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await
}

/// Show a category as staff
///
/// By its id.
#[utoipa::path(
    tag = "admin categories",
    params(("category_id" = CategoryId, Path, description = "The category.")),
    responses((status = 200, description = "The category.", body = AdminCategory)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/categories/{category_id}")]
async fn get_admin_category(
    _staff: Staff<CategoriesRead>,
    shop: Data<Shop>,
    id: PathParameter<CategoryId>,
) -> Result<Answer> {
    let found = shop.db.read(move |conn| load(conn, id.0)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Change or move a category
///
/// Members that are absent stay. It cannot be moved into itself, nor into one that lies in it.
#[utoipa::path(
    tag = "admin categories",
    params(
        ("category_id" = CategoryId, Path, description = "The category."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateCategory,
    responses(
        (status = 200, description = "The category as it now is.", body = AdminCategory),
        (status = 409, description = "`slug_taken` or `external_id_taken`, with a pointer.")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/categories/{category_id}")]
async fn update_category(
    _staff: Staff<CategoriesWrite>,
    shop: Data<Shop>,
    id: PathParameter<CategoryId>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateCategory>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let UpdateCategory { external_id, slug, name, parent_id, position } = body.value;
    let change = CategoryChange { external_id, slug, name, parent_id, position };
    let changed = shop
        .db
        .write(move |conn| {
            write_category::change_category(conn, id.0, &condition.0, change.clone(), now)?;
            load(conn, id.0)
        })
        .await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Delete a category
///
/// One that products or other categories lie in cannot go, nor can one that rules of collections name.
#[utoipa::path(
    tag = "admin categories",
    params(
        ("category_id" = CategoryId, Path, description = "The category."),
        ("If-Match" = String, Header, description = "The version to delete.")
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 409, description = "Products or other categories lie in it, or rules of collections name it (`in_use`); `collection_ids` names those.")
    ),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/categories/{category_id}")]
async fn delete_category(
    _staff: Staff<CategoriesWrite>,
    shop: Data<Shop>,
    id: PathParameter<CategoryId>,
    condition: RequiredIfMatch,
) -> Result<Answer> {
    let now = shop.clock.now();
    shop.db.write(move |conn| write_category::delete_category(conn, id.0, &condition.0, now)).await?;
    Ok(Answer::no_content())
}
