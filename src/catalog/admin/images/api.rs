//! `/admin/products/{product_id}/images`.

use actix_web::{delete, get, patch, post, web::Data};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::{AdminImage, UpdateImage, UploadImage};
use crate::{
    auth::{
        extract::Staff,
        rights::{ProductsRead, ProductsWrite},
    },
    catalog::{
        draft::{ImageChange, NewImage},
        edit_product, store,
        view::image_at,
        write_image,
    },
    config::Config,
    db::Conn,
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        etag::{IfMatch, RequiredIfMatch},
        idempotency::{self, IdempotencyKey, Ticket},
        json::StrictJson,
        multipart::Upload,
        path::PathParameter,
    },
    ids::{ImageId, ProductId},
    media::{ContentHash, ImageName, RenderQueue},
    page::Collection,
    shop::Shop,
    time::UtcTime,
};

/// The routes of images.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_images)
        .service(create_image)
        .service(get_admin_image)
        .service(update_image)
        .service(delete_image);
}

/// List a product's images
///
/// In the order to show them, on one page.
#[utoipa::path(
    tag = "admin products",
    params(("product_id" = ProductId, Path, description = "The product.")),
    responses((status = 200, description = "All its images.", body = Collection<AdminImage>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/products/{product_id}/images")]
async fn list_images(
    _staff: Staff<ProductsRead>,
    shop: Data<Shop>,
    product_id: PathParameter<ProductId>,
) -> Result<Answer> {
    let config = shop.config.clone();
    let images = shop.db.read(move |conn| load(conn, product_id.0, &config)).await?;
    Ok(Answer::ok(&Collection::whole(images), Keep::Personal).tagged())
}

/// Add an image to a product
///
/// Behind the images that there are. The file is a JPEG, PNG or WebP, by its content and whatever its name; it is drawn
/// anew in every size, turned upright, without metadata. The product has a new version.
#[utoipa::path(
    tag = "admin products",
    params(
        ("product_id" = ProductId, Path, description = "The product."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")
    ),
    request_body(content = UploadImage, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The image.", body = AdminImage),
        (status = 415, description = "The body is no form of several parts, or the file no image of a kind that is taken (`unsupported_media_type`)."),
        (status = 422, description = "The image has too many pixels, moves, is damaged or holds something else (`image_refused`).")
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/products/{product_id}/images")]
async fn create_image(
    staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    queue: Data<RenderQueue>,
    product_id: PathParameter<ProductId>,
    key: IdempotencyKey,
    body: Upload<UploadImage>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let product_id = product_id.0;
    let Upload { file, fields: UploadImage { alt, .. } } = body;
    // A form's boundaries change from one try to the next; what it says does not.
    let said = json!([ContentHash::of(&file).as_str(), alt]).to_string();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), said.as_bytes())?;
    let asked = ticket.clone();
    let is_known = shop.db.read(move |conn| is_known(conn, product_id, now, asked.as_ref())).await?;
    let id = ImageId::new();
    // What has been answered before is not drawn again: its answer is kept.
    let drawn = if is_known { None } else { Some(queue.draw_and_keep(id, file, "#/file").await?) };
    let kept = drawn.as_ref().map(|it| ImageName { id, hash: it.hash });
    let config = shop.config.clone();
    let made = idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        // The record that was there has gone: whoever tries again is the first.
        let rendered = drawn.as_ref().ok_or_else(idempotency::in_progress)?;
        let mut editing = edit_product::open(conn, product_id, &IfMatch::Absent)?;
        let new = NewImage::of(id, alt.as_ref().unwrap_or(&editing.row.name), rendered);
        write_image::add_image(conn, &mut editing, new, now)?;
        edit_product::finish(conn, editing, now)?;
        let made = load_one(conn, product_id, id, &config)?;
        let location = format!("/api/v1/admin/products/{product_id}/images/{id}");
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await;
    if !made.as_ref().is_ok_and(|answer| !answer.replayed) {
        queue.forget(kept.into_iter().collect()).await;
    }
    made
}

/// Whether the request has been answered before. Where it has not, its product must be there, before an image is drawn
/// for it.
fn is_known(conn: &mut Conn, product_id: ProductId, now: UtcTime, ticket: Option<&Ticket>) -> Result<bool> {
    if let Some(ticket) = ticket
        && idempotency::is_known(conn, now, ticket)?
    {
        return Ok(true);
    }
    store::find_product(conn, product_id)?.map(|_| false).ok_or_else(Error::not_found)
}

fn load(conn: &mut Conn, product_id: ProductId, config: &Config) -> Result<Vec<AdminImage>> {
    let version = store::find_product(conn, product_id)?.ok_or_else(Error::not_found)?.version;
    let rows = write_image::images_of(conn, product_id)?;
    let view = |row: &store::ImageRow| {
        AdminImage::new(image_at(&config.media_url, row), product_id, row.position, version, row.created_at)
    };
    Ok(rows.iter().map(view).collect())
}

fn load_one(conn: &mut Conn, product_id: ProductId, id: ImageId, config: &Config) -> Result<AdminImage> {
    load(conn, product_id, config)?.into_iter().find(|it| it.id == id).ok_or_else(Error::not_found)
}

/// Show an image of a product
///
/// By its id. Its version is that of its product.
#[utoipa::path(
    tag = "admin products",
    params(
        ("product_id" = ProductId, Path, description = "The product."),
        ("image_id" = ImageId, Path, description = "The image.")
    ),
    responses((status = 200, description = "The image.", body = AdminImage)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/products/{product_id}/images/{image_id}")]
async fn get_admin_image(
    _staff: Staff<ProductsRead>,
    shop: Data<Shop>,
    product_id: PathParameter<ProductId>,
    id: PathParameter<ImageId, 1>,
) -> Result<Answer> {
    let config = shop.config.clone();
    let found = shop.db.read(move |conn| load_one(conn, product_id.0, id.0, &config)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Change an image of a product
///
/// Its words, its focal point or its place. The product has a new version. Another picture is another image.
#[utoipa::path(
    tag = "admin products",
    params(
        ("product_id" = ProductId, Path, description = "The product."),
        ("image_id" = ImageId, Path, description = "The image."),
        ("If-Match" = String, Header, description = "The version of the product to change.")
    ),
    request_body = UpdateImage,
    responses((status = 200, description = "The image as it now is.", body = AdminImage)),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/products/{product_id}/images/{image_id}")]
async fn update_image(
    _staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    product_id: PathParameter<ProductId>,
    id: PathParameter<ImageId, 1>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateImage>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let change = ImageChange::from(body.value);
    let config = shop.config.clone();
    let changed = shop
        .db
        .write(move |conn| {
            let mut editing = edit_product::open(conn, product_id.0, &condition.0)?;
            write_image::change_image(conn, &mut editing, id.0, change.clone())?;
            edit_product::finish(conn, editing, now)?;
            load_one(conn, product_id.0, id.0, &config)
        })
        .await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}

/// Delete an image of a product
///
/// With its files. A variant that it showed best has no image of its own any more. The product has a new version.
#[utoipa::path(
    tag = "admin products",
    params(
        ("product_id" = ProductId, Path, description = "The product."),
        ("image_id" = ImageId, Path, description = "The image."),
        ("If-Match" = String, Header, description = "The version of the product to change.")
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/products/{product_id}/images/{image_id}")]
async fn delete_image(
    _staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    queue: Data<RenderQueue>,
    product_id: PathParameter<ProductId>,
    id: PathParameter<ImageId, 1>,
    condition: RequiredIfMatch,
) -> Result<Answer> {
    let now = shop.clock.now();
    let deleted = shop
        .db
        .write(move |conn| {
            let mut editing = edit_product::open(conn, product_id.0, &condition.0)?;
            let deleted = write_image::delete_image(conn, &mut editing, id.0)?;
            edit_product::finish(conn, editing, now)?;
            Ok(deleted)
        })
        .await?;
    queue.forget(vec![deleted]).await;
    Ok(Answer::no_content())
}
