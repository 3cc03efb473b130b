//! `/admin/prices`.

use actix_web::{HttpRequest, get, put, web::Data};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::{
        extract::Staff,
        rights::{PricesRead, PricesWrite},
    },
    catalog::{
        admin::{
            variants::body::VariantPriceInput,
            view::{self, VariantPrices},
        },
        draft::{Price, Terms},
        edit_product, set_prices,
        store::VariantRow,
        variants::{self, AnyVariantSort, Surroundings, VariantFilter, VariantSort},
    },
    db::Conn,
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        etag::RequiredIfMatch,
        json::StrictJson,
        listing::Listing,
        path::PathParameter,
        query::StrictQuery,
    },
    ids::VariantId,
    page::Collection,
    shop::Shop,
};

/// The routes of prices.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_prices).service(get_prices).service(replace_prices);
}

/// Whose prices to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListPrices {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// Ids of variants, commas between them.
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false, max_items = 100)]
    variant_id: Option<Vec<String>>,
    /// Id of a product, for the prices of its variants.
    #[param(min_length = 1, max_length = 100)]
    product_id: Option<String>,
    /// The SKU of a variant.
    #[param(min_length = 1, max_length = 100, example = "ENAMEL-MUG")]
    sku: Option<String>,
    /// How to sort; oldest variant first where it is not given.
    #[param(inline)]
    sort: Option<AnyVariantSort>,
}

/// All prices that a variant is to have.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPrices {
    /// Once in each currency in which the variant is to be sold.
    #[schema(max_items = 200)]
    prices: Vec<VariantPriceInput>,
}

fn of_variant(row: &VariantRow, around: &Surroundings) -> VariantPrices {
    VariantPrices {
        variant_id: row.id,
        product_id: row.product_id,
        sku: row.sku.clone(),
        prices: view::prices_of(row.id, &around.prices),
        version: around.version(row),
    }
}

fn load(conn: &mut Conn, id: VariantId) -> Result<VariantPrices> {
    let row = variants::find(conn, id)?.ok_or_else(Error::not_found)?;
    let around = Surroundings::load(conn, std::slice::from_ref(&row))?;
    Ok(of_variant(&row, &around))
}

/// List prices
///
/// One entry for each variant, with its prices in all currencies.
#[utoipa::path(
    tag = "admin prices",
    params(ListPrices),
    responses((status = 200, description = "A page of variants' prices.", body = Collection<VariantPrices>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/prices")]
async fn list_prices(
    _staff: Staff<PricesRead>,
    shop: Data<Shop>,
    query: StrictQuery<ListPrices>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(ListPrices { limit, cursor, with_total, variant_id, product_id, sku, sort }) = query;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let sort = sort.map_or(VariantSort::OldestFirst, VariantSort::from);
    // A value that names nothing narrows the list to nothing.
    let mut ids: Option<Vec<VariantId>> = variant_id.map(|ids| ids.iter().filter_map(|it| it.parse().ok()).collect());
    let product_id = match product_id.map(|it| it.parse()) {
        Some(Ok(product_id)) => Some(product_id),
        Some(Err(_)) => {
            ids = Some(Vec::new());
            None
        }
        None => None,
    };
    let filter = VariantFilter { product_id, ids, sku, ..VariantFilter::default() };
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(variants::load_page(conn, &filter, sort, &page)?);
            let total = (with_total == Some(true)).then(|| variants::count(conn, &filter)).transpose()?;
            let around = Surroundings::load(conn, &window.rows)?;
            Ok(page.collection(window, total, |row| variants::key_of(sort, row), |row| of_variant(&row, &around)))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Show a variant's prices
///
/// In all currencies. Their version is that of the product.
#[utoipa::path(
    tag = "admin prices",
    params(("variant_id" = VariantId, Path, description = "The variant.")),
    responses((status = 200, description = "Its prices.", body = VariantPrices)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/prices/{variant_id}")]
async fn get_prices(_staff: Staff<PricesRead>, shop: Data<Shop>, id: PathParameter<VariantId>) -> Result<Answer> {
    let found = shop.db.read(move |conn| load(conn, id.0)).await?;
    Ok(Answer::ok(&found, Keep::Personal).versioned(found.version))
}

/// Set a variant's prices
///
/// All of them: a currency that is missing is no longer offered for this variant. The product has a new version.
#[utoipa::path(
    tag = "admin prices",
    params(
        ("variant_id" = VariantId, Path, description = "The variant."),
        ("If-Match" = String, Header, description = "The version of the product to change.")
    ),
    request_body = SetPrices,
    responses((status = 200, description = "Its prices as they now are.", body = VariantPrices)),
    security(("bearer" = []))
)]
#[put("/api/v1/admin/prices/{variant_id}")]
async fn replace_prices(
    _staff: Staff<PricesWrite>,
    shop: Data<Shop>,
    id: PathParameter<VariantId>,
    condition: RequiredIfMatch,
    body: StrictJson<SetPrices>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let prices: Vec<Price> = body.value.prices.into_iter().map(Price::from).collect();
    let config = shop.config.clone();
    let changed = shop
        .db
        .write(move |conn| {
            let mut editing = edit_product::open_of_variant(conn, id.0, &condition.0)?;
            set_prices::set_prices(conn, &mut editing, id.0, &prices, Terms::of(&config))?;
            edit_product::finish(conn, editing, now)?;
            load(conn, id.0)
        })
        .await?;
    Ok(Answer::ok(&changed, Keep::Personal).versioned(changed.version))
}
