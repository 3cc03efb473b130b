//! `/admin/synonyms`.

use actix_web::{HttpRequest, delete, get, patch, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::{
        extract::Staff,
        rights::{ProductsRead, ProductsWrite},
    },
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        etag::RequiredIfMatch,
        idempotency::{self, IdempotencyKey},
        json::StrictJson,
        listing::{Listing, Paging},
        path::PathParameter,
        query::StrictQuery,
    },
    ids::SynonymId,
    page::Collection,
    search::synonym_group::{self, SynonymChange, SynonymGroup, SynonymWords},
    shop::Shop,
    time::UtcTime,
};

/// The routes of synonyms.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .service(list_synonyms)
        .service(create_synonyms)
        .service(get_synonyms)
        .service(update_synonyms)
        .service(delete_synonyms);
}

/// Words, or phrases, that mean the same in this shop: either all of `words`, each any other; or what stands in `from`
/// means what stands in `to`, and not the other way round.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Synonyms {
    /// Its id.
    pub id: SynonymId,
    /// Words of which each means all others; empty where the group goes one way.
    #[schema(value_type = Vec<SynonymWord>, max_items = 20)]
    pub words: Vec<String>,
    /// Words that find the products of those in `to`, too; empty where the group goes both ways.
    #[schema(value_type = Vec<SynonymWord>, max_items = 20)]
    pub from: Vec<String>,
    /// What the words in `from` mean; empty where the group goes both ways.
    #[schema(value_type = Vec<SynonymWord>, max_items = 20)]
    pub to: Vec<String>,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

/// A word or phrase. Case and spacing make no difference.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 100, example = "settee")]
#[allow(dead_code, reason = "stands for a text in the document")]
pub struct SynonymWord(String);

impl From<SynonymGroup> for Synonyms {
    fn from(row: SynonymGroup) -> Self {
        let SynonymGroup { id, words, from_words, to_words, version, created_at, updated_at } = row;
        let (words, from, to) = (words.into_inner(), from_words.into_inner(), to_words.into_inner());
        Self { id, words, from, to, version, created_at, updated_at }
    }
}

/// Words that mean the same: either `words`, or `from` and `to`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"words": ["sofa", "settee"]}))]
pub struct CreateSynonyms {
    /// At least two words of which each means all others.
    #[serde(default)]
    #[schema(value_type = Option<Vec<SynonymWord>>, nullable = false, max_items = 20)]
    words: Vec<String>,
    /// Words that find the products of those in `to`, too.
    #[serde(default)]
    #[schema(value_type = Option<Vec<SynonymWord>>, nullable = false, max_items = 20)]
    from: Vec<String>,
    /// What the words in `from` mean.
    #[serde(default)]
    #[schema(value_type = Option<Vec<SynonymWord>>, nullable = false, max_items = 20)]
    to: Vec<String>,
}

/// What is to change of a group of synonyms. A list is replaced as a whole; an empty one goes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"words": ["sofa", "settee", "davenport"]}))]
pub struct UpdateSynonyms {
    /// Words of which each means all others.
    #[schema(value_type = Option<Vec<SynonymWord>>, nullable = false, max_items = 20)]
    words: Option<Vec<String>>,
    /// Words that find the products of those in `to`, too.
    #[schema(value_type = Option<Vec<SynonymWord>>, nullable = false, max_items = 20)]
    from: Option<Vec<String>>,
    /// What the words in `from` mean.
    #[schema(value_type = Option<Vec<SynonymWord>>, nullable = false, max_items = 20)]
    to: Option<Vec<String>>,
}

