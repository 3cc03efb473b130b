//! Changes customers on the staff's word.

use super::{
    store,
    view::{AdminCustomer, Tag},
};
use crate::{
    accounts::store as accounts,
    audit::{Action, By},
    auth::{access_token::Subject, second_factor, session},
    db::Conn,
    error::{Code, Error, Result, Violation},
    http::etag::IfMatch,
    ids::{CustomerGroupId, CustomerId},
    mail::{self, Letter, MailKind, Recipient},
    patch::Patch,
    shop::Shop,
    time::UtcTime,
    vault,
};

/// What is to change of a customer.
#[derive(Clone)]
pub(super) struct CustomerChange {
    pub(super) external_id: Patch<String>,
    pub(super) name: Patch<String>,
    pub(super) disabled: Option<bool>,
    pub(super) tags: Option<Vec<Tag>>,
    pub(super) groups: Option<Vec<CustomerGroupId>>,
    pub(super) without_second_factor: bool,
}

/// Changes a customer. Who is disabled is out at once.
///
/// # Errors
/// 404, 412, 422 for groups that are not there, 409 `external_id_taken`.
pub(super) fn change(
    conn: &mut Conn,
    shop: &Shop,
    by: &By,
    id: CustomerId,
    condition: &IfMatch,
    change: CustomerChange,
    now: UtcTime,
) -> Result<AdminCustomer> {
    let before = accounts::lock(conn, id)?;
    condition.require(before.version)?;
    let CustomerChange { external_id, name, disabled, tags, groups, without_second_factor } = change;
    let mut row = before.clone();
    row.external_id = external_id.apply(row.external_id);
    if let Some(disabled) = disabled {
        row.disabled_at = disabled.then(|| row.disabled_at.unwrap_or(now));
    }
    let key = vault::open(conn, &shop.keys, id.as_str())?;
    let accounts::Person { email, name: known } = accounts::open_with(&key, &before)?;
    let wanted = name.apply(known.clone());
    let renamed = wanted != known;
    if renamed {
        row.name = wanted.map(|name| accounts::seal_name(&key, id, &name));
    }
    let tagged = replace_tags(conn, id, tags)?;
    let regrouped = replace_groups(conn, id, groups)?;
    let changed = renamed || tagged || regrouped || row.external_id != before.external_id;
    let switched = row.disabled_at.is_some() != before.disabled_at.is_some();
    if changed || switched {
        store::update(conn, &row, now)?;
    }
    if changed {
        by.record(conn, &shop.keys, id.as_str(), Action::CustomerChanged, now)?;
    }
    if switched {
        let action = if row.disabled_at.is_some() {
            session::end_all(conn, Subject::Customer(id), now)?;
            Action::CustomerDisabled
        } else {
            Action::CustomerEnabled
        };
        by.record(conn, &shop.keys, id.as_str(), action, now)?;
    }
    if without_second_factor && second_factor::turn_off(conn, id.as_str())? {
        let to = Recipient { owner: id.as_str(), email_hash: &row.email_hash };
        mail::post(conn, &shop.keys, MailKind::SecondFactorOff, to, &Letter::to(&email), now)?;
        by.record(conn, &shop.keys, id.as_str(), Action::SecondFactorTurnedOff, now)?;
    }
    let row = accounts::require(conn, id)?;
    store::view(conn, &shop.keys, row)
}

/// Whether the tags are others now.
fn replace_tags(conn: &mut Conn, id: CustomerId, wanted: Option<Vec<Tag>>) -> Result<bool> {
    let Some(wanted) = wanted else { return Ok(false) };
    let mut wanted: Vec<String> = wanted.into_iter().map(|Tag(text)| text).collect();
    wanted.sort();
    wanted.dedup();
    let differ = store::tags_of(conn, id)? != wanted;
    if differ {
        store::replace_tags(conn, id, &wanted)?;
    }
    Ok(differ)
}

/// Whether the groups are others now.
fn replace_groups(conn: &mut Conn, id: CustomerId, wanted: Option<Vec<CustomerGroupId>>) -> Result<bool> {
    let Some(mut wanted) = wanted else { return Ok(false) };
    let unknown = store::unknown_groups(conn, &wanted)?;
    if !unknown.is_empty() {
        let violation =
            |place| Violation::at(format!("#/group_ids/{place}"), Code::NotFound, "There is no such customer group.");
        return Err(Error::invalid(unknown.into_iter().map(violation).collect()));
    }
    wanted.sort();
    wanted.dedup();
    let differ = store::groups_of(conn, id)? != wanted;
    if differ {
        store::replace_groups(conn, id, &wanted)?;
    }
    Ok(differ)
}
