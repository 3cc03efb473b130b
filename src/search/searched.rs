//! What people search for: counted in memory, written down every few seconds.
//!
//! A search that is answered from what is kept costs one addition. Only the first of an interval stands in line for the
//! next writing, and the line is short: a flood of searches that nobody made before is counted in part, and never held in
//! memory or kept as a whole. Nor does it keep the others out: of a day that is full, the rarest make room.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use diesel::prelude::*;

use super::masked::masked;
use crate::{
    db::{Conn, Db, schema::search_counts},
    error::Result,
    http::answer::Counter,
    on_each_database,
    shop::Shop,
    time::UtcTime,
};

/// How often it is written down.
const EVERY: Duration = Duration::from_secs(5);
/// Searches that stand in line for the next writing.
const IN_LINE: usize = 5000;
/// Different searches that are kept of a day; what comes beyond them takes the place of the rarest.
const OF_A_DAY: i64 = 10_000;
/// How long they are kept.
const KEPT_FOR: TimeDelta = TimeDelta::days(90);

/// The searches that are not written down yet. Cheap to clone.
#[derive(Clone, Default)]
pub struct Searched(Arc<Parts>);

#[derive(Default)]
struct Parts {
    line: Mutex<Vec<Arc<Search>>>,
    /// What could not be written down the last time.
    left: Mutex<Tallies>,
}

/// A search whose answer may be given many times.
struct Search {
    query: String,
    results: i64,
    times: AtomicU64,
}

/// By query.
type Tallies = BTreeMap<String, Tally>;

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    searches: i64,
    without_results: i64,
    /// The last time.
    results: i64,
}

impl Tally {
    fn add(&mut self, later: Self) {
        self.searches += later.searches;
        self.without_results += later.without_results;
        self.results = later.results;
    }
}

impl Searched {
    /// Counts a search, and gives what counts it again whenever the same answer is given.
    pub fn count(&self, text: &str, results: usize) -> Option<Counter> {
        let results = i64::try_from(results).unwrap_or(i64::MAX);
        let search = Arc::new(Search { query: masked(text)?, results, times: AtomicU64::new(0) });
        let parts = self.0.clone();
        let counter = Counter::new(move || parts.count(&search));
        counter.count();
        Some(counter)
    }

    /// Writes down what was counted until now.
    ///
    /// # Errors
    /// Where the database fails; the next time writes it then.
    pub async fn save(&self, db: &Db, now: UtcTime) -> Result<()> {
        let tallies = Arc::new(self.take());
        if tallies.is_empty() {
            return Ok(());
        }
        let written = tallies.clone();
        let saved = db.write(move |conn| Ok(write(conn, &written, now)?)).await;
        if saved.is_err() {
            let mut left = self.0.left();
            for (query, tally) in tallies.iter().take(IN_LINE) {
                left.entry(query.clone()).or_default().add(*tally);
            }
        }
        saved
    }

    fn take(&self) -> Tallies {
        let mut tallies = std::mem::take(&mut *self.0.left());
        let line = std::mem::take(&mut *self.0.line());
        for search in line {
            let searches = i64::try_from(search.times.swap(0, Ordering::Relaxed)).unwrap_or(i64::MAX);
            let without_results = if search.results == 0 { searches } else { 0 };
            let tally = Tally { searches, without_results, results: search.results };
            tallies.entry(search.query.clone()).or_default().add(tally);
        }
        tallies
    }
}

impl Parts {
    /// Who counts after the last writing finds nothing counted, and gets in line.
    fn count(&self, search: &Arc<Search>) {
        if search.times.fetch_add(1, Ordering::Relaxed) > 0 {
            return;
        }
        let mut line = self.line();
        if line.len() < IN_LINE {
            line.push(search.clone());
        } else {
            search.times.store(0, Ordering::Relaxed);
        }
    }

    fn line(&self) -> MutexGuard<'_, Vec<Arc<Search>>> {
        // A panic between two statements leaves the line whole, and so below.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn left(&self) -> MutexGuard<'_, Tallies> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes for as long as the task lives.
pub async fn run(shop: Shop, searched: Searched) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = searched.save(&shop.db, shop.clock.now()).await {
            log::warn!("what was searched for is not written down: {error}");
        }
    }
}

/// The beginning of the day.
pub(super) fn day_of(at: UtcTime) -> UtcTime {
    let day = TimeDelta::days(1).num_microseconds().unwrap_or(1);
    UtcTime::from_micros(at.micros() - at.micros().rem_euclid(day))
}

/// Counts of a text on a day, and its weight.
type Row = (Tally, i64);

