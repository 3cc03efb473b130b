//! Makes a row's product, or changes it to what the row says. What the row does not say stays.

use std::collections::HashSet;

use super::row::{PriceDraft, ProductDraft, VariantDraft};
use crate::{
    catalog::{
        attribute_definition::adopted,
        change_product::change_product,
        create_product::create_product,
        draft::{NewImage, NewProduct, NewVariant, Price, ProductChange, Terms, VariantChange},
        edit_product::{self, Editing},
        find_or_create::{brand_named, category_at, product_of_external_id},
        model::{OrderQuantities, ProductOption, ProductStatus, VariantOptions},
        portable::Written,
        set_prices::with_prices,
        write_image,
        write_variant::{change_variant, create_variant},
    },
    db::Conn,
    error::{Code, Result, Violation},
    http::etag::IfMatch,
    ids::{BrandId, CategoryId, ProductId, VariantId},
    media::ContentHash,
    patch::Patch,
    time::UtcTime,
};

/// Writes the row, whole or not at all: on an error the caller rolls back.
///
/// # Errors
/// What the catalogue refuses, by its own pointers.
pub(super) fn write_product(
    conn: &mut Conn,
    draft: &ProductDraft,
    images: Vec<NewImage>,
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<Written> {
    let brand_id = match &draft.brand {
        Patch::Absent => Patch::Absent,
        Patch::Null => Patch::Null,
        Patch::Value(name) => Patch::Value(brand_named(conn, name, now)?),
    };
    let draft = &ProductDraft { attributes: adopted(conn, &draft.attributes)?, ..draft.clone() };
    let path = draft.category_path.as_deref().unwrap_or_default();
    let category_id = category_at(conn, path, now)?;
    match product_of_external_id(conn, &draft.external_id)? {
        None => create(conn, draft, images, brand_id, category_id, terms, now),
        Some(id) => change(conn, id, draft, images, brand_id, category_id, terms, now),
    }
}

fn create(
    conn: &mut Conn,
    draft: &ProductDraft,
    images: Vec<NewImage>,
    brand_id: Patch<BrandId>,
    category_id: Option<CategoryId>,
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<Written> {
    let name =
        draft.name.clone().ok_or_else(|| Violation::at("#/name", Code::Required, "A new product has a name."))?;
    let new = NewProduct {
        external_id: Some(draft.external_id.clone()),
        slug: draft.slug.clone(),
        name,
        description: draft.description.clone().unwrap_or_default(),
        status: draft.status.unwrap_or(ProductStatus::Published),
        publish_at: None,
        unpublish_at: None,
        brand_id: brand_id.apply(None),
        category_ids: category_id.into_iter().collect(),
        options: options(Vec::new(), &draft.variants),
        attributes: draft.attributes.clone(),
        variants: draft.variants.iter().map(new_variant).collect(),
        images,
    };
    create_product(conn, &new, terms, now)?;
    Ok(Written::Created)
}

#[expect(clippy::too_many_arguments, reason = "what a row became, in parts")]
fn change(
    conn: &mut Conn,
    id: ProductId,
    draft: &ProductDraft,
    images: Vec<NewImage>,
    brand_id: Patch<BrandId>,
    category_id: Option<CategoryId>,
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<Written> {
    let mut editing = edit_product::open(conn, id, &IfMatch::Any)?;
    let mut category_ids = editing.category_ids.clone();
    category_ids.extend(category_id.filter(|id| !editing.category_ids.contains(id)));
    let attributes = draft.attributes.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
    let change = ProductChange {
        external_id: Patch::Absent,
        slug: draft.slug.clone(),
        name: draft.name.clone(),
        description: draft.description.clone(),
        status: draft.status,
        publish_at: Patch::Absent,
        unpublish_at: Patch::Absent,
        brand_id,
        category_ids: Some(category_ids),
        options: Some(options(editing.row.options.clone().into_inner(), &draft.variants)),
        variant_options: editing.chosen_options(draft.variants.iter().map(|it| (it.sku.as_str(), it.options.as_ref()))),
        attributes: Patch::Value(attributes.collect()),
    };
    change_product(conn, &mut editing, &change, now)?;
    for (place, variant) in draft.variants.iter().enumerate() {
        write_variant(conn, &mut editing, variant, &format!("#/variants/{place}"), terms, now)?;
    }
    let mut known: HashSet<ContentHash> = HashSet::new();
    if !images.is_empty() {
        known.extend(write_image::images_of(conn, editing.row.id)?.into_iter().map(|it| it.hash));
    }
    for image in images {
        // Another import may have hung it there since it was drawn.
        if known.insert(image.hash) {
            write_image::add_image(conn, &mut editing, image, now)?;
        }
    }
    Ok(match edit_product::finish(conn, editing, now)? {
        edit_product::Outcome::Changed => Written::Updated,
        edit_product::Outcome::Unchanged => Written::Unchanged,
    })
}

fn write_variant(
    conn: &mut Conn,
    editing: &mut Editing,
    draft: &VariantDraft,
    at: &str,
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<()> {
    let Some(id) = editing.variant_of_sku(&draft.sku) else {
        return create_variant(conn, editing, &new_variant(draft), at, terms, now).map(drop);
    };
    let options = draft.options.as_ref();
    let options = options.map(|it| it.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect());
    let prices: Vec<Price> = draft.prices.iter().map(|it| price(it, compared_with(editing, id, it))).collect();
    let prices = (!prices.is_empty()).then(|| with_prices(editing, id, &prices));
    let change = VariantChange {
        name: draft.name.clone(),
        options,
        prices,
        barcode: draft.barcode.clone(),
        weight_grams: draft.weight_grams.clone(),
        min_order_quantity: draft.min_order_quantity,
        max_order_quantity: draft.max_order_quantity.clone(),
        ..VariantChange::default()
    };
    change_variant(conn, editing, id, &change, at, terms, now)
}

/// What a price is compared with now: where the file has no place for that, it stays.
fn compared_with(editing: &Editing, id: VariantId, draft: &PriceDraft) -> Option<i64> {
    editing.prices.iter().find(|it| it.variant_id == id && it.currency == draft.currency)?.compare_at
}

fn price(draft: &PriceDraft, compared_with: Option<i64>) -> Price {
    let PriceDraft { currency, amount, compare_at } = draft.clone();
    Price { amount, currency, compare_at: compare_at.apply(compared_with) }
}

fn new_variant(draft: &VariantDraft) -> NewVariant {
    NewVariant {
        external_id: None,
        sku: draft.sku.clone(),
        name: draft.name.clone().apply(None),
        options: draft.options.clone().unwrap_or_default(),
        prices: draft.prices.iter().map(|it| price(it, None)).collect(),
        stock: draft.stock.unwrap_or(0),
        barcode: draft.barcode.clone().apply(None),
        weight_grams: draft.weight_grams.clone().apply(None),
        order_quantities: OrderQuantities {
            min: draft.min_order_quantity.unwrap_or(1),
            max: draft.max_order_quantity.clone().apply(None),
        },
        image_id: None,
    }
}

/// A product's options with what its variants add to them.
fn options(mut options: Vec<ProductOption>, variants: &[VariantDraft]) -> Vec<ProductOption> {
    let chosen = variants.iter().filter_map(|it| it.options.as_ref()).flat_map(VariantOptions::iter);
    for (name, value) in chosen {
        match options.iter_mut().find(|it| it.name == *name) {
            Some(option) if option.values.contains(value) => {}
            Some(option) => option.values.push(value.clone()),
            None => options.push(ProductOption { name: name.clone(), values: vec![value.clone()] }),
        }
    }
    options
}
