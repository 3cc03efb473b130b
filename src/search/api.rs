//! The search routes, and the wait of writers for the index.

use std::collections::{BTreeMap, BTreeSet};

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
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    FacetBy, Filters, PriceFilter, Search, SearchHits, SearchQuery, Sort, Suggested, admin, listed,
    paging::Span,
    searched::Searched,
    view::{Facet, FacetName, FoundProduct, Highlight, SearchPage, Suggestions},
};
use crate::{
    catalog::{
        attribute_definition::AttributeKind,
        classification::{AtHand, Classification},
        collections::membership::{Membership, Seen},
        description,
        documented::attribute_filters,
        filterable::{Filterable, PARAMETER},
        list::{self, ProductSort},
        named,
        tree::CategoryTree,
        view::{CategoryRef, category_ref},
    },
    db::{Conn, changes::Scope},
    error::{Code, Result, Violation},
    http::{
        answer::{Answer, Keep},
        cursor::{self, Position},
        query::{self, StrictQuery},
    },
    money::Currency,
    page::{DEFAULT_LIMIT, Page},
    shop::Shop,
    time::UtcTime,
};

/// Entries of each kind that are suggested.
const SUGGESTIONS: usize = 5;

/// The search routes, and the list of products.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(listed::api::list_products)
        .service(search_products)
        .service(suggest_searches)
        .configure(admin::routes);
}

/// Their answers are kept until the catalogue or the index changes.
pub const KEPT: [&str; 3] = ["/api/v1/products", "/api/v1/search", "/api/v1/search/suggest"];

/// What to search for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchProducts {
    /// What the shopper has typed. Products in which every word is found come before those in which some are.
    #[param(min_length = 1, max_length = 500, example = "enamel mug")]
    pub(super) q: Option<String>,
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub(super) limit: Option<i64>,
    /// Where to go on, as an earlier page said. By relevance or popularity a list ends after
    /// 1,000 places.
    #[param(min_length = 1, max_length = 2000)]
    pub(super) cursor: Option<String>,
    /// Whether to count all that is found.
    pub(super) with_total: Option<bool>,
    /// ISO 4217 code of the currency of prices; the shop's default where it is not given.
    #[param(pattern = "^[A-Z]{3}$", min_length = 3, max_length = 3, example = "EUR")]
    pub(super) currency: Option<String>,
    /// Ids or slugs of categories, commas between them; all below them count too.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100, example = json!(["kitchen"]))]
    pub(super) category: Option<Vec<String>>,
    /// Ids or slugs of brands, commas between them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100)]
    pub(super) brand: Option<Vec<String>>,
    /// Ids or slugs of collections, commas between them, for what is in any of them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 20, example = json!(["small-presents"]))]
    pub(super) collection: Option<Vec<String>>,
    /// The cheapest variant costs at least this, in minor units of the currency.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1000)]
    pub(super) price_min: Option<i64>,
    /// The cheapest variant costs at most this, in minor units of the currency.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 5000)]
    pub(super) price_max: Option<i64>,
    /// Only what can be bought from the shelf, or only what cannot.
    pub(super) in_stock: Option<bool>,
    /// Ids of products, commas between them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100)]
    pub(super) ids: Option<Vec<String>>,
    /// The slug of a product.
    #[param(min_length = 1, max_length = 200, example = "enamel-mug")]
    pub(super) slug: Option<String>,
    /// The shop's own key for a product.
    #[param(min_length = 1, max_length = 200)]
    pub(super) external_id: Option<String>,
    /// Made at or after this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    pub(super) created_from: Option<UtcTime>,
    /// Made before this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    pub(super) created_before: Option<UtcTime>,
    /// As its schema says.
    #[param(schema_with = attribute_filters)]
    pub(super) attr: Option<BTreeMap<String, String>>,
    /// What to count the products by that were found: `brand`, `category`, `price`, `attr.KEY`, commas between them.
    #[param(inline, value_type = Option<Vec<FacetName>>, style = Form, explode = false, max_items = 20, example = json!(["brand", "price"]))]
    pub(super) facets: Option<Vec<String>>,
    /// How to sort; by relevance where it is not given. Products without a price stand last by price, those that never
    /// sold by popularity. `position` is the order of a manual collection, which `collection` has to name.
    #[param(inline)]
    pub(super) sort: Option<ProductSort>,
}

