//! Sealing: AES-256-GCM (NIST SP 800-38D) with its key's id in front.
//!
//! Form 1: `1 | key id, 4 bytes | nonce, 12 bytes | ciphertext | tag, 16 bytes`. The nonce is random; one key then
//! serves for 2^32 texts (SP 800-38D, section 8.3), which the keys of a shop, let alone of a person, do not reach.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::ExposeSecret as _;

use super::{Key, random};

const FORM: u8 = 1;
const HEAD: usize = 1 + 4;

/// Sealed data does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannotOpen {
    /// It is not of a form that we ever wrote.
    Malformed,
    /// It names a key that is not in the ring, or is not this person's.
    UnknownKey(u32),
    /// It was changed, or sealed for another place.
    Refused,
}

/// Where sealed data belongs, as associated data: each part with its length in front.
pub(super) fn place(purpose: &[u8], record: &str, column: &str) -> Vec<u8> {
    let mut place = Vec::with_capacity(24 + purpose.len() + record.len() + column.len());
    for part in [purpose, record.as_bytes(), column.as_bytes()] {
        place.extend_from_slice(&(part.len() as u64).to_be_bytes());
        place.extend_from_slice(part);
    }
    place
}

pub(super) fn seal(key: &Key, key_id: u32, place: &[u8], plain: &[u8]) -> Vec<u8> {
    let nonce = random::<NONCE_LEN>();
    let mut sealed = Vec::with_capacity(HEAD + NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
    sealed.push(FORM);
    sealed.extend_from_slice(&key_id.to_be_bytes());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let (head, body) = sealed.split_at_mut(HEAD + NONCE_LEN);
    let aad = Aad::from([&head[..HEAD], place].concat());
    #[expect(clippy::expect_used, reason = "AES-GCM refuses only texts beyond 64 GiB")]
    let tag = cipher(key)
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, body)
        .expect("a text below 64 GiB");
    sealed.extend_from_slice(tag.as_ref());
    sealed
}

pub(super) fn open(key: &Key, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
    key_id(sealed)?;
    let (head, rest) = sealed.split_at(HEAD);
    let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or(CannotOpen::Malformed)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen::Malformed)?;
    let mut plain = body.to_vec();
    let length = cipher(key)
        .open_in_place(nonce, Aad::from([head, place].concat()), &mut plain)
        .map_err(|_| CannotOpen::Refused)?
        .len();
    plain.truncate(length);
    Ok(plain)
}

/// The id of the key that sealed this.
pub(super) fn key_id(sealed: &[u8]) -> Result<u32, CannotOpen> {
    match sealed {
        [FORM, a, b, c, d, ..] => Ok(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => Err(CannotOpen::Malformed),
    }
}

#[expect(clippy::expect_used, reason = "a Key has the length that AES-256 takes")]
fn cipher(key: &Key) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.expose_secret()).expect("a key of 32 bytes"))
}

impl fmt::Display for CannotOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("sealed data is not of a form that we write"),
            Self::UnknownKey(id) => write!(f, "sealed data names the key {id}, which is not here"),
            Self::Refused => f.write_str("sealed data was changed, or belongs to another place"),
        }
    }
}

impl std::error::Error for CannotOpen {}

impl From<CannotOpen> for crate::error::Error {
    fn from(error: CannotOpen) -> Self {
        Self::Internal(error.to_string())
    }
}
