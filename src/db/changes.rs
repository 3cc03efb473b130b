//! What of the catalogue has changed, in the order in which this process has learned of it.
//!
//! Who keeps an answer notes [`Changes::now`] before asking the database; the answer is good for as long as its
//! [`Scope`] has seen no later change. A transaction says by [`note`] what it changes. It is told once it has committed,
//! before its writer is answered; what other processes commit is told by who follows the event table.

use std::{
    cell::RefCell,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    sync::atomic::{AtomicU64, Ordering},
};

use crate::ids::ProductId;

/// A change of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A product, with its variants, prices, images and availability.
    Product(ProductId),
    /// A category or brand, which any product may show, or a collection, by which any list may be narrowed.
    Taxonomy,
    /// The search index finds something else than before.
    Index,
    /// It is not known what has changed.
    Anything,
}

/// What an answer shows of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One product, with the names of its categories and brand.
    Product(ProductId),
    /// Any number of products.
    Products,
    /// Products that the search index has found.
    Found,
    /// Categories, brands or collections alone.
    Taxonomy,
}

/// Products share this many places: a change of one may cost another's answer, which is then made anew.
const PLACES: usize = 4096;

/// When what has changed last, on a clock that counts changes.
pub struct Changes {
    clock: AtomicU64,
    products: Box<[AtomicU64]>,
    any_product: AtomicU64,
    taxonomy: AtomicU64,
    index: AtomicU64,
}

impl Changes {
    /// Nothing has changed yet.
    pub(crate) fn none() -> Self {
        let products = (0..PLACES).map(|_| AtomicU64::new(0)).collect();
        Self { clock: 0.into(), products, any_product: 0.into(), taxonomy: 0.into(), index: 0.into() }
    }

    /// The present moment.
    pub fn now(&self) -> u64 {
        self.clock.load(Ordering::SeqCst)
    }

    /// Whether what was read after the moment `since` still shows its scope as it is.
    pub fn have_spared(&self, scope: Scope, since: u64) -> bool {
        let latest = |clock: &AtomicU64| clock.load(Ordering::SeqCst);
        let of_scope = match scope {
            Scope::Product(id) => latest(self.place_of(id)),
            Scope::Products => latest(&self.any_product),
            Scope::Found => latest(&self.any_product).max(latest(&self.index)),
            Scope::Taxonomy => 0,
        };
        since >= of_scope.max(latest(&self.taxonomy))
    }

    /// Says that something has changed, when whoever reads from now on sees it so.
    pub fn tell(&self, change: Change) {
        let now = self.clock.fetch_add(1, Ordering::SeqCst) + 1;
        let set = |clock: &AtomicU64| clock.fetch_max(now, Ordering::SeqCst);
        match change {
            Change::Product(id) => {
                set(self.place_of(id));
                set(&self.any_product);
            }
            Change::Index => {
                set(&self.index);
            }
            Change::Taxonomy | Change::Anything => {
                set(&self.taxonomy);
            }
        }
    }

    /// Tells what `transaction` notes, once it is over. Whether it has committed may be unknown; told for nothing, a change
    /// costs an answer that is made anew.
    pub(super) fn told<T>(&self, transaction: impl FnOnce() -> T) -> T {
        let result = transaction();
        for change in NOTED.take() {
            self.tell(change);
        }
        result
    }

    fn place_of(&self, id: ProductId) -> &AtomicU64 {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(id);
        // The remainder is less than the number of places.
        &self.products[(hash % PLACES as u64) as usize]
    }
}

thread_local! {
    /// What the transaction on this thread changes: all of a transaction runs on one.
    static NOTED: RefCell<Vec<Change>> = const { RefCell::new(Vec::new()) };
}

/// Notes what the transaction on this thread changes.
pub fn note(change: Change) {
    NOTED.with_borrow_mut(|noted| {
        if !noted.contains(&change) {
            noted.push(change);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(product: ProductId) -> [Scope; 4] {
        [Scope::Product(product), Scope::Products, Scope::Found, Scope::Taxonomy]
    }

    /// Which scopes a change touches.
    fn touched(change: Change, product: ProductId) -> Vec<Scope> {
        let changes = Changes::none();
        let before = changes.now();
        changes.tell(change);
        assert!(all(product).iter().all(|it| changes.have_spared(*it, changes.now())), "what is read now is good");
        all(product).into_iter().filter(|it| !changes.have_spared(*it, before)).collect()
    }

    #[test]
    fn a_change_touches_what_shows_it_and_nothing_else() {
        let (product, other) = (ProductId::new(), ProductId::new());
        let itself = [Scope::Product(product), Scope::Products, Scope::Found];
        assert_eq!(touched(Change::Product(product), product), itself);
        assert_eq!(touched(Change::Index, product), [Scope::Found]);
        for change in [Change::Taxonomy, Change::Anything] {
            assert_eq!(touched(change, product), all(product));
        }
        let changes = Changes::none();
        changes.tell(Change::Product(product));
        let is_apart = !std::ptr::eq(changes.place_of(product), changes.place_of(other));
        assert_eq!(changes.have_spared(Scope::Product(other), 0), is_apart);
    }

    #[test]
    fn what_a_transaction_notes_is_told_when_it_is_over() {
        let (changes, product) = (Changes::none(), ProductId::new());
        let spared = || changes.have_spared(Scope::Product(product), 0);
        changes.told(|| {
            note(Change::Product(product));
            assert!(spared(), "nobody else sees it yet");
        });
        assert!(!spared());
        let told = changes.now();
        changes.told(|| ());
        assert_eq!(changes.now(), told, "it is told once");
    }
}
