//! A shop's day, with everything secret and personal that there is: none of it stands in a file, a table or the log.

use cartwright::auth::rights::Role;
use serde_json::{Value, json};
use totp_rs::TOTP;

use super::Scene;
use crate::support::{Answer, Backend, Client, MailServer, PASSWORD, address, backend_test, secrets_in, within};

const EMAIL: &str = "planted.person@example.com";
const ANOTHER: &str = "lantern pebble orchard violin";

/// What is planted that has no form of its own, besides what [`secrets_in`] knows.
struct Planted(Vec<String>);

impl Planted {
    fn new() -> Self {
        let texts = [EMAIL, "planted.person", "Wrenfield Person", "Call before noon", "+4930555010", "Prefers oak"];
        Self(texts.map(str::to_owned).to_vec())
    }

    /// Keeps these members of an answer, texts or lists of texts.
    fn keep(&mut self, answer: &Value, members: &[&str]) {
        for member in members {
            match &answer[member] {
                Value::String(text) => self.0.push(text.clone()),
                Value::Array(texts) => self.0.extend(texts.iter().map(|it| it.as_str().unwrap().to_owned())),
                other => panic!("{member}: {other}"),
            }
        }
    }

    fn found_in(&self, bytes: &[u8]) -> Vec<String> {
        let holds = |text: &&String| bytes.windows(text.len()).any(|it| it == text.as_bytes());
        self.0.iter().filter(holds).cloned().chain(secrets_in(bytes)).collect()
    }
}

fn bearer(client: &Client, session: &Value) -> Client {
    client.with("Authorization", &format!("Bearer {}", session["access_token"].as_str().unwrap()))
}

fn post(client: &Client, path: &str, body: Value) -> Answer {
    client.post(&format!("/api/v1{path}"), &body)
}

/// Comes in by every door, the right way and the wrong one, and turns on a second factor.
fn comes_in(shop: &Client, planted: &mut Planted) -> Client {
    post(shop, "/auth/register", json!({"email": EMAIL, "password": PASSWORD, "name": "Wrenfield Person"})).expect(201);
    let form = format!("email={EMAIL}&password={}", PASSWORD.replace(' ', "+"));
    let login = shop.request("POST", "/api/v1/auth/login").header("Content-Type", "application/x-www-form-urlencoded");
    let session = login.body(form).send().ok();
    post(shop, "/auth/login", json!({"email": EMAIL, "password": ANOTHER})).problem(401, "invalid_credentials");
    let next = post(shop, "/auth/refresh", json!({"refresh_token": session["refresh_token"]})).ok();
    let person = bearer(shop, &next);
    let enrolled = post(&person, "/auth/second-factor/enrol", json!({"current_password": PASSWORD})).ok();
    planted.keep(&enrolled, &["secret"]);
    let code = TOTP::from_url(enrolled["uri"].as_str().unwrap()).unwrap().generate_current().unwrap();
    planted.keep(&post(&person, "/auth/second-factor/confirm", json!({"code": code})).ok(), &["recovery_codes"]);
    let asked = post(shop, "/auth/login", json!({"email": EMAIL, "password": PASSWORD}));
    let challenge = asked.problem(401, "second_factor_required")["challenge"].clone();
    post(shop, "/auth/second-factor", json!({"challenge": challenge, "code": planted.0.last().unwrap()})).ok();
    person
}

