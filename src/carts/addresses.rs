//! The addresses that a change gives a cart: written out, or by an id of the customer's address book.

use super::model::CartRow;
use crate::{
    address::{Address, AddressInput},
    address_book,
    db::Conn,
    error::{Code, Result, Violation},
    ids::AddressId,
    patch::Patch,
    shop::Shop,
};

/// What a change says of one of a cart's addresses.
pub(super) struct GivenAddress {
    /// The cart's member.
    pub(super) name: &'static str,
    /// Written out.
    pub(super) written: Patch<AddressInput>,
    /// One of the customer's address book.
    pub(super) id: Patch<AddressId>,
}

impl GivenAddress {
    /// The address, with every rule that it breaks put to the `violations`. What is null gives way to what is not, so that a
    /// client may always send both members.
    pub(super) fn resolve(
        self,
        conn: &mut Conn,
        shop: &Shop,
        cart: &CartRow,
        violations: &mut Vec<Violation>,
    ) -> Result<Patch<Address>> {
        let Self { name, written, id } = self;
        Ok(match (written, id) {
            (Patch::Value(_), Patch::Value(_)) => {
                violations.push(exclusive(&format!("#/{name}_id")));
                Patch::Absent
            }
            (Patch::Value(input), _) => match input.check(&format!("#/{name}")) {
                Ok(address) => Patch::Value(address),
                Err(broken) => {
                    violations.extend(broken);
                    Patch::Absent
                }
            },
            (_, Patch::Value(id)) => match find(conn, shop, cart, id)? {
                Some(address) => Patch::Value(address),
                None => {
                    let detail = "The customer's address book has no such address.";
                    violations.push(Violation::at(format!("#/{name}_id"), Code::NotFound, detail));
                    Patch::Absent
                }
            },
            (Patch::Null, _) | (_, Patch::Null) => Patch::Null,
            (Patch::Absent, Patch::Absent) => Patch::Absent,
        })
    }

    /// Whether it is neither absent nor null.
    pub(super) fn is_given(&self) -> bool {
        matches!(self.written, Patch::Value(_)) || matches!(self.id, Patch::Value(_))
    }
}

/// A guest has no address book.
fn find(conn: &mut Conn, shop: &Shop, cart: &CartRow, id: AddressId) -> Result<Option<Address>> {
    let Some(customer) = cart.customer_id else { return Ok(None) };
    address_book::find_address(conn, shop, customer, id)
}

/// The violation of a member that says again what another one has said.
pub(super) fn exclusive(pointer: &str) -> Violation {
    Violation::at(pointer, Code::MutuallyExclusive, "Another member says this already.")
}
