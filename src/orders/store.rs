//! Orders in the database.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::{
    forget::erased_contact,
    model::{OrderContact, OrderLineRow, OrderRow, ShipmentLineRow, ShipmentRow},
    standing::{FulfillmentStatus, OrderStatus, PaymentStatus},
};
use crate::{
    auth::{extract::Shopper, secret},
    db::{
        Conn,
        schema::{order_lines, orders, shipment_lines, shipments},
    },
    error::{Code, Error, Result, Violation},
    http::cursor::PageRequest,
    ids::{CartId, CustomerId, LineId, OrderId},
    on_each_database,
    page::Direction,
    shop::Shop,
    time::UtcTime,
    vault,
};

/// Writes a new order with its lines.
///
/// # Errors
/// A database error; also where the cart has a standing order already.
pub fn insert(conn: &mut Conn, order: &OrderRow, lines: &[OrderLineRow]) -> QueryResult<()> {
    diesel::insert_into(orders::table).values(order).execute(conn)?;
    on_each_database!(conn, conn => diesel::insert_into(order_lines::table).values(lines).execute(conn)).map(drop)
}

/// The order, whoever asks: for use cases that have already checked.
///
/// # Errors
/// A database error.
pub fn find(conn: &mut Conn, id: OrderId) -> QueryResult<OrderRow> {
    orders::table.find(id).select(OrderRow::as_select()).first(conn)
}

/// The order, if it is this shopper's: by account, by the order's token, or by the token of the cart that it came from.
///
/// # Errors
/// 404, alike for an order of somebody else and none.
pub fn find_owned(conn: &mut Conn, shop: &Shop, shopper: &Shopper, id: OrderId) -> Result<OrderRow> {
    let row = find(conn, id)?;
    let by_account = row.customer_id.is_some() && row.customer_id == shopper.customer.as_ref().map(|it| it.id);
    let by_token = row.customer_id.is_none()
        && shopper.order_token.as_ref().is_some_and(|token| {
            let generation = u32::try_from(row.token_generation).unwrap_or_default();
            secret::is_order_token(&shop.keys, token, id, generation)
        });
    if by_account || by_token { Ok(row) } else { Err(Error::not_found()) }
}

/// The order that stands for a cart, if there is one.
///
/// # Errors
/// A database error.
pub fn find_standing_of_cart(conn: &mut Conn, id: CartId) -> QueryResult<Option<OrderRow>> {
    orders::table
        .filter(orders::cart_id.eq(id))
        .filter(orders::status.ne(OrderStatus::Cancelled))
        .select(OrderRow::as_select())
        .first(conn)
        .optional()
}

/// The lines of some orders, in the order in which they were bought.
///
/// # Errors
/// A database error.
pub fn load_lines(conn: &mut Conn, ids: &[OrderId]) -> QueryResult<Vec<OrderLineRow>> {
    order_lines::table
        .filter(order_lines::order_id.eq_any(ids))
        .order((order_lines::order_id.asc(), order_lines::position.asc()))
        .select(OrderLineRow::as_select())
        .load(conn)
}

/// The shipments of some orders with their lines.
///
/// # Errors
/// A database error.
pub fn load_shipments(conn: &mut Conn, ids: &[OrderId]) -> QueryResult<Vec<(ShipmentRow, Vec<ShipmentLineRow>)>> {
    let rows: Vec<ShipmentRow> = shipments::table
        .filter(shipments::order_id.eq_any(ids))
        .order(shipments::id.asc())
        .select(ShipmentRow::as_select())
        .load(conn)?;
    let shipment_ids: Vec<_> = rows.iter().map(|it| it.id).collect();
    let lines: Vec<ShipmentLineRow> = shipment_lines::table
        .filter(shipment_lines::shipment_id.eq_any(shipment_ids))
        .order((shipment_lines::shipment_id.asc(), shipment_lines::line_id.asc()))
        .select(ShipmentLineRow::as_select())
        .load(conn)?;
    let with_lines = |row: ShipmentRow| {
        let own = lines.iter().filter(|it| it.shipment_id == row.id).copied().collect();
        (row, own)
    };
    Ok(rows.into_iter().map(with_lines).collect())
}

/// Writes a shipment and what each line has shipped.
///
/// # Errors
/// A database error; also where a line would ship more than was bought.
pub fn insert_shipment(conn: &mut Conn, shipment: &ShipmentRow, lines: &[ShipmentLineRow]) -> QueryResult<()> {
    diesel::insert_into(shipments::table).values(shipment).execute(conn)?;
    for line in lines {
        diesel::insert_into(shipment_lines::table).values(line).execute(conn)?;
        diesel::update(order_lines::table.find(line.line_id))
            .set(order_lines::shipped_quantity.eq(order_lines::shipped_quantity + line.quantity))
            .execute(conn)?;
    }
    Ok(())
}

/// Notes that units of a line were refunded, and how many of them went back onto the shelf.
///
/// # Errors
/// A database error; also where more would be refunded than was bought.
pub fn add_refunded(conn: &mut Conn, line: LineId, quantity: i32, restocked: i32) -> QueryResult<()> {
    diesel::update(order_lines::table.find(line))
        .set((
            order_lines::refunded_quantity.eq(order_lines::refunded_quantity + quantity),
            order_lines::restocked_quantity.eq(order_lines::restocked_quantity + restocked),
        ))
        .execute(conn)
        .map(drop)
}

