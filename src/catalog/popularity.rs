//! How well products sell: units that were paid for, of which half are forgotten every 30 days.
//!
//! The score is kept in thousandths of a unit, as of a day. What lists and searches go by is the *rank*: the score's
//! binary logarithm, to which each day adds as much as the score loses by it. So the ranks of two products compare as
//! their scores do, whenever either was last counted, and a rank changes only when something is sold. It is shown once an
//! hour at most, so that a product in demand is not indexed anew for each sale.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::json;

use crate::{
    db::{
        Conn,
        schema::{product_popularity as popularity, products},
    },
    events::{EventType, record},
    ids::ProductId,
    on_each_database,
    time::UtcTime,
};

/// Days in which half of a score is forgotten.
const HALF_LIFE: i64 = 30;
/// What a day leaves of a score, in billionths: 2^(-1/30).
const A_DAY_LEAVES: i128 = 977_159_968;
/// Of the score, in a unit.
const UNIT: i64 = 1000;
/// Of the rank, in a doubling of the score.
pub const DOUBLING: i64 = 1_000_000;
/// Bits behind the point of a logarithm.
const BITS: u32 = 20;
/// A product shows a new rank after this time.
const SHOWN_EVERY: TimeDelta = TimeDelta::hours(1);
/// Products whose ranks are shown in one transaction.
const AT_ONCE: i64 = 500;

/// Units of a product that were paid for on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale {
    /// The product.
    pub product_id: ProductId,
    /// How many.
    pub units: i64,
    /// When.
    pub at: UtcTime,
}

/// A score, as of a day counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Score {
    thousandths: i64,
    day: i64,
}

impl Score {
    /// With what was sold on a day, before or after its own.
    fn with(self, units: i64, day: i64) -> Self {
        let day_of_both = self.day.max(day);
        let sold = Self { thousandths: units.saturating_mul(UNIT), day };
        let left = |it: Self| left_after(it.thousandths, day_of_both - it.day);
        Self { thousandths: left(self).saturating_add(left(sold)), day: day_of_both }
    }

    fn rank(self) -> i64 {
        log2(self.thousandths.max(1)) + self.day * DOUBLING / HALF_LIFE
    }
}

/// What so many days leave of a score.
fn left_after(score: i64, days: i64) -> i64 {
    // Behind 63 half-lives nothing is left of any score.
    let halves = (days / HALF_LIFE).clamp(0, 63);
    let mut left = i128::from(score >> halves);
    for _ in 0..days % HALF_LIFE {
        left = left * A_DAY_LEAVES / 1_000_000_000;
    }
    // It has only become less.
    i64::try_from(left).unwrap_or(score)
}

/// The binary logarithm of a positive number, in parts of [`DOUBLING`], bit by bit (Knuth, The Art of Computer
/// Programming, section 1.2.2, exercise 25).
fn log2(number: i64) -> i64 {
    let number = number.unsigned_abs().max(1);
    let whole = number.ilog2();
    // Between 1 and 2, with 62 bits behind the point.
    let mut rest = u128::from(number) << (62 - whole);
    let mut fraction: i64 = 0;
    for _ in 0..BITS {
        rest = (rest * rest) >> 62;
        fraction <<= 1;
        if rest >= 1 << 63 {
            rest >>= 1;
            fraction |= 1;
        }
    }
    i64::from(whole) * DOUBLING + ((fraction * DOUBLING) >> BITS)
}

fn day_of(at: UtcTime) -> i64 {
    at.seconds().div_euclid(24 * 60 * 60)
}

/// Counts sales. The caller makes sure that nobody else does so meanwhile. A product that is gone is passed over.
///
/// # Errors
/// A database error.
pub fn count(conn: &mut Conn, sales: &[Sale]) -> QueryResult<()> {
    let ids: Vec<ProductId> = sales.iter().map(|it| it.product_id).collect();
    let there: Vec<ProductId> = products::table.filter(products::id.eq_any(&ids)).select(products::id).load(conn)?;
    let known: Vec<(ProductId, i64, i64)> = popularity::table
        .filter(popularity::product_id.eq_any(&ids))
        .select((popularity::product_id, popularity::score, popularity::day))
        .load(conn)?;
    let known: HashMap<ProductId, Score> =
        known.into_iter().map(|(id, thousandths, day)| (id, Score { thousandths, day })).collect();
    // By id, so that rows are always locked in one order.
    let mut scores: BTreeMap<ProductId, Score> = BTreeMap::new();
    for Sale { product_id, units, at } in sales.iter().filter(|it| there.contains(&it.product_id)) {
        let day = day_of(*at);
        let before = scores.get(product_id).or(known.get(product_id)).copied();
        let score = before.unwrap_or(Score { thousandths: 0, day }).with(*units, day);
        scores.insert(*product_id, score);
    }
    for (id, Score { thousandths, day }) in scores {
        let told = (popularity::score.eq(thousandths), popularity::day.eq(day), popularity::is_due.eq(true));
        let row = (popularity::product_id.eq(id), told);
        on_each_database!(conn, conn => {
            diesel::insert_into(popularity::table)
                .values(row)
                .on_conflict(popularity::product_id)
                .do_update()
                .set(told)
                .execute(conn)
        })?;
    }
    Ok(())
}

