//! The database is asked equally often, whether there is one row to show or a hundred.

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use crate::support::{Client, Product, TestApp, api_test};

const LOOK_AT_EVENTS: u64 = 3;

/// The statements of a GET. Each try has an address of its own, so that no answer that is kept serves it.
fn of_get(app: &TestApp, client: &Client, path: &str) -> u64 {
    let separator = if path.contains('?') { "&" } else { "?" };
    let asked = app.statements(|number| {
        client.get(&format!("{path}{separator}{}", "&".repeat(number))).expect(200);
    });
    assert!(asked > 0, "{path} was not asked of the database");
    asked
}

fn same_for_few_and_many(app: &TestApp, client: &Client, few: &str, many: &str, most: u64) {
    let (of_few, of_many) = (of_get(app, client, few), of_get(app, client, many));
    assert_eq!(of_few, of_many, "{few} and {many}");
    // Where others may change the catalogue, a look at the event table follows, in a transaction of its own.
    let most = if app.shop.db.serves_several() { most + LOOK_AT_EVENTS } else { most };
    assert!(of_many <= most, "{many} takes {of_many} statements");
}

fn stock(app: &TestApp) {
    let staff = app.staff(Role::CatalogueManager);
    let category = staff.post("/api/v1/admin/categories", &json!({"name": "Chairs"})).expect(201).json();
    let brand = staff.post("/api/v1/admin/brands", &json!({"name": "Fjordlight"})).expect(201).json();
    let color = json!({"key": "color", "label": "Color", "kind": "text", "filterable": true});
    staff.post("/api/v1/admin/attributes", &color).expect(201);
    let rules = json!({"match": "any", "conditions": [{"category": [category["id"]]}, {"in_stock": true}]});
    let all = json!({"name": "All", "kind": "rules", "rules": rules});
    staff.post("/api/v1/admin/collections", &all).expect(201);
    let mut made = Vec::new();
    for number in 0..100 {
        let variant = |size: &str| {
            let price = json!({"amount": 1000 + number, "currency": "EUR"});
            json!({"sku": format!("C-{number}-{size}"), "options": {"size": size}, "prices": [price], "stock": 5})
        };
        let new = json!({
            "name": format!("Oak chair {number}"), "status": "published", "brand_id": brand["id"],
            "category_ids": [category["id"]], "attributes": {"color": "natural"},
            "options": [{"name": "size", "values": ["s", "m"]}], "variants": [variant("s"), variant("m")],
        });
        made.push(staff.post("/api/v1/admin/products", &new).expect(201).json()["id"].clone());
    }
    let some = json!({"name": "Some", "kind": "manual", "product_ids": made});
    staff.post("/api/v1/admin/collections", &some).expect(201);
    // Searches wait for the index, so that lists find it, too.
    app.client().get("/api/v1/search?q=chair").ok();
}

