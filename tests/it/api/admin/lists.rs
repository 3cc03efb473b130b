//! Every list of the staff is read forwards and backwards without repeating or skipping anything.

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use super::made;
use crate::support::{Client, api_test};

/// All entries of a list, page by page, read to the end and back again.
fn there_and_back(staff: &Client, path: &str) -> (Vec<Value>, Vec<Value>) {
    let read = |cursor: &Value| {
        let cursor = cursor.as_str().map(|it| format!("&cursor={it}")).unwrap_or_default();
        staff.get(&format!("{path}{cursor}")).ok()
    };
    let items = |page: &Value| page["items"].as_array().cloned().expect("items");
    let mut page = read(&Value::Null);
    let mut forwards = items(&page);
    while page["page"]["has_more"] == true {
        page = read(&page["page"]["next_cursor"]);
        forwards.extend(items(&page));
    }
    let mut backwards = items(&page);
    while !page["page"]["prev_cursor"].is_null() {
        page = read(&page["page"]["prev_cursor"]);
        backwards.splice(0..0, items(&page));
    }
    (forwards, backwards)
}

api_test!(pages_neither_repeat_nor_skip, |app| {
    let admin = app.staff(Role::Admin);
    let countries = ["AT", "BE", "CH", "DE", "FR"];
    for (place, country) in countries.iter().enumerate() {
        // Two names for five brands: the id has to break ties.
        made(admin.post("/api/v1/admin/brands", &json!({"name": format!("Brand {}", place % 2)})));
        made(
            admin
                .post("/api/v1/admin/categories", &json!({"name": format!("Category {place}"), "position": place % 2})),
        );
        let collection = json!({"name": format!("Collection {}", place % 2), "kind": "manual", "position": place % 3});
        made(admin.post("/api/v1/admin/collections", &collection));
        let variant =
            json!({"sku": format!("SKU-{place}"), "stock": place + 1, "prices": [{"amount": 100, "currency": "EUR"}]});
        made(admin.post("/api/v1/admin/products", &json!({"name": "Mug", "variants": [variant]})));
        let zone = json!({"name": "Zone", "countries": [country], "options": []});
        made(admin.post("/api/v1/admin/shipping-zones", &zone));
        made(admin.post("/api/v1/admin/tax-rates", &json!({"country": country, "name": "VAT", "rate": "0.2"})));
    }
    let lists = [
        ("brands", &["name", "-name", "created_at", "-created_at"][..]),
        ("categories", &["slug", "-slug", "position", "created_at", "-created_at"]),
        ("collections", &["position", "name", "-name", "created_at", "-created_at"]),
        ("products", &["name", "price", "-price", "-created_at"]),
        ("inventory", &["sku", "-sku", "created_at", "-created_at"]),
        ("prices", &["sku", "-sku", "created_at", "-created_at"]),
        ("shipping-zones", &["created_at", "-created_at"]),
        ("tax-rates", &["country", "-country"]),
    ];
    for (list, sorts) in lists {
        for sort in sorts {
            let path = format!("/api/v1/admin/{list}?limit=2&sort={sort}");
            let (forwards, backwards) = there_and_back(&admin, &path);
            assert_eq!(forwards.len(), 5, "{path}");
            assert_eq!(forwards, backwards, "{path}");
            let distinct: std::collections::BTreeSet<String> = forwards.iter().map(Value::to_string).collect();
            assert_eq!(distinct.len(), 5, "{path}");
        }
        let total = admin.get(&format!("/api/v1/admin/{list}?with_total=true")).ok();
        assert_eq!(total["page"]["total"], 5, "{list}");
    }
});
