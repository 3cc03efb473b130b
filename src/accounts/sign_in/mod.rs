//! Begins sessions and carries them on.

pub mod api;
mod check_password;
mod second_factor;

use api::Transport;
use serde::{Deserialize, Serialize};

use super::{
    store,
    view::{CustomerProfile, Session, TokenType},
};
use crate::{
    audit::{self, Action, Entry},
    auth::{
        access_token::{self, Subject},
        extract::Source,
        second_factor::{LoginChallenge, is_on},
        secret::OpaqueToken,
        session::{self, Granted, Refreshed},
    },
    carts::merge::merge_guest_cart,
    db::Conn,
    error::{Code, Error, Result},
    ids::CartId,
    shop::Shop,
    staff::{self, StaffMember},
    time::UtcTime,
};

/// A guest's cart, with what is said to show that it is theirs.
// Without `Debug`, so that no log can hold the token.
#[derive(Clone, Serialize, Deserialize)]
pub struct GuestCart {
    /// The cart.
    pub id: CartId,
    /// Its token.
    pub token: String,
}

/// What somebody comes with who signs in. It waits, without its source, for a code that is to come.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Arrival {
    /// A guest's cart to take along.
    pub cart: Option<GuestCart>,
    /// Whether the refresh token is to be a cookie.
    pub by_cookie: bool,
    /// From where they come.
    #[serde(skip)]
    pub source: Source,
}

impl Arrival {
    /// With a cart's id and token, where both were given.
    pub fn new(cart: Option<(CartId, String)>, transport: Option<Transport>, source: Source) -> Self {
        let cart = cart.map(|(id, token)| GuestCart { id, token });
        Self { cart, by_cookie: transport == Some(Transport::Cookie), source }
    }
}

/// What a right password leads to.
pub(super) enum Begun {
    /// A session.
    Session(Box<Session>),
    /// A second factor is asked for, against this.
    Challenge(OpaqueToken),
}

/// Begins a session for whoever has shown the password of `owner`, or asks for their second factor.
///
/// # Errors
/// 401 `invalid_credentials` where they may not come in any more.
pub(super) fn begin(conn: &mut Conn, shop: &Shop, owner: Subject, with: &Arrival, now: UtcTime) -> Result<Begun> {
    if !is_on(conn, owner.as_str())? {
        return sign_in(conn, shop, owner, with, now).map(|it| Begun::Session(Box::new(it)));
    }
    find_person(conn, shop, owner)?.ok_or_else(invalid_credentials)?;
    LoginChallenge::make(conn, &shop.keys, owner, with, now).map(Begun::Challenge)
}

/// Begins a session for whoever has shown that they are `owner`, and takes their guest cart along.
///
/// # Errors
/// 401 `invalid_credentials` where they may not come in any more.
pub fn sign_in(conn: &mut Conn, shop: &Shop, owner: Subject, with: &Arrival, now: UtcTime) -> Result<Session> {
    let person = find_person(conn, shop, owner)?.ok_or_else(invalid_credentials)?;
    let granted = session::start(conn, &shop.keys, owner, with.source.device.as_deref(), now)?;
    let cart_merge = match (owner, &with.cart) {
        (Subject::Customer(id), Some(cart)) => merge_guest_cart(conn, shop, id, cart.id, &cart.token, now)?,
        _ => None,
    };
    let entry = Entry::done_by(owner.as_str(), Action::LoggedIn, &with.source);
    audit::record(conn, &shop.keys, entry.with("session_id", granted.session_id.as_str()), now)?;
    Ok(Session { cart_merge, ..answer(shop, owner, person, &granted, now) })
}

/// Writes down that somebody tried to log in by the address of `whose`, if it is anybody's, and did not know the
/// password.
///
/// # Errors
/// A failure of ours.
pub fn refuse(conn: &mut Conn, shop: &Shop, whose: Option<Subject>, with: &Arrival, now: UtcTime) -> Result<()> {
    let whose = whose.as_ref().map(Subject::as_str);
    let entry = Entry::refused_to_anybody(Action::LoggedIn, whose, &with.source);
    audit::record(conn, &shop.keys, entry, now)
}

/// Carries a session on; `None` where the token does not allow it. Commit what it did even then.
///
/// # Errors
/// A failure of ours.
pub fn refresh(
    conn: &mut Conn,
    shop: &Shop,
    presented: &OpaqueToken,
    source: &Source,
    now: UtcTime,
) -> Result<Option<Session>> {
    match session::refresh(conn, &shop.keys, presented, now)? {
        Refreshed::Refused => Ok(None),
        Refreshed::Reused(owner, session_id) => {
            log::warn!("a replaced refresh token was shown again; the session {session_id} has been ended");
            let entry = Entry::refused_to_anybody(Action::RefreshTokenReused, Some(owner.as_str()), source);
            audit::record(conn, &shop.keys, entry.with("session_id", session_id.as_str()), now)?;
            Ok(None)
        }
        Refreshed::Granted(owner, granted) => {
            let person = find_person(conn, shop, owner)?;
            Ok(person.map(|person| answer(shop, owner, person, &granted, now)))
        }
    }
}

/// The error for a wrong e-mail address or password, and for an account that is closed: from outside they look alike.
pub fn invalid_credentials() -> Error {
    Error::problem(Code::InvalidCredentials, Code::InvalidCredentials.about())
}

fn invalid_token() -> Error {
    Error::problem(Code::InvalidToken, Code::InvalidToken.about())
}

pub(super) enum Person {
    Customer(CustomerProfile),
    Staff(StaffMember),
}

impl Person {
    /// The address that they log in by.
    pub(super) fn email(&self) -> &str {
        match self {
            Self::Customer(customer) => &customer.email,
            Self::Staff(member) => &member.email,
        }
    }
}

/// Who `owner` is, unless they may not come in any more.
pub(super) fn find_person(conn: &mut Conn, shop: &Shop, owner: Subject) -> Result<Option<Person>> {
    match owner {
        Subject::Customer(id) => {
            let Some(row) = store::find_active(conn, id)? else { return Ok(None) };
            let person = store::open(conn, &shop.keys, &row)?;
            Ok(Some(Person::Customer(CustomerProfile::new(&row, person))))
        }
        Subject::Staff(id) => Ok(staff::find_member(conn, &shop.keys, id)?.map(Person::Staff)),
    }
}

fn answer(shop: &Shop, owner: Subject, person: Person, granted: &Granted, now: UtcTime) -> Session {
    let (customer, staff) = match person {
        Person::Customer(customer) => (Some(customer), None),
        Person::Staff(member) => (None, Some(member)),
    };
    let Granted { session_id, refresh_token, refresh_expires_at } = granted;
    Session {
        access_token: access_token::issue(&shop.keys, &shop.config.public_url, now, owner, *session_id),
        token_type: TokenType::Bearer,
        expires_in: access_token::LIFETIME_SECONDS,
        refresh_token: Some(refresh_token.expose().to_owned()),
        refresh_expires_in: refresh_expires_at.seconds() - now.seconds(),
        session_id: *session_id,
        customer,
        staff,
        cart_merge: None,
    }
}
