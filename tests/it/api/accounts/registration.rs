//! `POST /auth/register`.

use serde_json::{Value, json};

use crate::support::{Answer, Member, PASSWORD, Product, TestApp, api_test};

fn register(app: &TestApp, body: &Value) -> Answer {
    app.guest().post("/api/v1/auth/register", body)
}

api_test!(registering_begins_a_session, |app| {
    let body = json!({"email": "Ann@Example.com", "password": PASSWORD, "name": "Ann Berg"});
    let answer = register(app, &body).expect(201);
    assert_eq!(answer.header("location"), Some("/api/v1/me"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let session = answer.json();
    assert_eq!(session["customer"]["email"], "Ann@Example.com");
    assert_eq!(session["customer"]["name"], "Ann Berg");
    assert_eq!(session["customer"]["email_verified"], false);
    assert_eq!((&session["staff"], &session["cart_merge"]), (&Value::Null, &Value::Null));
    assert_eq!((&session["expires_in"], &session["refresh_expires_in"]), (&json!(900), &json!(2_592_000)));
    assert_eq!(session["token_type"], "Bearer");
    let ann = Member::of(app, session);
    assert_eq!(ann.get("/api/v1/me").ok()["id"], ann.id());
});

api_test!(a_name_may_be_missing, |app| {
    let session = register(app, &json!({"email": "ann@example.com", "password": PASSWORD})).expect(201).json();
    assert_eq!(session["customer"]["name"], Value::Null);
});

api_test!(a_form_says_the_same_as_json, |app| {
    let form = "email=ann%40example.com&password=correct+horse+battery+staple&name=Ann+%C3%85";
    let request = app.guest().request("POST", "/api/v1/auth/register");
    let session =
        request.header("Content-Type", "application/x-www-form-urlencoded").body(form).send().expect(201).json();
    assert_eq!(session["customer"]["name"], "Ann Å");
    app.log_in("ann@example.com");
});

api_test!(everything_that_is_wrong_is_named_at_once, |app| {
    let body = json!({"email": "nobody", "password": "short", "name": "", "role": "admin", "cart_id": "x"});
    let answer = register(app, &body);
    answer.problem(422, "validation_failed");
    let expected = [
        "#/cart_id invalid_format",
        "#/cart_id too_short",
        "#/email invalid_format",
        "#/name too_short",
        "#/password too_short",
        "#/role unknown_field",
    ];
    assert_eq!(answer.violations(), expected);
});

api_test!(an_address_of_a_form_that_we_refuse_has_its_pointer, |app| {
    for email in ["a@[127.0.0.1]", "\"a\"@example.com", "a@b@c", "a\r\n@example.com", "a@example.com\u{200b}"] {
        let answer = register(app, &json!({"email": email, "password": PASSWORD}));
        answer.problem(422, "invalid_format");
        assert_eq!(answer.violations(), ["#/email invalid_format"], "{email:?}");
    }
});

api_test!(a_password_that_is_easily_guessed_is_refused, |app| {
    for password in ["password1", "12345678", "ann.berg@example.com", "annberg1"] {
        let answer = register(app, &json!({"email": "ann.berg@example.com", "password": password}));
        answer.problem(422, "weak_password");
        assert_eq!(answer.violations(), ["#/password weak_password"], "{password}");
    }
});

api_test!(a_card_number_is_no_e_mail_address, |app| {
    let answer = register(app, &json!({"email": "4242424242424242@example.com", "password": PASSWORD}));
    answer.problem(422, "card_data_refused");
    assert_eq!(answer.violations(), ["#/email card_data_refused"]);
});

api_test!(a_password_is_counted_in_code_points_after_composition, |app| {
    // Eight code points that compose to four.
    let decomposed = "e\u{301}".repeat(4);
    let answer = register(app, &json!({"email": "ann@example.com", "password": decomposed}));
    answer.problem(422, "weak_password");
    assert_eq!(answer.violations(), ["#/password weak_password"]);
    let answer = register(app, &json!({"email": "ann@example.com", "password": "x".repeat(257)}));
    answer.problem(422, "password_too_long");
});

api_test!(an_address_belongs_to_one_person_whatever_its_case, |app| {
    app.customer("ann");
    for email in ["ann@example.com", "ANN@Example.COM"] {
        register(app, &json!({"email": email, "password": PASSWORD})).problem(409, "email_taken");
    }
});

api_test!(of_ten_who_register_with_one_address_at_once_one_succeeds, |app| {
    let answers = app.at_once(10, |_| register(app, &json!({"email": "ann@example.com", "password": PASSWORD})));
    let made = answers.iter().filter(|it| it.status == 201).count();
    assert_eq!(made, 1);
    for refused in answers.iter().filter(|it| it.status != 201) {
        refused.problem(409, "email_taken");
    }
});

api_test!(a_card_number_is_no_name, |app| {
    let body = json!({"email": "ann@example.com", "password": PASSWORD, "name": "4242 4242 4242 4242"});
    let answer = register(app, &body);
    answer.problem(422, "card_data_refused");
    assert!(!answer.text().contains("4242"));
});

api_test!(a_guest_s_cart_comes_along, |app| {
    let chair = app.put(Product::named("Oak chair"));
    let lines = json!({"lines": [{"variant_id": chair.variant_id, "quantity": 2}]});
    let cart = app.guest().post("/api/v1/carts", &lines).expect(201).json();
    let body = json!({
        "email": "ann@example.com", "password": PASSWORD, "cart_id": cart["id"], "cart_token": cart["token"],
    });
    let ann = Member::of(app, register(app, &body).expect(201).json());
    let merge = &ann.session["cart_merge"];
    let line = json!({"variant_id": chair.variant_id, "outcome": "added", "quantity": 2, "requested": 2});
    assert_eq!(merge["lines"], json!([line]));
    let own = ann.get(&format!("/api/v1/carts/{}", merge["cart_id"].as_str().unwrap())).ok();
    assert_eq!((&own["customer_id"], &own["lines"][0]["quantity"]), (&json!(ann.id()), &json!(2)));
    let gone = format!("/api/v1/carts/{}", cart["id"].as_str().unwrap());
    app.guest().with("Cart-Token", cart["token"].as_str().unwrap()).get(&gone).problem(404, "not_found");
});

api_test!(a_name_is_no_white_space_and_has_no_control_characters, |app| {
    let body = |name: &str| json!({"email": "ann@example.com", "password": PASSWORD, "name": name});
    for (name, code) in
        [(" \u{a0}", "blank"), ("Ann\nBerg", "invalid_character"), ("\u{1b}[31mAnn", "invalid_character")]
    {
        let answer = register(app, &body(name));
        assert_eq!((answer.status, answer.violations()), (422, vec![format!("#/name {code}")]), "{name:?}");
    }
    let both = register(app, &json!({"email": "ann@example.com", "password": "password1", "name": "\t "}));
    assert_eq!(both.status, 422, "{}", both.text());
    let ann = app.customer("ann");
    ann.patch("/api/v1/me", &json!({"name": "\u{7}"})).problem(422, "invalid_character");
    ann.patch("/api/v1/me", &json!({"name": "Åsa Ó Briain 🪑"})).ok();
});
