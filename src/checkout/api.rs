//! Checkout over HTTP.

use actix_web::{post, web::Data};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    charge::{Charged, charge},
    give_up::give_up,
    place_order::{Placed, Purchase, place_order},
    settle::{accept_unpaid, settle},
};
use crate::{
    auth::extract::Shopper,
    db::{Conn, constraints::is_passing},
    error::{Code, Error, Problem, Result, Violation},
    http::{
        answer::{Answer, Keep},
        etag::IfMatch,
        idempotency::{self, Claim, IdempotencyKey, RequiredIdempotencyKey, Ticket},
        json::{NoBody, ShopperJson},
        path::PathParameter,
        problem,
    },
    ids::{CartId, OrderId, PaymentId},
    money::Money,
    orders::{model::OrderRow, read, standing::OrderStatus, store as order_store, transition, view::Order},
    payments::{
        provider::{ChargeRequest, Outcome},
        providers::Providers,
        store as payment_store,
    },
    shop::Shop,
};

/// Checkout's routes.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(checkout_cart).service(cancel_order);
}

/// Each waits its time for a connection, or for the rows that another has locked.
const TRIES_TO_BOOK: usize = 5;

/// A cart to be bought as it was seen.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckoutCart {
    /// `totals.total` of the cart as the shopper has seen it.
    expected_total: Money,
    /// How to pay; null only where nothing is due.
    payment: Option<CheckoutPayment>,
    /// Where the provider's page sends the shopper back to.
    #[schema(
        min_length = 8,
        max_length = 2000,
        pattern = "^[a-zA-Z][a-zA-Z0-9+.-]*://[!-~]+$",
        example = "http://localhost:3000/thanks"
    )]
    return_url: Option<String>,
}

/// How to pay.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckoutPayment {
    /// One of the shop's payment providers.
    #[schema(min_length = 1, max_length = 50, pattern = "^[a-z0-9_]+$", example = "sandbox")]
    provider: String,
    /// What the provider gave for the card.
    #[schema(value_type = String, min_length = 1, max_length = 255, pattern = "^[A-Za-z0-9_-]+$", example = "tok_visa")]
    token: SecretString,
}

/// Buy a cart
///
/// Holds the stock, charges the card and makes the order. Nothing is charged twice, however often the request is sent with
/// the same key.
#[utoipa::path(
    tag = "checkout",
    params(
        ("cart_id" = CartId, Path, description = "The cart."),
        ("If-Match" = Option<String>, Header, description = "The version that the shopper has seen."),
        ("Idempotency-Key" = String, Header, description = "One order for one key.")
    ),
    request_body(content = CheckoutCart, description = "What the shopper has seen, and how they pay."),
    responses(
        (status = 201, description = "The order, paid.", body = Order),
        (status = 202, description = "The order; its payment is not settled yet.", body = Order),
        (status = 402, description = "The card was declined; the cart is open again."),
        (status = 409, description = "Stock, prices or the cart have changed, or a payment runs.")
    ),
    security(("bearer" = []), ("cart_token" = []))
)]
#[post("/api/v1/carts/{cart_id}/checkout")]
async fn checkout_cart(
    shopper: Shopper,
    shop: Data<Shop>,
    providers: Data<Providers>,
    id: PathParameter<CartId>,
    if_match: IfMatch,
    key: RequiredIdempotencyKey,
    body: ShopperJson<CheckoutCart>,
) -> Result<Answer> {
    let ticket = key.0.ticket(&shop.keys, Some(&shopper.scope()), &body.bytes)?;
    let ticket = ticket.ok_or_else(|| Error::Internal("a required key has no ticket".to_owned()))?;
    let CheckoutCart { expected_total, payment, return_url } = body.value;
    let provider = payment.as_ref().map(|it| it.provider.clone());
    let checkout = Checkout {
        shop: shop.as_ref().clone(),
        providers: providers.as_ref().clone(),
        shopper,
        purchase: Purchase { cart_id: id.0, if_match, expected_total, provider },
        token: payment.map(|it| it.token),
        return_url,
        ticket,
    };
    // A client that goes away does not stop what it has begun.
    actix_web::rt::spawn(checkout.run())
        .await
        .map_err(|error| Error::Internal(format!("a checkout broke off: {error}")))?
}

