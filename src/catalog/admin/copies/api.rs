//! `/admin/products/{product_id}/clone`.

use actix_web::{post, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::{extract::Staff, rights::ProductsWrite},
    catalog::{
        admin::view::{self, AdminProduct},
        clone_product::{Likeness, clone_product as make_copy},
        draft::Terms,
        model::Slug,
        write_image,
    },
    error::Result,
    http::{
        answer::{Answer, Keep},
        etag::IfMatch,
        idempotency::{self, IdempotencyKey},
        json::OptionalJson,
        path::PathParameter,
    },
    ids::ProductId,
    media::{ImageName, RenderQueue},
    shop::Shop,
};

/// The route of copies.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(clone_product);
}

/// What is to be different about the copy of a product.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloneProduct {
    /// Its name; that of the original where it is not given.
    #[schema(pattern = "\\S", min_length = 1, max_length = 500, example = "Enamel mug, large")]
    name: Option<String>,
    /// Its name in addresses; made from its name where it is not given.
    slug: Option<Slug>,
    /// What stands behind the SKUs of the original in those of its variants; a piece of each variant's id where it is
    /// not given.
    #[schema(min_length = 1, max_length = 50, example = "-L")]
    sku_suffix: Option<String>,
}

/// Clone a product
///
/// Makes a draft like it: texts, brand, categories, options, attributes, variants with their prices, and images, which
/// outlive those of the original. What names one thing alone is not taken over: external ids and barcodes are null. Stock
/// begins at 0, and nothing is planned. Without a body the copy is called like the original.
#[utoipa::path(
    tag = "admin products",
    params(
        ("product_id" = ProductId, Path, description = "The original."),
        ("If-Match" = Option<String>, Header, description = "The version to copy; whatever it is now where none is given."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")
    ),
    request_body = Option<CloneProduct>,
    responses(
        (status = 201, description = "The copy.", body = AdminProduct),
        (status = 409, description = "`slug_taken` or `sku_taken`, with a pointer.")
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/products/{product_id}/clone")]
async fn clone_product(
    staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    queue: Data<RenderQueue>,
    id: PathParameter<ProductId>,
    condition: IfMatch,
    key: IdempotencyKey,
    body: OptionalJson<CloneProduct>,
) -> Result<Answer> {
    let (now, id) = (shop.clock.now(), id.0);
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let CloneProduct { name, slug, sku_suffix } = body.value;
    let likeness = Likeness { name, slug, sku_suffix };
    let originals = shop.db.read(move |conn| Ok(write_image::images_of(conn, id)?)).await?;
    let originals = originals.iter().map(|it| ImageName { id: it.id, hash: it.hash }).collect();
    let images = queue.copy(originals).await?;
    let kept = images.iter().map(|(_, copy)| *copy).collect();
    let config = shop.config.clone();
    let made = idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let copy = make_copy(conn, id, &condition, &likeness, &images, Terms::of(&config), now)?;
        let made = view::load_product(conn, copy, &config)?;
        let location = format!("/api/v1/admin/products/{copy}");
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await;
    if !made.as_ref().is_ok_and(|answer| !answer.replayed) {
        queue.forget(kept).await;
    }
    made
}
