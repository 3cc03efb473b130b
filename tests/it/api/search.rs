//! Search over HTTP.

use std::{
    thread,
    time::{Duration, Instant},
};

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use crate::support::{TestApp, api_test};

fn entry(id: usize, title: &str, brand: &str, price: i64) -> Value {
    json!({"id": id.to_string(), "title": title, "supplier": brand, "price": price})
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect()
}

/// Asks until the index has taken in what another process wrote: within a second.
pub(super) fn search_until(app: &TestApp, path: &str, enough: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = app.guest().get(path);
        if answer.status == 200 && enough(&answer.json()) {
            return answer.json();
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{}", answer.text());
        thread::sleep(Duration::from_millis(20));
    }
}

api_test!(imported_products_are_found_filtered_and_sorted, |app| {
    app.import_lines(&[
        entry(1, "Laser printer", "Acme", 9900),
        entry(2, "Printer cable", "Acme", 900),
        entry(3, "Ink printer", "Globex", 4900),
        entry(4, "Desk lamp", "Globex", 2900),
    ]);
    let found =
        search_until(app, "/api/v1/search?q=printers&with_total=true&currency=USD", |page| page["page"]["total"] == 3);
    assert_eq!(found["page"]["has_more"], false);
    assert_eq!(found["items"][0]["price_range"]["min"]["currency"], "USD");
    let ask = |query: &str| app.guest().get(&format!("/api/v1/search?{query}&currency=USD")).ok();
    assert_eq!(names(&ask("q=printer&sort=price")), ["Printer cable", "Ink printer", "Laser printer"]);
    assert_eq!(names(&ask("q=printer&sort=-price&brand=acme")), ["Laser printer", "Printer cable"]);
    assert_eq!(names(&ask("q=printer&price_min=1000&price_max=5000")), ["Ink printer"]);
    assert_eq!(names(&ask("sort=name&limit=2")), ["Desk lamp", "Ink printer"]);
    assert!(names(&ask("q=printer&in_stock=false")).is_empty());
    assert!(names(&ask("q=printer&category=nowhere")).is_empty());
    assert!(names(&ask("q=%2B%2D%22%28%5B%2A%3A%5E~%5C")).is_empty());
    assert_eq!(names(&ask("q=laser+unheard")), ["Laser printer"]);
});

api_test!(pages_by_relevance_fit_together_and_end_after_1000_places, |app| {
    let lines: Vec<Value> = (1..=45).map(|number| entry(number, &format!("Lamp {number}"), "Acme", 100)).collect();
    app.import_lines(&lines);
    search_until(app, "/api/v1/search?q=lamp&with_total=true", |page| page["page"]["total"] == 45);
    let mut path = "/api/v1/search?q=lamp&limit=20".to_owned();
    let mut seen = Vec::new();
    loop {
        let answer = app.guest().get(&path).expect(200);
        assert!(answer.header("etag").is_some());
        let page = answer.json();
        seen.extend(names(&page).iter().map(|it| it.to_string()));
        let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
        assert!(answer.header("link").unwrap().contains("rel=\"next\""));
        path = format!("/api/v1/search?q=lamp&limit=20&cursor={cursor}");
    }
    assert_eq!(seen.len(), 45);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 45);
    let other = path.replace("q=lamp", "q=lamps");
    app.guest().get(&other).problem(400, "invalid_cursor");
    app.guest().get("/api/v1/search?q=lamp&facet=brand").problem(400, "unknown_parameter");
    app.guest().get("/api/v1/search?q=").problem(400, "invalid_parameter");
    app.guest().get(&format!("/api/v1/search?q={}", "x".repeat(501))).problem(400, "invalid_parameter");
    app.guest().get("/api/v1/search?q=lamp&currency=GBP").problem(400, "currency_not_offered");
});

api_test!(searches_are_read_backwards_as_they_are_forwards_and_by_relevance_for_1000_places, |app| {
    let lines: Vec<Value> = (1..=1_050).map(|number| entry(number, &format!("Lamp {number}"), "Acme", 100)).collect();
    app.import_lines(&lines);
    search_until(app, "/api/v1/search?q=lamp&with_total=true", |page| page["page"]["total"] == 1_050);
    for sort in ["", "&sort=price", "&sort=name", "&sort=-popularity"] {
        let page = |cursor: &Value| {
            let cursor = cursor.as_str().map(|it| format!("&cursor={it}")).unwrap_or_default();
            app.guest().get(&format!("/api/v1/search?q=lamp&limit=30{sort}{cursor}"))
        };
        let (first, mut pages) = (page(&Value::Null).ok(), Vec::new());
        assert_eq!(first["page"]["prev_cursor"], Value::Null);
        pages.push(first);
        while pages.len() < 4 {
            let next = page(&pages.last().unwrap()["page"]["next_cursor"]).ok();
            pages.push(next);
        }
        let mut back = pages.last().unwrap().clone();
        for earlier in pages.iter().rev().skip(1) {
            back = page(&back["page"]["prev_cursor"]).ok();
            assert_eq!((names(&back), &back["page"]["has_more"]), (names(earlier), &json!(true)), "{sort}");
        }
        assert_eq!(back["page"]["prev_cursor"], Value::Null);
    }
    for (sort, is_deep) in [("", true), ("&sort=-popularity", true), ("&sort=name", false)] {
        let path = format!("/api/v1/search?q=lamp&limit=100{sort}");
        let mut page = app.guest().get(&path).ok();
        for _ in 0..9 {
            let cursor = page["page"]["next_cursor"].as_str().unwrap().to_owned();
            page = app.guest().get(&format!("{path}&cursor={cursor}")).ok();
        }
        assert_eq!(page["page"]["has_more"], true);
        let cursor = page["page"]["next_cursor"].as_str().unwrap();
        let beyond = app.guest().get(&format!("{path}&cursor={cursor}"));
        if is_deep {
            beyond.problem(400, "cursor_too_deep");
        } else {
            let last = beyond.ok();
            assert_eq!((names(&last).len(), &last["page"]["has_more"]), (50, &json!(false)));
        }
    }
});

api_test!(what_the_staff_write_is_found_by_the_next_request, |app| {
    search_until(app, "/api/v1/search", |_| true);
    let staff = app.staff(Role::Admin);
    let body = json!({"name": "Rocking chair", "status": "published",
        "variants": [{"sku": "ROCK", "prices": [{"amount": 12900, "currency": "EUR"}], "stock": 3}]});
    let product = staff.post("/api/v1/admin/products", &body).expect(201).json();
    let path = format!("/api/v1/admin/products/{}", product["id"].as_str().unwrap());
    assert_eq!(names(&app.guest().get("/api/v1/search?q=rocking").ok()), ["Rocking chair"]);
    assert_eq!(names(&app.guest().get("/api/v1/search?q=rock").ok()), ["Rocking chair"]);
    staff.with("If-Match", "*").patch(&path, &json!({"name": "Garden swing"})).expect(200);
    assert_eq!(names(&app.guest().get("/api/v1/search?q=swing").ok()), ["Garden swing"]);
    assert!(names(&app.guest().get("/api/v1/search?q=rocking").ok()).is_empty());
    staff.with("If-Match", "*").patch(&path, &json!({"status": "archived"})).expect(200);
    assert!(names(&app.guest().get("/api/v1/search?q=swing").ok()).is_empty());
});
