//! Filters, facets and suggestions over HTTP.

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use cartwright::{
    catalog::stale_slugs::{STALE, renew},
    db::schema::{product_attribute_values as values, shop_state},
};
use diesel::prelude::*;

use crate::support::{Client, Member, TestApp, api_test};

const ADMIN: &str = "/api/v1/admin";

fn define(staff: &Client, key: &str, kind: &str) -> Value {
    let new = json!({"key": key, "label": key.to_uppercase(), "kind": kind, "filterable": true});
    staff.post(&format!("{ADMIN}/attributes"), &new).expect(201).json()
}

fn put(staff: &Client, name: &str, price: i64, attributes: &Value) -> Value {
    let price = json!({"amount": price, "currency": "EUR"});
    let new = json!({
        "name": name, "status": "published", "attributes": attributes,
        "variants": [{"sku": name.to_uppercase().replace(' ', "-"), "prices": [price], "stock": 5}],
    });
    staff.post(&format!("{ADMIN}/products"), &new).expect(201).json()
}

/// Chairs and a lamp, whose color and height are filtered by.
fn stock(app: &TestApp) -> Member {
    let staff = app.staff(Role::CatalogueManager);
    define(&staff, "color", "text");
    define(&staff, "height", "number");
    put(&staff, "Oak chair", 1000, &json!({"color": "Natural", "height": 40, "secret": "x"}));
    put(&staff, "Ash chair", 2000, &json!({"color": "natural", "height": 45.5}));
    put(&staff, "Black chair", 3000, &json!({"color": "Black", "height": 50}));
    put(&staff, "Desk lamp", 4000, &json!({"color": "Black"}));
    staff
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect()
}

fn ask(app: &TestApp, path: &str) -> Value {
    app.guest().get(&format!("/api/v1/{path}")).ok()
}

/// `value: count` of a facet, with a star where it is chosen.
fn counts(page: &Value, name: &str) -> Vec<String> {
    let facets = page["facets"].as_array().unwrap();
    let facet = facets.iter().find(|it| it["name"] == name).unwrap();
    let shown = |it: &Value| {
        let star = if it["selected"] == true { "*" } else { "" };
        format!("{}: {}{star}", it["value"].as_str().unwrap(), it["count"])
    };
    facet["values"].as_array().unwrap().iter().map(shown).collect()
}

