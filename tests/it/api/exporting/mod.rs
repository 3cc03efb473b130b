//! The catalogue as a file, and back again.

mod refused;
mod round_trip;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use cartwright::auth::rights::Role;
use image::{DynamicImage, ImageFormat, RgbaImage};
use serde_json::{Value, json};

use crate::support::{Backend, Member, TestApp, api_test, backend_test};

const PRODUCTS: &str = "/api/v1/admin/products";
const CURRENCIES: [&str; 2] = ["--currencies", "EUR,USD,JPY,KWD"];

/// All files below a folder, by their names within it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn images(export: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(&PathBuf::from(format!("{}.images", export.display())))
}

fn upload(staff: &Member, product: &str, picture: RgbaImage, alt: &str) -> Value {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    let request = staff.request("POST", &format!("{product}/images")).upload("b", bytes.get_ref(), Some(alt));
    request.send().expect(201).json()
}

fn change(staff: &Member, path: &str, body: &Value) {
    staff.request("PATCH", path).header("If-Match", "*").json(body).send().expect(200);
}

fn create(staff: &Member, path: &str, body: &Value) -> (String, Value) {
    let answer = staff.post(path, body).expect(201);
    (answer.header("location").unwrap().to_owned(), answer.json())
}

/// An export of one product with one image, and its lines.
fn small_export(app: &TestApp) -> (PathBuf, Vec<String>) {
    let kim = app.staff(Role::CatalogueManager);
    let variants = json!([
        {"sku": "R", "options": {"color": "red"}, "stock": 5, "prices": [{"amount": 1000, "currency": "EUR"}]},
        {"sku": "B", "options": {"color": "blue"}, "stock": 2},
    ]);
    let options = json!([{"name": "color", "values": ["red", "blue"]}]);
    let attributes = json!({"material": "oak", "age": 3});
    let body = json!({"name": "Chair", "status": "published", "options": options, "variants": variants,
        "attributes": attributes});
    let (path, _) = create(&kim, PRODUCTS, &body);
    upload(&kim, &path, RgbaImage::from_pixel(40, 30, image::Rgba([9, 200, 30, 255])), "Green");
    let file = app.export("shop.jsonl");
    let lines = fs::read_to_string(&file).unwrap().lines().map(str::to_owned).collect();
    (file, lines)
}

fn rewritten(file: &Path, lines: &[String]) {
    fs::write(file, lines.join("\n")).unwrap();
}

api_test!(what_is_changed_in_an_export_is_changed_in_the_shop_and_no_sale_is_undone, |app| {
    let (file, lines) = small_export(app);
    let mut record: Value = serde_json::from_str(&lines[1]).unwrap();
    let product = &mut record["product"];
    product["name"] = json!("Stool");
    product["slug"] = json!("stool");
    product["attributes"] = json!({"material": "ash"});
    product["options"][0]["values"] = json!(["jet", "blue"]);
    product["images"][0]["alt"] = json!("Still green");
    product["images"][0]["focal_point"] = json!({"x": 0.5, "y": 0.5});
    let mut variants = product["variants"].take().as_array().unwrap().clone();
    variants[0]["options"] = json!({"color": "jet"});
    variants[0]["stock"] = json!(500);
    variants[0]["image"] = json!(0);
    variants[0]["prices"] = json!([{"currency": "USD", "amount": 900, "compare_at": 1200}]);
    variants[1]["weight_grams"] = json!(40);
    variants.reverse();
    product["variants"] = json!(variants);
    product["slug"] = json!("chair");
    rewritten(&file, &[lines[0].clone(), record.to_string()]);
    assert_eq!(app.import_own(&file, true).unwrap().numbers(), [0, 1, 0, 0]);
    assert_eq!(app.import_own(&file, false).unwrap().numbers(), [0, 1, 0, 0]);
    let after = fs::read_to_string(app.export("after.jsonl")).unwrap();
    let mut after: Value = serde_json::from_str(after.lines().nth(1).unwrap()).unwrap();
    assert_eq!(after["product"]["variants"][1]["stock"], 5, "the stock of what is there is left alone");
    after["product"]["variants"][1]["stock"] = json!(500);
    assert_eq!(after, record);
    assert_eq!(app.import_own(&file, false).unwrap().numbers(), [0, 0, 1, 0]);
    let shown = app.guest().get("/api/v1/products/chair?currency=USD").ok();
    assert_eq!(shown["variants"][0]["name"], "Stool, blue");
    assert_eq!(shown["variants"][1]["price"]["amount"], 900);
});

