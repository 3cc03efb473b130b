use aws_lc_rs::{hmac, signature};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER: &str = "IAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const ISSUER: &str = "https://shop.example";

fn jwks(keys: &Keys) -> Value {
    json!(super::jwks(keys, now()))
}

fn keys() -> Keys {
    Keys::from_secret(SECRET).unwrap()
}

/// Far from the day on which the test runs, so that a look at the system's clock would show.
fn now() -> UtcTime {
    "2001-02-03T04:05:06.789Z".parse().unwrap()
}

fn later(seconds: i64) -> UtcTime {
    now().plus(TimeDelta::seconds(seconds))
}

fn base64url(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn header() -> Value {
    json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": keys().newest().signing().kid })
}

fn claims() -> Value {
    let start = now().seconds();
    json!({
        "iss": ISSUER, "aud": "cartwright:store", "sub": CustomerId::new(), "exp": start + 900, "nbf": start,
        "iat": start, "jti": "x", "sid": SessionId::new(),
    })
}

/// A token signed with our own key, whatever it says.
fn signed(header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", base64url(header), base64url(claims));
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &keys().newest().signing().encoding, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

fn with(mut object: Value, member: &str, value: Value) -> Value {
    object[member] = value;
    object
}

fn without(mut object: Value, member: &str) -> Value {
    object.as_object_mut().unwrap().remove(member);
    object
}

fn refused(token: &str) -> Refused {
    verify(&keys(), ISSUER, now(), token).unwrap_err()
}

#[test]
fn a_token_says_what_it_was_issued_with() {
    let session = SessionId::new();
    for (subject, audience) in
        [(Subject::Customer(CustomerId::new()), Audience::Store), (Subject::Staff(StaffId::new()), Audience::Admin)]
    {
        let token = issue(&keys(), ISSUER, now(), subject, session);
        let claims = verify(&keys(), ISSUER, now(), &token).unwrap();
        assert_eq!((claims.subject, claims.subject.audience(), claims.session), (subject, audience, session));
        assert_eq!(claims.issued_at.to_string(), "2001-02-03T04:05:06.000Z");
        assert_eq!(claims.expires_at.to_string(), "2001-02-03T04:20:06.000Z");
        assert_eq!(claims.jti.len(), 22);
        let again = verify(&keys(), ISSUER, now(), &issue(&keys(), ISSUER, now(), subject, session)).unwrap();
        assert_ne!(again.jti, claims.jti);
    }
}

#[test]
fn the_header_and_the_claims_are_those_promised_and_no_others() {
    let token = issue(&keys(), ISSUER, now(), Subject::Customer(CustomerId::new()), SessionId::new());
    let parts: Vec<Value> = token
        .split('.')
        .take(2)
        .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
        .collect();
    assert_eq!(parts[0], header());
    let names: Vec<&str> = parts[1].as_object().unwrap().keys().map(String::as_str).collect();
    let mut promised = ["iss", "aud", "sub", "exp", "nbf", "iat", "jti", "sid"].to_vec();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    promised.sort_unstable();
    assert_eq!(sorted, promised);
    assert!(verify(&keys(), ISSUER, now(), &signed(&header(), &claims())).is_ok(), "what the attacks start from");
}

#[test]
fn a_token_is_good_from_five_seconds_before_its_time_to_five_seconds_behind_it() {
    let token = issue(&keys(), ISSUER, now(), Subject::Customer(CustomerId::new()), SessionId::new());
    for (seconds, expected) in [
        (-6, Some(Refused::NotYet)),
        (-5, None),
        (0, None),
        (899, None),
        (904, None),
        (905, Some(Refused::Expired)),
        (100_000_000, Some(Refused::Expired)),
    ] {
        assert_eq!(verify(&keys(), ISSUER, later(seconds), &token).err(), expected, "{seconds} s");
    }
}

#[test]
fn no_other_algorithm_is_taken() {
    for alg in ["none", "None", "NONE", "nOnE"] {
        let message = format!("{}.{}", base64url(&with(header(), "alg", alg.into())), base64url(&claims()));
        assert_eq!(refused(&format!("{message}.")), Refused::Malformed);
        assert_eq!(refused(&message), Refused::Malformed);
    }
    for alg in ["ES256", "RS256", "PS256", "HS512"] {
        assert_eq!(refused(&signed(&with(header(), "alg", alg.into()), &claims())), Refused::Header);
    }
    for alg in [json!(null), json!(7), json!("EDDSA"), json!("Ed25519"), json!(["EdDSA"])] {
        assert_eq!(refused(&signed(&with(header(), "alg", alg), &claims())), Refused::Malformed);
    }
    assert_eq!(refused(&signed(&without(header(), "alg"), &claims())), Refused::Malformed);
}

#[test]
fn the_public_key_is_no_hmac_secret() {
    let x = keys().newest().signing().x.clone();
    let message = format!("{}.{}", base64url(&with(header(), "alg", "HS256".into())), base64url(&claims()));
    for secret in [x.as_bytes(), &URL_SAFE_NO_PAD.decode(&x).unwrap(), jwks(&keys()).to_string().as_bytes(), b""] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        assert_eq!(refused(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))), Refused::Header);
    }
}

