//! One's own sessions over HTTP: a customer's below `/me`, a staff member's below `/admin/me`.

use actix_web::{HttpRequest, delete, get, web::Data};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::OwnSession;
use crate::{
    audit::{self, Action, Entry},
    auth::{
        extract::{AnyStaff, Customer, SignedIn, Source},
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
    service.service(list_staff_sessions).service(end_staff_session).service(end_other_staff_sessions);
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
    list(customer.into(), &shop, query.0, &request).await
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
    end(customer.into(), &shop, source, id.0).await
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
    end_others(customer.into(), &shop, source).await
}

/// List one's sessions among the staff
///
/// Where one is logged in, the latest log-in first. Sessions that have ended are not among them. For people; an API key
/// has none.
#[utoipa::path(
    tag = "admin staff",
    params(Paging),
    responses((status = 200, description = "A page of sessions.", body = Collection<OwnSession>)),
    security(("bearer" = []))
)]
#[get("/api/v1/admin/me/sessions")]
async fn list_staff_sessions(
    staff: AnyStaff,
    shop: Data<Shop>,
    query: StrictQuery<Paging>,
    request: HttpRequest,
) -> Result<Answer> {
    list(staff.into(), &shop, query.0, &request).await
}

/// End a session of one's own among the staff
///
/// Logs out on the device that has it, within seconds. One may end the session by which one calls.
#[utoipa::path(
    tag = "admin staff",
    params(("session_id" = SessionId, Path, description = "The session.")),
    responses((status = 204, description = "The session has ended.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/me/sessions/{session_id}")]
async fn end_staff_session(
    staff: AnyStaff,
    shop: Data<Shop>,
    source: Source,
    id: PathParameter<SessionId>,
) -> Result<Answer> {
    end(staff.into(), &shop, source, id.0).await
}

/// End all other sessions of one's own among the staff
///
/// Logs out everywhere but here.
#[utoipa::path(
    tag = "admin staff",
    responses((status = 204, description = "Only the session by which this request came is left.")),
    security(("bearer" = []))
)]
#[delete("/api/v1/admin/me/sessions")]
async fn end_other_staff_sessions(staff: AnyStaff, shop: Data<Shop>, source: Source) -> Result<Answer> {
    end_others(staff.into(), &shop, source).await
}

async fn list(caller: SignedIn, shop: &Data<Shop>, asked: Paging, request: &HttpRequest) -> Result<Answer> {
    let SignedIn { subject, session_id } = caller;
    let Paging { limit, cursor, with_total } = asked;
    let listing = Listing::new(shop, request).of(subject.as_str());
    let (asked, inner) = (listing.clone(), shop.clone());
    let collection = shop
        .db
        .read(move |conn| {
            let now = inner.clock.now();
            let page = asked.page(limit, cursor.as_deref())?;
            let window = page.window(session::load_page(conn, &inner.keys, subject, now, &page)?);
            let total = (with_total == Some(true)).then(|| session::count(conn, subject, now)).transpose()?;
            Ok(page.collection(window, total, |it| vec![json!(it.id)], |it| OwnSession::new(it, session_id)))
        })
        .await?;
    Ok(listing.answer(&collection, Keep::Never))
}

async fn end(caller: SignedIn, shop: &Data<Shop>, source: Source, id: SessionId) -> Result<Answer> {
    let inner = shop.clone();
    shop.db
        .write(move |conn| {
            let now = inner.clock.now();
            if !session::end_own(conn, caller.subject, id, now)? {
                return Err(Error::not_found());
            }
            let entry = Entry::done_to(id.as_str(), caller.subject.as_str(), Action::SessionEnded, &source);
            audit::record(conn, &inner.keys, entry, now)
        })
        .await?;
    Ok(Answer::no_content())
}

async fn end_others(caller: SignedIn, shop: &Data<Shop>, source: Source) -> Result<Answer> {
    let SignedIn { subject, session_id } = caller;
    let inner = shop.clone();
    shop.db
        .write(move |conn| {
            let now = inner.clock.now();
            session::end_others(conn, subject, session_id, now)?;
            let entry = Entry::done_by(subject.as_str(), Action::OtherSessionsEnded, &source);
            audit::record(conn, &inner.keys, entry, now)
        })
        .await?;
    Ok(Answer::no_content())
}
