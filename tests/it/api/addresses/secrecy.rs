use cartwright::{db::schema::addresses, error::Error};
use diesel::prelude::*;
use serde_json::json;

use super::{BOOK, home, home_with};
use crate::support::api_test;

const PLANTED: &str = "Quillfeather Crescent 4711";

api_test!(what_is_personal_is_sealed, |app| {
    let ann = app.customer("ann");
    ann.post(BOOK, &home_with(json!({"line1": PLANTED, "label": "Hideaway"}))).expect(201);
    let row: (String, Vec<u8>) =
        app.database(|conn| Ok(addresses::table.select((addresses::country, addresses::content)).first(conn)?));
    assert_eq!(row.0, "DE");
    let sealed = String::from_utf8_lossy(&row.1).into_owned();
    for personal in [PLANTED, "Hideaway", "Ann Berg", "10115"] {
        assert!(!sealed.contains(personal), "{personal}");
    }
});

api_test!(a_street_stands_in_no_file_and_no_table_of_the_shop, |app| {
    let ann = app.customer("ann");
    let path = {
        let keyed = ann.with("Idempotency-Key", "planted");
        keyed.post(BOOK, &home_with(json!({"line1": PLANTED}))).expect(201).header("location").unwrap().to_owned()
    };
    ann.patch(&path, &json!({"line2": PLANTED})).ok();
    let (files, found) = app.search("Quillfeather");
    assert!(files > 1);
    assert_eq!(found, Vec::<String>::new());
    // What is in clear is found: the database's files are among those that were looked at.
    assert!(!app.search(ann.id()).1.is_empty());
});

api_test!(who_leaves_takes_their_addresses_along, |app| {
    let (ann, bob) = (app.customer("ann"), app.customer("bob"));
    let path = ann.post(BOOK, &home()).expect(201).header("location").unwrap().to_owned();
    bob.post(BOOK, &home()).expect(201);
    ann.delete("/api/v1/me").expect(204);
    let owners: Vec<String> = app.database(|conn| Ok(addresses::table.select(addresses::customer_id).load(conn)?));
    assert_eq!(owners, [bob.id()]);
    ann.get(&path).problem(401, "invalid_token");
});

api_test!(the_database_itself_allows_one_default_of_a_kind, |app| {
    let ann = app.customer("ann");
    ann.post(BOOK, &home()).expect(201);
    ann.post(BOOK, &home()).expect(201);
    let refused = |both_shipping: bool| {
        app.shop.db.write_blocking(|conn| {
            let all = diesel::update(addresses::table);
            let changed = match both_shipping {
                true => all.set(addresses::default_shipping.eq(true)).execute(conn),
                false => all.set(addresses::default_billing.eq(true)).execute(conn),
            };
            Ok(changed?)
        })
    };
    for both_shipping in [true, false] {
        assert!(matches!(refused(both_shipping), Err(Error::Database(_))));
    }
});
