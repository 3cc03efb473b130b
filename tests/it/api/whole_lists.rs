//! Lists that stand on one page, unless they are asked for in pages.

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use crate::support::api_test;

fn items(page: &Value) -> &Vec<Value> {
    page["items"].as_array().unwrap()
}

api_test!(what_stands_on_one_page_is_read_in_pages_where_asked_forwards_and_backwards, |app| {
    let admin = app.staff(Role::Admin);
    for number in 1..=5 {
        let name = format!("Thing {number}");
        admin.post("/api/v1/admin/brands", &json!({"name": name})).expect(201);
        admin.post("/api/v1/admin/categories", &json!({"name": name})).expect(201);
        let attribute = json!({"key": format!("thing_{number}"), "label": name, "kind": "text"});
        admin.post("/api/v1/admin/attributes", &attribute).expect(201);
    }
    for path in ["brands", "categories", "attributes", "countries", "admin/attributes"] {
        let get = |query: &str| admin.get(&format!("/api/v1/{path}?{query}"));
        let whole = get("").ok();
        let all = items(&whole);
        let page =
            json!({"limit": all.len(), "has_more": false, "next_cursor": null, "prev_cursor": null, "total": null});
        assert_eq!(whole["page"], page, "{path}");
        assert_eq!(get("with_total=true").ok()["page"]["total"], all.len(), "{path}");
        let mut pages = vec![get("limit=2").ok()];
        while let Some(cursor) = pages.last().unwrap()["page"]["next_cursor"].as_str() {
            let answer = get(&format!("limit=2&cursor={cursor}"));
            assert!(answer.header("link").unwrap().contains("rel=\"prev\""), "{path}");
            pages.push(answer.ok());
        }
        let read: Vec<Value> = pages.iter().flat_map(|page| items(page).clone()).collect();
        assert_eq!(&read, all, "{path}");
        let mut back = pages.pop().unwrap();
        assert_eq!((&back["page"]["has_more"], &back["page"]["limit"]), (&json!(false), &json!(2)), "{path}");
        for earlier in pages.iter().rev() {
            back = get(&format!("limit=2&cursor={}", back["page"]["prev_cursor"].as_str().unwrap())).ok();
            assert_eq!(back["items"], earlier["items"], "{path}");
        }
        assert_eq!(back["page"]["prev_cursor"], Value::Null, "{path}");
        get("limit=0").problem(400, "invalid_parameter");
        get("cursor=x").problem(400, "invalid_cursor");
        get("sort=name").problem(400, "unknown_parameter");
    }
});

api_test!(where_the_last_entry_is_gone_reading_goes_on_where_it_stood, |app| {
    let admin = app.staff(Role::Admin);
    for name in ["A", "B", "C", "D"] {
        admin.post("/api/v1/admin/brands", &json!({"name": name})).expect(201);
    }
    let first = app.guest().get("/api/v1/brands?limit=2").ok();
    let gone = first["items"][1]["id"].as_str().unwrap();
    admin.with("If-Match", "*").delete(&format!("/api/v1/admin/brands/{gone}")).expect(204);
    let cursor = first["page"]["next_cursor"].as_str().unwrap();
    let second = app.guest().get(&format!("/api/v1/brands?limit=2&cursor={cursor}")).ok();
    let names: Vec<&Value> = items(&second).iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["C", "D"]);
    let cursor = second["page"]["prev_cursor"].as_str().unwrap();
    let back = app.guest().get(&format!("/api/v1/brands?limit=2&cursor={cursor}")).ok();
    assert_eq!(back["items"][0]["name"], "A");
});
