use std::thread;

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use super::{chair, change, made};
use crate::support::{Answer, Client, api_test};

const PRODUCTS: &str = "/api/v1/admin/products";
const BULK: &str = "/api/v1/admin/products/bulk";
const UNKNOWN: &str = "prod_01kdxkk1a0f2ethrwsbq5wfaw2";

fn send(staff: &Client, items: &Value) -> Answer {
    staff.post(BULK, &json!({"items": items}))
}

fn outcomes(staff: &Client, items: &Value) -> Vec<Value> {
    send(staff, items).ok()["items"].as_array().expect("outcomes").clone()
}

fn create(data: &Value) -> Value {
    json!({"op": "create", "data": data})
}

fn named(name: &str) -> Value {
    create(&json!({"name": name}))
}

fn statuses(outcomes: &[Value]) -> Vec<u64> {
    outcomes.iter().map(|it| it["status"].as_u64().expect("a status")).collect()
}

/// The violations of an outcome as `place code`, sorted.
fn violations(outcome: &Value) -> Vec<String> {
    let entries = outcome["problem"]["errors"].as_array().unwrap_or_else(|| panic!("no errors in {outcome}"));
    let text = |it: &Value, name: &str| it[name].as_str().unwrap_or_default().to_owned();
    let mut found: Vec<String> =
        entries.iter().map(|it| format!("{} {}", text(it, "pointer"), text(it, "code"))).collect();
    found.sort();
    found
}

fn count(staff: &Client) -> Value {
    staff.get(&format!("{PRODUCTS}?with_total=true")).ok()["page"]["total"].clone()
}

api_test!(many_products_are_made_changed_and_deleted_in_their_order, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (_, stool) = made(kim.post(PRODUCTS, &json!({"name": "Stool"})));
    let (_, bench) = made(kim.post(PRODUCTS, &json!({"name": "Bench", "status": "published"})));
    let items = json!([
        create(&chair()),
        {"op": "update", "id": stool["id"], "version": 1, "data": {"name": "Bar stool", "status": "published"}},
        {"op": "delete", "id": bench["id"], "version": 1},
        {"op": "update", "id": stool["id"], "version": 2, "data": {"name": "Bar stool"}},
    ]);
    let answer = send(&kim, &items).expect(200);
    assert_eq!(answer.header("idempotency-replayed"), None);
    let outcomes = answer.json()["items"].clone();
    let chair_id = &outcomes[0]["id"];
    assert_eq!(outcomes[0], json!({"status": 201, "id": chair_id, "version": 1, "problem": null}));
    assert_eq!(outcomes[1], json!({"status": 200, "id": stool["id"], "version": 2, "problem": null}));
    assert_eq!(outcomes[2], json!({"status": 204, "id": bench["id"], "version": null, "problem": null}));
    assert_eq!(outcomes[3], json!({"status": 200, "id": stool["id"], "version": 2, "problem": null}));
    let made = kim.get(&format!("{PRODUCTS}/{}", chair_id.as_str().unwrap())).ok();
    assert_eq!((&made["slug"], &made["variants"][1]["sku"]), (&json!("oak-chair"), &json!("OAK-B")));
    let found = app.guest().get("/api/v1/search?q=stool").ok();
    assert_eq!(found["items"][0]["name"], "Bar stool", "the answer has waited for the index");
    assert_eq!(app.guest().get("/api/v1/search?q=bench").ok()["items"], json!([]));
});

api_test!(a_bad_item_stops_none_of_the_others, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (_, stool) = made(kim.post(PRODUCTS, &json!({"name": "Stool"})));
    let outcomes = outcomes(
        &kim,
        &json!([
            create(&chair()),
            create(&chair()),
            create(&json!({"name": "", "colour": "red", "attributes": {"Not a key": 1}})),
            {"op": "update", "id": stool["id"], "version": 7, "data": {"name": "Late"}},
            {"op": "update", "id": stool["id"], "data": {"name": "Blind"}},
            {"op": "delete", "id": UNKNOWN, "version": 1},
            {"op": "delete", "id": "stool", "version": 0, "data": {}},
            {"op": "replace"},
            {},
            [],
            "text",
            create(&json!({"name": "A\u{0}B"})),
            create(&json!({"name": "x", "brand_id": "brand_01kdxkk1a0f2ethrwsbq5wfaw2"})),
            named("Footrest"),
        ]),
    );
    assert_eq!(
        statuses(&outcomes),
        [201, 409, 422, 412, 428, 404, 422, 422, 422, 400, 422, 422, 422, 201],
        "{outcomes:?}"
    );
    assert_eq!(violations(&outcomes[1])[0], "#/items/1/data/external_id external_id_taken");
    assert_eq!(
        violations(&outcomes[2]),
        [
            "#/items/2/data/attributes/Not a key invalid_format",
            "#/items/2/data/colour unknown_field",
            "#/items/2/data/name too_short"
        ]
    );
    assert_eq!(outcomes[3]["id"], stool["id"]);
    assert_eq!(outcomes[3]["problem"]["current_version"], 1);
    assert_eq!(violations(&outcomes[4]), ["#/items/4/version precondition_required"]);
    assert_eq!((&outcomes[5]["id"], &outcomes[5]["problem"]["code"]), (&json!(UNKNOWN), &json!("not_found")));
    assert_eq!(
        violations(&outcomes[6]),
        [
            "#/items/6/data unknown_field",
            "#/items/6/id invalid_format",
            "#/items/6/id too_short",
            "#/items/6/version out_of_range"
        ]
    );
    assert_eq!(violations(&outcomes[7]), ["#/items/7/op invalid_value"]);
    assert_eq!(violations(&outcomes[8]), ["#/items/8/op required"]);
    assert_eq!(outcomes[9]["problem"]["code"], "malformed_json");
    assert_eq!(violations(&outcomes[10]), ["#/items/10 invalid_type"]);
    assert_eq!(violations(&outcomes[11]), ["#/items/11/data/name invalid_character"]);
    assert_eq!(violations(&outcomes[12]), ["#/items/12/data/brand_id not_found"]);
    assert_eq!(count(&kim), 3, "what was refused has left something behind");
});

