//! Whether a password is the one of an account, and of whose.

use crate::{
    auth::{
        access_token::Subject,
        logins::Login,
        password::{self, Password, Verdict},
    },
    shop::Shop,
};

/// Whose password it is, the hash that it was compared with, and the hash to keep. It takes as long for an address
/// that nobody has.
pub(super) fn check_password(
    shop: &Shop,
    login: Option<Login>,
    password: &Password,
) -> Option<(Subject, String, String)> {
    let (keys, cost) = (&shop.keys, shop.config.bcrypt_cost);
    let Some(Login { owner, password_hash }) = login else {
        password::verify_dummy(keys, password, cost);
        return None;
    };
    match password::verify(keys, &password_hash, password, cost) {
        Verdict::Mismatch => None,
        Verdict::Match => Some((owner, password_hash.clone(), password_hash)),
        Verdict::MatchNeedsRehash => Some((owner, password_hash, password::hash(keys, password, cost))),
    }
}
