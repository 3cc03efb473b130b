//! Reads the catalogue, in an order in which it can be written again: what is named comes before what names it.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{
    PortableAttribute, PortableBrand, PortableCategory, PortableImage, PortablePrice, PortableProduct, PortableVariant,
};
use crate::{
    catalog::{
        attribute_definition::{self, Definition},
        former_slugs,
        model::Slug,
        parts, rules,
        store::{BrandRow, CategoryRow, ImageRow, PriceRow, ProductRow, VariantRow},
        tree::CategoryTree,
    },
    db::{
        Conn,
        columns::Json,
        schema::{brands, former_product_slugs, products},
    },
    ids::{BrandId, CategoryId, ImageId, ProductId, VariantId},
    inventory,
    media::{ContentHash, ImageName},
};

/// Products that are held in memory together.
const AT_ONCE: i64 = 100;

/// All definitions of attributes, in the order to show them.
///
/// # Errors
/// A database error.
pub fn attributes(conn: &mut Conn) -> QueryResult<Vec<PortableAttribute>> {
    let portable = |row: Definition| {
        let Definition { key, label, kind, unit, filterable, position, .. } = row;
        PortableAttribute { key, label, kind, unit, filterable, position }
    };
    Ok(attribute_definition::load_all(conn)?.into_iter().map(portable).collect())
}

/// All brands, in the order in which they were made.
///
/// # Errors
/// A database error.
pub fn brands(conn: &mut Conn) -> QueryResult<Vec<PortableBrand>> {
    let rows: Vec<BrandRow> = brands::table.order(brands::id.asc()).select(BrandRow::as_select()).load(conn)?;
    let mut former = former_slugs::all_of_brands(conn)?;
    let portable = |row: BrandRow| PortableBrand {
        former_slugs: former.remove(&row.id).unwrap_or_default(),
        slug: row.slug,
        external_id: row.external_id,
        name: row.name,
    };
    Ok(rows.into_iter().map(portable).collect())
}

/// All categories, each before those in it, siblings in the order to show them.
///
/// # Errors
/// A database error.
pub fn categories(conn: &mut Conn) -> QueryResult<Vec<PortableCategory>> {
    let tree = CategoryTree::load(conn)?;
    let mut former_slugs = former_slugs::all_of_categories(conn)?;
    let mut found = Vec::new();
    // Those that are still to come, the next one last.
    let mut open: Vec<&CategoryRow> = tree.children(None).collect();
    open.reverse();
    while let Some(row) = open.pop() {
        found.push(PortableCategory {
            slug: row.slug.clone(),
            external_id: row.external_id.clone(),
            name: row.name.clone(),
            parent: row.parent_id.and_then(|id| tree.get(id)).map(|it| it.slug.clone()),
            position: row.position,
            former_slugs: former_slugs.remove(&row.id).unwrap_or_default(),
        });
        let children: Vec<&CategoryRow> = tree.children(Some(row.id)).collect();
        open.extend(children.into_iter().rev());
    }
    Ok(found)
}

/// Calls `each` with every product, a few at a time, in the order of their ids. `files` says what the files of an image
/// are named; an image without files is left out.
///
/// # Errors
/// A database error, or what `files` or `each` returns.
pub fn for_each_product<E: From<diesel::result::Error>>(
    conn: &mut Conn,
    mut files: impl FnMut(ImageName) -> Result<Option<ContentHash>, E>,
    mut each: impl FnMut(PortableProduct) -> Result<(), E>,
) -> Result<(), E> {
    let tree = CategoryTree::load(conn)?;
    let mut last = None;
    loop {
        let rows = page(conn, last)?;
        let Some(end) = rows.last().map(|row| row.id) else { return Ok(()) };
        last = Some(end);
        let mut parts = load_parts(conn, &tree, &rows)?;
        for row in rows {
            let mut images = Vec::new();
            for image in parts.images.remove(&row.id).unwrap_or_default() {
                let name = ImageName { id: image.id, hash: image.hash };
                images.extend(files(name)?.map(|files| (image.id, portable_image(files, image))));
            }
            each(parts.portable(row, images))?;
        }
    }
}

/// The products behind `last`, in the order of their ids.
pub(super) fn page(conn: &mut Conn, last: Option<ProductId>) -> QueryResult<Vec<ProductRow>> {
    let mut query =
        products::table.order(products::id.asc()).limit(AT_ONCE).select(ProductRow::as_select()).into_boxed();
    if let Some(last) = last {
        query = query.filter(products::id.gt(last));
    }
    query.load(conn)
}

/// What hangs on the products of a page.
struct Parts<'a> {
    tree: &'a CategoryTree,
    brands: HashMap<BrandId, Slug>,
    variants: HashMap<ProductId, Vec<VariantRow>>,
    prices: HashMap<VariantId, Vec<PriceRow>>,
    stock: HashMap<VariantId, i64>,
    images: HashMap<ProductId, Vec<ImageRow>>,
    categories: HashMap<ProductId, Vec<CategoryId>>,
    former_slugs: HashMap<ProductId, Vec<Slug>>,
}

