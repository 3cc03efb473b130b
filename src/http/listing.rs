//! A list, as a request asks for it: what its cursors are bound to, and how its pages are answered.

use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::IntoParams;

use super::{
    answer::{Answer, Keep},
    cursor::{self, PageRequest},
};
use crate::{
    error::Result,
    keys::Keys,
    page::{Collection, Direction},
    shop::Shop,
};

/// The query of a list that is paged, and neither filtered nor sorted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    pub cursor: Option<String>,
    /// Whether to count the whole list.
    pub with_total: Option<bool>,
}

/// The query of a list that stands on one page, unless it is asked for in pages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WholeOrPaged {
    /// Entries on a page; all of them where it is not given.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
}

/// Route, filters and sort of one request for a list. Cheap to clone.
#[derive(Clone)]
pub struct Listing {
    keys: Keys,
    path: String,
    /// The query without its cursor.
    asked: String,
    address: String,
}

impl Listing {
    /// Reads it from the request.
    pub fn new(shop: &Shop, request: &HttpRequest) -> Self {
        let asked = request.query_string().split('&').filter(|it| !it.is_empty() && !it.starts_with("cursor="));
        Self {
            keys: shop.keys.clone(),
            path: request.path().to_owned(),
            asked: asked.collect::<Vec<_>>().join("&"),
            address: format!("{}{}", shop.config.public_url, request.path()),
        }
    }

    /// The same list of `owner`'s own things: nobody else's cursor is good for it.
    pub fn of(mut self, owner: &str) -> Self {
        self.path = format!("{}@{owner}", self.path);
        self
    }

    /// Where to read.
    ///
    /// # Errors
    /// 400 `invalid_cursor`.
    pub fn page(&self, limit: Option<i64>, cursor: Option<&str>) -> Result<PageRequest<'_>> {
        PageRequest::new(&self.keys, format!("{} {}", self.path, self.asked), limit, cursor)
    }

    /// The page that is asked for of a list that is in memory as a whole. `id_of` names an entry.
    ///
    /// # Errors
    /// 400 `invalid_cursor`.
    pub fn part<R, V>(
        &self,
        asked: &WholeOrPaged,
        all: Vec<R>,
        id_of: impl Fn(&R) -> String,
        mut view: impl FnMut(R) -> V,
    ) -> Result<Collection<V>> {
        // A list in memory has far fewer than 2^63 entries.
        let count = all.len() as i64;
        let page = self.page(Some(asked.limit.unwrap_or(count.max(1))), asked.cursor.as_deref())?;
        let key_of = |(place, row): &(usize, R)| vec![json!(id_of(row)), json!(place)];
        // Where the entry that was read last is gone, its place tells where it stood.
        let last = page.key::<(String, usize)>()?;
        let (before, behind) = match last {
            None => (0, 0),
            Some((id, place)) => match all.iter().position(|row| id_of(row) == id) {
                Some(place) => (place, place + 1),
                None => (place, place),
            },
        };
        // One more than the page shows tells that there are others.
        let wanted = usize::try_from(page.limit).unwrap_or(0).saturating_add(1);
        let numbered = all.into_iter().enumerate();
        let rows = match page.direction() {
            Direction::Next => numbered.skip(behind).take(wanted).collect(),
            Direction::Prev => numbered.take(before).rev().take(wanted).collect(),
        };
        let total = (asked.with_total == Some(true)).then_some(count);
        Ok(page.collection(page.window(rows), total, key_of, |(_, row)| view(row)))
    }

    /// The finished page with its links.
    pub fn answer(&self, collection: &Collection<impl Serialize>, keep: Keep) -> Answer {
        let link = cursor::link_header(&self.address, &self.asked, &collection.page);
        Answer { link, ..Answer::ok(collection, keep).tagged() }
    }
}
