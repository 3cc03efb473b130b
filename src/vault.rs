//! The keys of persons: what is sealed with one can be read by nobody once the key is destroyed.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::{
    db::{Conn, schema::person_keys},
    error::{Error, Result},
    keys::{Keys, PersonKey},
    time::UtcTime,
};

/// What became of a batch that was to be sealed anew.
#[derive(Debug, Default)]
pub struct Sealed {
    /// The last id of the batch; `None` where there was nothing left.
    pub last: Option<String>,
    /// How many were sealed anew.
    pub anew: usize,
    /// How many could not be opened.
    pub unreadable: usize,
}

/// Makes the key of a new owner: a customer, a guest's cart, a guest's order.
///
/// # Errors
/// A database error, also where the owner has a key.
pub fn create(conn: &mut Conn, keys: &Keys, owner: &str, now: UtcTime) -> Result<PersonKey> {
    let key = PersonKey::generate();
    let row = (
        person_keys::owner_id.eq(owner),
        person_keys::wrapped.eq(key.wrap(keys, owner)),
        person_keys::created_at.eq(now),
    );
    diesel::insert_into(person_keys::table).values(row).execute(conn)?;
    Ok(key)
}

/// The owner's key.
///
/// # Errors
/// Where there is none, or it cannot be unwrapped.
pub fn open(conn: &mut Conn, keys: &Keys, owner: &str) -> Result<PersonKey> {
    find(conn, keys, owner)?.ok_or_else(|| Error::Internal(format!("{owner} has no key")))
}

/// The owner's key, unless it has been destroyed: the owner was erased.
///
/// # Errors
/// Where it cannot be unwrapped.
pub fn find(conn: &mut Conn, keys: &Keys, owner: &str) -> Result<Option<PersonKey>> {
    let wrapped: Option<Vec<u8>> =
        person_keys::table.find(owner).select(person_keys::wrapped).first(conn).optional()?;
    Ok(wrapped.map(|wrapped| keys.unwrap_person_key(&wrapped, owner)).transpose()?)
}

/// The keys of those of `owners` whose key has not been destroyed: one statement, however many there are.
///
/// # Errors
/// Where one cannot be unwrapped.
pub fn find_all(conn: &mut Conn, keys: &Keys, owners: &[&str]) -> Result<HashMap<String, PersonKey>> {
    let rows: Vec<(String, Vec<u8>)> = person_keys::table
        .filter(person_keys::owner_id.eq_any(owners))
        .select((person_keys::owner_id, person_keys::wrapped))
        .load(conn)?;
    let opened = rows.into_iter().map(|(owner, wrapped)| {
        let key = keys.unwrap_person_key(&wrapped, &owner)?;
        Ok((owner, key))
    });
    opened.collect()
}

/// Wraps anew, under the ring's newest generation, those of the next `limit` keys behind the owner `after` that another
/// generation wrapped. A key that is destroyed meanwhile stays so.
///
/// # Errors
/// A database error. A key that cannot be unwrapped stays as it is, and is counted.
pub fn wrap_anew(conn: &mut Conn, keys: &Keys, after: &str, limit: i64) -> Result<Sealed> {
    let rows: Vec<(String, Vec<u8>)> = person_keys::table
        .filter(person_keys::owner_id.gt(after))
        .order(person_keys::owner_id)
        .limit(limit)
        .select((person_keys::owner_id, person_keys::wrapped))
        .load(conn)?;
    let mut sealed = Sealed { last: rows.last().map(|(owner, _)| owner.clone()), ..Sealed::default() };
    for (owner, wrapped) in rows.iter().filter(|(_, wrapped)| !keys.is_under_newest(wrapped)) {
        let Ok(key) = keys.unwrap_person_key(wrapped, owner) else {
            sealed.unreadable += 1;
            log::error!("the key of {owner} cannot be unwrapped");
            continue;
        };
        let unchanged = person_keys::table.find(owner).filter(person_keys::wrapped.eq(wrapped));
        sealed.anew += diesel::update(unchanged).set(person_keys::wrapped.eq(key.wrap(keys, owner))).execute(conn)?;
    }
    Ok(sealed)
}

/// Destroys the owner's key, and with it all that was sealed with it.
///
/// # Errors
/// A database error.
pub fn destroy(conn: &mut Conn, owner: &str) -> QueryResult<()> {
    diesel::delete(person_keys::table.find(owner)).execute(conn).map(drop)
}

/// The text that was sealed in a column of a record.
///
/// # Errors
/// Where it cannot be opened or is no text.
pub fn open_text(key: &PersonKey, record: &str, column: &str, sealed: &[u8]) -> Result<String> {
    let plain = key.open(record, column, sealed)?;
    String::from_utf8(plain).map_err(|_| Error::Internal(format!("{record}: {column} holds no text")))
}

/// Seals a value as JSON in a column of a record.
pub fn seal_json<T: serde::Serialize>(key: &PersonKey, record: &str, column: &str, value: &T) -> Vec<u8> {
    // Our sealed types have string keys and plain values: they always have a JSON form.
    key.seal(record, column, &serde_json::to_vec(value).unwrap_or_default())
}

/// Opens what [`seal_json`] made.
///
/// # Errors
/// Where it cannot be opened or read.
pub fn open_json<T: serde::de::DeserializeOwned>(
    key: &PersonKey,
    record: &str,
    column: &str,
    sealed: &[u8],
) -> Result<T> {
    let plain = key.open(record, column, sealed)?;
    serde_json::from_slice(&plain)
        .map_err(|_| Error::Internal(format!("{record}: {column} does not hold what it should")))
}
