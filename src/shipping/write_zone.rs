//! Makes, changes and deletes a zone with its countries and options.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::{
    model::{NewOption, NewZone, Zone, ZoneOption},
    store::{self, OptionRow, ZoneRow},
};
use crate::{
    country::Country,
    db::{
        Conn,
        constraints::{Failure, classify},
        schema::{shipping_options, shipping_prices, shipping_zone_countries, shipping_zones},
    },
    error::{Code, Error, Result, Violation},
    http::etag::IfMatch,
    ids::{ShippingOptionId, ShippingZoneId},
    lock_rows,
    money::Currency,
    time::UtcTime,
};

/// What is to change of a zone; `None` stays. Countries and options are replaced as a whole.
#[derive(Clone)]
pub(super) struct ZoneChange {
    pub(super) name: Option<String>,
    pub(super) countries: Option<Vec<Country>>,
    pub(super) options: Option<Vec<NewOption>>,
}

/// Makes a zone. Prices may be in the `offered` currencies only.
///
/// # Errors
/// 422 with every violation, 409 `country_taken`.
pub fn create(conn: &mut Conn, new: &NewZone, offered: &[Currency], now: UtcTime) -> Result<Zone> {
    let NewZone { name, countries, options } = new;
    check(countries, options, &[], offered)?;
    let row = ZoneRow { id: ShippingZoneId::new(), name: name.clone(), version: 1, created_at: now, updated_at: now };
    diesel::insert_into(shipping_zones::table).values(&row).execute(conn)?;
    write_countries(conn, row.id, countries)?;
    write_options(conn, row.id, options, &[])?;
    store::find_zone(conn, row.id)?.ok_or_else(Error::not_found)
}

