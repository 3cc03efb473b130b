use super::*;

#[test]
fn the_mappings_of_the_tests_are_read() {
    let demo = Mapping::parse(include_str!("../../../tests/data/demo.toml")).unwrap();
    assert_eq!(demo.product.attributes.len(), 1);
    assert!(matches!(demo.variant.stock, Some(Stock::At(_))));
    let icecat = Mapping::parse(include_str!("../../../tests/data/icecat.toml")).unwrap();
    assert_eq!(icecat.product.attributes.len(), 3);
    assert_eq!(icecat.variant.stock, Some(Stock::Constant(10)));
}

#[test]
fn a_mapping_that_cannot_be_meant_is_refused() {
    let whole = include_str!("../../../tests/data/icecat.toml");
    for (part, instead) in [
        ("currency = \"USD\"", ""),
        ("currency = \"USD\"", "currency = \"USX\""),
        ("currency = \"USD\"", "currency = \"USD\"\ncurrency_from = \"x\""),
        ("price_unit = \"minor\"", ""),
        ("price_unit = \"minor\"", "price_unit = \"cents\""),
        ("stock = 10", "stock = -1"),
        ("sku = \"id\"", ""),
        ("name = \"title\"", "name = \"title\"\nimages = \"img\""),
        ("name = \"title\"", "title = \"title\""),
        ("\"attr_n_*\"", "\"*_n\""),
        ("format = \"jsonl\"", "format = \"xml\""),
        ("format = \"jsonl\"", "format = \"jsonl\"\ndelimiter = \";\""),
        ("format = \"jsonl\"", "format = \"jsonl\"\ndecimal = \",\""),
        ("format = \"jsonl\"", "format = \"csv\"\ndecimal = \";\""),
        ("format = \"jsonl\"", "format = \"csv\"\ndecimal = \",\"\nlist_separator = \",\""),
        ("format = \"jsonl\"", "format = \"csv\"\ndelimiter = \"--\""),
        ("format = \"jsonl\"", "format = \"csv\"\nlist_separator = \"\""),
        ("format = \"jsonl\"", "format = \"csv\"\nitems = \"rows\""),
        ("sku = \"id\"", "sku = \"id[\""),
        ("sku = \"id\"", "sku = \"id\"\noptions = [\"color\"]"),
        ("price = \"price\"", "compare_at = \"was\""),
        ("stock = 10", "stock = 10\nprices = [{ currency = \"USD\", price = \"usd\" }]"),
        ("stock = 10", "stock = 10\nprices = [{ currency = \"EUR\" }]"),
        ("name = \"title\"", "name = \"title\"\nstatus_names = { active = \"published\" }"),
        ("name = \"title\"", "name = \"title\"\nstatus = \"state\"\nstatus_names = { active = \"live\" }"),
    ] {
        assert!(whole.contains(part), "{part}");
        assert!(Mapping::parse(&whole.replace(part, instead)).is_err(), "{part} -> {instead}");
    }
}
