//! Where the demo shop ships to and what it taxes: `demo/settings.json`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    country::Country,
    db::Conn,
    error::Result,
    money::{Currency, Money},
    pricing::Rate,
    shipping::{self, DeliveryDays, NewOption, NewZone},
    shop::Shop,
    tax::{self, NewTaxRate},
    time::UtcTime,
};

const SETTINGS: &str = include_str!("../../demo/settings.json");

/// Zones and rates.
#[derive(Deserialize)]
pub(super) struct Settings {
    zones: Vec<Zone>,
    tax_rates: Vec<TaxRate>,
}

#[derive(Deserialize)]
struct Zone {
    name: String,
    countries: Vec<Country>,
    options: Vec<ShippingOption>,
}

#[derive(Deserialize)]
struct ShippingOption {
    name: String,
    prices: BTreeMap<Currency, i64>,
    days: (i32, i32),
}

#[derive(Deserialize)]
struct TaxRate {
    country: Country,
    name: String,
    rate: Rate,
}

pub(super) fn read() -> Result<Settings, String> {
    serde_json::from_str(SETTINGS).map_err(|error| format!("demo/settings.json: {error}"))
}

impl Settings {
    /// Writes them, prices in the currencies that the shop offers.
    pub(super) fn write(&self, conn: &mut Conn, shop: &Shop, now: UtcTime) -> Result<()> {
        let offered = &shop.config.store.currencies;
        for Zone { name, countries, options } in &self.zones {
            let options = options.iter().map(|ShippingOption { name, prices, days: (min, max) }| {
                let prices = prices.iter().filter(|(currency, _)| offered.contains(currency));
                NewOption {
                    id: None,
                    name: name.clone(),
                    prices: prices.map(|(currency, amount)| Money::new(*amount, *currency)).collect(),
                    delivery_days: Some(DeliveryDays { min: *min, max: *max }),
                }
            });
            let zone = NewZone { name: name.clone(), countries: countries.clone(), options: options.collect() };
            shipping::create_zone(conn, &zone, offered, now)?;
        }
        for TaxRate { country, name, rate } in &self.tax_rates {
            let new = NewTaxRate { country: *country, name: name.clone(), rate: *rate };
            tax::create_rate(conn, new, now)?;
        }
        Ok(())
    }
}
