//! What the shop says of attributes and options by their key: how they are called, of which kind they are, and whether
//! products are filtered by them.

use diesel::{prelude::*, result::Error as DieselError};
use serde_json::{Value, json};

use super::{collections::named, filterable, model::Attributes};
use crate::{
    db::{Conn, constraints::is_duplicate, dialect, schema::attribute_definitions as definitions},
    error::{Code, Error, Result, Violation, member},
    events::{EventType, record},
    http::etag::IfMatch,
    ids::AttributeId,
    lock_rows,
    patch::Patch,
    text_enum,
    time::UtcTime,
};

/// The most definitions of a shop: they stand on one page.
pub const DEFINITIONS: i64 = 500;

text_enum! {
    /// What values an attribute has.
    AttributeKind {
        /// A text.
        Text = "text",
        /// A number, in the attribute's unit.
        Number = "number",
        /// A truth.
        Boolean = "boolean",
        /// Several texts.
        List = "list",
    }
}

/// A definition.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = definitions, treat_none_as_default_value = false)]
#[allow(missing_docs, reason = "the columns are described where they are shown")]
pub struct Definition {
    pub id: AttributeId,
    pub key: String,
    pub label: String,
    pub kind: AttributeKind,
    pub unit: Option<String>,
    pub filterable: bool,
    pub position: i32,
    pub version: i64,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

/// A definition to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in the definition")]
pub struct NewDefinition {
    pub key: String,
    pub label: String,
    pub kind: AttributeKind,
    pub unit: Option<String>,
    pub filterable: bool,
    pub position: i32,
}

/// What is to change of a definition; what is `None` or absent stays. Key and kind are what it is known by, and stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "as in the definition")]
pub struct DefinitionChange {
    pub label: Option<String>,
    pub unit: Patch<String>,
    pub filterable: Option<bool>,
    pub position: Option<i32>,
}

/// All definitions, in the order to show them.
///
/// # Errors
/// A database error.
pub fn load_all(conn: &mut Conn) -> QueryResult<Vec<Definition>> {
    let ordered = definitions::table.order((definitions::position.asc(), definitions::key.asc()));
    ordered.select(Definition::as_select()).load(conn)
}

/// Which of a product's attributes are not of the kind that the shop says. A list may be a single text.
///
/// # Errors
/// A database error.
pub(super) fn check_kinds(conn: &mut Conn, attributes: &Attributes) -> QueryResult<Vec<Violation>> {
    if attributes.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<&String> = attributes.keys().collect();
    let kinds = definitions::table.filter(definitions::key.eq_any(keys)).order(definitions::key.asc());
    let kinds: Vec<(String, AttributeKind)> = kinds.select((definitions::key, definitions::kind)).load(conn)?;
    let unfit = kinds.into_iter().filter_map(|(key, kind)| {
        let fits = matches!(
            (kind, attributes.get(&key)?),
            (AttributeKind::Text | AttributeKind::List, Value::String(_))
                | (AttributeKind::List, Value::Array(_))
                | (AttributeKind::Number, Value::Number(_))
                | (AttributeKind::Boolean, Value::Bool(_))
        );
        let detail = format!("The shop says that this attribute is a {}.", kind.as_str());
        let violation = Violation::at(member("#/attributes", &key), Code::InvalidType, detail);
        (!fits).then(|| violation.param("kind", kind.as_str()))
    });
    Ok(unfit.collect())
}

/// What another system says of a product, by the kinds of this shop: a number of there is a text where the shop has texts.
///
/// # Errors
/// A database error.
pub fn adopted(conn: &mut Conn, attributes: &Attributes) -> QueryResult<Attributes> {
    let mut adopted = attributes.clone();
    let numbers: Vec<&String> = attributes.iter().filter(|(_, value)| value.is_number()).map(|(key, _)| key).collect();
    if numbers.is_empty() {
        return Ok(adopted);
    }
    let texts = definitions::table.filter(definitions::key.eq_any(numbers));
    let texts = texts.filter(definitions::kind.eq(AttributeKind::Text)).select(definitions::key);
    for key in texts.load::<String>(conn)? {
        adopted.entry(key).and_modify(|value| *value = value.to_string().into());
    }
    Ok(adopted)
}

/// Only numbers have a unit.
fn check_unit(kind: AttributeKind, unit: Option<&str>) -> Result<()> {
    if unit.is_none() || kind == AttributeKind::Number {
        return Ok(());
    }
    let detail = format!("The attribute is a {}: only numbers have a unit.", kind.as_str());
    Err(Violation::at("#/unit", Code::InvalidValue, detail).into())
}

/// One definition.
///
/// # Errors
/// A database error.
pub fn find(conn: &mut Conn, id: AttributeId) -> QueryResult<Option<Definition>> {
    definitions::table.find(id).select(Definition::as_select()).first(conn).optional()
}

/// Makes a definition.
///
/// # Errors
/// 422 for a unit of what is no number, 409 `name_taken` where the key has one, `conflict` where the shop has as many as it
/// may.
pub fn create(conn: &mut Conn, new: &NewDefinition, now: UtcTime) -> Result<Definition> {
    check_unit(new.kind, new.unit.as_deref())?;
    dialect::lock_definitions(conn)?;
    if definitions::table.count().get_result::<i64>(conn)? >= DEFINITIONS {
        return Err(Error::problem(Code::Conflict, "The shop has as many attribute definitions as it may."));
    }
    create_as(conn, AttributeId::new(), new, now)
}

/// Makes a definition under an id that is known before.
///
/// # Errors
/// 409 `name_taken` where the key has one.
pub fn create_as(conn: &mut Conn, id: AttributeId, new: &NewDefinition, now: UtcTime) -> Result<Definition> {
    let NewDefinition { key, label, kind, unit, filterable, position } = new.clone();
    let version = 1;
    let row =
        Definition { id, key, label, kind, unit, filterable, position, version, created_at: now, updated_at: now };
    diesel::insert_into(definitions::table).values(&row).execute(conn).map_err(taken)?;
    if filterable {
        filterable::replace_all(conn, &row.key)?;
    }
    record(conn, now, EventType::AttributeCreated, id.as_str(), row.version, refiltered(filterable))?;
    Ok(row)
}

fn taken(error: DieselError) -> Error {
    if is_duplicate(&error, "attribute_definitions.key") {
        return Violation::at("#/key", Code::NameTaken, "The key has a definition already.").into();
    }
    error.into()
}

/// Changes a definition. A change to what it is already makes no new version.
///
/// # Errors
/// 404, 412 `stale_version`, 422 for a unit of what is no number, 409 `in_use` where products are to be filtered no more
/// by what rules of collections name.
pub fn change(
    conn: &mut Conn,
    id: AttributeId,
    condition: &IfMatch,
    change: DefinitionChange,
    now: UtcTime,
) -> Result<Definition> {
    let before = lock(conn, id, condition)?;
    let DefinitionChange { label, unit, filterable, position } = change;
    let mut after = before.clone();
    after.label = label.unwrap_or(after.label);
    after.unit = unit.apply(after.unit.take());
    after.filterable = filterable.unwrap_or(after.filterable);
    after.position = position.unwrap_or(after.position);
    if after == before {
        return Ok(before);
    }
    // One that stands there already may stay: it was not always refused.
    if after.unit != before.unit {
        check_unit(after.kind, after.unit.as_deref())?;
    }
    if before.filterable && !after.filterable {
        named::spare_attribute(conn, &before.key)?;
    }
    after.version += 1;
    after.updated_at = now;
    diesel::update(definitions::table.find(id).filter(definitions::version.eq(before.version)))
        .set((
            definitions::label.eq(&after.label),
            definitions::unit.eq(&after.unit),
            definitions::filterable.eq(after.filterable),
            definitions::position.eq(after.position),
            definitions::version.eq(after.version),
            definitions::updated_at.eq(now),
        ))
        .execute(conn)?;
    if after.filterable != before.filterable {
        filterable::replace_all(conn, &after.key)?;
    }
    let data = refiltered(after.filterable != before.filterable);
    record(conn, now, EventType::AttributeUpdated, id.as_str(), after.version, data)?;
    Ok(after)
}

/// Deletes a definition. What products say under its key stays, and is filtered by no more.
///
/// # Errors
/// 404, 412 `stale_version`, 409 `in_use` while rules of collections name it.
pub fn delete(conn: &mut Conn, id: AttributeId, condition: &IfMatch, now: UtcTime) -> Result<()> {
    let before = lock(conn, id, condition)?;
    named::spare_attribute(conn, &before.key)?;
    diesel::delete(definitions::table.find(id).filter(definitions::version.eq(before.version))).execute(conn)?;
    filterable::replace_all(conn, &before.key)?;
    let data = refiltered(before.filterable);
    Ok(record(conn, now, EventType::AttributeDeleted, id.as_str(), before.version + 1, data)?)
}

/// What the event of a change holds: whether products are filtered by something else since.
fn refiltered(refiltered: bool) -> Value {
    json!({"refiltered": refiltered})
}

fn lock(conn: &mut Conn, id: AttributeId, condition: &IfMatch) -> Result<Definition> {
    dialect::lock_definitions(conn)?;
    lock_rows!(conn, definitions::table.find(id).select(definitions::id))?;
    let row = find(conn, id)?.ok_or_else(Error::not_found)?;
    condition.require(row.version)?;
    Ok(row)
}
