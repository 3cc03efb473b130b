use serde_json::{Value, json};

use super::{BOOK, home, home_with};
use crate::support::{Member, Product, TestApp, api_test};

/// A customer with a cart.
fn shopper(app: &TestApp) -> (Member, String) {
    app.open_for_business();
    let ann = app.customer("ann");
    let cart = ann.post("/api/v1/carts", &json!({})).expect(201).json();
    (ann, format!("/api/v1/carts/{}", cart["id"].as_str().unwrap()))
}

fn saved(ann: &Member, address: &Value) -> Value {
    ann.post(BOOK, address).expect(201).json()
}

api_test!(a_cart_s_addresses_keep_the_rules_of_their_countries, |app| {
    let (ann, cart) = shopper(app);
    let wrong = ann.patch(
        &cart,
        &json!({
            "shipping_address": home_with(json!({"postal_code": "D-10115", "city": " ", "line1": "a\u{b}"})),
            "billing_address": home_with(json!({"country": "US", "region": "Atlantis", "postal_code": null})),
        }),
    );
    wrong.problem(422, "validation_failed");
    let expected = [
        "#/billing_address/postal_code required",
        "#/billing_address/region unknown_region",
        "#/shipping_address/city blank",
        "#/shipping_address/line1 invalid_character",
        "#/shipping_address/postal_code invalid_postal_code",
    ];
    assert_eq!(wrong.violations(), expected);
    let both = ann.patch(&cart, &json!({"shipping_address": home_with(json!({"country": "US"}))}));
    assert_eq!(
        both.violations(),
        ["#/shipping_address/country country_not_served", "#/shipping_address/region required"]
    );
    assert_eq!(ann.get(&cart).ok()["shipping_address"], Value::Null);
});

api_test!(a_cart_keeps_a_region_by_its_code, |app| {
    let (ann, cart) = shopper(app);
    let bill = home_with(json!({"country": "US", "city": "Cupertino", "region": "California", "postal_code": "95014"}));
    let changed = ann.patch(&cart, &json!({"shipping_address": home(), "billing_address": bill})).ok();
    assert_eq!(
        (&changed["billing_address"]["region"], &changed["shipping_address"]["region"]),
        (&json!("CA"), &Value::Null)
    );
});

api_test!(a_cart_takes_addresses_of_its_customer_s_book, |app| {
    let (ann, cart) = shopper(app);
    let own = saved(&ann, &home());
    let abroad = saved(&ann, &home_with(json!({"country": "FR", "postal_code": "75001", "city": "Paris"})));
    let taken = ann.patch(&cart, &json!({"shipping_address_id": own["id"], "billing_address_id": abroad["id"]})).ok();
    assert_eq!(
        (&taken["shipping_address"]["line1"], &taken["billing_address"]["city"]),
        (&json!("Seestrasse 7"), &json!("Paris"))
    );
    // It is the address as it was.
    ann.delete(&format!("{BOOK}/{}", own["id"].as_str().unwrap())).expect(204);
    assert_eq!(ann.get(&cart).ok()["shipping_address"], taken["shipping_address"]);
    let gone = ann.patch(&cart, &json!({"shipping_address_id": own["id"]}));
    gone.problem(422, "not_found");
    assert_eq!(gone.violations(), ["#/shipping_address_id not_found"]);
    let unserved = ann.patch(&cart, &json!({"shipping_address_id": abroad["id"]}));
    assert_eq!(unserved.violations(), ["#/shipping_address_id country_not_served"]);
    let same = ann.patch(&cart, &json!({"billing_same_as_shipping": true})).ok();
    assert_eq!(
        (&same["billing_address"], &same["shipping_address"]),
        (&taken["shipping_address"], &taken["shipping_address"])
    );
    let unsaid = ann.patch(&cart, &json!({"billing_same_as_shipping": false})).ok();
    assert_eq!(unsaid["billing_address"], taken["shipping_address"]);
});

api_test!(nobody_takes_an_address_of_another_s_book, |app| {
    let (ann, cart) = shopper(app);
    let bob = app.customer("bob");
    let id = saved(&bob, &home())["id"].clone();
    ann.patch(&cart, &json!({"shipping_address_id": id})).problem(422, "not_found");
    let mug = app.put(Product::named("Mug"));
    let guest = app.buyer(&[(&mug, 1)]);
    let path = format!("/api/v1/carts/{}", guest.cart_id);
    guest.client.patch(&path, &json!({"billing_address_id": id})).problem(422, "not_found");
    ann.patch(&cart, &json!({"shipping_address_id": "cart_01kdxkk1a0f2ethrwsbq5wfaw2"})).problem(422, "invalid_format");
});

api_test!(an_address_is_given_in_one_way_and_null_gives_way, |app| {
    let (ann, cart) = shopper(app);
    let id = saved(&ann, &home())["id"].clone();
    let twice = ann.patch(
        &cart,
        &json!({
            "shipping_address": home(), "shipping_address_id": id,
            "billing_address_id": id, "billing_same_as_shipping": true,
        }),
    );
    twice.problem(422, "mutually_exclusive");
    let expected = ["#/billing_same_as_shipping mutually_exclusive", "#/shipping_address_id mutually_exclusive"];
    assert_eq!(twice.violations(), expected);
    let by_id = ann.patch(&cart, &json!({"shipping_address": null, "shipping_address_id": id})).ok();
    assert_eq!(by_id["shipping_address"]["city"], "Berlin");
    let written = json!({"shipping_address": home_with(json!({"city": "Bonn"})), "shipping_address_id": null});
    assert_eq!(ann.patch(&cart, &written).ok()["shipping_address"]["city"], "Bonn");
    assert_eq!(ann.patch(&cart, &json!({"shipping_address_id": null})).ok()["shipping_address"], Value::Null);
});