/// The condition of what is to be shown.
macro_rules! due {
    ($now:expr) => {
        popularity::is_due
            .eq(true)
            .and(popularity::shown_at.is_null().or(popularity::shown_at.le($now.plus(-SHOWN_EVERY))))
    };
}

/// Shows the ranks of some products that have sold since theirs was shown, an hour ago or longer. As with [`count`],
/// nobody else does so meanwhile.
///
/// # Errors
/// A database error.
pub fn show(conn: &mut Conn, now: UtcTime) -> QueryResult<()> {
    let due: Vec<(ProductId, i64, i64)> = popularity::table
        .filter(due!(now))
        .order(popularity::product_id.asc())
        .limit(AT_ONCE)
        .select((popularity::product_id, popularity::score, popularity::day))
        .load(conn)?;
    for &(id, thousandths, day) in &due {
        let shown = (
            popularity::rank.eq(Score { thousandths, day }.rank()),
            popularity::shown_at.eq(now),
            popularity::is_due.eq(false),
        );
        diesel::update(popularity::table.find(id)).set(shown).execute(conn)?;
        // It may have been deleted meanwhile.
        let version = products::table.find(id).select(products::version).first::<i64>(conn).optional()?;
        let Some(version) = version else { continue };
        record(conn, now, EventType::PopularityChanged, id.as_str(), version, json!({}))?;
    }
    Ok(())
}

/// Whether [`show`] has something to do.
///
/// # Errors
/// A database error.
pub fn is_due(conn: &mut Conn, now: UtcTime) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(popularity::table.filter(due!(now)))).get_result(conn)
}

/// The ranks of these products, as they are shown; those that have none are left out.
///
/// # Errors
/// A database error.
pub fn ranks_of(conn: &mut Conn, ids: &[ProductId]) -> QueryResult<HashMap<ProductId, i64>> {
    let ranked = popularity::table.filter(popularity::product_id.eq_any(ids)).filter(popularity::rank.is_not_null());
    let ranks = ranked.select((popularity::product_id, popularity::rank.assume_not_null()));
    Ok(ranks.load(conn)?.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_of_a_score_is_forgotten_in_thirty_days() {
        assert_eq!(left_after(8000, 0), 8000);
        assert_eq!(left_after(8000, 30), 4000);
        assert_eq!(left_after(8000, 90), 1000);
        assert_eq!(left_after(1_000_000, 15), 707_099, "rounded down each day");
        assert_eq!(left_after(i64::MAX, 100 * HALF_LIFE), 0);
    }

    #[test]
    fn a_doubling_is_worth_as_much_as_a_half_life() {
        let score = |thousandths, day| Score { thousandths, day }.rank();
        assert_eq!(score(2000, 20_000) - score(1000, 20_000), DOUBLING);
        assert_eq!(score(1000, 20_030) - score(1000, 20_000), DOUBLING);
    }

    proptest! {
        #[test]
        fn a_logarithm_is_right_to_five_digits(number in 1i64..=i64::MAX) {
            let exact = (number as f64).log2() * DOUBLING as f64;
            prop_assert!((log2(number) as f64 - exact).abs() < 10.0, "{number}");
        }

        #[test]
        fn the_order_in_which_sales_are_counted_hardly_matters(
            mut sales in prop::collection::vec((1i64..1000, 20_000i64..20_400), 1..20),
        ) {
            let count = |sales: &[(i64, i64)]| {
                let (_, first) = sales[0];
                sales.iter().fold(Score { thousandths: 0, day: first }, |score, (units, day)| score.with(*units, *day))
            };
            let forwards = count(&sales);
            sales.reverse();
            let backwards = count(&sales);
            prop_assert_eq!(forwards.day, backwards.day);
            // Each step may lose a thousandth by rounding down, each day of it another.
            prop_assert!((forwards.thousandths - backwards.thousandths).abs() <= 700);
        }

        #[test]
        fn more_sales_never_make_a_product_less_popular(
            score in 0i64..1_000_000_000, day in 20_000i64..20_400, units in 1i64..1000, sold in 20_000i64..20_400,
        ) {
            let before = Score { thousandths: score, day };
            // A day has a thirtieth of a doubling; rounding down is below that.
            prop_assert!(before.with(units, sold).rank() + DOUBLING / 30 >= before.rank());
        }
    }
}
