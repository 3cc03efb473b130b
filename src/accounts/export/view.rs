//! How all that is held of a customer looks.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    accounts::admin::{notes::view::CustomerNote, view::AdminCustomer},
    address_book::SavedAddress,
    audit::view::AuditEntry,
    auth::session::KeptSession,
    carts::view::Cart,
    mail::KeptMail,
    orders::view::Order,
    time::UtcTime,
};

/// All that the shop holds of a customer. Lists begin with the oldest.
#[derive(Serialize, ToSchema)]
pub struct PersonalData {
    /// The moment whose state this is.
    pub exported_at: UtcTime,
    /// The account, as the staff see it.
    pub account: AdminCustomer,
    /// The address book.
    #[schema(max_items = 50)]
    pub addresses: Vec<SavedAddress>,
    /// Where the customer has logged in, sessions that have ended included.
    #[schema(max_items = 100_000)]
    pub sessions: Vec<KeptSession>,
    /// Carts that can still be bought.
    #[schema(max_items = 100_000)]
    pub carts: Vec<Cart>,
    /// Orders, those that were declined or given up included.
    #[schema(max_items = 100_000)]
    pub orders: Vec<Order>,
    /// Mails of the last days.
    #[schema(max_items = 100_000)]
    pub mails: Vec<KeptMail>,
    /// What the staff have written down.
    #[schema(max_items = 100_000)]
    pub notes: Vec<CustomerNote>,
    /// What concerned the security of the account.
    #[schema(max_items = 100_000)]
    pub audit_log: Vec<AuditEntry>,
}
