//! The key ring: every secret of the shop, derived from one root secret a generation.
//!
//! The newest generation seals, signs and derives; all of them open, verify and recognise, so that a key can be changed
//! while what it protected stays readable. Nothing here knows the database: callers store what they are given.

mod aead;
mod files;
mod person_key;
mod signing;

use std::{fmt, path::Path, sync::Arc};

use aws_lc_rs::{hkdf, hmac};
use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use secrecy::{ExposeSecret as _, SecretBox, SecretSlice, zeroize::Zeroizing};

use crate::{digest, text::fold};

pub use aead::CannotOpen;
pub use files::KeysError;
pub use person_key::PersonKey;
pub(crate) use signing::SigningKey;

/// Fewer bytes than this are no root secret.
const SHORTEST_SECRET: usize = 32;

/// What a key is for. A key made for one purpose says nothing about that of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signs the cursors of lists.
    Cursor,
    /// Recognises the body that came with an idempotency key.
    IdempotencyBody,
    /// Seals the answer kept for an idempotency key (see [`Keys::seal_answer`]).
    IdempotencyAnswer,
    /// Finds a person by e-mail (see [`Keys::email_hash`]).
    EmailLookup,
    /// Derives the token that shows a guest their order.
    OrderToken,
    /// Derives the successor of a refresh token.
    RefreshSuccessor,
    /// Goes into a password before bcrypt.
    PasswordPepper,
    /// Wraps the keys of persons.
    PersonKey,
    /// Signs access tokens.
    AccessToken,
    /// Seals what belongs to the shop and to no person: invoice addresses, secrets of webhooks and of second factors.
    Shop,
}

impl Purpose {
    /// The label that the key is derived under. It must never change: what was made with a key would be lost with it.
    fn label(self) -> &'static [u8] {
        match self {
            Self::Cursor => b"cursor",
            Self::IdempotencyBody => b"idempotency body",
            Self::IdempotencyAnswer => b"idempotency answer",
            Self::EmailLookup => b"e-mail lookup",
            Self::OrderToken => b"order token",
            Self::RefreshSuccessor => b"refresh successor",
            Self::PasswordPepper => b"password pepper",
            Self::PersonKey => b"person key",
            Self::AccessToken => b"access token",
            Self::Shop => b"shop",
        }
    }
}

/// A secret of 256 bits.
type Key = SecretBox<[u8; 32]>;

/// The key ring. A clone shares its secrets.
#[derive(Clone)]
pub struct Keys {
    /// Oldest first, never empty, numbered from 1 without a gap.
    generations: Arc<[Generation]>,
}

/// One root secret, and what is derived from it.
pub(crate) struct Generation {
    number: u32,
    root: hkdf::Prk,
    signing: SigningKey,
}

impl Keys {
    /// The ring in `folder`; the folder and a first generation are made where there is none.
    ///
    /// Any number of processes may do this at once: they all end with the same ring.
    pub fn load_or_create(folder: &Path) -> Result<Self, KeysError> {
        files::create_first_generation(folder)?;
        Self::load(folder)
    }

    /// The ring in `folder`, which must be there: a production server that made its own keys where the real ones are
    /// not mounted would lock every customer out.
    pub fn load(folder: &Path) -> Result<Self, KeysError> {
        Ok(Self::from_roots(&files::read_generations(folder)?))
    }

    /// Adds a generation to the ring in `folder` and returns its number. Processes that run know it after a restart.
    pub fn add_generation(folder: &Path) -> Result<u32, KeysError> {
        files::add_generation(folder)
    }

