//! Answers of the catalogue that are kept ready, and are never older than the catalogue.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use cartwright::{auth::rights::Role, db::schema::products};
use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Answer, Client, FRONT_END, Product, ProductInShop, TestApp, api_test, within};

const LIST: &str = "/api/v1/products?limit=5";

fn page_of(product: &ProductInShop) -> String {
    format!("/api/v1/products/{}", product.id)
}

/// Sends a write of the staff, whatever the version.
#[track_caller]
fn write(staff: &Client, method: &str, path: &str, body: &Value) -> Value {
    let request = staff.request(method, &format!("/api/v1/admin{path}")).header("If-Match", "*");
    let answer = request.json(body).send();
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

/// Renames a product without telling anybody.
fn rename_in_secret(app: &TestApp, product: &ProductInShop, name: &str) {
    app.database(|conn| {
        diesel::update(products::table.find(product.id)).set(products::name.eq(name)).execute(conn)?;
        Ok(())
    });
}

api_test!(what_is_asked_for_again_is_answered_without_the_database, |app| {
    let product = app.put(Product::named("Oak chair"));
    let paths = [page_of(&product), LIST.to_owned(), "/api/v1/products/oak-chair?currency=USD".to_owned()];
    // What was put into the shop is told once more, by the event table.
    thread::sleep(Duration::from_secs(1));
    let first: Vec<Answer> = paths.iter().map(|path| app.client().get(path).expect(200)).collect();
    rename_in_secret(app, &product, "Beech chair");
    for (path, first) in paths.iter().zip(&first) {
        assert_eq!(app.client().get(path).body, first.body, "{path}");
    }
    let other = app.client().get(&format!("{}?currency=EUR", page_of(&product))).ok();
    assert_eq!(other["name"], "Beech chair", "another address is another answer");
    // As the staff change something of it, all of it is made anew.
    write(
        &app.staff(Role::CatalogueManager),
        "PATCH",
        &format!("/products/{}", product.id),
        &json!({"description": "x"}),
    );
    assert_eq!(app.client().get(&paths[0]).ok()["name"], "Beech chair");
});

api_test!(a_change_by_the_staff_is_in_the_very_next_answer, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let brand = write(&kim, "POST", "/brands", &json!({"name": "Pine & Co"}));
    let category = write(&kim, "POST", "/categories", &json!({"name": "Chairs"}));
    let product = app.put(Product::named("Oak chair").priced(100));
    let (id, variant) = (product.id, product.variant_id);
    let ask = |path: &str| app.client().get(path).ok();
    let show = || (ask(&page_of(&product)), ask(LIST)["items"][0].clone());
    let step = |method: &str, path: &str, body: Value, pointer: &str, expected: Value| {
        let before = show();
        assert_ne!(before.0.pointer(pointer), Some(&expected), "{path}");
        write(&kim, method, path, &body);
        let (page, entry) = show();
        assert_eq!(page.pointer(pointer), Some(&expected), "{path}: {page}");
        assert_eq!(entry.pointer(pointer).unwrap_or(&expected), &expected, "{path}: {entry}");
    };
    step("PATCH", &format!("/products/{id}"), json!({"name": "Elm chair"}), "/name", json!("Elm chair"));
    let (brand_id, category_id) = (brand["id"].clone(), category["id"].clone());
    let place = json!({"brand_id": brand_id, "category_ids": [category_id]});
    step("PATCH", &format!("/products/{id}"), place, "/brand/name", json!("Pine & Co"));
    let brand_path = format!("/brands/{}", brand_id.as_str().unwrap());
    step("PATCH", &brand_path, json!({"name": "Pine"}), "/brand/name", json!("Pine"));
    let category_path = format!("/categories/{}", category_id.as_str().unwrap());
    step("PATCH", &category_path, json!({"name": "Seats"}), "/categories/0/name", json!("Seats"));
    let prices = json!({"prices": [{"amount": 250, "currency": "EUR"}]});
    step("PUT", &format!("/prices/{variant}"), prices, "/price_range/min/amount", json!(250));
    step("PATCH", &format!("/variants/{variant}"), json!({"sku": "ELM-1"}), "/variants/0/sku", json!("ELM-1"));
    step("PATCH", &format!("/inventory/{variant}"), json!({"on_hand": 0}), "/availability", json!("out_of_stock"));
    assert_eq!(ask("/api/v1/brands")["items"][0]["name"], "Pine");
    assert_eq!(ask("/api/v1/categories")["items"][0]["name"], "Seats");
    write(&kim, "PATCH", &format!("/products/{id}"), &json!({"status": "archived"}));
    app.client().get(&page_of(&product)).problem(404, "not_found");
    assert_eq!(ask(LIST)["items"], json!([]));
});

