//! The rows of zones and their options.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{DeliveryDays, ShippingOption, Zone, ZoneOption};
use crate::{
    country::Country,
    db::{
        Conn,
        schema::{shipping_options, shipping_prices, shipping_zone_countries, shipping_zones},
    },
    error::Result,
    http::cursor::PageRequest,
    ids::{ShippingOptionId, ShippingZoneId},
    load_page_by,
    money::{Currency, Money},
    time::UtcTime,
};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = shipping_zones)]
pub(super) struct ZoneRow {
    pub(super) id: ShippingZoneId,
    pub(super) name: String,
    pub(super) version: i64,
    pub(super) created_at: UtcTime,
    pub(super) updated_at: UtcTime,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = shipping_options)]
pub(super) struct OptionRow {
    pub(super) id: ShippingOptionId,
    pub(super) zone_id: ShippingZoneId,
    pub(super) name: String,
    pub(super) days_min: Option<i32>,
    pub(super) days_max: Option<i32>,
    pub(super) position: i32,
}

impl OptionRow {
    fn delivery_days(&self) -> Option<DeliveryDays> {
        Some(DeliveryDays { min: self.days_min?, max: self.days_max? })
    }
}

/// The ways to ship to `country` (ISO 3166-1 alpha-2) that have a price in `currency`, in the order to show them.
///
/// # Errors
/// A database error.
pub fn options_for(conn: &mut Conn, country: &str, currency: Currency) -> QueryResult<Vec<ShippingOption>> {
    let offered: Vec<(OptionRow, i64)> = shipping_options::table
        .inner_join(shipping_prices::table)
        .inner_join(shipping_zone_countries::table.on(shipping_zone_countries::zone_id.eq(shipping_options::zone_id)))
        .filter(shipping_zone_countries::country.eq(country))
        .filter(shipping_prices::currency.eq(currency))
        .order((shipping_options::position.asc(), shipping_options::id.asc()))
        .select((OptionRow::as_select(), shipping_prices::amount))
        .load(conn)?;
    let option = |(row, amount): (OptionRow, i64)| ShippingOption {
        id: row.id,
        delivery_days: row.delivery_days(),
        name: row.name,
        price: Money::new(amount, currency),
    };
    Ok(offered.into_iter().map(option).collect())
}

/// One of [`options_for`], by its id.
///
/// # Errors
/// A database error.
pub fn find_option(
    conn: &mut Conn,
    id: ShippingOptionId,
    country: &str,
    currency: Currency,
) -> QueryResult<Option<ShippingOption>> {
    // A zone has a handful of options.
    Ok(options_for(conn, country, currency)?.into_iter().find(|it| it.id == id))
}

/// The countries that the shop ships to, by code: those of zones that have an option.
///
/// # Errors
/// A database error.
pub fn served_countries(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let has_option = shipping_options::table.filter(shipping_options::zone_id.eq(shipping_zone_countries::zone_id));
    shipping_zone_countries::table
        .filter(diesel::dsl::exists(has_option))
        .order(shipping_zone_countries::country.asc())
        .select(shipping_zone_countries::country)
        .load(conn)
}

pub(super) fn find_zone(conn: &mut Conn, id: ShippingZoneId) -> QueryResult<Option<Zone>> {
    let row = shipping_zones::table.find(id).select(ZoneRow::as_select()).first(conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    Ok(with_parts(conn, vec![row])?.pop())
}

/// A page in the order in which zones were made, which is that of their ids.
pub(super) fn load_page(conn: &mut Conn, rising: bool, page: &PageRequest<'_>) -> Result<Vec<Zone>> {
    let query = shipping_zones::table.select(ZoneRow::as_select()).into_boxed();
    let rows = load_page_by!(conn, query, shipping_zones::id => ShippingZoneId, rising, page)?;
    Ok(with_parts(conn, rows)?)
}

pub(super) fn count(conn: &mut Conn) -> QueryResult<i64> {
    shipping_zones::table.count().get_result(conn)
}

/// Zones with their countries and options: three queries, however many zones.
fn with_parts(conn: &mut Conn, rows: Vec<ZoneRow>) -> QueryResult<Vec<Zone>> {
    let ids: Vec<ShippingZoneId> = rows.iter().map(|it| it.id).collect();
    let countries: Vec<(ShippingZoneId, Country)> = shipping_zone_countries::table
        .filter(shipping_zone_countries::zone_id.eq_any(&ids))
        .order(shipping_zone_countries::country.asc())
        .select((shipping_zone_countries::zone_id, shipping_zone_countries::country))
        .load(conn)?;
    let options: Vec<OptionRow> = shipping_options::table
        .filter(shipping_options::zone_id.eq_any(&ids))
        .order((shipping_options::position.asc(), shipping_options::id.asc()))
        .select(OptionRow::as_select())
        .load(conn)?;
    let prices: Vec<(ShippingOptionId, Currency, i64)> = shipping_prices::table
        .inner_join(shipping_options::table)
        .filter(shipping_options::zone_id.eq_any(&ids))
        .order(shipping_prices::currency.asc())
        .select((shipping_prices::option_id, shipping_prices::currency, shipping_prices::amount))
        .load(conn)?;
    let mut prices_of: HashMap<ShippingOptionId, Vec<Money>> = HashMap::new();
    for (option_id, currency, amount) in prices {
        prices_of.entry(option_id).or_default().push(Money::new(amount, currency));
    }
    let mut zone_option = |row: &OptionRow| ZoneOption {
        id: row.id,
        name: row.name.clone(),
        prices: prices_of.remove(&row.id).unwrap_or_default(),
        delivery_days: row.delivery_days(),
    };
    let zone = |ZoneRow { id, name, version, created_at, updated_at }| Zone {
        countries: countries.iter().filter(|(zone_id, _)| *zone_id == id).map(|(_, country)| *country).collect(),
        options: options.iter().filter(|it| it.zone_id == id).map(&mut zone_option).collect(),
        id,
        name,
        version,
        created_at,
        updated_at,
    };
    Ok(rows.into_iter().map(zone).collect())
}