#[test]
fn a_foreign_key_is_not_taken_whatever_its_name() {
    let foreign = signature::Ed25519KeyPair::generate().unwrap();
    let own_kid = keys().newest().signing().kid.clone();
    for (kid, expected) in [
        (json!(own_kid), Refused::NotOurs),
        (json!("foreign"), Refused::UnknownKey),
        (json!(""), Refused::UnknownKey),
        (json!("../../../../dev/null"), Refused::UnknownKey),
        (json!("' OR 1=1 --"), Refused::UnknownKey),
        (json!(null), Refused::UnknownKey),
        (json!(1), Refused::Malformed),
    ] {
        let message = format!("{}.{}", base64url(&with(header(), "kid", kid.clone())), base64url(&claims()));
        let signature = URL_SAFE_NO_PAD.encode(foreign.sign(message.as_bytes()));
        assert_eq!(refused(&format!("{message}.{signature}")), expected, "{kid}");
    }
    assert_eq!(refused(&signed(&without(header(), "kid"), &claims())), Refused::UnknownKey);
    let other =
        issue(&Keys::from_secret(OTHER).unwrap(), ISSUER, now(), Subject::Staff(StaffId::new()), SessionId::new());
    assert_eq!(refused(&other), Refused::UnknownKey);
}

#[test]
fn a_header_that_brings_or_points_to_a_key_or_says_anything_more_is_refused() {
    let jwk = jwks(&keys())["keys"][0].clone();
    for (member, value) in [
        ("jwk", jwk),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("x5u", json!("https://attacker.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("x")),
        ("x5t#S256", json!("x")),
        ("crit", json!([])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("cty", json!("JWT")),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("url", json!("https://attacker.example")),
        ("nonce", json!("x")),
        ("anything", json!(1)),
    ] {
        assert_eq!(refused(&signed(&with(header(), member, value), &claims())), Refused::Header, "{member}");
    }
}

#[test]
fn a_token_of_another_type_is_refused() {
    for typ in ["JWT", "at+JWT", "application/at+jwt", "AT+JWT", ""] {
        assert_eq!(refused(&signed(&with(header(), "typ", typ.into()), &claims())), Refused::Header, "{typ}");
    }
    assert_eq!(refused(&signed(&without(header(), "typ"), &claims())), Refused::Header);
}

#[test]
fn a_time_is_a_whole_number_of_seconds() {
    for member in ["exp", "nbf", "iat"] {
        let good = claims()[member].as_i64().unwrap();
        for value in [json!(good.to_string()), json!(good as f64 + 0.5), json!(null), json!([good]), json!(1e300)] {
            let token = signed(&header(), &with(claims(), member, value.clone()));
            assert_eq!(refused(&token), Refused::Malformed, "{member}: {value}");
        }
        assert_eq!(refused(&signed(&header(), &without(claims(), member))), Refused::Malformed);
    }
    assert_eq!(refused(&signed(&header(), &with(claims(), "exp", json!(i64::MAX)))), Refused::Malformed);
    assert_eq!(refused(&signed(&header(), &with(claims(), "exp", json!(-1)))), Refused::Malformed);
    assert_eq!(refused(&signed(&header(), &with(claims(), "exp", json!(0)))), Refused::Expired);
    assert_eq!(refused(&signed(&header(), &with(claims(), "nbf", json!(now().seconds() + 6)))), Refused::NotYet);
    assert_eq!(refused(&signed(&header(), &with(claims(), "iat", json!(now().seconds() + 6)))), Refused::NotYet);
}

#[test]
fn another_issuer_audience_or_subject_is_refused() {
    let token = |member: &str, value: Value| signed(&header(), &with(claims(), member, value));
    for issuer in ["https://shop.example/", "https://shop.example.attacker.example", "", "HTTPS://SHOP.EXAMPLE"] {
        assert_eq!(refused(&token("iss", json!(issuer))), Refused::NotOurs, "{issuer}");
    }
    for (member, value) in [
        ("iss", json!([ISSUER])),
        ("iss", json!(null)),
        ("aud", json!("cartwright")),
        ("aud", json!("")),
        ("aud", json!(["cartwright:store"])),
        ("aud", json!(["cartwright:store", "cartwright:admin"])),
        ("aud", json!(null)),
        ("sub", json!("")),
        ("sub", json!(StaffId::new())),
        ("aud", json!("cartwright:admin")),
        ("sub", json!(7)),
        ("sid", json!("sess_x")),
        ("role", json!("admin")),
    ] {
        assert_eq!(refused(&token(member, value.clone())), Refused::Malformed, "{member}: {value}");
    }
    for member in ["iss", "aud", "sub", "jti", "sid"] {
        assert_eq!(refused(&signed(&header(), &without(claims(), member))), Refused::Malformed, "{member}");
    }
}

#[test]
fn a_token_with_any_character_changed_is_refused() {
    let token = issue(&keys(), ISSUER, now(), Subject::Customer(CustomerId::new()), SessionId::new());
    for place in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(verify(&keys(), ISSUER, now(), &changed).is_err(), "at {place}");
        assert!(verify(&keys(), ISSUER, now(), &token[..place]).is_err(), "cut at {place}");
    }
    for text in [
        format!("{token}="),
        format!("{token}."),
        format!(" {token}"),
        format!("{token}\n"),
        ".".into(),
        "..".into(),
        "é.é.é".into(),
    ] {
        assert!(verify(&keys(), ISSUER, now(), &text).is_err(), "{text:?}");
    }
    assert_eq!(refused(&"A".repeat(1_000_000)), Refused::Malformed);
}

#[test]
fn a_token_outlives_a_rotation_and_the_public_keys_name_both() {
    let (old, rotated) = (keys(), Keys::from_secret(&format!("{SECRET},{OTHER}")).unwrap());
    let before = issue(&old, ISSUER, now(), Subject::Customer(CustomerId::new()), SessionId::new());
    let after = issue(&rotated, ISSUER, now(), Subject::Customer(CustomerId::new()), SessionId::new());
    assert!(verify(&rotated, ISSUER, now(), &before).is_ok());
    assert!(verify(&rotated, ISSUER, now(), &after).is_ok());
    assert_eq!(verify(&old, ISSUER, now(), &after), Err(Refused::UnknownKey));
    let set = jwks(&rotated);
    assert_eq!(set["keys"].as_array().unwrap().len(), 2);
    assert_eq!(set["keys"][1], jwks(&old)["keys"][0]);
    assert!(set["keys"][0].get("d").is_none());
}

#[test]
fn what_a_replaced_key_signs_is_refused_once_its_last_token_has_ended() {
    // The ring is read today: then, at the latest, the second key took over.
    let today = crate::time::Clock::default().now();
    let stolen = keys();
    let rotated = Keys::from_secret(&format!("{SECRET},{OTHER}")).unwrap();
    let check = |seconds| {
        let now = today.plus(TimeDelta::seconds(seconds));
        let token = issue(&stolen, ISSUER, now, Subject::Staff(StaffId::new()), SessionId::new());
        verify(&rotated, ISSUER, now, &token).map(drop)
    };
    assert_eq!((check(900), check(970)), (Ok(()), Err(Refused::UnknownKey)));
}

#[test]
fn the_published_key_verifies_the_signature() {
    let token = issue(&keys(), ISSUER, now(), Subject::Customer(CustomerId::new()), SessionId::new());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let x = URL_SAFE_NO_PAD.decode(jwks(&keys())["keys"][0]["x"].as_str().unwrap()).unwrap();
    let public = signature::UnparsedPublicKey::new(&signature::ED25519, x);
    public.verify(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
}
