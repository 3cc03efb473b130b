//! The provider's book-keeping. Each function runs in one transaction of its caller, so that a charge and its line in the
//! journal are written together or not at all.

use chrono::{DateTime, Datelike};
use diesel::prelude::*;
use secrecy::ExposeSecret;

use super::{
    cards::{Behaviour, TestCard},
    model::{ChargeStatus, JournalEntry, JournalKind},
    schema::{charges, journal, tokens},
};
use crate::{
    db::columns::Json,
    digest::sha256,
    ids::{OrderId, PaymentId, RefundId},
    money::{Currency, Money},
    payments::provider::{
        CaptureRequest, CardBrand, CardSummary, ChargeRequest, DeclineCode, Outcome, ProviderError, RefundOutcome,
        RefundRequest,
    },
    time::UtcTime,
};

type Result<T> = std::result::Result<T, ProviderError>;

/// What a charge came to, and whether the caller is told.
pub(super) enum Reply {
    Told(Outcome),
    Silence,
}

pub(super) fn charge(conn: &mut SqliteConnection, request: &ChargeRequest, now: UtcTime) -> Result<Reply> {
    let ChargeRequest { reference, order_id, amount, token, return_url: _, capture } = request;
    let token_digest = digest_of(token.expose_secret());
    if let Some(charge) = find(conn, *reference)? {
        return charge.repeated(request, &token_digest).map(Reply::Told);
    }
    if amount.minor <= 0 {
        return Err(ProviderError::Refused("an amount is more than nothing".to_owned()));
    }
    let card = take_card(conn, token.expose_secret(), &token_digest, *reference, now)?;
    if card.behaviour == Behaviour::Timeout {
        return Ok(Reply::Silence);
    }
    let decline_code = card.behaviour.decline_code();
    let (status, kind) = match (decline_code, capture) {
        (Some(_), _) => (ChargeStatus::Declined, None),
        (None, true) => (ChargeStatus::Captured, Some(JournalKind::Charge)),
        (None, false) => (ChargeStatus::Authorized, Some(JournalKind::Authorization)),
    };
    let charge = Charge {
        reference: *reference,
        order_id: Some(*order_id),
        token_digest: Some(token_digest),
        amount: Some(amount.minor),
        currency: Some(amount.currency),
        capture: *capture,
        status,
        decline_code,
        card: Some(Json::new(card.summary)),
        captured: if status == ChargeStatus::Captured { amount.minor } else { 0 },
        refunded: 0,
    };
    diesel::insert_into(charges::table).values(&charge).execute(conn)?;
    if let Some(kind) = kind {
        record(conn, kind, *reference, None, Some(*amount), now)?;
    }
    if card.behaviour == Behaviour::LateSuccess { Ok(Reply::Silence) } else { charge.outcome().map(Reply::Told) }
}

pub(super) fn capture(conn: &mut SqliteConnection, request: &CaptureRequest, now: UtcTime) -> Result<Outcome> {
    let CaptureRequest { reference, amount } = *request;
    let charge = find(conn, reference)?.ok_or(ProviderError::NotKnown)?;
    match charge.status {
        ChargeStatus::Authorized if !charge.is_within(amount, charge.amount.unwrap_or(0)) => {
            Err(ProviderError::AmountTooLarge)
        }
        ChargeStatus::Authorized => {
            diesel::update(charges::table.find(reference))
                .set((charges::status.eq(ChargeStatus::Captured), charges::captured.eq(amount.minor)))
                .execute(conn)?;
            record(conn, JournalKind::Charge, reference, None, Some(amount), now)?;
            look_up(conn, reference)
        }
        ChargeStatus::Captured if charge.money(charge.captured)? != amount => Err(ProviderError::ReferenceReused),
        ChargeStatus::Captured | ChargeStatus::Declined | ChargeStatus::Voided => charge.outcome(),
    }
}

