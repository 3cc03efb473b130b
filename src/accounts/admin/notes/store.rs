//! Notes in the database, and what is sealed in their rows.

use diesel::prelude::*;

use super::view::CustomerNote;
use crate::{
    db::{Conn, schema::customer_notes},
    error::{Error, Result},
    http::{cursor::PageRequest, etag::IfMatch},
    ids::{CustomerId, NoteId},
    keys::{Keys, PersonKey},
    load_page_by,
    time::UtcTime,
    vault,
};

/// The column that is sealed, by its name.
const CONTENT: &str = "content";

/// A note.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = customer_notes)]
pub(super) struct NoteRow {
    pub(super) id: NoteId,
    customer_id: CustomerId,
    author_id: String,
    content: Vec<u8>,
    version: i64,
    created_at: UtcTime,
    updated_at: UtcTime,
}

/// A page of the customer's notes, newest first.
pub(super) fn load_page(conn: &mut Conn, of: CustomerId, page: &PageRequest<'_>) -> Result<Vec<NoteRow>> {
    let own = customer_notes::table.filter(customer_notes::customer_id.eq(of));
    let query = own.select(NoteRow::as_select()).into_boxed();
    Ok(load_page_by!(conn, query, customer_notes::id => NoteId, false, page)?)
}

/// All notes on the customer, oldest first.
pub(in crate::accounts) fn all_of(conn: &mut Conn, keys: &Keys, of: CustomerId) -> Result<Vec<CustomerNote>> {
    let own = customer_notes::table.filter(customer_notes::customer_id.eq(of)).order(customer_notes::id);
    let rows = own.select(NoteRow::as_select()).load(conn)?;
    views(conn, keys, of, rows)
}

pub(super) fn count(conn: &mut Conn, of: CustomerId) -> QueryResult<i64> {
    customer_notes::table.filter(customer_notes::customer_id.eq(of)).count().get_result(conn)
}

/// How the customer's notes look.
pub(super) fn views(conn: &mut Conn, keys: &Keys, of: CustomerId, rows: Vec<NoteRow>) -> Result<Vec<CustomerNote>> {
    let key = vault::open(conn, keys, of.as_str())?;
    rows.into_iter().map(|row| view(&key, row)).collect()
}

fn view(key: &PersonKey, row: NoteRow) -> Result<CustomerNote> {
    let NoteRow { id, customer_id, author_id, content, version, created_at, updated_at } = row;
    let text = vault::open_text(key, id.as_str(), CONTENT, &content)?;
    Ok(CustomerNote { id, customer_id, author_id, text, version, created_at, updated_at })
}

/// The customer's note of this id.
pub(super) fn find(conn: &mut Conn, keys: &Keys, of: CustomerId, id: NoteId) -> Result<CustomerNote> {
    let own = customer_notes::table.find(id).filter(customer_notes::customer_id.eq(of));
    let row = own.select(NoteRow::as_select()).first(conn).optional()?.ok_or_else(Error::not_found)?;
    let key = vault::open(conn, keys, of.as_str())?;
    view(&key, row)
}

/// Writes a note down. The customer's row is locked by the caller, so that nobody erases them meanwhile.
pub(super) fn insert(
    conn: &mut Conn,
    keys: &Keys,
    of: CustomerId,
    author: &str,
    text: &str,
    now: UtcTime,
) -> Result<CustomerNote> {
    let id = NoteId::new();
    let key = vault::open(conn, keys, of.as_str())?;
    let row = NoteRow {
        id,
        customer_id: of,
        author_id: author.to_owned(),
        content: key.seal(id.as_str(), CONTENT, text.as_bytes()),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    diesel::insert_into(customer_notes::table).values(&row).execute(conn)?;
    view(&key, row)
}

/// Puts other words in the place of the note's.
pub(super) fn rewrite(
    conn: &mut Conn,
    keys: &Keys,
    (of, id): (CustomerId, NoteId),
    condition: &IfMatch,
    text: Option<&str>,
    now: UtcTime,
) -> Result<CustomerNote> {
    let note = find(conn, keys, of, id)?;
    condition.require(note.version)?;
    let Some(text) = text.filter(|it| *it != note.text) else { return Ok(note) };
    let key = vault::open(conn, keys, of.as_str())?;
    let changed = (
        customer_notes::content.eq(key.seal(id.as_str(), CONTENT, text.as_bytes())),
        customer_notes::version.eq(note.version + 1),
        customer_notes::updated_at.eq(now),
    );
    diesel::update(customer_notes::table.find(id)).set(changed).execute(conn)?;
    find(conn, keys, of, id)
}

pub(super) fn delete(conn: &mut Conn, keys: &Keys, (of, id): (CustomerId, NoteId), condition: &IfMatch) -> Result<()> {
    condition.require(find(conn, keys, of, id)?.version)?;
    Ok(diesel::delete(customer_notes::table.find(id)).execute(conn).map(drop)?)
}
