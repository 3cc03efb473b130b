//! Registering where accounts need a confirmed address.

use chrono::TimeDelta;
use serde_json::json;

use super::{ANOTHER, verify};
use crate::support::{Answer, Backend, PASSWORD, TestApp};

fn shop() -> TestApp {
    TestApp::start_with(Backend::Sqlite, &["--verified-registration", "true"])
}

fn register(app: &TestApp, email: &str, password: &str) -> Answer {
    app.guest().post("/api/v1/auth/register", &json!({"email": email, "password": password, "name": "Ann"}))
}

fn log_in(app: &TestApp, email: &str, password: &str) -> u16 {
    app.guest().post("/api/v1/auth/login", &json!({"email": email, "password": password})).status
}

#[test]
fn an_account_is_opened_by_the_token_of_its_mail() {
    let app = shop();
    let answer = register(&app, "ann@example.com", PASSWORD);
    assert_eq!((answer.status, answer.body.len()), (202, 0));
    assert_eq!(log_in(&app, "ann@example.com", PASSWORD), 401);
    let mail = app.only_mail();
    assert_eq!(mail.subject, "Confirm your account at Test shop");
    verify(&app, &mail.token()).expect(204);
    let ann = app.log_in("ann@example.com");
    assert_eq!(ann.session["customer"]["email_verified"], true);
    assert_eq!(ann.session["customer"]["name"], "Ann");
    verify(&app, &mail.token()).problem(422, "unusable_token");
}

#[test]
fn a_taken_address_is_answered_like_a_new_one_and_its_owner_is_told() {
    let app = shop();
    register(&app, "ann@example.com", PASSWORD).expect(202);
    verify(&app, &app.only_mail().token()).expect(204);
    let again = register(&app, "ann@example.com", ANOTHER);
    let new = register(&app, "new@example.com", ANOTHER);
    assert_eq!((again.status, &again.body), (new.status, &new.body));
    let mut mails = app.mails();
    mails.sort_by_key(|it| it.to.clone());
    assert_eq!(mails[0].subject, "You have an account at Test shop already");
    assert_eq!((log_in(&app, "ann@example.com", ANOTHER), log_in(&app, "ann@example.com", PASSWORD)), (401, 200));
}

#[test]
fn the_password_that_counts_is_that_of_the_registration_that_is_confirmed() {
    let app = shop();
    // An attacker is first, the owner of the address comes later.
    register(&app, "ann@example.com", ANOTHER).expect(202);
    let of_the_attacker = app.only_mail();
    app.shop.clock.advance(TimeDelta::seconds(61));
    register(&app, "ann@example.com", PASSWORD).expect(202);
    let of_the_owner = app.only_mail();
    verify(&app, &of_the_owner.token()).expect(204);
    assert_eq!((log_in(&app, "ann@example.com", ANOTHER), log_in(&app, "ann@example.com", PASSWORD)), (401, 200));
    verify(&app, &of_the_attacker.token()).problem(422, "unusable_token");
    assert_eq!(log_in(&app, "ann@example.com", ANOTHER), 401);
}

#[test]
fn of_a_registration_that_is_never_confirmed_nothing_is_left() {
    let app = shop();
    register(&app, "planted@example.com", PASSWORD).expect(202);
    app.mails();
    app.shop.clock.advance(TimeDelta::days(31));
    app.mails();
    let keys: i64 = app.database(|conn| {
        use diesel::prelude::*;
        Ok(cartwright::db::schema::person_keys::table.count().get_result(conn)?)
    });
    assert_eq!(keys, 0);
}
