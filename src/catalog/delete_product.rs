//! Deletes a product with its variants, prices, images and stock.

use diesel::prelude::*;
use serde_json::json;

use super::{edit_product, write_image};
use crate::{
    db::{Conn, schema::products},
    error::Result,
    events::{EventType, record},
    http::etag::IfMatch,
    ids::{ProductId, VariantId},
    inventory,
    media::ImageName,
    time::UtcTime,
};

/// Deletes a product, and says which images it had: their files stay until the deletion is committed. Orders keep what they have frozen of it; carts lose its lines.
///
/// # Errors
/// 404, 412 `stale_version`, 409 `in_use` while units of a variant are reserved.
pub fn delete_product(
    conn: &mut Conn,
    id: ProductId,
    condition: &IfMatch,
    actor_id: Option<&str>,
    now: UtcTime,
) -> Result<Vec<ImageName>> {
    let editing = edit_product::open(conn, id, condition)?;
    let variant_ids: Vec<VariantId> = editing.variants.iter().map(|it| it.id).collect();
    inventory::remove(conn, &variant_ids, actor_id, now)?;
    let images = write_image::images_of(conn, id)?.into_iter().map(|it| ImageName { id: it.id, hash: it.hash });
    let images = images.collect();
    let version = editing.row.version;
    diesel::delete(products::table.find(id).filter(products::version.eq(version))).execute(conn)?;
    record(conn, now, EventType::ProductDeleted, id.as_str(), version + 1, json!({}))?;
    Ok(images)
}
