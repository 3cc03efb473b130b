//! The demo shop: an invented shop that `--demo` puts into an empty database before it is served or filled, so that there
//! is something to buy, and somebody who can log in.
//!
//! It is made in one transaction by the same use cases that a shop's staff use, under fixed ids.

mod accounts;
mod goods;
mod settings;

use std::thread;

use diesel::prelude::*;

use crate::{
    accounts::register::register,
    db::{
        Conn,
        schema::{logins, products},
        state,
    },
    error::{Error, Result},
    ids::ProductId,
    media::MediaStorage,
    shop::Shop,
    staff,
};

pub use accounts::{Account, DemoAccounts};

/// Its row in `shop_state` says that the shop was made: two processes at once cannot both write it.
const MADE: &str = "demo_shop";

/// What [`make`] has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// The shop, with these log-ins.
    Now(DemoAccounts),
    /// Nothing: an earlier process, or one at the same time, has made it.
    Before,
    /// Nothing: there are other goods or people in the database.
    NotEmpty,
}

/// Makes the demo shop where the database is empty. Blocks for about half a second then.
///
/// # Errors
/// One sentence for the operator.
pub fn make(shop: &Shop, media: &MediaStorage) -> Result<Made, String> {
    let failed = |error: Error| format!("the demo shop cannot be made: {error}");
    if let Some(there) = shop.db.write_blocking(|conn| Ok(found(conn)?)).map_err(failed)? {
        return Ok(there);
    }
    let accounts = DemoAccounts::random();
    let (hashed, goods) = thread::scope(|scope| {
        // A password's hash takes as long as everything else together.
        let hashed = scope.spawn(|| accounts.hashed(shop));
        let goods = goods::read().and_then(|goods| goods.keep_images(media).map(|()| goods));
        (hashed.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), goods)
    });
    let (customer, admin) = hashed?;
    let goods = goods?;
    let settings = settings::read()?;
    let made = shop.db.write_blocking(|conn| {
        let now = shop.clock.now();
        // Another process may have taken it on; one that is about to is waited for.
        if !state::claim(conn, MADE, &now.to_string())? {
            return Ok(false);
        }
        settings.write(conn, shop, now)?;
        goods.write(conn, shop, now)?;
        register(conn, &shop.keys, &customer, now)?;
        staff::create::create(conn, &shop.keys, &admin, now)?;
        // Before the commit: there is no shop whose log-ins nobody knows.
        accounts.write(&shop.config.data_dir).map_err(Error::Internal)?;
        Ok(true)
    });
    Ok(if made.map_err(failed)? { Made::Now(accounts) } else { Made::Before })
}

/// Why there is nothing to do, if so.
fn found(conn: &mut Conn) -> QueryResult<Option<Made>> {
    if state::get(conn, MADE)?.is_some() {
        return Ok(Some(Made::Before));
    }
    let goods: Vec<ProductId> = products::table.select(products::id).limit(1).load(conn)?;
    let people: Vec<String> = logins::table.select(logins::email_hash).limit(1).load(conn)?;
    Ok((!goods.is_empty() || !people.is_empty()).then_some(Made::NotEmpty))
}