pub(super) fn refund(conn: &mut SqliteConnection, request: &RefundRequest, now: UtcTime) -> Result<RefundOutcome> {
    let RefundRequest { refund_reference, reference, amount } = *request;
    let earlier: Option<(PaymentId, Option<i64>, Option<Currency>)> = journal::table
        .filter(journal::refund.eq(refund_reference))
        .select((journal::payment, journal::amount, journal::currency))
        .first(conn)
        .optional()?;
    let refunded = RefundOutcome::Refunded { provider_id: own_id("re", refund_reference.as_str()) };
    if let Some(earlier) = earlier {
        let same = earlier == (reference, Some(amount.minor), Some(amount.currency));
        return if same { Ok(refunded) } else { Err(ProviderError::ReferenceReused) };
    }
    let charge = find(conn, reference)?.ok_or(ProviderError::NotKnown)?;
    if !charge.is_within(amount, charge.captured - charge.refunded) {
        return Err(ProviderError::AmountTooLarge);
    }
    diesel::update(charges::table.find(reference))
        .set(charges::refunded.eq(charges::refunded + amount.minor))
        .execute(conn)?;
    record(conn, JournalKind::Refund, reference, Some(refund_reference), Some(amount), now)?;
    Ok(refunded)
}

pub(super) fn void(conn: &mut SqliteConnection, reference: PaymentId, now: UtcTime) -> Result<Outcome> {
    match find(conn, reference)? {
        None => {
            let forbidden = Charge {
                reference,
                order_id: None,
                token_digest: None,
                amount: None,
                currency: None,
                capture: false,
                status: ChargeStatus::Voided,
                decline_code: None,
                card: None,
                captured: 0,
                refunded: 0,
            };
            diesel::insert_into(charges::table).values(&forbidden).execute(conn)?;
            record(conn, JournalKind::Void, reference, None, None, now)?;
            Ok(Outcome::Voided)
        }
        Some(charge) if charge.status == ChargeStatus::Authorized => {
            diesel::update(charges::table.find(reference))
                .set(charges::status.eq(ChargeStatus::Voided))
                .execute(conn)?;
            let amount = charge.money(charge.amount.unwrap_or(0))?;
            record(conn, JournalKind::Void, reference, None, Some(amount), now)?;
            Ok(Outcome::Voided)
        }
        Some(charge) => charge.outcome(),
    }
}

pub(super) fn look_up(conn: &mut SqliteConnection, reference: PaymentId) -> Result<Outcome> {
    find(conn, reference)?.map_or(Ok(Outcome::NotKnown), |charge| charge.outcome())
}

pub(super) fn insert_token(conn: &mut SqliteConnection, token: &str, card: TestCard) -> Result<()> {
    let TestCard { behaviour, summary: CardSummary { brand, last4, exp_month, exp_year } } = card;
    let token = Token { digest: digest_of(token), behaviour, brand, last4, exp_month, exp_year, used_by: None };
    diesel::insert_into(tokens::table).values(&token).execute(conn)?;
    Ok(())
}

pub(super) fn read_journal(conn: &mut SqliteConnection) -> Result<Vec<JournalEntry>> {
    type Row = (i64, JournalKind, PaymentId, Option<RefundId>, Option<i64>, Option<Currency>, UtcTime);
    let rows: Vec<Row> = journal::table.order(journal::position).load(conn)?;
    let entry = |(position, kind, payment, refund, minor, currency, recorded_at): Row| {
        let amount = minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency));
        JournalEntry { position, kind, payment, refund, amount, recorded_at }
    };
    Ok(rows.into_iter().map(entry).collect())
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = tokens)]
struct Token {
    digest: Vec<u8>,
    behaviour: Behaviour,
    brand: CardBrand,
    last4: String,
    exp_month: i32,
    exp_year: i32,
    used_by: Option<PaymentId>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = charges)]
struct Charge {
    reference: PaymentId,
    order_id: Option<OrderId>,
    token_digest: Option<Vec<u8>>,
    amount: Option<i64>,
    currency: Option<Currency>,
    capture: bool,
    status: ChargeStatus,
    decline_code: Option<DeclineCode>,
    card: Option<Json<CardSummary>>,
    captured: i64,
    refunded: i64,
}

