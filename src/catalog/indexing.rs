//! What a search index needs to know of published products.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::{
    description,
    filterable::{AttributeValue, Filterable},
    list,
    model::{Attributes, ProductStatus, Slug, VariantOptions},
    popularity,
    store::{BrandRow, PriceRangeRow, ProductRow},
    tree::CategoryTree,
};
use crate::{
    db::{
        Conn,
        columns::Json,
        schema::{brands, product_categories, product_price_ranges, products, variants},
    },
    ids::{BrandId, CategoryId, ProductId},
    money::Money,
    time::UtcTime,
};

/// A published product, as an index sees it.
#[derive(Debug, Clone)]
pub struct Indexable {
    /// The product.
    pub id: ProductId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its brand's id, slug and name.
    pub brand: Option<(BrandId, Slug, String)>,
    /// Id, slug and name of its categories and of all above them, each once.
    pub categories: Vec<(CategoryId, Slug, String)>,
    /// The SKUs of its variants.
    pub skus: Vec<String>,
    /// The barcodes of its variants.
    pub barcodes: Vec<String>,
    /// Its attributes.
    pub attributes: Attributes,
    /// The values of its options, each once.
    pub option_values: Vec<String>,
    /// What it is filtered by.
    pub filterable: Vec<(String, AttributeValue)>,
    /// The price of its cheapest variant, in each currency.
    pub prices: Vec<Money>,
    /// Whether it can be bought from the shelf.
    pub in_stock: bool,
    /// How well it sells, as it is shown.
    pub popularity: Option<i64>,
    /// When it was made.
    pub created_at: UtcTime,
    /// Its row version.
    pub version: i64,
}

/// Those of these products that are published, in no order. Eight statements, however many there are.
///
/// # Errors
/// A database error.
pub fn load(conn: &mut Conn, ids: &[ProductId]) -> QueryResult<Vec<Indexable>> {
    let rows = list::published_of(conn, ids)?;
    let tree = CategoryTree::load(conn)?;
    let filterable = Filterable::load(conn)?;
    assemble(conn, &tree, &filterable, rows)
}

/// Calls `each` with every published product, a few at a time, in the order of their ids.
///
/// # Errors
/// A database error, or what `each` returns.
pub fn for_each<E: From<diesel::result::Error>>(
    conn: &mut Conn,
    mut each: impl FnMut(Indexable) -> Result<(), E>,
) -> Result<(), E> {
    let tree = CategoryTree::load(conn)?;
    let filterable = Filterable::load(conn)?;
    let mut last = None;
    loop {
        let mut query =
            products::table.order(products::id.asc()).limit(AT_ONCE).select(ProductRow::as_select()).into_boxed();
        if let Some(last) = last {
            query = query.filter(products::id.gt(last));
        }
        let mut rows: Vec<ProductRow> = query.load(conn)?;
        let Some(end) = rows.last().map(|row| row.id) else { return Ok(()) };
        last = Some(end);
        // Looked at here: SQLite, asked for a state in the order of ids, sorts all products for each page of them.
        rows.retain(|row| row.status == ProductStatus::Published);
        assemble(conn, &tree, &filterable, rows)?.into_iter().try_for_each(&mut each)?;
    }
}

/// Products that are held in memory together.
const AT_ONCE: i64 = 200;

type VariantPart = (ProductId, String, Option<String>, Json<VariantOptions>);

fn assemble(
    conn: &mut Conn,
    tree: &CategoryTree,
    filterable: &Filterable,
    rows: Vec<ProductRow>,
) -> QueryResult<Vec<Indexable>> {
    let ids: Vec<ProductId> = rows.iter().map(|row| row.id).collect();
    let variants: Vec<VariantPart> = variants::table
        .filter(variants::product_id.eq_any(&ids))
        .order((variants::product_id.asc(), variants::position.asc()))
        .select((variants::product_id, variants::sku, variants::barcode, variants::options))
        .load(conn)?;
    let ranges: Vec<PriceRangeRow> = product_price_ranges::table
        .filter(product_price_ranges::product_id.eq_any(&ids))
        .select(PriceRangeRow::as_select())
        .load(conn)?;
    let placed: Vec<(ProductId, CategoryId)> = product_categories::table
        .filter(product_categories::product_id.eq_any(&ids))
        .select((product_categories::product_id, product_categories::category_id))
        .load(conn)?;
    let brand_ids: HashSet<BrandId> = rows.iter().filter_map(|row| row.brand_id).collect();
    let brands: Vec<BrandRow> =
        brands::table.filter(brands::id.eq_any(brand_ids)).select(BrandRow::as_select()).load(conn)?;
    let popularity = popularity::ranks_of(conn, &ids)?;
    let parts = Parts {
        variants: by_product(variants, |it| it.0),
        ranges: by_product(ranges, |it| it.product_id),
        placed: by_product(placed, |it| it.0),
        brands: brands.into_iter().map(|it| (it.id, it)).collect(),
        popularity,
    };
    Ok(rows.into_iter().map(|row| indexable(tree, filterable, &parts, row)).collect())
}

struct Parts {
    variants: HashMap<ProductId, Vec<VariantPart>>,
    ranges: HashMap<ProductId, Vec<PriceRangeRow>>,
    placed: HashMap<ProductId, Vec<(ProductId, CategoryId)>>,
    brands: HashMap<BrandId, BrandRow>,
    popularity: HashMap<ProductId, i64>,
}

fn by_product<T>(rows: Vec<T>, product: impl Fn(&T) -> ProductId) -> HashMap<ProductId, Vec<T>> {
    let mut sorted: HashMap<ProductId, Vec<T>> = HashMap::new();
    for row in rows {
        sorted.entry(product(&row)).or_default().push(row);
    }
    sorted
}

fn indexable(tree: &CategoryTree, filterable: &Filterable, parts: &Parts, row: ProductRow) -> Indexable {
    let variants = parts.variants.get(&row.id).map(Vec::as_slice).unwrap_or_default();
    let ranges = parts.ranges.get(&row.id).into_iter().flatten();
    let mut categories = Vec::new();
    for category in parts.placed.get(&row.id).into_iter().flatten().flat_map(|(_, id)| tree.lineage(*id)) {
        if categories.iter().all(|(id, _, _)| *id != category.id) {
            categories.push((category.id, category.slug.clone(), category.name.clone()));
        }
    }
    let mut option_values: Vec<String> = Vec::new();
    for value in variants.iter().flat_map(|(_, _, _, options)| options.values()) {
        if !option_values.contains(value) {
            option_values.push(value.clone());
        }
    }
    let brand = row.brand_id.and_then(|id| parts.brands.get(&id));
    Indexable {
        id: row.id,
        brand: brand.map(|it| (it.id, it.slug.clone(), it.name.clone())),
        categories,
        skus: variants.iter().map(|(_, sku, _, _)| sku.clone()).collect(),
        barcodes: variants.iter().filter_map(|(_, _, barcode, _)| barcode.clone()).collect(),
        filterable: filterable.values_of(&row.attributes, variants.iter().map(|(_, _, _, options)| &**options)),
        attributes: row.attributes.into_inner(),
        option_values,
        prices: ranges.map(|it| Money::new(it.min_amount, it.currency)).collect(),
        in_stock: row.availability.in_stock(),
        popularity: parts.popularity.get(&row.id).copied(),
        name: row.name,
        description: description::words(&row.description).into_owned(),
        created_at: row.created_at,
        version: row.version,
    }
}
