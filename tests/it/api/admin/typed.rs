//! Products by what the staff type into `q`.

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use super::{change, made};
use crate::support::{Client, api_test};

const PRODUCTS: &str = "/api/v1/admin/products";

fn found(staff: &Client, query: &str) -> Vec<String> {
    let page = staff.get(&format!("{PRODUCTS}?sort=name&{query}")).ok();
    page["items"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

fn put(staff: &Client, name: &str, status: &str, sku: &str) -> String {
    let price = json!({"amount": 1000, "currency": "EUR"});
    let variant = json!({
        "sku": sku, "barcode": format!("20{sku}"), "external_id": format!("V-{sku}"), "prices": [price],
    });
    let new = json!({"name": name, "status": status, "external_id": format!("ERP-{sku}"), "variants": [variant]});
    made(staff.post(PRODUCTS, &new)).0
}

api_test!(products_of_every_state_are_found_by_words_and_codes, |app| {
    let kim = app.staff(Role::CatalogueManager);
    put(&kim, "Oak chair", "published", "OAK-1");
    put(&kim, "Oak armchair", "draft", "OAK-2");
    put(&kim, "Elm CHAIR 100%", "archived", "elm-1");
    let both = ["Oak armchair", "Oak chair"];
    assert_eq!(found(&kim, "q=chair"), ["Elm CHAIR 100%", "Oak armchair", "Oak chair"]);
    assert_eq!(found(&kim, "q=chair+OAK"), both, "in any order and case");
    assert_eq!(found(&kim, "q=arm"), ["Oak armchair"]);
    for code in ["OAK-", "oak-", "20OAK", "ERP-OAK", "erp-oak", "V-oak", "%20OAK-%20"] {
        assert_eq!(found(&kim, &format!("q={code}")), both, "{code}");
    }
    assert_eq!(found(&kim, "q=elm-1"), ["Elm CHAIR 100%"]);
    assert_eq!(found(&kim, "q=100%25"), ["Elm CHAIR 100%"]);
    for nothing in ["%25", "_", "%5C", "AK-1", "%20", "%F0%9F%AA%91"] {
        let names = if nothing == "%25" { vec!["Elm CHAIR 100%".to_owned()] } else { Vec::new() };
        assert_eq!(found(&kim, &format!("q={nothing}")), names, "{nothing}");
    }
    assert_eq!(found(&kim, "q=chair&status=draft"), ["Oak armchair"]);
    assert_eq!(found(&kim, "q=OAK-&status=draft,archived"), ["Oak armchair"]);
    assert_eq!(found(&kim, "q=chair&external_id=ERP-OAK-1"), ["Oak chair"]);
    assert!(found(&kim, "q=chair&price_min=1001").is_empty());
    kim.get(&format!("{PRODUCTS}?q=")).problem(400, "invalid_parameter");
    kim.get(&format!("{PRODUCTS}?q={}", "x".repeat(201))).problem(400, "invalid_parameter");
    app.guest().get("/api/v1/products?q=chair").problem(400, "unknown_parameter");
});

api_test!(codes_of_products_that_a_filter_leaves_out_take_nobodys_place, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let values = |most: usize| (0..most).map(|number| number.to_string()).collect::<Vec<_>>();
    let (widths, lengths) = (values(10), values(100));
    let of_size = |(width, length): (&String, &String)| json!({"sku": format!("A-{width}-{length}"), "options": {"Width": width, "Length": length}});
    let sizes = widths.iter().flat_map(|width| lengths.iter().map(move |length| (width, length)));
    let many = json!({
        "name": "Bolt", "status": "archived", "variants": sizes.map(of_size).collect::<Vec<_>>(),
        "options": [{"name": "Width", "values": widths}, {"name": "Length", "values": lengths}],
    });
    made(kim.post(PRODUCTS, &many));
    put(&kim, "Nut", "published", "A-Z");
    assert_eq!(found(&kim, "q=A-&status=published"), ["Nut"]);
    assert_eq!(found(&kim, "q=A-&price_min=1"), ["Nut"]);
});

api_test!(what_is_typed_is_read_in_pages, |app| {
    let kim = app.staff(Role::CatalogueManager);
    for number in 0..5 {
        put(
            &kim,
            &format!("Lamp {number}"),
            if number % 2 == 0 { "draft" } else { "published" },
            &format!("L-{number}"),
        );
    }
    put(&kim, "Chair", "published", "C-1");
    for sort in ["name", "-created_at", "price"] {
        let mut names = Vec::new();
        let mut path = format!("{PRODUCTS}?q=lamp&limit=2&with_total=true&sort={sort}");
        loop {
            let page = kim.get(&path).ok();
            assert_eq!(page["page"]["total"], 5);
            names.extend(page["items"].as_array().unwrap().iter().map(|it| it["name"].clone()));
            let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
            path = format!("{PRODUCTS}?q=lamp&limit=2&with_total=true&sort={sort}&cursor={cursor}");
        }
        names.sort_by_key(Value::to_string);
        assert_eq!(names, ["Lamp 0", "Lamp 1", "Lamp 2", "Lamp 3", "Lamp 4"].map(|it| json!(it)), "{sort}");
    }
    let path = put(&kim, "Lantern", "draft", "X-1");
    change(&kim, &path, "*", &json!({"name": "Lamp 5"})).expect(200);
    assert_eq!(found(&kim, "q=lamp").len(), 6, "the very next request knows it");
});
