use cartwright::auth::rights::Role;
use serde_json::json;

use crate::support::api_test;

api_test!(the_countries_say_whether_the_shop_ships_there, |app| {
    let before = app.guest().get("/api/v1/countries").expect(200);
    let zone = json!({"name": "Home", "countries": ["AT", "DE"], "options": []});
    app.staff(Role::Admin).post("/api/v1/admin/shipping-zones", &zone).expect(201);
    let answer = app.guest().get("/api/v1/countries").expect(200);
    assert!(answer.header("cache-control").is_some_and(|it| it.starts_with("public")));
    assert_ne!(answer.header("etag"), before.header("etag"));
    let countries = answer.json();
    let items = countries["items"].as_array().unwrap();
    assert_eq!(items.len(), 249);
    assert_eq!(
        countries["page"],
        json!({"limit": 249, "has_more": false, "next_cursor": null, "prev_cursor": null, "total": null})
    );
    assert!(items.contains(&json!({"code": "DE", "name": "Germany", "ships_to": true})));
    assert!(items.contains(&json!({"code": "US", "name": "United States", "ships_to": false})));
    assert_eq!(items.iter().filter(|it| it["ships_to"] == true).count(), 2);
    let tag = answer.header("etag").unwrap();
    app.guest().with("If-None-Match", tag).get("/api/v1/countries").expect(304);
});

api_test!(a_country_s_rules_are_told_in_the_members_of_our_addresses, |app| {
    let answer = app.guest().get("/api/v1/countries/DE/address-rules").expect(200);
    assert!(answer.header("cache-control").is_some_and(|it| it.starts_with("public")));
    assert_eq!(
        answer.json(),
        json!({
            "country": "DE",
            "format": [["name"], ["company"], ["line1"], ["line2"], ["postal_code", "city"]],
            "required": ["name", "line1", "city", "postal_code", "country"],
            "uppercase": ["city"],
            "postal_code_pattern": "^(?:[0-9]{5})$",
            "postal_code_examples": ["26133", "53225"],
            "labels": {"region": null, "city": "city", "postal_code": "postal"},
            "regions": [],
        })
    );
    let rules = |code: &str| app.guest().get(&format!("/api/v1/countries/{code}/address-rules")).ok();
    let states = rules("US");
    assert_eq!(states["required"], json!(["name", "line1", "city", "region", "postal_code", "country"]));
    assert_eq!(states["labels"], json!({"region": "state", "city": "city", "postal_code": "zip"}));
    let california = json!({"code": "CA", "name": "California", "latin_name": null});
    assert!(states["regions"].as_array().unwrap().contains(&california));
    let tokyo = json!({"code": "東京都", "name": "東京都", "latin_name": "Tokyo"});
    assert!(rules("JP")["regions"].as_array().unwrap().contains(&tokyo));
    let emirates = rules("AE");
    assert_eq!((&emirates["postal_code_pattern"], &emirates["postal_code_examples"]), (&json!(null), &json!([])));
});

api_test!(there_are_no_rules_for_what_is_no_country, |app| {
    for code in ["XX", "de", "DEU", "ZZ", "EU", "%20", "D%45x"] {
        app.guest().get(&format!("/api/v1/countries/{code}/address-rules")).problem(404, "not_found");
    }
    app.guest().get("/api/v1/countries?sort=code").problem(400, "unknown_parameter");
});
