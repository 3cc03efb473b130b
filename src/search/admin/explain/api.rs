//! `/admin/search/explain`.

use std::collections::BTreeMap;

use actix_web::{get, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::{extract::Staff, rights::ProductsRead},
    catalog::{
        classification::AtHand,
        documented::attribute_filters,
        list::{self, ProductSort},
    },
    error::Result,
    http::{
        answer::{Answer, Keep},
        query::StrictQuery,
    },
    ids::ProductId,
    search::{
        Search,
        api::SearchProducts,
        explain::Explained,
        explained::{Explanation, ProductExplained},
        paging::Span,
    },
    shop::Shop,
    time::UtcTime,
};

/// The routes that explain searches.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(explain_search);
}

/// Which search to explain.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExplainSearch {
    /// What the shopper has typed.
    #[param(min_length = 1, max_length = 500, example = "enamel mug")]
    q: String,
    /// Products that are explained.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
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
    /// The cheapest variant costs at least this, in minor units of the currency.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1000)]
    price_min: Option<i64>,
    /// The cheapest variant costs at most this, in minor units of the currency.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 5000)]
    price_max: Option<i64>,
    /// Only what can be bought from the shelf, or only what cannot.
    in_stock: Option<bool>,
    /// Ids of products, commas between them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100)]
    ids: Option<Vec<String>>,
    /// The slug of a product.
    #[param(min_length = 1, max_length = 200, example = "enamel-mug")]
    slug: Option<String>,
    /// The shop's own key for a product.
    #[param(min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// Made at or after this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    created_from: Option<UtcTime>,
    /// Made before this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    created_before: Option<UtcTime>,
    /// As its schema says.
    #[param(schema_with = attribute_filters)]
    attr: Option<BTreeMap<String, String>>,
    /// How to sort; by relevance where it is not given.
    #[param(inline)]
    sort: Option<ProductSort>,
}

impl From<ExplainSearch> for SearchProducts {
    fn from(asked: ExplainSearch) -> Self {
        let ExplainSearch {
            q,
            limit,
            currency,
            category,
            brand,
            collection,
            price_min,
            price_max,
            in_stock,
            ids,
            slug,
            external_id,
            created_from,
            created_before,
            attr,
            sort,
        } = asked;
        Self {
            q: Some(q),
            limit,
            currency,
            category,
            brand,
            collection,
            price_min,
            price_max,
            in_stock,
            ids,
            slug,
            external_id,
            created_from,
            created_before,
            attr,
            sort,
            cursor: None,
            with_total: None,
            facets: None,
        }
    }
}

/// Explain a search
///
/// How the text was read, which stage found what, and what the score of each product is made of: the sum of its parts,
/// times its factors. The filters are those of a search.
#[utoipa::path(
    tag = "admin search",
    params(ExplainSearch),
    responses((status = 200, description = "How the search came about.", body = Explanation)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/search/explain")]
async fn explain_search(
    _staff: Staff<ProductsRead>,
    shop: Data<Shop>,
    at_hand: Data<AtHand>,
    search: Data<Search>,
    query: StrictQuery<ExplainSearch>,
) -> Result<Answer> {
    let asked = SearchProducts::from(query.0);
    let currency = shop.chosen_currency(asked.currency.as_deref())?;
    let index = search.index().await?;
    let media_url = shop.config.media_url.clone();
    let classification = at_hand.wanted(shop.db.changes());
    let explanation = shop
        .db
        .read(move |conn| {
            let classification = classification.get(conn)?;
            let meant = asked.asked(conn, &classification, currency)?;
            let Explained { corrected, readings, asks_for_accessory, stages, hits } =
                index.explain(&asked.query(&meant, currency, Span::first(asked.limit())))?;
            let ids: Vec<ProductId> = hits.iter().map(|(id, _)| *id).collect();
            let summaries = list::summaries(conn, &classification.tree, &ids, currency, &media_url)?;
            let items = hits.into_iter().filter_map(|(id, found)| {
                let (product, _) = summaries.iter().find(|(product, _)| product.id == id)?;
                Some(ProductExplained { id, slug: product.slug.clone(), name: product.name.clone(), found })
            });
            let items = items.collect();
            Ok(Explanation { corrected_query: corrected, readings, asks_for_accessory, stages, items })
        })
        .await?;
    Ok(Answer::ok(&explanation, Keep::Personal).tagged())
}