/// One checkout, from its claim to its answer.
struct Checkout {
    shop: Shop,
    providers: Providers,
    shopper: Shopper,
    purchase: Purchase,
    token: Option<SecretString>,
    return_url: Option<String>,
    ticket: Ticket,
}

/// What became of the first transaction.
enum Begun {
    Answered(Box<Answer>),
    Placed(Placed),
}

impl Checkout {
    async fn run(self) -> Result<Answer> {
        let placed = match self.begin().await? {
            Begun::Answered(answer) => return Ok(*answer),
            Begun::Placed(placed) => placed,
        };
        fail::fail_point!("checkout-placed", |_| std::process::abort());
        let charged = match (placed.payment, &self.token) {
            (Some((payment_id, amount)), Some(token)) => {
                Some((payment_id, self.ask(&placed, payment_id, amount, token).await?))
            }
            _ => None,
        };
        fail::fail_point!("checkout-charged", |_| std::process::abort());
        let answer = self.finish(placed.order_id, charged).await;
        fail::fail_point!("checkout-settled", |_| std::process::abort());
        answer
    }

    /// The first transaction: the key is claimed, the order placed.
    async fn begin(&self) -> Result<Begun> {
        let (shop, providers, shopper) = (self.shop.clone(), self.providers.clone(), self.shopper.clone());
        let (purchase, ticket, now) = (self.purchase.clone(), self.ticket.clone(), self.shop.clock.now());
        self.shop
            .db
            .write(move |conn| match idempotency::claim(conn, &shop.keys, now, &ticket)? {
                Claim::Replay(answer) => Ok(Begun::Answered(answer)),
                Claim::Unfinished(order_id) => {
                    resume(conn, &shop, &ticket, order_id).map(Box::new).map(Begun::Answered)
                }
                Claim::Fresh => {
                    let placed = place_order(conn, &shop, &providers, &shopper, &purchase, now)?;
                    idempotency::note_order(conn, &ticket, placed.order_id)?;
                    Ok(Begun::Placed(placed))
                }
            })
            .await
    }

    /// The second step, outside any transaction: the provider is asked.
    async fn ask(&self, placed: &Placed, reference: PaymentId, amount: Money, token: &SecretString) -> Result<Charged> {
        let name = self.purchase.provider.as_deref().unwrap_or_default();
        let provider = self.providers.named(name).ok_or_else(|| Error::Internal(format!("no provider {name}")))?;
        let request = ChargeRequest {
            reference,
            order_id: placed.order_id,
            amount,
            token: token.clone(),
            return_url: self.return_url.clone(),
            capture: true,
        };
        Ok(charge(provider.as_ref(), request).await)
    }

    /// The third transaction: what the provider said is booked, and the answer kept.
    ///
    /// Money may have moved: where the database is busy, it is asked again before that is left to the sweeper.
    async fn finish(self, order_id: OrderId, charged: Option<(PaymentId, Charged)>) -> Result<Answer> {
        let Self { shop, ticket, .. } = self;
        let (context, now) = (shop.clone(), shop.clock.now());
        let book = move |conn: &mut Conn| {
            let order = match &charged {
                None => accept_unpaid(conn, order_id, now)?,
                Some((id, Charged::Outcome(outcome))) => settle(conn, &context, *id, outcome.clone(), now)?,
                Some((id, Charged::InvalidToken)) => {
                    settle(conn, &context, *id, Outcome::Voided, now)?;
                    idempotency::release(conn, &ticket)?;
                    return Ok(None);
                }
            };
            let answer = answer(conn, &context, &ticket, order)?;
            idempotency::record(conn, &context.keys, &ticket, &answer)?;
            Ok(Some(answer))
        };
        let mut booked = shop.db.write(book.clone()).await;
        for _ in 1..TRIES_TO_BOOK {
            if !booked.as_ref().is_err_and(is_passing) {
                break;
            }
            booked = shop.db.write(book.clone()).await;
        }
        booked?.ok_or_else(|| {
            Violation::at("#/payment/token", Code::InvalidPaymentToken, Code::InvalidPaymentToken.about()).into()
        })
    }
}

