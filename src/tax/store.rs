//! The rows of tax rates.

use diesel::prelude::*;

use super::model::TaxRate;
use crate::{
    db::{Conn, schema::tax_rates},
    error::Result,
    http::cursor::PageRequest,
    ids::TaxRateId,
    load_page_by,
    pricing::TaxRule,
};

/// The tax on what is shipped to `country` (ISO 3166-1 alpha-2), if there is any.
///
/// # Errors
/// A database error.
pub fn rate_for(conn: &mut Conn, country: &str) -> QueryResult<Option<TaxRule>> {
    let found = tax_rates::table
        .filter(tax_rates::country.eq(country))
        .select((tax_rates::name, tax_rates::rate))
        .first(conn)
        .optional()?;
    Ok(found.map(|(name, rate)| TaxRule { name, rate }))
}

pub(super) fn find(conn: &mut Conn, id: TaxRateId) -> QueryResult<Option<TaxRate>> {
    tax_rates::table.find(id).select(TaxRate::as_select()).first(conn).optional()
}

/// A page by country; of the one country alone where one is given.
pub(super) fn load_page(
    conn: &mut Conn,
    country: Option<&str>,
    rising: bool,
    page: &PageRequest<'_>,
) -> Result<Vec<TaxRate>> {
    let mut query = tax_rates::table.select(TaxRate::as_select()).into_boxed();
    if let Some(country) = country {
        query = query.filter(tax_rates::country.eq(country.to_owned()));
    }
    Ok(load_page_by!(conn, query, tax_rates::country => String, rising, page)?)
}

pub(super) fn count(conn: &mut Conn, country: Option<&str>) -> QueryResult<i64> {
    let mut query = tax_rates::table.count().into_boxed();
    if let Some(country) = country {
        query = query.filter(tax_rates::country.eq(country.to_owned()));
    }
    query.get_result(conn)
}