impl Charge {
    fn outcome(&self) -> Result<Outcome> {
        let provider_id = own_id("ch", self.reference.as_str());
        let card = self.card.clone().map(Json::into_inner);
        Ok(match (self.status, self.decline_code) {
            (ChargeStatus::Captured, _) => Outcome::Captured { provider_id, amount: self.money(self.captured)?, card },
            (ChargeStatus::Authorized, _) => {
                Outcome::Authorized { provider_id, amount: self.money(self.amount.unwrap_or(0))?, card }
            }
            (ChargeStatus::Declined, code) => Outcome::Declined { code: code.unwrap_or(DeclineCode::CardDeclined) },
            (ChargeStatus::Voided, _) => Outcome::Voided,
        })
    }

    /// What a second request under the same reference is told.
    fn repeated(&self, request: &ChargeRequest, token_digest: &[u8]) -> Result<Outcome> {
        let forbidden_before_it_came = self.amount.is_none();
        let same = self.amount == Some(request.amount.minor)
            && self.currency == Some(request.amount.currency)
            && self.order_id == Some(request.order_id)
            && self.capture == request.capture
            && self.token_digest.as_deref() == Some(token_digest);
        if same || forbidden_before_it_came { self.outcome() } else { Err(ProviderError::ReferenceReused) }
    }

    fn is_within(&self, amount: Money, most: i64) -> bool {
        self.currency == Some(amount.currency) && (1..=most).contains(&amount.minor)
    }

    fn money(&self, minor: i64) -> Result<Money> {
        let currency = self.currency.ok_or_else(|| ProviderError::Refused("a charge has no currency".to_owned()))?;
        Ok(Money::new(minor, currency))
    }
}

fn find(conn: &mut SqliteConnection, reference: PaymentId) -> Result<Option<Charge>> {
    Ok(charges::table.find(reference).first(conn).optional()?)
}

/// The card behind a token. One that a form has made is used up by it, whatever becomes of the charge.
fn take_card(
    conn: &mut SqliteConnection,
    token: &str,
    token_digest: &[u8],
    reference: PaymentId,
    now: UtcTime,
) -> Result<TestCard> {
    if let Some(card) = TestCard::by_name(token) {
        return Ok(card);
    }
    let row: Option<Token> = tokens::table.find(token_digest).first(conn).optional()?;
    let Token { digest: _, behaviour, brand, last4, exp_month, exp_year, used_by } =
        row.ok_or(ProviderError::InvalidToken)?;
    if used_by.is_some() {
        return Err(ProviderError::InvalidToken);
    }
    diesel::update(tokens::table.find(token_digest)).set(tokens::used_by.eq(reference)).execute(conn)?;
    let summary = CardSummary { brand, last4, exp_month, exp_year };
    let behaviour = if has_expired(&summary, now) { Behaviour::ExpiredCard } else { behaviour };
    Ok(TestCard { behaviour, summary })
}

/// A card is good to the end of its month.
fn has_expired(card: &CardSummary, now: UtcTime) -> bool {
    let today = DateTime::from_timestamp(now.seconds(), 0).unwrap_or_default();
    (i64::from(card.exp_year), i64::from(card.exp_month)) < (i64::from(today.year()), i64::from(today.month()))
}

fn record(
    conn: &mut SqliteConnection,
    kind: JournalKind,
    payment: PaymentId,
    refund: Option<RefundId>,
    amount: Option<Money>,
    now: UtcTime,
) -> Result<()> {
    diesel::insert_into(journal::table)
        .values((
            journal::kind.eq(kind),
            journal::payment.eq(payment),
            journal::refund.eq(refund),
            journal::amount.eq(amount.map(|money| money.minor)),
            journal::currency.eq(amount.map(|money| money.currency)),
            journal::recorded_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

fn digest_of(token: &str) -> Vec<u8> {
    sha256(token.as_bytes()).to_vec()
}

/// The provider's own id: other than ours, so that nobody takes one for the other.
fn own_id(prefix: &str, reference: &str) -> String {
    let suffix = reference.rsplit('_').next().unwrap_or(reference);
    format!("{prefix}_{suffix}")
}

impl From<diesel::result::Error> for ProviderError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Unreachable(format!("sandbox: {error}"))
    }
}
