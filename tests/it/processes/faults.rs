//! A server that dies between two steps of a checkout or a refund: whoever serves next finishes what was begun.

use std::{thread, time::Duration};

use cartwright::payments::sandbox::JournalKind;
use serde_json::json;

use super::Scene;
use crate::support::{Answer, Purchase, Request, backend_test, within};

/// SIGABRT: what a process dies of at a fail point.
const ABORTED: Option<i32> = Some(6);
/// What was left behind is finished within this time.
const SOON: Duration = Duration::from_secs(60);

impl Scene {
    /// A server takes a request and dies of it at `fail_point`, without an answer. What it leaves behind is in order.
    fn dies_at(&self, fail_point: &str, request: impl FnOnce(&str) -> Request) {
        let server = self.premises.serve_until(fail_point);
        let answer = request(server.base()).try_send();
        assert!(answer.is_err(), "{fail_point} was passed: {answer:?}");
        assert_eq!(server.signal_of_death(), ABORTED);
        self.premises.expect_books_in_order();
    }

    fn dies_of_purchase(&self, fail_point: &str, purchase: &Purchase) {
        self.dies_at(fail_point, |base| self.buyer.at(base).request(purchase));
    }

    fn refund(&self, base: &str, order: &str, key: &str) -> Request {
        let path = format!("/api/v1/admin/orders/{order}/refunds");
        self.staff.at(base).request("POST", &path).header("Idempotency-Key", key).json(&json!({}))
    }
}

/// The answer of who repeats a request under its key for as long as they are told to wait.
fn in_the_end(request: impl Fn() -> Request) -> Answer {
    let mut last = request().send();
    let took = within(
        SOON,
        || {
            if last.status != 409 {
                return true;
            }
            last.problem(409, "idempotency_in_progress");
            last = request().send();
            false
        },
        "it is still in progress",
    );
    println!("settled {:.1} s after the new start", took.as_secs_f64());
    assert_eq!(last.header("idempotency-replayed"), Some("true"));
    last
}

backend_test!(an_order_that_nobody_was_asked_to_pay_is_given_up, |backend| {
    let scene = Scene::set(backend);
    let purchase = scene.buyer.purchase("tok_visa");
    scene.dies_of_purchase("checkout-placed", &purchase);
    assert_eq!(scene.deeds(), []);

    let server = scene.premises.serve();
    let buyer = scene.buyer.at(server.base());
    assert_eq!(buyer.look()["status"], "checking_out");
    assert_eq!(scene.stock(server.base()), (json!(10), json!(2)));
    in_the_end(|| buyer.request(&purchase)).problem(402, "card_declined");
    assert_eq!(buyer.look()["status"], "open");
    assert_eq!(scene.stock(server.base()), (json!(10), json!(0)));
    assert_eq!(scene.deeds(), [JournalKind::Void]);
    scene.premises.expect_books_in_order();

    buyer.buy("tok_visa").expect(201);
    assert_eq!(buyer.send(&purchase).expect(402).header("idempotency-replayed"), Some("true"));
    assert_eq!(scene.deeds(), [JournalKind::Void, JournalKind::Charge]);
    assert_eq!(scene.stock(server.base()), (json!(10), json!(2)));
    scene.premises.expect_books_in_order();
});

backend_test!(a_charge_whose_asker_died_is_booked, |backend| {
    let scene = Scene::set(backend);
    let purchase = scene.buyer.purchase("tok_visa");
    scene.dies_of_purchase("checkout-charged", &purchase);
    assert_eq!(scene.deeds(), [JournalKind::Charge]);

    let server = scene.premises.serve();
    let buyer = scene.buyer.at(server.base());
    buyer.buy("tok_visa").problem(409, "checkout_in_progress");
    let order = in_the_end(|| buyer.request(&purchase)).expect(201).json();
    assert_eq!((&order["status"], &order["payment_status"]), (&json!("open"), &json!("paid")));
    assert_eq!(buyer.buy("tok_visa").problem(409, "cart_closed")["order_id"], order["id"]);
    assert_eq!(buyer.look()["status"], "completed");
    assert_eq!(scene.stock(server.base()), (json!(10), json!(2)));
    assert_eq!(scene.deeds(), [JournalKind::Charge]);
    scene.premises.expect_books_in_order();
});