/// List synonyms
///
/// What the shop says of words that mean the same, the oldest first. Spellings that differ between countries are known
/// without it.
#[utoipa::path(
    tag = "admin search",
    params(Paging),
    responses((status = 200, description = "A page of groups.", body = Collection<Synonyms>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/synonyms")]
async fn list_synonyms(
    _staff: Staff<ProductsRead>,
    shop: Data<Shop>,
    query: StrictQuery<Paging>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(Paging { limit, cursor, with_total }) = query;
    let listing = Listing::new(&shop, &request);
    let asked = listing.clone();
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(synonym_group::load_page(conn, &page)?);
            let total = (with_total == Some(true)).then(|| synonym_group::count(conn)).transpose()?;
            Ok(page.collection(window, total, |row| vec![row.id.as_str().into()], Synonyms::from))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Personal))
}

/// Say that words mean the same
///
/// The very next search knows it.
#[utoipa::path(
    tag = "admin search",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = CreateSynonyms,
    responses(
        (status = 201, description = "The group.", body = Synonyms),
        (status = 409, description = "Another group says the same, which `synonym_id` names, or the shop has 1,000 groups (`conflict`).")
    ),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/synonyms")]
async fn create_synonyms(
    staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    key: IdempotencyKey,
    body: StrictJson<CreateSynonyms>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), &body.bytes)?;
    let CreateSynonyms { words, from, to } = body.value;
    let new = SynonymWords { words, from, to };
    idempotency::once(&shop.db, &shop.keys, now, ticket, move |conn| {
        let made = Synonyms::from(synonym_group::create(conn, new.clone(), now)?);
        let location = format!("/api/v1/admin/synonyms/{}", made.id);
        Ok(Answer::created(&made, location, Keep::Personal).versioned(made.version))
    })
    .await
}

/// Show a group of synonyms
///
/// By its id.
#[utoipa::path(
    tag = "admin search",
    params(("synonym_id" = SynonymId, Path, description = "The group.")),
    responses((status = 200, description = "The group.", body = Synonyms)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/synonyms/{synonym_id}")]
async fn get_synonyms(_staff: Staff<ProductsRead>, shop: Data<Shop>, id: PathParameter<SynonymId>) -> Result<Answer> {
    let find = move |conn: &mut _| synonym_group::find(conn, id.0)?.ok_or_else(Error::not_found);
    let group = Synonyms::from(shop.db.read(find).await?);
    Ok(Answer::ok(&group, Keep::Personal).versioned(group.version))
}

/// Change a group of synonyms
///
/// Members that are absent stay.
#[utoipa::path(
    tag = "admin search",
    params(
        ("synonym_id" = SynonymId, Path, description = "The group."),
        ("If-Match" = String, Header, description = "The version to change.")
    ),
    request_body = UpdateSynonyms,
    responses(
        (status = 200, description = "The group as it now is.", body = Synonyms),
        (status = 409, description = "Another group says the same, which `synonym_id` names (`conflict`).")
    ),
    security(("bearer" = []))
)]
#[patch("/api/v1/admin/synonyms/{synonym_id}")]
async fn update_synonyms(
    _staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    id: PathParameter<SynonymId>,
    condition: RequiredIfMatch,
    body: StrictJson<UpdateSynonyms>,
) -> Result<Answer> {
    let now = shop.clock.now();
    let UpdateSynonyms { words, from, to } = body.value;
    let change = SynonymChange { words, from, to };
    let changed = move |conn: &mut _| synonym_group::change(conn, id.0, &condition.0, change.clone(), now);
    let group = Synonyms::from(shop.db.write(changed).await?);
    Ok(Answer::ok(&group, Keep::Personal).versioned(group.version))
}

/// Delete a group of synonyms
///
/// Its words mean what they meant before.
#[utoipa::path(
    tag = "admin search",
    params(
        ("synonym_id" = SynonymId, Path, description = "The group."),
        ("If-Match" = String, Header, description = "The version to delete.")
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/synonyms/{synonym_id}")]
async fn delete_synonyms(
    _staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    id: PathParameter<SynonymId>,
    condition: RequiredIfMatch,
) -> Result<Answer> {
    let now = shop.clock.now();
    shop.db.write(move |conn| synonym_group::delete(conn, id.0, &condition.0, now)).await?;
    Ok(Answer::no_content())
}
