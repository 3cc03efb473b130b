//! Invariants of single orders: their sums, and the way that they have come.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{Check, Finding};
use crate::{
    db::{
        Conn,
        columns::Json,
        schema::{events, order_lines, orders},
    },
    error::Result,
    ids::OrderId,
    orders::{
        model::{OrderLineRow, OrderRow},
        standing::Standing,
    },
};

/// Orders that are looked at together.
const BATCH: i64 = 500;

pub(super) fn check(conn: &mut Conn) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut last: Option<OrderId> = None;
    loop {
        let mut query = orders::table.select(OrderRow::as_select()).order(orders::id.asc()).limit(BATCH).into_boxed();
        if let Some(last) = last {
            query = query.filter(orders::id.gt(last));
        }
        let rows: Vec<OrderRow> = query.load(conn)?;
        let Some(row) = rows.last() else { return Ok(findings) };
        last = Some(row.id);
        let ids: Vec<OrderId> = rows.iter().map(|it| it.id).collect();
        let lines: Vec<OrderLineRow> = order_lines::table
            .filter(order_lines::order_id.eq_any(&ids))
            .select(OrderLineRow::as_select())
            .load(conn)?;
        let told = standings_told(conn, &ids)?;
        for row in &rows {
            let own: Vec<&OrderLineRow> = lines.iter().filter(|it| it.order_id == row.id).collect();
            findings.extend(sums(row, &own));
            findings.extend(path(row, told.get(row.id.as_str()).map_or(&[], Vec::as_slice)));
        }
    }
}

/// The standings that each order's events tell of, the oldest first.
fn standings_told(conn: &mut Conn, ids: &[OrderId]) -> QueryResult<HashMap<String, Vec<Standing>>> {
    let subjects: Vec<&str> = ids.iter().map(|it| it.as_str()).collect();
    let rows: Vec<(String, Json<Standing>)> = events::table
        .filter(events::subject.eq_any(subjects))
        .order((events::subject.asc(), events::subject_version.asc(), events::id.asc()))
        .select((events::subject, events::data))
        .load(conn)?;
    let mut told: HashMap<String, Vec<Standing>> = HashMap::new();
    for (subject, standing) in rows {
        told.entry(subject).or_default().push(standing.into_inner());
    }
    Ok(told)
}

fn sums(order: &OrderRow, lines: &[&OrderLineRow]) -> Vec<Finding> {
    let sum = |amount: fn(&OrderLineRow) -> i64| lines.iter().map(|it| i128::from(amount(it))).sum::<i128>();
    let wide = i128::from;
    let added_tax = if order.taxes.included { 0 } else { order.tax };
    let tax_lines: i128 = order.taxes.lines.iter().map(|it| wide(it.amount.minor)).sum();
    let rules = [
        (wide(order.subtotal) == sum(|it| it.line_total), Check::Subtotal),
        (wide(order.discount) == sum(|it| it.discount), Check::Discount),
        (wide(order.tax) == sum(|it| it.tax) + wide(order.taxes.shipping), Check::Tax),
        (wide(order.tax) == tax_lines, Check::TaxLines),
        (
            wide(order.total) == wide(order.subtotal) - wide(order.discount) + wide(order.shipping) + wide(added_tax),
            Check::Total,
        ),
        (wide(order.due) == wide(order.total) - wide(order.gift_cards) - wide(order.store_credit), Check::Due),
    ];
    rules.into_iter().filter(|(holds, _)| !holds).map(|(_, check)| Finding::new(check, order.id)).collect()
}

fn path(order: &OrderRow, told: &[Standing]) -> Option<Finding> {
    let allowed = told.first() == Some(&Standing::NEW)
        && told.windows(2).all(|pair| pair[0].may_become(pair[1]))
        && told.last() == Some(&order.standing());
    (!allowed).then(|| Finding::new(Check::AllowedPath, order.id))
}
