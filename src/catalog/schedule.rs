//! Publishes and unpublishes products when their time has come.
//!
//! One writer moves the state, and all that shows products follows as it follows any change by the staff: kept answers,
//! the search index, other replicas. So nothing that reads needs to look at the clock.

use std::{pin::Pin, time::Duration};

use diesel::prelude::*;

use super::{
    edit_product::{self, Editing},
    model::ProductStatus,
};
use crate::{
    db::{Conn, schema::products},
    error::{Code, Error, Result},
    http::etag::IfMatch,
    ids::ProductId,
    shop::Shop,
    time::UtcTime,
};

/// How often it is looked: what is due appears so much later at most.
const POLL: Duration = Duration::from_millis(200);
/// After a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// Products that are changed before the others' turn comes.
const ROUND: i64 = 100;

/// Changes that are being made; they end with the time until it is looked again.
pub type Changes = Pin<Box<dyn Future<Output = Duration> + Send>>;

/// Looks for as long as the task lives. Any number of processes may do so. `together` makes changes, so that whoever
/// follows them is not seen to lag.
pub async fn run(shop: Shop, together: impl AsyncFn(Changes) -> Duration) {
    loop {
        let now = shop.clock.now();
        let pause = match shop.db.read(move |conn| Ok(due(conn, now)?)).await {
            Ok(ids) if ids.is_empty() => POLL,
            // Of a launch of many, nobody is to wait for the last.
            Ok(ids) if ids.len() as i64 == ROUND => change_all(shop.clone(), ids).await,
            Ok(ids) => together(Box::pin(change_all(shop.clone(), ids))).await,
            Err(error) => {
                log::warn!("what is to be published is not known: {error}");
                PAUSE
            }
        };
        tokio::time::sleep(pause).await;
    }
}

async fn change_all(shop: Shop, ids: Vec<ProductId>) -> Duration {
    // Where there was nothing to change, the same would be found again at once.
    let mut pause = POLL;
    let mut has_failed = false;
    for id in ids {
        let now = shop.clock.now();
        match shop.db.write(move |conn| publish_or_unpublish(conn, id, now)).await {
            Ok(true) => pause = Duration::ZERO,
            Ok(false) => {}
            Err(error) => {
                log::warn!("{id} is neither published nor unpublished: {error}");
                has_failed = true;
            }
        }
    }
    if has_failed { PAUSE } else { pause }
}

/// Products whose time has come. Asked for both times at once, SQLite looks through all products.
fn due(conn: &mut Conn, now: UtcTime) -> QueryResult<Vec<ProductId>> {
    let to_publish = products::table.filter(products::publish_at.le(now)).order(products::publish_at.asc());
    let mut due: Vec<ProductId> = to_publish.limit(ROUND).select(products::id).load(conn)?;
    let to_unpublish = products::table.filter(products::unpublish_at.le(now)).order(products::unpublish_at.asc());
    let others: Vec<ProductId> = to_unpublish.limit(ROUND).select(products::id).load(conn)?;
    due.extend(others);
    due.sort_unstable();
    due.dedup();
    due.truncate(usize::try_from(ROUND).unwrap_or_default());
    Ok(due)
}

/// Makes of a product what it is to be now; says whether it was something else. Where another process was faster, nothing
/// is left to do.
fn publish_or_unpublish(conn: &mut Conn, id: ProductId, now: UtcTime) -> Result<bool> {
    let mut editing = match edit_product::open(conn, id, &IfMatch::Any) {
        // It was deleted meanwhile.
        Err(Error::Problem(problem)) if problem.code == Code::NotFound => return Ok(false),
        opened => opened?,
    };
    let is_due = state_now(&mut editing, now);
    if is_due {
        edit_product::finish(conn, editing, now)?;
    }
    Ok(is_due)
}

/// Whether a time had come. Where both have, the later one says what the product is.
fn state_now(editing: &mut Editing, now: UtcTime) -> bool {
    let row = &mut editing.row;
    let publish = row.publish_at.take_if(|at| *at <= now);
    let unpublish = row.unpublish_at.take_if(|at| *at <= now);
    row.status = match publish.max(unpublish) {
        None => return false,
        latest if latest == unpublish => ProductStatus::Archived,
        _ => ProductStatus::Published,
    };
    true
}