api_test!(a_dry_run_of_an_export_writes_nothing_however_long_it_is, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (_, above) = create(&kim, "/api/v1/admin/categories", &json!({"name": "Above"}));
    let below = json!({"name": "Below", "parent_id": above["id"]});
    let (_, below) = create(&kim, "/api/v1/admin/categories", &below);
    let (_, brand) = create(&kim, "/api/v1/admin/brands", &json!({"name": "Acme"}));
    let body = json!({"name": "First", "category_ids": [below["id"]], "brand_id": brand["id"]});
    create(&kim, PRODUCTS, &body);
    let lines: Vec<String> = fs::read_to_string(app.export("shop.jsonl")).unwrap().lines().map(str::to_owned).collect();
    let product = lines.last().unwrap();
    // More than go into one transaction.
    let many = (1..700).map(|number| product.replace("\"first\"", &format!("\"first-{number}\"")));
    let file = app.shop.config.data_dir.join("many.jsonl");
    rewritten(&file, &lines[..lines.len() - 1].iter().cloned().chain(many).collect::<Vec<_>>());
    let other = TestApp::start_with(Backend::Sqlite, &CURRENCIES);
    let tried = other.import_own(&file, true).unwrap();
    assert_eq!(tried.numbers(), [702, 0, 0, 0]);
    assert_eq!(fs::read_to_string(other.export("empty.jsonl")).unwrap(), "{\"cartwright_export\":1}\n");
    assert_eq!(other.import_own(&file, false).unwrap(), tried);
});

backend_test!(the_program_exports_to_a_file_and_to_standard_output, |backend| {
    let app = TestApp::start_with(backend, &[]);
    small_export(&app);
    let expected = fs::read(app.export("shop.csv")).unwrap();
    let premises = app.close();
    let run = |arguments: &[&str]| premises.run(&[&["export"], arguments].concat());
    let output = run(&["other.csv"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("0 attributes, 0 brands, 0 categories, 1 products, 0 collections, 1 images\n"), "{said}");
    assert_eq!(fs::read(premises.keys().with_file_name("other.csv")).unwrap(), expected);
    let output = run(&["-", "--format", "csv", "--images", "pictures"]);
    assert_eq!(output.stdout, expected);
    assert_eq!(files(&premises.keys().with_file_name("pictures")).len(), 6);
    let output = run(&["-", "--format", "jsonl"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("{\"cartwright_export\":1}\n") && text.contains("\"images\":[]"), "{text}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("1 products, 0 collections, 0 images (1 left out)\n"), "{said}");
    assert_eq!(run(&["shop"]).status.code(), Some(1));
    assert_eq!(run(&["no/such/folder.csv"]).status.code(), Some(1));
    let output = premises.run(&["import", "other.csv", "--dry-run"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0 created, 0 updated, 1 unchanged, 0 refused\n");
});

api_test!(an_export_without_images_leaves_those_of_the_shop_as_they_are, |app| {
    let (file, lines) = small_export(app);
    let kim = app.staff(Role::CatalogueManager);
    let path = format!("{PRODUCTS}/{}", kim.get(PRODUCTS).ok()["items"][0]["id"].as_str().unwrap());
    let product = kim.get(&path).ok();
    let variant = format!("/api/v1/admin/variants/{}", product["variants"][0]["id"].as_str().unwrap());
    change(&kim, &variant, &json!({"image_id": product["images"][0]["id"]}));
    let before = kim.get(&path).ok();
    let mut record: Value = serde_json::from_str(&lines[1]).unwrap();
    record["product"]["images"] = json!([]);
    record["product"]["description"] = json!("New");
    rewritten(&file, &[lines[0].clone(), record.to_string()]);
    assert_eq!(app.import_own(&file, false).unwrap().numbers(), [0, 1, 0, 0]);
    let after = kim.get(&path).ok();
    assert_eq!(after["description"], "New");
    assert_eq!(
        (&after["images"], &after["variants"][0]["image_id"]),
        (&before["images"], &before["variants"][0]["image_id"])
    );
    assert!(after["variants"][0]["image_id"].is_string());
});