/// Writes secrets where they do not belong.
fn blunders(shop: &Client, session: &Value) {
    let token = session["refresh_token"].as_str().unwrap();
    shop.get(&format!("/api/v1/products?password={}", PASSWORD.replace(' ', "%20"))).expect(400);
    shop.get(&format!("/api/v1/orders/{token}")).expect(401);
    shop.get(&format!("/api/v1/{token}")).expect(404);
    shop.with("If-None-Match", token)
        .with("User-Agent", token)
        .with("X-Request-Id", token)
        .get("/api/v1/products")
        .ok();
    shop.with("Authorization", token).get("/api/v1/me").expect(401);
    shop.with("Idempotency-Key", token).post("/api/v1/carts", &json!({})).expect(201);
    let broken = format!(r#"{{"email": "{EMAIL}", "password": "{PASSWORD}", }}"#);
    let login = shop.request("POST", "/api/v1/auth/login").header("Content-Type", "application/json");
    login.body(broken).send().problem(400, "malformed_json");
    let card = json!({"note": "4242 4242 4242 4242"});
    post(shop, "/carts", card).expect(422);
    let number = json!({"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"});
    shop.post("/sandbox/tokens", &number).expect(201);
}

/// Keeps an address, and buys.
fn buys(scene: &Scene, person: &Client, server: &str) {
    let mut home = address();
    home["phone"] = json!("+49 30 555010");
    person.with("Idempotency-Key", "once").post("/api/v1/me/addresses", &home).expect(201);
    let buyer = scene.buyer.at(server);
    let path = format!("/api/v1/carts/{}", buyer.cart_id);
    buyer.client.patch(&path, &json!({"note": "Call before noon", "shipping_address": home})).ok();
    let bought = buyer.send(&buyer.purchase("tok_visa")).expect(201);
    assert!(!secrets_in(&bought.body).is_empty(), "its token is one");
}

/// What the staff give out and write down.
fn works(admin: &Client, customer: &str) {
    post(admin, "/admin/api-keys", json!({"name": "Warehouse", "rights": ["orders:read"]})).expect(201);
    let invitation =
        json!({"email": EMAIL.replace("person", "staff"), "name": "Wrenfield Person", "role_id": Role::Viewer.id()});
    post(admin, "/admin/staff/invitations", invitation).expect(201);
    post(admin, &format!("/admin/customers/{customer}/notes"), json!({"text": "Prefers oak"})).expect(201);
}

/// Forgets the password, and chooses another by the mail.
fn forgets(shop: &Client, mails: &MailServer) {
    post(shop, "/auth/forgot-password", json!({"email": EMAIL})).expect(202);
    let subject = "Choose a new password for Test shop";
    let has_come = || mails.received().iter().any(|it| it.subject == subject);
    within(std::time::Duration::from_secs(10), has_come, "no mail");
    let mail = mails.received().into_iter().find(|it| it.subject == subject).unwrap();
    assert!(!secrets_in(mail.text.as_bytes()).is_empty(), "its token is one");
    post(shop, "/auth/reset-password", json!({"token": mail.token(), "new_password": ANOTHER})).expect(204);
}

backend_test!(a_day_of_the_shop_leaves_no_secret_behind_and_an_erased_person_nothing, |backend: Backend| {
    let mut planted = Planted::new();
    let scene = Scene::set(backend);
    let mails = MailServer::start();
    let server = scene.premises.serve_talkative(&[
        "--smtp-url",
        &format!("smtp://{}", mails.address),
        "--mail-from",
        "shop@shop.example",
    ]);
    let shop = server.client();

    let person = comes_in(&shop, &mut planted);
    let me = person.get("/api/v1/me").ok();
    let id = me["id"].as_str().unwrap();
    blunders(
        &shop,
        &post(&shop, "/auth/register", json!({"email": "b@example.com", "password": PASSWORD})).expect(201).json(),
    );
    buys(&scene, &person, server.base());
    works(&scene.staff.at(server.base()), id);
    person.get("/api/v1/me/export").ok();
    forgets(&shop, &mails);
    let login = json!({"email": EMAIL, "password": ANOTHER});
    // Nobody had confirmed the address, so that choosing a password by mail has turned the second factor off.
    let session = post(&shop, "/auth/login", login).ok();

    let log = server.log();
    assert!(log.contains("route=/api/v1/auth/login") && log.contains("DEBUG"), "the log is looked at");
    assert_eq!(planted.found_in(log.as_bytes()), Vec::<String>::new(), "the log");
    let expect_nothing = |planted: &Planted| {
        for (place, bytes) in scene.premises.contents() {
            assert_eq!(planted.found_in(&bytes), Vec::<String>::new(), "{place}");
        }
    };
    expect_nothing(&planted);
    let holds_id = |bytes: &[u8]| bytes.windows(id.len()).any(|it| it == id.as_bytes());
    assert!(scene.premises.contents().iter().any(|(_, bytes)| holds_id(bytes)), "the database is looked at");

    bearer(&shop, &session).delete("/api/v1/me").expect(204);
    planted.0.push(scene.keys().email_hash(EMAIL));
    expect_nothing(&planted);
});
