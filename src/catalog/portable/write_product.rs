//! Makes a product as it is said to be, or changes the one that is there.

use diesel::prelude::*;

use super::{PortableProduct, PortableVariant, Written, change_product::change, write::category_of_slug};
use crate::{
    catalog::{
        create_product::{ProductIds, create_product_as},
        draft::{NewImage, NewProduct, NewVariant, Price, Terms},
        former_slugs::of_products as former_slugs,
        model::OrderQuantities,
    },
    db::{
        Conn,
        columns::Json,
        schema::{brands, images, products, variants},
    },
    error::{Code, Error, Result, Violation},
    ids::{BrandId, CategoryId, ProductId, VariantId},
    media::ContentHash,
    time::UtcTime,
};

/// What a product's slugs lead to.
pub(super) struct Places {
    pub(super) brand_id: Option<BrandId>,
    pub(super) category_ids: Vec<CategoryId>,
}

/// The hashes of the images that the product has already, each as often as it has it.
///
/// # Errors
/// A database error.
pub fn known_images(conn: &mut Conn, product: &PortableProduct) -> QueryResult<Vec<ContentHash>> {
    let Some(id) = find(conn, product)? else { return Ok(Vec::new()) };
    images::table.filter(images::product_id.eq(id)).select(images::hash).load(conn)
}

/// Writes a product, which is found by its external id where it has one, else by its slug: whole or not at all, on an
/// error the caller rolls back. `new_images` are those of its images that it does not have yet, in their places.
///
/// What is there already and is not named stays, behind what is named: variants and images. So does the stock of
/// variants that are there, and the time at which the product was made.
///
/// # Errors
/// 422 with every violation, 409 `slug_taken`, `external_id_taken` or `sku_taken`.
pub fn write_product(
    conn: &mut Conn,
    product: &PortableProduct,
    new_images: &[Option<NewImage>],
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<Written> {
    let places = find_places(conn, product)?;
    match find(conn, product)? {
        Some(id) => change(conn, id, product, places, new_images, terms, now),
        None => create(conn, product, places, new_images, terms, now),
    }
}

fn find(conn: &mut Conn, product: &PortableProduct) -> QueryResult<Option<ProductId>> {
    let of_slug = products::table.filter(products::slug.eq(&product.slug));
    let Some(key) = &product.external_id else { return of_slug.select(products::id).first(conn).optional() };
    let of_key = products::table.filter(products::external_id.eq(key));
    let by_key = of_key.select(products::id).first(conn).optional()?;
    if by_key.is_some() {
        return Ok(by_key);
    }
    // One that has another key is another product; that its slug is taken is told when it is written.
    of_slug.filter(products::external_id.is_null()).select(products::id).first(conn).optional()
}

fn find_places(conn: &mut Conn, product: &PortableProduct) -> Result<Places> {
    let mut violations = Vec::new();
    let brand_id = match &product.brand {
        None => None,
        Some(slug) => {
            let of_slug = brands::table.filter(brands::slug.eq(slug)).select(brands::id);
            let found: Option<BrandId> = of_slug.first(conn).optional()?;
            if found.is_none() {
                violations.push(Violation::at("#/brand", Code::NotFound, format!("There is no brand `{slug}`.")));
            }
            found
        }
    };
    let mut category_ids = Vec::new();
    for (place, slug) in product.categories.iter().enumerate() {
        let pointer = format!("#/categories/{place}");
        match category_of_slug(conn, slug)? {
            Some(id) if !category_ids.contains(&id) => category_ids.push(id),
            Some(_) => violations.push(Violation::at(pointer, Code::Duplicate, "The category stands there already.")),
            None => {
                let detail = format!("There is no category `{slug}`.");
                violations.push(Violation::at(pointer, Code::NotFound, detail));
            }
        }
    }
    for (place, variant) in product.variants.iter().enumerate() {
        if variant.image.is_some_and(|image| image >= product.images.len()) {
            let detail = "The product has no image in this place.";
            violations.push(Violation::at(format!("#/variants/{place}/image"), Code::NotFound, detail));
        }
        if product.variants[..place].iter().any(|it| it.sku == variant.sku) {
            let detail = "Another variant of the product has this SKU.";
            violations.push(Violation::at(format!("#/variants/{place}/sku"), Code::SkuTaken, detail));
        }
    }
    if violations.is_empty() { Ok(Places { brand_id, category_ids }) } else { Err(Error::invalid(violations)) }
}

fn create(
    conn: &mut Conn,
    product: &PortableProduct,
    places: Places,
    new_images: &[Option<NewImage>],
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<Written> {
    let images: Vec<NewImage> = new_images.iter().flatten().cloned().collect();
    if images.len() != product.images.len() {
        return Err(gone_meanwhile());
    }
    let ids =
        ProductIds { product: ProductId::new(), variants: product.variants.iter().map(|_| VariantId::new()).collect() };
    let new = NewProduct {
        external_id: product.external_id.clone(),
        slug: Some(product.slug.clone()),
        name: product.name.clone(),
        description: product.description.clone(),
        status: product.status,
        publish_at: product.publish_at,
        unpublish_at: product.unpublish_at,
        brand_id: places.brand_id,
        category_ids: places.category_ids,
        options: product.options.clone(),
        attributes: product.attributes.clone(),
        variants: product.variants.iter().map(new_variant).collect(),
        images: images.clone(),
    };
    create_product_as(conn, &ids, &new, terms, now)?;
    // What only a product that has been somewhere before brings along.
    if let Some(created_at) = product.created_at {
        diesel::update(products::table.find(ids.product)).set(products::created_at.eq(created_at)).execute(conn)?;
    }
    for (own, image) in images.iter().zip(&product.images) {
        if let Some(point) = image.focal_point {
            let point = Some(Json::new(point));
            diesel::update(images::table.find(own.id)).set(images::focal_point.eq(point)).execute(conn)?;
        }
    }
    for (id, variant) in ids.variants.iter().zip(&product.variants) {
        if let Some(image) = variant.image.and_then(|place| images.get(place)) {
            diesel::update(variants::table.find(id)).set(variants::image_id.eq(image.id)).execute(conn)?;
        }
    }
    former_slugs::adopt(conn, ids.product, &product.slug, &product.former_slugs)?;
    Ok(Written::Created)
}

pub(super) fn new_variant(variant: &PortableVariant) -> NewVariant {
    NewVariant {
        external_id: variant.external_id.clone(),
        sku: variant.sku.clone(),
        name: variant.name.clone(),
        options: variant.options.clone(),
        prices: prices(variant),
        stock: variant.stock,
        barcode: variant.barcode.clone(),
        weight_grams: variant.weight_grams,
        // Set once the images have their ids.
        image_id: None,
        order_quantities: OrderQuantities { min: variant.min_order_quantity, max: variant.max_order_quantity },
    }
}

pub(super) fn prices(variant: &PortableVariant) -> Vec<Price> {
    let price =
        |it: &super::PortablePrice| Price { amount: it.amount, currency: it.currency, compare_at: it.compare_at };
    variant.prices.iter().map(price).collect()
}

/// Two who change one product at once: the later one looks again.
pub(super) fn gone_meanwhile() -> Error {
    Error::problem(Code::Conflict, "The product's images have just been changed. Import the file again.")
}
