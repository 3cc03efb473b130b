//! The list of products.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, get, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;

use super::listing::Listing;
use crate::{
    catalog::{
        classification::{AtHand, Classification},
        collections::membership::{Membership, Seen},
        documented::attribute_filters,
        list::{self, ProductFilter, ProductSort},
        model::ProductStatus,
        named, parts,
        view::{Lens, ProductSummary},
    },
    db::{Conn, changes::Scope},
    error::Result,
    http::{
        answer::{Answer, Keep},
        cursor::{self, PageRequest},
        query::{self, StrictQuery},
    },
    page::Collection,
    search::Search,
    shop::Shop,
    time::UtcTime,
};

/// Which products to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::search) struct ListProducts {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// ISO 4217 code of the currency of prices; the shop's default where it is not given.
    #[param(pattern = "^[A-Z]{3}$", min_length = 3, max_length = 3, example = "EUR")]
    currency: Option<String>,
    /// Ids or slugs of categories, commas between them; all below them count too.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100, example = json!(["kitchen"]))]
    category: Option<Vec<String>>,
    /// Ids or slugs of brands, commas between them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100)]
    brand: Option<Vec<String>>,
    /// Ids or slugs of collections, commas between them, for what is in any of them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 20, example = json!(["small-presents"]))]
    collection: Option<Vec<String>>,
    /// Ids of products, commas between them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100)]
    ids: Option<Vec<String>>,
    /// The slug of a product.
    #[param(min_length = 1, max_length = 200, example = "enamel-mug")]
    slug: Option<String>,
    /// The shop's own key for a product.
    #[param(min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// The cheapest variant costs at least this, in minor units of the currency.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1000)]
    price_min: Option<i64>,
    /// The cheapest variant costs at most this, in minor units of the currency.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 5000)]
    price_max: Option<i64>,
    /// Only what can be bought from the shelf, or only what cannot.
    in_stock: Option<bool>,
    /// Made at or after this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    created_from: Option<UtcTime>,
    /// Made before this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    created_before: Option<UtcTime>,
    /// As its schema says.
    #[param(schema_with = attribute_filters)]
    attr: Option<BTreeMap<String, String>>,
    /// How to sort; newest first where it is not given. Products without a price stand last by price, those that
    /// never sold by popularity. `position` is the order of a manual collection, which `collection` has to name.
    #[param(inline)]
    sort: Option<ProductSort>,
}

/// List products
///
/// Published products, filtered, sorted and paged by key: products added meanwhile neither repeat nor skip one.
#[utoipa::path(tag = "catalogue", params(ListProducts), responses((status = 200, description = "A page of products.", body = Collection<ProductSummary>)))]
#[get("/api/v1/products")]
pub(in crate::search) async fn list_products(
    shop: Data<Shop>,
    at_hand: Data<AtHand>,
    search: Data<Search>,
    query: StrictQuery<ListProducts>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(query) = query;
    let currency = shop.chosen_currency(query.currency.as_deref())?;
    let sort = query.sort.unwrap_or(ProductSort::NewestFirst);
    let described = cursor::without_cursor(request.query_string());
    let address = format!("{}/api/v1/products", shop.config.public_url);
    let keys = shop.keys.clone();
    let media_url = shop.config.media_url.clone();
    let classification = at_hand.wanted(shop.db.changes());
    let index = search.index_as_it_is();
    let show = move |conn: &mut Conn| {
        let list = format!("products {described}");
        let page = PageRequest::new(&keys, list, query.limit, query.cursor.as_deref())?;
        let classification = classification.get(conn)?;
        let filter = filter(conn, &classification, &query)?;
        let listing = match index {
            Some(index) => Listing::new(conn, &classification.tree, index, &filter, currency, sort)?,
            None => None,
        };
        let found = match &listing {
            Some(listing) => listing.load_page(conn, &filter, &page)?,
            None => list::load_page(conn, &filter, currency, sort, &page)?,
        };
        let window = page.window(found);
        let total = match (query.with_total, &listing) {
            (Some(true), Some(listing)) => Some(listing.count()?),
            (Some(true), None) => Some(list::count(conn, &filter, currency)?),
            _ => None,
        };
        let parts = parts::load_listed_parts(conn, window.rows.iter().map(|(row, _)| row), currency)?;
        let lens = Lens { tree: &classification.tree, currency, media_url: &media_url };
        let collection =
            page.collection(window, total, |row| list::key_of(sort, row), |(row, _)| lens.summary(row, &parts));
        let link = cursor::link_header(&address, &described, &collection.page);
        let scope = if listing.is_some() { Scope::Found } else { Scope::Products };
        Ok(Answer { link, ..Answer::ok(&collection, Keep::Public).tagged().showing(scope) })
    };
    shop.db.read(show).await
}

/// A value that names nothing narrows the list to nothing.
fn filter(conn: &mut Conn, classification: &Classification, query: &ListProducts) -> Result<ProductFilter> {
    let Classification { tree, filterable } = classification;
    query::in_order(("price_min", query.price_min), ("price_max", query.price_max))?;
    let filter = ProductFilter {
        statuses: Some(vec![ProductStatus::Published]),
        ids: named::ids_named(conn, query.ids.as_deref(), query.slug.as_deref(), query.external_id.as_deref())?,
        categories: query.category.as_ref().map(|names| named::categories_named(conn, tree, names)).transpose()?,
        brands: query.brand.as_ref().map(|names| named::brands_named(conn, names)).transpose()?,
        price_min: query.price_min,
        price_max: query.price_max,
        in_stock: query.in_stock,
        created_from: query.created_from,
        created_before: query.created_before,
        attributes: filterable.conditions(query.attr.as_ref())?,
        members: Membership::named(conn, tree, query.collection.as_deref(), Seen::Published)?,
    };
    Ok(filter.with_members_among_ids())
}
