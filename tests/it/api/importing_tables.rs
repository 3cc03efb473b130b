//! Catalogues that come in as tables, in the form of other shops.

use std::fs;

use serde_json::{Value, json};

use crate::support::{TestApp, api_test};

const HEADER: &str = "Handle,Title,Body (HTML),Vendor,Product Category,Option1 Name,Option1 Value,Variant SKU,\
    Variant Grams,Variant Inventory Qty,Variant Price,Variant Barcode,Color (product.metafields),Dishwasher safe,\
    Weight [kg],Unknown";

fn import(app: &TestApp, text: &str) -> Result<crate::support::Imported, String> {
    let file = app.shop.config.data_dir.join("shop.csv");
    fs::write(&file, text).unwrap();
    app.import_with(&file, "shop.toml", false)
}

fn product(app: &TestApp, slug: &str) -> Value {
    app.guest().get(&format!("/api/v1/products/{slug}?currency=USD")).ok()
}

api_test!(a_table_of_another_shop_goes_in_a_product_for_its_rows, |app| {
    let text = format!(
        "\u{feff}{HEADER}\r\n\
         shirt,Shirt,\"<p>Soft,\r\n\"\"warm\"\" wool</p>\",Acme,Clothing > Shirts,Size,S,S-1,210,4,19.90,\
         2000000000015,\"red, blue\",FALSE,0.21,x\r\n\
         shirt,,,,,,M,S-2,220,0,19.9,,,,,\r\n\
         ,,,,,,L,S-3,,,21,,,,,\r\n\
         mug,Mug,,Acme,Home > Kitchen,,,M-1,,7,5,,white,true,0.3,\r\n"
    );
    assert_eq!(import(app, &text).unwrap().numbers(), [2, 0, 0, 0]);
    let shirt = product(app, "shirt");
    assert_eq!(shirt["description"], "<p>Soft,\n\"warm\" wool</p>");
    assert_eq!(shirt["brand"]["name"], "Acme");
    assert_eq!(shirt["categories"][0]["path"], json!(["clothing", "shirts"]));
    assert_eq!(shirt["options"], json!([{"name": "Size", "values": ["S", "M", "L"]}]));
    let colors = json!(["red", "blue"]);
    let attributes = json!({"color__product_metafields_": colors, "dishwasher_safe": false, "weight__kg_": 0.21});
    assert_eq!(shirt["attributes"], attributes);
    let of = |place: usize, member: &str| shirt["variants"][place][member].clone();
    assert_eq!([of(0, "sku"), of(1, "sku"), of(2, "sku")], ["S-1", "S-2", "S-3"]);
    assert_eq!((of(0, "barcode"), of(0, "weight_grams")), (json!("2000000000015"), json!(210)));
    assert_eq!(
        (of(1, "price"), of(1, "availability")),
        (json!({"amount": 1990, "currency": "USD"}), json!("out_of_stock"))
    );
    assert_eq!((of(2, "options"), of(2, "price")["amount"].clone()), (json!({"Size": "L"}), json!(2100)));
    assert_eq!(product(app, "mug")["attributes"]["color__product_metafields_"], "white");

    assert_eq!(import(app, &text).unwrap().numbers(), [0, 0, 2, 0], "the same file changes nothing");
});

