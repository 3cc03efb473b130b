//! One's own sessions over HTTP.

use actix_web::{HttpRequest, delete, get, web::Data};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::OwnSession;
use crate::{
    audit::{self, Action, Entry},
    auth::{
        access_token::Subject,
        extract::{Customer, Source},
        session,
    },
    error::{Error, Result},
    http::{
        answer::{Answer, Keep},
        listing::{Listing, Paging},
        path::PathParameter,
        query::StrictQuery,
    },
    ids::SessionId,
    page::Collection,
    shop::Shop,
};

/// The routes of one's own sessions.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(list_own_sessions).service(end_own_session).service(end_other_sessions);
}

/// List one's sessions
///
/// Where one is logged in, the latest log-in first. Sessions that have ended are not among them.
#[utoipa::path(
    tag = "accounts",
    params(Paging),
    responses((status = 200, description = "A page of sessions.", body = Collection<OwnSession>)),
    security(("bearer" = []))
)]
#[get("/api/v1/me/sessions")]
async fn list_own_sessions(
    customer: Customer,
    shop: Data<Shop>,
    query: StrictQuery<Paging>,
    request: HttpRequest,
) -> Result<Answer> {
    let Paging { limit, cursor, with_total } = query.0;
    let listing = Listing::new(&shop, &request).of(customer.id.as_str());
    let (asked, inner) = (listing.clone(), shop.clone());
    let collection = shop
        .db
        .read(move |conn| {
            let (owner, now) = (Subject::Customer(customer.id), inner.clock.now());
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(session::load_page(conn, &inner.keys, owner, now, &page)?);
            let total = (with_total == Some(true)).then(|| session::count(conn, owner, now)).transpose()?;
            Ok(page.collection(window, total, |it| vec![json!(it.id)], |it| OwnSession::new(it, customer.session_id)))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Never))
}

/// End a session
///
/// Logs out on the device that has it, within seconds. One may end the session by which one calls.
#[utoipa::path(
    tag = "accounts",
    params(("session_id" = SessionId, Path, description = "The session.")),
    responses((status = 204, description = "The session has ended.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/me/sessions/{session_id}")]
async fn end_own_session(
    customer: Customer,
    shop: Data<Shop>,
    source: Source,
    id: PathParameter<SessionId>,
) -> Result<Answer> {
    let inner = shop.clone();
    shop.db
        .write(move |conn| {
            let now = inner.clock.now();
            if !session::end_own(conn, Subject::Customer(customer.id), id.0, now)? {
                return Err(Error::not_found());
            }
            let entry = Entry::done_to(id.0.as_str(), customer.id.as_str(), Action::SessionEnded, &source);
            audit::record(conn, &inner.keys, entry, now)
        })
        .await?;
    Ok(Answer::no_content())
}

/// End all other sessions
///
/// Logs out everywhere but here.
#[utoipa::path(
    tag = "accounts",
    responses((status = 204, description = "Only the session by which this request came is left.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/me/sessions")]
async fn end_other_sessions(customer: Customer, shop: Data<Shop>, source: Source) -> Result<Answer> {
    let Customer { id, session_id } = customer;
    let inner = shop.clone();
    shop.db
        .write(move |conn| {
            let now = inner.clock.now();
            session::end_others(conn, Subject::Customer(id), session_id, now)?;
            let entry = Entry::done_by(id.as_str(), Action::OtherSessionsEnded, &source);
            audit::record(conn, &inner.keys, entry, now)
        })
        .await?;
    Ok(Answer::no_content())
}
