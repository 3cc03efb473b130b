//! What a cart needs to know of variants: whether they can be bought, as what, and for how much.

use diesel::prelude::*;

use super::{
    model::{Availability, OrderQuantities, ProductStatus, Slug, VariantOptions},
    store::{ImageRow, PriceRow},
};
use crate::{
    db::{
        Conn,
        columns::Json,
        schema::{images, prices, products, variants},
    },
    ids::{ImageId, ProductId, VariantId},
    money::Currency,
};

/// A variant, as a cart sees it.
#[derive(Debug, Clone)]
pub struct Sellable {
    /// The variant.
    pub variant_id: VariantId,
    /// Its product.
    pub product_id: ProductId,
    /// The product's name in addresses.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Its SKU.
    pub sku: String,
    /// Its value of each option.
    pub options: VariantOptions,
    /// Whether shoppers see the product.
    pub published: bool,
    /// How surely it can be had.
    pub availability: Availability,
    /// How many of it a cart may hold.
    pub order_quantities: OrderQuantities,
    /// Its price in minor units, if it has one in the currency.
    pub price: Option<i64>,
    /// What it cost before, where the shop says so.
    pub compare_at: Option<i64>,
    /// The image that shows it best.
    pub image: Option<ImageRow>,
}

#[derive(Queryable)]
struct Row {
    variant_id: VariantId,
    product_id: ProductId,
    name: String,
    sku: String,
    options: Json<VariantOptions>,
    availability: Availability,
    image_id: Option<ImageId>,
    min: i32,
    max: Option<i32>,
    status: ProductStatus,
    slug: Slug,
}

/// These variants, in no order; those that do not exist are left out. Three statements, however many there are.
///
/// # Errors
/// A database error.
pub fn load(conn: &mut Conn, variant_ids: &[VariantId], currency: Currency) -> QueryResult<Vec<Sellable>> {
    let rows: Vec<Row> = variants::table
        .inner_join(products::table)
        .filter(variants::id.eq_any(variant_ids))
        .select((
            variants::id,
            variants::product_id,
            variants::name,
            variants::sku,
            variants::options,
            variants::availability,
            variants::image_id,
            variants::min_order_quantity,
            variants::max_order_quantity,
            products::status,
            products::slug,
        ))
        .load(conn)?;
    let prices: Vec<PriceRow> = prices::table
        .filter(prices::variant_id.eq_any(variant_ids))
        .filter(prices::currency.eq(currency))
        .select(PriceRow::as_select())
        .load(conn)?;
    let product_ids: Vec<ProductId> = rows.iter().map(|row| row.product_id).collect();
    let images: Vec<ImageRow> = images::table
        .filter(images::product_id.eq_any(product_ids))
        .order((images::position.asc(), images::id.asc()))
        .select(ImageRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| sellable(row, &prices, &images)).collect())
}

fn sellable(row: Row, prices: &[PriceRow], images: &[ImageRow]) -> Sellable {
    let Row { variant_id, product_id, name, sku, options, availability, image_id, min, max, status, slug } = row;
    let price = prices.iter().find(|it| it.variant_id == variant_id);
    let own = image_id.and_then(|id| images.iter().find(|it| it.id == id));
    let image = own.or_else(|| images.iter().find(|it| it.product_id == product_id));
    Sellable {
        variant_id,
        product_id,
        slug,
        name,
        sku,
        options: options.into_inner(),
        published: status == ProductStatus::Published,
        availability,
        order_quantities: OrderQuantities { min, max },
        price: price.map(|it| it.amount),
        compare_at: price.and_then(|it| it.compare_at),
        image: image.cloned(),
    }
}
