//! The first transaction of a checkout.

use chrono::TimeDelta;

use crate::{
    auth::extract::Shopper,
    carts::{
        model::{CartStatus, Contact},
        priced::{self, PricedCart},
        store as cart_store,
    },
    catalog::availability,
    db::{Conn, columns::Json},
    error::{Code, Error, Problem, Result, Violation},
    http::etag::IfMatch,
    ids::{CartId, LineId, OrderId, PaymentId},
    inventory::{self, Demand, Shortage},
    money::Money,
    orders::{
        model::{OrderContact, OrderLineRow, OrderRow, Taxes},
        standing::Standing,
        store as order_store, transition,
    },
    payments::{
        providers::Providers,
        store::{self as payment_store, PaymentRow, PaymentState},
    },
    shop::Shop,
    time::UtcTime,
    vault,
};

/// What a checkout asks for.
#[derive(Debug, Clone)]
pub struct Purchase {
    /// The cart.
    pub cart_id: CartId,
    /// The version that the shopper has seen.
    pub if_match: IfMatch,
    /// The total that the shopper has seen.
    pub expected_total: Money,
    /// The provider that is to be paid by; `None` where nothing is due.
    pub provider: Option<String>,
}

/// An order that waits for its payment.
#[derive(Debug, Clone, Copy)]
pub struct Placed {
    /// The order.
    pub order_id: OrderId,
    /// The payment that is to be made; `None` where nothing is due.
    pub payment: Option<(PaymentId, Money)>,
}

/// Turns an open cart into a pending order that holds its stock.
///
/// # Errors
/// 404; 409 with what has changed; 422 with every missing piece. Then nothing has changed.
pub fn place_order(
    conn: &mut Conn,
    shop: &Shop,
    providers: &Providers,
    shopper: &Shopper,
    purchase: &Purchase,
    now: UtcTime,
) -> Result<Placed> {
    let row = cart_store::find_owned(conn, shopper, purchase.cart_id, now)?;
    if row.status == CartStatus::Open && !purchase.if_match.admits(row.version) {
        let problem = Problem::new(Code::CartChanged, Code::CartChanged.about());
        let cart = priced::load(conn, shop, row)?;
        return Err(with_totals(problem, &cart).into());
    }
    let order_id = OrderId::new();
    if !cart_store::begin_checkout(conn, purchase.cart_id, order_id, now)? {
        return Err(cart_store::not_open(conn, purchase.cart_id)?);
    }
    let row = cart_store::find(conn, purchase.cart_id)?;
    let cart = priced::load(conn, shop, row)?;
    let (contact, shipping_option) = complete(&cart)?;
    if cart.quote.totals.total != purchase.expected_total {
        let problem = Problem::new(Code::PriceChanged, "`expected_total` is not the cart's total.");
        return Err(with_totals(problem, &cart).into());
    }
    let due = cart.quote.totals.due;
    check_payment(providers, purchase.provider.as_deref(), due)?;
    let deadline = now.plus(TimeDelta::minutes(shop.config.hold_minutes));
    let lines = order_lines(&cart, order_id);
    hold_stock(conn, shop, &cart, order_id, &lines, deadline, now)?;
    let order = order_row(conn, shop, &cart, order_id, &contact, shipping_option, deadline, now)?;
    order_store::insert(conn, &order, &lines)?;
    transition::placed(conn, &order, now)?;
    let payment = match &purchase.provider {
        Some(provider) if due.minor > 0 => Some((begin_payment(conn, order_id, provider, due, now)?, due)),
        _ => None,
    };
    Ok(Placed { order_id, payment })
}

/// What must be there before a cart can be bought.
fn complete(cart: &PricedCart) -> Result<(OrderContact, crate::shipping::ShippingOption)> {
    let Contact { email, shipping_address, billing_address, note, metadata: _ } = cart.contact.clone();
    let missing = [
        ("#/lines", cart.lines.is_empty(), "The cart is empty."),
        ("#/email", email.is_none(), "An e-mail address is missing."),
        ("#/shipping_address", shipping_address.is_none(), "A shipping address is missing."),
        (
            "#/shipping_option_id",
            cart.shipping_option.is_none(),
            "A shipping option is missing, or can no longer be chosen.",
        ),
    ];
    let mut violations: Vec<Violation> = missing
        .into_iter()
        .filter(|(_, is_missing, _)| *is_missing)
        .map(|(pointer, _, detail)| Violation::at(pointer, Code::CartIncomplete, detail))
        .collect();
    let unsold = cart.problems.iter().filter(|it| it.code != Code::InsufficientStock);
    violations.extend(unsold.map(|it| Violation { code: Code::CartIncomplete, ..it.clone() }));
    match (email, shipping_address, cart.shipping_option.clone()) {
        (Some(email), Some(shipping_address), Some(option)) if violations.is_empty() => {
            let billing_address = billing_address.unwrap_or_else(|| shipping_address.clone());
            Ok((OrderContact { email, shipping_address, billing_address, note }, option))
        }
        _ => Err(Error::invalid(violations)),
    }
}

fn check_payment(providers: &Providers, provider: Option<&str>, due: Money) -> Result<()> {
    match provider {
        Some(name) if providers.named(name).is_none() => {
            Err(Violation::at("#/payment/provider", Code::UnknownProvider, Code::UnknownProvider.about()).into())
        }
        None if due.minor > 0 => {
            Err(Violation::at("#/payment", Code::PaymentMissing, "There is something to pay: a payment is needed.")
                .into())
        }
        _ => Ok(()),
    }
}

