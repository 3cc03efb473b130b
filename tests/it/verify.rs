//! The books are looked through by somebody who would notice: each check finds what it is there for.

use std::collections::BTreeMap;

use cartwright::{auth::rights::Role, digest::sha256_hex, verify::Check};
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Buyer, Product, TestApp, backend_test};

/// A row, or two that were mistaken for each other, which somebody has changed behind the API's back. `{names}` stand for ids of the shop.
struct Damage {
    /// What finds it,
    check: Check,
    /// and at what.
    subject: &'static str,
    on: &'static [Backend],
    statement: &'static str,
}

const fn damage(check: Check, subject: &'static str, statement: &'static str) -> Damage {
    Damage { check, subject, on: &[Backend::Sqlite, Backend::Postgres], statement }
}

const STOCK: &[Damage] = &[
    damage(Check::OnHand, "{mug}", "UPDATE stock_levels SET on_hand = on_hand + 1 WHERE variant_id = '{mug}'"),
    damage(Check::OnHand, "{mug}", "DELETE FROM stock_movements WHERE order_id = '{shipped}'"),
    damage(Check::OnHand, "{mug}", "DELETE FROM stock_levels WHERE variant_id = '{mug}'"),
    damage(Check::Reserved, "{mug}", "UPDATE stock_levels SET reserved = reserved - 1 WHERE variant_id = '{mug}'"),
    damage(Check::Reserved, "{mug}", "UPDATE stock_levels SET on_hand = reserved - 1 WHERE variant_id = '{mug}'"),
    damage(Check::Reserved, "{mug}", "DELETE FROM stock_levels WHERE variant_id = '{mug}'"),
    damage(Check::Reserved, "{mug}", "DELETE FROM reservations WHERE order_id = '{paid}'"),
    damage(Check::Shipped, "{shipped}", "UPDATE order_lines SET shipped_quantity = 0 WHERE order_id = '{shipped}'"),
    damage(Check::Shipped, "{shipped}", "DELETE FROM stock_movements WHERE order_id = '{shipped}'"),
    damage(Check::ShipmentLines, "{shipped_line}", "DELETE FROM shipment_lines WHERE line_id = '{shipped_line}'"),
    damage(
        Check::ShipmentLines,
        "{shipped_line}",
        "UPDATE shipment_lines SET quantity = 1 WHERE line_id = '{shipped_line}'",
    ),
    damage(Check::Allocated, "{paid}", "UPDATE reservations SET quantity = quantity - 1 WHERE order_id = '{paid}'"),
    damage(Check::HoldWithoutPayment, "{paid}", "UPDATE reservations SET state = 'held' WHERE order_id = '{paid}'"),
    damage(
        Check::HoldOverdue,
        "{paid}",
        "UPDATE orders SET status = 'pending', deadline = '2020-01-01 00:00:00' WHERE id = '{paid}'",
    ),
];

const SUMS: &[Damage] = &[
    damage(Check::Subtotal, "{paid}", "UPDATE orders SET subtotal = subtotal + 1 WHERE id = '{paid}'"),
    damage(Check::Discount, "{paid}", "UPDATE order_lines SET discount = 1 WHERE id = '{paid_line}'"),
    damage(Check::Tax, "{paid}", "UPDATE order_lines SET tax = tax + 1 WHERE id = '{paid_line}'"),
    damage(Check::TaxLines, "{paid}", "UPDATE orders SET tax = tax + 1 WHERE id = '{paid}'"),
    damage(Check::Total, "{paid}", "UPDATE orders SET shipping = shipping + 1 WHERE id = '{paid}'"),
    damage(Check::Due, "{paid}", "UPDATE orders SET due = due - 1 WHERE id = '{paid}'"),
    damage(Check::LineTotal, "{paid_line}", "UPDATE order_lines SET quantity = 3 WHERE id = '{paid_line}'"),
    damage(
        Check::LineRefunds,
        "{refunded_line}",
        "UPDATE order_lines SET refunded_quantity = 0 WHERE id = '{refunded_line}'",
    ),
    damage(Check::LineRefunds, "{refunded_line}", "DELETE FROM refund_lines WHERE refund_id = '{refund}'"),
    damage(Check::LineRefunds, "{paid_line}", "UPDATE order_lines SET restocked_quantity = 1 WHERE id = '{paid_line}'"),
];

