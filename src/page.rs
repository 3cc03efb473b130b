//! Lists in pages: what a caller asks for, and the envelope that a page comes in.

use serde::Serialize;
use utoipa::ToSchema;

/// The default number of entries on a page.
pub const DEFAULT_LIMIT: i64 = 20;

/// A page of a collection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Collection<T> {
    /// The entries: a page of at most 100, or all of a list that is always one page.
    #[schema(max_items = 100_000)]
    pub items: Vec<T>,
    /// Where this page stands.
    pub page: Page,
}

/// Where a page stands in its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page {
    /// The most entries that a page has.
    #[schema(minimum = 1, maximum = 100_000, example = 20)]
    pub limit: i64,
    /// Whether entries follow.
    pub has_more: bool,
    /// Send it as `cursor` for the entries that follow.
    #[schema(required, max_length = 2000)]
    pub next_cursor: Option<String>,
    /// Send it as `cursor` for the entries before.
    #[schema(required, max_length = 2000)]
    pub prev_cursor: Option<String>,
    /// How many entries the list has; null unless `with_total=true`.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub total: Option<i64>,
}

impl<T> Collection<T> {
    /// A list that is always one page.
    pub fn whole(items: Vec<T>) -> Self {
        // A list that fits one page has far fewer than 2^63 entries.
        let limit = (items.len() as i64).max(1);
        let page = Page { limit, has_more: false, next_cursor: None, prev_cursor: None, total: None };
        Self { items, page }
    }
}

/// Which way a page is read from its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The entries behind the key.
    Next,
    /// The entries before the key.
    Prev,
}

/// Rows of a window, in list order, and whether there are others on either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window<R> {
    /// At most `limit` rows.
    pub rows: Vec<R>,
    /// Whether rows stand before the first.
    pub has_prev: bool,
    /// Whether rows stand behind the last.
    pub has_next: bool,
}

impl<R> Window<R> {
    /// Makes a window of up to `limit + 1` rows that were read from a key in `direction` (in reading order).
    ///
    /// `from_key` says whether a key was given: then there is an entry on the side that the reading came from.
    pub fn new(mut rows: Vec<R>, limit: i64, direction: Direction, from_key: bool) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let further = rows.len() > limit;
        rows.truncate(limit);
        match direction {
            Direction::Next => Self { rows, has_prev: from_key, has_next: further },
            Direction::Prev => {
                rows.reverse();
                Self { rows, has_prev: further, has_next: from_key }
            }
        }
    }
}
