//! Seals sources anew after the key ring was rotated. What an entry says stays as it was.

use super::store::{self, SOURCE};
use crate::{
    db::Conn,
    error::Result,
    keys::{Keys, Purpose},
    vault::Sealed,
};

/// Seals anew, under the ring's newest generation, those of the next `limit` sources behind the entry `after` that
/// belong to no person and that another generation sealed.
///
/// # Errors
/// A database error. A source that cannot be opened stays as it is, and is counted.
pub fn seal_anew(conn: &mut Conn, keys: &Keys, after: &str, limit: i64) -> Result<Sealed> {
    let rows = store::load_sealed_for_nobody(conn, after, limit)?;
    let mut sealed = Sealed { last: rows.last().map(|(id, _)| id.to_string()), ..Sealed::default() };
    for (id, source) in rows.iter().filter(|(_, source)| !keys.is_under_newest(source)) {
        let Ok(plain) = keys.open(Purpose::Shop, id.as_str(), SOURCE, source) else {
            sealed.unreadable += 1;
            log::error!("the source of {id} cannot be opened");
            continue;
        };
        store::set_source(conn, *id, &keys.seal(Purpose::Shop, id.as_str(), SOURCE, &plain))?;
        sealed.anew += 1;
    }
    Ok(sealed)
}
