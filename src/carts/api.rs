//! Carts over HTTP.

use std::sync::Arc;

use actix_web::{delete, get, patch, post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    attempt::{GiveUp, write_giving_up},
    bodies::{AddCartLines, AddedLine, AddedLines, CartExplanation, ChangeCart, ChangeCartLine, CreateCart},
    change::{self, Owner},
    model::CartRow,
    priced::{self, PricedCart},
    store,
    view::Cart,
};
use crate::{
    auth::{
        extract::{AnyShopper, Shopper},
        secret::{OpaqueToken, TokenKind},
    },
    db::Conn,
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        etag::IfMatch,
        idempotency::{IdempotencyKey, Ticket, once},
        json::ShopperJson,
        path::PathParameter,
    },
    ids::{CartId, LineId},
    page::Collection,
    shipping::{self, ShippingOption},
    shop::Shop,
};

/// Carts' routes.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(create_cart)
        .service(get_cart)
        .service(update_cart)
        .service(delete_cart)
        .service(add_cart_lines)
        .service(update_cart_line)
        .service(delete_cart_line)
        .service(list_shipping_options)
        .service(explain_cart);
}

/// Make a cart
///
/// An empty cart, or one with lines. A guest is told the cart's token, once, and shows it as `Cart-Token` from then on.
#[utoipa::path(
    tag = "carts",
    params(("Idempotency-Key" = Option<String>, Header, description = "One effect for one key.")),
    request_body(content = CreateCart, description = "The cart, or `{}`."),
    responses((status = 201, description = "The cart.", body = Cart)),
    security((), ("bearer" = []))
)]
#[post("/api/v1/carts")]
async fn create_cart(
    shopper: AnyShopper,
    shop: Data<Shop>,
    key: IdempotencyKey,
    body: ShopperJson<CreateCart>,
) -> Result<Answer> {
    let AnyShopper(customer) = shopper;
    let caller = customer.as_ref().map(|it| it.id.to_string());
    let ticket = key.ticket(&shop.keys, caller.as_deref(), &body.bytes)?;
    let now = shop.clock.now();
    let token = customer.is_none().then(|| OpaqueToken::random(TokenKind::Cart));
    let context = shop.clone();
    once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let owner = match (&customer, &token) {
            (Some(customer), _) => Owner::Customer(customer.id),
            (None, Some(token)) => Owner::Guest(token),
            (None, None) => return Err(Error::Internal("a cart without an owner".to_owned())),
        };
        let id = change::create(conn, &context, &owner, &body.value, now)?;
        let row = store::find(conn, id)?;
        let places = quantities("#/lines", body.value.lines.as_deref().unwrap_or_default());
        let cart = priced::load(conn, &context, row)?.require_range(&places)?;
        let version = cart.row.version;
        let view = cart.view(&context, token.as_ref().map(|it| it.expose().to_owned()));
        let location = format!("/api/v1/carts/{id}");
        Ok(Answer::created(&view, location, Keep::Never).versioned(version))
    })
    .await
}

/// Show a cart
///
/// The cart, priced as of now.
#[utoipa::path(
    tag = "carts",
    params(("cart_id" = CartId, Path, description = "The cart.")),
    responses((status = 200, description = "The cart.", body = Cart)),
    security(("bearer" = []), ("cart_token" = []))
)]
#[get("/api/v1/carts/{cart_id}")]
async fn get_cart(shopper: Shopper, shop: Data<Shop>, id: PathParameter<CartId>) -> Result<Answer> {
    let now = shop.clock.now();
    let context = shop.clone();
    shop.db
        .read(move |conn| {
            let row = store::find_owned(conn, &shopper, id.0, now)?;
            shown(conn, &context, row)
        })
        .await
}

fn shown(conn: &mut Conn, shop: &Shop, row: CartRow) -> Result<Answer> {
    priced::load(conn, shop, row).map(|cart| answer(shop, cart))
}

fn answer(shop: &Shop, cart: PricedCart) -> Answer {
    let version = cart.row.version;
    Answer::ok(&cart.view(shop, None), Keep::Personal).versioned(version)
}

/// Where the quantities of a list of lines stand.
fn quantities(list: &str, lines: &[AddedLine]) -> Vec<String> {
    (0..lines.len()).map(|place| format!("{list}/{place}/quantity")).collect()
}

/// One change to a cart: what is common to all of them.
struct CartWrite {
    shop: Data<Shop>,
    give_up: Data<GiveUp>,
    shopper: Shopper,
    id: CartId,
    if_match: IfMatch,
    ticket: Option<Ticket>,
}