api_test!(lists_of_the_catalogue_ask_the_database_equally_often_whatever_they_show, |app| {
    stock(app);
    let guest = app.client();
    same_for_few_and_many(app, &guest, "/api/v1/products?limit=1", "/api/v1/products?limit=100", 10);
    let by_price = |limit: u32| format!("/api/v1/products?sort=price&with_total=true&category=chairs&limit={limit}");
    same_for_few_and_many(app, &guest, &by_price(1), &by_price(100), 12);
    let popular = |limit: u32| format!("/api/v1/products?sort=-popularity&limit={limit}");
    same_for_few_and_many(app, &guest, &popular(1), &popular(100), 11);
    let narrowed = |limit: u32| format!("/api/v1/products?attr.color=natural&limit={limit}");
    same_for_few_and_many(app, &guest, &narrowed(1), &narrowed(100), 12);
    let collected = |limit: u32| format!("/api/v1/products?collection=all,some&sort=name&limit={limit}");
    same_for_few_and_many(app, &guest, &collected(1), &collected(100), 14);
    let in_order = |limit: u32| format!("/api/v1/products?collection=some&sort=position&limit={limit}");
    same_for_few_and_many(app, &guest, &in_order(1), &in_order(100), 16);
    let searched_in = |limit: u32| format!("/api/v1/search?q=chair&collection=all,some&limit={limit}");
    same_for_few_and_many(app, &guest, &searched_in(1), &searched_in(100), 14);
    let by_former_slug = |limit: u32| format!("/api/v1/products?category=chairs-of-old&limit={limit}");
    same_for_few_and_many(app, &guest, &by_former_slug(1), &by_former_slug(100), 11);
    same_for_few_and_many(app, &guest, "/api/v1/collections?limit=1", "/api/v1/collections?limit=100", 3);
    let searched = |limit: u32| format!("/api/v1/search?q=chair&facets=brand,category,price,attr.color&limit={limit}");
    same_for_few_and_many(app, &guest, &searched(1), &searched(100), 12);
    same_for_few_and_many(
        app,
        &guest,
        "/api/v1/search/suggest?q=cha&limit=1",
        "/api/v1/search/suggest?q=cha&limit=10",
        12,
    );
    let staff = app.staff(Role::CatalogueManager);
    // One for each state, in the order of its index.
    same_for_few_and_many(app, &staff, "/api/v1/admin/products?limit=1", "/api/v1/admin/products?limit=100", 14);
    let typed = |limit: u32| format!("/api/v1/admin/products?q=chair&with_total=true&limit={limit}");
    same_for_few_and_many(app, &staff, &typed(1), &typed(100), 25);
    let explained = |limit: u32| format!("/api/v1/admin/search/explain?q=chair&limit={limit}");
    same_for_few_and_many(app, &staff, &explained(1), &explained(100), 15);
    let groups: Vec<Value> =
        (0..30).map(|number| json!({"words": [format!("a{number}"), format!("b{number}")]})).collect();
    groups.iter().for_each(|it| drop(staff.post("/api/v1/admin/synonyms", it).expect(201)));
    same_for_few_and_many(app, &staff, "/api/v1/admin/synonyms?limit=1", "/api/v1/admin/synonyms?limit=30", 8);
    (0..30).for_each(|number| drop(guest.get(&format!("/api/v1/search?q=chair+{number}")).expect(200)));
    app.save_searches();
    let reported = |limit: u32| format!("/api/v1/admin/reports/searches?limit={limit}");
    same_for_few_and_many(app, &staff, &reported(1), &reported(30), 8);
    same_for_few_and_many(app, &staff, "/api/v1/admin/inventory?limit=1", "/api/v1/admin/inventory?limit=100", 8);
});

api_test!(a_product_asks_the_database_equally_often_whatever_it_holds, |app| {
    let plain = app.put(Product::named("Oak chair"));
    let staff = app.staff(Role::CatalogueManager);
    let sizes: Vec<String> = (0..50).map(|it| it.to_string()).collect();
    let variants: Vec<Value> =
        sizes.iter().map(|it| json!({"sku": format!("S-{it}"), "options": {"size": it}})).collect();
    let new = json!({
        "name": "Shoe", "status": "published", "options": [{"name": "size", "values": sizes}], "variants": variants
    });
    let rich = staff.post("/api/v1/admin/products", &new).expect(201).json();
    let path = |id: &str| format!("/api/v1/products/{id}");
    same_for_few_and_many(app, &app.client(), &path(plain.id.as_str()), &path(rich["id"].as_str().unwrap()), 10);
});

api_test!(a_cart_asks_the_database_equally_often_whatever_lies_in_it, |app| {
    app.open_for_business();
    let goods: Vec<_> = (0..60).map(|number| app.put(Product::named(&format!("Chair {number}")))).collect();
    let one = app.buyer(&[(&goods[0], 1)]);
    let all: Vec<_> = goods.iter().map(|it| (it, 1)).collect();
    let many = app.buyer(&all);
    let of_cart =
        |buyer: &crate::support::Buyer| of_get(app, &buyer.client, &format!("/api/v1/carts/{}", buyer.cart_id));
    let (of_one, of_many) = (of_cart(&one), of_cart(&many));
    assert_eq!(of_one, of_many);
    assert!(of_many <= 16, "{of_many}");
});

api_test!(orders_ask_the_database_equally_often_however_many_there_are, |app| {
    app.open_for_business();
    let chair = app.put(Product::named("Oak chair").with_stock(50));
    let ada = app.customer("ada");
    let staff = app.staff(Role::Admin);
    for _ in 0..12 {
        let buyer = app.buyer_by(&ada, &[(&chair, 1)]);
        buyer.buy("tok_visa").expect(201);
    }
    same_for_few_and_many(app, &ada, "/api/v1/me/orders?limit=1", "/api/v1/me/orders?limit=12", 14);
    same_for_few_and_many(app, &staff, "/api/v1/admin/orders?limit=1", "/api/v1/admin/orders?limit=12", 14);
});
