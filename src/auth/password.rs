//! Passwords: what may be one, how it is stored, and how it is compared.

mod strength;

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};
use unicode_normalization::UnicodeNormalization as _;

use crate::{
    error::{Code, Violation},
    keys::{Generation, Keys, Purpose},
};

pub use strength::{TooWeak, check_strength};

const SHORTEST: usize = 8;
const LONGEST: usize = 256;

/// A password, in NFC: the same keys pressed on another system give the same password. Nothing else is changed; spaces
/// around it are part of it.
#[derive(Clone)]
pub struct Password(SecretString);

/// The text cannot be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAPassword {
    /// It has fewer than 8 code points in NFC.
    TooShort,
    /// It has more than 256 code points in NFC.
    TooLong,
    /// It holds U+0000.
    Nul,
}

/// How much work a hash takes: 2^cost rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost(u32);

/// What comparing a password with a stored hash gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one.
    Match,
    /// It is the one, but the hash has a lower cost or an older pepper than new ones: store a new hash.
    MatchNeedsRehash,
    /// It is not.
    Mismatch,
}

impl Password {
    /// The password in `text`.
    pub fn parse(text: &str) -> Result<Self, NotAPassword> {
        // NFC makes one of four at most: nothing longer than that is worth composing.
        if text.chars().nth(4 * LONGEST).is_some() {
            return Err(NotAPassword::TooLong);
        }
        // A text grows threefold at most, so that no copy is left behind.
        let mut composed = Zeroizing::new(String::with_capacity(3 * text.len()));
        composed.extend(text.nfc());
        if composed.contains('\0') {
            Err(NotAPassword::Nul)
        } else if composed.chars().count() < SHORTEST {
            Err(NotAPassword::TooShort)
        } else if composed.chars().count() > LONGEST {
            Err(NotAPassword::TooLong)
        } else {
            Ok(Self(composed.as_str().into()))
        }
    }

    /// The password itself.
    fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Cost {
    /// The cost that the year asks for.
    pub const DEFAULT: Self = Self(12);

    /// The least that bcrypt takes. No setting allows it: it is for tests, which log in often and keep no secrets.
    pub const LEAST: Self = Self(4);

    /// The cost `rounds`, from 10 (less is soon guessed) to 16 (more takes seconds for each log-in).
    pub fn new(rounds: u32) -> Option<Self> {
        (10..=16).contains(&rounds).then_some(Self(rounds))
    }
}

/// The hash to store: `<pepper's number>$2b$<cost>$<salt and hash>`.
pub fn hash(keys: &Keys, password: &Password, cost: Cost) -> String {
    let pepper = keys.newest();
    let peppered = pepper_in(&pepper.mac(Purpose::PasswordPepper, &[password.expose().as_bytes()]));
    #[expect(clippy::expect_used, reason = "the cost is in range, the text short, and randomness a must")]
    let hash = bcrypt::non_truncating_hash(peppered.as_bytes(), cost.0).expect("a bcrypt hash");
    format!("{}{hash}", pepper.number())
}

/// Stands in the place of a hash where no password lets in, until its owner chooses one.
pub const NO_PASSWORD: &str = "none";

/// Compares `password` with a stored hash. It takes as long as hashing does.
pub fn verify(keys: &Keys, stored: &str, password: &Password, cost: Cost) -> Verdict {
    if stored == NO_PASSWORD {
        return verify_dummy(keys, password, cost);
    }
    let Some((pepper, hash)) = split(keys, stored) else {
        log::error!("a stored password hash is not of our form, or its pepper is not in the key ring");
        return verify_dummy(keys, password, cost);
    };
    let peppered = pepper_in(&pepper.mac(Purpose::PasswordPepper, &[password.expose().as_bytes()]));
    let stored_cost = hash.parse::<bcrypt::HashParts>().map_or(0, |parts| parts.get_cost());
    if !bcrypt::non_truncating_verify(peppered.as_bytes(), hash).unwrap_or(false) {
        // 2^s + (2^s + … + 2^(c-1)) = 2^c: as long as for an account that is not there, whenever the cost was raised.
        (stored_cost..cost.0).for_each(|lower| spend_time(&peppered, lower));
        return Verdict::Mismatch;
    }
    if stored_cost < cost.0 || pepper.number() < keys.newest_number() {
        Verdict::MatchNeedsRehash
    } else {
        Verdict::Match
    }
}

/// Takes as long as [`verify`] does, for an account that is not there: who waits for the answer learns nothing.
pub fn verify_dummy(keys: &Keys, password: &Password, cost: Cost) -> Verdict {
    let peppered = pepper_in(&keys.mac(Purpose::PasswordPepper, &[password.expose().as_bytes()]));
    spend_time(&peppered, cost.0);
    Verdict::Mismatch
}

/// As long as a hash of this cost takes. Any salt does.
fn spend_time(peppered: &str, cost: u32) {
    let _ = std::hint::black_box(bcrypt::non_truncating_hash_with_salt(peppered.as_bytes(), cost, [0x5a; 16]));
}

/// 43 characters without NUL: bcrypt stops at 72 bytes and at the first NUL, of which a password may hold its share
/// only this way.
fn pepper_in(mac: &[u8; 32]) -> Zeroizing<String> {
    Zeroizing::new(STANDARD_NO_PAD.encode(mac))
}

fn split<'a>(keys: &Keys, stored: &'a str) -> Option<(Arc<Generation>, &'a str)> {
    let (number, hash) = stored.split_at_checked(stored.find('$')?)?;
    hash.parse::<bcrypt::HashParts>().ok()?;
    Some((keys.generation(number.parse().ok()?)?, hash))
}

impl NotAPassword {
    /// The violation, at a JSON pointer such as `#/password`.
    pub fn at(self, pointer: &str) -> Violation {
        let (code, detail) = match self {
            Self::TooShort => {
                (Code::WeakPassword, "A password has at least 8 characters, each counted once with its accents.")
            }
            Self::TooLong => {
                (Code::PasswordTooLong, "A password has at most 256 characters, each counted once with its accents.")
            }
            Self::Nul => (Code::InvalidCharacter, "A text must not hold U+0000."),
        };
        let violation = Violation::at(pointer, code, detail);
        match self {
            Self::TooShort => violation.param("min", SHORTEST),
            Self::TooLong => violation.param("max", LONGEST),
            Self::Nul => violation,
        }
    }
}

impl fmt::Display for NotAPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "a password has at least 8 characters",
            Self::TooLong => "a password has at most 256 characters",
            Self::Nul => "a password must not hold U+0000",
        })
    }
}

impl std::error::Error for NotAPassword {}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

#[cfg(test)]
mod tests;
