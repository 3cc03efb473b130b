//! Erases a person: nothing of them can be read afterwards, in the database or in a copy of it made later.

use super::{admin, store};
use crate::{
    address_book,
    auth::{access_token::Subject, logins, second_factor, session},
    carts,
    db::Conn,
    error::Result,
    http::{etag::IfMatch, idempotency},
    ids::CustomerId,
    mail, orders,
    time::UtcTime,
    vault,
};

/// Erases the customer. Their orders stay in the books, under an id that has no name any more.
///
/// # Errors
/// 412 where the account is not the version that `condition` names, 404 where it is gone.
pub fn erase(conn: &mut Conn, id: CustomerId, condition: &IfMatch, now: UtcTime) -> Result<()> {
    let row = store::lock(conn, id)?;
    condition.require(row.version)?;
    logins::remove(conn, Subject::Customer(id))?;
    session::end_all(conn, Subject::Customer(id), now)?;
    second_factor::turn_off(conn, id.as_str())?;
    carts::forget::forget_customer(conn, id)?;
    address_book::forget_customer(conn, id)?;
    mail::forget_address(conn, &row.email_hash)?;
    mail::forget_owner(conn, id.as_str())?;
    admin::forget_customer(conn, id)?;
    orders::forget::forget_buyer(conn, id)?;
    idempotency::forget_customer(conn, id)?;
    vault::destroy(conn, id.as_str())?;
    store::bury(conn, id, now)?;
    Ok(())
}
