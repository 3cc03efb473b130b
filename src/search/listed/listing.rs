//! Pages of products in which the index says who stands next, and the database what they are.

use std::sync::Arc;

use crate::{
    catalog::{
        list::{self, Key, ListedProduct, ProductFilter, ProductSort},
        tree::CategoryTree,
    },
    db::Conn,
    error::Result,
    events::follow,
    http::cursor::PageRequest,
    ids::CategoryId,
    money::Currency,
    page::Direction,
    search::{Filters, PriceFilter, SearchIndex, Sort},
};

/// A list that the index can narrow.
pub(super) struct Listing {
    index: Arc<SearchIndex>,
    filters: Filters,
    currency: Currency,
    sort: ProductSort,
    order: Sort,
}

impl Listing {
    /// `None` where the database finds a page as soon by itself, and where the index has not taken in what the database
    /// shows: that it would leave out.
    pub(super) fn new(
        conn: &mut Conn,
        tree: &CategoryTree,
        index: Arc<SearchIndex>,
        filter: &ProductFilter,
        currency: Currency,
        sort: ProductSort,
    ) -> Result<Option<Self>> {
        let (categories, brands) = (filter.categories.as_deref(), filter.brands.as_deref());
        // What names no category or brand finds nothing, which to the index is to look for none.
        let finds_nothing = categories.is_some_and(<[_]>::is_empty) || brands.is_some_and(<[_]>::is_empty);
        if finds_nothing || filter.ids.is_some() || sort == ProductSort::Position {
            return Ok(None);
        }
        let categories = categories.unwrap_or_default();
        // The index has a product under all that stand above its categories.
        let is_topmost = |id: &&CategoryId| {
            let parent = tree.get(**id).and_then(|row| row.parent_id);
            parent.is_none_or(|parent| !categories.contains(&parent))
        };
        let order = Sort::of(sort, currency);
        let filters = Filters {
            categories: categories.iter().filter(is_topmost).map(|id| id.as_str().to_owned()).collect(),
            brands: brands.unwrap_or_default().iter().map(|id| id.as_str().to_owned()).collect(),
            price: PriceFilter::between(currency, filter.price_min, filter.price_max),
            in_stock: filter.in_stock,
            product_ids: None,
            attributes: filter.attributes.clone(),
            created_from: filter.created_from,
            created_before: filter.created_before,
            members: filter.members.clone(),
        };
        let position = index.committed_position().unwrap_or_default();
        if !index.narrows(&filters, order)? || follow::stands_elsewhere(conn, position)? {
            return Ok(None);
        }
        Ok(Some(Self { index, filters, currency, sort, order }))
    }

    /// A page, as [`list::load_page`] gives it. What has changed since the index took it in is held against the filter
    /// once more.
    pub(super) fn load_page(
        &self,
        conn: &mut Conn,
        filter: &ProductFilter,
        page: &PageRequest<'_>,
    ) -> Result<Vec<ListedProduct>> {
        let backwards = page.direction() == Direction::Prev;
        let from = page.position.as_ref().map(|position| Key::read(self.sort, position)).transpose()?;
        let wanted = usize::try_from(page.limit + 1).unwrap_or_default();
        let mut most = wanted;
        loop {
            let ids = self.index.listed(&self.filters, self.order, from.as_ref(), backwards, most)?;
            let is_rest = ids.len() < most;
            let found = ProductFilter { ids: Some(ids), ..filter.clone() };
            let rows = list::load_page(conn, &found, self.currency, self.sort, page)?;
            if is_rest || rows.len() >= wanted {
                return Ok(rows);
            }
            // Some have changed: the places behind them are the page's as well.
            most *= 2;
        }
    }

    /// How many products the list has.
    pub(super) fn count(&self) -> Result<i64> {
        Ok(i64::try_from(self.index.count(&self.filters)?).unwrap_or(i64::MAX))
    }
}
