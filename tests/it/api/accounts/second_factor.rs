//! Logging in with a code besides the password.

use cartwright::auth::rights::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};
use totp_rs::{Algorithm, Secret, TOTP};

use crate::support::{Answer, Backend, Client, Member, PASSWORD, Product, TestApp, api_test};

/// An authenticator app that has read the answer to an enrolment.
struct Device(TOTP);

impl Device {
    fn reads(uri: &str) -> Self {
        let totp = TOTP::from_url(uri).unwrap();
        assert_eq!((totp.algorithm, totp.digits, totp.step), (Algorithm::SHA1, 6, 30));
        Self(totp)
    }

    fn code(&self, app: &TestApp) -> String {
        self.0.generate(u64::try_from(app.shop.clock.now().seconds()).unwrap())
    }

    /// Six digits that are good neither now nor a moment ago.
    fn wrong_code(&self, app: &TestApp) -> String {
        let now = u64::try_from(app.shop.clock.now().seconds()).unwrap();
        let good: Vec<String> = (0..5).map(|step| self.0.generate(now + 30 * step - 60)).collect();
        (0..).map(|number| format!("{number:06}")).find(|it| !good.contains(it)).unwrap()
    }
}

fn enrol(who: &Member) -> Answer {
    who.post("/api/v1/auth/second-factor/enrol", &json!({"current_password": PASSWORD}))
}

fn confirm(who: &Member, code: &str) -> Answer {
    who.post("/api/v1/auth/second-factor/confirm", &json!({"code": code}))
}

