//! `Idempotency-Key`: one effect for one key, recorded in the transaction of the effect.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use chrono::TimeDelta;
use diesel::{dsl::exists, prelude::*, sql_types::Text};

use super::{
    answer::{Answer, Keep},
    edge::RequestId,
};
use crate::{
    db::{
        Conn, Db,
        schema::{idempotency_keys, orders},
    },
    digest::sha256_hex,
    error::{Code, Error, Result, Violation},
    ids::{CustomerId, OrderId},
    keys::{Keys, Purpose},
    on_each_database,
    time::UtcTime,
};

const KEPT_HOURS: i64 = 24;
/// In the place of an answer about somebody who has been erased: the key stays used, so that nothing is done twice.
const ERASED: &[u8] = &[];
/// A key is all that tells one caller without a credential from another.
const SHORTEST_ANONYMOUS: usize = 20;

/// The header, where it was sent, with method and path.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    key: Option<String>,
    target: String,
    /// The request's id, for problems that are kept.
    pub request_id: String,
}

impl FromRequest for IdempotencyKey {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_header(request))
    }
}

/// [`IdempotencyKey`] where it must be there.
#[derive(Debug, Clone)]
pub struct RequiredIdempotencyKey(pub IdempotencyKey);

impl FromRequest for RequiredIdempotencyKey {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_header(request).and_then(|it| {
            match it.key {
                Some(_) => Ok(Self(it)),
                None => Err(Violation::in_header(
                    "Idempotency-Key",
                    Code::IdempotencyKeyRequired,
                    Code::IdempotencyKeyRequired.about(),
                )
                .into()),
            }
        }))
    }
}

fn read_header(request: &HttpRequest) -> Result<IdempotencyKey> {
    use actix_web::HttpMessage;
    let invalid = || -> Error {
        Violation::in_header("Idempotency-Key", Code::InvalidIdempotencyKey, Code::InvalidIdempotencyKey.about()).into()
    };
    let values: Vec<_> = request.headers().get_all("idempotency-key").collect();
    let key = match values.as_slice() {
        [] => None,
        [value] => {
            let text = value.to_str().map_err(|_| invalid())?;
            let bare = text.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(text);
            if bare.is_empty() || bare.len() > 255 || !bare.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(invalid());
            }
            Some(bare.to_owned())
        }
        _ => return Err(invalid()),
    };
    let request_id = request.extensions().get::<RequestId>().map(|it| it.0.clone()).unwrap_or_default();
    Ok(IdempotencyKey { key, target: format!("{} {}", request.method(), request.path()), request_id })
}

impl IdempotencyKey {
    /// Ties the key to who sent it and to the body; `None` where no key was sent.
    ///
    /// `caller` names a customer, a staff member, an API key, or a token by its hash; `None` is a caller without any
    /// credential.
    ///
    /// # Errors
    /// 400 `invalid_idempotency_key` for a short key without a credential.
    pub fn ticket(&self, keys: &Keys, caller: Option<&str>, body: &[u8]) -> Result<Option<Ticket>> {
        let Some(key) = self.key.clone() else { return Ok(None) };
        if caller.is_none() && key.len() < SHORTEST_ANONYMOUS {
            let detail = "Without a credential the key must have at least 20 characters.";
            return Err(Violation::in_header("Idempotency-Key", Code::InvalidIdempotencyKey, detail).into());
        }
        let scope = format!("{} {}", caller.unwrap_or("anyone"), self.target);
        Ok(Some(Ticket::new(keys, scope, key, body.to_vec(), self.request_id.clone())))
    }
}

/// One key of one caller for one request.
#[derive(Debug, Clone)]
pub struct Ticket {
    scope: String,
    key: String,
    key_hash: String,
    body: Vec<u8>,
    body_mac: Vec<u8>,
    /// The request's id, for a problem that is kept.
    pub request_id: String,
}

impl Ticket {
    fn new(keys: &Keys, scope: String, key: String, body: Vec<u8>, request_id: String) -> Self {
        let key_hash = sha256_hex(key.as_bytes());
        let body_mac_parts: [&[u8]; 3] = [scope.as_bytes(), key.as_bytes(), &body];
        let body_mac = keys.mac(Purpose::IdempotencyBody, &body_mac_parts).to_vec();
        Self { scope, key, key_hash, body, body_mac, request_id }
    }

    /// The ticket of one part of the request, where each part is a transaction of its own.
    pub fn of_part(&self, keys: &Keys, part: &str) -> Self {
        let scope = format!("{} {part}", self.scope);
        Self::new(keys, scope, self.key.clone(), self.body.clone(), self.request_id.clone())
    }
}

