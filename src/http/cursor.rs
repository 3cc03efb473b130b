//! Cursors: opaque, signed, and good for one list only.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    digest,
    error::{Code, Error, Result, Violation},
    keys::{Keys, Purpose},
    page::{Collection, Direction, Page, Window},
};

/// Where reading goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Which way.
    #[serde(rename = "d")]
    pub direction: Direction,
    /// The sort values of the entry that was read last, its id behind them.
    #[serde(rename = "k")]
    pub key: Vec<Value>,
}

const MAC_LENGTH: usize = 16;

/// What makes two lists the same: the name and, in any order, the filters and the sort; not how much of it one page
/// shows. `list` is the name, a space, and the query.
fn identity(list: &str) -> String {
    const ABOUT_THE_PAGE: [&str; 3] = ["cursor", "limit", "with_total"];
    let (name, query) = list.split_once(' ').unwrap_or((list, ""));
    let is_kept =
        |pair: &&str| !pair.is_empty() && !ABOUT_THE_PAGE.contains(&pair.split('=').next().unwrap_or_default());
    let mut kept: Vec<&str> = query.split('&').filter(is_kept).collect();
    kept.sort_unstable();
    format!("{name} {}", kept.join("&"))
}

/// Signs a position for the list that `list` describes: route, filters and sort.
pub fn sign(keys: &Keys, list: &str, position: &Position) -> String {
    // Values and enums of ours always have a JSON form.
    let mut bytes = serde_json::to_vec(position).unwrap_or_default();
    let mac = keys.mac(Purpose::Cursor, &[identity(list).as_bytes(), &bytes]);
    bytes.extend_from_slice(&mac[..MAC_LENGTH]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor back.
///
/// # Errors
/// 400 `invalid_cursor` where it was not signed by us for this very list.
pub fn read(keys: &Keys, list: &str, cursor: &str) -> Result<Position> {
    let open = || {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (payload, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC_LENGTH)?)?;
        let genuine = keys
            .macs(Purpose::Cursor, &[identity(list).as_bytes(), payload])
            .any(|own| digest::equal(&own[..MAC_LENGTH], mac));
        genuine.then(|| serde_json::from_slice(payload).ok()).flatten()
    };
    open().ok_or_else(|| -> Error {
        Violation::in_parameter("cursor", Code::InvalidCursor, Code::InvalidCursor.about()).into()
    })
}

/// Loads a page of a boxed query, sorted by one unique column, rising or falling, or by a column and then a unique one.
///
/// The rows stand in reading order (see [`PageRequest::window`]); their keys are the columns' values.
#[macro_export]
macro_rules! load_page_by {
    ($conn:expr, $query:expr, $column:expr => $key:ty, $rising:expr, $page:expr) => {{
        let forwards = $page.direction() == $crate::page::Direction::Next;
        let rising: bool = if forwards { $rising } else { !($rising) };
        let mut query = $query.limit($page.limit + 1);
        if let Some((key,)) = $page.key::<($key,)>()? {
            query = if rising { query.filter($column.gt(key)) } else { query.filter($column.lt(key)) };
        }
        if rising { query.order($column.asc()).load($conn) } else { query.order($column.desc()).load($conn) }
    }};
    ($conn:expr, $query:expr, $column:expr => $key:ty, $unique:expr => $unique_key:ty, $rising:expr, $page:expr) => {{
        let forwards = $page.direction() == $crate::page::Direction::Next;
        let rising: bool = if forwards { $rising } else { !($rising) };
        let mut query = $query.limit($page.limit + 1);
        if let Some((key, unique)) = $page.key::<($key, $unique_key)>()? {
            query = if rising {
                query.filter($column.gt(key.clone()).or($column.eq(key).and($unique.gt(unique))))
            } else {
                query.filter($column.lt(key.clone()).or($column.eq(key).and($unique.lt(unique))))
            };
        }
        match rising {
            true => query.order(($column.asc(), $unique.asc())).load($conn),
            false => query.order(($column.desc(), $unique.desc())).load($conn),
        }
    }};
}

/// What a list is asked for: its description, the limit and where to go on.
pub struct PageRequest<'a> {
    /// The key ring that signs cursors.
    pub keys: &'a Keys,
    /// Route, a space, and the query: filters and sort.
    pub list: String,
    /// Entries on a page.
    pub limit: i64,
    /// Where to go on, if not at the beginning.
    pub position: Option<Position>,
}

impl<'a> PageRequest<'a> {
    /// Reads what the query says of paging.
    ///
    /// # Errors
    /// 400 `invalid_cursor`.
    pub fn new(keys: &'a Keys, list: String, limit: Option<i64>, cursor: Option<&str>) -> Result<Self> {
        let position = cursor.map(|cursor| read(keys, &list, cursor)).transpose()?;
        Ok(Self { keys, list, limit: limit.unwrap_or(crate::page::DEFAULT_LIMIT), position })
    }

    /// Which way to read.
    pub fn direction(&self) -> Direction {
        self.position.as_ref().map_or(Direction::Next, |it| it.direction)
    }

    /// The key that reading goes on from, as a tuple of the values that the list is sorted by.
    ///
    /// # Errors
    /// 400 `invalid_cursor` where the cursor's key is not such a tuple.
    pub fn key<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        let Some(position) = &self.position else { return Ok(None) };
        let read = serde_json::from_value(Value::Array(position.key.clone()));
        read.map(Some)
            .map_err(|_| Violation::in_parameter("cursor", Code::InvalidCursor, Code::InvalidCursor.about()).into())
    }

    /// Makes a window of rows that were read by this request.
    pub fn window<R>(&self, rows: Vec<R>) -> Window<R> {
        Window::new(rows, self.limit, self.direction(), self.position.is_some())
    }

    /// The finished page. `key_of` gives a row's sort values, its id last.
    pub fn collection<R, V>(
        &self,
        window: Window<R>,
        total: Option<i64>,
        key_of: impl Fn(&R) -> Vec<Value>,
        view: impl FnMut(R) -> V,
    ) -> Collection<V> {
        let cursor = |row: Option<&R>, direction, wanted: bool| {
            let key = key_of(row.filter(|_| wanted)?);
            Some(sign(self.keys, &self.list, &Position { direction, key }))
        };
        let page = Page {
            limit: self.limit,
            has_more: window.has_next,
            next_cursor: cursor(window.rows.last(), Direction::Next, window.has_next),
            prev_cursor: cursor(window.rows.first(), Direction::Prev, window.has_prev),
            total,
        };
        Collection { items: window.rows.into_iter().map(view).collect(), page }
    }
}

/// A query without its cursor: what a cursor is bound to.
pub fn without_cursor(query: &str) -> String {
    query.split('&').filter(|it| !it.is_empty() && !it.starts_with("cursor=")).collect::<Vec<_>>().join("&")
}

/// The RFC 8288 `Link` header of a page; `address` is that of the list, `query` what was asked without a cursor.
pub fn link_header(address: &str, query: &str, page: &Page) -> Option<String> {
    let kept = without_cursor(query);
    let link = |cursor: &Option<String>, relation: &str| {
        let cursor = format!("cursor={}", cursor.as_ref()?);
        let query = if kept.is_empty() { cursor } else { format!("{kept}&{cursor}") };
        Some(format!("<{address}?{query}>; rel=\"{relation}\""))
    };
    let links: Vec<String> =
        [link(&page.next_cursor, "next"), link(&page.prev_cursor, "prev")].into_iter().flatten().collect();
    (!links.is_empty()).then(|| links.join(", "))
}
