//! Makes a product with its variants, their prices and their stock.

use diesel::{prelude::*, result::Error as DieselError};
use serde_json::json;

use super::{
    attribute_definition, description,
    draft::{NewImage, NewProduct, NewVariant, Price, Terms},
    filterable,
    former_slugs::of_products as former_slugs,
    model::{Availability, OrderQuantities, Slug},
    rules,
    store::{ImageRow, PriceRangeRow, PriceRow, ProductCategoryRow, ProductRow, VariantRow},
    taken::{self, Wanted},
};
use crate::{
    db::{
        Conn,
        columns::Json,
        constraints::{Failure, classify, is_duplicate},
        dialect,
        schema::{brands, categories, images, prices, product_categories, product_price_ranges, products, variants},
    },
    error::{Code, Error, Result, Violation},
    events::{EventType, record},
    ids::{BrandId, CategoryId, ProductId, VariantId},
    inventory, on_each_database,
    text::fold,
    time::UtcTime,
};

/// Makes a product, whole or not at all: on an error the caller rolls back.
///
/// # Errors
/// 422 with every violation, 409 where all of them are `slug_taken`, `external_id_taken` or `sku_taken`.
pub fn create_product(conn: &mut Conn, new: &NewProduct, terms: Terms<'_>, now: UtcTime) -> Result<ProductId> {
    let ids =
        ProductIds { product: ProductId::new(), variants: new.variants.iter().map(|_| VariantId::new()).collect() };
    dialect::hold_definitions(conn)?;
    let mut violations = attribute_definition::check_kinds(conn, &new.attributes)?;
    violations.extend(rules::check_publication(new.status, new.publish_at, now));
    violations.extend(taken::of_product(conn, None, new.slug.as_ref(), new.external_id.as_deref())?);
    let wanted = new.variants.iter().enumerate().map(|(place, it)| Wanted::of(it, format!("#/variants/{place}")));
    violations.extend(taken::of_variants(conn, None, &wanted.collect::<Vec<_>>())?);
    create(conn, &ids, new, violations, terms, now)
}

/// The ids of a product to be made and of its variants, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductIds {
    /// The product's.
    pub product: ProductId,
    /// As many as there are variants.
    pub variants: Vec<VariantId>,
}

