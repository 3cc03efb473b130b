//! `/admin/products/bulk`.

use actix_web::{post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::{Asked, BulkOutcome, BulkOutcomes, BulkProducts};
use crate::{
    auth::{extract::Staff, rights::ProductsWrite},
    catalog::{
        change_product::change_product, create_product::create_product, delete_product::delete_product, draft::Terms,
        edit_product,
    },
    db::Conn,
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        idempotency::{self, IdempotencyKey, Ticket},
        json::bulk::{BulkItem, BulkJson},
        problem,
    },
    ids::ProductId,
    media::{ImageName, RenderQueue},
    shop::Shop,
    time::UtcTime,
};

/// The route of many changes.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(change_products);
}

/// Make, change and delete many products
///
/// One after the other, each in a transaction of its own: what is wrong with one stops none of the others. Each item is
/// checked and answered as the request for it alone would be, with `version` in the place of `If-Match`. Under an
/// `Idempotency-Key` what was done is not done again, even where an earlier try broke off in the middle.
#[utoipa::path(
    tag = "admin products",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless.")),
    request_body = BulkProducts,
    responses((status = 200, description = "What became of each item, in their order.", body = BulkOutcomes)),
    security(("bearer" = []))
)]
#[post("/api/v1/admin/products/bulk")]
async fn change_products(
    staff: Staff<ProductsWrite>,
    shop: Data<Shop>,
    queue: Data<RenderQueue>,
    key: IdempotencyKey,
    body: BulkJson,
) -> Result<Answer> {
    let ticket = key.ticket(&shop.keys, Some(staff.id.as_str()), body.digest.as_bytes())?;
    let mut replayed = ticket.is_some();
    let mut items = Vec::new();
    for item in body.items {
        let part = ticket.as_ref().map(|it| it.of_part(&shop.keys, item.pointer()));
        let change = Change { item, actor_id: staff.id.as_str().to_owned(), request_id: key.request_id.clone() };
        let (outcome, is_repeated) = change.run(&shop, &queue, part).await?;
        items.push(outcome);
        fail::fail_point!("bulk-item-done", |_| std::process::abort());
        replayed &= is_repeated;
    }
    Ok(Answer { replayed, ..Answer::ok(&BulkOutcomes { items }, Keep::Personal) })
}

/// One item, by whom it is asked for, and in which request.
struct Change {
    item: BulkItem,
    actor_id: String,
    request_id: String,
}

impl Change {
    /// What becomes of the item, and whether it became that in an earlier try.
    async fn run(self, shop: &Shop, queue: &RenderQueue, ticket: Option<Ticket>) -> Result<(BulkOutcome, bool)> {
        let asked = match Asked::read(&self.item) {
            Err(Error::Problem(problem)) => Err(problem),
            asked => Ok(asked?),
        };
        let named = self.item.member("id").and_then(|it| it.as_str()?.parse().ok());
        let refusal = move |error: &Error, request_id: &str| refused(named, error, request_id);
        let Self { item, actor_id, request_id } = self;
        let (now, config) = (shop.clock.now(), shop.config.clone());
        let work = move |conn: &mut Conn| {
            let asked = asked.as_ref().map_err(|problem| Error::Problem(problem.clone()))?;
            let (outcome, images) = make(conn, asked, Terms::of(&config), &actor_id, now)
                .map_err(|error| error.within(&format!("{}/data", item.pointer())))?;
            Ok((Answer::ok(&outcome, Keep::Personal), images))
        };
        let told = request_id.clone();
        let kept = move |error: &Error| Answer::ok(&refusal(error, &told), Keep::Personal);
        match idempotency::once_for_part(&shop.db, &shop.keys, now, ticket, work, kept).await {
            Ok((answer, images)) => {
                queue.forget(images).await;
                let outcome = serde_json::from_str(&answer.body);
                let outcome = outcome.map_err(|error| Error::Internal(format!("the outcome of an item: {error}")))?;
                Ok((outcome, answer.replayed))
            }
            // Of the key, not of the item.
            Err(error @ Error::Problem(_)) => Err(error),
            // Nothing is kept of it: a repeat tries this item again.
            Err(error) => Ok((refusal(&error, &request_id), false)),
        }
    }
}

fn refused(id: Option<ProductId>, error: &Error, request_id: &str) -> BulkOutcome {
    let (status, problem) = problem::of_part(error, request_id);
    BulkOutcome { status, id, version: None, problem: Some(problem) }
}

/// Does what an item asks for. The files of images that go stay until that is committed.
fn make(
    conn: &mut Conn,
    asked: &Asked,
    terms: Terms<'_>,
    actor_id: &str,
    now: UtcTime,
) -> Result<(BulkOutcome, Vec<ImageName>)> {
    let done = |status, id, version| BulkOutcome { status, id: Some(id), version, problem: None };
    Ok(match asked {
        Asked::Create(new) => (done(201, create_product(conn, new, terms, now)?, Some(1)), Vec::new()),
        Asked::Update(id, condition, change) => {
            let mut editing = edit_product::open(conn, *id, condition)?;
            let before = editing.row.version;
            change_product(conn, &mut editing, change, now)?;
            let version = match edit_product::finish(conn, editing, now)? {
                edit_product::Outcome::Changed => before + 1,
                edit_product::Outcome::Unchanged => before,
            };
            (done(200, *id, Some(version)), Vec::new())
        }
        Asked::Delete(id, condition) => {
            let images = delete_product(conn, *id, condition, Some(actor_id), now)?;
            (done(204, *id, None), images)
        }
    })
}