/// Changes a zone. A change to what it is already makes no new version.
///
/// # Errors
/// 404, 412 `stale_version`, 422 with every violation, 409 `country_taken`.
pub(super) fn change(
    conn: &mut Conn,
    id: ShippingZoneId,
    condition: &IfMatch,
    change: ZoneChange,
    offered: &[Currency],
    now: UtcTime,
) -> Result<Zone> {
    let before = lock(conn, id, condition)?;
    let ZoneChange { name, countries, options } = change;
    check(countries.as_deref().unwrap_or_default(), options.as_deref().unwrap_or_default(), &before.options, offered)?;
    if let Some(countries) = &countries {
        write_countries(conn, id, countries)?;
    }
    if let Some(options) = &options {
        write_options(conn, id, options, &before.options)?;
    }
    let mut after = store::find_zone(conn, id)?.ok_or_else(Error::not_found)?;
    after.name = name.unwrap_or(after.name);
    if after == before {
        return Ok(before);
    }
    after.version += 1;
    after.updated_at = now;
    diesel::update(shipping_zones::table.find(id).filter(shipping_zones::version.eq(before.version)))
        .set((
            shipping_zones::name.eq(&after.name),
            shipping_zones::version.eq(after.version),
            shipping_zones::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(after)
}

/// Deletes a zone. Carts that had chosen one of its options have none.
///
/// # Errors
/// 404, 412 `stale_version`.
pub(super) fn delete(conn: &mut Conn, id: ShippingZoneId, condition: &IfMatch) -> Result<()> {
    let before = lock(conn, id, condition)?;
    diesel::delete(shipping_zones::table.find(id).filter(shipping_zones::version.eq(before.version))).execute(conn)?;
    Ok(())
}

fn lock(conn: &mut Conn, id: ShippingZoneId, condition: &IfMatch) -> Result<Zone> {
    lock_rows!(conn, shipping_zones::table.find(id).select(shipping_zones::id))?;
    let zone = store::find_zone(conn, id)?.ok_or_else(Error::not_found)?;
    condition.require(zone.version)?;
    Ok(zone)
}

/// What the schema cannot say.
fn check(countries: &[Country], options: &[NewOption], own: &[ZoneOption], offered: &[Currency]) -> Result<()> {
    let mut violations = Vec::new();
    let mut seen = BTreeSet::new();
    for (place, country) in countries.iter().enumerate() {
        if !seen.insert(country) {
            let detail = "The country stands in the list already.";
            violations.push(Violation::at(format!("#/countries/{place}"), Code::Duplicate, detail));
        }
    }
    let mut ids = BTreeSet::new();
    for (place, option) in options.iter().enumerate() {
        let pointer = format!("#/options/{place}");
        if let Some(id) = option.id
            && !(own.iter().any(|it| it.id == id) && ids.insert(id))
        {
            let detail = "The zone has no such option, or it stands in the list already.";
            violations.push(Violation::at(format!("{pointer}/id"), Code::NotFound, detail));
        }
        violations.extend(check_option(option, &pointer, offered));
    }
    if violations.is_empty() { Ok(()) } else { Err(Error::invalid(violations)) }
}

fn check_option(option: &NewOption, pointer: &str, offered: &[Currency]) -> Vec<Violation> {
    let mut violations = Vec::new();
    if option.delivery_days.is_some_and(|it| it.max < it.min) {
        let detail = "`max` may not be less than `min`.";
        violations.push(Violation::at(format!("{pointer}/delivery_days/max"), Code::ReversedRange, detail));
    }
    let mut seen = BTreeSet::new();
    for (place, price) in option.prices.iter().enumerate() {
        let pointer = format!("{pointer}/prices/{place}");
        if !offered.contains(&price.currency) {
            let detail = "The shop does not sell in this currency.";
            violations.push(Violation::at(format!("{pointer}/currency"), Code::CurrencyNotOffered, detail));
        } else if !seen.insert(price.currency) {
            let detail = "There is a price in this currency already.";
            violations.push(Violation::at(format!("{pointer}/currency"), Code::Duplicate, detail));
        }
    }
    violations
}

/// Makes `countries` the zone's. They go in one by one, so that the one that lies in another zone can be named.
fn write_countries(conn: &mut Conn, zone_id: ShippingZoneId, countries: &[Country]) -> Result<()> {
    let own = shipping_zone_countries::table.filter(shipping_zone_countries::zone_id.eq(zone_id));
    diesel::delete(own).execute(conn)?;
    for (place, country) in countries.iter().enumerate() {
        let row = (shipping_zone_countries::country.eq(country), shipping_zone_countries::zone_id.eq(zone_id));
        diesel::insert_into(shipping_zone_countries::table).values(row).execute(conn).map_err(|error| {
            if matches!(classify(&error), Failure::Unique(_)) {
                let detail = "The country lies in another zone.";
                return Violation::at(format!("#/countries/{place}"), Code::CountryTaken, detail).into();
            }
            Error::from(error)
        })?;
    }
    Ok(())
}

/// Makes `options` the zone's: those with an id stay what they are, the others are new, and `own` ones that are not
/// among them go.
fn write_options(
    conn: &mut Conn,
    zone_id: ShippingZoneId,
    options: &[NewOption],
    own: &[ZoneOption],
) -> QueryResult<()> {
    let kept: Vec<ShippingOptionId> = options.iter().filter_map(|it| it.id).collect();
    let gone: Vec<ShippingOptionId> = own.iter().map(|it| it.id).filter(|id| !kept.contains(id)).collect();
    diesel::delete(shipping_options::table.filter(shipping_options::id.eq_any(gone))).execute(conn)?;
    for (position, option) in (0..).zip(options) {
        let NewOption { id, name, prices, delivery_days } = option;
        let row = OptionRow {
            id: id.unwrap_or_default(),
            zone_id,
            name: name.clone(),
            days_min: delivery_days.map(|it| it.min),
            days_max: delivery_days.map(|it| it.max),
            position,
        };
        if id.is_some() {
            update_option(conn, &row)?;
        } else {
            diesel::insert_into(shipping_options::table).values(&row).execute(conn)?;
        }
        for price in prices {
            let price_row = (
                shipping_prices::option_id.eq(row.id),
                shipping_prices::currency.eq(price.currency),
                shipping_prices::amount.eq(price.minor),
            );
            diesel::insert_into(shipping_prices::table).values(price_row).execute(conn)?;
        }
    }
    Ok(())
}

/// Sets an option's columns and takes its prices away, for the new ones to come.
fn update_option(conn: &mut Conn, row: &OptionRow) -> QueryResult<()> {
    let OptionRow { id, zone_id: _, name, days_min, days_max, position } = row;
    diesel::update(shipping_options::table.find(id))
        .set((
            shipping_options::name.eq(name),
            shipping_options::days_min.eq(days_min),
            shipping_options::days_max.eq(days_max),
            shipping_options::position.eq(position),
        ))
        .execute(conn)?;
    diesel::delete(shipping_prices::table.filter(shipping_prices::option_id.eq(id))).execute(conn)?;
    Ok(())
}
