//! The key of one person: what it sealed is gone when it is.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretBox, zeroize::Zeroizing};

use super::{CannotOpen, Key, Keys, Purpose, aead, fill_random};
use crate::digest;

const COLUMN: &str = "key";
const PLACE: &[u8] = b"person";

/// The data key of one person, or of one guest's cart or order.
///
/// It is random and stored nowhere but wrapped by the ring, so that erasing the wrapped key erases the person. It never
/// changes; when the ring's keys do, it is wrapped anew.
pub struct PersonKey {
    key: Key,
    /// Stands where the ring's number stands on other sealed data, and tells a wrong key from damaged data.
    id: u32,
}

impl PersonKey {
    /// A fresh key.
    pub fn generate() -> Self {
        Self::from_key(SecretBox::init_with_mut(|key: &mut [u8; 32]| fill_random(key)))
    }

    /// This key under the newest key of the ring, to be stored with its owner alone.
    pub fn wrap(&self, keys: &Keys, owner_id: &str) -> Vec<u8> {
        keys.seal(Purpose::PersonKey, owner_id, COLUMN, self.key.expose_secret())
    }

    /// Seals `plain` for this column of this record alone.
    pub fn seal(&self, record: &str, column: &str, plain: &[u8]) -> Vec<u8> {
        aead::seal(&self.key, self.id, &aead::place(PLACE, record, column), plain)
    }

    /// Opens what [`PersonKey::seal`] made for the same record and column.
    pub fn open(&self, record: &str, column: &str, sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        match aead::key_id(sealed)? {
            id if id == self.id => aead::open(&self.key, &aead::place(PLACE, record, column), sealed),
            other => Err(CannotOpen::UnknownKey(other)),
        }
    }

    fn from_key(key: Key) -> Self {
        let digest = digest::sha256(&Zeroizing::new([b"person key id".as_slice(), key.expose_secret()].concat()));
        let id = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        Self { key, id }
    }
}

impl Keys {
    /// Opens what [`PersonKey::wrap`] made for the same owner.
    pub fn unwrap_person_key(&self, wrapped: &[u8], owner_id: &str) -> Result<PersonKey, CannotOpen> {
        let plain = Zeroizing::new(self.open(Purpose::PersonKey, owner_id, COLUMN, wrapped)?);
        let key = SecretBox::try_init_with(|| plain.as_slice().try_into()).map_err(|_| CannotOpen::Malformed)?;
        Ok(PersonKey::from_key(key))
    }
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonKey(***)")
    }
}