api_test!(a_search_that_was_answered_before_finds_what_is_new, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let path = "/api/v1/search?q=chair";
    within(Duration::from_secs(5), || app.client().get(path).status == 200, "the index is not ready");
    for count in 1..=3 {
        let name = format!("Oak chair {count}");
        write(&kim, "POST", "/products", &json!({"name": name, "status": "published", "variants": [{"sku": name}]}));
        for _ in 0..2 {
            let found = app.client().get(path).ok();
            assert_eq!(found["items"].as_array().map(Vec::len), Some(count), "{found}");
        }
    }
});

api_test!(a_slug_that_a_product_had_before_leads_to_what_it_is_now, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let product = app.put(Product::named("Oak chair"));
    let path = "/api/v1/products/oak-chair";
    for slug in ["oak-chair", "elm-chair", "ash-chair"] {
        write(&kim, "PATCH", &format!("/products/{}", product.id), &json!({"slug": slug}));
        assert_eq!(app.client().get(path).ok()["slug"], slug);
    }
});

api_test!(a_kept_answer_is_the_same_to_the_last_header, |app| {
    let product = app.put(Product::named("Oak chair"));
    for number in 0..20 {
        app.put(Product::named(&format!("Stool {number}")));
    }
    let shopper = app.client().with("Origin", FRONT_END);
    let page = app.client().get(&page_of(&product)).expect(200);
    let tag = page.header("etag").unwrap();
    let callers = [
        shopper.clone(),
        shopper.with("Accept-Encoding", "gzip"),
        shopper.with("Accept-Encoding", "gzip, br"),
        shopper.with("If-None-Match", tag),
        shopper.with("If-None-Match", "*"),
        shopper.with("Accept", "text/html"),
        shopper.with("Content-Length", "0"),
    ];
    for path in [page_of(&product), "/api/v1/products?limit=20".to_owned(), "/api/v1/categories".to_owned()] {
        for (method, caller) in ["GET", "HEAD"].iter().flat_map(|method| callers.iter().map(move |it| (method, it))) {
            // The address with an empty query, or parameter, is another one: nothing is kept under it.
            let fresh_path = format!("{path}{}", if path.contains('?') { "&" } else { "?" });
            let mut answers = [&path, &path, &fresh_path].map(|path| caller.request(method, path).send());
            for answer in &mut answers {
                assert!(answer.headers.remove("x-request-id").is_some());
                answer.headers.remove("date");
            }
            let [first, kept, fresh] = answers;
            let of = |it: &Answer| (it.status, it.headers.clone(), it.text());
            if first.status < 400 {
                assert_eq!(of(&first), of(&kept), "{method} {path}");
                assert_eq!((kept.status, kept.text()), (fresh.status, fresh.text()), "{method} {path}");
            } else {
                assert_eq!((kept.status, fresh.status), (first.status, first.status), "{method} {path}");
            }
        }
    }
});

api_test!(a_token_that_is_no_good_is_refused_whatever_is_kept, |app| {
    let path = page_of(&app.put(Product::named("Oak chair")));
    app.client().get(&path).ok();
    app.client().with("Authorization", "Bearer nonsense").get(&path).problem(401, "invalid_token");
    app.client().with("Client-Address", "203.0.113.7").get(&path).problem(400, "invalid_header");
    app.client().request("GET", &path).header("Accept", "text/html").send().problem(406, "not_acceptable");
});

api_test!(who_is_logged_in_gets_what_is_kept_without_the_database, |app| {
    let path = page_of(&app.put(Product::named("Oak chair")));
    // What was put into the shop is told once more, by the event table.
    thread::sleep(Duration::from_secs(1));
    let first = app.client().get(&path).expect(200);
    for caller in [app.customer("ann"), app.staff(Role::CatalogueManager)] {
        caller.get(&path).expect(200);
        let statements = app.statements(|_| assert_eq!(caller.get(&path).expect(200).body, first.body));
        assert_eq!(statements, 0);
        let looked_up = app.statements(|_| {
            app.shop.clock.advance(TimeDelta::seconds(5));
            caller.get(&path).expect(200);
        });
        assert!(looked_up > 0, "who calls is looked up every few seconds");
    }
});