fn load_parts<'a>(conn: &mut Conn, tree: &'a CategoryTree, rows: &[ProductRow]) -> QueryResult<Parts<'a>> {
    let parts::Parts { listed, variants, mut prices } = parts::load_parts(conn, rows)?;
    let parts::ListedParts { defaults: _, price_ranges: _, images, categories, brands } = listed;
    let variant_ids: Vec<VariantId> = variants.iter().map(|it| it.id).collect();
    let ids: Vec<ProductId> = rows.iter().map(|it| it.id).collect();
    let mut former_slugs: Vec<(ProductId, Slug)> = former_product_slugs::table
        .filter(former_product_slugs::product_id.eq_any(&ids))
        .select((former_product_slugs::product_id, former_product_slugs::slug))
        .load(conn)?;
    former_slugs.sort();
    prices.sort_by_key(|it| it.currency);
    Ok(Parts {
        tree,
        brands: brands.into_iter().map(|it| (it.id, it.slug)).collect(),
        variants: sorted(variants.into_iter().map(|it| (it.product_id, it))),
        prices: sorted(prices.into_iter().map(|it| (it.variant_id, it))),
        stock: inventory::units_on_hand(conn, &variant_ids)?,
        images: sorted(images.into_iter().map(|it| (it.product_id, it))),
        categories: sorted(categories.into_iter().map(|it| (it.product_id, it.category_id))),
        former_slugs: sorted(former_slugs.into_iter()),
    })
}

fn sorted<K: std::hash::Hash + Eq, T>(rows: impl Iterator<Item = (K, T)>) -> HashMap<K, Vec<T>> {
    let mut sorted: HashMap<K, Vec<T>> = HashMap::new();
    for (key, row) in rows {
        sorted.entry(key).or_default().push(row);
    }
    sorted
}

impl Parts<'_> {
    fn portable(&mut self, row: ProductRow, images: Vec<(ImageId, PortableImage)>) -> PortableProduct {
        let variants = self.variants.remove(&row.id).unwrap_or_default();
        let variants = variants.into_iter().map(|it| self.portable_variant(&row, &images, it)).collect();
        let placed = self.categories.remove(&row.id).unwrap_or_default();
        let ProductRow {
            id,
            external_id,
            slug,
            name,
            name_folded: _,
            description,
            status,
            brand_id,
            options,
            attributes,
            availability: _,
            publish_at,
            unpublish_at,
            version: _,
            created_at,
            updated_at: _,
        } = row;
        PortableProduct {
            slug,
            external_id,
            name,
            description,
            status,
            publish_at,
            unpublish_at,
            created_at: Some(created_at),
            former_slugs: self.former_slugs.remove(&id).unwrap_or_default(),
            brand: brand_id.and_then(|id| self.brands.get(&id)).cloned(),
            categories: placed.into_iter().filter_map(|id| Some(self.tree.get(id)?.slug.clone())).collect(),
            options: options.into_inner(),
            attributes: attributes.into_inner(),
            images: images.into_iter().map(|(_, image)| image).collect(),
            variants,
        }
    }

    fn portable_variant(
        &self,
        product: &ProductRow,
        images: &[(ImageId, PortableImage)],
        row: VariantRow,
    ) -> PortableVariant {
        let VariantRow {
            id,
            product_id: _,
            external_id,
            sku,
            name,
            options,
            barcode,
            weight_grams,
            min_order_quantity,
            max_order_quantity,
            image_id,
            availability: _,
            position: _,
            created_at: _,
            updated_at: _,
        } = row;
        let derived = rules::derived_name(&product.name, &product.options, &options);
        let price =
            |row: &PriceRow| PortablePrice { currency: row.currency, amount: row.amount, compare_at: row.compare_at };
        PortableVariant {
            sku,
            external_id,
            name: (name != derived).then_some(name),
            options: options.into_inner(),
            barcode,
            weight_grams,
            min_order_quantity,
            max_order_quantity,
            image: image_id.and_then(|own| images.iter().position(|(id, _)| *id == own)),
            stock: self.stock.get(&id).copied().unwrap_or(0),
            prices: self.prices.get(&id).into_iter().flatten().map(price).collect(),
        }
    }
}

fn portable_image(files: ContentHash, row: ImageRow) -> PortableImage {
    let ImageRow {
        id: _,
        product_id: _,
        hash,
        alt,
        width,
        height,
        placeholder,
        renditions: _,
        focal_point,
        position: _,
        created_at: _,
    } = row;
    PortableImage {
        files,
        hash,
        alt,
        width: width.unsigned_abs(),
        height: height.unsigned_abs(),
        placeholder,
        focal_point: focal_point.map(Json::into_inner),
    }
}
