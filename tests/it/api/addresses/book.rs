use serde_json::{Value, json};

use super::{BOOK, home, home_with};
use crate::support::api_test;

api_test!(an_address_is_kept_shown_changed_and_deleted, |app| {
    let ann = app.customer("ann");
    let answer = ann.post(BOOK, &home_with(json!({"label": "Home", "line2": "Second floor"}))).expect(201);
    let made = answer.json();
    let path = format!("{BOOK}/{}", made["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), Some(path.as_str()));
    assert_eq!(
        (&made["label"], &made["line2"], &made["company"]),
        (&json!("Home"), &json!("Second floor"), &Value::Null)
    );
    let shown = ann.get(&path).expect(200);
    assert_eq!((shown.json(), shown.header("cache-control")), (made.clone(), Some("private, no-cache")));
    assert_eq!(shown.header("etag"), answer.header("etag"));
    let changed = ann.patch(&path, &json!({"line2": null, "city": "Potsdam", "label": "Away"})).ok();
    assert_eq!(
        (&changed["version"], &changed["line2"], &changed["city"]),
        (&json!(2), &Value::Null, &json!("Potsdam"))
    );
    assert_eq!(changed["line1"], "Seestrasse 7");
    assert_eq!(ann.patch(&path, &json!({"city": "Potsdam"})).ok(), changed);
    assert_eq!(ann.get(&path).ok(), changed);
    ann.delete(&path).expect(204);
    ann.get(&path).problem(404, "not_found");
    ann.delete(&path).problem(404, "not_found");
});

api_test!(a_change_is_held_against_the_rules_as_a_whole, |app| {
    let ann = app.customer("ann");
    let path = ann.post(BOOK, &home()).expect(201).header("location").unwrap().to_owned();
    let moved = ann.patch(&path, &json!({"country": "US"}));
    moved.problem(422, "required");
    assert_eq!(moved.violations(), ["#/region required"]);
    let wrong = ann.patch(&path, &json!({"country": "US", "region": "Atlantis", "postal_code": "1", "label": " "}));
    wrong.problem(422, "validation_failed");
    assert_eq!(wrong.violations(), ["#/label blank", "#/postal_code invalid_postal_code", "#/region unknown_region"]);
    ann.patch(&path, &json!({"postal_code": null})).problem(422, "required");
    ann.patch(&path, &json!({"name": null})).problem(422, "invalid_type");
    ann.patch(&path, &json!({"id": "addr_01kdxkk1a0f2ethrwsbq5wfaw2"})).problem(422, "unknown_field");
    assert_eq!(ann.get(&path).ok()["version"], 1);
    let there = ann.patch(&path, &json!({"country": "US", "region": "california", "postal_code": "95014"})).ok();
    assert_eq!((&there["country"], &there["region"]), (&json!("US"), &json!("CA")));
});

api_test!(a_new_address_is_held_against_all_rules_at_once, |app| {
    let ann = app.customer("ann");
    let wrong = ann.post(
        BOOK,
        &home_with(json!({"label": "a\u{7}", "name": "\u{3000}", "line1": "a\r\nb", "postal_code": "1011"})),
    );
    wrong.problem(422, "validation_failed");
    let expected =
        ["#/label invalid_character", "#/line1 invalid_character", "#/name blank", "#/postal_code invalid_postal_code"];
    assert_eq!(wrong.violations(), expected);
    assert_eq!(ann.post(BOOK, &home_with(json!({"country": "XX"}))).violations(), ["#/country invalid_value"]);
    assert_eq!(
        ann.post(BOOK, &json!({"country": "DE"})).violations(),
        ["#/city required", "#/line1 required", "#/name required"]
    );
    ann.post(BOOK, &home_with(json!({"line2": "4242 4242 4242 4242"}))).problem(422, "card_data_refused");
    assert_eq!(ann.get(BOOK).ok()["items"], json!([]));
});

api_test!(a_stale_condition_is_refused_and_none_is_needed, |app| {
    let ann = app.customer("ann");
    let answer = ann.post(BOOK, &home()).expect(201);
    let (path, tag) = (answer.header("location").unwrap(), answer.header("etag").unwrap());
    ann.with("If-Match", tag).patch(path, &json!({"city": "Bonn"})).expect(200);
    ann.with("If-Match", tag).patch(path, &json!({"city": "Kiel"})).problem(412, "stale_version");
    ann.with("If-Match", tag).delete(path).problem(412, "stale_version");
    assert_eq!(ann.get(path).ok()["city"], "Bonn");
    ann.with("If-Match", "\"2\"").delete(path).expect(204);
});

api_test!(a_repeat_under_one_key_keeps_one_address, |app| {
    let ann = app.customer("ann");
    let once = ann.with("Idempotency-Key", "home");
    let first = once.post(BOOK, &home()).expect(201);
    let again = once.post(BOOK, &home()).expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!((first.json(), first.header("location")), (again.json(), again.header("location")));
    once.post(BOOK, &home_with(json!({"city": "Bonn"}))).problem(422, "idempotency_key_reused");
    assert_eq!(ann.get(&format!("{BOOK}?with_total=true")).ok()["page"]["total"], 1);
});

api_test!(the_book_is_read_in_pages_by_its_owner_alone, |app| {
    let (ann, bob) = (app.customer("ann"), app.customer("bob"));
    for number in 0..5 {
        ann.post(BOOK, &home_with(json!({"label": format!("{number}")}))).expect(201);
    }
    bob.post(BOOK, &home()).expect(201);
    let labels = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|it| it["label"].as_str().unwrap().to_owned()).collect()
    };
    let first = ann.get(&format!("{BOOK}?limit=2&with_total=true")).expect(200);
    assert!(first.header("link").is_some_and(|it| it.contains("rel=\"next\"")));
    let first = first.json();
    assert_eq!((labels(&first), &first["page"]["total"]), (vec!["0".to_owned(), "1".to_owned()], &json!(5)));
    let cursor = first["page"]["next_cursor"].as_str().unwrap();
    let second = ann.get(&format!("{BOOK}?limit=2&cursor={cursor}")).ok();
    assert_eq!(labels(&second), ["2", "3"]);
    let back = second["page"]["prev_cursor"].as_str().unwrap();
    assert_eq!(labels(&ann.get(&format!("{BOOK}?limit=2&cursor={back}")).ok()), ["0", "1"]);
    bob.get(&format!("{BOOK}?limit=2&cursor={cursor}")).problem(400, "invalid_cursor");
});

