//! `POST /auth/change-email`.

use cartwright::auth::rights::Role;
use serde_json::json;

use super::{ANOTHER, forgot, reset, verify};
use crate::support::{Answer, Client, PASSWORD, TestApp, api_test};

fn change(who: &Client, email: &str) -> Answer {
    who.post("/api/v1/auth/change-email", &json!({"current_password": PASSWORD, "new_email": email}))
}

fn log_in(app: &TestApp, email: &str) -> u16 {
    app.guest().post("/api/v1/auth/login", &json!({"email": email, "password": PASSWORD})).status
}

api_test!(a_new_address_is_confirmed_there_and_told_to_the_old_one, |app| {
    let ann = app.customer("ann");
    app.mails();
    forgot(app, "ann@example.com").expect(202);
    let sent_to_the_old_one = app.only_mail().token();
    change(&ann, "ann@new.example.com").expect(202);
    let mail = app.only_mail();
    assert_eq!((mail.to.as_str(), log_in(app, "ann@new.example.com")), ("ann@new.example.com", 401));
    verify(app, &mail.token()).expect(204);
    assert_eq!((log_in(app, "ann@example.com"), log_in(app, "ann@new.example.com")), (401, 200));
    let me = ann.get("/api/v1/me").ok();
    assert_eq!((&me["email"], &me["email_verified"]), (&json!("ann@new.example.com"), &json!(true)));
    let notice = app.only_mail();
    assert_eq!(notice.to, "ann@example.com");
    assert_eq!(notice.subject, "Your account at Test shop has another e-mail address");
    reset(app, &sent_to_the_old_one, ANOTHER).problem(422, "unusable_token");
    // The old address is free again.
    app.customer("ann");
});

api_test!(staff_change_their_address_too, |app| {
    let kim = app.staff(Role::Viewer);
    change(&kim, "kim@new.example.com").expect(202);
    verify(app, &app.only_mail().token()).expect(204);
    assert_eq!(app.log_in("kim@new.example.com").session["staff"]["email"], "kim@new.example.com");
});

api_test!(whose_a_taken_address_is_nobody_but_its_owner_is_told, |app| {
    let (ann, _bob) = (app.customer("ann"), app.customer("bob"));
    app.mails();
    let (taken, free) = (change(&ann, "bob@example.com"), change(&ann, "free@example.com"));
    assert_eq!((taken.status, &taken.body), (202, &free.body));
    let mut mails = app.mails();
    mails.sort_by_key(|it| it.to.clone());
    assert_eq!(mails[0].subject, "You have an account at Test shop already");
    assert_eq!(mails[0].to, "bob@example.com");
    assert!(!mails[0].text.contains("token="));
    // Somebody else takes the address before it is confirmed.
    app.customer("free");
    verify(app, &mails[1].token()).problem(422, "unusable_token");
    assert_eq!(ann.get("/api/v1/me").ok()["email"], "ann@example.com");
});

api_test!(the_password_is_asked_for, |app| {
    let ann = app.customer("ann");
    app.mails();
    let body = json!({"current_password": "not the password", "new_email": "ann@new.example.com"});
    let answer = ann.post("/api/v1/auth/change-email", &body);
    answer.problem(422, "wrong_password");
    assert_eq!(answer.violations(), ["#/current_password wrong_password"]);
    assert!(app.mails().is_empty());
});

api_test!(of_two_accounts_that_confirm_one_address_at_once_one_gets_it, |app| {
    let people: Vec<_> = (0..4).map(|number| app.customer(&format!("person-{number}"))).collect();
    app.mails();
    let mut tokens = Vec::new();
    for person in &people {
        change(person, "wanted@example.com").expect(202);
        app.shop.clock.advance(chrono::TimeDelta::seconds(61));
        tokens.push(app.only_mail().token());
    }
    let answers = app.at_once(4, |number| verify(app, &tokens[number]));
    assert_eq!(answers.iter().filter(|it| it.status == 204).count(), 1);
    assert_eq!(answers.iter().filter(|it| it.status == 422).count(), 3);
});

api_test!(no_address_brings_headers_or_recipients_of_its_own_into_a_mail, |app| {
    let admin = app.staff(Role::Admin);
    let ann = app.customer("ann");
    app.mails();
    let hostile = [
        "ann@example.com\r\nBcc: eve@evil.example",
        "ann@example.com\nBcc: eve@evil.example",
        "ann@example.com\u{2028}Bcc: eve@evil.example",
        "\"ann\r\nBcc: eve\"@example.com",
        "ann@example.com, eve@evil.example",
        "ann@example.com;eve@evil.example",
        "ann@example.com>\r\nRCPT TO:<eve@evil.example",
        "Ann <ann@example.com>",
        "<ann@example.com>",
        "ann@example.com (Ann)",
        "@evil.example:ann@example.com",
    ];
    for email in hostile {
        let guest = app.guest();
        let invitation = json!({"email": email, "name": "Kim", "role_id": Role::Viewer.id()});
        for answer in [
            guest.post("/api/v1/auth/register", &json!({"email": email, "password": PASSWORD})),
            guest.post("/api/v1/auth/forgot-password", &json!({"email": email})),
            guest.post("/api/v1/carts", &json!({"email": email})),
            admin.post("/api/v1/admin/staff/invitations", &invitation),
            change(&ann, email),
        ] {
            let found = answer.expect(422).violations();
            assert!(matches!(found.as_slice(), [one] if one.contains("email ")), "{email}: {found:?}");
        }
    }
    assert!(app.mails().is_empty());
});

api_test!(an_export_tells_of_no_other_s_address, |app| {
    let (ann, _bob) = (app.customer("ann"), app.customer("bob"));
    let kinds = || {
        let mails = ann.get("/api/v1/me/export").ok()["mails"].clone();
        mails.as_array().unwrap().iter().map(|it| it["kind"].clone()).collect::<Vec<_>>()
    };
    let before = kinds();
    change(&ann, "bob@example.com").expect(202);
    assert_eq!(kinds(), before);
    change(&ann, "nobody@example.com").expect(202);
    assert_eq!(kinds(), before);
});