/// Adds to what is there, and makes room for what is new: where the day is full, the texts of the least weight go, and
/// each newcomer has its searches and the weight of the one that it replaces. So what is searched for again and again
/// stays, however many texts come once; and what comes once stays as long as it takes to replace all of that weight
/// (the space-saving algorithm of Metwally, Agrawal and El Abbadi, with counts of their own).
fn write(conn: &mut Conn, tallies: &Tallies, now: UtcTime) -> QueryResult<()> {
    let day = day_of(now);
    diesel::delete(search_counts::table.filter(search_counts::day.lt(day_of(now.plus(-KEPT_FOR))))).execute(conn)?;
    let of_day = || search_counts::table.filter(search_counts::day.eq(day));
    let asked: Vec<&String> = tallies.keys().collect();
    let there: Vec<String> =
        of_day().filter(search_counts::query.eq_any(asked)).select(search_counts::query).load(conn)?;
    let there: HashSet<String> = there.into_iter().collect();
    let mut new: Vec<(&String, Tally)> = tallies.iter().map(|(query, tally)| (query, *tally)).collect();
    new.retain(|(query, _)| !there.contains(*query));
    new.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.searches));
    new.truncate(usize::try_from(OF_A_DAY).unwrap_or(usize::MAX).saturating_sub(there.len()));
    let room = (OF_A_DAY - of_day().count().get_result::<i64>(conn)?).max(0);
    let too_many = i64::try_from(new.len()).unwrap_or(i64::MAX) - room;
    // What was searched for just now is none of the least.
    let least = of_day().filter(search_counts::query.ne_all(&there)).order(search_counts::weight.asc());
    let least: Vec<(String, i64)> =
        least.limit(too_many.max(0)).select((search_counts::query, search_counts::weight)).load(conn)?;

    // In the order of their texts, so that two processes never wait for each other.
    let mut rows: BTreeMap<&String, Option<Row>> = least.iter().map(|(query, _)| (query, None)).collect();
    rows.extend(there.iter().filter_map(|query| Some((query, Some((*tallies.get(query)?, 0))))));
    let weights = least.iter().map(|(_, weight)| *weight).chain(std::iter::repeat(0));
    rows.extend(new.into_iter().rev().zip(weights).map(|((query, tally), weight)| (query, Some((tally, weight)))));
    for (query, row) in rows {
        match row {
            Some((tally, weight)) => add(conn, day, query, tally, weight)?,
            None => drop(diesel::delete(search_counts::table.find((day, query))).execute(conn)?),
        }
    }
    Ok(())
}

/// Adds to a text's counts; it begins with the weight that it takes over.
fn add(conn: &mut Conn, day: UtcTime, query: &str, tally: Tally, taken_over: i64) -> QueryResult<()> {
    let Tally { searches, without_results, results } = tally;
    let row = (
        search_counts::day.eq(day),
        search_counts::query.eq(query),
        search_counts::searches.eq(searches),
        search_counts::without_results.eq(without_results),
        search_counts::results.eq(results),
        search_counts::weight.eq(taken_over.saturating_add(searches)),
    );
    let more = (
        search_counts::searches.eq(search_counts::searches + searches),
        search_counts::without_results.eq(search_counts::without_results + without_results),
        search_counts::results.eq(results),
        search_counts::weight.eq(search_counts::weight + searches),
    );
    on_each_database!(conn, conn => {
        diesel::insert_into(search_counts::table)
            .values(row)
            .on_conflict((search_counts::day, search_counts::query))
            .do_update()
            .set(more)
            .execute(conn)
    })
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_given_again_counts_and_stands_in_line_once() {
        let searched = Searched::default();
        let counter = searched.count("Oak  chair", 0).unwrap();
        counter.count();
        searched.count("oak chair", 7).unwrap();
        assert_eq!(searched.0.line().len(), 2);
        let tallies = searched.take();
        let Tally { searches, without_results, results } = tallies["oak chair"];
        assert_eq!((tallies.len(), searches, without_results, results), (1, 3, 2, 7));
        assert!(searched.take().is_empty());
        counter.count();
        assert_eq!(searched.take()["oak chair"].searches, 1, "it is counted after a writing, too");
    }

    #[test]
    fn a_flood_is_not_held_in_memory() {
        let searched = Searched::default();
        let counters: Vec<Counter> =
            (0..IN_LINE + 100).filter_map(|number| searched.count(&format!("mug {number}"), 1)).collect();
        assert_eq!(searched.take().len(), IN_LINE);
        counters.last().unwrap().count();
        assert_eq!(searched.take().len(), 1, "who found no place tries again");
    }

    #[test]
    fn nothing_is_lost_where_many_count_at_once() {
        let searched = Searched::default();
        let counter = searched.count("mug", 1).unwrap();
        let mut counted = 0;
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..10_000).for_each(|_| counter.count()))).collect();
            while !threads.iter().all(|it| it.is_finished()) {
                counted += searched.take().values().map(|it| it.searches).sum::<i64>();
            }
        });
        counted += searched.take().values().map(|it| it.searches).sum::<i64>();
        assert_eq!(counted, 40_001);
    }
}
