//! Payments and refunds in the database.

use diesel::{dsl::exists, prelude::*};

use crate::{
    db::{
        Conn,
        columns::Json,
        schema::{payments, refund_lines, refunds},
    },
    ids::{LineId, OrderId, PaymentId, RefundId},
    money::Currency,
    payments::provider::{CardSummary, DeclineCode},
    text_enum,
    time::UtcTime,
};

text_enum! {
    /// How far a payment is.
    PaymentState {
        /// The provider was asked, or is about to be.
        Initiated = "initiated",
        /// The shopper has to confirm it.
        RequiresAction = "requires_action",
        /// The provider has not said yet.
        Processing = "processing",
        /// The money is assured, not yet taken.
        Authorized = "authorized",
        /// The money is there.
        Captured = "captured",
        /// A part of it went back.
        PartiallyRefunded = "partially_refunded",
        /// All of it went back.
        Refunded = "refunded",
        /// The card was refused.
        Declined = "declined",
        /// Nothing was charged, and nothing will be.
        Voided = "voided",
    }
}

impl PaymentState {
    /// Whether the provider's word is still awaited.
    pub fn is_unsettled(self) -> bool {
        matches!(self, Self::Initiated | Self::RequiresAction | Self::Processing)
    }
}

/// The states in which the provider's word is awaited.
pub const UNSETTLED: [PaymentState; 3] =
    [PaymentState::Initiated, PaymentState::RequiresAction, PaymentState::Processing];

/// A payment.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = payments)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct PaymentRow {
    pub id: PaymentId,
    pub order_id: OrderId,
    pub provider: String,
    pub status: PaymentState,
    pub amount: i64,
    pub currency: Currency,
    pub captured: i64,
    pub refunded: i64,
    pub provider_id: Option<String>,
    pub card: Option<Json<CardSummary>>,
    pub decline_code: Option<DeclineCode>,
    pub call_began_at: UtcTime,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

text_enum! {
    /// How far a refund is.
    RefundState {
        /// The provider was asked, or is about to be.
        Pending = "pending",
        /// The money went back.
        Succeeded = "succeeded",
        /// The provider refused.
        Failed = "failed",
    }
}

/// A refund.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = refunds)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct RefundRow {
    pub id: RefundId,
    pub order_id: OrderId,
    pub payment_id: PaymentId,
    pub status: RefundState,
    pub amount: i64,
    pub reason: Option<Vec<u8>>,
    pub call_began_at: UtcTime,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

/// Units of an order line in a refund.
#[derive(Debug, Clone, Copy, Queryable, Selectable, Insertable)]
#[diesel(table_name = refund_lines)]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct RefundLineRow {
    pub refund_id: RefundId,
    pub line_id: LineId,
    pub quantity: i32,
    pub restocked: bool,
}

/// Writes a new payment.
///
/// # Errors
/// A database error.
pub fn insert(conn: &mut Conn, row: &PaymentRow) -> QueryResult<()> {
    diesel::insert_into(payments::table).values(row).execute(conn).map(drop)
}

/// A payment.
///
/// # Errors
/// A database error.
pub fn find(conn: &mut Conn, id: PaymentId) -> QueryResult<PaymentRow> {
    payments::table.find(id).select(PaymentRow::as_select()).first(conn)
}

/// The payments of some orders, the oldest first.
///
/// # Errors
/// A database error.
pub fn load_of_orders(conn: &mut Conn, ids: &[OrderId]) -> QueryResult<Vec<PaymentRow>> {
    payments::table
        .filter(payments::order_id.eq_any(ids))
        .order(payments::id.asc())
        .select(PaymentRow::as_select())
        .load(conn)
}

/// The refunds of some orders, the oldest first.
///
/// # Errors
/// A database error.
pub fn load_refunds_of_orders(conn: &mut Conn, ids: &[OrderId]) -> QueryResult<Vec<RefundRow>> {
    refunds::table
        .filter(refunds::order_id.eq_any(ids))
        .order(refunds::id.asc())
        .select(RefundRow::as_select())
        .load(conn)
}

/// The lines of a refund.
///
/// # Errors
/// A database error.
pub fn load_refund_lines(conn: &mut Conn, ids: &[RefundId]) -> QueryResult<Vec<RefundLineRow>> {
    refund_lines::table
        .filter(refund_lines::refund_id.eq_any(ids))
        .order((refund_lines::refund_id.asc(), refund_lines::line_id.asc()))
        .select(RefundLineRow::as_select())
        .load(conn)
}

