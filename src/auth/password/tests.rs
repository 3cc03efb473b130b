use super::*;

const OLD: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "IAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The lowest that bcrypt takes; tests need no more.
const CHEAP: Cost = Cost(4);

fn keys() -> Keys {
    Keys::from_secret(OLD).unwrap()
}

fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

fn compare(stored: &str, presented: &str) -> Verdict {
    verify(&keys(), &hash(&keys(), &password(stored), CHEAP), &password(presented), CHEAP)
}

#[test]
fn a_password_has_8_to_256_code_points_of_any_kind() {
    for text in ["12345678", "        ", "пароль12", "\u{1}\u{2}\r\n\t\u{7f}\u{feff}\u{202e}"] {
        assert!(Password::parse(text).is_ok(), "{text:?}");
    }
    assert!(Password::parse(&"😀".repeat(64)).is_ok());
    assert!(Password::parse(&"😀".repeat(256)).is_ok());
    assert_eq!(Password::parse("1234567").unwrap_err(), NotAPassword::TooShort);
    assert_eq!(Password::parse("").unwrap_err(), NotAPassword::TooShort);
    assert_eq!(Password::parse(&"😀".repeat(257)).unwrap_err(), NotAPassword::TooLong);
    assert_eq!(Password::parse(&"x".repeat(10_000_000)).unwrap_err(), NotAPassword::TooLong);
    assert_eq!(Password::parse("1234\u{0}5678").unwrap_err(), NotAPassword::Nul);
    assert_eq!(Password::parse("\0").unwrap_err(), NotAPassword::Nul);
}

#[test]
fn code_points_are_counted_in_nfc() {
    assert_eq!(Password::parse(&"e\u{301}".repeat(7)).unwrap_err(), NotAPassword::TooShort);
    assert!(Password::parse(&"e\u{301}".repeat(8)).is_ok());
    assert!(Password::parse(&"e\u{301}".repeat(128)).is_ok());
    assert!(Password::parse(&"e\u{301}".repeat(256)).is_ok());
    assert_eq!(Password::parse(&"e\u{301}".repeat(257)).unwrap_err(), NotAPassword::TooLong);
    assert!(Password::parse(&"\u{1d160}".repeat(85)).is_ok(), "NFC takes this note apart into three");
    assert_eq!(Password::parse(&"\u{1d160}".repeat(86)).unwrap_err(), NotAPassword::TooLong);
}

#[test]
fn a_composed_and_a_decomposed_accent_are_the_same_password() {
    assert_eq!(compare("caf\u{e9} au lait", "cafe\u{301} au lait"), Verdict::Match);
    assert_eq!(compare("cafe\u{301} au lait", "caf\u{e9} au lait"), Verdict::Match);
    assert_eq!(compare("\u{fb01}nancial", "financial"), Verdict::Mismatch, "NFC, not NFKC");
}

#[test]
fn every_character_counts() {
    let long = "x".repeat(72);
    assert_eq!(compare(&format!("{long}a"), &format!("{long}a")), Verdict::Match);
    assert_eq!(compare(&format!("{long}a"), &format!("{long}b")), Verdict::Mismatch);
    assert_eq!(compare(&format!("{long}a"), &long), Verdict::Mismatch);
    let emoji = "😀".repeat(63);
    assert_eq!(compare(&format!("{emoji}😀"), &format!("{emoji}😀")), Verdict::Match);
    assert_eq!(compare(&format!("{emoji}😀"), &format!("{emoji}😁")), Verdict::Mismatch);
    for other in [" password 1", "password 1 ", "password 1", "Password 1", "\tpassword 1\t"] {
        assert_eq!(compare(" password 1 ", other), Verdict::Mismatch, "{other:?}");
    }
}

#[test]
fn a_hash_names_its_pepper_and_its_cost_and_no_two_are_alike() {
    let stored = hash(&keys(), &password("password 1"), CHEAP);
    assert!(stored.starts_with("1$2b$04$"), "{stored}");
    assert_eq!(stored.len(), 61);
    assert_ne!(hash(&keys(), &password("password 1"), CHEAP), stored);
}

#[test]
fn a_hash_is_due_for_another_when_the_cost_rises_or_the_pepper_changes() {
    let (password, rotated) = (password("password 1"), Keys::from_secret(&format!("{OLD},{NEW}")).unwrap());
    let stored = hash(&keys(), &password, Cost(5));
    assert_eq!(verify(&keys(), &stored, &password, Cost(5)), Verdict::Match);
    assert_eq!(verify(&keys(), &stored, &password, Cost(4)), Verdict::Match);
    assert_eq!(verify(&keys(), &stored, &password, Cost(6)), Verdict::MatchNeedsRehash);
    assert_eq!(verify(&rotated, &stored, &password, Cost(5)), Verdict::MatchNeedsRehash);
    let rehashed = hash(&rotated, &password, Cost(5));
    assert!(rehashed.starts_with("2$2b$05$"));
    assert_eq!(verify(&rotated, &rehashed, &password, Cost(5)), Verdict::Match);
    assert_eq!(verify(&rotated, &rehashed, &self::password("password 2"), Cost(5)), Verdict::Mismatch);
}

#[test]
fn without_its_pepper_a_hash_is_worth_nothing() {
    let stored = hash(&keys(), &password("password 1"), CHEAP);
    let other = Keys::from_secret(NEW).unwrap();
    assert_eq!(verify(&other, &stored, &password("password 1"), CHEAP), Verdict::Mismatch);
    let bare = stored.trim_start_matches('1');
    assert!(!bcrypt::verify("password 1", bare).unwrap());
}

#[test]
fn a_stored_text_that_is_no_hash_of_ours_matches_nothing() {
    let good = hash(&keys(), &password("password 1"), CHEAP);
    for stored in [
        "",
        "$",
        "1",
        "1$2b$04$",
        &good[1..],
        &format!("2{}", &good[1..]),
        &format!("0{}", &good[1..]),
        &good[..60],
        "1$é",
    ] {
        assert_eq!(verify(&keys(), stored, &password("password 1"), CHEAP), Verdict::Mismatch, "{stored}");
    }
}

#[test]
fn a_cost_below_10_is_no_setting() {
    assert_eq!(Cost::new(9), None);
    assert_eq!(Cost::new(12), Some(Cost::DEFAULT));
    assert_eq!(Cost::new(17), None);
}

#[test]
fn a_password_never_shows() {
    assert_eq!(format!("{:?}", password("password 1")), "Password(***)");
}
