//! Entity tags and conditional reads, compressed or not.

use crate::support::{Answer, Product, ProductInShop, TestApp, api_test};

/// A product whose page is long enough to be compressed.
fn put_long_product(app: &TestApp) -> ProductInShop {
    app.put(Product::named(&"Chair ".repeat(80)))
}

fn read(app: &TestApp, path: &str, coding: &str, condition: &str) -> Answer {
    app.guest().with("Accept-Encoding", coding).with("If-None-Match", condition).get(path)
}

api_test!(an_editable_resource_has_its_version_in_its_tag_and_a_list_has_not, |app| {
    let product = app.put(Product::named("Oak chair"));
    let answer = app.guest().get(&format!("/api/v1/products/{}", product.id)).expect(200);
    let tag = answer.header("etag").unwrap().trim_matches('"').to_owned();
    let (version, hash) = tag.split_once('.').unwrap();
    assert_eq!(answer.json()["version"].to_string(), version);
    assert!(is_base32(hash) && hash.len() == 8, "{tag}");
    let list = app.guest().get("/api/v1/products").expect(200);
    let tag = list.header("etag").unwrap().trim_matches('"').to_owned();
    assert!(is_base32(&tag) && tag.len() == 26, "{tag}");
});

fn is_base32(text: &str) -> bool {
    text.bytes().all(|it| b"0123456789abcdefghjkmnpqrstvwxyz".contains(&it))
}

api_test!(a_tag_that_was_seen_is_304_with_every_coding, |app| {
    let product = put_long_product(app);
    for path in [format!("/api/v1/products/{}", product.id), "/api/v1/products".to_owned()] {
        let plain = app.guest().get(&path).expect(200);
        let packed = |coding| app.guest().with("Accept-Encoding", coding).get(&path).expect(200);
        let (gzip, brotli) = (packed("gzip"), packed("br"));
        let [plain_tag, packed_tag, smaller_tag] = [&plain, &gzip, &brotli].map(|it| it.header("etag").unwrap());
        assert_eq!(packed_tag, format!("{}-gzip\"", plain_tag.trim_end_matches('"')));
        assert_eq!(smaller_tag, format!("{}-br\"", plain_tag.trim_end_matches('"')));
        for (coding, own_tag) in [("identity", plain_tag), ("gzip", packed_tag), ("br", smaller_tag)] {
            for seen in
                [plain_tag, packed_tag, smaller_tag, &format!("W/{plain_tag}"), &format!("\"x\", {packed_tag}"), "*"]
            {
                let hit = read(app, &path, coding, seen).expect(304);
                assert!(hit.body.is_empty());
                assert_eq!(hit.header("etag"), Some(own_tag), "the tag that a 200 would have had: {coding} {seen}");
                assert_eq!(hit.header("cache-control"), plain.header("cache-control"));
                assert!(hit.headers.get_all("vary").iter().any(|it| it == "Accept-Encoding"));
                assert_eq!(hit.header("content-type"), None);
            }
            for other in ["\"x\"", "\"1\"", "\"1.aaaaaaaa\"", &plain_tag.to_uppercase()] {
                read(app, &path, coding, other).expect(200);
            }
        }
    }
});

api_test!(a_tag_changes_with_anything_that_the_body_shows, |app| {
    let product = app.put(Product::named("Oak chair").with_stock(9));
    let path = format!("/api/v1/products/{}", product.id);
    let tag = || app.guest().get(&path).expect(200).header("etag").unwrap().to_owned();
    let before = tag();
    assert_eq!(before, tag());
    assert_ne!(before, app.guest().get(&format!("{path}?currency=USD")).expect(200).header("etag").unwrap());
    // A sale crosses the threshold: the same version, another body.
    let (now, low_stock) = (app.shop.clock.now(), app.shop.config.low_stock);
    app.database(|conn| {
        use cartwright::db::schema::stock_levels;
        use diesel::prelude::*;
        diesel::update(stock_levels::table).set(stock_levels::reserved.eq(9)).execute(conn)?;
        Ok(cartwright::catalog::availability::refresh(conn, &[product.variant_id], low_stock, now)?)
    });
    let after = tag();
    assert_ne!(before, after);
    assert_eq!(before.split('.').next(), after.split('.').next());
    app.database(|conn| {
        use cartwright::db::schema::stock_levels;
        use diesel::prelude::*;
        Ok(diesel::update(stock_levels::table).set(stock_levels::reserved.eq(0)).execute(conn)?)
    });
});
