//! Counts what was sold, for the popularity of products: behind the orders, so that no checkout waits for another.

use std::{collections::HashMap, time::Duration};

use diesel::prelude::*;

use crate::{
    catalog::popularity::{self, Sale},
    db::{
        Conn,
        schema::{order_lines, sales_counted},
    },
    error::Result,
    events::{EventType, follow},
    ids::{OrderId, ProductId},
    lock_rows,
    shop::Shop,
    time::UtcTime,
};

/// How often it is looked.
const POLL: Duration = Duration::from_secs(10);
/// Orders that are counted in one transaction.
const ROUND: i64 = 500;

/// Counts for as long as the task lives. Any number of processes may do so; each order is counted once.
pub async fn run(shop: Shop) {
    loop {
        if let Err(error) = catch_up(&shop).await {
            log::warn!("what was sold is not counted: {error}");
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Counts all orders that were paid up to now, and shows what is due.
///
/// # Errors
/// Where the database fails; nothing is then counted twice.
pub async fn catch_up(shop: &Shop) -> Result<()> {
    if shop.db.read(|conn| Ok(follow::has_unplaced(conn)?)).await? {
        while shop.db.write(|conn| Ok(follow::place(conn)?)).await? {}
    }
    let is_behind = |conn: &mut Conn| Ok(follow::last_position(conn)? > counted(conn)?);
    while shop.db.read(is_behind).await? {
        shop.db.write(|conn| Ok(count(conn)?)).await?;
    }
    let now = shop.clock.now();
    while shop.db.read(move |conn| Ok(popularity::is_due(conn, now)?)).await? {
        shop.db.write(move |conn| Ok(show(conn, now)?)).await?;
    }
    Ok(())
}

fn counted(conn: &mut Conn) -> QueryResult<i64> {
    sales_counted::table.select(sales_counted::position).first(conn)
}

/// Counts some orders. The row's lock makes this the only transaction that does.
fn count(conn: &mut Conn) -> QueryResult<()> {
    lock_rows!(conn, sales_counted::table.select(sales_counted::position))?;
    let from = counted(conn)?;
    let last = follow::last_position(conn)?;
    let paid = follow::after_of_type(conn, EventType::OrderPaid, from, last, ROUND)?;
    let is_all = (paid.len() as i64) < ROUND;
    let reached = if is_all { Some(last) } else { paid.last().and_then(|event| event.position) };
    let at: HashMap<OrderId, UtcTime> =
        paid.iter().filter_map(|event| Some((event.subject.parse().ok()?, event.occurred_at))).collect();
    let ids: Vec<OrderId> = at.keys().copied().collect();
    let lines: Vec<(OrderId, ProductId, i32)> = order_lines::table
        .filter(order_lines::order_id.eq_any(ids))
        .select((order_lines::order_id, order_lines::product_id, order_lines::quantity))
        .load(conn)?;
    let sales: Vec<Sale> = lines
        .into_iter()
        .filter_map(|(order_id, product_id, units)| {
            Some(Sale { product_id, units: i64::from(units), at: *at.get(&order_id)? })
        })
        .collect();
    popularity::count(conn, &sales)?;
    diesel::update(sales_counted::table).set(sales_counted::position.eq(reached.unwrap_or(last))).execute(conn)?;
    Ok(())
}

fn show(conn: &mut Conn, now: UtcTime) -> QueryResult<()> {
    lock_rows!(conn, sales_counted::table.select(sales_counted::position))?;
    popularity::show(conn, now)
}
