//! Words that the staff say mean the same.

use std::time::Duration;

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use crate::support::{Client, Product, TestApp, api_test, within};

const SYNONYMS: &str = "/api/v1/admin/synonyms";

fn found(client: &Client, text: &str) -> Vec<String> {
    let page = client.get(&format!("/api/v1/search?q={text}")).ok();
    let mut names: Vec<String> =
        page["items"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn stock(app: &TestApp) {
    app.put(Product::named("Oak settle"));
    app.put(Product::named("Pine bench"));
    within(Duration::from_secs(5), || app.client().get("/api/v1/search?q=settle").status == 200, "no index");
    within(Duration::from_secs(5), || found(&app.client(), "bench") == ["Pine bench"], "the index does not follow");
}

fn change(staff: &Client, group: &Value, body: &Value) -> Value {
    let path = format!("{SYNONYMS}/{}", group["id"].as_str().unwrap());
    staff.request("PATCH", &path).header("If-Match", "*").json(body).send().expect(200).json()
}

api_test!(what_the_staff_say_of_words_is_in_the_very_next_search, |app| {
    stock(app);
    let (staff, shopper) = (app.staff(Role::CatalogueManager), app.client());
    assert!(found(&shopper, "gossip").is_empty());
    let group = staff.post(SYNONYMS, &json!({"words": ["Settle", "GOSSIP  seat"]})).expect(201).json();
    assert_eq!(
        (&group["words"], &group["from"], &group["to"]),
        (&json!(["settle", "gossip seat"]), &json!([]), &json!([]))
    );
    assert_eq!(found(&shopper, "gossip+seats"), ["Oak settle"]);
    let one_way = change(&staff, &group, &json!({"words": [], "from": ["gossip"], "to": ["settle", "bench"]}));
    assert_eq!(one_way["version"], 2);
    assert_eq!(found(&shopper, "gossip"), ["Oak settle", "Pine bench"]);
    assert_eq!(found(&shopper, "bench"), ["Pine bench"]);
    let path = format!("{SYNONYMS}/{}", group["id"].as_str().unwrap());
    staff.get(&path).expect(200);
    staff.request("DELETE", &path).send().problem(428, "precondition_required");
    staff.request("DELETE", &path).header("If-Match", "\"2\"").send().expect(204);
    assert!(found(&shopper, "gossip").is_empty());
    staff.get(&path).problem(404, "not_found");
});

api_test!(words_are_looked_at_before_they_mean_anything, |app| {
    let staff = app.staff(Role::CatalogueManager);
    let long = "x".repeat(101);
    let many: Vec<String> = (0..21).map(|number| format!("w{number}")).collect();
    for (body, violations) in [
        (json!({}), vec!["#/words too_short"]),
        (json!({"words": ["one"]}), vec!["#/words too_short"]),
        (json!({"words": ["Chair", " chair "]}), vec!["#/words/1 duplicate"]),
        (json!({"words": ["chair", "!?"]}), vec!["#/words/1 invalid_format"]),
        (json!({"words": ["chair", long]}), vec!["#/words/1 too_long"]),
        (json!({"words": many}), vec!["#/words too_long"]),
        (json!({"words": ["a", "b"], "from": ["c"], "to": ["d"]}), vec!["#/words mutually_exclusive"]),
        (json!({"from": ["c"]}), vec!["#/to too_short"]),
        (json!({"from": ["c", "d"], "to": ["e", "D"]}), vec!["#/to/1 duplicate"]),
        (json!({"words": ["a", "b"], "kind": "x"}), vec!["#/kind unknown_field"]),
        (json!({"words": null}), vec!["#/words invalid_type"]),
    ] {
        assert_eq!(staff.post(SYNONYMS, &body).expect(422).violations(), violations, "{body}");
    }
    let group = staff.post(SYNONYMS, &json!({"words": ["a", "b"]})).expect(201).json();
    let path = format!("{SYNONYMS}/{}", group["id"].as_str().unwrap());
    let refused = staff.request("PATCH", &path).header("If-Match", "*").json(&json!({"to": ["c"]})).send();
    assert_eq!(refused.expect(422).violations(), ["#/words mutually_exclusive"]);
    assert_eq!(change(&staff, &group, &json!({"words": ["A", "b"]}))["version"], 1, "it was so already");
});

api_test!(synonyms_are_listed_in_pages, |app| {
    let staff = app.staff(Role::CatalogueManager);
    for number in 0..5 {
        staff.post(SYNONYMS, &json!({"words": [format!("a{number}"), format!("b{number}")]})).expect(201);
    }
    let first = staff.get(&format!("{SYNONYMS}?limit=3&with_total=true")).ok();
    assert_eq!((&first["page"]["total"], &first["items"][0]["words"][0]), (&json!(5), &json!("a0")));
    let cursor = first["page"]["next_cursor"].as_str().unwrap();
    let second = staff.get(&format!("{SYNONYMS}?limit=3&cursor={cursor}")).ok();
    assert_eq!((second["items"].as_array().unwrap().len(), &second["page"]["has_more"]), (2, &json!(false)));
});

api_test!(another_process_knows_within_a_second_what_words_mean, REPLICAS, |app| {
    let staff = app.staff(Role::CatalogueManager);
    let [here, there] = [0, 1].map(|number| app.client().at(&app.door(number)));
    app.put(Product::named("Oak settle"));
    for client in [&here, &there] {
        within(Duration::from_secs(5), || client.get("/api/v1/search?q=settle").status == 200, "no index");
        within(Duration::from_secs(5), || found(client, "settle") == ["Oak settle"], "the index does not follow");
    }
    for number in 0..3 {
        let word = format!("gossip{number}");
        assert!(found(&here, &word).is_empty() && found(&there, &word).is_empty());
        staff.at(&app.door(0)).post(SYNONYMS, &json!({"words": ["settle", word]})).expect(201);
        assert_eq!(found(&here, &word), ["Oak settle"], "its own process at once");
        within(Duration::from_secs(1), || found(&there, &word) == ["Oak settle"], "the other one does not hear of it");
    }
});

api_test!(no_two_groups_say_the_same, |app| {
    let staff = app.staff(Role::CatalogueManager);
    let group = staff.post(SYNONYMS, &json!({"words": ["sofa", "settee"]})).expect(201).json();
    let one_way = staff.post(SYNONYMS, &json!({"from": ["a", "b"], "to": ["c"]})).expect(201).json();
    for (body, same) in
        [(json!({"words": ["SETTEE", " sofa"]}), &group), (json!({"from": ["b", "A"], "to": ["c"]}), &one_way)]
    {
        assert_eq!(staff.post(SYNONYMS, &body).problem(409, "conflict")["synonym_id"], same["id"]);
    }
    let other = staff.post(SYNONYMS, &json!({"from": ["c"], "to": ["a", "b"]})).expect(201).json();
    let more = staff.post(SYNONYMS, &json!({"words": ["sofa", "settee", "couch"]})).expect(201).json();
    let path = format!("{SYNONYMS}/{}", more["id"].as_str().unwrap());
    let patch = |body: &Value| staff.request("PATCH", &path).header("If-Match", "*").json(body).send();
    let problem = patch(&json!({"words": ["settee", "sofa"]})).problem(409, "conflict");
    assert_eq!(problem["synonym_id"], group["id"]);
    patch(&json!({"words": ["couch", "sofa", "settee"]})).expect(200);
    assert_eq!(change(&staff, &other, &json!({"to": ["b", "a"]}))["version"], 2, "its own words are no other group's");
});