/// Turns it on; the device, and the recovery codes.
fn turn_on(app: &TestApp, who: &Member) -> (Device, Vec<String>) {
    let device = Device::reads(enrol(who).ok()["uri"].as_str().unwrap());
    let codes = confirm(who, &device.code(app)).ok();
    let codes = codes["recovery_codes"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect();
    // The code that turned it on is used up.
    app.shop.clock.advance(TimeDelta::seconds(60));
    (device, codes)
}

fn log_in(client: &Client, email: &str) -> Answer {
    client.post("/api/v1/auth/login", &json!({"email": email, "password": PASSWORD}))
}

fn challenge(app: &TestApp, email: &str) -> String {
    let problem = log_in(&app.guest(), email).problem(401, "second_factor_required");
    assert_eq!(problem["challenge_expires_in"], 300);
    problem["challenge"].as_str().unwrap().to_owned()
}

fn finish(app: &TestApp, challenge: &str, code: &str) -> Answer {
    app.guest().post("/api/v1/auth/second-factor", &json!({"challenge": challenge, "code": code}))
}

fn entries(app: &TestApp, subject: &str) -> Vec<String> {
    let admin = app.staff(Role::Admin);
    let list = admin.get(&format!("/api/v1/admin/audit-log?actor_id={subject}&limit=100")).ok();
    list["items"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap().to_owned()).collect()
}

api_test!(with_a_second_factor_the_password_alone_lets_nobody_in, |app| {
    let ann = app.customer("ann");
    assert_eq!(ann.get("/api/v1/me").ok()["second_factor"], false);
    let (device, codes) = turn_on(app, &ann);
    assert_eq!(codes.len(), 10);
    assert_eq!(ann.get("/api/v1/me").ok()["second_factor"], true);
    let refused = log_in(&app.guest(), "ann@example.com");
    refused.problem(401, "second_factor_required");
    assert_eq!(refused.header("set-cookie"), None);
    let session = finish(app, &challenge(app, "ann@example.com"), &device.code(app)).ok();
    assert_eq!(session["customer"]["email"], "ann@example.com");
    Member::of(app, session).get("/api/v1/me").ok();
    // A wrong password is told before, and tells nothing of the second factor.
    let wrong = json!({"email": "ann@example.com", "password": "wrong"});
    app.guest().post("/api/v1/auth/login", &wrong).problem(401, "invalid_credentials");
    assert!(entries(app, ann.id()).contains(&"second_factor_turned_on".to_owned()));
});

api_test!(nothing_is_asked_for_before_a_first_code_has_been_shown, |app| {
    let ann = app.customer("ann");
    let former = Device::reads(enrol(&ann).ok()["uri"].as_str().unwrap());
    let answer = enrol(&ann).expect(200);
    let shown = answer.json();
    let device = Device::reads(shown["uri"].as_str().unwrap());
    assert_eq!(Secret::Encoded(shown["secret"].as_str().unwrap().to_owned()).to_bytes().unwrap(), device.0.secret);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let wrong = confirm(&ann, &former.code(app));
    wrong.problem(422, "wrong_code");
    assert_eq!(wrong.violations(), ["#/code wrong_code"]);
    log_in(&app.guest(), "ann@example.com").expect(200);
    confirm(&ann, &device.code(app)).ok();
    enrol(&ann).problem(409, "second_factor_on");
    confirm(&ann, &device.code(app)).problem(422, "wrong_code");
    challenge(app, "ann@example.com");
});

api_test!(who_has_only_a_session_can_neither_turn_it_on_nor_off, |app| {
    let ann = app.customer("ann");
    let wrong = json!({"current_password": "wrong"});
    ann.post("/api/v1/auth/second-factor/enrol", &wrong).problem(422, "wrong_password");
    let (device, _) = turn_on(app, &ann);
    for path in ["disable", "recovery-codes"] {
        let path = format!("/api/v1/auth/second-factor/{path}");
        let with = |password: &str, code: &str| ann.post(&path, &json!({"current_password": password, "code": code}));
        with("wrong", &device.code(app)).problem(422, "wrong_password");
        with(PASSWORD, &device.wrong_code(app)).problem(422, "wrong_code");
    }
    challenge(app, "ann@example.com");
});

api_test!(turned_off_the_password_lets_in_again_and_its_owner_is_told, |app| {
    let ann = app.customer("ann");
    let (device, codes) = turn_on(app, &ann);
    let waiting = challenge(app, "ann@example.com");
    let both = json!({"current_password": PASSWORD, "code": device.code(app)});
    ann.post("/api/v1/auth/second-factor/disable", &both).expect(204);
    log_in(&app.guest(), "ann@example.com").expect(200);
    finish(app, &waiting, &codes[0]).problem(401, "invalid_token");
    let subjects: Vec<String> = app.mails().into_iter().map(|it| it.subject).collect();
    assert!(subjects.iter().any(|it| it.contains("asks for a second factor now")), "{subjects:?}");
    assert!(subjects.iter().any(|it| it.contains("asks for no second factor any more")), "{subjects:?}");
});

api_test!(a_code_is_good_once_also_for_thirty_at_a_time, |app| {
    let ann = app.customer("ann");
    let (device, _) = turn_on(app, &ann);
    let code = device.code(app);
    finish(app, &challenge(app, "ann@example.com"), &code).ok();
    finish(app, &challenge(app, "ann@example.com"), &code).problem(401, "invalid_code");
    app.shop.clock.advance(TimeDelta::seconds(30));
    let challenges: Vec<String> = (0..30).map(|_| challenge(app, "ann@example.com")).collect();
    let code = device.code(app);
    let answers = app.at_once(30, |number| finish(app, &challenges[number], &code));
    assert_eq!(answers.iter().filter(|it| it.status == 200).count(), 1);
});

api_test!(a_challenge_is_good_once_for_five_tries_and_five_minutes, |app| {
    let ann = app.customer("ann");
    let (device, _) = turn_on(app, &ann);
    let tried = challenge(app, "ann@example.com");
    for _ in 0..5 {
        finish(app, &tried, &device.wrong_code(app)).problem(401, "invalid_code");
    }
    finish(app, &tried, &device.code(app)).problem(401, "invalid_token");
    let late = challenge(app, "ann@example.com");
    app.shop.clock.advance(TimeDelta::seconds(301));
    finish(app, &late, &device.code(app)).problem(401, "invalid_token");
    let used = challenge(app, "ann@example.com");
    finish(app, &used, &device.code(app)).ok();
    app.shop.clock.advance(TimeDelta::seconds(60));
    finish(app, &used, &device.code(app)).problem(401, "invalid_token");
    for none in ["ch_7t0pHk9Tt2r3Yv1c5q8wXzA4bD6eF0gJ2kM4nP6rS8U", "ch_", "mt_x", "x"] {
        finish(app, none, &device.code(app)).problem(401, "invalid_token");
    }
});

api_test!(guessing_is_slowed_down_and_a_recovery_code_lets_in_all_the_same, |app| {
    let ann = app.customer("ann");
    let (device, codes) = turn_on(app, &ann);
    for _ in 0..2 {
        let tried = challenge(app, "ann@example.com");
        for _ in 0..5 {
            finish(app, &tried, &device.wrong_code(app)).problem(401, "invalid_code");
        }
    }
    let next = challenge(app, "ann@example.com");
    let refused = finish(app, &next, &device.code(app));
    refused.problem(429, "rate_limited");
    let seconds: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((50..=60).contains(&seconds), "{seconds}");
    finish(app, &next, &codes[0].to_uppercase().replace('-', " ")).ok();
    finish(app, &challenge(app, "ann@example.com"), &codes[0]).problem(429, "rate_limited");
    app.shop.clock.advance(TimeDelta::seconds(60));
    finish(app, &challenge(app, "ann@example.com"), &codes[0]).problem(401, "invalid_code");
    finish(app, &challenge(app, "ann@example.com"), &device.code(app)).problem(429, "rate_limited");
    app.shop.clock.advance(TimeDelta::seconds(120));
    finish(app, &challenge(app, "ann@example.com"), &device.code(app)).ok();
});

api_test!(other_recovery_codes_void_the_former_ones, |app| {
    let ann = app.customer("ann");
    let (device, former) = turn_on(app, &ann);
    let both = json!({"current_password": PASSWORD, "code": device.code(app)});
    let fresh = ann.post("/api/v1/auth/second-factor/recovery-codes", &both).ok();
    finish(app, &challenge(app, "ann@example.com"), &former[3]).problem(401, "invalid_code");
    finish(app, &challenge(app, "ann@example.com"), fresh["recovery_codes"][9].as_str().unwrap()).ok();
});

api_test!(a_log_in_that_waits_ends_with_the_password_that_began_it, |app| {
    let ann = app.customer("ann");
    let (device, _) = turn_on(app, &ann);
    let waiting = challenge(app, "ann@example.com");
    let change = json!({"current_password": PASSWORD, "new_password": "lantern pebble orchard violin"});
    ann.post("/api/v1/auth/change-password", &change).expect(204);
    finish(app, &waiting, &device.code(app)).problem(401, "invalid_token");
});

api_test!(the_cart_and_the_cookie_that_a_log_in_asked_for_come_with_its_second_half, |app| {
    let ann = app.customer("ann");
    let (device, _) = turn_on(app, &ann);
    let product = app.put(Product::named("Oak chair").with_stock(5));
    let lines = json!({"lines": [{"variant_id": product.variant_id, "quantity": 2}]});
    let cart = app.guest().post("/api/v1/carts", &lines).expect(201).json();
    let body = json!({
        "email": "ann@example.com", "password": PASSWORD, "transport": "cookie",
        "cart_id": cart["id"], "cart_token": cart["token"],
    });
    let problem = app.guest().post("/api/v1/auth/login", &body).problem(401, "second_factor_required");
    let answer = finish(app, problem["challenge"].as_str().unwrap(), &device.code(app)).expect(200);
    let session = answer.json();
    assert_eq!(session["refresh_token"], Value::Null);
    assert!(answer.header("set-cookie").unwrap().starts_with("__Host-rt=rt_"));
    assert_eq!(session["cart_merge"]["lines"][0]["quantity"], 2);
});

api_test!(staff_log_in_with_theirs_and_an_admin_turns_off_that_of_who_has_lost_the_device, |app| {
    let (admin, kim) = (app.staff(Role::Admin), app.staff(Role::Viewer));
    let email = kim.session["staff"]["email"].as_str().unwrap().to_owned();
    let (device, _) = turn_on(app, &kim);
    finish(app, &challenge(app, &email), &device.code(app)).ok();
    let path = format!("/api/v1/admin/staff/{}", kim.id());
    assert_eq!(admin.get(&path).ok()["second_factor"], true);
    let listed = admin.get("/api/v1/admin/staff").ok();
    let of_kim = listed["items"].as_array().unwrap().iter().find(|it| it["id"] == kim.id()).unwrap();
    assert_eq!(of_kim["second_factor"], true);
    let off = json!({"second_factor": false});
    kim.with("If-Match", "*").patch(&path, &off).problem(403, "forbidden");
    let (admin, on) = (admin.with("If-Match", "*"), json!({"second_factor": true}));
    admin.patch(&path, &on).problem(422, "invalid_value");
    assert_eq!(admin.patch(&path, &off).ok()["second_factor"], false);
    assert_eq!(admin.patch(&path, &off).ok()["second_factor"], false);
    log_in(&app.guest(), &email).expect(200);
    let told = app.mails().into_iter().filter(|it| it.to == email && it.subject.contains("no second factor")).count();
    assert_eq!(told, 1);
});

api_test!(of_who_is_erased_no_second_factor_stays, |app| {
    let ann = app.customer("ann");
    turn_on(app, &ann);
    challenge(app, "ann@example.com");
    ann.delete("/api/v1/me").expect(204);
    let left = app.database(|conn| {
        use cartwright::db::schema::{login_challenges, recovery_codes, second_factors};
        use diesel::prelude::*;
        let counts: [i64; 3] = [
            second_factors::table.count().get_result(conn)?,
            recovery_codes::table.count().get_result(conn)?,
            login_challenges::table.count().get_result(conn)?,
        ];
        Ok(counts)
    });
    assert_eq!(left, [0, 0, 0]);
});

#[test]
fn where_the_staff_need_a_second_factor_they_do_nothing_before_they_have_one() {
    let app = TestApp::start_with(Backend::Sqlite, &["--require-staff-second-factor", "true"]);
    let kim = app.staff(Role::Admin);
    assert_eq!(kim.get("/api/v1/admin/me").ok()["second_factor"], false);
    kim.get("/api/v1/admin/orders").problem(403, "second_factor_needed");
    let (device, _) = turn_on(&app, &kim);
    kim.get("/api/v1/admin/orders").ok();
    let both = json!({"current_password": PASSWORD, "code": device.code(&app)});
    kim.post("/api/v1/auth/second-factor/disable", &both).problem(403, "second_factor_needed");
    // It is the staff's matter alone.
    app.customer("ann").get("/api/v1/me").ok();
}
