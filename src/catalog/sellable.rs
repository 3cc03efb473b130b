//! What a cart needs to know of variants: whether they can be bought, as what, and for how much.

use diesel::prelude::*;

use super::{
    model::{Availability, OrderQuantities, ProductStatus, VariantOptions},
    store::ImageRow,
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
    /// The image that shows it best.
    pub image: Option<ImageRow>,
}

type Row = (
    VariantId,
    ProductId,
    String,
    String,
    Json<VariantOptions>,
    Availability,
    Option<ImageId>,
    i32,
    Option<i32>,
    ProductStatus,
);

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
        ))
        .load(conn)?;
    let prices: Vec<(VariantId, i64)> = prices::table
        .filter(prices::variant_id.eq_any(variant_ids))
        .filter(prices::currency.eq(currency))
        .select((prices::variant_id, prices::amount))
        .load(conn)?;
    let product_ids: Vec<ProductId> = rows.iter().map(|row| row.1).collect();
    let images: Vec<ImageRow> = images::table
        .filter(images::product_id.eq_any(product_ids))
        .order((images::position.asc(), images::id.asc()))
        .select(ImageRow::as_select())
        .load(conn)?;
    let sellable = |(variant_id, product_id, name, sku, options, availability, image_id, min, max, status): Row| {
        let own = image_id.and_then(|id| images.iter().find(|it| it.id == id));
        let image = own.or_else(|| images.iter().find(|it| it.product_id == product_id));
        Sellable {
            variant_id,
            product_id,
            name,
            sku,
            options: options.into_inner(),
            published: status == ProductStatus::Published,
            availability,
            order_quantities: OrderQuantities { min, max },
            price: prices.iter().find(|(id, _)| *id == variant_id).map(|(_, amount)| *amount),
            image: image.cloned(),
        }
    };
    Ok(rows.into_iter().map(sellable).collect())
}