api_test!(who_may_no_longer_come_in_is_out_within_five_seconds, |app| {
    let path = page_of(&app.put(Product::named("Oak chair")));
    let ann = app.customer("ann");
    for _ in 0..2 {
        ann.get(&path).expect(200);
    }
    ann.post("/api/v1/auth/logout", &json!({"refresh_token": ann.refresh_token()})).expect(204);
    ann.get("/api/v1/me").problem(401, "invalid_token");
    app.shop.clock.advance(TimeDelta::seconds(5));
    ann.get(&path).problem(401, "invalid_token");
});

api_test!(what_is_kept_counts_for_who_asks, LIMITED, |app| {
    let path = page_of(&app.put(Product::named("Oak chair")));
    let ann = app.customer("ann");
    let left = |client: &Client| {
        let answer = client.get(&path).expect(200);
        let text = answer.header("ratelimit").unwrap().to_owned();
        text.split(';').nth(1).unwrap().trim_start_matches("r=").parse::<i64>().unwrap()
    };
    for caller in [&app.client(), &*ann] {
        let first = left(caller);
        assert_eq!([left(caller), left(caller)], [first - 1, first - 2]);
    }
    while left(&app.client()) > 0 {}
    app.client().get(&path).problem(429, "rate_limited");
    assert!(left(&ann) > 5_000, "an account counts by itself");
});

api_test!(a_reader_never_comes_back_to_an_older_version, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let product = app.put(Product::named("Oak chair"));
    let (path, is_over) = (page_of(&product), AtomicBool::new(false));
    let version = || app.client().get(&path).ok()["version"].as_i64().unwrap();
    let read = || {
        let mut seen = vec![version()];
        while !is_over.load(Ordering::SeqCst) {
            seen.push(version());
        }
        assert!(seen.is_sorted(), "{seen:?}");
        seen.len()
    };
    thread::scope(|scope| {
        let readers = [(); 4].map(|()| scope.spawn(read));
        for number in 0..40 {
            let body = json!({"name": format!("Oak chair {number}")});
            let written = write(&kim, "PATCH", &format!("/products/{}", product.id), &body);
            assert!(version() >= written["version"].as_i64().unwrap());
        }
        is_over.store(true, Ordering::SeqCst);
        let reads: usize = readers.map(|it| it.join().unwrap()).iter().sum();
        assert!(reads > 100, "{reads}");
    });
});

api_test!(another_process_hears_of_a_change_within_a_second, REPLICAS, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let product = app.put(Product::named("Oak chair"));
    let [here, there] = [0, 1].map(|number| app.client().at(&app.door(number)));
    let name = |client: &Client| client.get(&page_of(&product)).ok()["name"].clone();
    for number in 0..5 {
        let new = json!(format!("Oak chair {number}"));
        assert_ne!((name(&here), name(&there)), (new.clone(), new.clone()));
        write(&kim.at(&app.door(0)), "PATCH", &format!("/products/{}", product.id), &json!({"name": new}));
        assert_eq!(name(&here), new, "its own process at once");
        within(Duration::from_secs(1), || name(&there) == new, "the other one does not hear of it");
    }
});

api_test!(what_one_address_shows_of_another_process_s_change_no_other_address_takes_back, REPLICAS, |app| {
    let kim = app.staff(Role::CatalogueManager).at(&app.door(0));
    let product = app.put(Product::named("Oak chair"));
    let there = app.client().at(&app.door(1));
    let on_its_page = || there.get(&page_of(&product)).ok()["name"].clone();
    for number in 0..10 {
        let new = json!(format!("Oak chair {number}"));
        assert_ne!(on_its_page(), new);
        write(&kim, "PATCH", &format!("/products/{}", product.id), &json!({"name": new}));
        // Nobody has asked for this list before, so that it is made of what the database holds.
        let listed = there.get(&format!("/api/v1/products?ids={}&limit={}", product.id, number + 1)).ok();
        assert_eq!((&listed["items"][0]["name"], on_its_page()), (&new, new.clone()));
    }
});
