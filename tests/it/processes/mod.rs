//! Servers that die in the middle, and those that come after them: nothing is lost, nothing happens twice.

#[cfg(feature = "faults")]
mod bulk;
#[cfg(feature = "faults")]
mod faults;
mod kills;
mod rotation;
mod secrecy;

use cartwright::{auth::rights::Role, keys::Keys, payments::sandbox::JournalKind};
use serde_json::Value;

use crate::support::{Backend, Buyer, Client, Premises, Product, ProductInShop, TestApp};

/// A shop that is closed, with ten mugs on the shelf and a buyer who wants two of them.
struct Scene {
    premises: Premises,
    buyer: Buyer,
    staff: Client,
    mug: ProductInShop,
}

impl Scene {
    fn set(backend: Backend) -> Self {
        let app = TestApp::start(backend);
        app.open_for_business();
        let mug = app.put(Product::named("Mug").with_stock(10));
        let (buyer, staff) = (app.buyer(&[(&mug, 2)]), app.staff(Role::Admin).clone());
        Self { premises: app.close(), buyer, staff, mug }
    }

    /// The shop's key ring.
    fn keys(&self) -> Keys {
        Keys::load(&self.premises.keys()).unwrap()
    }

    /// What the provider has done, in its order.
    fn deeds(&self) -> Vec<JournalKind> {
        self.premises.journal().into_iter().map(|it| it.kind).collect()
    }

    /// Mugs on the shelf, and those of them that are spoken for.
    fn stock(&self, base: &str) -> (Value, Value) {
        let path = format!("/api/v1/admin/inventory/{}", self.mug.variant_id);
        let stock = self.staff.at(base).get(&path).ok();
        (stock["on_hand"].clone(), stock["reserved"].clone())
    }
}
