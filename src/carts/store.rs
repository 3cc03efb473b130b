//! Carts and their lines in the database.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::model::{CartLineRow, CartRow, CartStatus, Contact};
use crate::{
    auth::extract::Shopper,
    db::{
        Conn,
        schema::{cart_lines, carts},
    },
    error::{Code, Error, Problem, Result},
    ids::{CartId, CustomerId, OrderId},
    shop::Shop,
    time::UtcTime,
    vault,
};

/// The cart, if it is this shopper's: by account, or by token.
///
/// # Errors
/// 404, alike for a cart of somebody else, one that has expired, and none.
pub fn find_owned(conn: &mut Conn, shopper: &Shopper, id: CartId, now: UtcTime) -> Result<CartRow> {
    let row: CartRow = carts::table.find(id).select(CartRow::as_select()).first(conn)?;
    let by_account = row.customer_id.is_some() && row.customer_id == shopper.customer.as_ref().map(|it| it.id);
    let presented = shopper.cart_token.as_ref().map(|token| token.hash());
    let by_token = match (&row.token_hash, &presented) {
        (Some(own), Some(presented)) => crate::digest::equal(own.as_bytes(), presented.as_bytes()),
        _ => false,
    };
    let visible = row.status != CartStatus::Merged && (row.status != CartStatus::Open || row.expires_at > now);
    if visible && (by_account || by_token) { Ok(row) } else { Err(Error::not_found()) }
}

/// Makes this transaction the only one that changes the cart, and gives it its next version.
///
/// # Errors
/// 409 `checkout_in_progress` or `cart_closed` with the order's id, where the cart is not open.
pub fn lock_open(conn: &mut Conn, shop: &Shop, id: CartId, now: UtcTime) -> Result<CartRow> {
    let open = carts::table.find(id).filter(carts::status.eq(CartStatus::Open));
    let locked = diesel::update(open)
        .set((
            carts::version.eq(carts::version + 1),
            carts::updated_at.eq(now),
            carts::expires_at.eq(now.plus(TimeDelta::days(shop.config.cart_days))),
        ))
        .execute(conn)?;
    if locked == 0 {
        return Err(not_open(conn, id)?);
    }
    Ok(carts::table.find(id).select(CartRow::as_select()).first(conn)?)
}

/// Why a cart is not open.
///
/// # Errors
/// 404 where there is none any more.
pub fn not_open(conn: &mut Conn, id: CartId) -> Result<Error> {
    let row = find(conn, id)?;
    let code = match row.status {
        CartStatus::CheckingOut => Code::CheckoutInProgress,
        CartStatus::Completed => Code::CartClosed,
        CartStatus::Open => Code::Conflict,
        CartStatus::Merged => return Err(Error::not_found()),
    };
    Ok(Problem::new(code, code.about()).with("order_id", row.order_id).into())
}

/// A cart's lines, in the order in which they were added.
///
/// # Errors
/// A database error.
pub fn load_lines(conn: &mut Conn, id: CartId) -> QueryResult<Vec<CartLineRow>> {
    cart_lines::table
        .filter(cart_lines::cart_id.eq(id))
        .order((cart_lines::created_at.asc(), cart_lines::id.asc()))
        .select(CartLineRow::as_select())
        .load(conn)
}

/// What the cart knows of its shopper.
///
/// # Errors
/// Where it cannot be opened.
pub fn open_contact(conn: &mut Conn, shop: &Shop, row: &CartRow) -> Result<Contact> {
    let Some(sealed) = &row.contact else { return Ok(Contact::default()) };
    let key = vault::open(conn, &shop.keys, &row.key_owner())?;
    vault::open_json(&key, row.id.as_str(), "contact", sealed)
}

/// Writes what the cart knows of its shopper, and the rest that a PATCH may change.
///
/// # Errors
/// A database error.
pub fn save(conn: &mut Conn, shop: &Shop, row: &CartRow, contact: &Contact) -> Result<()> {
    let key = vault::open(conn, &shop.keys, &row.key_owner())?;
    diesel::update(carts::table.find(row.id))
        .set((
            carts::contact.eq(vault::seal_json(&key, row.id.as_str(), "contact", contact)),
            carts::email_hash.eq(contact.email.as_ref().map(|email| shop.keys.email_hash(email.as_str()))),
            carts::country.eq(contact.shipping_address.as_ref().map(|it| it.country.clone())),
            carts::shipping_option_id.eq(row.shipping_option_id),
        ))
        .execute(conn)?;
    Ok(())
}

/// Closes an open cart while `order_id` is paid for; says whether it was open.
///
/// # Errors
/// A database error.
pub fn begin_checkout(conn: &mut Conn, id: CartId, order_id: OrderId, now: UtcTime) -> QueryResult<bool> {
    change_status(conn, id, CartStatus::Open, CartStatus::CheckingOut, Some(order_id), now)
}

/// Opens the cart again: its payment was declined or given up.
///
/// # Errors
/// A database error.
pub fn reopen(conn: &mut Conn, id: CartId, now: UtcTime) -> QueryResult<bool> {
    change_status(conn, id, CartStatus::CheckingOut, CartStatus::Open, None, now)
}

/// Closes the cart for good: it has become `order_id`.
///
/// # Errors
/// A database error.
pub fn complete(conn: &mut Conn, id: CartId, order_id: OrderId, now: UtcTime) -> QueryResult<bool> {
    change_status(conn, id, CartStatus::CheckingOut, CartStatus::Completed, Some(order_id), now)
}

fn change_status(
    conn: &mut Conn,
    id: CartId,
    from: CartStatus,
    to: CartStatus,
    order_id: Option<OrderId>,
    now: UtcTime,
) -> QueryResult<bool> {
    let changed = diesel::update(carts::table.find(id).filter(carts::status.eq(from)))
        .set((
            carts::status.eq(to),
            carts::order_id.eq(order_id),
            carts::version.eq(carts::version + 1),
            carts::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// The cart itself, whoever asks: for use cases that have already checked.
///
/// # Errors
/// A database error.
pub fn find(conn: &mut Conn, id: CartId) -> QueryResult<CartRow> {
    carts::table.find(id).select(CartRow::as_select()).first(conn)
}

/// The customer's open cart that changed last.
///
/// # Errors
/// A database error.
pub fn find_latest_open(conn: &mut Conn, customer_id: CustomerId, now: UtcTime) -> QueryResult<Option<CartRow>> {
    carts::table
        .filter(carts::customer_id.eq(customer_id))
        .filter(carts::status.eq(CartStatus::Open))
        .filter(carts::expires_at.gt(now))
        .order((carts::updated_at.desc(), carts::id.desc()))
        .select(CartRow::as_select())
        .first(conn)
        .optional()
}
