//! Tries at accounts.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{from, standing};
use crate::support::{Answer, Client, PASSWORD, TestApp, api_test};

fn log_in(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/api/v1/auth/login", &json!({"email": email, "password": password}))
}

/// Ten wrong passwords, each from another network.
fn besiege(app: &TestApp, email: &str) {
    for number in 0..10 {
        log_in(&from(app, &format!("198.51.100.{number}")), email, "wrong").problem(401, "invalid_credentials");
    }
}

api_test!(an_account_takes_ten_tries_a_minute_wherever_they_come_from, LIMITED, |app| {
    app.customer("ann");
    // To register was a try too.
    app.shop.clock.advance(TimeDelta::seconds(60));
    for email in ["ann@example.com", "nobody@example.com"] {
        besiege(app, email);
        let refused = log_in(&from(app, "203.0.113.1"), email, PASSWORD);
        refused.problem(429, "rate_limited");
        assert!(refused.header("retry-after").is_some());
        assert_eq!(refused.header("ratelimit-policy"), Some(r#""auth";q=60;w=60, "auth_account";q=10;w=60"#));
        let (policy, left, _) = standing(&refused);
        assert_eq!((policy.as_str(), left), ("auth_account", 0));
    }
    let other = from(app, "203.0.113.1");
    log_in(&other, "ANN@example.com", PASSWORD).problem(429, "rate_limited");
    let form = other.request("POST", "/api/v1/auth/login");
    let form =
        form.header("Content-Type", "application/x-www-form-urlencoded").body("email=ann%40example.com&password=x");
    form.send().problem(429, "rate_limited");
    let body = json!({"email": "nobody@example.com", "password": PASSWORD});
    other.post("/api/v1/auth/register", &body).problem(429, "rate_limited");
    log_in(&other, "ben@example.com", "wrong").problem(401, "invalid_credentials");
    app.shop.clock.advance(TimeDelta::seconds(60));
    log_in(&other, "ann@example.com", PASSWORD).expect(200);
});

api_test!(whoever_was_let_in_from_a_network_is_not_locked_out_there, LIMITED, |app| {
    app.customer("ann");
    let home = from(app, "203.0.113.1");
    log_in(&home, "ann@example.com", PASSWORD).expect(200);
    app.shop.clock.advance(TimeDelta::seconds(60));
    besiege(app, "ann@example.com");
    log_in(&from(app, "203.0.113.2"), "ann@example.com", PASSWORD).problem(429, "rate_limited");
    for _ in 0..10 {
        log_in(&home, "ann@example.com", PASSWORD).expect(200);
    }
    log_in(&home, "ann@example.com", PASSWORD).problem(429, "rate_limited");
});

api_test!(a_network_makes_sixty_tries_a_minute_whatever_the_accounts, LIMITED, |app| {
    let client = from(app, "198.51.100.1");
    let register = |body: Value| client.post("/api/v1/auth/register", &body);
    for left in (0..60).rev() {
        // What breaks a rule is a try as well, and costs no hash.
        let answer = register(json!({"email": "no address"})).expect(422);
        assert_eq!(standing(&answer), ("auth".to_owned(), left, standing(&answer).2));
    }
    log_in(&client, "ann@example.com", PASSWORD).problem(429, "rate_limited");
    log_in(&from(app, "198.51.100.2"), "ann@example.com", PASSWORD).problem(401, "invalid_credentials");
    // A session that has begun goes on.
    let refresh = json!({"refresh_token": "rt_none"});
    client.post("/api/v1/auth/refresh", &refresh).problem(401, "invalid_token");
});

api_test!(whoever_has_a_session_alone_may_not_guess_the_password, LIMITED, |app| {
    let ann = app.customer("ann");
    let body = json!({"current_password": "wrong", "new_password": "lantern pebble orchard violin"});
    for _ in 0..10 {
        ann.post("/api/v1/auth/change-password", &body).problem(422, "wrong_password");
    }
    ann.post("/api/v1/auth/change-password", &body).problem(429, "rate_limited");
});

api_test!(to_ask_for_a_mail_is_a_try_whether_the_address_is_somebody_s_or_not, LIMITED, |app| {
    app.customer("ann");
    app.shop.clock.advance(TimeDelta::seconds(60));
    for email in ["ann@example.com", "nobody@example.com"] {
        for number in 0..10 {
            let path = ["forgot-password", "verify-email/resend"][number % 2];
            let client = from(app, &format!("198.51.100.{number}"));
            client.post(&format!("/api/v1/auth/{path}"), &json!({"email": email})).expect(202);
        }
        let body = json!({"email": email});
        from(app, "203.0.113.1").post("/api/v1/auth/forgot-password", &body).problem(429, "rate_limited");
        log_in(&from(app, "203.0.113.1"), email, PASSWORD).problem(429, "rate_limited");
    }
});

api_test!(of_thirty_tries_at_once_ten_are_looked_at, LIMITED, |app| {
    let answers =
        app.at_once(30, |number| log_in(&from(app, &format!("198.51.100.{number}")), "nobody@example.com", "wrong"));
    let looked_at = answers.iter().filter(|it| it.status == 401).count();
    assert_eq!(looked_at, 10);
    assert!(answers.iter().all(|it| it.status == 401 || it.status == 429));
});
