//! What people have searched for, over some days.

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text, Timestamp},
};

use crate::{
    db::{Conn, schema::search_counts},
    error::Result,
    http::cursor::PageRequest,
    page::Direction,
    time::UtcTime,
};

/// Which searches a report holds.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// The first day.
    pub from: UtcTime,
    /// The last day.
    pub to: UtcTime,
    /// Only those that found nothing at least once in this time.
    pub without_results: bool,
    /// How to sort.
    pub sort: ReportSort,
}

/// How a report is sorted; the text breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
pub enum ReportSort {
    /// The most frequent first.
    #[serde(rename = "-searches")]
    Searches,
    /// Those that found nothing most often first.
    #[serde(rename = "-without_results")]
    WithoutResults,
}

/// A text that was searched for.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct SearchedText {
    /// The text, folded and masked.
    #[diesel(sql_type = Text)]
    pub query: String,
    /// How often.
    #[diesel(sql_type = BigInt)]
    pub searches: i64,
    /// How often it found nothing.
    #[diesel(sql_type = BigInt)]
    pub without_results: i64,
    /// The last day.
    #[diesel(sql_type = Timestamp)]
    pub last_day: UtcTime,
    /// How many products it found the last time; known once somebody has looked.
    #[diesel(sql_type = BigInt)]
    pub results: i64,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

impl Asked {
    fn column(self) -> &'static str {
        match self.sort {
            ReportSort::Searches => "searches",
            ReportSort::WithoutResults => "without_results",
        }
    }

    /// Selects texts over all days, of which two parameters are the first and the last.
    fn texts(self) -> String {
        let only = if self.without_results { "HAVING sum(without_results) > 0" } else { "" };
        format!(
            "(SELECT query, CAST(sum(searches) AS BIGINT) AS searches, \
             CAST(sum(without_results) AS BIGINT) AS without_results, max(day) AS last_day, \
             CAST(0 AS BIGINT) AS results \
             FROM search_counts WHERE day >= $1 AND day <= $2 GROUP BY query {only}) AS texts"
        )
    }
}

impl SearchedText {
    /// What a page goes on from.
    pub fn key(&self, sort: ReportSort) -> (i64, &str) {
        let count = match sort {
            ReportSort::Searches => self.searches,
            ReportSort::WithoutResults => self.without_results,
        };
        (count, &self.query)
    }
}

/// One page of a report, in reading order.
///
/// # Errors
/// 400 `invalid_cursor`.
pub fn load_page(conn: &mut Conn, asked: Asked, page: &PageRequest<'_>) -> Result<Vec<SearchedText>> {
    let forwards = page.direction() == Direction::Next;
    let (side, of_text) = if forwards { ("<", ">") } else { (">", "<") };
    let (falling, rising) = if forwards { ("DESC", "ASC") } else { ("ASC", "DESC") };
    // A page without a cursor begins before all that there can be.
    let (count, text) = page.key::<(i64, String)>()?.unwrap_or((i64::MAX, String::new()));
    let (column, texts) = (asked.column(), asked.texts());
    let query = format!(
        "SELECT * FROM {texts} WHERE {column} {side} $3 OR ({column} = $3 AND query {of_text} $4) \
         ORDER BY {column} {falling}, query {rising} LIMIT $5"
    );
    let mut rows: Vec<SearchedText> = sql_query(query)
        .bind::<Timestamp, _>(asked.from)
        .bind::<Timestamp, _>(asked.to)
        .bind::<BigInt, _>(count)
        .bind::<Text, _>(text)
        .bind::<BigInt, _>(page.limit + 1)
        .load(conn)?;
    load_results(conn, &mut rows)?;
    Ok(rows)
}

/// How many texts a report holds.
///
/// # Errors
/// A database error.
pub fn count(conn: &mut Conn, asked: Asked) -> QueryResult<i64> {
    let query = format!("SELECT count(*) AS total FROM {}", asked.texts());
    let counted: Counted =
        sql_query(query).bind::<Timestamp, _>(asked.from).bind::<Timestamp, _>(asked.to).get_result(conn)?;
    Ok(counted.total)
}

fn load_results(conn: &mut Conn, rows: &mut [SearchedText]) -> QueryResult<()> {
    let texts: Vec<&String> = rows.iter().map(|it| &it.query).collect();
    let days: Vec<UtcTime> = rows.iter().map(|it| it.last_day).collect();
    let found: Vec<(UtcTime, String, i64)> = search_counts::table
        .filter(search_counts::query.eq_any(texts))
        .filter(search_counts::day.eq_any(days))
        .select((search_counts::day, search_counts::query, search_counts::results))
        .load(conn)?;
    for row in rows {
        let last = found.iter().find(|(day, query, _)| *day == row.last_day && *query == row.query);
        row.results = last.map_or(0, |(_, _, results)| *results);
    }
    Ok(())
}
