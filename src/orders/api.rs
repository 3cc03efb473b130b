//! Orders for those who bought them.

use actix_web::{HttpRequest, get, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    read::{self, page_of_orders},
    store::{self, OrderFilter},
    view::Order,
};
use crate::{
    auth::extract::{Customer, Shopper},
    error::Result,
    http::{
        answer::{Answer, Keep},
        cursor,
        listing::Paging,
        path::PathParameter,
        query::StrictQuery,
    },
    ids::OrderId,
    page::Collection,
    shop::Shop,
};

/// Orders' routes.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(get_order).service(list_own_orders);
}

/// Show an order
///
/// The order as it stands, to who bought it: by account, or by the order's token.
#[utoipa::path(
    tag = "orders",
    params(("order_id" = OrderId, Path, description = "The order.")),
    responses((status = 200, description = "The order.", body = Order)),
    security(("bearer" = []), ("order_token" = []))
)]
#[get("/api/v1/orders/{order_id}")]
async fn get_order(shopper: Shopper, shop: Data<Shop>, id: PathParameter<OrderId>) -> Result<Answer> {
    let context = shop.clone();
    let order = shop
        .db
        .read(move |conn| {
            let row = store::find_owned(conn, &context, &shopper, id.0)?;
            read::view(conn, &context, row)
        })
        .await?;
    Ok(Answer::ok(&order, Keep::Never).versioned(order.version))
}

/// List one's orders
///
/// The orders of who is signed in, newest first. Attempts that were declined or given up are not among them.
#[utoipa::path(
    tag = "orders",
    params(Paging),
    responses((status = 200, description = "A page of orders.", body = Collection<Order>)),
    security(("bearer" = []))
)]
#[get("/api/v1/me/orders")]
async fn list_own_orders(
    customer: Customer,
    shop: Data<Shop>,
    query: StrictQuery<Paging>,
    request: HttpRequest,
) -> Result<Answer> {
    let filter = OrderFilter { customer: Some(customer.id), accepted: true, ..OrderFilter::default() };
    let Paging { limit, cursor, with_total } = query.0;
    let list = format!("orders of {}", customer.id);
    let collection = page_of_orders(&shop, filter, list, limit, cursor, with_total).await?;
    let address = format!("{}/api/v1/me/orders", shop.config.public_url);
    let link = cursor::link_header(&address, request.query_string(), &collection.page);
    Ok(Answer { link, ..Answer::ok(&collection, Keep::Never).tagged() })
}
