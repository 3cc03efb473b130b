//! Orders for the staff.

use actix_web::{HttpRequest, get, post, web::Data};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::ship_order::ship_order;
use crate::{
    auth::{
        extract::Staff,
        rights::{OrdersRead, OrdersRefund, OrdersWrite},
    },
    checkout::refund::{begin_full_refund, finish_refund},
    db::Conn,
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        cursor,
        idempotency::{self, Claim, IdempotencyKey, RequiredIdempotencyKey, Ticket},
        json::StrictJson,
        path::PathParameter,
        query::StrictQuery,
    },
    ids::OrderId,
    orders::{
        read::{self, page_of_orders},
        standing::{FulfillmentStatus, OrderStatus, PaymentStatus},
        store::{self as order_store, OrderFilter},
        view::{Order, Tracking},
    },
    page::Collection,
    payments::{
        providers::Providers,
        store::{self as payment_store, RefundState},
    },
    shop::Shop,
    time::UtcTime,
    vault,
};

/// The staff's routes for orders.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_orders).service(get_admin_order).service(create_shipment).service(create_refund);
}

/// Which orders to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListOrders {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// In this state.
    #[param(inline)]
    status: Option<OrderStatus>,
    /// With this state of payment.
    #[param(inline)]
    payment_status: Option<PaymentStatus>,
    /// With this state of goods.
    #[param(inline)]
    fulfillment_status: Option<FulfillmentStatus>,
    /// The one of this number.
    #[param(min_length = 1, max_length = 18, pattern = "^[0-9]+$", example = "1001")]
    number: Option<String>,
    /// Those of this e-mail address.
    #[param(min_length = 3, max_length = 254, example = "ada@example.com")]
    email: Option<String>,
    /// Placed at or after this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    created_from: Option<UtcTime>,
    /// Placed before this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    created_before: Option<UtcTime>,
}

/// List orders
///
/// All orders, newest first, those that were declined or given up included.
#[utoipa::path(
    tag = "admin orders",
    params(ListOrders),
    responses((status = 200, description = "A page of orders.", body = Collection<Order>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/orders")]
async fn list_orders(
    _staff: Staff<OrdersRead>,
    shop: Data<Shop>,
    query: StrictQuery<ListOrders>,
    request: HttpRequest,
) -> Result<Answer> {
    let ListOrders {
        limit,
        cursor,
        with_total,
        status,
        payment_status,
        fulfillment_status,
        number,
        email,
        created_from,
        created_before,
    } = query.0;
    let filter = OrderFilter {
        customer: None,
        accepted: false,
        status,
        payment_status,
        fulfillment_status,
        // The pattern admits digits only, few enough for the type.
        number: number.and_then(|it| it.parse().ok()),
        email_hash: email.map(|it| shop.keys.email_hash(&it)),
        created_from,
        created_before,
    };
    let list = format!("orders {}", cursor::without_cursor(request.query_string()));
    let collection = page_of_orders(&shop, filter, list, limit, cursor, with_total).await?;
    let address = format!("{}/api/v1/admin/orders", shop.config.public_url);
    let link = cursor::link_header(&address, request.query_string(), &collection.page);
    Ok(Answer { link, ..Answer::ok(&collection, Keep::Never).tagged() })
}

/// Show an order to the staff
///
/// The order as it stands.
#[utoipa::path(
    tag = "admin orders",
    params(("order_id" = OrderId, Path, description = "The order.")),
    responses((status = 200, description = "The order.", body = Order)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/orders/{order_id}")]
async fn get_admin_order(_staff: Staff<OrdersRead>, shop: Data<Shop>, id: PathParameter<OrderId>) -> Result<Answer> {
    let context = shop.clone();
    shop.db.read(move |conn| shown(conn, &context, id.0)).await
}

fn shown(conn: &mut Conn, shop: &Shop, id: OrderId) -> Result<Answer> {
    let row = order_store::find(conn, id)?;
    let order = read::view(conn, shop, row)?;
    Ok(Answer::ok(&order, Keep::Never).versioned(order.version))
}

fn created(conn: &mut Conn, shop: &Shop, id: OrderId) -> Result<Answer> {
    let location = format!("/api/v1/admin/orders/{id}");
    Ok(Answer { location: Some(location), ..shown(conn, shop, id)?.status(201) })
}

/// Goods that leave: all that has not left yet.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateShipment {
    /// How to follow it.
    tracking: Option<Tracking>,
}

/// Ship an order
///
/// Everything that has not left yet leaves the shelf, and the order is completed.
#[utoipa::path(
    tag = "admin orders",
    params(
        ("order_id" = OrderId, Path, description = "The order."),
        ("Idempotency-Key" = Option<String>, Header, description = "One effect for one key.")
    ),
    request_body(content = CreateShipment, description = "How to follow the goods."),
    responses((status = 201, description = "The whole order.", body = Order), (status = 409, description = "The order is not paid, or all of it has left.")),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/orders/{order_id}/shipments")]
async fn create_shipment(
    staff: Staff<OrdersWrite>,
    shop: Data<Shop>,
    id: PathParameter<OrderId>,
    key: IdempotencyKey,
    body: StrictJson<CreateShipment>,
) -> Result<Answer> {
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let (context, now) = (shop.clone(), shop.clock.now());
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        ship_order(conn, id.0, body.value.tracking.as_ref(), staff.id, now)?;
        created(conn, &context, id.0)
    })
    .await
}