/// Payments whose provider was asked before `before` and has not been heard.
///
/// # Errors
/// A database error.
pub fn load_unsettled(conn: &mut Conn, before: UtcTime, limit: i64) -> QueryResult<Vec<PaymentRow>> {
    payments::table
        .filter(payments::status.eq_any(UNSETTLED))
        .filter(payments::call_began_at.lt(before))
        .order(payments::call_began_at.asc())
        .limit(limit)
        .select(PaymentRow::as_select())
        .load(conn)
}

/// Refunds whose provider was asked before `before` and has not been heard.
///
/// # Errors
/// A database error.
pub fn load_pending_refunds(conn: &mut Conn, before: UtcTime, limit: i64) -> QueryResult<Vec<RefundRow>> {
    refunds::table
        .filter(refunds::status.eq(RefundState::Pending))
        .filter(refunds::call_began_at.lt(before))
        .order(refunds::call_began_at.asc())
        .limit(limit)
        .select(RefundRow::as_select())
        .load(conn)
}

/// What the provider's word makes of an unsettled payment.
#[derive(Debug, Clone, Default)]
pub struct Settled {
    /// What was taken, in minor units.
    pub captured: i64,
    /// The provider's own id.
    pub provider_id: Option<String>,
    /// The card, where the provider tells it.
    pub card: Option<CardSummary>,
    /// Why the card was refused.
    pub decline_code: Option<DeclineCode>,
}

/// Settles an unsettled payment; says whether it was unsettled.
///
/// # Errors
/// A database error.
pub fn settle(
    conn: &mut Conn,
    id: PaymentId,
    status: PaymentState,
    settled: &Settled,
    now: UtcTime,
) -> QueryResult<bool> {
    let unsettled = payments::table.find(id).filter(payments::status.eq_any(UNSETTLED));
    let changed = diesel::update(unsettled)
        .set((
            payments::status.eq(status),
            payments::captured.eq(settled.captured),
            payments::provider_id.eq(&settled.provider_id),
            payments::card.eq(settled.card.clone().map(Json::new)),
            payments::decline_code.eq(settled.decline_code),
            payments::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Begins a refund, if so much is left of what was captured; says whether it is. Pending refunds count as gone.
///
/// # Errors
/// A database error.
pub fn begin_refund(conn: &mut Conn, row: &RefundRow, lines: &[RefundLineRow]) -> QueryResult<bool> {
    let covered = payments::table.find(row.payment_id).filter((payments::captured - payments::refunded).ge(row.amount));
    let taken = diesel::update(covered)
        .set((payments::refunded.eq(payments::refunded + row.amount), payments::updated_at.eq(row.created_at)))
        .execute(conn)?;
    if taken == 0 {
        return Ok(false);
    }
    diesel::insert_into(refunds::table).values(row).execute(conn)?;
    for line in lines {
        diesel::insert_into(refund_lines::table).values(line).execute(conn)?;
    }
    Ok(true)
}

/// Whether money of an order is on its way back.
///
/// # Errors
/// A database error.
pub fn has_pending_refund(conn: &mut Conn, order_id: OrderId) -> QueryResult<bool> {
    let pending =
        refunds::table.filter(refunds::order_id.eq(order_id)).filter(refunds::status.eq(RefundState::Pending));
    diesel::select(exists(pending)).get_result(conn)
}

/// A refund.
///
/// # Errors
/// A database error.
pub fn find_refund(conn: &mut Conn, id: RefundId) -> QueryResult<RefundRow> {
    refunds::table.find(id).select(RefundRow::as_select()).first(conn)
}

/// Ends a pending refund; says whether it was pending. What a failed one had set aside is free again.
///
/// # Errors
/// A database error.
pub fn end_refund(conn: &mut Conn, row: &RefundRow, status: RefundState, now: UtcTime) -> QueryResult<bool> {
    let pending = refunds::table.find(row.id).filter(refunds::status.eq(RefundState::Pending));
    let ended = diesel::update(pending).set((refunds::status.eq(status), refunds::updated_at.eq(now))).execute(conn)?;
    if ended == 0 {
        return Ok(false);
    }
    let payment = find(conn, row.payment_id)?;
    let refunded = if status == RefundState::Failed { payment.refunded - row.amount } else { payment.refunded };
    let state = match refunded {
        0 => PaymentState::Captured,
        all if all == payment.captured => PaymentState::Refunded,
        _ => PaymentState::PartiallyRefunded,
    };
    diesel::update(payments::table.find(row.payment_id))
        .set((payments::refunded.eq(refunded), payments::status.eq(state), payments::updated_at.eq(now)))
        .execute(conn)?;
    Ok(true)
}
