//! Authority as argument types: a handler that takes one of these has a caller of that kind, or is never run.
//!
//! They look at headers and at what [`authenticate`](super::authenticate) has found out, never at the database.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    access_token::Subject,
    caller::Caller,
    refresh_cookie,
    rights::{Right, Rights},
    secret::{OpaqueToken, TokenKind},
};
use crate::{
    card_data::has_card_number,
    error::{Code, Error, Result},
    http::{client_address::ClientAddress, header::only},
    ids::{CustomerId, KeyId, SessionId, StaffId},
    shop::Shop,
};

/// A customer, logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Customer {
    /// Who.
    pub id: CustomerId,
    /// By which session.
    pub session_id: SessionId,
}

/// A member of the staff, logged in, or an API key, who holds the right `R`.
#[derive(Debug, Clone, Copy)]
pub struct Staff<R: Right> {
    /// Who.
    pub id: Actor,
    right: PhantomData<R>,
}

/// Who does the work of the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A member of the staff.
    Staff(StaffId),
    /// Another system, by its key.
    ApiKey {
        /// Which key.
        id: KeyId,
        /// Who made it.
        created_by: StaffId,
    },
}

impl Actor {
    /// The id of the member of the staff, or of the key.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Staff(id) => id.as_str(),
            Self::ApiKey { id, .. } => id.as_str(),
        }
    }

    /// The member of the staff who answers for it.
    pub fn answerable(self) -> StaffId {
        match self {
            Self::Staff(id) => id,
            Self::ApiKey { created_by, .. } => created_by,
        }
    }
}

/// A member of the staff, logged in, whatever they may do.
#[derive(Debug, Clone, Copy)]
pub struct AnyStaff {
    /// Who.
    pub id: StaffId,
    /// By which session.
    pub session_id: SessionId,
}

/// Somebody with a cart or an order: a customer, a guest who shows a token, or both. Whether it is theirs is for the
/// finders to say.
#[derive(Debug, Clone)]
pub struct Shopper {
    /// The customer, where one is logged in.
    pub customer: Option<Customer>,
    /// What `Cart-Token` holds.
    pub cart_token: Option<OpaqueToken>,
    /// What `Order-Token` holds.
    pub order_token: Option<OpaqueToken>,
}

/// Anybody who may begin a cart: nobody in particular, or a customer.
#[derive(Debug, Clone, Copy)]
pub struct AnyShopper(pub Option<Customer>);

/// From where a request comes. Personal: sealed wherever it is kept.
// Without `Debug`, so that no log can hold it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RequestSource)]
pub struct Source {
    /// The network address.
    #[schema(required, min_length = 2, max_length = 45, example = "192.0.2.17")]
    pub address: Option<String>,
    /// What the program of the caller calls itself (`User-Agent`), where it does; cut after 300 characters.
    #[schema(required, min_length = 1, max_length = 300, example = "Mozilla/5.0 (X11; Linux x86_64)")]
    pub device: Option<String>,
}

/// The refresh token that a browser keeps in its cookie, where it sends one.
// Without `Debug`, so that no log can hold the token.
pub struct RefreshCookie {
    text: Option<String>,
    /// Whether the page that sends it is one of the front-ends.
    origin_admitted: bool,
}

/// Somebody who is logged in, customer or staff.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn {
    /// Who.
    pub subject: Subject,
    /// By which session.
    pub session_id: SessionId,
}

impl Shopper {
    /// Names the caller for idempotency.
    pub fn scope(&self) -> String {
        match (&self.customer, &self.cart_token, &self.order_token) {
            (Some(customer), _, _) => customer.id.to_string(),
            (None, Some(token), _) => format!("cart-token {}", token.hash()),
            (None, None, Some(token)) => format!("order-token {}", token.hash()),
            // The extractor admits nobody without a credential.
            (None, None, None) => "anyone".to_owned(),
        }
    }

    fn read(request: &HttpRequest) -> Result<Self> {
        let shopper = Self {
            customer: customer(request)?,
            cart_token: token(request, "cart-token", TokenKind::Cart)?,
            order_token: token(request, "order-token", TokenKind::Order)?,
        };
        let Self { customer, cart_token, order_token } = &shopper;
        if customer.is_none() && cart_token.is_none() && order_token.is_none() {
            let detail = "Show `Authorization: Bearer …`, or a guest's `Cart-Token` or `Order-Token`.";
            return Err(Error::problem(Code::Unauthorized, detail));
        }
        Ok(shopper)
    }
}

impl RefreshCookie {
    /// What the cookie holds.
    ///
    /// # Errors
    /// 403 `forbidden` where it is sent by a page of an origin that is not listed, or of none.
    pub fn text(self) -> Result<Option<String>> {
        if self.text.is_some() && !self.origin_admitted {
            let detail = "The cookie counts only with an `Origin` that the shop has listed.";
            return Err(Error::problem(Code::Forbidden, detail));
        }
        Ok(self.text)
    }

