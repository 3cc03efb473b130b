//! The search route, and the wait of writers for the index.

use actix_web::{
    HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    get,
    http::Method,
    middleware::Next,
    web::Data,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Filters, PriceFilter, Search, SearchQuery, Sort};
use crate::{
    catalog::{
        list::{self, ProductSort},
        view::ProductSummary,
    },
    db::changes::Scope,
    error::{Code, Result, Violation},
    http::{
        answer::{Answer, Keep},
        cursor::{self, Position},
        query::StrictQuery,
    },
    money::Currency,
    page::{Collection, DEFAULT_LIMIT, Direction, Page},
    shop::Shop,
};

/// A list by relevance ends here.
const DEEPEST: usize = 1000;

/// The search route.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(search_products);
}

/// Its answers are kept until the catalogue or the index changes.
pub const KEPT: [&str; 1] = ["/api/v1/search"];

/// What to search for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchProducts {
    /// What the shopper has typed. Products in which every word is found come before those in which some are.
    #[param(min_length = 1, max_length = 500, example = "enamel mug")]
    q: Option<String>,
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said. By relevance a list ends after 1,000 places.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count all that is found.
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
    /// The cheapest variant costs at least this, in minor units of the currency.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1000)]
    price_min: Option<i64>,
    /// The cheapest variant costs at most this, in minor units of the currency.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 5000)]
    price_max: Option<i64>,
    /// Only what can be bought from the shelf, or only what cannot.
    in_stock: Option<bool>,
    /// How to sort; by relevance where it is not given. Products without a price stand last by price.
    #[param(inline)]
    sort: Option<ProductSort>,
}

impl SearchProducts {
    fn query(&self, currency: Currency, limit: usize, from: (usize, Option<u64>)) -> SearchQuery {
        let price = (self.price_min.is_some() || self.price_max.is_some()).then_some(PriceFilter {
            currency,
            min: self.price_min,
            max: self.price_max,
        });
        SearchQuery {
            text: self.q.clone(),
            filters: Filters {
                categories: self.category.clone().unwrap_or_default(),
                brands: self.brand.clone().unwrap_or_default(),
                price,
                in_stock: self.in_stock,
                product_ids: Vec::new(),
            },
            sort: match self.sort {
                None => Sort::Relevance,
                Some(ProductSort::NewestFirst) => Sort::CreatedDesc,
                Some(ProductSort::Name) => Sort::Name,
                Some(ProductSort::Price) => Sort::Price(currency),
                Some(ProductSort::PriceDescending) => Sort::PriceDesc(currency),
            },
            offset: from.0,
            limit,
            with_total: self.with_total == Some(true),
            generation: from.1,
        }
    }
}

/// Search products
///
/// Published products by name, brand, SKU, categories, attributes and description, the best first: all words, then any
/// word. Pages fit together for a minute at least, whatever changes meanwhile.
#[utoipa::path(tag = "catalogue", params(SearchProducts), responses((status = 200, description = "A page of products.", body = Collection<ProductSummary>)))]
#[get("/api/v1/search")]
async fn search_products(
    shop: Data<Shop>,
    search: Data<Search>,
    query: StrictQuery<SearchProducts>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(query) = query;
    let currency = shop.chosen_currency(query.currency.as_deref())?;
    let asked = without_cursor(request.query_string());
    let list = format!("search {asked}");
    let (offset, generation) = match query.cursor.as_deref() {
        Some(cursor) => place(&cursor::read(&shop.keys, &list, cursor)?)?,
        None => (0, None),
    };
    if query.sort.is_none() && offset >= DEEPEST {
        return Err(Violation::in_parameter("cursor", Code::CursorTooDeep, Code::CursorTooDeep.about()).into());
    }
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    // The schema admits 1 to 100.
    let wanted = query.query(currency, usize::try_from(limit).unwrap_or(1), (offset, generation));
    let index = search.index()?;
    let public_url = shop.config.public_url.clone();
    let (hits, items) = shop
        .db
        .read(move |conn| {
            let hits = index.search(&wanted)?;
            let items = list::summaries(conn, &hits.ids, currency, &public_url)?;
            Ok((hits, items))
        })
        .await?;
    let cursor_at = |offset: usize| {
        let position = Position { direction: Direction::Next, key: vec![json!(hits.generation), json!(offset)] };
        cursor::sign(&shop.keys, &list, &position)
    };
    let page = Page {
        limit,
        has_more: hits.has_more,
        next_cursor: hits.has_more.then(|| cursor_at(offset + hits.ids.len())),
        prev_cursor: None,
        total: hits.total.and_then(|total| i64::try_from(total).ok()),
    };
    let address = format!("{}/api/v1/search", shop.config.public_url);
    let link = cursor::link_header(&address, &asked, &page);
    Ok(Answer { link, ..Answer::ok(&Collection { items, page }, Keep::Public).tagged().showing(Scope::Found) })
}

/// The query without its cursor: what a cursor is bound to.
fn without_cursor(query: &str) -> String {
    query.split('&').filter(|it| !it.is_empty() && !it.starts_with("cursor=")).collect::<Vec<_>>().join("&")
}

/// The hits to pass over, and the state of the index that they were counted in.
fn place(position: &Position) -> Result<(usize, Option<u64>)> {
    let read = || {
        let [generation, offset] = position.key.as_slice() else { return None };
        Some((usize::try_from(offset.as_u64()?).ok()?, Some(generation.as_u64()?)))
    };
    read().ok_or_else(|| Violation::in_parameter("cursor", Code::InvalidCursor, Code::InvalidCursor.about()).into())
}

/// Wraps every request: the answer to a write of the catalogue waits until the index has taken it in, so that the next
/// request finds it.
///
/// # Errors
/// None of its own: what the service returns as an error is passed on.
pub async fn wait_for_index<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<B>, actix_web::Error> {
    let search = request.app_data::<Data<Search>>().filter(|_| writes_the_catalogue(&request)).cloned();
    let response = next.call(request).await?;
    if let Some(search) = search.filter(|_| response.status().is_success()) {
        search.taken_in().await;
    }
    Ok(response)
}

fn writes_the_catalogue(request: &ServiceRequest) -> bool {
    let resource = request.path().strip_prefix("/api/v1/admin/").and_then(|rest| rest.split('/').next());
    let written = matches!(resource, Some("products" | "variants" | "prices" | "categories" | "brands" | "inventory"));
    written && !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
}
