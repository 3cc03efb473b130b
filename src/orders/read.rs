//! Reads orders with everything that hangs on them.

use super::{
    model::OrderRow,
    store::{self, OrderFilter},
    view::{Order, OrderParts},
};
use crate::{
    auth::secret,
    db::Conn,
    error::Result,
    http::cursor::PageRequest,
    ids::OrderId,
    page::Collection,
    payments::{store as payment_store, view as payment_view},
    shop::Shop,
};

/// The views of some orders, in their order. The statements are as many, however many orders there are.
///
/// # Errors
/// A database error, or contact data that cannot be opened.
pub fn views(conn: &mut Conn, shop: &Shop, rows: Vec<OrderRow>) -> Result<Vec<Order>> {
    let ids: Vec<OrderId> = rows.iter().map(|it| it.id).collect();
    let lines = store::load_lines(conn, &ids)?;
    let payments = payment_store::load_of_orders(conn, &ids)?;
    let shipments = store::load_shipments(conn, &ids)?;
    let refunds = payment_store::load_refunds_of_orders(conn, &ids)?;
    let refund_ids: Vec<_> = refunds.iter().map(|it| it.id).collect();
    let refund_lines = payment_store::load_refund_lines(conn, &refund_ids)?;
    let contacts = store::open_contacts(conn, shop, &rows)?;
    let mut views = Vec::with_capacity(rows.len());
    for (row, contact) in rows.into_iter().zip(contacts) {
        let id = row.id;
        let own_refunds = refunds.iter().filter(|it| it.order_id == id).cloned();
        let parts = OrderParts {
            contact,
            lines: lines.iter().filter(|it| it.order_id == id).cloned().collect(),
            payments: payments.iter().filter(|it| it.order_id == id).cloned().map(Into::into).collect(),
            shipments: shipments.iter().filter(|(it, _)| it.order_id == id).cloned().collect(),
            refunds: own_refunds.map(|it| payment_view::refund(it, &refund_lines, row.currency)).collect(),
            row,
        };
        views.push(parts.view(None));
    }
    Ok(views)
}

/// The view of one order.
///
/// # Errors
/// As [`views`].
pub fn view(conn: &mut Conn, shop: &Shop, row: OrderRow) -> Result<Order> {
    let id = row.id;
    views(conn, shop, vec![row])?.pop().ok_or_else(|| crate::error::Error::Internal(format!("{id} has no view")))
}

/// The view that checkout answers with: a guest is told the order's token.
///
/// # Errors
/// As [`views`].
pub fn view_with_token(conn: &mut Conn, shop: &Shop, row: OrderRow) -> Result<Order> {
    let generation = u32::try_from(row.token_generation).unwrap_or_default();
    let is_guest = row.customer_id.is_none();
    let token = is_guest.then(|| secret::derive_order_token(&shop.keys, row.id, generation).expose().to_owned());
    Ok(Order { token, ..view(conn, shop, row)? })
}

/// One page of orders, newest first.
///
/// # Errors
/// 400 `invalid_cursor`.
pub async fn page_of_orders(
    shop: &Shop,
    filter: OrderFilter,
    list: String,
    limit: Option<i64>,
    cursor: Option<String>,
    with_total: Option<bool>,
) -> Result<Collection<Order>> {
    let context = shop.clone();
    shop.db
        .read(move |conn| {
            let page = PageRequest::new(&context.keys, list, limit, cursor.as_deref())?;
            let window = page.window(store::load_page(conn, &filter, &page)?);
            let total = match with_total {
                Some(true) => Some(store::count(conn, &filter)?),
                _ => None,
            };
            let views = views(conn, &context, window.rows.clone())?;
            let mut views = views.into_iter();
            let collection = page.collection(window, total, store::key_of, |_| views.next());
            let Collection { items, page } = collection;
            Ok(Collection { items: items.into_iter().flatten().collect(), page })
        })
        .await
}