impl SearchProducts {
    pub(super) fn query(&self, asked: &Asked, currency: Currency, span: Span) -> SearchQuery {
        let Span { offset, limit, generation } = span;
        SearchQuery {
            text: self.q.clone(),
            filters: asked.filters.clone(),
            sort: self.sort.map_or(Sort::Relevance, |sort| Sort::of(sort, currency)),
            offset,
            limit,
            with_total: self.with_total == Some(true),
            facets: asked.facets.clone(),
            generation,
        }
    }

    /// The most hits on a page. The schema admits 1 to 100.
    pub(super) fn limit(&self) -> usize {
        usize::try_from(self.limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(1)
    }

    /// What the parameters mean in this shop.
    pub(super) fn asked(&self, conn: &mut Conn, classification: &Classification, currency: Currency) -> Result<Asked> {
        let Classification { tree, filterable } = classification;
        query::in_order(("price_min", self.price_min), ("price_max", self.price_max))?;
        let filters = Filters {
            categories: named::with_present_slugs(conn, tree, self.category.as_deref().unwrap_or_default())?,
            brands: named::with_present_brands(conn, self.brand.as_deref().unwrap_or_default())?,
            price: PriceFilter::between(currency, self.price_min, self.price_max),
            in_stock: self.in_stock,
            product_ids: named::ids_named(
                conn,
                self.ids.as_deref(),
                self.slug.as_deref(),
                self.external_id.as_deref(),
            )?,
            attributes: filterable.conditions(self.attr.as_ref())?,
            created_from: self.created_from,
            created_before: self.created_before,
            members: Membership::named(conn, tree, self.collection.as_deref(), Seen::Published)?,
        };
        if self.sort == Some(ProductSort::Position) {
            Membership::in_order(filters.members.as_ref())?;
        }
        // Asked for twice, a facet is counted once.
        let mut seen = BTreeSet::new();
        let names = self.facets.iter().flatten().filter(|name| seen.insert(*name));
        let facets = names.map(|name| facet(filterable, currency, name)).collect::<Result<_>>()?;
        Ok(Asked { filters, facets })
    }
}

/// What a search's parameters mean.
pub(super) struct Asked {
    filters: Filters,
    facets: Vec<FacetBy>,
}

fn facet(filterable: &Filterable, currency: Currency, name: &str) -> Result<FacetBy> {
    let of_attribute = |key: &str| {
        let kind = filterable.get(key)?.kind;
        Some(if kind == AttributeKind::Number {
            FacetBy::Numbers(key.to_owned())
        } else {
            FacetBy::Values(key.to_owned())
        })
    };
    match name {
        "brand" => Some(FacetBy::Brand),
        "category" => Some(FacetBy::Category),
        "price" => Some(FacetBy::Price(currency)),
        other => other.strip_prefix(PARAMETER).and_then(of_attribute),
    }
    .ok_or_else(|| {
        let detail = format!(
            "There is no facet `{name}`: `brand`, `category`, `price`, or `attr.KEY` of a filterable attribute."
        );
        Violation::in_parameter("facets", Code::UnknownParameter, detail).into()
    })
}

/// Search products
///
/// Published products by name, brand, SKU, categories, attributes and description, the best first: all words, then any
/// word. Words that no product has are corrected. Pages fit together for a minute at least, whatever changes meanwhile.
#[utoipa::path(tag = "catalogue", params(SearchProducts), responses((status = 200, description = "A page of products.", body = SearchPage)))]
#[get("/api/v1/search")]
async fn search_products(
    shop: Data<Shop>,
    at_hand: Data<AtHand>,
    search: Data<Search>,
    searched: Data<Searched>,
    query: StrictQuery<SearchProducts>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(query) = query;
    let currency = shop.chosen_currency(query.currency.as_deref())?;
    let described = cursor::without_cursor(request.query_string());
    let list = format!("search {described}");
    let span = match query.cursor.as_deref() {
        Some(cursor) => Span::at(&cursor::read(&shop.keys, &list, cursor)?, query.limit(), query.sort)?,
        None => Span::first(query.limit()),
    };
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    // Further pages are the same search.
    let text = query.q.clone().filter(|_| query.cursor.is_none());
    let index = search.index().await?;
    let address = format!("{}/api/v1/search", shop.config.public_url);
    let keys = shop.keys.clone();
    let media_url = shop.config.media_url.clone();
    let classification = at_hand.wanted(shop.db.changes());
    let show = move |conn: &mut Conn| {
        let classification = classification.get(conn)?;
        let Classification { tree, filterable } = classification.as_ref();
        let asked = query.asked(conn, &classification, currency)?;
        let hits = index.search(&query.query(&asked, currency, span))?;
        let items = found_products(conn, tree, &hits, currency, &media_url)?;
        let signed = |position: Position| cursor::sign(&keys, &list, &position);
        let (next_cursor, prev_cursor) = (span.next(&hits).map(signed), span.prev(&hits).map(signed));
        let facets = asked.facets.iter().zip(hits.facets);
        let facets = facets.map(|(by, counted)| Facet::of(by, counted, filterable, &asked.filters)).collect();
        let total = hits.total.and_then(|total| i64::try_from(total).ok());
        let page = Page { limit, has_more: hits.has_more, next_cursor, prev_cursor, total };
        let link = cursor::link_header(&address, &described, &page);
        let found = SearchPage { items, page, facets, corrected_query: hits.corrected };
        let answer = Answer { link, ..Answer::ok(&found, Keep::Public).tagged().showing(Scope::Found) };
        Ok((answer, hits.counted))
    };
    let (answer, counted) = shop.db.read(show).await?;
    let counter = text.and_then(|text| searched.count(&text, counted));
    Ok(Answer { counter, ..answer })
}

fn found_products(
    conn: &mut Conn,
    tree: &CategoryTree,
    hits: &SearchHits,
    currency: Currency,
    media_url: &str,
) -> Result<Vec<FoundProduct>> {
    let mut highlighter = hits.highlighter.clone();
    let summaries = list::summaries(conn, tree, &hits.ids, currency, media_url)?;
    let found = summaries.into_iter().map(|(product, description)| {
        let highlight = Highlight::of(&mut highlighter, &product.name, &description::words(&description));
        FoundProduct { product, highlight }
    });
    Ok(found.collect())
}

/// What has been typed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Suggest {
    /// What the shopper has typed. Its last word may not have ended.
    #[param(min_length = 1, max_length = 200, example = "ena")]
    q: String,
    /// Entries of each kind.
    #[param(minimum = 1, maximum = 10, default = 5, example = 5)]
    limit: Option<i64>,
    /// ISO 4217 code of the currency of prices; the shop's default where it is not given.
    #[param(pattern = "^[A-Z]{3}$", min_length = 3, max_length = 3, example = "EUR")]
    currency: Option<String>,
}

