//! Makes, changes and deletes an address of a customer's book.

use super::{
    bodies::{ChangeAddress, CreateAddress},
    model::{AddressRow, Content, MOST_ADDRESSES},
    store,
    view::SavedAddress,
};
use crate::{
    address::{AddressInput, check_text},
    country::Country,
    db::Conn,
    error::{Code, Error, Result},
    http::etag::IfMatch,
    ids::{AddressId, CustomerId},
    keys::PersonKey,
    shop::Shop,
    time::UtcTime,
    vault,
};

/// Makes an address. The first one of a book is both defaults.
///
/// # Errors
/// 422 with every broken rule, 409 `too_many_addresses`.
pub(super) fn create(
    conn: &mut Conn,
    shop: &Shop,
    customer: CustomerId,
    new: CreateAddress,
    now: UtcTime,
) -> Result<SavedAddress> {
    let (default_shipping, default_billing) = (new.default_shipping, new.default_billing);
    let (label, input) = new.into_parts();
    let country = input.country;
    let content = checked(label, input)?;
    let key = begin(conn, shop, customer)?;
    let count = store::count(conn, customer)?;
    if count >= MOST_ADDRESSES {
        return Err(Error::problem(Code::TooManyAddresses, Code::TooManyAddresses.about()));
    }
    let is_first = count == 0;
    let id = AddressId::new();
    let row = AddressRow {
        id,
        customer_id: customer,
        country,
        content: content.seal(&key, id),
        default_shipping: is_first || default_shipping == Some(true),
        default_billing: is_first || default_billing == Some(true),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    store::take_defaults_from_others(conn, &row, now)?;
    store::insert(conn, &row)?;
    Ok(SavedAddress::new(&row, content))
}

/// Changes an address. A change to what it is already makes no new version.
///
/// # Errors
/// 404, 412 `stale_version`, 422 with every rule that the whole would break.
pub(super) fn change(
    conn: &mut Conn,
    shop: &Shop,
    customer: CustomerId,
    id: AddressId,
    condition: &IfMatch,
    change: ChangeAddress,
    now: UtcTime,
) -> Result<SavedAddress> {
    let key = begin(conn, shop, customer)?;
    let before = store::find_owned(conn, customer, id)?;
    condition.require(before.version)?;
    let present = before.open(&key)?;
    let default_shipping = change.default_shipping.unwrap_or(before.default_shipping);
    let default_billing = change.default_billing.unwrap_or(before.default_billing);
    let (label, input) = change.apply(present.clone(), before.country);
    let country: Country = input.country;
    let content = checked(label, input)?;
    let same_defaults = (default_shipping, default_billing) == (before.default_shipping, before.default_billing);
    if content == present && same_defaults {
        return Ok(SavedAddress::new(&before, content));
    }
    let after = AddressRow {
        country,
        content: content.seal(&key, id),
        default_shipping,
        default_billing,
        version: before.version + 1,
        updated_at: now,
        ..before
    };
    store::take_defaults_from_others(conn, &after, now)?;
    store::update(conn, &after)?;
    Ok(SavedAddress::new(&after, content))
}

/// Deletes an address. No other one becomes a default in its place.
///
/// # Errors
/// 404, 412 `stale_version`.
pub(super) fn delete(conn: &mut Conn, customer: CustomerId, id: AddressId, condition: &IfMatch) -> Result<()> {
    store::lock_book(conn, customer)?;
    let before = store::find_owned(conn, customer, id)?;
    condition.require(before.version)?;
    Ok(store::delete(conn, id)?)
}

/// Locks the book, and opens the customer's key. Who has been erased meanwhile has neither.
fn begin(conn: &mut Conn, shop: &Shop, customer: CustomerId) -> Result<PersonKey> {
    store::lock_book(conn, customer)?;
    vault::find(conn, &shop.keys, customer.as_str())?.ok_or_else(Error::not_found)
}

fn checked(label: Option<String>, input: AddressInput) -> Result<Content> {
    let of_label = label.as_deref().and_then(|it| check_text("#/label", it));
    match (of_label, input.check("#")) {
        (None, Ok(address)) => Ok(Content { label, address }),
        (of_label, checked) => {
            Err(Error::invalid(of_label.into_iter().chain(checked.err().into_iter().flatten()).collect()))
        }
    }
}
