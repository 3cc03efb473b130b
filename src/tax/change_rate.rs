//! Makes, changes and deletes a tax rate.

use diesel::{prelude::*, result::Error as DieselError};

use super::{
    model::{NewTaxRate, TaxRate},
    store,
};
use crate::{
    country::Country,
    db::{Conn, constraints::is_duplicate, schema::tax_rates},
    error::{Code, Error, Result, Violation},
    http::etag::IfMatch,
    ids::TaxRateId,
    lock_rows,
    pricing::Rate,
    time::UtcTime,
};

/// What is to change of a tax rate; `None` stays.
pub(super) struct TaxRateChange {
    pub(super) country: Option<Country>,
    pub(super) name: Option<String>,
    pub(super) rate: Option<Rate>,
}

/// Makes a tax rate.
///
/// # Errors
/// 409 `country_taken`.
pub fn create(conn: &mut Conn, new: NewTaxRate, now: UtcTime) -> Result<TaxRate> {
    let NewTaxRate { country, name, rate } = new;
    let row = TaxRate { id: TaxRateId::new(), country, name, rate, version: 1, created_at: now, updated_at: now };
    diesel::insert_into(tax_rates::table).values(&row).execute(conn).map_err(taken)?;
    Ok(row)
}

/// Changes a tax rate. A change to what it is already makes no new version.
///
/// # Errors
/// 404, 412 `stale_version`, 409 `country_taken`.
pub(super) fn change(
    conn: &mut Conn,
    id: TaxRateId,
    condition: &IfMatch,
    change: TaxRateChange,
    now: UtcTime,
) -> Result<TaxRate> {
    let before = lock(conn, id, condition)?;
    let TaxRateChange { country, name, rate } = change;
    let mut after = before.clone();
    after.country = country.unwrap_or(before.country);
    after.name = name.unwrap_or(after.name);
    after.rate = rate.unwrap_or(before.rate);
    if after == before {
        return Ok(before);
    }
    after.version += 1;
    after.updated_at = now;
    let changed = diesel::update(tax_rates::table.find(id).filter(tax_rates::version.eq(before.version)))
        .set((
            tax_rates::country.eq(after.country),
            tax_rates::name.eq(&after.name),
            tax_rates::rate.eq(after.rate),
            tax_rates::version.eq(after.version),
            tax_rates::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(taken)?;
    if changed == 1 { Ok(after) } else { Err(Error::not_found()) }
}

/// Deletes a tax rate.
///
/// # Errors
/// 404, 412 `stale_version`.
pub(super) fn delete(conn: &mut Conn, id: TaxRateId, condition: &IfMatch) -> Result<()> {
    let before = lock(conn, id, condition)?;
    diesel::delete(tax_rates::table.find(id).filter(tax_rates::version.eq(before.version))).execute(conn)?;
    Ok(())
}

fn lock(conn: &mut Conn, id: TaxRateId, condition: &IfMatch) -> Result<TaxRate> {
    lock_rows!(conn, tax_rates::table.find(id).select(tax_rates::id))?;
    let row = store::find(conn, id)?.ok_or_else(Error::not_found)?;
    condition.require(row.version)?;
    Ok(row)
}

fn taken(error: DieselError) -> Error {
    if is_duplicate(&error, "tax_rates.country") {
        return Violation::at("#/country", Code::CountryTaken, "The country has a tax rate already.").into();
    }
    error.into()
}
