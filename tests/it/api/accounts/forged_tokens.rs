//! What somebody makes of a genuine access token, and of what the shop publishes, opens nothing.

use aws_lc_rs::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use crate::support::{Member, TestApp, api_test};

/// The parts of a token: header, claims, and the signature's text.
fn parts(token: &str) -> (Value, Value, String) {
    let parts: Vec<&str> = token.split('.').collect();
    let open = |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
    (open(parts[0]), open(parts[1]), parts[2].to_owned())
}

fn token_of(who: &Member) -> &str {
    who.session["access_token"].as_str().unwrap()
}

fn message(header: &Value, claims: &Value) -> String {
    [header, claims].map(|it| URL_SAFE_NO_PAD.encode(it.to_string())).join(".")
}

fn with(object: &Value, members: &Value) -> Value {
    let mut changed = object.clone();
    for (name, value) in members.as_object().unwrap() {
        changed[name] = value.clone();
    }
    changed
}

fn refused(app: &TestApp, token: &str, what: &str) {
    let client = app.client().with("Authorization", &format!("Bearer {token}"));
    for path in ["/api/v1/me", "/api/v1/admin/orders", "/api/v1/products"] {
        let answer = client.get(path);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some("invalid_token")), "{what}: {path}");
    }
}

api_test!(a_token_whose_claims_were_changed_is_refused, |app| {
    let (ann, bob, kim) = (app.customer("ann"), app.customer("bob"), app.staff(Role::Admin));
    let (header, claims, signature) = parts(token_of(&ann));
    for change in [
        json!({"sub": bob.id()}),
        json!({"sub": kim.id(), "aud": "cartwright:admin"}),
        json!({"aud": "cartwright:admin"}),
        json!({"exp": claims["exp"].as_i64().unwrap() + 1}),
        json!({"exp": "9999999999"}),
        json!({"iss": "https://evil.example"}),
        json!({"role": "admin"}),
    ] {
        let forged = format!("{}.{signature}", message(&header, &with(&claims, &change)));
        refused(app, &forged, &change.to_string());
    }
    ann.get("/api/v1/me").ok();
});

api_test!(an_unsigned_token_and_one_signed_with_the_public_key_are_refused, |app| {
    let ann = app.customer("ann");
    let (header, claims, _) = parts(token_of(&ann));
    for alg in ["none", "None", "NONE", "nOnE"] {
        refused(app, &format!("{}.", message(&with(&header, &json!({"alg": alg})), &claims)), alg);
    }
    let jwks = app.client().get("/.well-known/jwks.json").ok();
    let public = jwks["keys"][0]["x"].as_str().unwrap();
    // Whoever takes a public key for a shared secret takes its bytes, its text, or the document around it.
    for secret in [URL_SAFE_NO_PAD.decode(public).unwrap(), public.as_bytes().to_vec(), jwks.to_string().into_bytes()] {
        let message = message(&with(&header, &json!({"alg": "HS256"})), &claims);
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
        refused(app, &format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac)), "HS256");
    }
});

api_test!(a_token_that_brings_its_own_key_is_refused, |app| {
    let (ann, kim) = (app.customer("ann"), app.staff(Role::Admin));
    let (header, claims, _) = parts(token_of(&kim));
    let own = Ed25519KeyPair::generate().unwrap();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(own.public_key()), "kid": "own"});
    for change in [
        json!({}),
        json!({"kid": "own"}),
        json!({"kid": null}),
        json!({"kid": "../../keys/1"}),
        json!({"kid": "own", "jwk": jwk}),
        json!({"jwk": jwk}),
        json!({"jku": "https://evil.example/jwks.json"}),
        json!({"x5u": "https://evil.example/certificate.pem"}),
        json!({"crit": ["exp"]}),
    ] {
        let message = message(&with(&header, &change), &claims);
        let signature = URL_SAFE_NO_PAD.encode(own.sign(message.as_bytes()));
        refused(app, &format!("{message}.{signature}"), &change.to_string());
    }
    ann.get("/api/v1/me").ok();
    kim.get("/api/v1/admin/orders").ok();
});

api_test!(one_kind_of_token_is_not_another, |app| {
    let (ann, kim) = (app.customer("ann"), app.staff(Role::Admin));
    refused(app, ann.refresh_token(), "a refresh token");
    let refresh = json!({"refresh_token": token_of(&ann)});
    app.guest().post("/api/v1/auth/refresh", &refresh).problem(401, "invalid_token");
    kim.get("/api/v1/me").problem(403, "forbidden");
    kim.get("/api/v1/carts/cart_01kdxkk1a0f2ethrwsbq5wfaw2").problem(403, "forbidden");
    ann.get("/api/v1/admin/orders").problem(403, "forbidden");
    // A token is shown in its header, and nowhere else.
    app.client().get(&format!("/api/v1/me?access_token={}", token_of(&ann))).problem(400, "unknown_parameter");
});