/// What is known of a ticket.
#[derive(Debug)]
pub enum Claim {
    /// It is new, and now taken.
    Fresh,
    /// Its answer is known.
    Replay(Box<Answer>),
    /// A checkout under it has made this order and is not done.
    Unfinished(OrderId),
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct Row {
    scope: String,
    key_hash: String,
    body_mac: Vec<u8>,
    order_id: Option<OrderId>,
    answer: Option<Vec<u8>>,
    created_at: UtcTime,
    expires_at: UtcTime,
}

/// Takes the ticket, or says what became of it. On PostgreSQL a second taker waits for the first one's transaction.
///
/// # Errors
/// 422 `idempotency_key_reused` for another body, 409 `idempotency_in_progress` or `answer_erased`.
pub fn claim(conn: &mut Conn, keys: &Keys, now: UtcTime, ticket: &Ticket) -> Result<Claim> {
    let row = Row {
        scope: ticket.scope.clone(),
        key_hash: ticket.key_hash.clone(),
        body_mac: ticket.body_mac.clone(),
        order_id: None,
        answer: None,
        created_at: now,
        expires_at: now.plus(TimeDelta::hours(KEPT_HOURS)),
    };
    forget_expired(conn, ticket, now)?;
    let inserted = on_each_database!(conn, conn => {
        diesel::insert_into(idempotency_keys::table).values(&row).on_conflict_do_nothing().execute(conn)
    });
    if inserted.map_err(busy_is_in_progress)? == 1 {
        return Ok(Claim::Fresh);
    }
    let known: Row =
        idempotency_keys::table.find((&ticket.scope, &ticket.key_hash)).select(Row::as_select()).first(conn)?;
    let parts: [&[u8]; 3] = [ticket.scope.as_bytes(), ticket.key.as_bytes(), &ticket.body];
    if !keys.is_mac(Purpose::IdempotencyBody, &parts, &known.body_mac) {
        return Err(Error::problem(Code::IdempotencyKeyReused, Code::IdempotencyKeyReused.about()));
    }
    match (known.answer, known.order_id) {
        (Some(sealed), _) if sealed == ERASED => Err(Error::problem(Code::AnswerErased, Code::AnswerErased.about())),
        (Some(sealed), _) => open(keys, ticket, &sealed).map(|answer| Claim::Replay(Box::new(answer))),
        (None, Some(order)) => Ok(Claim::Unfinished(order)),
        (None, None) => Err(in_progress()),
    }
}

/// Whether a request under this ticket has left a record, for who would not begin costly work before [`once`] says so.
///
/// # Errors
/// A database error.
pub fn is_known(conn: &mut Conn, now: UtcTime, ticket: &Ticket) -> QueryResult<bool> {
    let own = idempotency_keys::table.find((&ticket.scope, &ticket.key_hash));
    diesel::select(exists(own.filter(idempotency_keys::expires_at.ge(now)))).get_result(conn)
}

fn forget_expired(conn: &mut Conn, ticket: &Ticket, now: UtcTime) -> QueryResult<usize> {
    let own = idempotency_keys::table.find((&ticket.scope, &ticket.key_hash));
    diesel::delete(own.filter(idempotency_keys::expires_at.lt(now))).execute(conn)
}

/// The error for a key whose request still runs.
pub fn in_progress() -> Error {
    Error::problem(Code::IdempotencyInProgress, Code::IdempotencyInProgress.about())
}

fn busy_is_in_progress(error: diesel::result::Error) -> Error {
    match &error {
        diesel::result::Error::DatabaseError(_, about) if about.message().contains("lock timeout") => in_progress(),
        _ => error.into(),
    }
}

/// Notes the order that a checkout under the ticket has made, while its answer is not known.
///
/// # Errors
/// A database error.
pub fn note_order(conn: &mut Conn, ticket: &Ticket, order: OrderId) -> QueryResult<()> {
    let own = idempotency_keys::table.find((&ticket.scope, &ticket.key_hash));
    diesel::update(own).set(idempotency_keys::order_id.eq(order)).execute(conn).map(drop)
}

/// Keeps the answer, sealed; only who has the key and the server's secret can open it.
///
/// # Errors
/// A database error.
pub fn record(conn: &mut Conn, keys: &Keys, ticket: &Ticket, answer: &Answer) -> QueryResult<()> {
    let stored = StoredAnswer {
        status: answer.status,
        body: answer.body.clone(),
        tag: answer.tag.clone(),
        location: answer.location.clone(),
        personal: answer.keep == Keep::Personal,
        problem: answer.problem,
    };
    // Plain strings and numbers always have a JSON form.
    let plain = serde_json::to_vec(&stored).unwrap_or_default();
    let sealed = keys.seal_answer(&ticket.key, &ticket.scope, &plain);
    let own = idempotency_keys::table.find((&ticket.scope, &ticket.key_hash));
    diesel::update(own).set(idempotency_keys::answer.eq(sealed)).execute(conn).map(drop)
}

/// Gives the ticket up: its request changed nothing, and the key may be used again.
///
/// # Errors
/// A database error.
pub fn release(conn: &mut Conn, ticket: &Ticket) -> QueryResult<()> {
    diesel::delete(idempotency_keys::table.find((&ticket.scope, &ticket.key_hash))).execute(conn).map(drop)
}

#[derive(serde::Serialize, serde::Deserialize)]
struct StoredAnswer {
    status: u16,
    body: String,
    tag: Option<String>,
    location: Option<String>,
    personal: bool,
    problem: bool,
}

fn open(keys: &Keys, ticket: &Ticket, sealed: &[u8]) -> Result<Answer> {
    let broken = |what: &str| Error::Internal(format!("the answer kept for an idempotency key {what}"));
    let plain = keys.open_answer(&ticket.key, &ticket.scope, sealed).map_err(|_| broken("cannot be opened"))?;
    let stored: StoredAnswer = serde_json::from_slice(&plain).map_err(|_| broken("is not one"))?;
    let StoredAnswer { status, body, tag, location, personal, problem } = stored;
    let keep = if personal { Keep::Personal } else { Keep::Never };
    let (link, cookie, shows, counter) = (None, None, None, None);
    Ok(Answer { status, body, tag, location, link, cookie, keep, shows, counter, replayed: true, problem })
}

/// Runs `work` in one transaction with the record of its ticket: once, however often the request comes.
///
/// # Errors
/// What `work` returns; then nothing is kept.
pub async fn once(
    db: &Db,
    keys: &Keys,
    now: UtcTime,
    ticket: Option<Ticket>,
    mut work: impl FnMut(&mut Conn) -> Result<Answer> + Send + 'static,
) -> Result<Answer> {
    let keys = keys.clone();
    db.write(move |conn| {
        let Some(ticket) = &ticket else { return work(conn) };
        match claim(conn, &keys, now, ticket)? {
            Claim::Replay(answer) => Ok(*answer),
            Claim::Unfinished(_) => Err(in_progress()),
            Claim::Fresh => {
                let answer = work(conn)?;
                record(conn, &keys, ticket, &answer)?;
                Ok(answer)
            }
        }
    })
    .await
}

/// [`once`] for one part of a request whose parts are transactions of their own. What a part is refused for is its answer
/// too, made by `refused` and kept: so the whole answer is the same however often the request comes, and whatever
/// part of it was done when an earlier try broke off. Beside the answer stands what the first try has left to do.
///
/// # Errors
/// What [`claim`] refuses, which concerns the request as a whole; failures that are no problems of the caller's.
pub async fn once_for_part<T: Default + Send + 'static>(
    db: &Db,
    keys: &Keys,
    now: UtcTime,
    ticket: Option<Ticket>,
    mut work: impl FnMut(&mut Conn) -> Result<(Answer, T)> + Send + 'static,
    refused: impl Fn(&Error) -> Answer + Send + 'static,
) -> Result<(Answer, T)> {
    let keys = keys.clone();
    db.write(move |conn| {
        match ticket.as_ref().map(|ticket| claim(conn, &keys, now, ticket)).transpose()? {
            Some(Claim::Replay(answer)) => return Ok((*answer, T::default())),
            Some(Claim::Unfinished(_)) => return Err(in_progress()),
            Some(Claim::Fresh) | None => {}
        }
        // A savepoint: of what is refused nothing stays but the record.
        let done = match conn.transaction(&mut work) {
            Err(error @ Error::Problem(_)) => (refused(&error), T::default()),
            done => done?,
        };
        if let Some(ticket) = &ticket {
            record(conn, &keys, ticket, &done.0)?;
        }
        Ok(done)
    })
    .await
}

/// Forgets the answers to requests of a customer, and to those of others that name the customer or an order of theirs.
///
/// # Errors
/// A database error.
pub fn forget_customer(conn: &mut Conn, id: CustomerId) -> QueryResult<()> {
    let scope = idempotency_keys::scope;
    let in_path = scope.like("%/orders/".into_sql::<Text>().concat(orders::id).concat("/%"));
    let of_order = idempotency_keys::order_id.eq(orders::id.nullable());
    let of_orders = exists(orders::table.filter(orders::customer_id.eq(id)).filter(of_order.or(in_path)));
    let own = scope.like(format!("{id} %")).or(scope.like(format!("%/customers/{id}/%")));
    let kept = idempotency_keys::table.filter(idempotency_keys::answer.is_not_null()).filter(own.or(of_orders));
    diesel::update(kept).set(idempotency_keys::answer.eq(ERASED.to_vec())).execute(conn).map(drop)
}

/// Forgets all records whose time is over.
///
/// # Errors
/// A database error.
pub fn forget_all_expired(conn: &mut Conn, now: UtcTime) -> QueryResult<usize> {
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::expires_at.lt(now))).execute(conn)
}
