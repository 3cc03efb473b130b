//! `GET /admin/audit-log`.

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestApp, api_test};

fn log_in(app: &TestApp, email: &str, password: &str) -> Answer {
    let client = app.client().with("User-Agent", "planted-device/1.0");
    client.post("/api/v1/auth/login", &json!({"email": email, "password": password}))
}

/// The entries of a query, as whoever is an admin sees them.
fn entries(app: &TestApp, query: &str) -> Vec<Value> {
    let page = app.staff(Role::Admin).get(&format!("/api/v1/admin/audit-log?{query}")).ok();
    page["items"].as_array().unwrap().clone()
}

api_test!(a_log_in_is_written_down_whether_it_succeeds_or_not, |app| {
    let ann = app.customer("ann");
    log_in(app, "ann@example.com", PASSWORD).expect(200);
    log_in(app, "ann@example.com", "not the password").problem(401, "invalid_credentials");
    log_in(app, "nobody@example.com", "not the password").problem(401, "invalid_credentials");

    let done = entries(app, &format!("action=logged_in&actor_id={}", ann.id()));
    assert_eq!(done.len(), 2, "registering is a log-in too");
    assert_eq!(done[0]["outcome"], "succeeded");
    assert_eq!(done[0]["source"], json!({"address": "127.0.0.1", "device": "planted-device/1.0"}));
    assert!(done[0]["data"]["session_id"].as_str().unwrap().starts_with("sess_"));

    let refused = entries(app, "action=logged_in&outcome=refused");
    let about: Vec<&Value> = refused.iter().map(|it| &it["subject_id"]).collect();
    assert_eq!(about, [&Value::Null, &json!(ann.id())], "the latest first, of an unknown address nothing");
    assert!(refused.iter().all(|it| it["actor_id"].is_null() && it["source"]["device"] == "planted-device/1.0"));
});

api_test!(the_reuse_of_a_refresh_token_is_one_entry, |app| {
    let ann = app.customer("ann");
    let refresh = |token: &str| app.guest().post("/api/v1/auth/refresh", &json!({"refresh_token": token}));
    let first = ann.refresh_token();
    let second = refresh(first).ok();
    refresh(second["refresh_token"].as_str().unwrap()).expect(200);
    let answers = app.at_once(30, |_| refresh(first));
    assert!(answers.iter().all(|it| it.status == 401));
    let found = entries(app, "action=refresh_token_reused");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["subject_id"], ann.id());
    assert_eq!(found[0]["data"], json!({"session_id": ann.session["session_id"]}));
    assert_eq!((&found[0]["outcome"], &found[0]["actor_id"]), (&json!("refused"), &Value::Null));
});

api_test!(what_people_do_to_their_accounts_is_written_down, |app| {
    let ann = app.customer("ann");
    let other = app.log_in("ann@example.com");
    ann.delete(&format!("/api/v1/me/sessions/{}", other.session["session_id"].as_str().unwrap())).expect(204);
    ann.delete("/api/v1/me/sessions").expect(204);
    let change = |current: &str| {
        let body = json!({"current_password": current, "new_password": "lantern pebble orchard violin"});
        ann.post("/api/v1/auth/change-password", &body)
    };
    change("not the password").problem(422, "wrong_password");
    change(PASSWORD).expect(204);
    let of_ann = format!("actor_id={}", ann.id());
    let told: Vec<String> = entries(app, &of_ann)
        .iter()
        .rev()
        .map(|it| format!("{} {}", it["action"].as_str().unwrap(), it["outcome"].as_str().unwrap()))
        .collect();
    let expected = [
        "registered succeeded",
        "logged_in succeeded",
        "logged_in succeeded",
        "session_ended succeeded",
        "other_sessions_ended succeeded",
        "password_changed refused",
        "password_changed succeeded",
    ];
    assert_eq!(told, expected);

    ann.delete("/api/v1/me").expect(204);
    let left = entries(app, &of_ann);
    assert_eq!((left.len(), &left[0]["action"]), (8, &json!("account_erased")));
    assert!(left.iter().all(|it| it["source"].is_null()), "from where is forgotten with the person: {left:?}");
});

api_test!(the_audit_log_is_paged_filtered_and_for_those_who_hold_the_right, |app| {
    let staff = app.staff(Role::Viewer);
    for _ in 0..3 {
        log_in(app, "nobody@example.com", "not the password").problem(401, "invalid_credentials");
    }
    let page = staff.get("/api/v1/admin/audit-log?outcome=refused&limit=2&with_total=true").ok();
    assert_eq!((page["items"].as_array().unwrap().len(), &page["page"]["total"]), (2, &json!(3)));
    let cursor = page["page"]["next_cursor"].as_str().unwrap();
    let rest = staff.get(&format!("/api/v1/admin/audit-log?outcome=refused&limit=2&cursor={cursor}")).ok();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["page"]["has_more"]), (1, &json!(false)));
    let late = page["items"][0]["occurred_at"].as_str().unwrap();
    let before = staff.get(&format!("/api/v1/admin/audit-log?outcome=refused&occurred_before={late}")).ok();
    let since = staff.get(&format!("/api/v1/admin/audit-log?outcome=refused&occurred_from={late}")).ok();
    assert_eq!((before["items"].as_array().unwrap().len(), since["items"].as_array().unwrap().len()), (2, 1));
    staff.get("/api/v1/admin/audit-log?action=nonsense").problem(400, "invalid_parameter");
    app.staff(Role::OrderManager).get("/api/v1/admin/audit-log").problem(403, "forbidden");
    app.customer("ann").get("/api/v1/admin/audit-log").problem(403, "forbidden");
    app.guest().get("/api/v1/admin/audit-log").problem(401, "unauthorized");
});
