//! How notes look from outside.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    ids::{CustomerId, NoteId},
    time::UtcTime,
};

/// What a member of the staff has written down of a customer, who does not see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustomerNote {
    /// Its id.
    pub id: NoteId,
    /// Of whom.
    pub customer_id: CustomerId,
    /// Whose it is: a member of the staff or an API key.
    #[schema(min_length = 1, max_length = 40, example = "staff_01kdxkk1a0f2ethrwsbq5wfaw2")]
    pub author_id: String,
    /// What it says.
    #[schema(min_length = 1, max_length = 5000, example = "Prefers to be called in the morning.")]
    pub text: String,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When it was written.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}