    fn read(request: &HttpRequest) -> Self {
        let headers = request.headers();
        let cookies = headers.get_all("cookie").filter_map(|it| it.to_str().ok());
        let text = refresh_cookie::find(cookies).map(str::to_owned);
        let shop = request.app_data::<Data<Shop>>();
        let origin_admitted =
            shop.zip(headers.get("origin")).is_some_and(|(shop, origin)| shop.config.origins.admits(origin));
        Self { text, origin_admitted }
    }
}

impl From<Customer> for SignedIn {
    fn from(Customer { id, session_id }: Customer) -> Self {
        Self { subject: Subject::Customer(id), session_id }
    }
}

impl From<AnyStaff> for SignedIn {
    fn from(AnyStaff { id, session_id }: AnyStaff) -> Self {
        Self { subject: Subject::Staff(id), session_id }
    }
}

impl<R: Right> Staff<R> {
    fn read(request: &HttpRequest) -> Result<Self> {
        let (id, rights) = staff(request)?;
        if let Some(Caller::Staff { lacks_second_factor: true, .. }) = caller(request) {
            return Err(Error::problem(Code::SecondFactorNeeded, Code::SecondFactorNeeded.about()));
        }
        if rights.contains(R::NAME) {
            return Ok(Self { id, right: PhantomData });
        }
        let right = R::NAME.as_str();
        Err(Error::problem(Code::Forbidden, format!("This takes the right `{right}`, which you do not hold.")))
    }
}

fn staff(request: &HttpRequest) -> Result<(Actor, Rights)> {
    match caller(request) {
        None => Err(unauthorized()),
        Some(Caller::Staff { id, rights, .. }) => Ok((Actor::Staff(id), rights)),
        Some(Caller::ApiKey { id, created_by, rights }) => Ok((Actor::ApiKey { id, created_by }, rights)),
        Some(Caller::Customer { .. }) => Err(for_staff()),
    }
}

/// The customer who calls, if one does.
fn customer(request: &HttpRequest) -> Result<Option<Customer>> {
    match caller(request) {
        None => Ok(None),
        Some(Caller::Customer { id, session_id }) => Ok(Some(Customer { id, session_id })),
        Some(Caller::Staff { .. } | Caller::ApiKey { .. }) => {
            Err(Error::problem(Code::Forbidden, "This is for customers; you are staff."))
        }
    }
}

fn caller(request: &HttpRequest) -> Option<Caller> {
    request.extensions().get().copied()
}

/// The token in a header. One that is there twice is none either.
fn token(request: &HttpRequest, header: &str, kind: TokenKind) -> Result<Option<OpaqueToken>> {
    if !request.headers().contains_key(header) {
        return Ok(None);
    }
    let token = only(request.headers(), header).and_then(|it| OpaqueToken::parse(kind, it).ok());
    token.map(Some).ok_or_else(|| Error::problem(Code::InvalidToken, Code::InvalidToken.about()))
}

fn for_staff() -> Error {
    Error::problem(Code::Forbidden, "This is for the staff.")
}

fn for_people() -> Error {
    Error::problem(Code::Forbidden, "This is for people; an API key is none.")
}

fn unauthorized() -> Error {
    Error::problem(Code::Unauthorized, Code::Unauthorized.about())
}

impl FromRequest for Customer {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(customer(request).and_then(|it| it.ok_or_else(unauthorized)))
    }
}

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match caller(request) {
            Some(Caller::Customer { id, session_id }) => Ok(Self { subject: Subject::Customer(id), session_id }),
            Some(Caller::Staff { id, session_id, .. }) => Ok(Self { subject: Subject::Staff(id), session_id }),
            Some(Caller::ApiKey { .. }) => Err(for_people()),
            None => Err(unauthorized()),
        })
    }
}

impl FromRequest for RefreshCookie {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::read(request)))
    }
}

impl Source {
    fn read(request: &HttpRequest) -> Self {
        let text = request.headers().get("user-agent").and_then(|it| it.to_str().ok()).unwrap_or_default();
        let text: String = text.chars().take(300).collect();
        // Whatever a caller may write could hold a card number, and none may be stored.
        let device = (!text.is_empty() && !has_card_number(&text)).then_some(text);
        let address = request.extensions().get::<ClientAddress>().map(|it| it.0.to_string());
        Self { address, device }
    }
}

impl FromRequest for Source {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::read(request)))
    }
}

impl<R: Right> FromRequest for Staff<R> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

impl FromRequest for AnyStaff {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match caller(request) {
            Some(Caller::Staff { id, session_id, .. }) => Ok(Self { id, session_id }),
            Some(Caller::ApiKey { .. }) => Err(for_people()),
            Some(Caller::Customer { .. }) => Err(for_staff()),
            None => Err(unauthorized()),
        })
    }
}

impl FromRequest for Shopper {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

impl FromRequest for AnyShopper {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(customer(request).map(Self))
    }
}

#[cfg(test)]
mod tests;