const MONEY: &[Damage] = &[
    damage(Check::Paid, "{paid}", "UPDATE payments SET captured = captured - 1 WHERE id = '{paid_payment}'"),
    damage(Check::Paid, "{paid}", "UPDATE orders SET payment_status = 'processing' WHERE id = '{paid}'"),
    damage(Check::Paid, "{paid}", "UPDATE orders SET payment_status = 'failed' WHERE id = '{paid}'"),
    damage(Check::OneOrderACart, "{paid_cart}", "UPDATE orders SET cart_id = '{paid_cart}' WHERE id = '{shipped}'"),
    damage(Check::MoneyKept, "{paid}", "UPDATE orders SET status = 'cancelled' WHERE id = '{paid}'"),
    damage(Check::MoneyKept, "{refunded}", "UPDATE payments SET refunded = 0 WHERE id = '{refunded_payment}'"),
    damage(Check::PaymentRefunds, "{paid_payment}", "UPDATE payments SET refunded = 1 WHERE id = '{paid_payment}'"),
    damage(Check::PaymentRefunds, "{refunded_payment}", "UPDATE refunds SET status = 'failed' WHERE id = '{refund}'"),
    damage(Check::ChargeBooked, "{paid_payment}", "UPDATE payments SET captured = 1 WHERE id = '{paid_payment}'"),
    damage(Check::ChargeBooked, "{paid_payment}", "UPDATE payments SET currency = 'USD' WHERE id = '{paid_payment}'"),
    damage(Check::ChargeUnknown, "{paid_payment}", "DELETE FROM payments WHERE id = '{paid_payment}'"),
    damage(Check::RefundBooked, "{refund}", "UPDATE refunds SET amount = amount - 1 WHERE id = '{refund}'"),
    damage(Check::RefundBooked, "{refund}", "UPDATE refunds SET status = 'pending' WHERE id = '{refund}'"),
    damage(Check::RefundUnknown, "{refund}", "DELETE FROM refunds WHERE id = '{refund}'"),
    damage(
        Check::LedgerBalance,
        "{sale}",
        "UPDATE ledger_entries SET amount = amount + 1 WHERE transaction_id = '{sale}' AND account = 'sales'",
    ),
    damage(
        Check::LedgerBalance,
        "{sale}",
        "UPDATE ledger_entries SET currency = 'USD' WHERE transaction_id = '{sale}' AND account = 'sales'",
    ),
    damage(
        Check::LedgerOfOrder,
        "{paid}",
        "UPDATE ledger_entries SET account = 'receivable' WHERE transaction_id = '{sale}' AND account = 'sales'",
    ),
];

/// Postings that balance, and stand where others should.
const POSTINGS: &[Damage] = &[
    damage(
        Check::LedgerOfSale,
        "{paid}",
        "UPDATE ledger_entries SET account = CASE account WHEN 'sales' THEN 'tax' ELSE 'sales' END \
         WHERE transaction_id = '{sale}' AND account IN ('sales', 'tax')",
    ),
    damage(
        Check::LedgerOfSale,
        "{refunded}",
        "UPDATE ledger_entries SET account = 'sales' WHERE order_id = '{refunded}' AND account = 'refunds'",
    ),
];

const TRACES: &[Damage] = &[
    damage(
        Check::KeyStuck,
        "{paid_key}",
        "UPDATE idempotency_keys SET answer = NULL, order_id = NULL WHERE order_id = '{paid}'",
    ),
    damage(Check::EventForTransition, "{paid}", "DELETE FROM events WHERE subject = '{paid}' AND subject_version = 1"),
    damage(
        Check::EventForTransition,
        "{paid}",
        "UPDATE events SET subject_version = 1 WHERE subject = '{paid}' AND subject_version = 2",
    ),
    damage(Check::AllowedPath, "{paid}", "UPDATE orders SET fulfillment_status = 'returned' WHERE id = '{paid}'"),
    damage(
        Check::OneRefreshToken,
        "{session}",
        "UPDATE refresh_tokens SET replaced_at = NULL WHERE session_id = '{session}' AND replaced_at IS NOT NULL",
    ),
    Damage {
        on: &[Backend::Sqlite],
        ..damage(
            Check::Integrity,
            "order_lines refers to a missing row of orders",
            "UPDATE order_lines SET order_id = 'ord_of_nobody' WHERE id = '{paid_line}'",
        )
    },
    Damage {
        on: &[Backend::Postgres],
        ..damage(
            Check::Integrity,
            "nobody_has_looked",
            "ALTER TABLE orders ADD CONSTRAINT nobody_has_looked CHECK (total < 0) NOT VALID",
        )
    },
];

