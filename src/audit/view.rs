//! How entries look from outside.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use super::{
    Action, Outcome,
    store::{self, EntryRow, SOURCE},
};
use crate::{
    auth::extract::Source,
    db::Conn,
    error::{Error, Result},
    ids::EntryId,
    keys::{Keys, PersonKey, Purpose},
    time::UtcTime,
    vault,
};

/// An entry of the audit log.
#[derive(Serialize, ToSchema)]
pub struct AuditEntry {
    /// Its id.
    id: EntryId,
    /// When it happened.
    occurred_at: UtcTime,
    /// Who did it: a customer, a member of the staff or an API key; null where nobody had shown who they are.
    #[schema(required, min_length = 1, max_length = 40, example = "staff_01kdxkk1a0f2ethrwsbq5wfaw2")]
    actor_id: Option<String>,
    /// What was done, or tried.
    action: Action,
    /// Whom or what it was done to.
    #[schema(required, min_length = 1, max_length = 40, example = "cust_01kdxkk1a0f2ethrwsbq5wfaw2")]
    subject_id: Option<String>,
    /// How it ended.
    outcome: Outcome,
    /// More of it.
    #[schema(value_type = AuditData)]
    data: BTreeMap<String, String>,
    /// From where it came; null where the person concerned has been erased.
    #[schema(required)]
    source: Option<Source>,
}

impl AuditEntry {
    /// `persons` are the keys of those whom entries are sealed for.
    pub(super) fn new(row: EntryRow, keys: &Keys, persons: &HashMap<String, PersonKey>) -> Result<Self> {
        let source = row.source.as_deref().map(|sealed| open(&row, sealed, keys, persons)).transpose()?.flatten();
        let EntryRow { id, actor_id, action, subject_id, outcome, data, sealed_for: _, source: _, occurred_at } = row;
        Ok(Self { id, occurred_at, actor_id, action, subject_id, outcome, data: data.into_inner(), source })
    }
}

fn open(row: &EntryRow, sealed: &[u8], keys: &Keys, persons: &HashMap<String, PersonKey>) -> Result<Option<Source>> {
    let Some(owner) = &row.sealed_for else {
        let plain = keys.open(Purpose::Shop, row.id.as_str(), SOURCE, sealed)?;
        return serde_json::from_slice(&plain).map_err(|_| Error::Internal(format!("{}: no source", row.id)));
    };
    persons.get(owner).map(|key| vault::open_json(key, row.id.as_str(), SOURCE, sealed)).transpose()
}

/// All that the log holds of a person, oldest first; of others who are in it, not from where they came.
///
/// # Errors
/// A database error, or an entry that cannot be opened.
pub fn all_of(conn: &mut Conn, keys: &Keys, person: &str) -> Result<Vec<AuditEntry>> {
    let own = vault::find_all(conn, keys, &[person])?;
    let rows = store::load_concerning(conn, person)?;
    rows.into_iter().map(|row| AuditEntry::new(row, keys, &own)).collect()
}

/// Ids and codes, by name.
pub struct AuditData;

impl PartialSchema for AuditData {
    fn schema() -> RefOr<Schema> {
        let text = |most| ObjectBuilder::new().schema_type(Type::String).max_length(Some(most));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("Ids and codes, by name."))
            .property_names(Some(text(64).build()))
            .additional_properties(Some(text(1000)))
            .max_properties(Some(20))
            .examples([serde_json::json!({"session_id": "sess_01kdxkk1a0f2ethrwsbq5wfaw2"})])
            .build()
            .into()
    }
}
impl ToSchema for AuditData {}
