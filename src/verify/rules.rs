//! Invariants that one query each can check: a row that it finds is a finding.

use chrono::TimeDelta;
use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Text, Timestamp},
};

use super::{Check, Finding};
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
    check: Check,
    /// Selects the `subject`s that break the rule.
    query: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        check: Check::OnHand,
        query: "SELECT variant_id AS subject FROM (SELECT variant_id, location_id, on_hand AS units FROM stock_levels \
                UNION ALL SELECT variant_id, location_id, -delta FROM stock_movements) both_sides \
                GROUP BY variant_id, location_id HAVING SUM(units) <> 0",
    },
    Rule {
        check: Check::Reserved,
        query: "SELECT variant_id AS subject FROM (SELECT variant_id, location_id, reserved AS units FROM stock_levels \
                UNION ALL SELECT variant_id, location_id, -quantity FROM reservations) both_sides \
                GROUP BY variant_id, location_id HAVING SUM(units) <> 0 \
                UNION SELECT variant_id FROM stock_levels WHERE reserved < 0 OR reserved > on_hand",
    },
    Rule {
        check: Check::Shipped,
        query: "SELECT o.id AS subject FROM orders o \
                LEFT JOIN (SELECT order_id, SUM(shipped_quantity) AS units FROM order_lines GROUP BY order_id) s ON s.order_id = o.id \
                LEFT JOIN (SELECT order_id, -SUM(delta) AS units FROM stock_movements WHERE cause = 'sale' GROUP BY order_id) m \
                ON m.order_id = o.id WHERE COALESCE(s.units, 0) <> COALESCE(m.units, 0)",
    },
    Rule {
        check: Check::ShipmentLines,
        query: "SELECT l.id AS subject FROM order_lines l \
                LEFT JOIN (SELECT line_id, SUM(quantity) AS units FROM shipment_lines GROUP BY line_id) s ON s.line_id = l.id \
                WHERE l.shipped_quantity <> COALESCE(s.units, 0)",
    },
    Rule {
        check: Check::Allocated,
        query: "SELECT o.id AS subject FROM orders o \
                LEFT JOIN (SELECT order_id, SUM(quantity - shipped_quantity) AS units FROM order_lines GROUP BY order_id) l ON l.order_id = o.id \
                LEFT JOIN (SELECT order_id, SUM(quantity) AS units FROM reservations WHERE state = 'allocated' GROUP BY order_id) r \
                ON r.order_id = o.id \
                WHERE COALESCE(r.units, 0) <> CASE WHEN o.status = 'open' THEN COALESCE(l.units, 0) ELSE 0 END",
    },
    Rule {
        check: Check::LineRefunds,
        query: "SELECT l.id AS subject FROM order_lines l LEFT JOIN (SELECT rl.line_id, SUM(rl.quantity) AS units FROM refund_lines rl \
                JOIN refunds r ON r.id = rl.refund_id WHERE r.status = 'succeeded' GROUP BY rl.line_id) r ON r.line_id = l.id \
                WHERE l.refunded_quantity <> COALESCE(r.units, 0) OR l.refunded_quantity > l.quantity \
                OR l.restocked_quantity > l.refunded_quantity",
    },
    Rule {
        check: Check::LineTotal,
        query: "SELECT id AS subject FROM order_lines WHERE line_total <> unit_price * quantity",
    },
    Rule {
        check: Check::Paid,
        query: "SELECT o.id AS subject FROM orders o LEFT JOIN (SELECT order_id, SUM(captured) AS captured FROM payments GROUP BY order_id) p \
                ON p.order_id = o.id WHERE (CASE WHEN o.payment_status IN ('paid', 'partially_refunded', 'refunded') THEN 1 ELSE 0 END) \
                <> (CASE WHEN o.status <> 'pending' \
                AND (o.payment_status NOT IN ('failed', 'voided', 'authorized') OR p.captured > 0) \
                AND COALESCE(p.captured, 0) + o.gift_cards + o.store_credit = o.total THEN 1 ELSE 0 END) \
                OR o.paid <> COALESCE(p.captured, 0)",
    },
    Rule {
        check: Check::OneOrderACart,
        query: "SELECT cart_id AS subject FROM orders WHERE status <> 'cancelled' GROUP BY cart_id HAVING COUNT(*) > 1",
    },
    Rule {
        check: Check::MoneyKept,
        query: "SELECT o.id AS subject FROM orders o JOIN payments p ON p.order_id = o.id \
                WHERE o.status = 'cancelled' GROUP BY o.id HAVING SUM(p.captured - p.refunded) > 0",
    },
    Rule {
        check: Check::PaymentRefunds,
        query: "SELECT p.id AS subject FROM payments p LEFT JOIN (SELECT payment_id, SUM(amount) AS amount FROM refunds \
                WHERE status <> 'failed' GROUP BY payment_id) r ON r.payment_id = p.id \
                WHERE p.refunded <> COALESCE(r.amount, 0) OR p.refunded > p.captured",
    },
    Rule {
        check: Check::KeyStuck,
        query: "SELECT key_hash AS subject FROM idempotency_keys WHERE answer IS NULL AND order_id IS NULL",
    },
    Rule {
        check: Check::HoldWithoutPayment,
        query: "SELECT r.order_id AS subject FROM reservations r LEFT JOIN orders o ON o.id = r.order_id \
                WHERE r.state = 'held' AND (o.id IS NULL OR o.status <> 'pending')",
    },
    Rule {
        check: Check::EventForTransition,
        query: "SELECT o.id AS subject FROM orders o LEFT JOIN (SELECT subject, COUNT(*) AS all_events, \
                COUNT(DISTINCT subject_version) AS versions FROM events GROUP BY subject) e ON e.subject = o.id \
                WHERE COALESCE(e.all_events, 0) <> o.version OR COALESCE(e.versions, 0) <> o.version",
    },
    Rule {
        check: Check::LedgerBalance,
        query: "SELECT transaction_id AS subject FROM ledger_entries GROUP BY transaction_id, currency HAVING SUM(amount) <> 0",
    },
    Rule {
        check: Check::LedgerOfOrder,
        query: "SELECT o.id AS subject FROM orders o LEFT JOIN (SELECT order_id, \
                SUM(CASE WHEN account = 'provider:sandbox' THEN amount ELSE 0 END) AS held, \
                SUM(CASE WHEN account = 'receivable' THEN amount ELSE 0 END) AS owed FROM ledger_entries GROUP BY order_id) l \
                ON l.order_id = o.id WHERE COALESCE(l.held, 0) <> o.paid - o.refunded \
                OR (o.payment_status <> 'authorized' AND COALESCE(l.owed, 0) <> 0)",
    },
    Rule {
        check: Check::LedgerOfSale,
        query: "SELECT o.id AS subject FROM orders o LEFT JOIN (SELECT order_id, \
                SUM(CASE WHEN account = 'sales' THEN amount ELSE 0 END) AS sales, \
                SUM(CASE WHEN account = 'tax' THEN amount ELSE 0 END) AS tax, \
                SUM(CASE WHEN account = 'refunds' THEN amount ELSE 0 END) AS refunds FROM ledger_entries GROUP BY order_id) l \
                ON l.order_id = o.id WHERE (l.order_id IS NOT NULL OR o.status IN ('open', 'completed')) \
                AND (COALESCE(l.sales, 0) <> o.tax - o.total OR COALESCE(l.tax, 0) <> -o.tax \
                OR COALESCE(l.refunds, 0) <> o.refunded)",
    },
    Rule {
        check: Check::OneRefreshToken,
        query: "SELECT session_id AS subject FROM refresh_tokens WHERE replaced_at IS NULL GROUP BY session_id HAVING COUNT(*) > 1",
    },
];

/// A hold may outlive its deadline by this much: the sweeper comes by every ten seconds.
const GRACE: TimeDelta = TimeDelta::seconds(60);

pub(super) fn check(conn: &mut Conn, now: UtcTime) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for Rule { check, query } in RULES {
        let found: Vec<Subject> = sql_query(*query).load(conn)?;
        findings.extend(found.into_iter().map(|it| Finding::new(*check, it.subject)));
    }
    let overdue: Vec<Subject> = sql_query(dialect::OVERDUE_ORDERS).bind::<Timestamp, _>(now.plus(-GRACE)).load(conn)?;
    findings.extend(overdue.into_iter().map(|it| Finding::new(Check::HoldOverdue, it.subject)));
    let damage = dialect::integrity_faults(conn)?;
    findings.extend(damage.into_iter().map(|fault| Finding::new(Check::Integrity, fault)));
    Ok(findings)
}