/// [`create_product`] under ids that are known before, for what was in a shop already: an attribute of another kind than
/// the shop says is kept and shown, and not filtered by.
///
/// # Errors
/// As [`create_product`].
pub fn create_product_as(
    conn: &mut Conn,
    ids: &ProductIds,
    new: &NewProduct,
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<ProductId> {
    dialect::hold_definitions(conn)?;
    create(conn, ids, new, Vec::new(), terms, now)
}

fn create(
    conn: &mut Conn,
    ids: &ProductIds,
    new: &NewProduct,
    violations: Vec<Violation>,
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<ProductId> {
    let description = check(conn, new, violations, terms)?;
    let product_id = ids.product;
    let shown = new.variants.iter().map(|it| Availability::of_units(it.stock, terms.low_stock));
    let mut row = ProductRow {
        id: product_id,
        external_id: new.external_id.clone(),
        // One of the candidates takes its place before the row is written.
        slug: new.slug.clone().unwrap_or_else(|| id_slug(product_id)),
        name: new.name.clone(),
        name_folded: fold(&new.name),
        description,
        status: new.status,
        brand_id: new.brand_id,
        options: Json::new(new.options.clone()),
        attributes: Json::new(new.attributes.clone()),
        availability: Availability::best(shown),
        publish_at: new.publish_at,
        unpublish_at: new.unpublish_at,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    insert_product(conn, &mut row, new.slug.is_some())?;
    place_in_categories(conn, product_id, &new.category_ids)?;
    insert_images(conn, product_id, &new.images, 0, now)?;
    filterable::add(conn, product_id, &new.attributes, new.variants.iter().map(|it| &it.options))?;
    create_variants(conn, &row, &ids.variants, &new.variants, terms, now)?;
    record(conn, now, EventType::ProductCreated, product_id.as_str(), 1, json!({}))?;
    Ok(product_id)
}

/// The description as it is kept, where no rule is broken beside those that were found broken before.
fn check(conn: &mut Conn, new: &NewProduct, mut violations: Vec<Violation>, terms: Terms<'_>) -> Result<String> {
    violations.extend(rules::check_options(&new.options));
    violations.extend(rules::check_variants(&new.options, &new.variants, terms.currencies));
    violations.extend(rules::check_schedule(new.publish_at, new.unpublish_at, "#/unpublish_at"));
    violations.extend(check_references(conn, new.brand_id, &new.category_ids)?);
    match description::cleaned(new.description.clone()) {
        Ok(description) if violations.is_empty() => return Ok(description),
        Ok(_) => {}
        Err(violation) => violations.push(violation),
    }
    Err(Error::invalid(violations))
}

/// Which of the brand and the categories are not there, or stand twice.
pub(super) fn check_references(
    conn: &mut Conn,
    brand_id: Option<BrandId>,
    category_ids: &[CategoryId],
) -> QueryResult<Vec<Violation>> {
    let mut violations = Vec::new();
    if let Some(id) = brand_id
        && brands::table.find(id).select(brands::id).first::<BrandId>(conn).optional()?.is_none()
    {
        violations.push(Violation::at("#/brand_id", Code::NotFound, "There is no such brand."));
    }
    if category_ids.is_empty() {
        return Ok(violations);
    }
    let known: Vec<CategoryId> =
        categories::table.filter(categories::id.eq_any(category_ids)).select(categories::id).load(conn)?;
    for (place, id) in category_ids.iter().enumerate() {
        let pointer = format!("#/category_ids/{place}");
        if !known.contains(id) {
            violations.push(Violation::at(pointer, Code::NotFound, "There is no such category."));
        } else if category_ids[..place].contains(id) {
            violations.push(Violation::at(pointer, Code::Duplicate, "The category stands in the list already."));
        }
    }
    Ok(violations)
}

/// Writes the row under the slug that is given, or under the first free one that its name makes.
fn insert_product(conn: &mut Conn, row: &mut ProductRow, given: bool) -> Result<()> {
    let candidates = if given { vec![row.slug.clone()] } else { slugs_for(row) };
    for slug in candidates {
        row.slug = slug;
        let row = &*row;
        let inserted = on_each_database!(conn, conn => {
            diesel::insert_into(products::table).values(row).on_conflict(products::slug).do_nothing().execute(conn)
        });
        if inserted.map_err(product_taken)? == 0 {
            continue;
        }
        // Looked at only now: the row just written has waited for whoever was leaving this slug.
        if !former_slugs::was_anothers(conn, &row.slug, row.id)? {
            return Ok(());
        }
        diesel::delete(products::table.find(row.id)).execute(conn)?;
    }
    Err(slug_taken().into())
}

/// Slugs to try: the name, the name with the external id behind it, the name with the end of the id behind it.
fn slugs_for(row: &ProductRow) -> Vec<Slug> {
    let own = id_slug(row.id);
    let external_id = row.external_id.as_deref();
    match Slug::from_name(&row.name) {
        Some(stem) => {
            let longer = [external_id, Some(own.as_str())].into_iter().flatten().filter_map(|it| stem.with_suffix(it));
            std::iter::once(stem.clone()).chain(longer).collect()
        }
        None => external_id.and_then(Slug::from_name).into_iter().chain([own]).collect(),
    }
}

/// The random end of an id as a slug.
fn id_slug(id: ProductId) -> Slug {
    let text = id.as_str();
    #[expect(
        clippy::expect_used,
        reason = "the characters of an id behind its prefix are lower-case letters and digits"
    )]
    text[text.len() - 10..].parse().expect("a slug")
}

pub(super) fn slug_taken() -> Violation {
    Violation::at("#/slug", Code::SlugTaken, "Another product has, or had, this slug.")
}

pub(super) fn external_id_taken() -> Violation {
    Violation::at("#/external_id", Code::ExternalIdTaken, "Another product has this external id.")
}

pub(super) fn product_taken(error: DieselError) -> Error {
    if is_duplicate(&error, "products.slug") {
        return slug_taken().into();
    }
    if is_duplicate(&error, "products.external_id") {
        return external_id_taken().into();
    }
    gone_meanwhile(error)
}

/// What was there when it was looked for and is not when it is referred to has been deleted at the same time.
pub(super) fn gone_meanwhile(error: DieselError) -> Error {
    if classify(&error) == Failure::ForeignKey {
        return Error::problem(
            Code::Conflict,
            "A brand, a category or an image that this names has just been deleted.",
        );
    }
    error.into()
}

pub(super) fn place_in_categories(conn: &mut Conn, product_id: ProductId, category_ids: &[CategoryId]) -> Result<()> {
    if category_ids.is_empty() {
        return Ok(());
    }
    let rows: Vec<ProductCategoryRow> = (0..)
        .zip(category_ids)
        .map(|(position, &category_id)| ProductCategoryRow { product_id, category_id, position })
        .collect();
    let placed =
        on_each_database!(conn, conn => diesel::insert_into(product_categories::table).values(&rows).execute(conn));
    placed.map(drop).map_err(gone_meanwhile)
}

/// Hangs images on a product, the first at `position`.
pub(super) fn insert_images(
    conn: &mut Conn,
    product_id: ProductId,
    new: &[NewImage],
    position: i32,
    now: UtcTime,
) -> QueryResult<()> {
    for (position, image) in (position..).zip(new) {
        let NewImage { id, hash, alt, width, height, placeholder, renditions, focal_point } = image.clone();
        let renditions = Json::new(renditions);
        let (focal_point, created_at) = (focal_point.map(Json::new), now);
        let row = ImageRow {
            id,
            product_id,
            hash,
            alt,
            width,
            height,
            placeholder,
            renditions,
            focal_point,
            position,
            created_at,
        };
        diesel::insert_into(images::table).values(&row).execute(conn)?;
    }
    Ok(())
}

fn create_variants(
    conn: &mut Conn,
    product: &ProductRow,
    ids: &[VariantId],
    new: &[NewVariant],
    terms: Terms<'_>,
    now: UtcTime,
) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let mut all_prices = Vec::new();
    let mut stock = Vec::new();
    for ((position, &id), variant) in (0..).zip(ids).zip(new) {
        let row = VariantRow { id, ..variant_row(product, variant, position, terms.low_stock, now) };
        insert_variant(conn, &row, &format!("#/variants/{position}"))?;
        all_prices.extend(price_rows(row.id, &variant.prices));
        stock.push((row.id, variant.stock));
    }
    insert_prices(conn, &all_prices)?;
    insert_price_ranges(conn, product.id, &all_prices)?;
    Ok(inventory::create_stock(conn, &stock, now)?)
}

