//! Makes a product like another one.

use super::{
    create_product::{ProductIds, create_product_as},
    draft::{NewImage, NewProduct, NewVariant, Terms},
    edit_product::{self, Editing},
    model::{ProductStatus, Slug},
    rules,
    store::{ImageRow, PriceRow, VariantRow},
    write_image,
};
use crate::{
    db::{Conn, columns::Json},
    error::{Code, Error, Result, Violation},
    http::etag::IfMatch,
    ids::{ImageId, ProductId, VariantId},
    media::ImageName,
    time::UtcTime,
};

/// The most characters of a SKU.
const SKU_LENGTH: usize = 100;

/// What is to be different about the copy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Likeness {
    /// Its name; that of the original where it is not given.
    pub name: Option<String>,
    /// Its name in addresses; made from its name where it is not given.
    pub slug: Option<Slug>,
    /// What stands behind the SKUs of the original; a piece of the variant's id where it is not given.
    pub sku_suffix: Option<String>,
}

/// Makes a draft like a product, whole or not at all. `images` names those of the original whose files are kept a second
/// time, each with its copy; prices in currencies that the shop no longer offers stay behind.
///
/// # Errors
/// 404, 412 `stale_version`, 409 `slug_taken` or `sku_taken`, 422 where a SKU would be too long.
pub fn clone_product(
    conn: &mut Conn,
    id: ProductId,
    condition: &IfMatch,
    likeness: &Likeness,
    images: &[(ImageId, ImageName)],
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<ProductId> {
    let original = edit_product::open(conn, id, condition)?;
    let present = write_image::images_of(conn, id)?;
    let ids = ProductIds {
        product: ProductId::new(),
        variants: original.variants.iter().map(|_| VariantId::new()).collect(),
    };
    let copy_of = |id: ImageId| images.iter().find(|(original, _)| *original == id).map(|(_, copy)| copy.id);
    let mut variants = Vec::new();
    for (&id, row) in ids.variants.iter().zip(&original.variants) {
        let image_id = row.image_id.and_then(copy_of);
        let sku = sku(row, id, likeness.sku_suffix.as_deref())?;
        variants.push(NewVariant { sku, image_id, ..variant(&original, row, terms) });
    }
    let row = &original.row;
    let new = NewProduct {
        external_id: None,
        slug: likeness.slug.clone(),
        name: likeness.name.clone().unwrap_or_else(|| row.name.clone()),
        description: row.description.clone(),
        status: ProductStatus::Draft,
        publish_at: None,
        unpublish_at: None,
        brand_id: row.brand_id,
        category_ids: original.category_ids.clone(),
        options: row.options.clone().into_inner(),
        attributes: row.attributes.clone().into_inner(),
        variants,
        images: present.into_iter().filter_map(|row| Some(image(copy_of(row.id)?, row))).collect(),
    };
    create_product_as(conn, &ids, &new, terms, now).map_err(as_asked)
}

/// What the copy of a variant takes from it.
fn variant(original: &Editing, row: &VariantRow, terms: Terms<'_>) -> NewVariant {
    let product = &original.row;
    let derived = rules::derived_name(&product.name, &product.options, &row.options);
    let prices = original.prices.iter().filter(|it| it.variant_id == row.id && terms.currencies.contains(&it.currency));
    NewVariant {
        external_id: None,
        sku: row.sku.clone(),
        name: (row.name != derived).then(|| row.name.clone()),
        options: row.options.clone().into_inner(),
        prices: prices.map(PriceRow::price).collect(),
        stock: 0,
        barcode: None,
        weight_grams: row.weight_grams,
        order_quantities: row.order_quantities(),
        image_id: None,
    }
}

fn image(id: ImageId, row: ImageRow) -> NewImage {
    let ImageRow {
        id: _,
        product_id: _,
        hash,
        alt,
        width,
        height,
        placeholder,
        renditions,
        focal_point,
        position: _,
        created_at: _,
    } = row;
    let (renditions, focal_point) = (renditions.into_inner(), focal_point.map(Json::into_inner));
    NewImage { id, hash, alt, width, height, placeholder, renditions, focal_point }
}

/// The SKU of the copy of a variant. By the end of its id it is its own, however long the original's is.
fn sku(original: &VariantRow, id: VariantId, suffix: Option<&str>) -> Result<String> {
    let own = id.to_string();
    let own = &own[own.len() - 10..];
    let Some(suffix) = suffix else {
        let stem: String = original.sku.chars().take(SKU_LENGTH - 1 - own.len()).collect();
        return Ok(format!("{stem}-{own}"));
    };
    let sku = format!("{}{suffix}", original.sku);
    if sku.chars().count() <= SKU_LENGTH {
        return Ok(sku);
    }
    let detail = format!("`{}` would have more than {SKU_LENGTH} characters with it.", original.sku);
    Err(Violation::at("#/sku_suffix", Code::TooLong, detail).into())
}

/// What is wrong with SKUs is wrong with the suffix that made them.
fn as_asked(error: Error) -> Error {
    match error.code() {
        Some(Code::SkuTaken) => {
            Violation::at("#/sku_suffix", Code::SkuTaken, "Another variant has one of these SKUs.").into()
        }
        _ => error,
    }
}
