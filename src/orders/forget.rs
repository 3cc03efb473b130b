//! Forgets who bought, and keeps what was bought: the books need the one and not the other.

use diesel::prelude::*;

use super::model::{OrderContact, OrderRow};
use crate::{
    address::Address,
    db::{Conn, schema::orders},
    email::Email,
    error::{Error, Result},
    ids::CustomerId,
};

/// In the place of a name, a street and a city.
const ERASED: &str = "(erased)";
/// Nobody's address: the domain is reserved to lead nowhere (RFC 6761, section 6.4).
const NOBODY: &str = "erased@erased.invalid";

/// The customer's orders are no longer found by their e-mail address. What is sealed in them went with their key.
///
/// # Errors
/// A database error.
pub fn forget_buyer(conn: &mut Conn, id: CustomerId) -> QueryResult<()> {
    let own = orders::table.filter(orders::customer_id.eq(id));
    diesel::update(own).set(orders::email_hash.eq(ERASED)).execute(conn).map(drop)
}

/// What an order knows of a buyer who was erased: country, region and postal code, which taxes and reports need.
///
/// # Errors
/// Never.
pub(super) fn erased_contact(row: &OrderRow) -> Result<OrderContact> {
    let email: Email = NOBODY.parse().map_err(|_| Error::Internal(format!("{NOBODY} is no address")))?;
    let address = Address {
        name: ERASED.to_owned(),
        company: None,
        line1: ERASED.to_owned(),
        line2: None,
        city: ERASED.to_owned(),
        region: row.region.clone(),
        postal_code: row.postal_code.clone(),
        country: row.country.clone(),
        phone: None,
    };
    Ok(OrderContact { email, shipping_address: address.clone(), billing_address: address, note: None })
}
