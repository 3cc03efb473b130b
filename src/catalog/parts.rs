//! What hangs on products: one query for each kind of row, however many products there are.

use std::collections::HashSet;

use diesel::prelude::*;

use super::{
    model::Availability,
    store::{BrandRow, ImageRow, PriceRangeRow, PriceRow, ProductCategoryRow, ProductRow, SummaryRow, VariantRow},
};
use crate::{
    db::{
        Conn,
        schema::{brands, images, prices, product_categories, product_price_ranges, variants},
    },
    ids::{BrandId, ProductId, VariantId},
    money::Currency,
};

/// What lists show of some products beside their rows.
pub struct ListedParts {
    /// The default variant of each product, where lists were asked for.
    pub defaults: Vec<DefaultVariant>,
    /// In all currencies.
    pub price_ranges: Vec<PriceRangeRow>,
    /// In the order to show them.
    pub images: Vec<ImageRow>,
    /// In the order to show them.
    pub categories: Vec<ProductCategoryRow>,
    /// Those of the products.
    pub brands: Vec<BrandRow>,
}

/// The variant to put into a cart where the shopper has not chosen.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = variants)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct DefaultVariant {
    pub product_id: ProductId,
    pub id: VariantId,
    pub sku: String,
}

/// A variant, whether it has a price, and how surely it can be had.
type Candidate = (DefaultVariant, bool, Availability);

/// All that hangs on some products.
pub struct Parts {
    /// What lists show of it.
    pub listed: ListedParts,
    /// In the order to show them.
    pub variants: Vec<VariantRow>,
    /// In all currencies.
    pub prices: Vec<PriceRow>,
}

/// Narrows a query to what belongs to some products, or whatever else the ids are of. That of one has always the same
/// text, so that SQLite plans it once.
macro_rules! of_these {
    ($query:expr, $column:expr, $ids:expr) => {{
        let query = $query.into_boxed();
        match $ids {
            [only] => query.filter($column.eq(*only)),
            ids => query.filter($column.eq_any(ids)),
        }
    }};
}

/// Loads what lists show of `rows` to who buys in `currency`. Their variants are many, and lists need little of them.
pub fn load_listed_parts<'a>(
    conn: &mut Conn,
    rows: impl Iterator<Item = &'a SummaryRow>,
    currency: Currency,
) -> QueryResult<ListedParts> {
    let (ids, brand_ids): (Vec<ProductId>, Vec<Option<BrandId>>) = rows.map(|it| (it.id, it.brand_id)).unzip();
    let of_variant = prices::variant_id.eq(variants::id).and(prices::currency.eq(currency));
    let candidates: Vec<Candidate> = variants::table
        .left_join(prices::table.on(of_variant))
        .filter(variants::product_id.eq_any(&ids))
        .order((variants::product_id.asc(), variants::position.asc(), variants::id.asc()))
        .select((DefaultVariant::as_select(), prices::variant_id.nullable().is_not_null(), variants::availability))
        .load(conn)?;
    load_beside_variants(conn, &ids, brand_ids, defaults(candidates))
}

/// Loads what hangs on `rows`. Which variant is the default, [`Parts::default_of`] says.
pub fn load_parts(conn: &mut Conn, rows: &[ProductRow]) -> QueryResult<Parts> {
    let (ids, brand_ids): (Vec<ProductId>, Vec<Option<BrandId>>) = rows.iter().map(|it| (it.id, it.brand_id)).unzip();
    let variants: Vec<VariantRow> = of_these!(variants::table, variants::product_id, ids.as_slice())
        .order((variants::product_id.asc(), variants::position.asc(), variants::id.asc()))
        .select(VariantRow::as_select())
        .load(conn)?;
    let with_variants = prices::table.inner_join(variants::table.on(variants::id.eq(prices::variant_id)));
    let prices: Vec<PriceRow> =
        of_these!(with_variants, variants::product_id, ids.as_slice()).select(PriceRow::as_select()).load(conn)?;
    Ok(Parts { listed: load_beside_variants(conn, &ids, brand_ids, Vec::new())?, variants, prices })
}

impl Parts {
    /// The default variant of one of the products, for who buys in `currency`.
    pub fn default_of(&self, id: ProductId, currency: Currency) -> Option<VariantId> {
        let priced = self.prices.iter().filter(|it| it.currency == currency);
        let priced: HashSet<VariantId> = priced.map(|it| it.variant_id).collect();
        let candidates = self.variants.iter().filter(|it| it.product_id == id).map(|it| {
            let variant = DefaultVariant { product_id: id, id: it.id, sku: it.sku.clone() };
            (variant, priced.contains(&it.id), it.availability)
        });
        defaults(candidates.collect()).first().map(|it| it.id)
    }
}

/// The first variant of each product that has a price and can be bought; else the first that has a price, else the
/// first. They come in the order to show them.
fn defaults(mut candidates: Vec<Candidate>) -> Vec<DefaultVariant> {
    // Stable: those that are as good stay in their order.
    candidates.sort_by_key(|(variant, has_price, availability)| {
        (variant.product_id, !has_price, *has_price && *availability == Availability::OutOfStock)
    });
    candidates.dedup_by_key(|(variant, ..)| variant.product_id);
    candidates.into_iter().map(|(variant, ..)| variant).collect()
}

fn load_beside_variants(
    conn: &mut Conn,
    ids: &[ProductId],
    brand_ids: Vec<Option<BrandId>>,
    defaults: Vec<DefaultVariant>,
) -> QueryResult<ListedParts> {
    let brand_ids: Vec<BrandId> = brand_ids.into_iter().flatten().collect();
    Ok(ListedParts {
        defaults,
        price_ranges: of_these!(product_price_ranges::table, product_price_ranges::product_id, ids)
            .select(PriceRangeRow::as_select())
            .load(conn)?,
        images: of_these!(images::table, images::product_id, ids)
            .order((images::product_id.asc(), images::position.asc(), images::id.asc()))
            .select(ImageRow::as_select())
            .load(conn)?,
        categories: of_these!(product_categories::table, product_categories::product_id, ids)
            .order((
                product_categories::product_id.asc(),
                product_categories::position.asc(),
                product_categories::category_id.asc(),
            ))
            .select(ProductCategoryRow::as_select())
            .load(conn)?,
        brands: of_these!(brands::table, brands::id, brand_ids.as_slice()).select(BrandRow::as_select()).load(conn)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_first_that_can_be_bought_else_the_first_with_a_price_else_the_first() {
        use Availability::{InStock, LowStock, OutOfStock};
        let product_id = ProductId::new();
        let of = |several: &[(bool, Availability)]| {
            let candidates = several.iter().enumerate().map(|(place, (has_price, availability))| {
                let variant = DefaultVariant { product_id, id: VariantId::new(), sku: place.to_string() };
                (variant, *has_price, *availability)
            });
            defaults(candidates.collect()).into_iter().map(|it| it.sku).collect::<Vec<_>>()
        };
        assert_eq!(of(&[(true, InStock), (true, InStock)]), ["0"]);
        assert_eq!(of(&[(true, OutOfStock), (true, LowStock), (true, InStock)]), ["1"]);
        assert_eq!(of(&[(false, InStock), (true, OutOfStock), (true, OutOfStock)]), ["1"]);
        assert_eq!(of(&[(false, InStock), (true, OutOfStock), (true, InStock)]), ["2"]);
        assert_eq!(of(&[(false, OutOfStock), (false, InStock)]), ["0"]);
        assert!(of(&[]).is_empty());
    }
}
