//! `/me`.

use serde_json::{Value, json};

use crate::support::api_test;

api_test!(one_s_own_account_has_a_version_and_a_tag, |app| {
    let ann = app.customer("ann");
    let answer = ann.get("/api/v1/me").expect(200);
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    let tag = answer.header("etag").unwrap().to_owned();
    assert!(tag.starts_with("\"1."), "{tag}");
    let me = answer.json();
    assert_eq!((&me["version"], &me["name"], &me["email"]), (&json!(1), &json!("ann"), &json!("ann@example.com")));
    ann.with("If-None-Match", &tag).get("/api/v1/me").expect(304);
});

api_test!(a_patch_changes_what_it_names, |app| {
    let ann = app.customer("ann");
    let answer = ann.patch("/api/v1/me", &json!({"name": "Ann Berg"})).expect(200);
    let me = answer.json();
    assert_eq!((&me["version"], &me["name"]), (&json!(2), &json!("Ann Berg")));
    assert!(answer.header("etag").unwrap().starts_with("\"2."));
    assert_eq!(ann.patch("/api/v1/me", &json!({})).ok(), me);
    let cleared = ann.patch("/api/v1/me", &json!({"name": null})).ok();
    assert_eq!((&cleared["version"], &cleared["name"]), (&json!(3), &Value::Null));
    assert_eq!(ann.get("/api/v1/me").ok(), cleared);
});

api_test!(a_stale_condition_is_refused_and_none_is_needed, |app| {
    let ann = app.customer("ann");
    let tag = ann.get("/api/v1/me").header("etag").unwrap().to_owned();
    ann.with("If-Match", &tag).patch("/api/v1/me", &json!({"name": "Ann"})).expect(200);
    let stale = ann.with("If-Match", &tag).patch("/api/v1/me", &json!({"name": "Anna"}));
    stale.problem(412, "stale_version");
    assert_eq!(stale.header("etag"), Some("\"2\""));
    ann.with("If-Match", &tag).delete("/api/v1/me").problem(412, "stale_version");
    ann.with("If-Match", "2").patch("/api/v1/me", &json!({"name": "Anna"})).problem(400, "invalid_if_match");
    assert_eq!(ann.get("/api/v1/me").ok()["name"], "Ann");
});

api_test!(nobody_sets_what_is_not_theirs_to_set, |app| {
    let ann = app.customer("ann");
    for (member, value) in [
        ("email", json!("other@example.com")),
        ("email_verified", json!(true)),
        ("id", json!("cust_01kdxkk1a0f2ethrwsbq5wfaw2")),
        ("version", json!(7)),
        ("created_at", json!("2026-01-05T09:00:00.000Z")),
    ] {
        ann.patch("/api/v1/me", &json!({member: value})).problem(422, "unknown_field");
    }
    let refused = ann.patch("/api/v1/me", &json!({"name": "4242-4242-4242-4242"}));
    refused.problem(422, "card_data_refused");
    assert_eq!(ann.get("/api/v1/me").ok()["version"], 1);
});

api_test!(changes_at_once_are_all_counted, |app| {
    let ann = app.customer("ann");
    let answers = app.at_once(10, |number| ann.patch("/api/v1/me", &json!({"name": format!("Ann {number}")})));
    let mut versions: Vec<i64> = answers.into_iter().map(|it| it.ok()["version"].as_i64().unwrap()).collect();
    versions.sort_unstable();
    assert_eq!(versions, (2..=11).collect::<Vec<i64>>());
});
