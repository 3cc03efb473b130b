//! The kinds of mail.

use chrono::TimeDelta;

use crate::text_enum;

text_enum! {
    /// What a mail is for.
    MailKind {
        /// Asks a customer to show that the address is theirs.
        VerifyEmail = "verify_email",
        /// Asks somebody who registered to show that the address is theirs; the account is made then.
        ConfirmRegistration = "confirm_registration",
        /// Tells the owner of an account that somebody tried to use its address for another one.
        AddressInUse = "address_in_use",
        /// Lets the owner of an account choose another password.
        ResetPassword = "reset_password",
        /// Tells that the password was changed.
        PasswordChanged = "password_changed",
        /// Tells that a second factor is on.
        SecondFactorOn = "second_factor_on",
        /// Tells that a second factor is off.
        SecondFactorOff = "second_factor_off",
        /// Asks, at the new address, to confirm that an account is to have it.
        ConfirmNewEmail = "confirm_new_email",
        /// Tells, at the old address, that an account has another one now.
        EmailChanged = "email_changed",
        /// Invites somebody into the staff.
        StaffInvitation = "staff_invitation",
    }
}

/// The link that a mail leads to: the page of the front-end that takes its token, and how long that is good for.
pub(super) struct Link {
    /// Below the front-end's address.
    pub(super) page: &'static str,
    pub(super) lifetime: TimeDelta,
}

impl MailKind {
    /// Its link, where it has one.
    pub(super) fn link(self) -> Option<Link> {
        let (page, lifetime) = match self {
            Self::VerifyEmail | Self::ConfirmRegistration | Self::ConfirmNewEmail => {
                ("verify-email", TimeDelta::hours(24))
            }
            Self::ResetPassword => ("reset-password", TimeDelta::hours(1)),
            Self::StaffInvitation => ("accept-invitation", TimeDelta::hours(72)),
            Self::AddressInUse
            | Self::PasswordChanged
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::EmailChanged => return None,
        };
        Some(Link { page, lifetime })
    }

    /// Its text, behind a first line that is the subject.
    pub(super) fn template(self) -> &'static str {
        match self {
            Self::VerifyEmail => include_str!("templates/verify_email.txt"),
            Self::ConfirmRegistration => include_str!("templates/confirm_registration.txt"),
            Self::AddressInUse => include_str!("templates/address_in_use.txt"),
            Self::ResetPassword => include_str!("templates/reset_password.txt"),
            Self::PasswordChanged => include_str!("templates/password_changed.txt"),
            Self::SecondFactorOn => include_str!("templates/second_factor_on.txt"),
            Self::SecondFactorOff => include_str!("templates/second_factor_off.txt"),
            Self::ConfirmNewEmail => include_str!("templates/confirm_new_email.txt"),
            Self::EmailChanged => include_str!("templates/email_changed.txt"),
            Self::StaffInvitation => include_str!("templates/staff_invitation.txt"),
        }
    }

    /// Whether anybody can have one sent to anybody, and as often as they ask.
    pub(super) fn is_limited(self) -> bool {
        match self {
            Self::VerifyEmail
            | Self::ConfirmRegistration
            | Self::AddressInUse
            | Self::ResetPassword
            | Self::ConfirmNewEmail => true,
            Self::PasswordChanged
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::EmailChanged
            | Self::StaffInvitation => false,
        }
    }
}
