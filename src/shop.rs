//! What every feature works with: the database, the clock, the key ring and the settings.

use std::sync::Arc;

use crate::{
    config::Config,
    db::Db,
    error::{Code, Result, Violation},
    keys::Keys,
    money::Currency,
    time::Clock,
};

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

impl Shop {
    /// The currency asked for by the parameter `currency`, or the default.
    ///
    /// # Errors
    /// 400 `currency_not_offered`.
    pub fn chosen_currency(&self, asked: Option<&str>) -> Result<Currency> {
        let store = &self.config.store;
        let Some(text) = asked else { return Ok(store.default_currency()) };
        let offered = text.parse().ok().filter(|currency| store.currencies.contains(currency));
        offered.ok_or_else(|| {
            Violation::in_parameter("currency", Code::CurrencyNotOffered, "The shop does not sell in this currency.")
                .into()
        })
    }
}
