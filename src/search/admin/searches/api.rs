//! `/admin/reports/searches`.

use actix_web::{HttpRequest, get, web::Data};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::{extract::Staff, rights::ProductsRead},
    error::{Code, Result, Violation},
    http::{
        answer::{Answer, Keep},
        listing::Listing,
        query::{self, StrictQuery},
    },
    page::Collection,
    search::{
        report::{self, Asked, ReportSort, SearchedText},
        searched::day_of,
    },
    shop::Shop,
    time::UtcTime,
};

/// Days that a report looks back where nothing is said.
const DAYS: i64 = 30;

/// The routes of reports about searches.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(report_searches);
}

/// Which searches to report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportSearches {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// The first day, in UTC; 29 days before the last where it is not given. Searches are kept for 90 days.
    #[param(format = Date, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", min_length = 10, max_length = 10, example = "2026-01-01")]
    from: Option<String>,
    /// The last day, in UTC; today where it is not given.
    #[param(format = Date, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", min_length = 10, max_length = 10, example = "2026-01-31")]
    to: Option<String>,
    /// Only those that found nothing at least once in this time: whose `without_results` is not 0.
    without_results: Option<bool>,
    /// How to sort; the most frequent first where it is not given.
    #[param(inline)]
    sort: Option<ReportSort>,
}

/// A text that was searched for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SearchedQuery {
    /// The text, without differences of case, cut to 100 characters. `…` stands for e-mail addresses, for numbers of six
    /// digits or more, and for all digits of a text with ten or more.
    #[schema(min_length = 1, max_length = 100, example = "enamel mug")]
    pub query: String,
    /// How often it was searched for. Further pages of a search do not count.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 42)]
    pub searches: i64,
    /// How often nothing was found, with whatever filters there were.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    pub without_results: i64,
    /// The products that were found the last time. Those that have some of the words alone count where those with all
    /// of them do not fill a page.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 7)]
    pub results: i64,
    /// The last day on which it was searched for, in UTC.
    #[schema(format = Date, min_length = 10, max_length = 10, example = "2026-01-31")]
    pub last_searched_on: String,
}

impl From<SearchedText> for SearchedQuery {
    fn from(row: SearchedText) -> Self {
        let SearchedText { query, searches, without_results, last_day, results } = row;
        let last_searched_on = last_day.to_string().chars().take(10).collect();
        Self { query, searches, without_results, results, last_searched_on }
    }
}

/// Report searches
///
/// What people searched for, how often, and what they found. Searches are counted by the day and written down every few
/// seconds; nothing is kept of who made them, and of one day at most 10,000 different ones: beyond them, the rarest make room
/// for what is new.
#[utoipa::path(
    tag = "admin search",
    params(ReportSearches),
    responses((status = 200, description = "A page of searches.", body = Collection<SearchedQuery>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/reports/searches")]
async fn report_searches(
    _staff: Staff<ProductsRead>,
    shop: Data<Shop>,
    query: StrictQuery<ReportSearches>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(ReportSearches { limit, cursor, with_total, from, to, without_results, sort }) = query;
    let to = day("to", to)?.unwrap_or_else(|| day_of(shop.clock.now()));
    let from = day("from", from)?.unwrap_or_else(|| to.plus(TimeDelta::days(1 - DAYS)));
    query::in_order(("from", Some(from)), ("to", Some(to)))?;
    let sort = sort.unwrap_or(ReportSort::Searches);
    let asked = Asked { from, to, without_results: without_results == Some(true), sort };
    let listing = Listing::new(&shop, &request);
    let list = listing.clone();
    let collection = shop
        .db
        .read(move |conn| {
            let page = list.page(limit, cursor.as_deref())?;
            let window = page.window(report::load_page(conn, asked, &page)?);
            let total = (with_total == Some(true)).then(|| report::count(conn, asked)).transpose()?;
            let key = |row: &SearchedText| {
                let (count, text) = row.key(sort);
                vec![json!(count), json!(text)]
            };
            Ok(page.collection(window, total, key, SearchedQuery::from))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// The beginning of a day, as a parameter names it.
fn day(parameter: &'static str, text: Option<String>) -> Result<Option<UtcTime>> {
    let read = text.map(|text| format!("{text}T00:00:00Z").parse::<UtcTime>()).transpose();
    read.map_err(|_| Violation::in_parameter(parameter, Code::InvalidParameter, "There is no such day.").into())
}