impl CartWrite {
    /// Checks the owner and the version, locks the cart, runs `work`, answers with the whole cart. A payment that is in
    /// the way is given up first.
    async fn run(
        self,
        work: impl Fn(&mut Conn, &Shop, CartRow) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Answer> {
        self.finish(work, shown).await
    }

    /// [`Self::run`] where the change is of quantities, which stand at `pointers` of the request: it is refused where the
    /// cart then comes to more than money can hold.
    async fn run_in_range(
        self,
        pointers: Vec<String>,
        work: impl Fn(&mut Conn, &Shop, CartRow) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Answer> {
        let in_range = move |conn: &mut Conn, shop: &Shop, row: CartRow| {
            Ok(answer(shop, priced::load(conn, shop, row)?.require_range(&pointers)?))
        };
        self.finish(work, in_range).await
    }

    async fn finish(
        self,
        work: impl Fn(&mut Conn, &Shop, CartRow) -> Result<()> + Send + Sync + 'static,
        answer: impl Fn(&mut Conn, &Shop, CartRow) -> Result<Answer> + Send + Sync + 'static,
    ) -> Result<Answer> {
        let Self { shop, give_up, shopper, id, if_match, ticket } = self;
        let (work, answer) = (Arc::new(work), Arc::new(answer));
        write_giving_up(&give_up, || {
            let (context, shopper, if_match) = (shop.clone(), shopper.clone(), if_match.clone());
            let (work, answer) = (work.clone(), answer.clone());
            let now = shop.clock.now();
            once(&shop.db, &shop.keys, now, ticket.clone(), move |conn| {
                let row = store::find_owned(conn, &shopper, id, now)?;
                if_match.require(row.version)?;
                let locked = store::lock_open(conn, &context, id, now)?;
                // Another write may have come between the look and the lock.
                if_match.require(locked.version - 1)?;
                work(conn, &context, locked.clone())?;
                answer(conn, &context, locked)
            })
        })
        .await
    }
}

/// Change a cart
///
/// JSON merge patch of contact, addresses, shipping option, note and metadata.
#[utoipa::path(
    tag = "carts",
    params(
        ("cart_id" = CartId, Path, description = "The cart."),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for.")
    ),
    request_body(description = "What to change.", content((ChangeCart = "application/json"), (ChangeCart = "application/merge-patch+json"))),
    responses((status = 200, description = "The cart.", body = Cart), (status = 409, description = "The cart has become an order, or a payment runs.")),
    security(("bearer" = []), ("cart_token" = []))
)]
#[patch("/api/v1/carts/{cart_id}")]
async fn update_cart(
    shopper: Shopper,
    shop: Data<Shop>,
    give_up: Data<GiveUp>,
    id: PathParameter<CartId>,
    if_match: IfMatch,
    body: ShopperJson<ChangeCart>,
) -> Result<Answer> {
    let write = CartWrite { shop, give_up, shopper, id: id.0, if_match, ticket: None };
    write
        .finish(
            move |conn, shop, row| change::change(conn, shop, row, body.value.clone()),
            |conn, shop, row| {
                let row = store::find(conn, row.id)?;
                shown(conn, shop, row)
            },
        )
        .await
}

/// Forget a cart
///
/// The cart, its lines and its token are gone.
#[utoipa::path(
    tag = "carts",
    params(
        ("cart_id" = CartId, Path, description = "The cart."),
        ("If-Match" = Option<String>, Header, description = "The version that is to go.")
    ),
    responses((status = 204, description = "It is gone."), (status = 409, description = "The cart has become an order, or a payment runs.")),
    security(("bearer" = []), ("cart_token" = []))
)]
#[delete("/api/v1/carts/{cart_id}")]
async fn delete_cart(
    shopper: Shopper,
    shop: Data<Shop>,
    give_up: Data<GiveUp>,
    id: PathParameter<CartId>,
    if_match: IfMatch,
) -> Result<Answer> {
    let write = CartWrite { shop, give_up, shopper, id: id.0, if_match, ticket: None };
    write.finish(|conn, _, row| change::delete(conn, &row), |_, _, _| Ok(Answer::no_content())).await
}

/// Add to a cart
///
/// One variant or several. A variant that is there already gets more of it. A quantity above stock is accepted and stands
/// in `problems`.
#[utoipa::path(
    tag = "carts",
    params(
        ("cart_id" = CartId, Path, description = "The cart."),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for."),
        ("Idempotency-Key" = Option<String>, Header, description = "One effect for one key.")
    ),
    request_body(content = AddCartLines, description = "The lines."),
    responses((status = 200, description = "The cart.", body = Cart)),
    security(("bearer" = []), ("cart_token" = []))
)]
#[post("/api/v1/carts/{cart_id}/lines")]
async fn add_cart_lines(
    shopper: Shopper,
    shop: Data<Shop>,
    give_up: Data<GiveUp>,
    id: PathParameter<CartId>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: ShopperJson<AddCartLines>,
) -> Result<Answer> {
    let ticket = key.ticket(&shop.keys, Some(&shopper.scope()), &body.bytes)?;
    let now = shop.clock.now();
    let write = CartWrite { shop, give_up, shopper, id: id.0, if_match, ticket };
    let pointers = match &body.value {
        AddCartLines::One(_) => vec!["#/quantity".to_owned()],
        AddCartLines::Many(AddedLines { lines }) => quantities("#/lines", lines),
    };
    write
        .run_in_range(pointers, move |conn, _, row| match &body.value {
            AddCartLines::One(line) => change::add_lines(conn, &row, std::slice::from_ref(line), "#", now),
            AddCartLines::Many(AddedLines { lines }) => change::add_lines(conn, &row, lines, "#/lines", now),
        })
        .await
}

