//! `DELETE /me`: the person goes, the books stay.

use cartwright::{
    auth::rights::Role,
    db::schema::{carts, customers, logins, orders, person_keys, sessions},
};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Member, PASSWORD, Product, TestApp, api_test};

/// A paid order of this customer.
fn buy(app: &TestApp, buyer: &Member, staff: &Member) -> Value {
    let options = json!([{"name": "Standard", "prices": [{"amount": 490, "currency": "EUR"}]}]);
    let zone = json!({"name": "Germany", "countries": ["DE"], "options": options});
    staff.post("/api/v1/admin/shipping-zones", &zone).expect(201);
    let chair = app.put(Product::named("Oak chair"));
    let lines = json!({"lines": [{"variant_id": chair.variant_id, "quantity": 1}]});
    let cart = buyer.post("/api/v1/carts", &lines).expect(201).json();
    let path = format!("/api/v1/carts/{}", cart["id"].as_str().unwrap());
    let address =
        json!({"name": "Ann Berg", "line1": "Seestrasse 7", "city": "Berlin", "postal_code": "10115", "country": "DE"});
    buyer.patch(&path, &json!({"email": "ann@example.com", "shipping_address": address})).ok();
    let option = buyer.get(&format!("{path}/shipping-options")).ok()["items"][0]["id"].clone();
    let total = buyer.patch(&path, &json!({"shipping_option_id": option})).ok()["totals"]["total"].clone();
    let payment = json!({"provider": "sandbox", "token": "tok_visa"});
    let checkout = json!({"expected_total": total, "payment": payment});
    buyer.with("Idempotency-Key", "once").post(&format!("{path}/checkout"), &checkout).expect(201).json()
}

api_test!(who_erases_their_account_is_gone_from_every_door, |app| {
    let ann = app.customer("ann");
    let other = app.log_in("ann@example.com");
    assert!(ann.delete("/api/v1/me").expect(204).body.is_empty());
    for session in [&ann, &other] {
        session.get("/api/v1/me").problem(401, "invalid_token");
        session.delete("/api/v1/me").problem(401, "invalid_token");
        let body = json!({"refresh_token": session.refresh_token()});
        app.guest().post("/api/v1/auth/refresh", &body).problem(401, "invalid_token");
    }
    let login = json!({"email": "ann@example.com", "password": PASSWORD});
    app.guest().post("/api/v1/auth/login", &login).problem(401, "invalid_credentials");
});

api_test!(an_address_that_was_erased_is_free_again, |app| {
    let ann = app.customer("ann");
    ann.delete("/api/v1/me").expect(204);
    let anew = app.customer("ann");
    assert_ne!(anew.id(), ann.id());
    anew.delete("/api/v1/me").expect(204);
});

api_test!(nothing_of_the_person_is_left_but_an_id, |app| {
    let ann = app.customer("ann");
    ann.post("/api/v1/carts", &json!({"email": "ann@example.com"})).expect(201);
    ann.delete("/api/v1/me").expect(204);
    let id = ann.id().to_owned();
    type Left = (String, Vec<u8>, Option<Vec<u8>>, Option<String>);
    app.database(|conn| {
        let row: Left = customers::table
            .select((customers::email_hash, customers::email, customers::name, customers::external_id))
            .first(conn)?;
        assert_eq!(row, (format!("erased {id}"), Vec::new(), None, None));
        assert_eq!(person_keys::table.count().get_result::<i64>(conn)?, 0);
        assert_eq!(logins::table.count().get_result::<i64>(conn)?, 0);
        assert_eq!(carts::table.count().get_result::<i64>(conn)?, 0);
        assert_eq!(sessions::table.filter(sessions::ended_at.is_null()).count().get_result::<i64>(conn)?, 0);
        Ok(())
    });
});

api_test!(the_orders_of_an_erased_person_stay_in_the_books_without_a_name, |app| {
    let (ann, kim) = (app.customer("ann"), app.staff(Role::Admin));
    let order = buy(app, &ann, &kim);
    ann.delete("/api/v1/me").expect(204);
    let shop = app.shop.clone();
    let id = order["id"].as_str().unwrap().parse().unwrap();
    let kept = app.database(|conn| {
        let row = cartwright::orders::store::find(conn, id)?;
        cartwright::orders::read::view(conn, &shop, row)
    });
    let kept = serde_json::to_value(kept).unwrap();
    assert_eq!((&kept["totals"], &kept["lines"]), (&order["totals"], &order["lines"]));
    assert_eq!(kept["shipping_address"]["name"], "(erased)");
    assert_eq!(
        (&kept["shipping_address"]["country"], &kept["shipping_address"]["postal_code"]),
        (&json!("DE"), &json!("10115"))
    );
    for personal in ["Ann Berg", "Seestrasse", "Berlin", "ann@example.com"] {
        assert!(!kept.to_string().contains(personal), "{personal}");
    }
    let email_hash = shop.keys.email_hash("ann@example.com");
    let found: i64 =
        app.database(|conn| Ok(orders::table.filter(orders::email_hash.eq(&email_hash)).count().get_result(conn)?));
    assert_eq!(found, 0);
});

api_test!(an_order_of_somebody_who_was_erased_is_refunded, |app| {
    let (ann, staff) = (app.customer("ann"), app.staff(Role::Admin));
    let order = buy(app, &ann, &staff);
    ann.delete("/api/v1/me").expect(204);
    let path = format!("/api/v1/admin/orders/{}/refunds", order["id"].as_str().unwrap());
    let refund = staff.with("Idempotency-Key", "once").post(&path, &json!({"reason": "They asked for it."}));
    assert_eq!(refund.expect(201).json()["payment_status"], "refunded");
});

api_test!(an_answer_that_was_kept_is_not_shown_again_when_its_person_has_been_erased, |app| {
    let (ann, bob, staff) = (app.customer("ann"), app.customer("bob"), app.staff(Role::Admin));
    let order = buy(app, &ann, &staff);
    let refunds = format!("/api/v1/admin/orders/{}/refunds", order["id"].as_str().unwrap());
    let notes = |of: &Member| format!("/api/v1/admin/customers/{}/notes", of.id());
    let again = staff.with("Idempotency-Key", "one-and-the-same");
    let (all, note) = (json!({"reason": "Ann wants it back."}), json!({"text": "Ann calls often."}));
    let requests = [(refunds, &all), (notes(&ann), &note), (notes(&bob), &note)];
    for (path, body) in &requests {
        again.post(path, body).expect(201);
        assert_eq!(again.post(path, body).expect(201).header("idempotency-replayed"), Some("true"));
    }
    ann.delete("/api/v1/me").expect(204);
    for (path, body) in &requests[..2] {
        again.post(path, body).problem(409, "answer_erased");
    }
    assert_eq!(again.post(&requests[2].0, &note).expect(201).header("idempotency-replayed"), Some("true"));
    let seen = staff.get(&format!("/api/v1/admin/orders/{}", order["id"].as_str().unwrap())).ok();
    assert_eq!(seen["refunds"].as_array().map(Vec::len), Some(1), "nothing was done twice");
});
