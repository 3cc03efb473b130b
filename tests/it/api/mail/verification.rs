//! `POST /auth/verify-email` and `/auth/verify-email/resend`.

use chrono::TimeDelta;
use serde_json::json;

use super::{ANOTHER, forgot, reset, verify};
use crate::support::{Member, PASSWORD, Product, TestApp, api_test};

fn resend(app: &TestApp, email: &str) {
    let answer = app.guest().post("/api/v1/auth/verify-email/resend", &json!({"email": email}));
    assert_eq!((answer.status, answer.body.len()), (202, 0), "{}", answer.text());
}

api_test!(who_registers_is_asked_by_mail_and_verified_by_its_token, |app| {
    let ann = app.customer("ann");
    let mail = app.only_mail();
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("ann@example.com", "Confirm your e-mail address for Test shop")
    );
    assert_eq!(ann.get("/api/v1/me").ok()["email_verified"], false);
    verify(app, &mail.token()).expect(204);
    assert_eq!(ann.get("/api/v1/me").ok()["email_verified"], true);
    let again = verify(app, &mail.token());
    again.problem(422, "unusable_token");
    assert_eq!(again.violations(), ["#/token unusable_token"]);
});

api_test!(a_token_is_good_for_a_day_and_for_nothing_else, |app| {
    app.customer("ann");
    let token = app.only_mail().token();
    reset(app, &token, ANOTHER).problem(422, "unusable_token");
    for other in ["mt_", "nonsense", &token[..40], &token.replace("mt_", "rt_")] {
        verify(app, other).problem(422, "unusable_token");
    }
    app.shop.clock.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
    verify(app, &token).problem(422, "unusable_token");
});

api_test!(of_thirty_who_show_a_token_at_once_one_is_answered, |app| {
    app.customer("ann");
    let token = app.only_mail().token();
    let answers = app.at_once(30, |_| verify(app, &token));
    assert_eq!(answers.iter().filter(|it| it.status == 204).count(), 1);
    assert_eq!(answers.iter().filter(|it| it.status == 422).count(), 29);
});

api_test!(a_mail_is_sent_again_on_wish_to_who_waits_alone_and_not_too_often, |app| {
    let ann = app.customer("ann");
    let first = app.only_mail();
    resend(app, "ann@example.com");
    assert!(app.mails().is_empty(), "it is less than a minute ago");
    app.shop.clock.advance(TimeDelta::seconds(61));
    resend(app, "ANN@example.com");
    resend(app, "nobody@example.com");
    let second = app.only_mail();
    verify(app, &second.token()).expect(204);
    verify(app, &first.token()).problem(422, "unusable_token");
    app.shop.clock.advance(TimeDelta::seconds(61));
    resend(app, "ann@example.com");
    assert!(app.mails().is_empty(), "it is verified");
    assert_eq!(ann.get("/api/v1/me").ok()["email_verified"], true);
    for _ in 0..10 {
        app.shop.clock.advance(TimeDelta::seconds(61));
        resend(app, "ann@example.com");
    }
});

api_test!(what_was_bought_as_a_guest_becomes_the_account_s_once_the_address_is_verified, |app| {
    app.open_for_business();
    let chair = app.put(Product::named("Oak chair"));
    let order = app.buyer(&[(&chair, 1)]).buy("tok_visa").expect(201).json();
    let path = format!("/api/v1/orders/{}", order["id"].as_str().unwrap());
    let guest = app.client().with("Order-Token", order["token"].as_str().unwrap());
    let ada = app.customer("ada");
    assert_eq!(ada.get("/api/v1/me/orders").ok()["items"], json!([]));
    ada.get(&path).problem(404, "not_found");
    guest.get(&path).ok();

    verify(app, &app.only_mail().token()).expect(204);
    let own = ada.get(&path).ok();
    assert_eq!(own["customer_id"], ada.id());
    assert_eq!(own["shipping_address"], order["shipping_address"]);
    assert_eq!(ada.get("/api/v1/me/orders").ok()["items"][0]["id"], order["id"]);

    ada.delete("/api/v1/me").expect(204);
    for planted in ["Seestrasse 7", "ada@example.com"] {
        assert_eq!(app.search(planted).1, Vec::<String>::new(), "{planted}");
    }
});

api_test!(an_address_that_only_folds_alike_brings_no_orders, |app| {
    app.open_for_business();
    let chair = app.put(Product::named("Oak chair"));
    let buyer = app.buyer(&[(&chair, 1)]);
    buyer.client.patch(&format!("/api/v1/carts/{}", buyer.cart_id), &json!({"email": "Ada@grosse.example"})).ok();
    let order = buyer.buy("tok_visa").expect(201).json();
    let path = format!("/api/v1/orders/{}", order["id"].as_str().unwrap());
    let body = json!({"email": "ada@große.example", "password": PASSWORD});
    let other = Member::of(app, app.guest().post("/api/v1/auth/register", &body).expect(201).json());
    verify(app, &app.only_mail().token()).expect(204);
    other.get(&path).problem(404, "not_found");
    app.client().with("Order-Token", order["token"].as_str().unwrap()).get(&path).ok();
});

api_test!(who_chooses_a_password_by_mail_is_not_kept_out_by_what_a_stranger_set_up, |app| {
    let stranger = app.customer("ann");
    app.mails();
    let enrolled = stranger.post("/api/v1/auth/second-factor/enrol", &json!({"current_password": PASSWORD})).ok();
    let device = totp_rs::TOTP::from_url(enrolled["uri"].as_str().unwrap()).unwrap();
    let code = device.generate(u64::try_from(app.shop.clock.now().seconds()).unwrap());
    stranger.post("/api/v1/auth/second-factor/confirm", &json!({"code": code})).ok();
    app.mails();
    forgot(app, "ann@example.com").expect(202);
    reset(app, &app.only_mail().token(), ANOTHER).expect(204);
    let body = json!({"email": "ann@example.com", "password": ANOTHER});
    app.guest().post("/api/v1/auth/login", &body).ok();
});
