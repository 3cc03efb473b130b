//! `POST /auth/refresh` and `/auth/logout`.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Answer, Member, TestApp, api_test};

fn refresh(app: &TestApp, token: &Value) -> Answer {
    app.guest().post("/api/v1/auth/refresh", &json!({"refresh_token": token}))
}

fn token_of(session: &Value) -> Value {
    session["refresh_token"].clone()
}

fn advance(app: &TestApp, seconds: i64) {
    app.shop.clock.advance(TimeDelta::seconds(seconds));
}

api_test!(a_refresh_carries_the_session_on, |app| {
    let ann = app.customer("ann");
    let answer = refresh(app, &json!(ann.refresh_token())).expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let session = answer.json();
    for member in ["session_id", "customer", "staff", "expires_in", "refresh_expires_in"] {
        assert_eq!(session[member], ann.session[member], "{member}");
    }
    assert_ne!(token_of(&session), token_of(&ann.session));
    Member::of(app, session).get("/api/v1/me").ok();
});

api_test!(thirty_who_refresh_at_once_end_with_one_live_token_that_all_of_them_hold, |app| {
    let ann = app.customer("ann");
    let mut token = token_of(&ann.session);
    for _ in 0..3 {
        let answers = app.at_once(30, |_| refresh(app, &token));
        let handed_out: BTreeSet<String> = answers.into_iter().map(|it| token_of(&it.ok()).to_string()).collect();
        assert_eq!(handed_out.len(), 1);
        token = serde_json::from_str(handed_out.first().unwrap()).unwrap();
    }
    refresh(app, &token).expect(200);
});

api_test!(a_lost_reply_is_given_again_for_ten_seconds, |app| {
    let ann = app.customer("ann");
    let first = token_of(&ann.session);
    let second = token_of(&refresh(app, &first).ok());
    advance(app, 9);
    let again = refresh(app, &first).ok();
    assert_eq!(token_of(&again), second);
    assert!(again["refresh_expires_in"].as_i64().unwrap() <= 2_592_000 - 9);
    advance(app, 2);
    refresh(app, &first).problem(401, "invalid_token");
    // Who asked again so late may be a thief: nobody goes on.
    refresh(app, &second).problem(401, "invalid_token");
});

api_test!(a_token_that_is_used_again_ends_the_session, |app| {
    let ann = app.customer("ann");
    let other = app.log_in("ann@example.com");
    let first = token_of(&ann.session);
    let second = refresh(app, &first).ok();
    let third = refresh(app, &token_of(&second)).ok();
    let answer = refresh(app, &first);
    answer.problem(401, "invalid_token");
    assert!(answer.header("www-authenticate").unwrap().contains(r#"error="invalid_token""#));
    refresh(app, &token_of(&third)).problem(401, "invalid_token");
    for session in [ann.session.clone(), second, third] {
        Member::of(app, session).get("/api/v1/me").problem(401, "invalid_token");
    }
    // That session alone.
    other.get("/api/v1/me").ok();
    refresh(app, &token_of(&other.session)).expect(200);
});

api_test!(a_refresh_token_ends_after_thirty_days_without_use, |app| {
    let ann = app.customer("ann");
    advance(app, 29 * 86_400);
    let session = refresh(app, &token_of(&ann.session)).ok();
    advance(app, 30 * 86_400 - 1);
    let session = refresh(app, &token_of(&session)).ok();
    advance(app, 30 * 86_400);
    refresh(app, &token_of(&session)).problem(401, "invalid_token");
});

api_test!(an_access_token_ends_after_fifteen_minutes, |app| {
    let ann = app.customer("ann");
    advance(app, 895);
    ann.get("/api/v1/me").ok();
    advance(app, 15);
    ann.get("/api/v1/me").problem(401, "invalid_token");
    let session = refresh(app, &token_of(&ann.session)).ok();
    Member::of(app, session).get("/api/v1/me").ok();
});

api_test!(what_is_no_refresh_token_is_refused, |app| {
    let ann = app.customer("ann");
    let unknown = format!("rt_{}", "A".repeat(43));
    for token in [ann.session["access_token"].as_str().unwrap(), &unknown, "rt_", "x"] {
        refresh(app, &json!(token)).problem(401, "invalid_token");
    }
    refresh(app, &json!("")).problem(422, "too_short");
    refresh(app, &json!(7)).problem(422, "invalid_type");
    let as_access = format!("Bearer {}", ann.refresh_token());
    app.client().with("Authorization", &as_access).get("/api/v1/me").problem(401, "invalid_token");
});

api_test!(logging_out_ends_the_session_and_no_other, |app| {
    let ann = app.customer("ann");
    let other = app.log_in("ann@example.com");
    let body = json!({"refresh_token": ann.refresh_token()});
    assert!(app.guest().post("/api/v1/auth/logout", &body).expect(204).body.is_empty());
    ann.get("/api/v1/me").problem(401, "invalid_token");
    refresh(app, &token_of(&ann.session)).problem(401, "invalid_token");
    other.get("/api/v1/me").ok();
    // Again, and with what was never a token, it ends nothing and says no more.
    app.guest().post("/api/v1/auth/logout", &body).expect(204);
    app.guest().post("/api/v1/auth/logout", &json!({"refresh_token": "nonsense"})).expect(204);
    other.get("/api/v1/me").ok();
});

api_test!(an_old_token_of_the_session_logs_out_too, |app| {
    let ann = app.customer("ann");
    let session = refresh(app, &token_of(&ann.session)).ok();
    app.guest().post("/api/v1/auth/logout", &json!({"refresh_token": ann.refresh_token()})).expect(204);
    refresh(app, &token_of(&session)).problem(401, "invalid_token");
});
