//! `/admin/products/{product_id}/archive` and `/publish`.

use actix_web::{post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::{extract::Staff, rights::ProductsWrite},
    catalog::{
        admin::view::{self, AdminProduct},
        change_product::change_product,
        draft::ProductChange,
        edit_product,
        model::ProductStatus,
    },
    error::Result,
    http::{
        answer::{Answer, Keep},
        etag::IfMatch,
        idempotency::{self, IdempotencyKey, Ticket},
        json::NoBody,
        path::PathParameter,
    },
    ids::ProductId,
    patch::Patch,
    shop::Shop,
};

/// The routes of states.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(archive_product).service(publish_product);
}

/// Archive a product
///
/// Shoppers neither find nor buy it any more, and carts that hold it say so in `problems`; nothing of it is planned any
/// more. Orders keep what they have frozen of it, the staff still see it, and it can be published again. One that is
/// archived already stays as it is.
#[utoipa::path(
    tag = "admin products",
    params(
        ("product_id" = ProductId, Path, description = "The product."),
        ("If-Match" = Option<String>, Header, description = "The version to change; whatever it is now where none is given."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")
    ),
    responses((status = 200, description = "The product, archived.", body = AdminProduct)),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/products/{product_id}/archive")]
async fn archive_product(
    staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    id: PathParameter<ProductId>,
    condition: IfMatch,
    key: IdempotencyKey,
    _body: NoBody,
) -> Result<Answer> {
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), b"")?;
    let change = ProductChange {
        status: Some(ProductStatus::Archived),
        publish_at: Patch::Null,
        unpublish_at: Patch::Null,
        ..ProductChange::default()
    };
    make(&shop, ticket, id.0, condition, change).await
}

/// Publish a product
///
/// Shoppers find and buy it from now on, whether it was a draft or archived, until its `unpublish_at` where it has one.
#[utoipa::path(
    tag = "admin products",
    params(
        ("product_id" = ProductId, Path, description = "The product."),
        ("If-Match" = Option<String>, Header, description = "The version to change; whatever it is now where none is given."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")
    ),
    responses((status = 200, description = "The product, published.", body = AdminProduct)),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/products/{product_id}/publish")]
async fn publish_product(
    staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    id: PathParameter<ProductId>,
    condition: IfMatch,
    key: IdempotencyKey,
    _body: NoBody,
) -> Result<Answer> {
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), b"")?;
    let change =
        ProductChange { status: Some(ProductStatus::Published), publish_at: Patch::Null, ..ProductChange::default() };
    make(&shop, ticket, id.0, condition, change).await
}

async fn make(
    shop: &Shop,
    ticket: Option<Ticket>,
    id: ProductId,
    condition: IfMatch,
    change: ProductChange,
) -> Result<Answer> {
    let (now, config) = (shop.clock.now(), shop.config.clone());
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let mut editing = edit_product::open(conn, id, &condition)?;
        change_product(conn, &mut editing, &change, now)?;
        edit_product::finish(conn, editing, now)?;
        let changed = view::load_product(conn, id, &config)?;
        Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
    })
    .await
}