pub(super) fn variant_row(
    product: &ProductRow,
    new: &NewVariant,
    position: i32,
    low_stock: i64,
    now: UtcTime,
) -> VariantRow {
    let NewVariant {
        external_id,
        sku,
        name,
        options,
        prices: _,
        stock,
        barcode,
        weight_grams,
        order_quantities: OrderQuantities { min, max },
        image_id,
    } = new.clone();
    VariantRow {
        id: VariantId::new(),
        product_id: product.id,
        external_id,
        sku,
        name: name.unwrap_or_else(|| rules::derived_name(&product.name, &product.options, &options)),
        options: Json::new(options),
        barcode,
        weight_grams,
        image_id,
        availability: Availability::of_units(stock, low_stock),
        position,
        min_order_quantity: min,
        max_order_quantity: max,
        created_at: now,
        updated_at: now,
    }
}

/// Writes a variant that the request names at `at`.
pub(super) fn insert_variant(conn: &mut Conn, row: &VariantRow, at: &str) -> Result<()> {
    diesel::insert_into(variants::table).values(row).execute(conn).map_err(|error| variant_taken(error, at))?;
    Ok(())
}

pub(super) fn variant_taken(error: DieselError, at: &str) -> Error {
    if is_duplicate(&error, "variants.sku") {
        return taken::sku_taken(at).into();
    }
    if is_duplicate(&error, "variants.external_id") {
        return taken::variant_key_taken(at).into();
    }
    gone_meanwhile(error)
}

pub(super) fn price_rows(variant_id: VariantId, of_variant: &[Price]) -> impl Iterator<Item = PriceRow> {
    of_variant.iter().map(move |&Price { amount, currency, compare_at }| PriceRow {
        variant_id,
        currency,
        amount,
        compare_at,
    })
}

pub(super) fn insert_prices(conn: &mut Conn, rows: &[PriceRow]) -> QueryResult<()> {
    match rows {
        [] => Ok(()),
        // The usual case of an import: one statement that both databases keep prepared.
        [only] => diesel::insert_into(prices::table).values(only).execute(conn).map(drop),
        many => {
            on_each_database!(conn, conn => diesel::insert_into(prices::table).values(many).execute(conn)).map(drop)
        }
    }
}

/// Writes the cheapest and the dearest of `of_product` in each currency.
pub(super) fn insert_price_ranges(conn: &mut Conn, product_id: ProductId, of_product: &[PriceRow]) -> QueryResult<()> {
    for row in PriceRangeRow::of(product_id, of_product) {
        diesel::insert_into(product_price_ranges::table).values(&row).execute(conn)?;
    }
    Ok(())
}
