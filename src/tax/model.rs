//! What a tax rate is.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{country::Country, db::schema::tax_rates, ids::TaxRateId, pricing::Rate, time::UtcTime};

/// The tax of a country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = tax_rates)]
pub struct TaxRate {
    /// Its id.
    pub id: TaxRateId,
    /// The country that goods are shipped to.
    pub country: Country,
    /// What shoppers read.
    #[schema(min_length = 1, max_length = 500, example = "VAT")]
    pub name: String,
    /// How much of the net price it is.
    pub rate: Rate,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 1)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

/// A tax rate to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTaxRate {
    /// The country that goods are shipped to.
    pub country: Country,
    /// What shoppers read.
    pub name: String,
    /// How much of the net price it is.
    pub rate: Rate,
}
