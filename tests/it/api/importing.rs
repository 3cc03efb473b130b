//! Catalogues that come in from files.

use std::fs;

use cartwright::db::schema::{products, variants};
use diesel::{QueryDsl, RunQueryDsl};
use serde_json::{Value, json};

use crate::support::{TestApp, api_test, shared_data};

/// An entry in the form of the Icecat file.
fn entry(id: &str, title: &str, price: i64) -> Value {
    json!({"id": id, "title": title, "short_description": "It prints.", "supplier": "Acme", "price": price,
        "ean": ["2000000000015"], "attr_n_weight": 6.0, "attr_t_type": "Laser", "attr_b_duplex": true})
}

fn product(app: &TestApp, slug: &str) -> Value {
    app.guest().get(&format!("/api/v1/products/{slug}?currency=USD")).ok()
}

api_test!(the_demo_file_goes_in_but_for_the_entry_with_a_sku_thrice, SHARED_DATA, |app| {
    let file = shared_data("demo/catalogue.json");
    let tried = app.try_import(&file, "demo.toml");
    assert_eq!(tried.numbers(), [53, 0, 0, 1]);
    let rows: i64 = app.database(|conn| Ok(products::table.count().get_result(conn)?));
    assert_eq!(rows, 0, "a dry run writes nothing");

    let first = app.import(&file, "demo.toml");
    assert_eq!(first, tried);
    let [refusal, last] = first.lines.as_slice() else { panic!("{:?}", first.lines) };
    let columns: Vec<&str> = refusal.split('\t').collect();
    assert_eq!(&columns[1..4], ["modern-cafe-chair", "#/variants/0/sku", "sku_taken"], "{refusal}");
    for part in ["404.038.96", "#/variants/0/sku", "#/variants/1/sku", "#/variants/2/sku"] {
        assert!(columns[4].contains(part), "{refusal}");
    }
    assert_eq!(last, "53 created, 0 updated, 0 unchanged, 1 refused");
    let rows: i64 = app.database(|conn| Ok(variants::table.count().get_result(conn)?));
    assert_eq!(rows, 85);

    let laptop = product(app, "laptop");
    assert_eq!(laptop["categories"][0]["path"], json!(["electronics", "computers"]));
    assert_eq!(laptop["price_range"]["min"], json!({"amount": 129_900, "currency": "USD"}));
    let image = laptop["images"][0]["renditions"]["thumb"]["webp"].as_str().unwrap();
    let path = image.strip_prefix(crate::support::PUBLIC_URL).unwrap();
    let answer = app.guest().get(path).expect(200);
    assert_eq!(answer.header("content-type"), Some("image/webp"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    app.guest().get(&path.replace("thumb", "huge")).problem(404, "not_found");

    let again = app.import(&file, "demo.toml");
    assert_eq!(again.numbers(), [0, 0, 53, 1]);
    assert_eq!(product(app, "laptop"), laptop);
});

api_test!(what_the_file_does_not_name_stays, |app| {
    assert_eq!(app.import_lines(&[entry("1", "Laser printer", 9900)]).numbers(), [1, 0, 0, 0]);
    let before = product(app, "laser-printer");
    assert_eq!(before["status"], "published");
    assert_eq!(before["attributes"], json!({"weight": 6, "type": "Laser", "duplex": true}));
    assert_eq!(
        (&before["brand"]["slug"], &before["variants"][0]["barcode"]),
        (&json!("acme"), &json!("2000000000015"))
    );
    let bare = json!({"id": "1", "title": "Ink printer", "price": 8900, "attr_t_type": "Ink"});
    assert_eq!(app.import_lines(std::slice::from_ref(&bare)).numbers(), [0, 1, 0, 0]);
    let after = product(app, "laser-printer");
    assert_eq!((&after["name"], &after["slug"]), (&json!("Ink printer"), &json!("laser-printer")));
    assert_eq!(after["attributes"], json!({"weight": 6, "type": "Ink", "duplex": true}));
    assert_eq!(after["variants"][0]["price"]["amount"], 8900);
    for member in ["description", "brand", "id", "created_at"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!(after["variants"][0]["barcode"], before["variants"][0]["barcode"]);
    assert_eq!(app.import_lines(&[bare]).numbers(), [0, 0, 1, 0]);
    assert_eq!(product(app, "laser-printer"), after);
});

api_test!(a_slug_is_made_of_the_name_with_the_external_id_where_it_is_taken, |app| {
    let rows = [entry("A1", "Printer", 1), entry("A2", "Printer", 2), entry("A3", "打印机", 3)];
    assert_eq!(app.import_lines(&rows).numbers(), [3, 0, 0, 0]);
    for (slug, external_id) in [("printer", "A1"), ("printer-a2", "A2"), ("da-yin-ji", "A3")] {
        assert_eq!(product(app, slug)["external_id"], external_id);
    }
    assert_eq!(app.import_lines(&rows[1..]).numbers(), [0, 0, 2, 0]);
});

api_test!(a_bad_row_is_told_in_one_line_and_the_others_go_in, |app| {
    let rows = [
        entry("1", "Printer", 100),
        json!({"id": "2", "price": -1, "title": "x".repeat(501)}),
        entry("1", "Printer again", 100),
        json!([]),
        json!({"title": "Nameless", "price": 5}),
        entry("3", "Cable", 5),
    ];
    let imported = app.import_lines(&rows);
    assert_eq!(imported.numbers(), [2, 0, 0, 4]);
    let columns: Vec<Vec<&str>> = imported.lines.iter().map(|line| line.split('\t').take(4).collect()).collect();
    assert_eq!(columns[0], ["2", "2", "#/title", "validation_failed"]);
    assert_eq!(columns[1], ["3", "1", "#/id", "validation_failed"]);
    assert_eq!(columns[2], ["4", "-", "#", "malformed_json"]);
    assert_eq!(columns[3], ["5", "-", "#/id", "required"]);
    assert_eq!(imported.lines.last().unwrap(), "2 created, 0 updated, 0 unchanged, 4 refused");
});

api_test!(a_sku_of_another_product_is_refused, |app| {
    app.import_lines(&[entry("1", "Printer", 100)]);
    let file = app.shop.config.data_dir.join("other.json");
    let other = json!({"currency": "USD", "products": [{"slug": "cable", "name": "Cable",
        "variants": [{"sku": "2", "price": "1.00"}, {"sku": "1", "price": "1.00"}]}]});
    fs::write(&file, other.to_string()).unwrap();
    let imported = app.import(&file, "demo.toml");
    assert_eq!(imported.numbers(), [0, 0, 0, 1]);
    assert!(imported.lines[0].starts_with("1\tcable\t#/variants/1/sku\tsku_taken\t"), "{:?}", imported.lines);
    app.guest().get("/api/v1/products/cable").problem(404, "not_found");
});

api_test!(an_attribute_of_another_kind_is_refused_where_the_file_says_it, |app| {
    let staff = app.staff(cartwright::auth::rights::Role::CatalogueManager);
    let speed = json!({"key": "top_speed", "label": "Speed", "kind": "boolean"});
    staff.post("/api/v1/admin/attributes", &speed).expect(201);
    let imported = app.import_lines(&[json!({"id": "1", "title": "Printer", "price": 5, "attr_n_top speed": 12})]);
    let columns: Vec<&str> = imported.lines[0].split('\t').take(4).collect();
    assert_eq!(columns, ["1", "1", "#/attr_n_top speed", "invalid_type"], "{imported:?}");
});

api_test!(a_number_of_the_file_is_a_text_where_the_shop_has_texts, |app| {
    let staff = app.staff(cartwright::auth::rights::Role::CatalogueManager);
    let size = json!({"key": "size", "label": "Size", "kind": "text", "filterable": true});
    staff.post("/api/v1/admin/attributes", &size).expect(201);
    let lines = [json!({"id": "1", "title": "Screen", "price": 5, "attr_n_size": 15.6, "attr_n_weight": 6})];
    assert_eq!(app.import_lines(&lines).numbers(), [1, 0, 0, 0]);
    let attributes = &app.guest().get("/api/v1/products/screen").ok()["attributes"];
    assert_eq!((&attributes["size"], &attributes["weight"]), (&json!("15.6"), &json!(6)));
    assert_eq!(app.import_lines(&lines).numbers(), [0, 0, 1, 0], "it is the same the next time");
});

api_test!(a_currency_that_the_shop_does_not_offer_ends_the_import_before_it_begins, |app| {
    let file = app.shop.config.data_dir.join("pounds.json");
    let pounds = json!({"products": [{"slug": "cable", "name": "Cable", "variants": [{"sku": "1", "price": "1.00"}]}],
        "currency": "GBP"});
    fs::write(&file, pounds.to_string()).unwrap();
    let reason = app.import_with(&file, "demo.toml", false).unwrap_err();
    assert!(
        reason.ends_with("demo.toml: the prices at `price` are in GBP; the shop sells in EUR, USD alone"),
        "{reason}"
    );
    fs::write(&file, r#"{"currency": "XXXX", "products": []}"#).unwrap();
    assert!(app.import_with(&file, "demo.toml", false).is_err());
});

api_test!(what_stands_before_a_torn_end_stays_and_the_next_run_goes_on, |app| {
    let file = app.shop.config.data_dir.join("torn.json");
    let product = |number: usize| {
        format!(r#"{{"slug": "p{number}", "name": "P {number}", "variants": [{{"sku": "{number}", "price": "1"}}]}}"#)
    };
    let products: Vec<String> = (0..400).map(product).collect();
    let whole = format!(r#"{{"currency": "USD", "products": [{}]}}"#, products.join(","));
    // The currency can still be read: it stands at the beginning.
    fs::write(&file, &whole[..whole.len() - 20]).unwrap();
    let reason = app.import_with(&file, "demo.toml", false).unwrap_err();
    assert!(reason.contains("torn.json"), "{reason}");
    fs::write(&file, &whole).unwrap();
    let [created, updated, unchanged, refused] = app.import(&file, "demo.toml").numbers();
    assert_eq!((created + unchanged, updated, refused), (400, 0, 0));
});

api_test!(a_second_import_undoes_no_sale, |app| {
    use cartwright::db::schema::stock_levels::dsl::{on_hand, stock_levels};
    use diesel::ExpressionMethods;
    let rows = [entry("1", "Printer", 100)];
    app.import_lines(&rows);
    let units = || -> i64 { app.database(|conn| Ok(stock_levels.select(on_hand).first(conn)?)) };
    assert_eq!(units(), 10);
    app.database(|conn| {
        use cartwright::db::schema::stock_movements::dsl::{delta, stock_movements};
        diesel::update(stock_levels).set(on_hand.eq(7)).execute(conn)?;
        // The books must still add up at the end.
        Ok(diesel::update(stock_movements).set(delta.eq(7)).execute(conn)?)
    });
    assert_eq!(app.import_lines(&rows).numbers(), [0, 0, 1, 0]);
    assert_eq!(units(), 7);
});
