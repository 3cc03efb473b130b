//! The key ring: every secret of the shop, derived from one root secret a generation.
//!
//! The newest generation seals, signs and derives; all of them open, verify and recognise, so that a key can be changed
//! while what it protected stays readable. Nothing here knows the database: callers store what they are given.
//!
//! A generation is known before it makes anything: [`HANDOVER`] lets every server that shares the ring read it first.

mod aead;
mod files;
mod person_key;
mod ring;
mod signing;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretBox, SecretSlice, zeroize::Zeroizing};

use crate::{
    digest,
    text::fold,
    time::{Clock, UtcTime},
};

pub use aead::CannotOpen;
pub use files::KeysError;
pub use person_key::PersonKey;
pub(crate) use ring::Generation;
pub(crate) use signing::SigningKey;

use ring::Ring;

/// How long a new generation is only known before it makes: many times [`EVERY`].
pub const HANDOVER: TimeDelta = TimeDelta::seconds(10);
/// How often a server looks for a new generation, and whether its time has come.
pub const EVERY: Duration = Duration::from_secs(1);
/// In front of the last secret of an environment variable: it is known, but does not make yet.
const NEXT: &str = "next:";
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

/// The key ring. A clone shares its secrets, and what [`Keys::look_again`] finds.
#[derive(Clone)]
pub struct Keys {
    ring: Arc<RwLock<Arc<Ring>>>,
    /// Where new generations may appear.
    folder: Option<Arc<PathBuf>>,
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
        let generations = files::read_generations(folder)?;
        Ok(Self::new(Ring::new(generations, Clock::default().now()), Some(folder)))
    }

    /// Adds a generation to the ring in `folder`, which makes from `from` on, and returns its number. Servers that run
    /// see it within a second or two, so `from` should be [`HANDOVER`] away.
    pub fn add_generation(folder: &Path, from: UtcTime) -> Result<u32, KeysError> {
        files::add_generation(folder, from)
    }

    /// The ring in an environment variable: one root secret of at least 32 bytes in base64, or several with commas
    /// between them, oldest first. A secret keeps its place for ever, for its number stands on what it protects.
    ///
    /// The last makes, or where it is written `next:<secret>` the one before it: so that all replicas can come to know a
    /// new secret before one of them uses it.
    pub fn from_secret(text: &str) -> Result<Self, KeysError> {
        let now = Clock::default().now();
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let last = parts.len() - 1;
        let generation = |(index, part): (usize, &&str)| {
            let waits = part.strip_prefix(NEXT).filter(|_| index == last && index > 0);
            let root = root_from_text(waits.unwrap_or(part))?;
            // When it took over is not known, only that it was before this.
            Ok(Generation::new(index, root.expose_secret(), waits.is_none().then_some(now)))
        };
        let generations = parts.iter().enumerate().map(generation).collect::<Result<_, _>>()?;
        Ok(Self::new(Ring::new(generations, now), None))
    }

    fn new(ring: Ring, folder: Option<&Path>) -> Self {
        Self { ring: Arc::new(RwLock::new(Arc::new(ring))), folder: folder.map(|folder| Arc::new(folder.to_owned())) }
    }

    /// Looks for generations that were added to the folder, and lets the one make whose time has come at `now`. Returns
    /// its number where it is another than before. A ring from the environment stays what it is.
    pub fn look_again(&self, now: UtcTime) -> Result<Option<u32>, KeysError> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let known = self.ring();
        let mut generations = known.generations.clone();
        files::read_added_generations(folder, &mut generations)?;
        let ring = Ring::new(generations, now);
        let made_by = (ring.newest().number() != known.newest().number()).then(|| ring.newest().number());
        if made_by.is_some() || ring.generations.len() != known.generations.len() {
            *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        }
        Ok(made_by)
    }

    /// Looks again for ever.
    pub async fn follow(self, clock: Clock) {
        let mut failed_before = false;
        loop {
            tokio::time::sleep(EVERY).await;
            // A few small files of a local folder, and those only when they are new.
            let found = self.look_again(clock.now());
            match &found {
                Ok(Some(number)) => log::info!("generation {number} of the key ring seals and signs from now on"),
                Ok(None) => {}
                Err(_) if failed_before => {}
                Err(error) => log::error!("the key ring is used as it was: {error}"),
            }
            failed_before = found.is_err();
        }
    }

    fn ring(&self) -> Arc<Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
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
        let ring = self.ring();
        (0..ring.generations.len()).rev().map(move |index| ring.generations[index].mac(purpose, parts))
    }

    /// What finds the owner of an e-mail address without the database telling addresses: 64 hexadecimal digits.
    ///
    /// The key is always that of the oldest generation. A look-up compares with what was stored years ago, so this key
    /// cannot change without writing all rows anew, and the first generation must therefore stay in the ring.
    pub fn email_hash(&self, email: &str) -> String {
        digest::hex(&self.ring().generations[0].mac(Purpose::EmailLookup, &[fold(email).as_bytes()]))
    }

    /// Seals `plain` under the newest key of `purpose`, for this column of this record alone.
    pub fn seal(&self, purpose: Purpose, record: &str, column: &str, plain: &[u8]) -> Vec<u8> {
        let newest = self.newest();
        let place = aead::place(purpose.label(), record, column);
        aead::seal(&newest.key(purpose), newest.number(), &place, plain)
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
        aead::seal(&newest.answer_key(idempotency_key), newest.number(), &place, answer)
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
        aead::key_id(sealed) == Ok(self.newest_number())
    }

    /// The generation that makes.
    pub(crate) fn newest(&self) -> Arc<Generation> {
        self.ring().newest().clone()
    }

    /// The number of the generation that makes.
    pub fn newest_number(&self) -> u32 {
        self.newest().number()
    }

    pub(crate) fn generation(&self, number: u32) -> Option<Arc<Generation>> {
        self.ring().generations.get(usize::try_from(number).ok()?.checked_sub(1)?).cloned()
    }

    fn generation_of(&self, sealed: &[u8]) -> Result<Arc<Generation>, CannotOpen> {
        let number = aead::key_id(sealed)?;
        self.generation(number).ok_or(CannotOpen::UnknownKey(number))
    }

    /// The generations that may have made, `within` before `now`, what is shown now, newest first: those that make or
    /// wait to, and those that were replaced no longer ago.
    pub(crate) fn living(&self, now: UtcTime, within: TimeDelta) -> Vec<Arc<Generation>> {
        self.ring().living(now, within)
    }
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
