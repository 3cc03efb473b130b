//! Query strings: strict, with all violations named at once.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::support::{Answer, Product, TestApp, api_test, operations, shared_data};

fn list(app: &TestApp, query: &str) -> Answer {
    app.guest().get(&format!("/api/v1/products?{query}"))
}

api_test!(all_that_is_wrong_with_a_query_is_named_at_once, |app| {
    let answer = list(
        app,
        "limit=0&limt=3&sort=colour&in_stock=maybe&price_min=-1&price_max=1.5&price_max=2&slug=&created_from=today&slug=a",
    );
    answer.problem(400, "invalid_request");
    assert_eq!(
        answer.violations(),
        [
            "created_from invalid_parameter",
            "in_stock invalid_parameter",
            "limit invalid_parameter",
            "limt unknown_parameter",
            "price_max invalid_parameter",
            "price_max unknown_parameter",
            "price_min invalid_parameter",
            "slug invalid_parameter",
            "slug unknown_parameter",
            "sort invalid_parameter",
        ]
    );
});

api_test!(one_code_for_all_violations_is_the_code_of_the_problem, |app| {
    let answer = list(app, "colour=red&size=l");
    answer.problem(400, "unknown_parameter");
    assert_eq!(answer.violations(), ["colour unknown_parameter", "size unknown_parameter"]);
    let answer = list(app, "limit=101");
    let problem = answer.problem(400, "invalid_parameter");
    assert_eq!(problem["errors"][0]["params"]["max"], 100);
});

api_test!(a_route_without_parameters_refuses_every_one, |app| {
    for path in ["/api/v1/store", "/api/v1/countries/DE/address-rules", "/health/live", "/"] {
        let answer = app.guest().get(&format!("{path}?limit=3&x=%ff"));
        answer.problem(400, "unknown_parameter");
        assert_eq!(answer.violations(), ["limit unknown_parameter", "x unknown_parameter"], "{path}");
    }
    app.guest().get("/api/v1/store?").expect(200);
});

api_test!(text_that_no_parameter_may_hold_is_refused, |app| {
    let answer = list(app, "slug=%00");
    answer.problem(400, "invalid_parameter");
    assert_eq!(answer.violations(), ["slug invalid_parameter"]);
    for query in ["slug=%ff", "slug=%c3%28", "%ff=1", "slug=%ed%a0%80"] {
        list(app, query).problem(400, "invalid_parameter");
    }
    for query in ["slug=%", "slug=%zz", "slug=%2", "category=,,,", "%00=1", "=", "=&=", "a=b=c", "slug=a;limit=2"] {
        let answer = list(app, query);
        assert!(answer.status == 200 || answer.status == 400, "{query}: {}", answer.text());
    }
    list(app, "&&limit=5&").expect(200);
});

api_test!(a_number_is_an_integer_within_its_bounds, |app| {
    for limit in ["0", "101", "-1", "1.0", "1e1", "+5", "0x10", "٣", "9223372036854775808", "", " 5", "NaN", "true"] {
        let answer = list(app, &format!("limit={}", utf8_percent_encode(limit, NON_ALPHANUMERIC)));
        answer.problem(400, "invalid_parameter");
        assert_eq!(answer.violations(), ["limit invalid_parameter"], "{limit}");
    }
    list(app, "limit=1").expect(200);
    list(app, "limit=100&price_max=9007199254740991").expect(200);
    list(app, "price_max=9007199254740992").problem(400, "invalid_parameter");
});

api_test!(a_currency_that_is_not_offered_has_a_code_of_its_own, |app| {
    let answer = list(app, "currency=JPY");
    answer.problem(400, "currency_not_offered");
    assert_eq!(answer.violations(), ["currency currency_not_offered"]);
    list(app, "currency=eur").problem(400, "invalid_parameter");
});

api_test!(a_value_that_names_nothing_gives_an_empty_list, |app| {
    app.put(Product::named("Oak chair"));
    for query in ["category=nowhere", "brand=nobody", "ids=prod_x", "slug=nothing", "external_id=0"] {
        let body = list(app, query).ok();
        assert_eq!(body["items"].as_array().map(Vec::len), Some(0), "{query}");
    }
    for empty in ["ids=", "brand=a,,b"] {
        list(app, empty).problem(400, "invalid_parameter");
    }
    assert_eq!(list(app, "with_total=true").ok()["page"]["total"], 1);
});

api_test!(a_query_of_60_kilobytes_is_refused_like_any_other, |app| {
    let ask = |query: &str| app.raw_get(&format!("/api/v1/products?{query}"), "").expect("an answer");
    ask(&format!("slug={}", "a".repeat(60_000))).problem(400, "invalid_parameter");
    let many: Vec<String> = (0..8_000).map(|number| format!("p{number}=1")).collect();
    let answer = ask(&many.join("&"));
    answer.problem(400, "unknown_parameter");
    assert_eq!(answer.violations().len(), 1_000, "no answer is larger than what it helps with");
});

api_test!(no_naughty_text_in_a_parameter_is_a_fault_of_ours, SHARED_DATA, |app| {
    app.put(Product::named("Oak chair"));
    let texts: Vec<String> =
        serde_json::from_slice(&std::fs::read(shared_data("vectors/naughty-strings.json")).unwrap()).unwrap();
    assert!(texts.len() > 500);
    for operation in operations().into_iter().filter(|it| it.method == "GET") {
        for text in &texts {
            let text = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            if operation.path.contains('{') && !text.is_empty() {
                let answer = app.guest().get(&operation.path_with(&text));
                assert!(answer.status < 500, "{}: {text}: {}", operation.name(), answer.text());
            }
            let parameters = operation.parameters("query");
            let query: Vec<String> =
                parameters.iter().filter_map(|it| it["name"].as_str()).map(|name| format!("{name}={text}")).collect();
            for query in query.iter().chain([&query.join("&"), &format!("{text}=1"), &text]) {
                let path = format!("{}?{query}", operation.path_with("oak-chair"));
                let answer = app.guest().get(&path);
                assert!(answer.status < 500, "{path}: {}", answer.text());
            }
        }
    }
});
