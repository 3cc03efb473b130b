//! A cart with everything that its price depends on, read and quoted as of now.

use std::collections::HashMap;

use super::{
    model::{CartLineRow, CartRow, Contact},
    store,
    view::{Cart, CartLine},
};
use crate::{
    catalog::{
        model::{Availability, OrderQuantities},
        sellable::{self, Sellable},
        tree::CategoryTree,
        view::{Lens, image_at},
    },
    db::Conn,
    error::{Code, Error, Result, Violation},
    ids::{LineId, VariantId},
    inventory,
    money::{LARGEST, Money},
    pricing::{LineInput, Quote, QuoteInput, quote},
    shipping::{self, ShippingOption},
    shop::Shop,
    tax,
};

/// A cart and what it costs.
pub struct PricedCart {
    /// Its row.
    pub row: CartRow,
    /// What it knows of its shopper.
    pub contact: Contact,
    /// Its lines.
    pub lines: Vec<PricedLine>,
    /// The chosen way of shipping, where it can still be chosen.
    pub shipping_option: Option<ShippingOption>,
    /// What it costs, and why.
    pub quote: Quote,
    /// What stands in the way of buying it.
    pub problems: Vec<Violation>,
}

/// A line with its variant.
pub struct PricedLine {
    /// The line.
    pub row: CartLineRow,
    /// The variant.
    pub variant: Sellable,
}

impl PricedLine {
    /// The price of one unit; that of when it was added, where the variant has none any more (a problem says so).
    pub fn unit_price(&self) -> i64 {
        self.variant.price.or(self.row.price_when_added).unwrap_or(0)
    }
}

/// Reads and quotes the cart. The number of statements does not depend on its size.
///
/// # Errors
/// A database error.
pub fn load(conn: &mut Conn, shop: &Shop, row: CartRow) -> Result<PricedCart> {
    let contact = store::open_contact(conn, shop, &row)?;
    let lines = load_lines(conn, &row)?;
    let variant_ids: Vec<VariantId> = lines.iter().map(|it| it.row.variant_id).collect();
    let available = inventory::available_units(conn, &variant_ids)?;
    let shipping_option = match (row.shipping_option_id, &row.country) {
        (Some(id), Some(country)) => shipping::find_option(conn, id, country, row.currency)?,
        _ => None,
    };
    let tax = match &row.country {
        Some(country) => tax::rate_for(conn, country)?,
        None => None,
    };
    let input = QuoteInput {
        currency: row.currency,
        lines: lines.iter().map(line_input).collect(),
        shipping: shipping_option.as_ref().map(|it| it.price.minor),
        tax,
        tax_included: shop.config.store.prices_include_tax,
    };
    let InRange { quote, beyond, with_shipping } = quote_in_range(input)?;
    let mut problems = problems(&lines, &available);
    let places = (0..).zip(&lines).filter(|(_, line)| beyond.contains(&line.row.id));
    problems.extend(places.map(|(place, _): (usize, _)| beyond_range(&format!("#/lines/{place}/quantity"))));
    let shipping_option = shipping_option.filter(|_| with_shipping);
    Ok(PricedCart { row, contact, lines, shipping_option, quote, problems })
}

/// The quote of as much of a cart as money can hold.
struct InRange {
    quote: Quote,
    /// The lines that it is without.
    beyond: Vec<LineId>,
    with_shipping: bool,
}

/// Leaves out the dearest lines until the rest can be written, and shipping last: prices may rise after something was
/// put into a cart, which must still be shown then.
fn quote_in_range(mut input: QuoteInput) -> Result<InRange> {
    let amount = |line: &LineInput| i128::from(line.unit_price) * i128::from(line.quantity);
    let (mut beyond, mut with_shipping) = (Vec::new(), true);
    loop {
        let overflow = match quote(&input) {
            Ok(quote) => return Ok(InRange { quote, beyond, with_shipping }),
            Err(overflow) => overflow,
        };
        match (0..input.lines.len()).max_by_key(|place| amount(&input.lines[*place])) {
            Some(dearest) => beyond.push(input.lines.remove(dearest).id),
            None if input.shipping.take().is_some() => with_shipping = false,
            None => return Err(overflow.into()),
        }
    }
}

/// The violation of a quantity that costs more than can be written.
fn beyond_range(pointer: &str) -> Violation {
    Violation::at(pointer, Code::AmountTooLarge, Code::AmountTooLarge.about()).param("max", LARGEST)
}

fn load_lines(conn: &mut Conn, row: &CartRow) -> Result<Vec<PricedLine>> {
    let rows = store::load_lines(conn, row.id)?;
    let ids: Vec<VariantId> = rows.iter().map(|it| it.variant_id).collect();
    let loaded = sellable::load(conn, &ids, row.currency)?;
    let mut variants: HashMap<VariantId, Sellable> =
        loaded.into_iter().map(|it| (it.variant_id, as_shoppers_see(it))).collect();
    // A variant that is deleted takes its lines with it, so that each line finds its own.
    Ok(rows
        .into_iter()
        .filter_map(|row| Some(PricedLine { variant: variants.remove(&row.variant_id)?, row }))
        .collect())
}

