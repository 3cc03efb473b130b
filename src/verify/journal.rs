//! The provider's journal and our books hold the same set, both ways.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{Check, Finding};
use crate::{
    db::{
        Conn,
        schema::{payments, refunds},
    },
    ids::{PaymentId, RefundId},
    money::{Currency, Money},
    payments::{
        sandbox::{JournalEntry, JournalKind},
        store::{PaymentState, RefundState},
    },
    time::UtcTime,
};

/// What the provider did less than this long ago may not be booked yet.
const UNDER_WAY: TimeDelta = TimeDelta::seconds(60);

type BookedPayment = (PaymentId, i64, Currency, PaymentState);
type BookedRefund = (RefundId, i64, RefundState);

/// What our books say of the sandbox.
pub(super) struct Books {
    payments: Vec<BookedPayment>,
    refunds: Vec<BookedRefund>,
}

/// Reads our side.
pub(super) fn load_books(conn: &mut Conn) -> QueryResult<Books> {
    let payments = payments::table
        .filter(payments::provider.eq("sandbox"))
        .select((payments::id, payments::captured, payments::currency, payments::status))
        .load(conn)?;
    let refunds = refunds::table.select((refunds::id, refunds::amount, refunds::status)).load(conn)?;
    Ok(Books { payments, refunds })
}

/// Compares both sides.
pub(super) fn compare(books: Books, journal: &[JournalEntry], now: UtcTime) -> Vec<Finding> {
    let recent = |at: UtcTime| at > now.plus(-UNDER_WAY);
    let mut findings = charges(books.payments, journal, recent);
    findings.extend(paid_back(books.refunds, journal, recent));
    findings
}

fn charges(booked: Vec<BookedPayment>, journal: &[JournalEntry], recent: impl Fn(UtcTime) -> bool) -> Vec<Finding> {
    let mut charged: BTreeMap<PaymentId, (Money, UtcTime)> = BTreeMap::new();
    for entry in journal.iter().filter(|it| it.kind == JournalKind::Charge) {
        if let Some(amount) = entry.amount {
            let total = charged.entry(entry.payment).or_insert((Money::new(0, amount.currency), entry.recorded_at));
            total.0.minor += amount.minor;
        }
    }
    let mut findings = Vec::new();
    for (id, captured, currency, status) in booked {
        match charged.remove(&id) {
            Some((amount, _)) if (amount.minor, amount.currency) == (captured, currency) => {}
            Some((_, at)) if status.is_unsettled() && recent(at) => {}
            None if captured == 0 => {}
            _ => findings.push(Finding::new(Check::ChargeBooked, id)),
        }
    }
    let unknown = charged.into_iter().filter(|(_, (_, at))| !recent(*at));
    findings.extend(unknown.map(|(id, _)| Finding::new(Check::ChargeUnknown, id)));
    findings
}

fn paid_back(booked: Vec<BookedRefund>, journal: &[JournalEntry], recent: impl Fn(UtcTime) -> bool) -> Vec<Finding> {
    let mut given: BTreeMap<RefundId, (i64, UtcTime)> = BTreeMap::new();
    for entry in journal.iter().filter(|it| it.kind == JournalKind::Refund) {
        if let (Some(id), Some(amount)) = (entry.refund, entry.amount) {
            given.insert(id, (amount.minor, entry.recorded_at));
        }
    }
    let mut findings = Vec::new();
    for (id, amount, status) in booked {
        match (given.remove(&id), status) {
            (Some((paid, _)), RefundState::Succeeded) if paid == amount => {}
            (Some((_, at)), RefundState::Pending) if recent(at) => {}
            (None, RefundState::Pending | RefundState::Failed) => {}
            _ => findings.push(Finding::new(Check::RefundBooked, id)),
        }
    }
    let unknown = given.into_iter().filter(|(_, (_, at))| !recent(*at));
    findings.extend(unknown.map(|(id, _)| Finding::new(Check::RefundUnknown, id)));
    findings
}
