//! Invariants that one query each can check: a row that it finds is a finding.

use chrono::TimeDelta;
use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Text, Timestamp},
};

use super::Finding;
use crate::{
    db::{Conn, dialect},
    error::Result,
    time::UtcTime,
};

#[derive(QueryableByName)]
struct Subject {
    #[diesel(sql_type = Text)]
    subject: String,
}

struct Rule {
    invariant: &'static str,
    detail: &'static str,
    /// Selects the `subject`s that break the rule.
    query: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        invariant: "I1",
        detail: "stock on hand is not the sum of its movements",
        query: "SELECT l.variant_id AS subject FROM stock_levels l LEFT JOIN (SELECT variant_id, location_id, SUM(delta) AS units \
                FROM stock_movements GROUP BY variant_id, location_id) m \
                ON m.variant_id = l.variant_id AND m.location_id = l.location_id WHERE l.on_hand <> COALESCE(m.units, 0)",
    },
    Rule {
        invariant: "I2",
        detail: "reserved units are not the sum of the reservations, or more than is on hand",
        query: "SELECT l.variant_id AS subject FROM stock_levels l LEFT JOIN (SELECT variant_id, location_id, SUM(quantity) AS units \
                FROM reservations GROUP BY variant_id, location_id) r \
                ON r.variant_id = l.variant_id AND r.location_id = l.location_id \
                WHERE l.reserved <> COALESCE(r.units, 0) OR l.reserved < 0 OR l.reserved > l.on_hand",
    },
    Rule {
        invariant: "I3",
        detail: "units shipped are not the units that left the ledger as sales",
        query: "SELECT o.id AS subject FROM orders o \
                LEFT JOIN (SELECT order_id, SUM(shipped_quantity) AS units FROM order_lines GROUP BY order_id) s ON s.order_id = o.id \
                LEFT JOIN (SELECT order_id, -SUM(delta) AS units FROM stock_movements WHERE cause = 'sale' GROUP BY order_id) m \
                ON m.order_id = o.id WHERE COALESCE(s.units, 0) <> COALESCE(m.units, 0)",
    },
    Rule {
        invariant: "I3",
        detail: "units paid and not shipped are not those allocated",
        query: "SELECT o.id AS subject FROM orders o \
                LEFT JOIN (SELECT order_id, SUM(quantity - shipped_quantity) AS units FROM order_lines GROUP BY order_id) l ON l.order_id = o.id \
                LEFT JOIN (SELECT order_id, SUM(quantity) AS units FROM reservations WHERE state = 'allocated' GROUP BY order_id) r \
                ON r.order_id = o.id \
                WHERE COALESCE(r.units, 0) <> CASE WHEN o.status = 'open' THEN COALESCE(l.units, 0) ELSE 0 END",
    },
    Rule {
        invariant: "I4",
        detail: "a line's refunded units are not those of its refunds, or more went back onto the shelf than was refunded",
        query: "SELECT l.id AS subject FROM order_lines l LEFT JOIN (SELECT rl.line_id, SUM(rl.quantity) AS units FROM refund_lines rl \
                JOIN refunds r ON r.id = rl.refund_id WHERE r.status = 'succeeded' GROUP BY rl.line_id) r ON r.line_id = l.id \
                WHERE l.refunded_quantity <> COALESCE(r.units, 0) OR l.refunded_quantity > l.quantity \
                OR l.restocked_quantity > l.refunded_quantity",
    },
    Rule {
        invariant: "I6",
        detail: "a line's total is not unit price times quantity",
        query: "SELECT id AS subject FROM order_lines WHERE line_total <> unit_price * quantity",
    },
    Rule {
        invariant: "I7",
        detail: "the payment status does not say what captures, gift cards and credit cover",
        query: "SELECT o.id AS subject FROM orders o LEFT JOIN (SELECT order_id, SUM(captured) AS captured FROM payments GROUP BY order_id) p \
                ON p.order_id = o.id WHERE (CASE WHEN o.payment_status IN ('paid', 'partially_refunded', 'refunded') THEN 1 ELSE 0 END) \
                <> (CASE WHEN o.status <> 'pending' AND o.payment_status NOT IN ('failed', 'voided', 'authorized') \
                AND COALESCE(p.captured, 0) + o.gift_cards + o.store_credit = o.total THEN 1 ELSE 0 END) \
                OR o.paid <> COALESCE(p.captured, 0)",
    },
    Rule {
        invariant: "I7",
        detail: "a cart has more than one standing order",
        query: "SELECT cart_id AS subject FROM orders WHERE status <> 'cancelled' GROUP BY cart_id HAVING COUNT(*) > 1",
    },
    Rule {
        invariant: "I7",
        detail: "the order is cancelled and money of it was kept",
        query: "SELECT o.id AS subject FROM orders o JOIN payments p ON p.order_id = o.id \
                WHERE o.status = 'cancelled' GROUP BY o.id HAVING SUM(p.captured - p.refunded) > 0",
    },
    Rule {
        invariant: "I8",
        detail: "a payment's refunded amount is not that of its refunds, or more than was captured",
        query: "SELECT p.id AS subject FROM payments p LEFT JOIN (SELECT payment_id, SUM(amount) AS amount FROM refunds \
                WHERE status <> 'failed' GROUP BY payment_id) r ON r.payment_id = p.id \
                WHERE p.refunded <> COALESCE(r.amount, 0) OR p.refunded > p.captured",
    },
    Rule {
        invariant: "I11",
        detail: "an idempotency key was taken and nothing came of it",
        query: "SELECT key_hash AS subject FROM idempotency_keys WHERE answer IS NULL AND order_id IS NULL",
    },
    Rule {
        invariant: "I12",
        detail: "stock is held for an order that does not wait for its payment",
        query: "SELECT r.order_id AS subject FROM reservations r LEFT JOIN orders o ON o.id = r.order_id \
                WHERE r.state = 'held' AND (o.id IS NULL OR o.status <> 'pending')",
    },
    Rule {
        invariant: "I13",
        detail: "the order has not exactly one event for each of its transitions",
        query: "SELECT o.id AS subject FROM orders o LEFT JOIN (SELECT subject, COUNT(*) AS all_events, \
                COUNT(DISTINCT subject_version) AS versions FROM events GROUP BY subject) e ON e.subject = o.id \
                WHERE COALESCE(e.all_events, 0) <> o.version OR COALESCE(e.versions, 0) <> o.version",
    },
    Rule {
        invariant: "I16",
        detail: "the entries of a ledger transaction do not sum to zero",
        query: "SELECT transaction_id AS subject FROM ledger_entries GROUP BY transaction_id, currency HAVING SUM(amount) <> 0",
    },
    Rule {
        invariant: "I16",
        detail: "the ledger does not say what the order was paid and refunded",
        query: "SELECT o.id AS subject FROM orders o LEFT JOIN (SELECT order_id, \
                SUM(CASE WHEN account = 'provider:sandbox' THEN amount ELSE 0 END) AS held, \
                SUM(CASE WHEN account = 'receivable' THEN amount ELSE 0 END) AS owed FROM ledger_entries GROUP BY order_id) l \
                ON l.order_id = o.id WHERE COALESCE(l.held, 0) <> o.paid - o.refunded \
                OR (o.payment_status <> 'authorized' AND COALESCE(l.owed, 0) <> 0)",
    },
    Rule {
        invariant: "I19",
        detail: "the session has more than one live refresh token",
        query: "SELECT session_id AS subject FROM refresh_tokens WHERE replaced_at IS NULL GROUP BY session_id HAVING COUNT(*) > 1",
    },
];

/// A hold may outlive its deadline by this much: the sweeper comes by every ten seconds.
const GRACE: TimeDelta = TimeDelta::seconds(60);

pub(super) fn check(conn: &mut Conn, now: UtcTime) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for Rule { invariant, detail, query } in RULES {
        let found: Vec<Subject> = sql_query(*query).load(conn)?;
        findings.extend(found.into_iter().map(|it| Finding::new(invariant, it.subject, *detail)));
    }
    let overdue: Vec<Subject> = sql_query(dialect::OVERDUE_ORDERS).bind::<Timestamp, _>(now.plus(-GRACE)).load(conn)?;
    let detail = "the order waits for its payment beyond its deadline";
    findings.extend(overdue.into_iter().map(|it| Finding::new("I12", it.subject, detail)));
    let damage = dialect::integrity_faults(conn)?;
    findings.extend(damage.into_iter().map(|fault| Finding::new("I20", "database", fault)));
    Ok(findings)
}
