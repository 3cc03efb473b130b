//! Fills a shop with made-up products, as many as one likes: to try it out at the size that it will have.
//!
//! The n-th product is the same in every shop. Its words come from short lists, the earlier ones more often than the
//! later, as words do in a real catalogue.

mod chance;
mod product;
mod words;

use std::{collections::HashMap, thread, time::Duration};

use clap::Args;
use diesel::prelude::*;

use self::product::{Made, Placed};
use crate::{
    catalog::{
        create_product::create_product,
        draft::Terms,
        find_or_create::{brand_named, category_at},
    },
    db::{Conn, schema::products},
    error::Result,
    ids::{BrandId, CategoryId},
    shop::Shop,
};

/// Products of one transaction.
const BATCH: u64 = 500;
/// Between two batches others get the connection that writes; who gives it back and asks at once has it again.
const COURTESY: Duration = Duration::from_millis(2);
/// What external ids of made-up products begin with; nine digits follow.
const PREFIX: &str = "seed-";

/// Arguments of `seed`.
#[derive(Debug, Clone, Args)]
pub struct SeedArguments {
    /// How many products to add
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub products: u64,
}

/// Adds made-up products behind those that an earlier run has added.
///
/// # Errors
/// Why it could not go on; the batches before stay.
pub fn run(shop: &Shop, arguments: &SeedArguments) -> std::result::Result<(), String> {
    let told = |error: crate::error::Error| error.to_string();
    let first = shop.db.write_blocking(|conn| Ok(last_number(conn)?)).map_err(told)? + 1;
    let end = first + arguments.products;
    let mut places = Places::default();
    for start in (first..end).step_by(BATCH as usize) {
        let batch = start..end.min(start + BATCH);
        let written = shop.db.write_blocking(|conn| {
            // A batch that is tried again starts with the places that are surely there.
            let mut found = places.clone();
            batch.clone().try_for_each(|number| write(conn, shop, &mut found, number))?;
            Ok(found)
        });
        places = written.map_err(told)?;
        thread::sleep(COURTESY);
        let done = batch.end - first;
        if done.is_multiple_of(20 * BATCH) {
            log::info!("{done} of {} products", arguments.products);
        }
    }
    Ok(())
}

/// The number of the last made-up product, or 0.
fn last_number(conn: &mut Conn) -> QueryResult<u64> {
    let made_up = products::table.filter(products::external_id.ge(PREFIX).and(products::external_id.lt("seed.")));
    let last: Option<Option<String>> =
        made_up.order(products::external_id.desc()).select(products::external_id).first(conn).optional()?;
    let digits = last.flatten().and_then(|it| it.strip_prefix(PREFIX).and_then(|digits| digits.parse().ok()));
    Ok(digits.unwrap_or(0))
}

/// Brands and categories that are there already.
#[derive(Default, Clone)]
struct Places {
    brands: HashMap<String, BrandId>,
    categories: HashMap<&'static [&'static str], CategoryId>,
}

fn write(conn: &mut Conn, shop: &Shop, places: &mut Places, number: u64) -> Result<()> {
    let now = shop.clock.now();
    let made = Made::nth(number);
    let brand_id = match places.brands.get(&made.brand) {
        Some(id) => *id,
        None => *places.brands.entry(made.brand.clone()).or_insert(brand_named(conn, &made.brand, now)?),
    };
    let category_id = match places.categories.get(made.kind.path) {
        Some(id) => Some(*id),
        None => {
            let path: Vec<String> = made.kind.path.iter().map(|&it| it.to_owned()).collect();
            let id = category_at(conn, &path, now)?;
            places.categories.extend(id.map(|id| (made.kind.path, id)));
            id
        }
    };
    let placed = Placed { external_id: format!("{PREFIX}{number:09}"), brand_id, category_id };
    let new = made.into_new(placed, &shop.config.store.currencies);
    create_product(conn, &new, Terms::of(&shop.config), now).map(drop)
}
