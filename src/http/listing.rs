//! A list, as a request asks for it: what its cursors are bound to, and how its pages are answered.

use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::{
    answer::{Answer, Keep},
    cursor::{self, PageRequest},
};
use crate::{error::Result, keys::Keys, page::Collection, shop::Shop};

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

    /// The finished page with its links.
    pub fn answer(&self, collection: &Collection<impl Serialize>, keep: Keep) -> Answer {
        let link = cursor::link_header(&self.address, &self.asked, &collection.page);
        Answer { link, ..Answer::ok(collection, keep).tagged() }
    }
}
