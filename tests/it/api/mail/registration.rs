//! Registering where accounts need a confirmed address.

use chrono::TimeDelta;
use serde_json::json;

use super::{ANOTHER, reset, verify};
use crate::support::{Answer, Backend, PASSWORD, TestApp, backend_test};

const CHOSEN: &str = "seven drizzled otters hum";

fn shop(backend: Backend) -> TestApp {
    TestApp::start_with(backend, &["--verified-registration", "true"])
}

fn register(app: &TestApp, email: &str, password: &str) -> Answer {
    app.guest().post("/api/v1/auth/register", &json!({"email": email, "password": password, "name": "Ann"}))
}

fn log_in(app: &TestApp, email: &str, password: &str) -> u16 {
    app.guest().post("/api/v1/auth/login", &json!({"email": email, "password": password})).status
}

backend_test!(an_account_is_opened_by_the_token_of_its_mail, |backend| {
    let app = shop(backend);
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
});

backend_test!(a_taken_address_is_answered_like_a_new_one_and_its_owner_is_told, |backend| {
    let app = shop(backend);
    register(&app, "ann@example.com", PASSWORD).expect(202);
    verify(&app, &app.only_mail().token()).expect(204);
    let again = register(&app, "ann@example.com", ANOTHER);
    let new = register(&app, "new@example.com", ANOTHER);
    assert_eq!((again.status, &again.body), (new.status, &new.body));
    let mut mails = app.mails();
    mails.sort_by_key(|it| it.to.clone());
    assert_eq!(mails[0].subject, "You have an account at Test shop already");
    assert_eq!((log_in(&app, "ann@example.com", ANOTHER), log_in(&app, "ann@example.com", PASSWORD)), (401, 200));
});

backend_test!(of_several_who_register_with_an_address_by_different_passwords_none_gets_in_by_theirs, |backend| {
    // An attacker is first or second, and the owner may follow either link; a second mail within a minute is withheld.
    for (first, second, seconds) in
        [(ANOTHER, PASSWORD, 61), (PASSWORD, ANOTHER, 61), (ANOTHER, PASSWORD, 5), (PASSWORD, ANOTHER, 5)]
    {
        for follow_latest in [false, true] {
            let app = shop(backend);
            register(&app, "ann@example.com", first).expect(202);
            let mut token = app.only_mail().token();
            app.shop.clock.advance(TimeDelta::seconds(seconds));
            register(&app, "ann@example.com", second).expect(202);
            let latest = app.mails();
            assert_eq!(latest.len(), usize::from(seconds > 60));
            if let (true, Some(mail)) = (follow_latest, latest.first()) {
                token = mail.token();
            }
            verify(&app, &token).expect(204);
            assert_eq!([PASSWORD, ANOTHER].map(|it| log_in(&app, "ann@example.com", it)), [401, 401]);
            let mail = app.only_mail();
            assert_eq!(mail.subject, "Choose a new password for Test shop");
            reset(&app, &mail.token(), CHOSEN).expect(204);
            assert_eq!(log_in(&app, "ann@example.com", CHOSEN), 200);
        }
    }
});

backend_test!(a_stranger_who_registers_again_and_again_outlasts_nobody, |backend| {
    let app = shop(backend);
    register(&app, "ann@example.com", PASSWORD).expect(202);
    app.only_mail();
    app.shop.clock.advance(TimeDelta::hours(1));
    register(&app, "ann@example.com", ANOTHER).expect(202);
    app.only_mail();
    // The owner's registration waits no more, and soon the stranger's first one neither.
    app.shop.clock.advance(TimeDelta::hours(23) + TimeDelta::minutes(30));
    register(&app, "ann@example.com", ANOTHER).expect(202);
    let latest = app.only_mail();
    app.shop.clock.advance(TimeDelta::hours(1));
    verify(&app, &latest.token()).expect(204);
    assert_eq!(log_in(&app, "ann@example.com", ANOTHER), 401);
});

backend_test!(who_registers_twice_by_the_same_password_gets_in_by_it_whichever_link_they_follow, |backend| {
    for follow_latest in [false, true] {
        let app = shop(backend);
        register(&app, "ann@example.com", PASSWORD).expect(202);
        let first = app.only_mail().token();
        app.shop.clock.advance(TimeDelta::seconds(61));
        register(&app, "ann@example.com", PASSWORD).expect(202);
        let latest = app.only_mail().token();
        let (followed, other) = if follow_latest { (latest, first) } else { (first, latest) };
        verify(&app, &followed).expect(204);
        assert_eq!(log_in(&app, "ann@example.com", PASSWORD), 200);
        verify(&app, &other).problem(422, "unusable_token");
    }
});

backend_test!(of_two_who_register_at_once_by_different_passwords_none_gets_in_by_theirs, |backend| {
    let app = shop(backend);
    let passwords = [PASSWORD, ANOTHER];
    app.at_once(2, |number| register(&app, "ann@example.com", passwords[number])).iter().for_each(|it| {
        assert_eq!(it.status, 202);
    });
    verify(&app, &app.only_mail().token()).expect(204);
    assert_eq!(passwords.map(|it| log_in(&app, "ann@example.com", it)), [401, 401]);
});

backend_test!(of_a_registration_that_is_never_confirmed_nothing_is_left, |backend| {
    let app = shop(backend);
    register(&app, "planted@example.com", PASSWORD).expect(202);
    app.mails();
    app.shop.clock.advance(TimeDelta::days(31));
    app.mails();
    let keys: i64 = app.database(|conn| {
        use diesel::prelude::*;
        Ok(cartwright::db::schema::person_keys::table.count().get_result(conn)?)
    });
    assert_eq!(keys, 0);
});
