//! What every feature works with: the database, the clock, the key ring and the settings.

use std::sync::Arc;

use crate::{config::Config, db::Db, keys::Keys, time::Clock};

/// The running shop's common parts. Cheap to clone.
#[derive(Clone)]
pub struct Shop {
    /// The database.
    pub db: Db,
    /// Where the time is read.
    pub clock: Clock,
    /// The key ring.
    pub keys: Keys,
    /// The settings.
    pub config: Arc<Config>,
}
