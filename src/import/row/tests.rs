use serde_json::json;

use super::*;
use crate::error::Place;

fn demo() -> Mapping {
    Mapping::parse(include_str!("../../../tests/data/demo.toml")).unwrap()
}

fn row(mapping: &Mapping, json: Value) -> Row {
    read_row(mapping, "USD".parse().ok(), Entry { row: 7, json: Ok(json), size: 100 })
}

fn refusals(row: Row) -> Vec<(String, Code)> {
    let pointer = |it: &Violation| match &it.place {
        Place::Pointer(pointer) => pointer.clone(),
        other => panic!("{other:?}"),
    };
    row.product.unwrap_err().iter().map(|it| (pointer(it), it.code)).collect()
}

#[test]
fn an_entry_with_variants_is_read() {
    let read = row(
        &demo(),
        json!({
            "slug": "chair", "name": "Chair", "description": null, "brand": "", "category_path": ["Home", "Chairs"],
            "facets": {"Color": ["red", "blue"]}, "images": ["a.jpg"],
            "variants": [{"sku": "C-1", "price": "12.50", "stock_on_hand": 3, "options": {"size": "L"}}],
        }),
    );
    assert_eq!(read.variants_at, ["#/variants/0"]);
    let draft = read.product.unwrap();
    assert_eq!((draft.external_id.as_str(), draft.description.as_deref()), ("chair", Some("")));
    assert_eq!(draft.brand, Patch::Null);
    assert_eq!(draft.attributes["color"], json!(["red", "blue"]));
    let [variant] = draft.variants.as_slice() else { panic!("one variant") };
    assert_eq!((variant.prices[0].amount, variant.stock), (1250, Some(3)));
}

#[test]
fn a_row_without_variants_is_its_own_variant() {
    let icecat = Mapping::parse(include_str!("../../../tests/data/icecat.toml")).unwrap();
    let json = json!({"id": "4711", "title": "Printer", "price": 4995, "ean": [], "attr_b_duplex": true});
    let draft = row(&icecat, json).product.unwrap();
    assert_eq!((draft.description, &draft.brand), (None, &Patch::Absent));
    let [variant] = draft.variants.as_slice() else { panic!("one variant") };
    assert_eq!((variant.sku.as_str(), variant.prices[0].amount, variant.stock), ("4711", 4995, Some(10)));
    assert_eq!((&variant.barcode, &variant.options), (&Patch::Absent, &None));
    assert_eq!(draft.attributes["duplex"], json!(true));
}

#[test]
fn states_and_prices_in_several_currencies_are_read() {
    let text = "format = \"jsonl\"\ncurrency = \"USD\"\n\
        [product]\nexternal_id = \"id\"\nname = \"name\"\nstatus = \"state\"\n\
        status_names = { active = \"published\" }\n\
        [variant]\nsku = \"id\"\nprice = \"usd\"\ncompare_at = \"usd_was\"\nprice_unit = \"decimal\"\n\
        prices = [{ currency = \"EUR\", price = \"eur\" }]";
    let mapping = Mapping::parse(text).unwrap();
    let read = |json| row(&mapping, json).product.unwrap();
    let both = read(json!({"id": "1", "name": "n", "state": "active", "usd": "9.99", "usd_was": "12", "eur": "8.50"}));
    assert_eq!(both.status, Some(ProductStatus::Published));
    let price =
        |currency: &str, amount, compare_at| PriceDraft { currency: currency.parse().unwrap(), amount, compare_at };
    assert_eq!(both.variants[0].prices, [price("USD", 999, Patch::Value(1200)), price("EUR", 850, Patch::Absent)]);
    let one = read(json!({"id": "1", "name": "n", "state": "Draft", "usd": 3}));
    assert_eq!(
        (one.status, &one.variants[0].prices),
        (Some(ProductStatus::Draft), &vec![price("USD", 300, Patch::Null)])
    );
    let silent = read(json!({"id": "1", "name": "n", "state": null}));
    assert_eq!((silent.status, silent.variants[0].prices.len()), (None, 0));
    let json = json!({"id": "1", "name": "n", "state": "gone", "usd_was": "12", "eur": "-1"});
    assert_eq!(
        refusals(row(&mapping, json)),
        [
            ("#/state".to_owned(), Code::InvalidValue),
            ("#/usd_was".to_owned(), Code::Required),
            ("#/eur".to_owned(), Code::InvalidFormat),
        ]
    );
}

#[test]
fn a_sku_that_stands_thrice_is_told_once_with_its_places() {
    let variant = json!({"sku": "A", "price": "1"});
    let read = row(&demo(), json!({"slug": "chair", "name": "Chair", "variants": [variant, variant, variant]}));
    assert_eq!(read.external_id.as_deref(), Some("chair"));
    let violations = read.product.unwrap_err();
    let [only] = violations.as_slice() else { panic!("one violation: {violations:?}") };
    assert_eq!(only.detail, "The SKU `A` stands on 3 variants: #/variants/0/sku, #/variants/1/sku, #/variants/2/sku.");
}

#[test]
fn everything_that_is_wrong_is_told() {
    let variants = json!([{"price": "1,5", "stock_on_hand": -1, "options": {"size": 3.5}}, {"sku": true}]);
    let json = json!({"slug": "A b", "name": "", "description": 5.5, "category_path": [{}], "variants": variants});
    assert_eq!(
        refusals(row(&demo(), json)),
        [
            ("#/slug".to_owned(), Code::InvalidFormat),
            ("#/name".to_owned(), Code::TooShort),
            ("#/description".to_owned(), Code::InvalidType),
            ("#/category_path/0".to_owned(), Code::InvalidType),
            ("#/variants/0/sku".to_owned(), Code::Required),
            ("#/variants/0/options/size".to_owned(), Code::InvalidType),
            ("#/variants/0/price".to_owned(), Code::InvalidFormat),
            ("#/variants/0/stock_on_hand".to_owned(), Code::OutOfRange),
            ("#/variants/1/sku".to_owned(), Code::InvalidType),
        ]
    );
}
