//! Changes a product that is there to what is said of it.

use std::collections::BTreeMap;

use super::{
    PortableProduct, PortableVariant, Written,
    write::exactly,
    write_product::{Places, gone_meanwhile, new_variant, prices},
};
use crate::{
    catalog::{
        change_product::change_product,
        draft::{NewImage, ProductChange, Terms, VariantChange},
        edit_product::{self, Editing},
        former_slugs::of_products as former_slugs,
        model::ProductOption,
        store::ImageRow,
        write_image,
        write_variant::{change_variant, create_variant, put_in_order},
    },
    db::{Conn, columns::Json},
    error::Result,
    http::etag::IfMatch,
    ids::{ImageId, ProductId, VariantId},
    patch::Patch,
    time::UtcTime,
};

pub(super) fn change(
    conn: &mut Conn,
    id: ProductId,
    product: &PortableProduct,
    places: Places,
    new_images: &[Option<NewImage>],
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<Written> {
    let mut editing = edit_product::open(conn, id, &IfMatch::Any)?;
    let absent = editing.row.attributes.keys().filter(|key| !product.attributes.contains_key(*key));
    let mut attributes: BTreeMap<_, _> = absent.map(|key| (key.clone(), None)).collect();
    attributes.extend(product.attributes.iter().map(|(key, value)| (key.clone(), Some(value.clone()))));
    let change = ProductChange {
        external_id: exactly(product.external_id.clone()),
        slug: Some(product.slug.clone()),
        name: Some(product.name.clone()),
        description: Some(product.description.clone()),
        status: Some(product.status),
        publish_at: exactly(product.publish_at),
        unpublish_at: exactly(product.unpublish_at),
        brand_id: exactly(places.brand_id),
        category_ids: Some(places.category_ids),
        options: Some(options(product, &editing)),
        variant_options: editing.chosen_options(product.variants.iter().map(|it| (it.sku.as_str(), Some(&it.options)))),
        attributes: Patch::Value(attributes),
    };
    change_product(conn, &mut editing, &change, now)?;
    let image_ids = write_images(conn, &mut editing, product, new_images, now)?;
    for (place, variant) in product.variants.iter().enumerate() {
        let image_id = variant.image.and_then(|place| image_ids.get(place).copied());
        // Without images, as an export to standard output is, a product does not say which shows what.
        let image_id = if product.images.is_empty() { Patch::Absent } else { exactly(image_id) };
        write_variant(conn, &mut editing, variant, image_id, place, terms, now)?;
    }
    let order = order(product, &editing);
    if !editing.variants.iter().map(|it| it.id).eq(order.iter().copied()) {
        put_in_order(conn, &mut editing, &order, now)?;
    }
    let slug = editing.row.slug.clone();
    if former_slugs::adopt(conn, id, &slug, &product.former_slugs)? {
        editing.touched = true;
    }
    Ok(match edit_product::finish(conn, editing, now)? {
        edit_product::Outcome::Changed => Written::Updated,
        edit_product::Outcome::Unchanged => Written::Unchanged,
    })
}

/// The product's options, and behind their values those that variants have of which nothing is said.
fn options(product: &PortableProduct, editing: &Editing) -> Vec<ProductOption> {
    let mut options = product.options.clone();
    for variant in editing.variants.iter().filter(|it| product.variants.iter().all(|said| said.sku != it.sku)) {
        for option in &mut options {
            option.values.extend(variant.options.get(&option.name).filter(|it| !option.values.contains(it)).cloned());
        }
    }
    options
}

/// Makes the images those that are said, with what else there is behind them; their ids in the order of the said.
fn write_images(
    conn: &mut Conn,
    editing: &mut Editing,
    product: &PortableProduct,
    new_images: &[Option<NewImage>],
    now: UtcTime,
) -> Result<Vec<ImageId>> {
    for image in new_images.iter().flatten() {
        write_image::add_image(conn, editing, image.clone(), now)?;
    }
    let before = write_image::images_of(conn, editing.row.id)?;
    let is_new = |row: &ImageRow| new_images.iter().flatten().any(|it| it.id == row.id);
    let (mut added, mut present): (Vec<ImageRow>, Vec<ImageRow>) = before.iter().cloned().partition(is_new);
    let mut after = Vec::new();
    for (image, new) in product.images.iter().zip(new_images) {
        let of_image = |row: &ImageRow| match new {
            Some(new) => row.id == new.id,
            None => row.hash == image.hash,
        };
        let rows = if new.is_some() { &mut added } else { &mut present };
        let place = rows.iter().position(of_image).ok_or_else(gone_meanwhile)?;
        let row = rows.remove(place);
        let focal_point = image.focal_point.map(Json::new);
        after.push(ImageRow { alt: image.alt.clone(), focal_point, ..row });
    }
    let ids = after.iter().map(|it| it.id).collect();
    after.append(&mut present);
    write_image::save(conn, editing, &before, after)?;
    Ok(ids)
}

fn write_variant(
    conn: &mut Conn,
    editing: &mut Editing,
    variant: &PortableVariant,
    image_id: Patch<ImageId>,
    place: usize,
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<()> {
    let at = format!("#/variants/{place}");
    let known = editing.variant_of_sku(&variant.sku);
    let id = match known {
        Some(id) => id,
        None => create_variant(conn, editing, &new_variant(variant), &at, terms, now)?,
    };
    let present = editing.variant(id)?.options.keys();
    let mut chosen: BTreeMap<_, _> = present.map(|name| (name.clone(), None)).collect();
    chosen.extend(variant.options.iter().map(|(name, value)| (name.clone(), Some(value.clone()))));
    let change = VariantChange {
        external_id: exactly(variant.external_id.clone()),
        sku: None,
        name: exactly(variant.name.clone()),
        options: Some(chosen),
        prices: Some(prices(variant)),
        barcode: exactly(variant.barcode.clone()),
        weight_grams: exactly(variant.weight_grams),
        min_order_quantity: Some(variant.min_order_quantity),
        max_order_quantity: exactly(variant.max_order_quantity),
        image_id,
        position: None,
    };
    change_variant(conn, editing, id, &change, &at, terms, now)
}

/// The variants in the order in which they are said, with those that are not said behind them.
fn order(product: &PortableProduct, editing: &Editing) -> Vec<VariantId> {
    let said = |sku: &str| product.variants.iter().position(|it| it.sku == sku).unwrap_or(usize::MAX);
    let mut order: Vec<(usize, VariantId)> = editing.variants.iter().map(|it| (said(&it.sku), it.id)).collect();
    // Stable: those that are not said stay in the order that they have.
    order.sort_by_key(|(place, _)| *place);
    order.into_iter().map(|(_, id)| id).collect()
}
