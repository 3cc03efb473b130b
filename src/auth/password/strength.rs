//! Which passwords are too easily guessed.

use std::fmt;

use zxcvbn::zxcvbn;

use super::Password;
use crate::{
    email::Email,
    error::{Code, Violation},
    text::fold,
};

/// What zxcvbn gets to see. Its work grows with the square of the length and more; what is not guessed by the hundredth
/// character need not be looked at further.
const LOOKED_AT: usize = 100;
/// Fewer guesses than this and the password is refused.
const FEWEST_GUESSES: u64 = 100_000_000;

/// The password is too easily guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooWeak;

/// Refuses common passwords, and the person's own e-mail address or its local part.
pub fn check_strength(password: &Password, email: Option<&Email>) -> Result<(), TooWeak> {
    let folded = fold(password.expose());
    let email = email.map(Email::folded).unwrap_or_default();
    let local = email.split('@').next().unwrap_or_default();
    if folded == email || folded == local {
        return Err(TooWeak);
    }
    let looked_at: String = password.expose().chars().take(LOOKED_AT).collect();
    let estimate = zxcvbn(&looked_at, &[&email, local]);
    if estimate.guesses() < FEWEST_GUESSES { Err(TooWeak) } else { Ok(()) }
}

impl TooWeak {
    /// The violation, at a JSON pointer such as `#/password`.
    pub fn at(self, pointer: &str) -> Violation {
        Violation::at(pointer, Code::WeakPassword, "The password is too easily guessed.")
    }
}

impl fmt::Display for TooWeak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the password is too easily guessed")
    }
}

impl std::error::Error for TooWeak {}