api_test!(a_stranger_s_address_is_not_there, |app| {
    let (ann, bob) = (app.customer("ann"), app.customer("bob"));
    let path = ann.post(BOOK, &home()).expect(201).header("location").unwrap().to_owned();
    for (who, status, code) in [(&*bob, 404, "not_found"), (&*app.guest(), 401, "unauthorized")] {
        who.get(&path).problem(status, code);
        who.patch(&path, &json!({"city": "Bonn"})).problem(status, code);
        who.delete(&path).problem(status, code);
    }
    app.guest().get(BOOK).problem(401, "unauthorized");
    app.guest().post(BOOK, &home()).problem(401, "unauthorized");
    ann.get(&format!("{BOOK}/addr_nonsense")).problem(404, "not_found");
    assert_eq!(ann.get(&path).ok()["city"], "Berlin");
});

api_test!(a_customer_keeps_fifty_addresses_even_at_once, |app| {
    let ann = app.customer("ann");
    for _ in 0..45 {
        ann.post(BOOK, &home()).expect(201);
    }
    let answers = app.at_once(10, |_| ann.post(BOOK, &home()));
    let made = answers.iter().filter(|it| it.status == 201).count();
    answers.iter().filter(|it| it.status != 201).for_each(|it| drop(it.problem(409, "too_many_addresses")));
    assert_eq!(made, 5);
    let page = ann.get(&format!("{BOOK}?with_total=true&limit=100")).ok();
    assert_eq!(page["page"]["total"], 50);
    ann.delete(&format!("{BOOK}/{}", page["items"][7]["id"].as_str().unwrap())).expect(204);
    ann.post(BOOK, &home()).expect(201);
});