api_test!(lists_and_searches_are_narrowed_by_what_the_shop_calls_filterable, |app| {
    let staff = stock(app);
    for route in ["products", "search"] {
        let found = |query: &str| {
            let page = ask(app, &format!("{route}?sort=name&{query}"));
            names(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(found("attr.color=natural"), ["Ash chair", "Oak chair"], "{route}");
        assert_eq!(found("attr.color=natural,black&attr.height=45..50"), ["Ash chair", "Black chair"], "{route}");
        assert_eq!(found("attr.height=..45.5"), ["Ash chair", "Oak chair"], "{route}");
        assert_eq!(found("attr.height=50"), ["Black chair"], "{route}");
        assert!(found("attr.color=pink").is_empty(), "{route}");
    }
    assert_eq!(names(&ask(app, "search?q=lamp&slug=desk-lamp")), ["Desk lamp"]);
    assert!(names(&ask(app, "search?q=chair&slug=desk-lamp")).is_empty());
    let listed = staff.get(&format!("{ADMIN}/products?attr.color=natural&sort=name")).ok();
    assert_eq!(names(&listed), ["Ash chair", "Oak chair"]);
});

api_test!(what_the_shop_does_not_filter_by_is_no_parameter, |app| {
    stock(app);
    for (query, name, code) in [
        ("attr.secret=x", "attr.secret", "unknown_parameter"),
        ("attr.height=tall", "attr.height", "invalid_parameter"),
        ("attr.height=..", "attr.height", "invalid_parameter"),
        ("attr.height=400..300", "attr.height", "invalid_parameter"),
        ("price_min=2000&price_max=1000", "price_max", "invalid_parameter"),
        ("attr.color=black&attr.color=natural", "attr.color", "unknown_parameter"),
        ("attributes=black", "attributes", "unknown_parameter"),
        ("attrcolor=black", "attrcolor", "unknown_parameter"),
    ] {
        for route in ["products", "search"] {
            let problem = app.guest().get(&format!("/api/v1/{route}?{query}")).expect(400).json();
            assert_eq!(problem["errors"][0]["parameter"], name, "{route}?{query}");
            assert_eq!(problem["errors"][0]["code"], code, "{route}?{query}");
        }
    }
    let problem = app.guest().get("/api/v1/search?facets=brand,attr.secret").expect(400).json();
    assert_eq!(problem["errors"][0]["parameter"], "facets");
});

api_test!(facets_count_all_that_was_found_and_a_chosen_one_its_siblings, |app| {
    stock(app);
    let page = ask(app, "search?q=chair&limit=1&facets=attr.color,price,attr.height,brand&with_total=true");
    assert_eq!(page["page"]["total"], 3);
    assert_eq!(counts(&page, "attr.color"), ["natural: 2", "black: 1"]);
    assert!(counts(&page, "brand").is_empty());
    let facet = page["facets"].as_array().unwrap().iter().find(|it| it["name"] == "attr.color").unwrap();
    assert_eq!((&facet["label"], &facet["type"], &facet["other"]), (&json!("COLOR"), &json!("value"), &json!(0)));
    assert_eq!(ask(app, "search?facets=price,price")["facets"][0]["type"], "range");
    let of_range = |name: &str| -> i64 {
        let facet = page["facets"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap();
        facet["values"].as_array().unwrap().iter().map(|it| it["count"].as_i64().unwrap()).sum()
    };
    assert_eq!(of_range("price"), 3);
    assert_eq!(of_range("attr.height"), 3);
    let in_order = ask(app, "search?facets=price,attr.color,brand,price");
    let of_facets: Vec<&Value> = in_order["facets"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(of_facets, ["price", "attr.color", "brand"], "as they were asked for");

    let chosen = ask(app, "search?q=chair&attr.color=black&facets=attr.color,attr.height");
    assert_eq!(names(&chosen), ["Black chair"]);
    assert_eq!(counts(&chosen, "attr.color"), ["natural: 2", "black: 1*"]);
    assert_eq!(counts(&chosen, "attr.height"), ["50..50: 1"]);
});

api_test!(a_range_that_is_shown_finds_as_many_as_it_says_whatever_the_outliers, |app| {
    let staff = app.staff(Role::CatalogueManager);
    define(&staff, "capacity_ml", "number");
    for (number, capacity) in [340.0, 540.0, 540.0, 600.0, 750.5, 1100.0, -0.0].into_iter().enumerate() {
        let price = 500 + 37 * i64::try_from(number).unwrap();
        put(&staff, &format!("Mug {number}"), price, &json!({"capacity_ml": capacity}));
    }
    put(&staff, "Golden mug", 1_000_000, &json!({}));
    let page = ask(app, "search?facets=price,attr.capacity_ml");
    for (place, total) in [(0, 8), (1, 7)] {
        let ranges = page["facets"][place]["values"].as_array().unwrap();
        assert!(ranges.len() > 2, "{ranges:?}");
        assert_eq!(ranges.iter().map(|it| it["count"].as_i64().unwrap()).sum::<i64>(), total, "{ranges:?}");
        for range in ranges {
            let value = range["value"].as_str().unwrap();
            let (min, max) = value.split_once("..").unwrap();
            let filter = match place {
                0 => format!("price_min={min}&price_max={max}"),
                _ => format!("attr.capacity_ml={value}"),
            };
            for route in ["search", "products"] {
                let found = ask(app, &format!("{route}?with_total=true&{filter}"));
                assert_eq!(found["page"]["total"], range["count"], "{route} {filter}");
            }
            let chosen = ask(app, &format!("search?facets=price,attr.capacity_ml&{filter}"));
            let of_facet = chosen["facets"][place]["values"].as_array().unwrap();
            let selected: Vec<&Value> = of_facet.iter().filter(|it| it["selected"] == true).collect();
            assert!(matches!(selected[..], [one] if one["value"] == range["value"]), "{selected:?}");
        }
    }
});

/// Appliances, each of another energy class.
fn appliances(app: &TestApp) {
    let staff = app.staff(Role::CatalogueManager);
    define(&staff, "energy", "text");
    for (name, class) in [("Fridge", "A"), ("Oven", "A+"), ("Washer", "A+++")] {
        put(&staff, name, 100, &json!({"energy": class}));
    }
}

/// The names of what is listed, and of what is found, by a filter.
fn narrowed(app: &TestApp, filter: &str) -> [Vec<String>; 2] {
    ["products", "search"].map(|route| {
        let page = ask(app, &format!("{route}?sort=name&{filter}"));
        names(&page).into_iter().map(str::to_owned).collect()
    })
}

api_test!(a_value_with_a_symbol_is_another_and_is_named_as_written_or_by_its_slug, |app| {
    appliances(app);
    let page = ask(app, "search?facets=attr.energy");
    assert_eq!(counts(&page, "attr.energy"), ["a: 1", "a-plus: 1", "a-plus-plus-plus: 1"]);
    for (filter, name) in [
        ("attr.energy=A", "Fridge"),
        ("attr.energy=a-plus", "Oven"),
        ("attr.energy=A%2B", "Oven"),
        ("attr.energy=A%2B%2B%2B", "Washer"),
    ] {
        let found = [name.to_owned()].to_vec();
        assert_eq!(narrowed(app, filter), [found.clone(), found], "{filter}");
    }
    let chosen = ask(app, "search?facets=attr.energy&attr.energy=A%2B");
    assert_eq!(counts(&chosen, "attr.energy"), ["a: 1", "a-plus: 1*", "a-plus-plus-plus: 1"]);
});

api_test!(slugs_of_an_earlier_version_are_written_anew, |app| {
    appliances(app);
    app.database(|conn| {
        diesel::update(values::table).set(values::slug.eq("a")).execute(conn)?;
        let stale = (shop_state::name.eq(STALE), shop_state::value.eq(""));
        diesel::insert_into(shop_state::table).values(stale).execute(conn)?;
        Ok(())
    });
    for _ in 0..2 {
        renew(&app.shop).unwrap();
        let slugs: Vec<String> =
            app.database(|conn| Ok(values::table.order(values::slug.asc()).select(values::slug).load(conn)?));
        assert_eq!(slugs, ["a", "a-plus", "a-plus-plus-plus"]);
    }
    let stale: i64 = app.database(|conn| Ok(shop_state::table.find(STALE).count().get_result(conn)?));
    assert_eq!(stale, 0);
});

api_test!(a_definition_that_goes_takes_its_filter_along, |app| {
    let staff = stock(app);
    let all = staff.get(&format!("{ADMIN}/attributes")).ok();
    let shown = app.guest().get("/api/v1/attributes").expect(200);
    assert_eq!(shown.header("cache-control"), Some("public, max-age=0, must-revalidate, s-maxage=60"));
    let of = |page: &Value, name: &str| -> Vec<Value> {
        page["items"].as_array().unwrap().iter().map(|it| it[name].clone()).collect()
    };
    for name in ["key", "label", "kind", "unit", "filterable"] {
        assert_eq!(of(&shown.json(), name), of(&all, name), "{name}");
    }
    assert_eq!(shown.json()["items"][0].as_object().unwrap().len(), 5, "nothing else is shown");
    let color = all["items"].as_array().unwrap().iter().find(|it| it["key"] == "color").unwrap().clone();
    let path = format!("{ADMIN}/attributes/{}", color["id"].as_str().unwrap());
    let change = |body: &Value| staff.request("PATCH", &path).header("If-Match", "*").json(body).send();
    assert_eq!(change(&json!({"filterable": false})).expect(200).json()["version"], 2);
    app.guest().get("/api/v1/products?attr.color=black").expect(400);
    change(&json!({"filterable": true, "label": "Colour"})).expect(200);
    for route in ["products", "search"] {
        assert_eq!(names(&ask(app, &format!("{route}?sort=name&attr.color=black"))), ["Black chair", "Desk lamp"]);
    }
    assert_eq!(ask(app, "search?facets=attr.color")["facets"][0]["label"], "Colour");
    let taken = json!({"key": "color", "label": "Again", "kind": "text"});
    assert_eq!(staff.post(&format!("{ADMIN}/attributes"), &taken).expect(409).json()["code"], "name_taken");
    staff.request("DELETE", &path).header("If-Match", "*").send().expect(204);
    app.guest().get("/api/v1/search?attr.color=black").expect(400);
});

api_test!(an_option_counts_like_an_attribute, |app| {
    let staff = app.staff(Role::CatalogueManager);
    define(&staff, "shoe_size", "text");
    let variant = |size: &str| {
        let price = json!({"amount": 100, "currency": "EUR"});
        json!({"sku": format!("S-{size}"), "options": {"Shoe size": size}, "prices": [price], "stock": 1})
    };
    let new = json!({
        "name": "Shoe", "status": "published", "options": [{"name": "Shoe size", "values": ["41", "42"]}],
        "variants": [variant("41"), variant("42")],
    });
    staff.post(&format!("{ADMIN}/products"), &new).expect(201);
    for route in ["products", "search"] {
        assert_eq!(names(&ask(app, &format!("{route}?attr.shoe_size=42"))), ["Shoe"]);
        assert!(names(&ask(app, &format!("{route}?attr.shoe_size=43"))).is_empty());
    }
    assert_eq!(counts(&ask(app, "search?facets=attr.shoe_size"), "attr.shoe_size"), ["41: 1", "42: 1"]);
});

api_test!(a_misspelt_search_is_corrected_and_says_so, |app| {
    stock(app);
    let page = ask(app, "search?q=blakc+chair");
    assert_eq!((&page["corrected_query"], names(&page)[0]), (&json!("black chair"), "Black chair"));
    assert_eq!(page["items"][0]["highlight"]["name"], "<mark>Black</mark> <mark>chair</mark>");
    let plain = ask(app, "search?q=chairs");
    assert_eq!(
        (&plain["corrected_query"], &plain["items"][0]["highlight"]["description"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(plain["facets"], json!([]));
});

api_test!(a_highlight_is_html_whatever_the_name_holds, |app| {
    let staff = app.staff(Role::CatalogueManager);
    put(&staff, "<b>Tom & \"Jerry\"</b> mug", 100, &json!({}));
    let page = ask(app, "search?q=jerry");
    let expected = "&lt;b&gt;Tom &amp; &quot;<mark>Jerry</mark>&quot;&lt;/b&gt; mug";
    assert_eq!(page["items"][0]["highlight"]["name"], expected);
});

api_test!(a_highlight_shows_what_a_description_says_and_not_how_it_is_written, |app| {
    let staff = app.staff(Role::CatalogueManager);
    for (name, description, shown) in [
        (
            "Mug",
            "<p>Where 1 &lt; 2: a <b>bold</b> &amp; enamelled vessel</p>",
            "Where 1 &lt; 2: a bold &amp; <mark>enamelled</mark> vessel",
        ),
        ("Cup", "Plain & \"enamelled\"", "Plain &amp; &quot;<mark>enamelled</mark>&quot;"),
    ] {
        let new = json!({"name": name, "status": "published", "description": description,
            "variants": [{"sku": name}]});
        staff.post(&format!("{ADMIN}/products"), &new).expect(201);
        let page = ask(app, &format!("search?q=enamelled&slug={}", name.to_lowercase()));
        assert_eq!(page["items"][0]["highlight"]["description"], shown);
    }
});

api_test!(who_is_still_typing_is_shown_texts_products_and_categories, |app| {
    let staff = stock(app);
    staff.post(&format!("{ADMIN}/categories"), &json!({"name": "Chairs and stools"})).expect(201);
    let suggested = ask(app, "search/suggest?q=ch");
    assert_eq!(suggested["queries"], json!(["chair"]));
    assert_eq!(suggested["products"].as_array().unwrap().len(), 3);
    assert_eq!(suggested["categories"][0]["slug"], "chairs-and-stools");
    let narrowed = ask(app, "search/suggest?q=black+ch");
    assert_eq!(narrowed["queries"], json!(["black chair"]));
    assert_eq!(narrowed["products"].as_array().unwrap().len(), 1);
    let misspelt = ask(app, "search/suggest?q=blakc");
    assert_eq!(misspelt["queries"], json!(["black"]));
    let nothing = ask(app, "search/suggest?q=%3F%3F");
    assert_eq!(nothing, json!({"queries": [], "products": [], "categories": []}));
    app.guest().get("/api/v1/search/suggest").expect(400);
});

api_test!(a_range_of_prices_is_called_as_shoppers_write_prices, |app| {
    stock(app);
    let page = ask(app, "search?q=lamp&facets=price&currency=EUR");
    let range = &page["facets"][0]["values"][0];
    assert_eq!((&range["value"], &range["label"]), (&json!("4000..4000"), &json!("40.00 – 40.00 EUR")));
});

api_test!(a_value_of_another_kind_than_its_attribute_s_is_refused, |app| {
    let staff = app.staff(Role::CatalogueManager);
    let before = put(&staff, "Oak chair", 1000, &json!({"height": "tall", "color": "natural"}));
    define(&staff, "height", "number");
    define(&staff, "styles", "list");
    define(&staff, "washable", "boolean");
    let new = |attributes: Value| json!({"name": "Ash chair", "attributes": attributes, "variants": [{"sku": "ASH"}]});
    let path = format!("{ADMIN}/products");
    let refused = staff.post(&path, &new(json!({"height": "45", "styles": 1, "washable": "yes", "other": 1})));
    assert_eq!(
        refused.expect(422).violations(),
        ["#/attributes/height invalid_type", "#/attributes/styles invalid_type", "#/attributes/washable invalid_type"]
    );
    staff.post(&path, &new(json!({"height": 45, "styles": "nordic", "washable": true}))).expect(201);
    let path = format!("{path}/{}", before["id"].as_str().unwrap());
    let change = |body: &Value| staff.request("PATCH", &path).header("If-Match", "*").json(body).send();
    let refused = change(&json!({"attributes": {"height": "small"}}));
    assert_eq!(refused.expect(422).violations(), ["#/attributes/height invalid_type"]);
    // What was there before its definition is shown, and stays until it is changed.
    let kept = change(&json!({"name": "Oak armchair", "attributes": {"color": "black"}})).expect(200).json();
    assert_eq!(kept["attributes"], json!({"height": "tall", "color": "black"}));
    assert_eq!(change(&json!({"attributes": {"height": 45}})).expect(200).json()["attributes"]["height"], 45);
});

api_test!(a_product_that_is_written_while_its_attribute_becomes_filterable_is_filtered_by_it, |app| {
    let staff = app.staff(Role::CatalogueManager);
    for round in 0..5 {
        let key = format!("color_{round}");
        let answers = app.at_once(9, |number| {
            if number == 4 {
                let new = json!({"key": key, "label": "Color", "kind": "text", "filterable": true});
                return staff.post(&format!("{ADMIN}/attributes"), &new);
            }
            let name = format!("Chair {round} {number}");
            let new = json!({"name": name, "status": "published", "attributes": {key.as_str(): "natural"},
                "variants": [{"sku": name}]});
            staff.post(&format!("{ADMIN}/products"), &new)
        });
        assert!(
            answers.iter().all(|it| it.status == 201),
            "{:?}",
            answers.iter().map(|it| it.text()).collect::<Vec<_>>()
        );
        let listed = ask(app, &format!("products?attr.{key}=natural&limit=100"));
        assert_eq!(names(&listed).len(), 8, "{round}");
    }
});