api_test!(a_table_says_states_and_former_prices_and_prices_in_several_currencies, |app| {
    let file = app.shop.config.data_dir.join("prices.csv");
    let import = |rows: &str| {
        fs::write(&file, format!("Handle,Title,Status,SKU,Price,Compare at,Price / US,Compare at / US\n{rows}"))
            .unwrap();
        app.import_with(&file, "prices.toml", false).unwrap()
    };
    let prices = |sku: &str| {
        let kim = app.staff(cartwright::auth::rights::Role::CatalogueManager);
        let found = kim.get(&format!("/api/v1/admin/variants?sku={sku}")).ok();
        let mut prices = found["items"][0]["prices"].as_array().unwrap().clone();
        prices.sort_by_key(|it| it["currency"].to_string());
        let of = |it: &Value| json!([it["currency"], it["amount"], it["compare_at"]]);
        prices.iter().map(of).collect::<Vec<Value>>()
    };
    let first = "mug,Mug,active,M-1,9.90,12,11,\ncup,Cup,draft,C-1,5,,,\n";
    assert_eq!(import(first).numbers(), [2, 0, 0, 0]);
    assert_eq!(prices("M-1"), [json!(["EUR", 990, 1200]), json!(["USD", 1100, null])]);
    assert_eq!(prices("C-1"), [json!(["EUR", 500, null])]);
    assert_eq!(app.guest().get("/api/v1/products/mug").ok()["status"], "published");
    app.guest().get("/api/v1/products/cup").problem(404, "not_found");
    assert_eq!(import(first).numbers(), [0, 0, 2, 0], "the same file changes nothing");
    // What says nothing of a state leaves it, and a price without a former one is no longer reduced.
    assert_eq!(import("mug,Mug,,M-1,9.90,,,\ncup,Cup,Published,C-1,5,,6,7\n").numbers(), [0, 2, 0, 0]);
    assert_eq!(prices("M-1"), [json!(["EUR", 990, null]), json!(["USD", 1100, null])]);
    assert_eq!(prices("C-1"), [json!(["EUR", 500, null]), json!(["USD", 600, 700])]);
    assert_eq!(app.guest().get("/api/v1/products/mug").ok()["status"], "published");
    app.guest().get("/api/v1/products/cup").expect(200);
    let refused = import("mug,Mug,gone,M-1,,12,,\n");
    assert_eq!(refused.numbers(), [0, 0, 0, 1]);
    assert!(refused.lines[0].starts_with("2\tmug\t#/product/Status\t"), "{refused:?}");
});

api_test!(numbers_are_read_with_spaces_around_them_and_with_a_comma_before_their_fraction, |app| {
    let text = format!("{HEADER}\nmug,Mug,,,,,,M-1, 210 , 7 , 5.00 ,,,,,\n");
    assert_eq!(import(app, &text).unwrap().numbers(), [1, 0, 0, 0]);
    let mug = product(app, "mug");
    let of = |member: &str| mug["variants"][0][member].clone();
    assert_eq!((of("price")["amount"].clone(), of("weight_grams")), (json!(500), json!(210)));

    let file = app.shop.config.data_dir.join("comma.csv");
    fs::write(&file, "Handle;Title;SKU;Price;Weight\ncup;Cup;C-1;13,99;0,5\njug;Jug;J-1;13.99;1\n").unwrap();
    let imported = app.import_with(&file, "comma.toml", false).unwrap();
    assert_eq!(imported.numbers(), [1, 0, 0, 1]);
    let cup = product(app, "cup");
    assert_eq!((&cup["attributes"]["weight"], &cup["variants"][0]["price"]["amount"]), (&json!(0.5), &json!(1399)));
    assert!(imported.lines[0].starts_with("3\tjug\t#/variants/0/Price\tinvalid_format\t`13.99`"), "{imported:?}");
});

api_test!(a_row_that_is_ragged_refuses_its_product_by_the_line, |app| {
    let text = format!(
        "{HEADER}\n\
         shirt,Shirt,,,,Size,S,S-1,,1,10,,,,,\n\
         shirt,M,S-2\n\
         mug,\"Mug\nwith a handle\",,,,,,M-1,,1,ten,,,,,\n\
         cup,Cup,,,,,,C-1,,1,10,,,,,\n"
    );
    let imported = import(app, &text).unwrap();
    assert_eq!(imported.numbers(), [1, 0, 0, 2]);
    assert_eq!(imported.lines[0], "3\t-\t#\tinvalid_format\tLine 3 has 3 cells; the first row has 16.");
    assert!(imported.lines[1].starts_with("4\tmug\t#/variants/0/Variant Price\tinvalid_format\t"), "{imported:?}");
    app.guest().get("/api/v1/products/shirt").problem(404, "not_found");
});

api_test!(a_column_that_the_mapping_names_and_the_file_lacks_ends_the_import_before_it_begins, |app| {
    let text = format!("{}\nshirt,Shirt\n", HEADER.replace("Variant SKU", "SKU"));
    let reason = import(app, &text).unwrap_err();
    assert!(
        reason.ends_with("shop.csv: the first row has no column `Variant SKU`, which the mapping names"),
        "{reason}"
    );
    let text = format!("{}\nshirt,Shirt\n", HEADER.replace("Variant SKU", "SKU").replace("Title", "Name"));
    let reason = import(app, &text).unwrap_err();
    assert!(reason.contains("no column `Variant SKU`") && reason.contains("no column `Title`"), "{reason}");
    assert!(import(app, "").unwrap_err().contains("the file is empty"));
    assert_eq!(app.guest().get("/api/v1/products").ok()["items"], json!([]));
});