/// Money to give back: all that is left.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRefund {
    /// Why, for the shop's own eyes.
    #[schema(min_length = 1, max_length = 1000, example = "Arrived broken")]
    reason: Option<String>,
}

/// Refund an order
///
/// All that was paid and has not gone back goes back. What has not left the shelf then stays: the order is cancelled.
#[utoipa::path(
    tag = "admin orders",
    params(
        ("order_id" = OrderId, Path, description = "The order."),
        ("Idempotency-Key" = String, Header, description = "One refund for one key.")
    ),
    request_body(content = CreateRefund, description = "Why the money goes back."),
    responses((status = 201, description = "The whole order.", body = Order), (status = 409, description = "Nothing is left to refund.")),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/orders/{order_id}/refunds")]
async fn create_refund(
    staff: Staff<OrdersRefund>,
    shop: Data<Shop>,
    providers: Data<Providers>,
    id: PathParameter<OrderId>,
    key: RequiredIdempotencyKey,
    body: StrictJson<CreateRefund>,
) -> Result<Answer> {
    let ticket = key.0.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let ticket = ticket.ok_or_else(|| Error::Internal("a required key has no ticket".to_owned()))?;
    let (shop, providers) = (shop.as_ref().clone(), providers.as_ref().clone());
    let reason = body.value.reason;
    // A client that goes away does not stop what it has begun.
    let refund = async move {
        let (context, claimed, now) = (shop.clone(), ticket.clone(), shop.clock.now());
        let begun = shop
            .db
            .write(move |conn| match idempotency::claim(conn, &context.keys, now, &claimed)? {
                Claim::Replay(answer) => Ok(Err(*answer)),
                Claim::Unfinished(order_id) => resumed(conn, &context, &claimed, order_id).map(Err),
                Claim::Fresh => {
                    let sealed = sealed_reason(conn, &context, id.0, reason.as_deref())?;
                    let refund = begin_full_refund(conn, id.0, sealed, now)?;
                    idempotency::note_order(conn, &claimed, id.0)?;
                    Ok(Ok(refund.id))
                }
            })
            .await?;
        let refund_id = match begun {
            Ok(refund_id) => refund_id,
            Err(replay) => return Ok(replay),
        };
        fail::fail_point!("refund-begun", |_| std::process::abort());
        finish_refund(&shop, &providers, refund_id).await?;
        let context = shop.clone();
        shop.db
            .write(move |conn| {
                let answer = created(conn, &context, id.0)?;
                idempotency::record(conn, &context.keys, &ticket, &answer)?;
                Ok(answer)
            })
            .await
    };
    actix_web::rt::spawn(refund).await.map_err(|error| Error::Internal(format!("a refund broke off: {error}")))?
}

/// The answer of a refund whose own answer was never written: the sweeper ends what was begun.
fn resumed(conn: &mut Conn, shop: &Shop, ticket: &Ticket, id: OrderId) -> Result<Answer> {
    let refunds = payment_store::load_refunds_of_orders(conn, &[id])?;
    if refunds.iter().any(|it| it.status == RefundState::Pending) {
        return Err(idempotency::in_progress());
    }
    let answer = created(conn, shop, id)?;
    idempotency::record(conn, &shop.keys, ticket, &answer)?;
    Ok(Answer { replayed: true, ..answer })
}

fn sealed_reason(conn: &mut Conn, shop: &Shop, id: OrderId, reason: Option<&str>) -> Result<Option<Vec<u8>>> {
    let Some(reason) = reason else { return Ok(None) };
    let order = order_store::find(conn, id)?;
    // The key of somebody who was erased is gone, and nothing is written about them any more.
    let key = vault::find(conn, &shop.keys, &order.key_owner())?;
    Ok(key.map(|key| key.seal(id.as_str(), "refund reason", reason.as_bytes())))
}