    /// The ring in an environment variable: one root secret of at least 32 bytes in base64, or several with commas
    /// between them, oldest first. A secret keeps its place for ever, for its number stands on what it protects.
    pub fn from_secret(text: &str) -> Result<Self, KeysError> {
        let roots = text.split(',').map(|part| root_from_text(part.trim())).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::from_roots(&roots))
    }

    fn from_roots(roots: &[SecretSlice<u8>]) -> Self {
        Self {
            generations: (1..).zip(roots).map(|(number, root)| Generation::new(number, root.expose_secret())).collect(),
        }
    }

    /// HMAC-SHA-256 of `parts` under the newest key of `purpose`. Each part counts with its length, so that bytes
    /// cannot wander from one to the next.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        self.newest().mac(purpose, parts)
    }

    /// Whether `mac` is that of `parts` under the key of any generation, in constant time.
    pub fn is_mac(&self, purpose: Purpose, parts: &[&[u8]], mac: &[u8]) -> bool {
        self.macs(purpose, parts).any(|own| digest::equal(&own, mac))
    }

    /// The MACs of `parts` by all generations, newest first.
    pub(crate) fn macs(&self, purpose: Purpose, parts: &[&[u8]]) -> impl Iterator<Item = [u8; 32]> {
        self.generations.iter().rev().map(move |generation| generation.mac(purpose, parts))
    }

    /// What finds the owner of an e-mail address without the database telling addresses: 64 hexadecimal digits.
    ///
    /// The key is always that of the oldest generation. A look-up compares with what was stored years ago, so this key
    /// cannot change without writing all rows anew, and the first generation must therefore stay in the ring.
    pub fn email_hash(&self, email: &str) -> String {
        digest::hex(&self.generations[0].mac(Purpose::EmailLookup, &[fold(email).as_bytes()]))
    }

    /// Seals `plain` under the newest key of `purpose`, for this column of this record alone.
    pub fn seal(&self, purpose: Purpose, record: &str, column: &str, plain: &[u8]) -> Vec<u8> {
        let newest = self.newest();
        let place = aead::place(purpose.label(), record, column);
        aead::seal(&newest.key(purpose), newest.number, &place, plain)
    }

    /// Opens what [`Keys::seal`] made for the same purpose, record and column.
    pub fn open(&self, purpose: Purpose, record: &str, column: &str, sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let generation = self.generation_of(sealed)?;
        aead::open(&generation.key(purpose), &aead::place(purpose.label(), record, column), sealed)
    }

    /// Seals the answer kept for an idempotency key, so that neither the database nor the server's secrets alone open
    /// it: the key that the client sent is needed as well (of which the row holds a digest only).
    pub fn seal_answer(&self, idempotency_key: &str, record: &str, answer: &[u8]) -> Vec<u8> {
        let newest = self.newest();
        let place = aead::place(Purpose::IdempotencyAnswer.label(), record, "answer");
        aead::seal(&newest.answer_key(idempotency_key), newest.number, &place, answer)
    }

    /// Opens what [`Keys::seal_answer`] made for the same idempotency key and record.
    pub fn open_answer(&self, idempotency_key: &str, record: &str, sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let generation = self.generation_of(sealed)?;
        let place = aead::place(Purpose::IdempotencyAnswer.label(), record, "answer");
        aead::open(&generation.answer_key(idempotency_key), &place, sealed)
    }

    /// Whether the newest generation sealed this, or wrapped this person's key. What it did not is due to be sealed
    /// anew.
    pub fn is_under_newest(&self, sealed: &[u8]) -> bool {
        aead::key_id(sealed) == Ok(self.newest().number)
    }

    pub(crate) fn newest(&self) -> &Generation {
        &self.generations[self.generations.len() - 1]
    }

    pub(crate) fn generation(&self, number: u32) -> Option<&Generation> {
        self.generations.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    fn generation_of(&self, sealed: &[u8]) -> Result<&Generation, CannotOpen> {
        let number = aead::key_id(sealed)?;
        self.generation(number).ok_or(CannotOpen::UnknownKey(number))
    }

    pub(crate) fn generations(&self) -> &[Generation] {
        &self.generations
    }
}

impl Generation {
    fn new(number: u32, secret: &[u8]) -> Self {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"cartwright key ring 1").extract(secret);
        let signing = SigningKey::from_seed(&derive(&root, Purpose::AccessToken));
        Self { number, root, signing }
    }

    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.signing
    }

    pub(crate) fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.key(purpose), parts)
    }

    fn key(&self, purpose: Purpose) -> Key {
        derive(&self.root, purpose)
    }

    fn answer_key(&self, idempotency_key: &str) -> Key {
        let key = self.key(Purpose::IdempotencyAnswer);
        SecretBox::init_with(|| mac(&key, &[idempotency_key.as_bytes()]))
    }
}

/// Derivation costs two rounds of SHA-256, which is not worth keeping the keys for.
fn derive(root: &hkdf::Prk, purpose: Purpose) -> Key {
    SecretBox::init_with_mut(|key: &mut [u8; 32]| {
        #[expect(clippy::expect_used, reason = "HKDF fails only where the length asked for is not that of the output")]
        root.expand(&[purpose.label()], hkdf::HKDF_SHA256).and_then(|it| it.fill(key)).expect("32 bytes out of HKDF");
    })
}

fn mac(key: &Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret()));
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// Standard or URL-safe alphabet, with or without padding: all that the usual commands print.
fn root_from_text(text: &str) -> Result<SecretSlice<u8>, KeysError> {
    const BASE64: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let standard = Zeroizing::new(text.replace('-', "+").replace('_', "/"));
    let bytes = BASE64.decode(standard.as_bytes()).map_err(|_| KeysError::Secret("it is not base64"))?;
    let bytes = SecretSlice::from(bytes);
    if bytes.expose_secret().len() < SHORTEST_SECRET {
        return Err(KeysError::Secret("it is shorter than 32 bytes"));
    }
    // 32 random bytes hold about 30 different ones; fewer than 16 are a word written over and over.
    let mut seen = [false; 256];
    bytes.expose_secret().iter().for_each(|byte| seen[usize::from(*byte)] = true);
    if seen.iter().filter(|it| **it).count() < 16 {
        return Err(KeysError::Secret("it repeats itself, so it is not random"));
    }
    Ok(bytes)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill_random(&mut bytes);
    bytes
}

/// Fills `bytes` from the operating system's source of randomness.
#[expect(clippy::expect_used, reason = "without randomness nothing that follows would be a secret")]
pub(crate) fn fill_random(bytes: &mut [u8]) {
    aws_lc_rs::rand::fill(bytes).expect("the system's source of randomness");
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(***)")
    }
}

#[cfg(test)]
mod tests;