backend_test!(a_card_that_was_declined_to_the_dead_is_not_asked_again, |backend| {
    let scene = Scene::set(backend);
    let purchase = scene.buyer.purchase("tok_declined");
    scene.dies_of_purchase("checkout-charged", &purchase);

    let server = scene.premises.serve();
    let buyer = scene.buyer.at(server.base());
    let problem = in_the_end(|| buyer.request(&purchase)).problem(402, "card_declined");
    assert_eq!(problem["decline_code"], "card_declined");
    assert_eq!(buyer.look()["status"], "open");
    assert_eq!(scene.stock(server.base()), (json!(10), json!(0)));
    assert_eq!(scene.deeds(), []);
    scene.premises.expect_books_in_order();
});

backend_test!(an_order_that_was_settled_and_not_answered_is_answered_to_who_asks_again, |backend| {
    let scene = Scene::set(backend);
    let purchase = scene.buyer.purchase("tok_visa");
    scene.dies_of_purchase("checkout-settled", &purchase);

    let server = scene.premises.serve();
    let buyer = scene.buyer.at(server.base());
    let answer = buyer.send(&purchase).expect(201);
    assert_eq!(answer.header("idempotency-replayed"), Some("true"));
    assert_eq!(answer.json()["payment_status"], "paid");
    assert_eq!(buyer.look()["status"], "completed");
    assert_eq!(scene.stock(server.base()), (json!(10), json!(2)));
    assert_eq!(scene.deeds(), [JournalKind::Charge]);
    scene.premises.expect_books_in_order();
});

backend_test!(what_the_provider_said_is_booked_though_the_database_is_busy, |backend| {
    let scene = Scene::set(backend);
    let server = scene.premises.serve_with("checkout-charged=sleep(1000)");
    let buyer = scene.buyer.at(server.base());
    // Longer than one transaction waits on either database.
    let busy = Duration::from_millis(6500);
    let answer = thread::scope(|scope| {
        let buying = scope.spawn(|| buyer.buy("tok_visa"));
        within(SOON, || !scene.deeds().is_empty(), "nothing is charged");
        scene.premises.keep_busy(busy);
        buying.join().unwrap()
    });
    assert_eq!(answer.expect(201).json()["payment_status"], "paid");
    assert_eq!(scene.deeds(), [JournalKind::Charge]);
    scene.premises.expect_books_in_order();
});

backend_test!(a_refund_whose_asker_died_is_paid_back_once, |backend| {
    let scene = Scene::set(backend);
    let server = scene.premises.serve();
    let order = scene.buyer.at(server.base()).buy("tok_visa").expect(201).json();
    let order = order["id"].as_str().unwrap();
    server.kill();
    scene.dies_at("refund-begun", |base| scene.refund(base, order, "damaged"));
    assert_eq!(scene.deeds(), [JournalKind::Charge]);

    let server = scene.premises.serve();
    scene.refund(server.base(), order, "other").send().problem(409, "nothing_left");
    let refunded = in_the_end(|| scene.refund(server.base(), order, "damaged")).expect(201).json();
    assert_eq!((&refunded["status"], &refunded["payment_status"]), (&json!("cancelled"), &json!("refunded")));
    assert_eq!(refunded["totals"]["refunded"], refunded["totals"]["total"]);
    assert_eq!(scene.stock(server.base()), (json!(10), json!(0)));
    scene.refund(server.base(), order, "damaged").send().expect(201);
    scene.refund(server.base(), order, "other").send().problem(409, "nothing_left");
    assert_eq!(scene.deeds(), [JournalKind::Charge, JournalKind::Refund]);
    scene.premises.expect_books_in_order();
});
