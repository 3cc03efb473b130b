//! Hangs images on a product that is being edited, changes one, or takes one away.

use diesel::prelude::*;

use super::{
    create_product::insert_images,
    draft::{ImageChange, NewImage},
    edit_product::Editing,
    store::ImageRow,
};
use crate::{
    db::{Conn, columns::Json, schema::images},
    error::{Code, Error, Result, Violation},
    ids::{ImageId, ProductId},
    media::ImageName,
    time::UtcTime,
};

/// The most images of a product.
pub const IMAGES: usize = 100;

/// The images of a product, in the order to show them.
///
/// # Errors
/// A database error.
pub fn images_of(conn: &mut Conn, product_id: ProductId) -> QueryResult<Vec<ImageRow>> {
    let own = images::table.filter(images::product_id.eq(product_id));
    own.order((images::position.asc(), images::id.asc())).select(ImageRow::as_select()).load(conn)
}

/// Hangs another image on the product, behind those that it has.
///
/// # Errors
/// 422 `too_many_entries`.
pub fn add_image(conn: &mut Conn, editing: &mut Editing, new: NewImage, now: UtcTime) -> Result<()> {
    let present = images_of(conn, editing.row.id)?;
    if present.len() >= IMAGES {
        let detail = format!("A product has at most {IMAGES} images.");
        return Err(Violation::at("#", Code::TooManyEntries, detail).param("max", IMAGES).into());
    }
    let position = present.last().map_or(0, |it| it.position + 1);
    insert_images(conn, editing.row.id, &[new], position, now)?;
    editing.touched = true;
    Ok(())
}

/// Changes an image.
///
/// # Errors
/// 404 where the product has no such image.
pub fn change_image(conn: &mut Conn, editing: &mut Editing, id: ImageId, change: ImageChange) -> Result<()> {
    let ImageChange { alt, focal_point, position } = change;
    let before = images_of(conn, editing.row.id)?;
    let mut after = before.clone();
    let place = after.iter().position(|it| it.id == id).ok_or_else(Error::not_found)?;
    let mut image = after.remove(place);
    image.alt = alt.unwrap_or(image.alt);
    image.focal_point = focal_point.apply(image.focal_point.map(Json::into_inner)).map(Json::new);
    after.insert(position.unwrap_or(place).min(after.len()), image);
    save(conn, editing, &before, after)
}

/// Takes an image away; variants that it showed best have none. Its files stay until the change is committed.
///
/// # Errors
/// 404 where the product has no such image.
pub fn delete_image(conn: &mut Conn, editing: &mut Editing, id: ImageId) -> Result<ImageName> {
    let before = images_of(conn, editing.row.id)?;
    let mut after = before.clone();
    let place = after.iter().position(|it| it.id == id).ok_or_else(Error::not_found)?;
    let deleted = after.remove(place);
    diesel::delete(images::table.find(id)).execute(conn)?;
    for variant in editing.variants.iter_mut().filter(|it| it.image_id == Some(id)) {
        variant.image_id = None;
    }
    editing.touched = true;
    save(conn, editing, &before, after)?;
    Ok(ImageName { id, hash: deleted.hash })
}

/// Writes those of `after` that have changed, each with its place.
pub(super) fn save(conn: &mut Conn, editing: &mut Editing, before: &[ImageRow], after: Vec<ImageRow>) -> Result<()> {
    for (position, image) in (0..).zip(after) {
        let image = ImageRow { position, ..image };
        if before.contains(&image) {
            continue;
        }
        diesel::update(images::table.find(image.id))
            .set((
                images::alt.eq(&image.alt),
                images::focal_point.eq(&image.focal_point),
                images::position.eq(image.position),
            ))
            .execute(conn)?;
        editing.touched = true;
    }
    Ok(())
}