/// The answer of a checkout whose own answer was never written, from the order as it now stands.
fn resume(conn: &mut Conn, shop: &Shop, ticket: &Ticket, order_id: OrderId) -> Result<Answer> {
    // Whoever is just settling it is waited for: order and payment must not be read from either side of that.
    let order = transition::lock(conn, order_id)?;
    let payments = payment_store::load_of_orders(conn, &[order_id])?;
    if payments.iter().any(|it| it.status == payment_store::PaymentState::Initiated) {
        return Err(idempotency::in_progress());
    }
    let is_final = order.status != OrderStatus::Pending;
    let answer = answer(conn, shop, ticket, order)?;
    if is_final {
        idempotency::record(conn, &shop.keys, ticket, &answer)?;
    }
    Ok(Answer { replayed: true, ..answer })
}

/// What a checkout answers with, by how its order stands.
fn answer(conn: &mut Conn, shop: &Shop, ticket: &Ticket, order: OrderRow) -> Result<Answer> {
    let version = order.version;
    match order.status {
        OrderStatus::Cancelled => {
            let payments = payment_store::load_of_orders(conn, &[order.id])?;
            let code = payments.iter().rev().find_map(|it| it.decline_code);
            let problem = Problem::new(Code::CardDeclined, "The payment was refused; the cart is open again.")
                .with("decline_code", code.map_or("processing_error", |it| it.as_str()));
            Ok(problem::answer(&problem, &ticket.request_id))
        }
        OrderStatus::Pending => {
            let view = read::view_with_token(conn, shop, order)?;
            Ok(Answer { location: Some(address(view.id)), ..Answer::ok(&view, Keep::Never).status(202) }
                .versioned(version))
        }
        OrderStatus::Open | OrderStatus::Completed => {
            let view = read::view_with_token(conn, shop, order)?;
            let location = address(view.id);
            Ok(Answer::created(&view, location, Keep::Never).versioned(version))
        }
    }
}

fn address(id: OrderId) -> String {
    format!("/api/v1/orders/{id}")
}

/// Cancel an order
///
/// Gives up an order whose payment is not settled: the provider is asked to void it, stock and cart are free again. An
/// order that was paid after all stands, and the answer says so.
#[utoipa::path(
    tag = "orders",
    params(
        ("order_id" = OrderId, Path, description = "The order."),
        ("Idempotency-Key" = Option<String>, Header, description = "One effect for one key.")
    ),
    responses((status = 200, description = "The order, cancelled.", body = Order), (status = 409, description = "It is paid, or the provider is being asked.")),
    security(("bearer" = []), ("order_token" = []))
)]
#[post("/api/v1/orders/{order_id}/cancel")]
async fn cancel_order(
    shopper: Shopper,
    shop: Data<Shop>,
    providers: Data<Providers>,
    id: PathParameter<OrderId>,
    key: IdempotencyKey,
    _body: NoBody,
) -> Result<Answer> {
    let ticket = key.ticket(&shop.keys, Some(&shopper.scope()), b"")?;
    let context = shop.clone();
    let owner = shopper.clone();
    shop.db.read(move |conn| order_store::find_owned(conn, &context, &owner, id.0).map(drop)).await?;
    // Giving up is monotonic: a repeat finds the order cancelled and answers alike.
    let order = give_up(&shop, &providers, id.0).await?;
    let (context, now) = (shop.clone(), shop.clock.now());
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let row = order_store::find(conn, order.id)?;
        let view = read::view(conn, &context, row)?;
        Ok(Answer::ok(&view, Keep::Never).versioned(view.version))
    })
    .await
}
