//! Writes an entry in the transaction of what it tells.

use std::collections::BTreeMap;

use super::store::{self, EntryRow, SOURCE};
use crate::{
    auth::{
        access_token::Subject,
        extract::{Actor, Source},
    },
    db::{Conn, columns::Json},
    error::Result,
    ids::EntryId,
    keys::{Keys, Purpose},
    text_enum,
    time::UtcTime,
    vault,
};

text_enum! {
    /// What was done, or tried.
    Action {
        /// Somebody logged in, or tried to: the subject is whose address it was, if anybody's.
        LoggedIn = "logged_in",
        /// A refresh token that had been replaced was shown again, and its session ended for it.
        RefreshTokenReused = "refresh_token_reused",
        /// A session was ended by its owner.
        SessionEnded = "session_ended",
        /// All sessions of a person but the one by which they called were ended by them.
        OtherSessionsEnded = "other_sessions_ended",
        /// An account was made.
        Registered = "registered",
        /// A password was changed by who knew the former one, or somebody tried to who did not.
        PasswordChanged = "password_changed",
        /// An e-mail address was shown to be its owner's, by a token that came by mail.
        EmailVerified = "email_verified",
        /// A mail by which to choose another password was asked for: the subject is whose address it was, if anybody's.
        PasswordResetRequested = "password_reset_requested",
        /// A password was replaced by who had a token that came by mail.
        PasswordReset = "password_reset",
        /// Another e-mail address was asked for.
        EmailChangeRequested = "email_change_requested",
        /// The e-mail address was changed.
        EmailChanged = "email_changed",
        /// A second factor was turned on.
        SecondFactorTurnedOn = "second_factor_turned_on",
        /// A second factor was turned off, by its owner or by the staff.
        SecondFactorTurnedOff = "second_factor_turned_off",
        /// Other recovery codes were made.
        RecoveryCodesRenewed = "recovery_codes_renewed",
        /// Somebody logged in by a recovery code.
        RecoveryCodeUsed = "recovery_code_used",
        /// An account was erased.
        AccountErased = "account_erased",
        /// A customer was changed by the staff.
        CustomerChanged = "customer_changed",
        /// A customer may not come in any more.
        CustomerDisabled = "customer_disabled",
        /// A customer may come in again.
        CustomerEnabled = "customer_enabled",
        /// A member of the staff was given another name or role.
        StaffChanged = "staff_changed",
        /// A member of the staff may not come in any more.
        StaffDisabled = "staff_disabled",
        /// A member of the staff may come in again.
        StaffEnabled = "staff_enabled",
        /// A member of the staff was let go.
        StaffDeleted = "staff_deleted",
        /// A role was made.
        RoleCreated = "role_created",
        /// A role was changed.
        RoleChanged = "role_changed",
        /// A role was deleted.
        RoleDeleted = "role_deleted",
        /// Somebody was invited into the staff.
        InvitationCreated = "invitation_created",
        /// An invitation was revoked.
        InvitationRevoked = "invitation_revoked",
        /// Somebody came into the staff by an invitation.
        InvitationAccepted = "invitation_accepted",
        /// An API key was made.
        ApiKeyCreated = "api_key_created",
        /// An API key was given another name.
        ApiKeyChanged = "api_key_changed",
        /// An API key was revoked.
        ApiKeyRevoked = "api_key_revoked",
        /// Another generation of the shop's key ring was put into use, from the command line.
        KeysRotated = "keys_rotated",
    }
}

text_enum! {
    /// How it ended.
    Outcome {
        /// It was done.
        Succeeded = "succeeded",
        /// It was refused.
        Refused = "refused",
    }
}

/// What to write down.
pub struct Entry<'a> {
    /// The id of who did it: a customer, a member of the staff or an API key. `None` where nobody had shown who they are.
    pub actor: Option<&'a str>,
    /// What it was.
    pub action: Action,
    /// The id of whom or what it was done to.
    pub subject: Option<&'a str>,
    /// How it ended.
    pub outcome: Outcome,
    /// More of it, in ids and codes, never in personal data.
    pub data: BTreeMap<String, String>,
    /// From where it came.
    pub source: &'a Source,
}

impl<'a> Entry<'a> {
    /// `actor` did this to themself, or to nobody else.
    pub fn done_by(actor: &'a str, action: Action, source: &'a Source) -> Self {
        Self { actor: Some(actor), action, subject: None, outcome: Outcome::Succeeded, data: BTreeMap::new(), source }
    }

    /// `actor` did this to somebody or something.
    pub fn done_to(subject: &'a str, actor: &'a str, action: Action, source: &'a Source) -> Self {
        Self { subject: Some(subject), ..Self::done_by(actor, action, source) }
    }

    /// Somebody who had not shown who they are tried this, and was refused; it concerned `subject`, if anybody.
    pub fn refused_to_anybody(action: Action, subject: Option<&'a str>, source: &'a Source) -> Self {
        Self { actor: None, action, subject, outcome: Outcome::Refused, data: BTreeMap::new(), source }
    }

    /// With an id or a code more.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.data.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// Who of the staff changes something, and from where.
#[derive(Clone)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// From where.
    pub source: Source,
}

impl By {
    /// Writes down what they have done to `subject`.
    ///
    /// # Errors
    /// A failure of ours.
    pub fn record(&self, conn: &mut Conn, keys: &Keys, subject: &str, action: Action, now: UtcTime) -> Result<()> {
        record(conn, keys, Entry::done_to(subject, self.actor.as_str(), action, &self.source), now)
    }
}

/// Writes it down.
///
/// # Errors
/// A database error, or a person's key that cannot be unwrapped.
pub fn record(conn: &mut Conn, keys: &Keys, entry: Entry<'_>, now: UtcTime) -> Result<()> {
    let Entry { actor, action, subject, outcome, data, source } = entry;
    let id = EntryId::new();
    let person = [actor, subject].into_iter().flatten().find(|it| Subject::of_id(it).is_some());
    let sealed = match person {
        // Of somebody whose key is destroyed nothing personal is kept any more.
        Some(person) => vault::find(conn, keys, person)?.map(|key| vault::seal_json(&key, id.as_str(), SOURCE, source)),
        None => Some(keys.seal(Purpose::Shop, id.as_str(), SOURCE, &serde_json::to_vec(source).unwrap_or_default())),
    };
    let row = EntryRow {
        id,
        actor_id: actor.map(str::to_owned),
        action,
        subject_id: subject.map(str::to_owned),
        outcome,
        data: Json::new(data),
        sealed_for: person.map(str::to_owned),
        source: sealed,
        occurred_at: now,
    };
    Ok(store::insert(conn, &row)?)
}
