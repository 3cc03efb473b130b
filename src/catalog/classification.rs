//! How the shop sorts its products: its categories, and what it filters them by. Nearly every answer of the catalogue
//! needs it, and it seldom changes: it is kept at hand until it does.

use std::sync::{Arc, Mutex, PoisonError};

use diesel::QueryResult;

use super::{filterable::Filterable, tree::CategoryTree};
use crate::db::{
    Conn,
    changes::{Changes, Scope},
};

/// Categories and filterable attributes.
pub struct Classification {
    /// All categories.
    pub tree: CategoryTree,
    /// All filterable attributes.
    pub filterable: Filterable,
}

impl Classification {
    fn load(conn: &mut Conn) -> QueryResult<Self> {
        Ok(Self { tree: CategoryTree::load(conn)?, filterable: Filterable::load(conn)? })
    }
}

/// The classification as this process has last seen it. Cheap to clone.
#[derive(Clone, Default)]
pub struct AtHand(Arc<Mutex<Option<Seen>>>);

/// What was read after a moment of [`Changes`].
#[derive(Clone)]
struct Seen {
    classification: Arc<Classification>,
    since: u64,
}

/// The classification for one transaction, which begins after this was made.
pub struct Wanted {
    at_hand: AtHand,
    found: Option<Arc<Classification>>,
    since: u64,
}

impl AtHand {
    /// To be asked before the transaction begins: what it may then read is no older than the present moment.
    pub fn wanted(&self, changes: &Changes) -> Wanted {
        let since = changes.now();
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let found = seen.filter(|it| changes.have_spared(Scope::Taxonomy, it.since)).map(|it| it.classification);
        Wanted { at_hand: self.clone(), found, since }
    }
}

impl Wanted {
    /// The classification, read from the database where what is at hand is not good any more.
    ///
    /// # Errors
    /// A database error.
    pub fn get(self, conn: &mut Conn) -> QueryResult<Arc<Classification>> {
        if let Some(found) = self.found {
            return Ok(found);
        }
        let classification = Arc::new(Classification::load(conn)?);
        let mut seen = self.at_hand.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.as_ref().is_none_or(|it| it.since <= self.since) {
            *seen = Some(Seen { classification: classification.clone(), since: self.since });
        }
        Ok(classification)
    }
}
