//! How invitations look from outside.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{ids::InvitationId, staff::view::HeldRole, time::UtcTime};

/// An invitation into the staff. The token that accepts it is in the mail alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = StaffInvitation)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it was sent to.
    #[schema(format = "email", min_length = 3, max_length = 254, example = "kim@example.com")]
    pub email: String,
    /// What they are to be called.
    #[schema(required, min_length = 1, max_length = 200, example = "Kim Lund")]
    pub name: Option<String>,
    /// What they are to be there for.
    pub role: HeldRole,
    /// The member of the staff or the API key that invited them.
    #[schema(min_length = 1, max_length = 40, example = "staff_01kdxkk1a0f2ethrwsbq5wfaw2")]
    pub invited_by: String,
    /// Always 1: an invitation does not change.
    #[schema(minimum = 1, maximum = 1, example = 1)]
    pub version: i64,
    /// When it ends.
    pub expires_at: UtcTime,
    /// When it was made.
    pub created_at: UtcTime,
}
