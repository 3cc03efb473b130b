//! `cartwright keys rotate`, beside servers that go on.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cartwright::{
    auth::rights::Role,
    db::{
        Conn,
        schema::{audit_log, logins, person_keys},
    },
    keys::Keys,
    shop::Shop,
};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, TestApp, api_test, backend_test, within};

/// The key that an access token names.
fn kid(token: &str) -> Value {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].clone()
}

fn kids(client: &Client) -> Vec<Value> {
    let set = client.get("/.well-known/jwks.json").ok();
    set["keys"].as_array().unwrap().iter().map(|it| it["kid"].clone()).collect()
}

/// An access token, given out here.
fn token(client: &Client) -> String {
    let body = json!({"email": "ann@example.com", "password": PASSWORD});
    client.post("/api/v1/auth/login", &body).ok()["access_token"].as_str().unwrap().to_owned()
}

/// What one server signs and seals, the other knows.
fn visit(one: &Client, other: &Client) {
    let bearer = format!("Bearer {}", token(one));
    let [one, other] = [one, other].map(|it| it.with("Authorization", &bearer));
    let first = other.get("/api/v1/me/addresses?limit=1").ok();
    let cursor = first["page"]["next_cursor"].as_str().unwrap();
    one.get(&format!("/api/v1/me/addresses?limit=1&cursor={cursor}")).ok();
    let cart = one.with("Idempotency-Key", bearer.split_at(30).1.split_at(40).0).post("/api/v1/carts", &json!({}));
    let again = other.with("Idempotency-Key", bearer.split_at(30).1.split_at(40).0).post("/api/v1/carts", &json!({}));
    assert_eq!(cart.expect(201).body, again.expect(201).body);
}

/// All that a key of the ring has sealed, the second has; and whoever has logged in meanwhile has its pepper.
fn expect_everything_under_the_second(shop: &Shop) {
    let is_second = |sealed: &[u8]| sealed[1..5] == [0, 0, 0, 2];
    let look = |conn: &mut Conn| {
        let persons: Vec<Vec<u8>> = person_keys::table.select(person_keys::wrapped).load(conn)?;
        assert!(persons.len() >= 2 && persons.iter().all(|it| is_second(it)));
        let nobodys = audit_log::table.filter(audit_log::sealed_for.is_null());
        let sources: Vec<Option<Vec<u8>>> = nobodys.select(audit_log::source).load(conn)?;
        assert!(sources.len() >= 2 && sources.iter().flatten().all(|it| is_second(it)));
        let own = logins::table.filter(logins::email_hash.eq(shop.keys.email_hash("ann@example.com")));
        assert!(own.select(logins::password_hash).first::<String>(conn)?.starts_with("2$"));
        Ok(())
    };
    shop.db.write_blocking(look).unwrap();
}

backend_test!(a_rotation_fails_no_request_and_leaves_nothing_under_the_former_key, |backend| {
    let app = TestApp::start(backend);
    let (ann, admin) = (app.customer("ann"), app.staff(Role::Admin).clone());
    for line in ["Seestrasse 7", "Bergstrasse 8"] {
        let address = json!({"name": "Ann", "line1": line, "city": "Bern", "postal_code": "3000", "country": "CH"});
        ann.post("/api/v1/me/addresses", &address).expect(201);
    }
    let wrong = json!({"email": "nobody@example.com", "password": PASSWORD});
    app.guest().post("/api/v1/auth/login", &wrong).problem(401, "invalid_credentials");
    let shop = app.shop.clone();
    let premises = app.close();
    let servers = [premises.serve(), premises.serve_beside()];
    let [one, other] = [servers[0].client(), servers[1].client()];
    let before = token(&one);

    let (done, visits) = (AtomicBool::new(false), AtomicUsize::new(0));
    let rotated = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                visit(&one, &other);
                visit(&other, &one);
                let email = format!("visitor-{}@example.com", visits.fetch_add(2, Ordering::Relaxed));
                let body = json!({"email": email, "password": PASSWORD});
                other.post("/api/v1/auth/register", &body).expect(201);
            }
        });
        let rotated = premises.run(&["keys", "rotate", "--handover", "4"]);
        done.store(true, Ordering::Relaxed);
        rotated
    });
    let said = String::from_utf8_lossy(&rotated.stdout).into_owned();
    assert!(rotated.status.success(), "{said}{}", String::from_utf8_lossy(&rotated.stderr));
    assert!(said.starts_with("generation 2 is in the ring") && said.contains(" keys of persons and "), "{said}");
    assert!(visits.into_inner() >= 4, "it was hardly tried");

    for server in [&one, &other] {
        within(Duration::from_secs(5), || kid(&token(server)) != kid(&before), "the new key is not used");
        let bearer = server.with("Authorization", &format!("Bearer {before}"));
        assert_eq!(bearer.get("/api/v1/me/addresses").ok()["items"].as_array().unwrap().len(), 2);
        assert_eq!(kids(server), [kid(&token(server)), kid(&before)]);
    }
    let entries = admin.at(servers[0].base()).get("/api/v1/admin/audit-log?action=keys_rotated").ok();
    assert_eq!(
        (&entries["items"][0]["data"], entries["items"].as_array().unwrap().len()),
        (&json!({"generation": "2"}), 1)
    );
    let refused = admin.at(servers[0].base()).get("/api/v1/admin/audit-log?outcome=refused").ok();
    assert_eq!(refused["items"][0]["source"]["address"], "127.0.0.1");

    expect_everything_under_the_second(&shop);
    let again = premises.run(&["keys", "seal-anew"]);
    let said = String::from_utf8_lossy(&again.stdout);
    assert_eq!(said, "0 keys of persons and 0 entries of the audit log were sealed anew\n");
    premises.expect_books_in_order();
});

api_test!(a_replaced_signing_key_leaves_the_set_with_its_last_token, |app| {
    let ann = app.customer("ann");
    let folder = app.shop.config.data_dir.join("keys");
    let former = kids(&app.client());
    Keys::add_generation(&folder, app.shop.clock.now()).unwrap();
    app.shop.keys.look_again(app.shop.clock.now()).unwrap();
    assert_eq!(kids(&app.client())[1..], former);
    ann.get("/api/v1/me").ok();
    app.shop.clock.advance(chrono::TimeDelta::seconds(955));
    assert_eq!(kids(&app.client()).len(), 2);
    app.shop.clock.advance(chrono::TimeDelta::seconds(10));
    let left = kids(&app.client());
    assert_eq!((left.len(), left.contains(&former[0])), (1, false));
});
