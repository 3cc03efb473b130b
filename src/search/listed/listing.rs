//! Pages of products in which the index says who stands next, and the database what they are.

use std::sync::Arc;

use crate::{
    catalog::{
        list::{self, Key, ListedProduct, ProductFilter, ProductSort},
        named,
        tree::CategoryTree,
    },
    db::Conn,
    error::Result,
    http::cursor::PageRequest,
    ids::ProductId,
    money::Currency,
    page::Direction,
    search::{Filters, PriceFilter, SearchIndex, Sort},
};

/// What a list calls the categories and brands that it is narrowed to.
pub(super) struct Names<'a> {
    pub(super) categories: Option<&'a [String]>,
    pub(super) brands: Option<&'a [String]>,
}

/// A list that the index can narrow.
pub(super) struct Listing {
    index: Arc<SearchIndex>,
    filters: Filters,
    currency: Currency,
    sort: ProductSort,
    order: Sort,
    /// Whether the database is left out even where it is fast: else it is asked for what has a price.
    narrows: bool,
}

impl Listing {
    /// `None` where the database finds a page as soon by itself.
    pub(super) fn new(
        conn: &mut Conn,
        tree: &CategoryTree,
        index: Arc<SearchIndex>,
        filter: &ProductFilter,
        names: Names<'_>,
        currency: Currency,
        sort: ProductSort,
    ) -> Result<Option<Self>> {
        if filter.ids.is_some() {
            return Ok(None);
        }
        let order = match sort {
            ProductSort::NewestFirst => Sort::CreatedDesc,
            ProductSort::Name => Sort::Name,
            ProductSort::Price => Sort::Price(currency),
            ProductSort::PriceDescending => Sort::PriceDesc(currency),
            ProductSort::Popularity => Sort::Popularity,
            ProductSort::Position => return Ok(None),
        };
        let is_priced_only = filter.price_min.is_some() || filter.price_max.is_some();
        let price = is_priced_only.then_some(PriceFilter { currency, min: filter.price_min, max: filter.price_max });
        let filters = Filters {
            categories: named::with_present_slugs(conn, tree, names.categories.unwrap_or_default())?,
            brands: named::with_present_brands(conn, names.brands.unwrap_or_default())?,
            price,
            in_stock: filter.in_stock,
            product_ids: None,
            attributes: filter.attributes.clone(),
            created_from: filter.created_from,
            created_before: filter.created_before,
            members: filter.members.clone(),
        };
        // Most products may never have sold: they are one long list by id behind those that did.
        let narrows = sort == ProductSort::Popularity || index.narrows(&filters, order)?;
        // To find those without a price, a database would read all that have one.
        let has_unpriced = matches!(order, Sort::Price(_) | Sort::PriceDesc(_)) && !is_priced_only;
        Ok((narrows || has_unpriced).then_some(Self { index, filters, currency, sort, order, narrows }))
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
        if !self.narrows {
            let unpriced = |most, from: Option<ProductId>| {
                // Before the first of them, where they are read from their beginning.
                let first = (!backwards).then_some(ProductId::from_bits(0));
                let from = from.or(first).map(|id| Key::Number(None, id));
                self.index.listed(&self.filters, self.order, from.as_ref(), backwards, most)
            };
            return list::load_page_by_price(conn, filter, self.currency, self.sort, page, unpriced);
        }
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