api_test!(what_a_single_request_is_told_the_item_is_told, |app| {
    let kim = app.staff(Role::CatalogueManager);
    made(kim.post(PRODUCTS, &chair()));
    let mut alone = kim.post(PRODUCTS, &chair()).problem(409, "external_id_taken");
    let mut told = outcomes(&kim, &json!([create(&chair())]))[0]["problem"].clone();
    alone["request_id"].take();
    for violation in alone["errors"].as_array_mut().unwrap() {
        let pointer = violation["pointer"].as_str().unwrap().replace('#', "#/items/0/data");
        violation["pointer"] = json!(pointer);
    }
    assert!(told["request_id"].take().is_string());
    assert_eq!(told, alone);
});

api_test!(a_list_that_is_too_long_is_refused_as_a_whole, |app| {
    let kim = app.staff(Role::CatalogueManager);
    for number in [101, 1001] {
        let answer = send(&kim, &json!(vec![named("x"); number]));
        answer.problem(422, "too_long");
        assert_eq!(answer.violations(), ["#/items too_long"]);
    }
    send(&kim, &json!([])).problem(422, "too_short");
    kim.post(BULK, &json!({})).problem(422, "required");
    kim.post(BULK, &json!({"items": [named("x")], "more": 1})).problem(422, "unknown_field");
    kim.post(BULK, &json!([])).problem(400, "malformed_json");
    assert_eq!(count(&kim), 0);
    let large = json!({"name": "Large", "description": "x".repeat(20_000)});
    assert_eq!(statuses(&outcomes(&kim, &json!(vec![create(&large); 20]))), [201; 20], "over 256 KiB");
    let larger = format!(r#"{{"items":["{}"]}}"#, "x".repeat(4 * 1024 * 1024));
    let request = kim.request("POST", BULK).header("Content-Type", "application/json").body(larger);
    request.send().problem(413, "payload_too_large");
});

api_test!(a_repeat_under_its_key_does_nothing_twice, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, stool) = made(kim.post(PRODUCTS, &json!({"name": "Stool"})));
    let update = json!({"op": "update", "id": stool["id"], "version": 1, "data": {"name": "Bar stool"}});
    let body = json!({"items": [named("Table"), create(&json!({"name": ""})), update]});
    let keyed = kim.with("Idempotency-Key", "bulk-1");
    let first = keyed.post(BULK, &body).expect(200);
    assert_eq!(statuses(first.json()["items"].as_array().unwrap()), [201, 422, 200]);
    change(&kim, &path, "*", &json!({"name": "Step stool"})).expect(200);
    let again = keyed.post(BULK, &body).expect(200);
    assert_eq!((again.text(), again.header("idempotency-replayed")), (first.text(), Some("true")));
    assert_eq!(kim.get(&path).ok()["name"], "Step stool");
    assert_eq!(count(&kim), 2);
    keyed.post(BULK, &json!({"items": [named("Shelf")]})).problem(422, "idempotency_key_reused");
    let other = kim.with("Idempotency-Key", "bulk-2");
    assert_eq!(statuses(other.post(BULK, &body).ok()["items"].as_array().unwrap()), [201, 422, 412]);
    assert_eq!(count(&kim), 3);
});

api_test!(two_who_send_the_same_at_once_make_it_once, |app| {
    let kim = app.staff(Role::CatalogueManager).with("Idempotency-Key", "at-once");
    let items: Vec<Value> = (0..10).map(|number| named(&format!("Chair {number}"))).collect();
    let body = json!({"items": items});
    let answers: Vec<Answer> = thread::scope(|scope| {
        let senders: Vec<_> = (0..4).map(|_| scope.spawn(|| kim.post(BULK, &body))).collect();
        senders.into_iter().map(|it| it.join().expect("an answer")).collect()
    });
    let told: Vec<&Answer> = answers.iter().filter(|it| it.status == 200).collect();
    assert!(!told.is_empty());
    assert!(told.iter().all(|it| it.json() == told[0].json()));
    answers.iter().filter(|it| it.status != 200).for_each(|it| drop(it.problem(409, "idempotency_in_progress")));
    assert_eq!(count(&kim), 10);
});

api_test!(the_database_is_asked_equally_often_for_each_item, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let statements = |items: usize| {
        app.statements(|number| {
            let item = |place: usize| named(&format!("Chair {items} {number} {place}"));
            let items: Vec<Value> = (0..items).map(item).collect();
            assert_eq!(statuses(&outcomes(&kim, &json!(items))), vec![201; items.len()]);
        })
    };
    let (one, two, ten) = (statements(1), statements(2), statements(10));
    assert_eq!(ten - one, 9 * (two - one), "{one} for one, {two} for two, {ten} for ten");
});
