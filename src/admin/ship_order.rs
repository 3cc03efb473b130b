//! Ships what is left of an order.

use crate::{
    auth::extract::Actor,
    db::Conn,
    error::{Code, Error, Result},
    ids::{OrderId, ShipmentId},
    inventory,
    orders::{
        model::{OrderRow, ShipmentLineRow, ShipmentRow},
        standing::{FulfillmentStatus, OrderStatus, PaymentStatus, Standing},
        store as order_store, transition,
        view::Tracking,
    },
    payments::store as payment_store,
    time::UtcTime,
};

/// Takes all units of an order that have not left off the shelf and closes the order.
///
/// # Errors
/// 404; 409 `invalid_transition` where the order is not paid or is being refunded, 409 `nothing_left` where all has left.
pub fn ship_order(
    conn: &mut Conn,
    order_id: OrderId,
    tracking: Option<&Tracking>,
    actor: Actor,
    now: UtcTime,
) -> Result<OrderRow> {
    let order = transition::lock(conn, order_id)?;
    let paid = matches!(order.payment_status, PaymentStatus::Paid | PaymentStatus::PartiallyRefunded);
    match order.status {
        OrderStatus::Completed => return Err(Error::problem(Code::NothingLeft, "All of this order has left already.")),
        OrderStatus::Open if paid => {}
        _ => {
            return Err(Error::problem(Code::InvalidTransition, "Only an order that is open and paid can be shipped."));
        }
    }
    if payment_store::has_pending_refund(conn, order_id)? {
        return Err(Error::problem(Code::InvalidTransition, "A refund of this order is under way."));
    }
    let shipment = ShipmentRow {
        id: ShipmentId::new(),
        order_id,
        carrier: tracking.map(|it| it.carrier.clone()),
        tracking_number: tracking.map(|it| it.number.clone()),
        tracking_url: tracking.and_then(|it| it.url.clone()),
        created_at: now,
    };
    let mut lines = Vec::new();
    for line in order_store::load_lines(conn, &[order_id])? {
        let quantity = line.quantity - line.shipped_quantity;
        if quantity > 0 {
            inventory::ship(conn, order_id, line.id, quantity.into(), Some(actor.as_str()), now)?;
            lines.push(ShipmentLineRow { shipment_id: shipment.id, line_id: line.id, quantity });
        }
    }
    order_store::insert_shipment(conn, &shipment, &lines)?;
    let to = Standing {
        status: OrderStatus::Completed,
        fulfillment_status: FulfillmentStatus::Fulfilled,
        ..order.standing()
    };
    transition::transition(conn, &order, to, now)
}
