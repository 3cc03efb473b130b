//! The demo shop, as it stands after its first start.

use cartwright::demo::Made;
use serde_json::Value;

use super::search::search_until;
use crate::support::{PUBLIC_URL, TestApp, api_test};

fn slugs(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|it| it["slug"].as_str().unwrap()).collect()
}

fn make(app: &TestApp) {
    assert!(matches!(app.make_demo_shop(), Made::Now(_)));
    search_until(app, "/api/v1/search?with_total=true", |page| page["page"]["total"] == 40);
}

api_test!(the_demo_shop_is_made_once, |app| {
    make(app);
    assert_eq!(app.make_demo_shop(), Made::Before);
    let page = app.guest().get("/api/v1/products?limit=100").ok();
    assert_eq!(slugs(&page).len(), 40);
    for slug in slugs(&page) {
        let product = app.guest().get(&format!("/api/v1/products/{slug}")).ok();
        let address = product["images"][0]["renditions"]["thumb"]["webp"].as_str().unwrap();
        let picture = app.guest().get(address.strip_prefix(PUBLIC_URL).unwrap()).expect(200);
        assert_eq!(picture.header("content-type"), Some("image/webp"), "{slug}");
    }
});

api_test!(goods_of_the_demo_shop_are_found_by_what_people_call_them, |app| {
    make(app);
    for (asked, first) in [
        ("mug", "enamel-mug"),
        ("secateurs", "pruning-shears"),
        ("skillet", "cast-iron-pan"),
        ("holdall", "weekend-bag"),
        ("turntable vinyl", "record-player"),
        ("reading lamps", "jointed-desk-lamp"),
        ("cutting board", "chopping-board"),
        ("HEADPHONES-CRM", "over-ear-headphones"),
    ] {
        let found = app.guest().get(&format!("/api/v1/search?q={}", asked.replace(' ', "+"))).ok();
        assert_eq!(slugs(&found).first(), Some(&first), "{asked}");
    }
});

api_test!(goods_of_the_demo_shop_are_narrowed_by_its_attributes, |app| {
    make(app);
    let found = |query: &str| {
        let page = app.guest().get(&format!("/api/v1/search?sort=name&{query}")).ok();
        slugs(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found("attr.volume_l=20..30"), ["canvas-backpack", "roll-top-backpack"]);
    assert_eq!(found("attr.connections=bluetooth"), ["kitchen-radio", "wireless-earbuds"]);
    assert_eq!(found("attr.dimmable=true"), ["dome-table-lamp", "paper-pendant"]);
    let page = app.guest().get("/api/v1/search?category=bags&facets=attr.color").ok();
    assert_eq!(page["facets"][0]["label"], "Colour");
});
