use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::*;

fn at(text: &str) -> UtcTime {
    text.parse().unwrap()
}

const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER: &str = "IAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A path in the system's folder for temporary files; what lies there is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("cartwright-keys-{}", digest::hex(&random::<8>()))))
    }
}

impl std::ops::Deref for Folder {
    type Target = Path;
    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn keys() -> Keys {
    Keys::from_secret(SECRET).unwrap()
}

fn fingerprint(keys: &Keys) -> [u8; 32] {
    keys.mac(Purpose::Cursor, &[])
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_ring_is_made_once_and_read_ever_after() {
    let folder = Folder::new();
    let made = Keys::load_or_create(&folder).unwrap();
    assert_eq!(fingerprint(&Keys::load_or_create(&folder).unwrap()), fingerprint(&made));
    assert_eq!(fingerprint(&Keys::load(&folder).unwrap()), fingerprint(&made));
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("generation-0001.key")), 0o600);
    assert_eq!(fs::read_dir(&*folder).unwrap().count(), 1, "no draft stays behind");
}

#[test]
fn all_that_start_at_once_end_with_the_same_ring() {
    for _ in 0..20 {
        let folder = Folder::new();
        let barrier = std::sync::Barrier::new(8);
        let fingerprints: Vec<_> = std::thread::scope(|scope| {
            let start = || {
                barrier.wait();
                fingerprint(&Keys::load_or_create(&folder).unwrap())
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(fingerprints.iter().all(|it| *it == fingerprints[0]));
    }
}

#[test]
fn generations_added_at_once_have_numbers_of_their_own() {
    let folder = Folder::new();
    Keys::load_or_create(&folder).unwrap();
    let mut numbers: Vec<u32> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| Keys::add_generation(&folder, UtcTime::from_micros(0)).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=9).collect::<Vec<_>>());
    assert_eq!(Keys::load(&folder).unwrap().ring().generations.len(), 9);
}

#[test]
fn production_refuses_what_is_missing_open_or_broken() {
    let folder = Folder::new();
    assert!(matches!(Keys::load(&folder), Err(KeysError::Missing(_))));
    fs::create_dir(&*folder).unwrap();
    assert!(matches!(Keys::load(&folder), Err(KeysError::Missing(_))));
    assert!(matches!(Keys::add_generation(&folder, UtcTime::from_micros(0)), Err(KeysError::Missing(_))));

    Keys::load_or_create(&folder).unwrap();
    Keys::add_generation(&folder, UtcTime::from_micros(0)).unwrap();
    let (first, second) = (folder.join("generation-0001.key"), folder.join("generation-0002.key"));
    for (mode, refused) in [(0o640, false), (0o644, true), (0o660, true), (0o600, false)] {
        fs::set_permissions(&second, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(matches!(Keys::load(&folder), Err(KeysError::Open(_))), refused, "{mode:o}");
    }
    let good = fs::read_to_string(&second).unwrap();
    for broken in [
        String::new(),
        good.replace("key 1", "key 2"),
        good.replace("generation 2", "generation 3"),
        good.replace("secret ", "secret !"),
        good.replace("secret ", ""),
        good.replace("from ", "until "),
        good.replace("from 1970", "from noon"),
        good.clone() + "more\n",
        "cartwright-key 1\ngeneration 2\nsecret AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n".to_owned(),
    ] {
        fs::write(&second, &broken).unwrap();
        assert!(matches!(Keys::load(&folder), Err(KeysError::Malformed(..))), "{broken}");
    }
    fs::write(&second, good).unwrap();
    assert!(Keys::load(&folder).is_ok());
    fs::remove_file(&first).unwrap();
    assert!(matches!(Keys::load(&folder), Err(KeysError::Gap(path)) if path == first));
    assert!(matches!(Keys::load_or_create(&folder), Err(KeysError::Gap(_))));
}

#[test]
fn a_generation_is_known_before_it_makes_and_its_predecessor_goes_when_nothing_of_it_is_left() {
    let folder = Folder::new();
    let keys = Keys::load_or_create(&folder).unwrap();
    let clone = keys.clone();
    let numbers = |now, minutes| -> Vec<u32> {
        keys.living(now, TimeDelta::minutes(minutes)).iter().map(|it| it.number()).collect()
    };
    let (before, from) = (at("2100-01-05T08:59:59Z"), at("2100-01-05T09:00:00Z"));
    assert_eq!(Keys::add_generation(&folder, from).unwrap(), 2);
    assert_eq!(keys.look_again(before).unwrap(), None);
    assert_eq!((keys.newest_number(), numbers(before, 15)), (1, vec![2, 1]));
    let other = Keys::load(&folder).unwrap();
    let mac = other.generation(2).unwrap().mac(Purpose::Cursor, &[b"x"]);
    assert!(keys.is_mac(Purpose::Cursor, &[b"x"], &mac), "what a server made that is ahead is recognised");

    assert_eq!(keys.look_again(from).unwrap(), Some(2));
    assert_eq!(keys.look_again(from).unwrap(), None);
    assert_eq!((keys.newest_number(), clone.newest_number()), (2, 2), "all clones of a ring are one");
    assert_eq!(numbers(at("2100-01-05T09:15:00Z"), 15), [2, 1]);
    assert_eq!(numbers(at("2100-01-05T09:15:01Z"), 15), [2]);
}

#[test]
fn a_ring_that_cannot_be_read_any_more_is_used_as_it_was() {
    let folder = Folder::new();
    let keys = Keys::load_or_create(&folder).unwrap();
    fs::write(folder.join("generation-0002.key"), "half a fi").unwrap();
    assert!(keys.look_again(at("2100-01-05T09:00:00Z")).is_err());
    assert_eq!((keys.newest_number(), keys.ring().generations.len()), (1, 1));
    fs::remove_dir_all(&*folder).unwrap();
    assert!(matches!(keys.look_again(at("2100-01-05T09:00:00Z")), Err(KeysError::Missing(_))));
    assert_eq!(keys.newest_number(), 1);
}

#[test]
fn the_last_secret_of_the_environment_may_wait() {
    let ring = |text: &str| Keys::from_secret(text).map(|keys| (keys.newest_number(), keys.ring().generations.len()));
    assert_eq!(ring(&format!("{SECRET},{OTHER}")).unwrap(), (2, 2));
    assert_eq!(ring(&format!("{SECRET},next:{OTHER}")).unwrap(), (1, 2));
    for refused in [format!("next:{SECRET}"), format!("next:{SECRET},{OTHER}"), format!("{SECRET},next:next:{OTHER}")] {
        assert!(matches!(ring(&refused), Err(KeysError::Secret(_))), "{refused}");
    }
    let keys = Keys::from_secret(&format!("{SECRET},{OTHER}")).unwrap();
    assert_eq!(keys.look_again(at("2100-01-05T09:00:00Z")).unwrap(), None);
    let living = |now| keys.living(now, TimeDelta::minutes(15)).len();
    assert_eq!((living(Clock::default().now()), living(at("2100-01-05T09:00:00Z"))), (2, 1));
}

#[test]
fn an_environment_secret_is_32_random_bytes_in_any_base64() {
    let url_safe = "_-ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let standard = "/+ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let two = format!("{SECRET}, {OTHER}");
    assert_eq!(fingerprint(&Keys::from_secret(url_safe).unwrap()), fingerprint(&Keys::from_secret(standard).unwrap()));
    assert_eq!(fingerprint(&Keys::from_secret(&two).unwrap()), fingerprint(&Keys::from_secret(OTHER).unwrap()));
    for text in ["", "secret", "not base64!", SECRET.split_at(40).0, &"AAAA".repeat(20), &"Y2hhbmdlbWU=".repeat(9)] {
        assert!(matches!(Keys::from_secret(text), Err(KeysError::Secret(_))), "{text}");
    }
    assert!(matches!(Keys::from_secret(&format!("{SECRET},")), Err(KeysError::Secret(_))));
    let repeated = base64::engine::general_purpose::STANDARD.encode("changeme".repeat(8));
    assert!(matches!(Keys::from_secret(&repeated), Err(KeysError::Secret(_))));
}

#[test]
fn a_secret_never_shows() {
    let person = PersonKey::generate();
    assert_eq!(format!("{:?} {person:?}", keys()), "Keys(***) PersonKey(***)");
}

#[test]
fn every_purpose_and_generation_has_a_key_of_its_own() {
    let purposes = [
        Purpose::Cursor,
        Purpose::IdempotencyBody,
        Purpose::IdempotencyAnswer,
        Purpose::EmailLookup,
        Purpose::OrderToken,
        Purpose::RefreshSuccessor,
        Purpose::PasswordPepper,
        Purpose::PersonKey,
        Purpose::AccessToken,
        Purpose::Shop,
    ];
    let mut macs: Vec<_> = [SECRET, OTHER]
        .iter()
        .flat_map(|secret| purposes.map(|purpose| Keys::from_secret(secret).unwrap().mac(purpose, &[])))
        .collect();
    macs.sort_unstable();
    macs.dedup();
    assert_eq!(macs.len(), 2 * purposes.len());
}

#[test]
fn what_is_derived_stays_what_it_is_from_release_to_release() {
    // Computed by another implementation of HKDF and HMAC.
    assert_eq!(
        digest::hex(&keys().mac(Purpose::Cursor, &[b"a", b"b"])),
        "35e32c76cd5f43cb446fcb9f2a4e0576d9ef2bbff0be546fc99e5ff6937e1539"
    );
    assert_eq!(
        keys().email_hash("ann@example.com"),
        "b03b328498bf83668f8a686799f2d7af04c7dbc97dbef92f161cdf91573cf00b"
    );
}

#[test]
fn bytes_do_not_wander_between_the_parts_of_a_mac() {
    let mac = |parts: &[&[u8]]| keys().mac(Purpose::Cursor, parts);
    assert_ne!(mac(&[b"ab", b"c"]), mac(&[b"a", b"bc"]));
    assert_ne!(mac(&[b"ab"]), mac(&[b"ab", b""]));
}

#[test]
fn after_a_rotation_the_old_is_recognised_and_the_new_is_made() {
    let (old, rotated) = (keys(), Keys::from_secret(&format!("{SECRET},{OTHER}")).unwrap());
    let mac = old.mac(Purpose::Cursor, &[b"x"]);
    assert_ne!(rotated.mac(Purpose::Cursor, &[b"x"]), mac);
    assert!(rotated.is_mac(Purpose::Cursor, &[b"x"], &mac));
    assert!(!rotated.is_mac(Purpose::Cursor, &[b"y"], &mac));
    assert!(!old.is_mac(Purpose::Cursor, &[b"x"], &rotated.mac(Purpose::Cursor, &[b"x"])));
    assert_eq!(rotated.email_hash("ann@example.com"), old.email_hash("ann@example.com"));

    let sealed = old.seal(Purpose::Shop, "order_1", "billing", b"text");
    assert_eq!(rotated.open(Purpose::Shop, "order_1", "billing", &sealed).unwrap(), b"text");
    assert!(old.is_under_newest(&sealed) && !rotated.is_under_newest(&sealed));
    let sealed = rotated.seal(Purpose::Shop, "order_1", "billing", b"text");
    assert!(rotated.is_under_newest(&sealed));
    assert_eq!(old.open(Purpose::Shop, "order_1", "billing", &sealed), Err(CannotOpen::UnknownKey(2)));

    let person = PersonKey::generate();
    let sealed = person.seal("addr_1", "line1", b"Street 1");
    let again = rotated.unwrap_person_key(&person.wrap(&old, "cust_1"), "cust_1").unwrap();
    assert!(rotated.is_under_newest(&again.wrap(&rotated, "cust_1")));
    assert_eq!(again.open("addr_1", "line1", &sealed).unwrap(), b"Street 1");
}

#[test]
fn an_e_mail_is_found_however_it_is_written() {
    let hash = keys().email_hash("ann@example.com");
    assert_eq!(hash.len(), 64);
    assert_eq!(keys().email_hash("ANN@Example.COM"), hash);
    assert_ne!(keys().email_hash("anne@example.com"), hash);
    assert_ne!(Keys::from_secret(OTHER).unwrap().email_hash("ann@example.com"), hash);
}

#[test]
fn sealed_data_opens_in_its_own_place_alone() {
    let keys = keys();
    for plain in [b"".as_slice(), b"x", &[7; 100_000]] {
        let sealed = keys.seal(Purpose::Shop, "order_1", "billing", plain);
        assert_eq!(sealed.len(), plain.len() + 1 + 4 + 12 + 16);
        assert_eq!(keys.open(Purpose::Shop, "order_1", "billing", &sealed).unwrap(), plain);
        for (purpose, record, column) in [
            (Purpose::PersonKey, "order_1", "billing"),
            (Purpose::Shop, "order_2", "billing"),
            (Purpose::Shop, "order_1", "shipping"),
            (Purpose::Shop, "order_1b", "illing"),
        ] {
            assert_eq!(keys.open(purpose, record, column, &sealed), Err(CannotOpen::Refused));
        }
    }
    let twice = [(); 2].map(|()| keys.seal(Purpose::Shop, "order_1", "billing", b"x"));
    assert_ne!(twice[0], twice[1], "a nonce never comes twice");
}

#[test]
fn sealed_data_with_any_bit_changed_or_byte_lost_does_not_open() {
    let (keys, person) = (keys(), PersonKey::generate());
    let sealed = [keys.seal(Purpose::Shop, "r", "c", b"some text"), person.seal("r", "c", b"some text")];
    let open = |which: usize, bytes: &[u8]| match which {
        0 => keys.open(Purpose::Shop, "r", "c", bytes),
        _ => person.open("r", "c", bytes),
    };
    for (which, sealed) in sealed.iter().enumerate() {
        for place in 0..sealed.len() {
            assert!(open(which, &sealed[..place]).is_err(), "cut at {place}");
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[place] ^= 1 << bit;
                assert!(open(which, &changed).is_err(), "bit {bit} of byte {place}");
            }
        }
        assert!(open(which, &[sealed.as_slice(), &[0]].concat()).is_err());
    }
}

#[test]
fn a_person_s_key_opens_for_its_owner_alone_and_nothing_of_another_s() {
    let keys = keys();
    let (ann, bob) = (PersonKey::generate(), PersonKey::generate());
    let sealed = ann.seal("addr_1", "line1", "Straße 1".as_bytes());
    assert_eq!(ann.open("addr_1", "line1", &sealed).unwrap(), "Straße 1".as_bytes());
    assert!(matches!(bob.open("addr_1", "line1", &sealed), Err(CannotOpen::UnknownKey(_))));
    assert_eq!(ann.open("addr_2", "line1", &sealed), Err(CannotOpen::Refused));
    assert_eq!(ann.open("addr_1", "line2", &sealed), Err(CannotOpen::Refused));

    let wrapped = ann.wrap(&keys, "cust_ann");
    assert!(matches!(keys.unwrap_person_key(&wrapped, "cust_bob"), Err(CannotOpen::Refused)));
    assert!(Keys::from_secret(OTHER).unwrap().unwrap_person_key(&wrapped, "cust_ann").is_err());
    let again = keys.unwrap_person_key(&wrapped, "cust_ann").unwrap();
    assert_eq!(again.open("addr_1", "line1", &sealed).unwrap(), "Straße 1".as_bytes());
}

#[test]
fn a_kept_answer_opens_only_with_the_key_that_the_client_sent() {
    let keys = keys();
    let sealed = keys.seal_answer("client-key-0000000001", "scope", b"answer");
    assert_eq!(keys.open_answer("client-key-0000000001", "scope", &sealed).unwrap(), b"answer");
    assert_eq!(keys.open_answer("client-key-0000000002", "scope", &sealed), Err(CannotOpen::Refused));
    assert_eq!(keys.open_answer("client-key-0000000001", "other", &sealed), Err(CannotOpen::Refused));
    assert!(keys.open(Purpose::IdempotencyAnswer, "scope", "answer", &sealed).is_err());
}