/// A shop in which a bit of everything has happened, and the ids of what the damages name.
fn busy_shop(backend: Backend) -> (TestApp, BTreeMap<&'static str, String>) {
    let app = TestApp::start(backend);
    app.open_for_business();
    let staff = app.staff(Role::Admin);
    let mug = app.put(Product::named("Mug").with_stock(20));
    let [paid, shipped, refunded]: [Buyer; 3] = std::array::from_fn(|_| app.buyer(&[(&mug, 2)]));
    let purchase = paid.purchase("tok_visa");
    let bought = |answer: Answer| answer.expect(201).json();
    let [paid_order, shipped_order, refunded_order] =
        [paid.send(&purchase), shipped.buy("tok_visa"), refunded.buy("tok_visa")].map(bought);
    let path = |order: &Value, what: &str| format!("/api/v1/admin/orders/{}/{what}", text(&order["id"]));
    staff.post(&path(&shipped_order, "shipments"), &json!({})).expect(201);
    let refund = staff.request("POST", &path(&refunded_order, "refunds")).header("Idempotency-Key", "back");
    let refunded_order = refund.json(&json!({})).send().expect(201).json();
    app.buyer(&[(&mug, 1)]).buy("tok_declined").expect(402);
    let ada = app.customer("ada");
    app.guest().post("/api/v1/auth/refresh", &json!({"refresh_token": ada.refresh_token()})).ok();
    let sale = "SELECT transaction_id AS value FROM ledger_entries WHERE account = 'sales' AND order_id = ";
    let names = BTreeMap::from([
        ("{mug}", mug.variant_id.to_string()),
        ("{paid}", text(&paid_order["id"])),
        ("{paid_line}", text(&paid_order["lines"][0]["id"])),
        ("{paid_payment}", text(&paid_order["payments"][0]["id"])),
        ("{paid_cart}", paid.cart_id.clone()),
        ("{paid_key}", sha256_hex(purchase.key.as_bytes())),
        ("{sale}", app.value(&format!("{sale}'{}'", text(&paid_order["id"])))),
        ("{shipped}", text(&shipped_order["id"])),
        ("{shipped_line}", text(&shipped_order["lines"][0]["id"])),
        ("{refunded}", text(&refunded_order["id"])),
        ("{refunded_line}", text(&refunded_order["lines"][0]["id"])),
        ("{refunded_payment}", text(&refunded_order["payments"][0]["id"])),
        ("{refund}", text(&refunded_order["refunds"][0]["id"])),
        ("{session}", app.value("SELECT session_id AS value FROM refresh_tokens WHERE replaced_at IS NOT NULL")),
    ]);
    (app, names)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn filled(text: &str, names: &BTreeMap<&str, String>) -> String {
    names.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
}

backend_test!(each_damage_is_found, |backend| {
    let (app, names) = busy_shop(backend);
    assert_eq!(app.findings(), []);
    app.drop_constraints(backend);
    let mut missed = Vec::new();
    for Damage { check, subject, statement, .. } in all().filter(|it| it.on.contains(&backend)) {
        let (subject, statement) = (filled(subject, &names), filled(statement, &names));
        let (changed, found) = app.findings_after(backend, &statement);
        assert!((1..=2).contains(&changed) || statement.starts_with("ALTER TABLE"), "{changed} rows: {statement}");
        if !found.iter().any(|it| it.check == *check && it.subject == subject) {
            missed.push(format!("{check:?} at {subject} after {statement}: {found:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert_eq!(app.findings(), [], "a damage was not undone");
});

#[test]
fn each_check_has_a_damage_that_it_finds() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let has_damage = |check: &Check| all().any(|it| it.check == *check && it.on.contains(&backend));
        let unproven: Vec<&Check> = Check::ALL.iter().filter(|it| !has_damage(it)).collect();
        assert!(unproven.is_empty(), "on {backend:?} nothing shows that these find anything: {unproven:?}");
    }
}

fn all() -> impl Iterator<Item = &'static Damage> {
    [STOCK, SUMS, MONEY, POSTINGS, TRACES].into_iter().flatten()
}
