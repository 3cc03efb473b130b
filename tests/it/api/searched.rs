//! The report of what people search for.

use std::time::Duration;

use cartwright::{auth::rights::Role, search::searched::Searched};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Client, Product, TestApp, api_test, within};

const REPORT: &str = "/api/v1/admin/reports/searches";

fn stock(app: &TestApp) {
    app.put(Product::named("Oak chair"));
    let found = || app.client().get("/api/v1/products?limit=1").status == 200;
    within(Duration::from_secs(5), || found() && app.client().get("/api/v1/search").status == 200, "no index");
    let path = "/api/v1/search?sort=name";
    within(Duration::from_secs(5), || app.client().get(path).ok()["items"] != json!([]), "the index does not follow");
}

fn search(app: &TestApp, query: &str) -> Value {
    app.client().get(&format!("/api/v1/search?{query}")).ok()
}

/// `query searches without_results results` of each entry.
fn report(app: &TestApp, staff: &Client, query: &str) -> Vec<String> {
    app.save_searches();
    let page = staff.get(&format!("{REPORT}?{query}")).ok();
    let shown = |it: &Value| {
        format!("{} {} {} {}", it["query"].as_str().unwrap(), it["searches"], it["without_results"], it["results"])
    };
    page["items"].as_array().unwrap().iter().map(shown).collect()
}

api_test!(searches_are_counted_whether_they_are_kept_or_not, |app| {
    stock(app);
    let staff = app.staff(Role::Viewer);
    for _ in 0..5 {
        search(app, "q=Oak+CHAIR");
    }
    search(app, "q=oak+chair&limit=1");
    search(app, "q=gossip");
    search(app, "q=ann%40example.com+0171+23+45+67");
    app.client().request("HEAD", "/api/v1/search?q=gossip").send().expect(200);
    // Neither a list nor a suggestion is a search.
    search(app, "sort=name");
    app.client().get("/api/v1/search/suggest?q=oa").expect(200);
    assert_eq!(report(app, &staff, ""), ["oak chair 6 0 1", "gossip 2 2 0", "… … 1 1 0"]);
    search(app, "q=gossip");
    // A filter leaves nothing of it: it is counted as such, and found by it.
    search(app, "q=oak+chair&brand=nobody");
    assert_eq!(report(app, &staff, "without_results=true&limit=1"), ["oak chair 7 1 0"]);
    assert_eq!(report(app, &staff, "sort=-without_results"), ["gossip 3 3 0", "oak chair 7 1 0", "… … 1 1 0"]);
});

api_test!(a_further_page_is_the_same_search, |app| {
    for number in 0..3 {
        app.put(Product::named(&format!("Oak chair {number}")));
    }
    stock(app);
    let staff = app.staff(Role::Viewer);
    let of_chairs = || search(app, "q=chair&limit=1&with_total=true");
    within(Duration::from_secs(5), || of_chairs()["page"]["total"] == 4, "the index does not follow");
    app.save_searches();
    let first = search(app, "q=oak&limit=1");
    let cursor = first["page"]["next_cursor"].as_str().unwrap();
    search(app, &format!("q=oak&limit=1&cursor={cursor}"));
    let lines = report(app, &staff, "");
    assert!(lines.contains(&"oak 1 0 4".to_owned()), "{lines:?}");
});

api_test!(a_report_is_of_some_days_and_comes_in_pages, |app| {
    stock(app);
    let staff = app.staff(Role::Admin);
    let today = || app.shop.clock.now().to_string().chars().take(10).collect::<String>();
    let first_day = today();
    for word in ["ash", "beech", "cedar", "elm"] {
        search(app, &format!("q={word}"));
    }
    search(app, "q=elm");
    assert_eq!(report(app, &staff, "limit=2"), ["elm 2 2 0", "ash 1 1 0"]);
    let first = staff.get(&format!("{REPORT}?limit=2&with_total=true")).ok();
    assert_eq!(first["page"]["total"], 4);
    assert_eq!(first["items"][0]["last_searched_on"], first_day);
    let next = format!("limit=2&cursor={}", first["page"]["next_cursor"].as_str().unwrap());
    assert_eq!(report(app, &staff, &next), ["beech 1 1 0", "cedar 1 1 0"]);
    let second = staff.get(&format!("{REPORT}?{next}")).ok();
    let back = format!("limit=2&cursor={}", second["page"]["prev_cursor"].as_str().unwrap());
    assert_eq!(report(app, &staff, &back), ["elm 2 2 0", "ash 1 1 0"]);

    app.shop.clock.advance(TimeDelta::days(40));
    search(app, "q=elm&limit=3");
    // A log-in does not last so long.
    let staff = app.staff(Role::Admin);
    assert_eq!(report(app, &staff, ""), ["elm 1 1 0"]);
    assert_eq!(report(app, &staff, &format!("from={first_day}&limit=1")), ["elm 3 3 0"]);
    assert_eq!(report(app, &staff, &format!("from={first_day}&to={first_day}&limit=1")), ["elm 2 2 0"]);
    app.shop.clock.advance(TimeDelta::days(60));
    search(app, "q=fir");
    let lines = report(app, &app.staff(Role::Admin), &format!("from={first_day}"));
    assert_eq!(lines, ["elm 1 1 0", "fir 1 1 0"], "what is older than 90 days is gone");
    app.staff(Role::Admin).get(&format!("{REPORT}?from=2026-02-30")).problem(400, "invalid_parameter");
    let reversed = app.staff(Role::Admin).get(&format!("{REPORT}?from=2026-02-02&to=2026-02-01")).expect(400).json();
    assert_eq!(reversed["errors"][0]["parameter"], "to");
});

/// The searches of each of these texts that are written down.
fn written_down(app: &TestApp, texts: &[&str]) -> Vec<i64> {
    let of = |text: &str| {
        let query = format!(
            "SELECT COALESCE(CAST(SUM(searches) AS TEXT), '0') AS value FROM search_counts WHERE query = '{text}'"
        );
        app.value(&query).parse().unwrap()
    };
    texts.iter().map(|text| of(text)).collect()
}

api_test!(a_flood_of_texts_keeps_out_nobody_who_comes_again, |app| {
    let searched = Searched::default();
    let save = || {
        let (searched, shop) = (searched.clone(), app.shop.clone());
        actix_web::rt::System::new().block_on(async move { searched.save(&shop.db, shop.clock.now()).await.unwrap() });
    };
    let word =
        |number: usize| number.to_string().chars().map(|it| char::from(it as u8 - b'0' + b'k')).collect::<String>();
    for round in 0..6 {
        (0..10).for_each(|_| drop(searched.count("oak chair", 3)));
        searched.count("zinc tub", 0).unwrap();
        if round >= 3 {
            searched.count("late lamp", 1).unwrap();
        }
        (0..3500).for_each(|number| drop(searched.count(&format!("{} {}", word(round), word(number)), 0)));
        save();
    }
    assert_eq!(written_down(app, &["oak chair", "zinc tub", "late lamp"]), [60, 6, 3]);
    let rows = app.value("SELECT CAST(COUNT(*) AS TEXT) AS value FROM search_counts");
    assert_eq!(rows, "10000", "the flood is bounded");
    let last = format!("{} {}", word(5), word(3499));
    assert_eq!(written_down(app, &[&last]), [1], "who comes once is there for a while");
    let first = format!("{} {}", word(0), word(0));
    assert_eq!(written_down(app, &[&first]), [0], "and makes room for others");
});
