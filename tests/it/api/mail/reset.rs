//! `POST /auth/forgot-password` and `/auth/reset-password`.

use cartwright::{
    auth::rights::Role,
    db::schema::mails,
    mail::{MailKind, MailState},
};
use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::json;

use super::{ANOTHER, forgot, reset};
use crate::support::{PASSWORD, TestApp, api_test};

fn log_in(app: &TestApp, email: &str, password: &str) -> u16 {
    app.guest().post("/api/v1/auth/login", &json!({"email": email, "password": password})).status
}

api_test!(a_forgotten_password_is_replaced_by_a_token_that_comes_by_mail, |app| {
    let ann = app.customer("ann");
    app.mails();
    forgot(app, "Ann@Example.com").expect(202);
    let mail = app.only_mail();
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("ann@example.com", "Choose a new password for Test shop"));
    reset(app, &mail.token(), ANOTHER).expect(204);
    assert_eq!((log_in(app, "ann@example.com", PASSWORD), log_in(app, "ann@example.com", ANOTHER)), (401, 200));
    ann.get("/api/v1/me").problem(401, "invalid_token");
    assert_eq!(app.only_mail().subject, "Your password for Test shop was changed");
    reset(app, &mail.token(), PASSWORD).problem(422, "unusable_token");
    let account =
        app.guest().post("/api/v1/auth/login", &json!({"email": "ann@example.com", "password": ANOTHER})).ok();
    assert_eq!(account["customer"]["email_verified"], true, "the token went there");
});

api_test!(staff_forget_their_passwords_too, |app| {
    let kim = app.staff(Role::Viewer);
    let email = kim.session["staff"]["email"].as_str().unwrap();
    forgot(app, email).expect(202);
    reset(app, &app.only_mail().token(), ANOTHER).expect(204);
    assert_eq!(log_in(app, email, ANOTHER), 200);
});

api_test!(every_address_is_answered_alike_and_only_an_account_gets_mail, |app| {
    app.customer("ann");
    app.mails();
    let (known, unknown) = (forgot(app, "ann@example.com"), forgot(app, "nobody@example.com"));
    assert_eq!((known.status, &known.body), (202, &unknown.body));
    assert_eq!(known.status, unknown.status);
    let names =
        |answer: &crate::support::Answer| -> Vec<String> { answer.headers.keys().map(|it| it.to_string()).collect() };
    assert_eq!(names(&known), names(&unknown));
    assert_eq!(app.only_mail().to, "ann@example.com");
});

api_test!(a_weak_password_leaves_the_token_good, |app| {
    app.customer("ann");
    app.mails();
    forgot(app, "ann@example.com").expect(202);
    let token = app.only_mail().token();
    for weak in ["password1", "ann@example.com"] {
        let answer = reset(app, &token, weak);
        answer.problem(422, "weak_password");
        assert_eq!(answer.violations(), ["#/new_password weak_password"], "{weak}");
    }
    reset(app, &token, ANOTHER).expect(204);
});

api_test!(the_token_is_good_for_an_hour_and_a_newer_use_voids_all_others, |app| {
    app.customer("ann");
    app.mails();
    forgot(app, "ann@example.com").expect(202);
    let first = app.only_mail().token();
    app.shop.clock.advance(TimeDelta::minutes(30));
    forgot(app, "ann@example.com").expect(202);
    let second = app.only_mail().token();
    app.shop.clock.advance(TimeDelta::minutes(31));
    reset(app, &first, ANOTHER).problem(422, "unusable_token");
    forgot(app, "ann@example.com").expect(202);
    let third = app.only_mail().token();
    reset(app, &second, ANOTHER).expect(204);
    reset(app, &third, PASSWORD).problem(422, "unusable_token");
});

api_test!(of_thirty_who_reset_at_once_one_chooses_the_password, |app| {
    app.customer("ann");
    app.mails();
    forgot(app, "ann@example.com").expect(202);
    let token = app.only_mail().token();
    let passwords: Vec<String> = (0..30).map(|it| format!("{ANOTHER} {it}")).collect();
    let answers = app.at_once(30, |number| reset(app, &token, &passwords[number]));
    let done: Vec<usize> = (0..30).filter(|it| answers[*it].status == 204).collect();
    assert_eq!(done.len(), 1);
    assert!(answers.iter().all(|it| [204, 422, 503].contains(&it.status)));
    assert_eq!(log_in(app, "ann@example.com", &passwords[done[0]]), 200);
});

api_test!(at_most_five_mails_an_hour_go_to_an_address, |app| {
    app.customer("ann");
    app.mails();
    for _ in 0..20 {
        forgot(app, "ann@example.com").expect(202);
        app.shop.clock.advance(TimeDelta::seconds(70));
    }
    assert_eq!(app.mails().len(), 5);
    app.shop.clock.advance(TimeDelta::hours(1));
    forgot(app, "ann@example.com").expect(202);
    assert_eq!(app.mails().len(), 1);
});

api_test!(of_many_who_ask_at_once_one_is_mailed, REPLICAS, |app| {
    app.customer("ann");
    app.mails();
    let body = json!({"email": "ann@example.com"});
    let ask = |number| app.client().at(&app.door(number)).post("/api/v1/auth/forgot-password", &body);
    app.at_once(10, ask).into_iter().for_each(|answer| drop(answer.expect(202)));
    let of_this_kind = mails::table.filter(mails::kind.eq(MailKind::ResetPassword)).select(mails::state);
    let states: Vec<MailState> = app.database(|conn| Ok(of_this_kind.load(conn)?));
    assert_eq!((states.len(), states.iter().filter(|it| **it == MailState::Withheld).count()), (10, 9));
});

api_test!(no_header_of_a_request_reaches_a_link, |app| {
    app.customer("ann");
    app.mails();
    let hostile = ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-Host", "Origin", "Referer"];
    let client = hostile.iter().fold(app.client(), |client, name| client.with(name, "evil.example"));
    client.post("/api/v1/auth/forgot-password", &json!({"email": "ann@example.com"})).expect(202);
    let mail = app.only_mail();
    assert!(!mail.text.contains("evil"), "{}", mail.text);
    assert!(mail.text.contains("https://shop.example/reset-password?token=mt_"), "{}", mail.text);
});

api_test!(a_changed_password_voids_what_was_mailed_and_is_told, |app| {
    let ann = app.customer("ann");
    app.mails();
    forgot(app, "ann@example.com").expect(202);
    let token = app.only_mail().token();
    let change = json!({"current_password": PASSWORD, "new_password": ANOTHER});
    ann.post("/api/v1/auth/change-password", &change).expect(204);
    assert_eq!(app.only_mail().subject, "Your password for Test shop was changed");
    reset(app, &token, PASSWORD).problem(422, "unusable_token");
});
