//! How one's own sessions look.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{auth::session::LivingSession, ids::SessionId, time::UtcTime};

/// A session of one's own that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnSession {
    /// The session.
    pub id: SessionId,
    /// What the program called itself that began it (`User-Agent`); null where it did not say.
    #[schema(required, min_length = 1, max_length = 300, example = "Mozilla/5.0 (X11; Linux x86_64) Firefox/146.0")]
    pub device: Option<String>,
    /// Whether this request came by it.
    pub current: bool,
    /// When it was begun.
    pub created_at: UtcTime,
    /// When its tokens were last renewed.
    pub last_used_at: UtcTime,
    /// When it ends unless they are renewed before.
    pub expires_at: UtcTime,
}

impl OwnSession {
    pub(super) fn new(session: LivingSession, current: SessionId) -> Self {
        let LivingSession { id, device, created_at, last_used_at, expires_at } = session;
        Self { id, device, current: id == current, created_at, last_used_at, expires_at }
    }
}
