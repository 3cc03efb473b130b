//! `/me/carts`.

use serde_json::{Value, json};

use crate::support::{Member, Product, TestApp, api_test};

fn cart_of(member: &Member) -> Value {
    member.post("/api/v1/carts", &json!({})).expect(201).json()
}

fn guest_cart(app: &TestApp, lines: &Value) -> Value {
    app.guest().post("/api/v1/carts", lines).expect(201).json()
}

fn pair(cart: &Value) -> Value {
    json!({"cart_id": cart["id"], "cart_token": cart["token"]})
}

api_test!(one_s_open_carts_are_listed_the_last_changed_first, |app| {
    let chair = app.put(Product::named("Oak chair").with_stock(9));
    let (ann, bob) = (app.customer("ann"), app.customer("bob"));
    let (first, second) = (cart_of(&ann), cart_of(&ann));
    cart_of(&bob);
    let lines = json!({"lines": [{"variant_id": chair.variant_id, "quantity": 4}]});
    let path = format!("/api/v1/carts/{}/lines", first["id"].as_str().unwrap());
    ann.post(&path, &lines).expect(200);
    let list = ann.get("/api/v1/me/carts?with_total=true").ok();
    let found: Vec<(&Value, &Value)> =
        list["items"].as_array().unwrap().iter().map(|it| (&it["id"], &it["units"])).collect();
    assert_eq!(found, [(&first["id"], &json!(4)), (&second["id"], &json!(0))]);
    assert_eq!(list["page"]["total"], 2);
    let page = ann.get("/api/v1/me/carts?limit=1").ok();
    let next = format!("/api/v1/me/carts?limit=1&cursor={}", page["page"]["next_cursor"].as_str().unwrap());
    assert_eq!(ann.get(&next).ok()["items"][0]["id"], second["id"]);
    ann.delete(&format!("/api/v1/carts/{}", second["id"].as_str().unwrap())).expect(204);
    assert_eq!(ann.get("/api/v1/me/carts").ok()["items"].as_array().unwrap().len(), 1);
});

api_test!(a_guest_s_cart_is_merged_as_at_a_log_in, |app| {
    let chair = app.put(Product::named("Oak chair").with_stock(5));
    let lines = json!({"lines": [{"variant_id": chair.variant_id, "quantity": 3}]});
    let ann = app.customer("ann");
    let own = ann.post("/api/v1/carts", &lines).expect(201).json();
    let guest = guest_cart(app, &lines);
    let keyed = ann.with("Idempotency-Key", "merge-1");
    let merge = keyed.post("/api/v1/me/carts/merge", &pair(&guest)).ok();
    let line = json!({"variant_id": chair.variant_id, "outcome": "capped", "quantity": 5, "requested": 6});
    assert_eq!(merge, json!({"cart_id": own["id"], "lines": [line]}));
    assert_eq!(keyed.post("/api/v1/me/carts/merge", &pair(&guest)).ok(), merge);
    ann.post("/api/v1/me/carts/merge", &pair(&guest)).problem(404, "not_found");
});

api_test!(a_pair_that_opens_no_cart_merges_nothing, |app| {
    let ann = app.customer("ann");
    let (one, other) = (guest_cart(app, &json!({})), guest_cart(app, &json!({})));
    for (id, token) in [
        (&one["id"], &other["token"]),
        (&one["id"], &json!("ct_nonsense")),
        (&json!("cart_01kdxkk1a0f2ethrwsbq5wfaw2"), &one["token"]),
        (&cart_of(&ann)["id"], &one["token"]),
    ] {
        let body = json!({"cart_id": id, "cart_token": token});
        ann.post("/api/v1/me/carts/merge", &body).problem(404, "not_found");
    }
    ann.post("/api/v1/me/carts/merge", &json!({"cart_id": one["id"]})).problem(422, "required");
});

api_test!(of_many_who_merge_one_cart_one_gets_it, |app| {
    let chair = app.put(Product::named("Oak chair").with_stock(50));
    let guest = guest_cart(app, &json!({"lines": [{"variant_id": chair.variant_id, "quantity": 2}]}));
    let ann = app.customer("ann");
    let answers = app.at_once(8, |_| ann.post("/api/v1/me/carts/merge", &pair(&guest)));
    assert_eq!(answers.iter().filter(|it| it.status == 200).count(), 1);
    assert!(answers.iter().all(|it| it.status == 200 || it.status == 404));
    assert_eq!(ann.get("/api/v1/me/carts").ok()["items"][0]["units"], 2);
});