fn with_totals(problem: Problem, cart: &PricedCart) -> Problem {
    problem.with("totals", &cart.quote.totals)
}

fn order_lines(cart: &PricedCart, order_id: OrderId) -> Vec<OrderLineRow> {
    (0..)
        .zip(cart.lines.iter().zip(&cart.quote.lines))
        .map(|(position, (line, quoted))| OrderLineRow {
            id: LineId::new(),
            order_id,
            position,
            variant_id: line.variant.variant_id,
            product_id: line.variant.product_id,
            name: line.variant.name.clone(),
            sku: line.variant.sku.clone(),
            options: Json::new(line.variant.options.clone()),
            quantity: quoted.quantity,
            unit_price: quoted.unit_price.minor,
            discount: quoted.discount.minor,
            tax: quoted.tax.minor,
            line_total: quoted.line_total.minor,
            shipped_quantity: 0,
            refunded_quantity: 0,
            restocked_quantity: 0,
        })
        .collect()
}

fn hold_stock(
    conn: &mut Conn,
    shop: &Shop,
    cart: &PricedCart,
    order_id: OrderId,
    lines: &[OrderLineRow],
    deadline: UtcTime,
    now: UtcTime,
) -> Result<()> {
    let demand =
        |it: &OrderLineRow| Demand { line_id: it.id, variant_id: it.variant_id, quantity: i64::from(it.quantity) };
    let demands: Vec<Demand> = lines.iter().map(demand).collect();
    let shortages = inventory::reserve(conn, order_id, &demands, deadline, now)?;
    if shortages.is_empty() {
        let variants: Vec<_> = demands.iter().map(|it| it.variant_id).collect();
        return Ok(availability::refresh(conn, &variants, shop.config.low_stock, now)?);
    }
    Err(short(cart, &shortages).into())
}

fn short(cart: &PricedCart, shortages: &[Shortage]) -> Problem {
    let of_line = |(place, line): (usize, &priced::PricedLine)| {
        let shortage = shortages.iter().find(|it| it.variant_id == line.variant.variant_id)?;
        let detail = "There is less in stock than was asked for.";
        let pointer = format!("#/lines/{place}/quantity");
        Some(Violation::at(pointer, Code::InsufficientStock, detail).param("max", shortage.available.max(0)))
    };
    let errors = cart.lines.iter().enumerate().filter_map(of_line).collect();
    let problem = Problem { errors, ..Problem::new(Code::InsufficientStock, Code::InsufficientStock.about()) };
    with_totals(problem, cart)
}

#[expect(clippy::too_many_arguments, reason = "an order is made of all of these, and only here")]
fn order_row(
    conn: &mut Conn,
    shop: &Shop,
    cart: &PricedCart,
    id: OrderId,
    contact: &OrderContact,
    shipping_option: crate::shipping::ShippingOption,
    deadline: UtcTime,
    now: UtcTime,
) -> Result<OrderRow> {
    let customer_id = cart.row.customer_id;
    let key = match customer_id {
        Some(customer) => vault::open(conn, &shop.keys, customer.as_str())?,
        None => vault::create(conn, &shop.keys, id.as_str(), now)?,
    };
    let totals = &cart.quote.totals;
    let Standing { status, payment_status, fulfillment_status } = Standing::NEW;
    Ok(OrderRow {
        id,
        number: None,
        external_id: None,
        cart_id: cart.row.id,
        customer_id,
        status,
        payment_status,
        fulfillment_status,
        currency: cart.row.currency,
        contact: vault::seal_json(&key, id.as_str(), order_store::CONTACT, contact),
        email_hash: shop.keys.email_hash(contact.email.as_str()),
        country: contact.shipping_address.country.clone(),
        region: contact.shipping_address.region.clone(),
        postal_code: contact.shipping_address.postal_code.clone(),
        shipping_option: Json::new(shipping_option),
        subtotal: totals.subtotal.minor,
        discount: totals.discount.minor,
        shipping: totals.shipping.minor,
        tax: totals.tax.minor,
        total: totals.total.minor,
        gift_cards: totals.gift_cards.minor,
        store_credit: totals.store_credit.minor,
        due: totals.due.minor,
        taxes: Json::new(Taxes {
            included: totals.tax_included,
            shipping: cart.quote.shipping_tax.minor,
            lines: totals.tax_lines.clone(),
        }),
        paid: 0,
        refunded: 0,
        token_generation: 1,
        deadline: Some(deadline),
        version: 1,
        created_at: now,
        updated_at: now,
    })
}

fn begin_payment(conn: &mut Conn, order_id: OrderId, provider: &str, due: Money, now: UtcTime) -> Result<PaymentId> {
    let row = PaymentRow {
        id: PaymentId::new(),
        order_id,
        provider: provider.to_owned(),
        status: PaymentState::Initiated,
        amount: due.minor,
        currency: due.currency,
        captured: 0,
        refunded: 0,
        provider_id: None,
        card: None,
        decline_code: None,
        call_began_at: now,
        created_at: now,
        updated_at: now,
    };
    payment_store::insert(conn, &row)?;
    Ok(row.id)
}
