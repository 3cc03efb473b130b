//! `/admin/audit-log`.

use actix_web::{HttpRequest, get, web::Data};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Action, Outcome,
    store::{self, EntryFilter},
    view::AuditEntry,
};
use crate::{
    auth::{extract::Staff, rights::AuditRead},
    db::Conn,
    error::Result,
    http::{
        answer::{Answer, Keep},
        listing::Listing,
        query::StrictQuery,
    },
    page::Collection,
    shop::Shop,
    time::UtcTime,
    vault,
};

/// The routes of the audit log.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_audit_log);
}

/// Which entries to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAuditLog {
    /// Entries on a page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// Where to go on, as an earlier page said.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Whether to count the whole list.
    with_total: Option<bool>,
    /// Done by this customer, member of the staff or API key.
    #[param(min_length = 1, max_length = 40, example = "staff_01kdxkk1a0f2ethrwsbq5wfaw2")]
    actor_id: Option<String>,
    /// Done to this person or thing.
    #[param(min_length = 1, max_length = 40, example = "cust_01kdxkk1a0f2ethrwsbq5wfaw2")]
    subject_id: Option<String>,
    /// Any of these, commas between them.
    #[param(inline, value_type = Option<Vec<Action>>, style = Form, explode = false, max_items = 100, example = json!(["logged_in"]))]
    action: Option<Vec<Action>>,
    /// How it ended.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// At or after this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    occurred_from: Option<UtcTime>,
    /// Before this instant.
    #[param(value_type = Option<String>, format = DateTime, max_length = 40)]
    occurred_before: Option<UtcTime>,
}

/// List the audit log
///
/// What concerned the security of accounts and of the shop, the latest first. Entries are never changed. From where
/// something was done is forgotten with the person whom it concerns.
#[utoipa::path(
    tag = "admin audit",
    params(ListAuditLog),
    responses((status = 200, description = "A page of entries.", body = Collection<AuditEntry>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/audit-log")]
async fn list_audit_log(
    _staff: Staff<AuditRead>,
    shop: Data<Shop>,
    query: StrictQuery<ListAuditLog>,
    request: HttpRequest,
) -> Result<Answer> {
    let StrictQuery(query) = query;
    let ListAuditLog { limit, cursor, with_total, actor_id, subject_id, action, .. } = query;
    let ListAuditLog { outcome, occurred_from, occurred_before, .. } = query;
    let filter = EntryFilter { actor_id, subject_id, actions: action, outcome, occurred_from, occurred_before };
    let listing = Listing::new(&shop, &request);
    let (asked, inner) = (listing.clone(), shop.clone());
    let collection = shop
        .db
        .read(move |conn| {
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(store::load_page(conn, &filter, &page)?);
            let total = (with_total == Some(true)).then(|| store::count(conn, &filter)).transpose()?;
            let page = page.collection(window, total, |row| vec![json!(row.id)], |row| row);
            opened(conn, &inner, page)
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Never))
}

fn opened(conn: &mut Conn, shop: &Shop, page: Collection<store::EntryRow>) -> Result<Collection<AuditEntry>> {
    let persons: Vec<&str> = page.items.iter().filter_map(|row| row.sealed_for.as_deref()).collect();
    let persons = vault::find_all(conn, &shop.keys, &persons)?;
    let Collection { items, page } = page;
    let items = items.into_iter().map(|row| AuditEntry::new(row, &shop.keys, &persons)).collect::<Result<_>>()?;
    Ok(Collection { items, page })
}