/// Notes what an order was paid and what went back, in minor units.
///
/// # Errors
/// A database error.
pub fn set_money(conn: &mut Conn, id: OrderId, paid: i64, refunded: i64) -> QueryResult<()> {
    diesel::update(orders::table.find(id))
        .set((orders::paid.eq(paid), orders::refunded.eq(refunded)))
        .execute(conn)
        .map(drop)
}

/// The column that is sealed, by its name.
pub const CONTACT: &str = "contact";

/// What each order knows of its buyer, in the orders' order: little, where they have been erased. One statement.
///
/// # Errors
/// Where it cannot be opened.
pub fn open_contacts(conn: &mut Conn, shop: &Shop, rows: &[OrderRow]) -> Result<Vec<OrderContact>> {
    let owners: Vec<String> = rows.iter().map(OrderRow::key_owner).collect();
    let keys = vault::find_all(conn, &shop.keys, &owners.iter().map(String::as_str).collect::<Vec<_>>())?;
    let opened = rows.iter().zip(&owners).map(|(row, owner)| match keys.get(owner) {
        Some(key) => vault::open_json(key, row.id.as_str(), CONTACT, &row.contact),
        None => erased_contact(row),
    });
    opened.collect()
}

/// Which orders a list holds. `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Those of this customer.
    pub customer: Option<CustomerId>,
    /// Only those that reached a customer: not the pending ones, not those that failed.
    pub accepted: bool,
    /// In this state.
    pub status: Option<OrderStatus>,
    /// With this state of payment.
    pub payment_status: Option<PaymentStatus>,
    /// With this state of goods.
    pub fulfillment_status: Option<FulfillmentStatus>,
    /// The one of this number.
    pub number: Option<i64>,
    /// Those of this e-mail address, by its keyed hash.
    pub email_hash: Option<String>,
    /// Placed at or after this instant.
    pub created_from: Option<UtcTime>,
    /// Placed before this instant.
    pub created_before: Option<UtcTime>,
}

macro_rules! narrow {
    ($query:ident, $filter:expr) => {
        let OrderFilter {
            customer,
            accepted,
            status,
            payment_status,
            fulfillment_status,
            number,
            email_hash,
            created_from,
            created_before,
        } = $filter;
        if let Some(customer) = customer {
            $query = $query.filter(orders::customer_id.eq(*customer));
        }
        if *accepted {
            $query = $query.filter(orders::number.is_not_null());
        }
        if let Some(status) = status {
            $query = $query.filter(orders::status.eq(*status));
        }
        if let Some(status) = payment_status {
            $query = $query.filter(orders::payment_status.eq(*status));
        }
        if let Some(status) = fulfillment_status {
            $query = $query.filter(orders::fulfillment_status.eq(*status));
        }
        if let Some(number) = number {
            $query = $query.filter(orders::number.eq(*number));
        }
        if let Some(hash) = email_hash {
            $query = $query.filter(orders::email_hash.eq(hash.clone()));
        }
        if let Some(from) = created_from {
            $query = $query.filter(orders::created_at.ge(*from));
        }
        if let Some(before) = created_before {
            $query = $query.filter(orders::created_at.lt(*before));
        }
    };
}

/// One page of orders, newest first, in reading order (see [`PageRequest::window`]).
///
/// # Errors
/// 400 `invalid_cursor` where the cursor's key is not one of this list.
pub fn load_page(conn: &mut Conn, filter: &OrderFilter, page: &PageRequest<'_>) -> Result<Vec<OrderRow>> {
    let mut query = orders::table.select(OrderRow::as_select()).limit(page.limit + 1).into_boxed();
    narrow!(query, filter);
    let backwards = page.direction() == Direction::Prev;
    if let Some(position) = &page.position {
        let (at, id) = read_key(&position.key)?;
        query = match backwards {
            false => query.filter(orders::created_at.lt(at).or(orders::created_at.eq(at).and(orders::id.lt(id)))),
            true => query.filter(orders::created_at.gt(at).or(orders::created_at.eq(at).and(orders::id.gt(id)))),
        };
    }
    let query = match backwards {
        false => query.order((orders::created_at.desc(), orders::id.desc())),
        true => query.order((orders::created_at.asc(), orders::id.asc())),
    };
    Ok(query.load(conn)?)
}

/// All orders of the customer, oldest first, those that were declined or given up included.
///
/// # Errors
/// A database error.
pub fn all_of(conn: &mut Conn, customer: CustomerId) -> QueryResult<Vec<OrderRow>> {
    let own = orders::table.filter(orders::customer_id.eq(customer)).order(orders::id);
    own.select(OrderRow::as_select()).load(conn)
}

/// How many orders the filter admits.
///
/// # Errors
/// A database error.
pub fn count(conn: &mut Conn, filter: &OrderFilter) -> QueryResult<i64> {
    let mut query = orders::table.select(diesel::dsl::count_star()).into_boxed();
    narrow!(query, filter);
    query.get_result(conn)
}

/// The sort values of a row, for its cursor.
pub fn key_of(row: &OrderRow) -> Vec<Value> {
    vec![json!(row.created_at.micros()), json!(row.id)]
}

fn read_key(key: &[Value]) -> Result<(UtcTime, OrderId)> {
    let read = || {
        let [at, id] = key else { return None };
        Some((UtcTime::from_micros(at.as_i64()?), id.as_str()?.parse().ok()?))
    };
    read().ok_or_else(|| -> Error {
        Violation::in_parameter("cursor", Code::InvalidCursor, Code::InvalidCursor.about()).into()
    })
}
