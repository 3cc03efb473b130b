//! The carts of one's own account over HTTP.

use actix_web::{HttpRequest, get, post, web::Data};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store;
use crate::{
    auth::extract::Customer,
    carts::{
        merge::{CartMerge, merge_guest_cart},
        model::CartRow,
    },
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        idempotency::{IdempotencyKey, once},
        json::ShopperJson,
        listing::{Listing, Paging},
        query::StrictQuery,
    },
    ids::CartId,
    money::Currency,
    page::Collection,
    shop::Shop,
    time::UtcTime,
};

/// The routes of one's own carts.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_own_carts).service(merge_cart);
}

/// A cart of one's own, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnCart {
    /// The cart.
    pub id: CartId,
    /// The currency of its prices.
    pub currency: Currency,
    /// Units of all lines together.
    #[schema(minimum = 0, maximum = 199_800, example = 3)]
    pub units: i64,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
    /// When it is forgotten unless it changes before.
    pub expires_at: UtcTime,
}

impl OwnCart {
    fn new((row, units): (CartRow, i64)) -> Self {
        let CartRow { id, currency, version, created_at, updated_at, expires_at, .. } = row;
        Self { id, currency, units, version, created_at, updated_at, expires_at }
    }
}

/// List one's carts
///
/// The carts of one's account that can still be bought, the last changed first: the first is the one that a log-in merges
/// a guest's cart into.
#[utoipa::path(
    tag = "carts",
    params(Paging),
    responses((status = 200, description = "A page of carts.", body = Collection<OwnCart>)),
    security(("bearer" = []))
)]
#[get("/api/v1/me/carts")]
async fn list_own_carts(
    customer: Customer,
    shop: Data<Shop>,
    query: StrictQuery<Paging>,
    request: HttpRequest,
) -> Result<Answer> {
    let Paging { limit, cursor, with_total } = query.0;
    let (listing, now) = (Listing::new(&shop, &request).of(customer.id.as_str()), shop.clock.now());
    let asked = listing.clone();
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(store::load_page(conn, customer.id, now, &page)?);
            let total = (with_total == Some(true)).then(|| store::count(conn, customer.id, now)).transpose()?;
            Ok(page.collection(window, total, |(row, _)| vec![json!(row.updated_at), json!(row.id)], OwnCart::new))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// A guest's cart.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeCart {
    /// The cart.
    cart_id: CartId,
    /// Its token.
    #[schema(min_length = 1, max_length = 200, example = "ct_3pQ8rT1uV5wX9yZ2aB4cD6eF8gH0jK1mN3pQ5rS7tU9")]
    cart_token: String,
}

/// Take a guest's cart along
///
/// What a log-in does with a guest's cart, for who is logged in already: equal variants are summed, capped at stock and at
/// the limit of a line, and the guest's cart is gone.
#[utoipa::path(
    tag = "carts",
    params(("Idempotency-Key" = Option<String>, Header, description = "One effect for one key.")),
    request_body(content = MergeCart, description = "The guest's cart."),
    responses(
        (status = 200, description = "What became of each line.", body = CartMerge),
        (status = 404, description = "The token opens no such cart, or it has been merged already."),
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/me/carts/merge")]
async fn merge_cart(
    customer: Customer,
    shop: Data<Shop>,
    key: IdempotencyKey,
    body: ShopperJson<MergeCart>,
) -> Result<Answer> {
    let ticket = key.ticket(&shop.keys, Some(customer.id.as_str()), &body.bytes)?;
    let now = shop.clock.now();
    let context = shop.clone();
    once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let MergeCart { cart_id, cart_token } = &body.value;
        let merged = merge_guest_cart(conn, &context, customer.id, *cart_id, cart_token, now)?;
        Ok(Answer::ok(&merged.ok_or_else(Error::not_found)?, Keep::Never))
    })
    .await
}