/// What is not for sale any more costs what it did, and cannot be had: what the shop plans with it is not for shoppers.
fn as_shoppers_see(variant: Sellable) -> Sellable {
    match variant.published {
        true => variant,
        false => Sellable { price: None, compare_at: None, availability: Availability::OutOfStock, ..variant },
    }
}

fn line_input(line: &PricedLine) -> LineInput {
    let CartLineRow { id, variant_id, quantity, .. } = line.row;
    LineInput { id, variant_id, quantity, unit_price: line.unit_price() }
}

fn problems(lines: &[PricedLine], available: &HashMap<VariantId, i64>) -> Vec<Violation> {
    let of_line = |(place, line): (usize, &PricedLine)| {
        let units = available.get(&line.row.variant_id).copied().unwrap_or(0).max(0);
        let at = format!("#/lines/{place}");
        match unsold(&line.variant, &at) {
            Some(unsold) => vec![unsold],
            None => quantity_problems(line, units, &format!("{at}/quantity")),
        }
    };
    lines.iter().enumerate().flat_map(of_line).collect()
}

/// Why the line cannot be bought in any quantity.
fn unsold(variant: &Sellable, at: &str) -> Option<Violation> {
    let refuse = |code, detail: &'static str| Some(Violation::at(format!("{at}/variant_id"), code, detail));
    match variant {
        Sellable { published: false, .. } => refuse(Code::NotFound, "This is no longer sold."),
        Sellable { price: None, .. } => refuse(Code::NoPrice, "This has no price in the cart's currency any more."),
        _ => None,
    }
}

/// Why the line cannot be bought in its quantity, `units` being available.
fn quantity_problems(line: &PricedLine, units: i64, pointer: &str) -> Vec<Violation> {
    let quantity = line.row.quantity;
    let OrderQuantities { min, max } = line.variant.order_quantities;
    let too_few = (quantity < min).then(|| {
        let detail = format!("At least {min} of this must be bought together.");
        Violation::at(pointer, Code::BelowMinimumQuantity, detail).param("min", min)
    });
    let too_many = max.filter(|max| *max < quantity).map(|max| {
        let detail = format!("At most {max} of this may be bought together.");
        Violation::at(pointer, Code::AboveMaximumQuantity, detail).param("max", max)
    });
    let short = (units < i64::from(quantity)).then(|| {
        let detail = "There is less in stock than was asked for.";
        Violation::at(pointer, Code::InsufficientStock, detail).param("max", units)
    });
    [too_few, too_many, short].into_iter().flatten().collect()
}

impl PricedCart {
    /// Refuses quantities, which stand at `pointers` of a request, where the cart comes to more with them than money can
    /// hold.
    ///
    /// # Errors
    /// 422 `amount_too_large`.
    pub fn require_range(self, pointers: &[String]) -> Result<Self> {
        if self.problems.iter().all(|it| it.code != Code::AmountTooLarge) {
            return Ok(self);
        }
        Err(Error::invalid(pointers.iter().map(|pointer| beyond_range(pointer)).collect()))
    }

    /// How the cart looks; `token` is told once, when the cart is made.
    pub fn view(self, shop: &Shop, token: Option<String>) -> Cart {
        let Self { row, contact, lines, shipping_option, quote, problems } = self;
        // A cart's images carry no categories: an empty tree will do.
        let tree = CategoryTree::new(Vec::new());
        let lens = Lens { tree: &tree, currency: row.currency, media_url: &shop.config.media_url };
        let Contact { email, shipping_address, billing_address, note, metadata } = contact;
        Cart {
            id: row.id,
            token,
            version: row.version,
            status: row.status,
            currency: row.currency,
            customer_id: row.customer_id,
            email: email.map(|it| it.as_str().to_owned()),
            lines: lines.into_iter().map(|line| line_view(line, &lens)).collect(),
            promotions: Vec::new(),
            gift_cards: Vec::new(),
            billing_address: billing_address.or_else(|| shipping_address.clone()),
            shipping_address,
            shipping_option,
            note,
            metadata,
            totals: quote.totals,
            problems,
            expires_at: row.expires_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

fn line_view(line: PricedLine, lens: &Lens<'_>) -> CartLine {
    let unit_price = line.unit_price();
    let PricedLine { row, variant } = line;
    let money = |minor| Money::new(minor, lens.currency);
    let OrderQuantities { min, max } = variant.order_quantities;
    CartLine {
        id: row.id,
        variant_id: row.variant_id,
        product_id: variant.product_id,
        slug: variant.slug.as_str().to_owned(),
        name: variant.name,
        sku: variant.sku,
        options: variant.options,
        image: variant.image.as_ref().map(|it| image_at(lens.media_url, it)),
        quantity: row.quantity,
        min_order_quantity: min,
        max_order_quantity: max,
        unit_price: money(unit_price),
        compare_at_price: variant.compare_at.map(money),
        // Where it is beyond range, a problem says so.
        line_total: money(unit_price.saturating_mul(i64::from(row.quantity)).min(LARGEST)),
        availability: variant.availability,
        price_was: row.price_when_added.filter(|was| *was != unit_price).map(money),
    }
}