/// Suggest searches
///
/// While a shopper types: texts to search for, products and categories.
#[utoipa::path(tag = "catalogue", params(Suggest), responses((status = 200, description = "What may be meant.", body = Suggestions)))]
#[get("/api/v1/search/suggest")]
async fn suggest_searches(
    shop: Data<Shop>,
    at_hand: Data<AtHand>,
    search: Data<Search>,
    query: StrictQuery<Suggest>,
) -> Result<Answer> {
    let StrictQuery(Suggest { q, limit, currency }) = query;
    let currency = shop.chosen_currency(currency.as_deref())?;
    let most = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(SUGGESTIONS);
    let index = search.index().await?;
    let media_url = shop.config.media_url.clone();
    let classification = at_hand.wanted(shop.db.changes());
    let suggestions = shop
        .db
        .read(move |conn| {
            let Suggested { queries, ids } = index.suggest(&q, most)?;
            let classification = classification.get(conn)?;
            let tree = &classification.tree;
            let products = list::summaries(conn, tree, &ids, currency, &media_url)?;
            let categories = categories_begun(tree, &q, &queries, most);
            let products = products.into_iter().map(|(product, _)| product).collect();
            Ok(Suggestions { queries, products, categories })
        })
        .await?;
    Ok(Answer::ok(&suggestions, Keep::Public).tagged().showing(Scope::Found))
}

/// The categories whose names begin with what was typed; where none does, with what it may have been meant to be.
fn categories_begun(tree: &CategoryTree, typed: &str, meant: &[String], most: usize) -> Vec<CategoryRef> {
    let mut found = tree.beginning(typed);
    if found.is_empty() {
        found = meant.iter().flat_map(|text| tree.beginning(text)).collect();
        let mut seen = BTreeSet::new();
        found.retain(|row| seen.insert(row.id));
    }
    found.into_iter().take(most).map(|row| category_ref(tree, row)).collect()
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
    let written = matches!(
        resource,
        Some("products" | "variants" | "prices" | "categories" | "brands" | "attributes" | "inventory" | "synonyms")
    );
    written && !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
}