/// Set a line's quantity
///
/// How many of the line's variant are wanted.
#[utoipa::path(
    tag = "carts",
    params(
        ("cart_id" = CartId, Path, description = "The cart."),
        ("line_id" = LineId, Path, description = "The line."),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for.")
    ),
    request_body(description = "What to change.", content((ChangeCartLine = "application/json"), (ChangeCartLine = "application/merge-patch+json"))),
    responses((status = 200, description = "The cart.", body = Cart), (status = 409, description = "The cart has become an order, or a payment runs.")),
    security(("bearer" = []), ("cart_token" = []))
)]
#[patch("/api/v1/carts/{cart_id}/lines/{line_id}")]
async fn update_cart_line(
    shopper: Shopper,
    shop: Data<Shop>,
    give_up: Data<GiveUp>,
    id: PathParameter<CartId>,
    line: PathParameter<LineId, 1>,
    if_match: IfMatch,
    body: ShopperJson<ChangeCartLine>,
) -> Result<Answer> {
    let write = CartWrite { shop, give_up, shopper, id: id.0, if_match, ticket: None };
    let set =
        move |conn: &mut Conn, _: &Shop, row: CartRow| change::set_quantity(conn, row.id, line.0, body.value.quantity);
    write.run_in_range(vec!["#/quantity".to_owned()], set).await
}

/// Remove a line
///
/// The line is gone from the cart.
#[utoipa::path(
    tag = "carts",
    params(
        ("cart_id" = CartId, Path, description = "The cart."),
        ("line_id" = LineId, Path, description = "The line."),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for.")
    ),
    responses((status = 200, description = "The cart.", body = Cart), (status = 409, description = "The cart has become an order, or a payment runs.")),
    security(("bearer" = []), ("cart_token" = []))
)]
#[delete("/api/v1/carts/{cart_id}/lines/{line_id}")]
async fn delete_cart_line(
    shopper: Shopper,
    shop: Data<Shop>,
    give_up: Data<GiveUp>,
    id: PathParameter<CartId>,
    line: PathParameter<LineId, 1>,
    if_match: IfMatch,
) -> Result<Answer> {
    let write = CartWrite { shop, give_up, shopper, id: id.0, if_match, ticket: None };
    write.run(move |conn, _, row| change::remove_line(conn, row.id, line.0)).await
}

/// List a cart's shipping options
///
/// How the goods can go to the cart's shipping address, in the cart's currency; none while there is no address.
#[utoipa::path(
    tag = "carts",
    params(("cart_id" = CartId, Path, description = "The cart.")),
    responses((status = 200, description = "The options, on one page.", body = Collection<ShippingOption>)),
    security(("bearer" = []), ("cart_token" = []))
)]
#[get("/api/v1/carts/{cart_id}/shipping-options")]
async fn list_shipping_options(shopper: Shopper, shop: Data<Shop>, id: PathParameter<CartId>) -> Result<Answer> {
    let now = shop.clock.now();
    let options = shop
        .db
        .read(move |conn| {
            let row = store::find_owned(conn, &shopper, id.0, now)?;
            match &row.country {
                Some(country) => Ok(shipping::options_for(conn, country, row.currency)?),
                None => Ok(Vec::new()),
            }
        })
        .await?;
    Ok(Answer::ok(&Collection::whole(options), Keep::Personal).tagged())
}

/// Explain a cart's price
///
/// Each figure of the totals, with the rule and the amounts that it was worked out from.
#[utoipa::path(
    tag = "carts",
    params(("cart_id" = CartId, Path, description = "The cart.")),
    responses((status = 200, description = "The explanation.", body = CartExplanation)),
    security(("bearer" = []), ("cart_token" = []))
)]
#[get("/api/v1/carts/{cart_id}/explain")]
async fn explain_cart(shopper: Shopper, shop: Data<Shop>, id: PathParameter<CartId>) -> Result<Answer> {
    let now = shop.clock.now();
    let context = shop.clone();
    let explanation = shop
        .db
        .read(move |conn| {
            let row = store::find_owned(conn, &shopper, id.0, now)?;
            let cart = priced::load(conn, &context, row)?;
            Ok(CartExplanation {
                id: cart.row.id,
                version: cart.row.version,
                total: cart.quote.totals.total,
                steps: cart.quote.trace,
            })
        })
        .await?;
    Ok(Answer::ok(&explanation, Keep::Personal).tagged())
}
