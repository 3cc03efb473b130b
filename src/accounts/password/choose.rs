//! A password that somebody chooses for an account.

use crate::{
    address::check_text,
    auth::{
        password::{self, Password, TooWeak, Verdict},
        password_queue::PasswordQueue,
    },
    email::Email,
    error::{Error, Result},
    shop::Shop,
};

/// The password of a new account, and that its name is one.
///
/// # Errors
/// 422 with what is wrong with either, at `#/name` and `#/password`.
pub(in crate::accounts) fn read_with_name(password: &str, name: Option<&str>) -> Result<Password> {
    let of_name = name.and_then(|it| check_text("#/name", it));
    match (of_name, Password::parse(password).map_err(|reason| reason.at("#/password"))) {
        (None, Ok(password)) => Ok(password),
        (of_name, of_password) => Err(Error::invalid(of_name.into_iter().chain(of_password.err()).collect())),
    }
}

/// The hash to keep of a password for the account of `email`.
///
/// # Errors
/// 422 `weak_password` at `pointer`; 503 where too many passwords are being hashed.
pub(in crate::accounts) async fn hash_chosen(
    shop: &Shop,
    queue: &PasswordQueue,
    password: Password,
    email: Email,
    pointer: &str,
) -> Result<String> {
    let (keys, cost) = (shop.keys.clone(), shop.config.bcrypt_cost);
    let hashed = queue.run(move || {
        password::check_strength(&password, Some(&email))?;
        Ok(password::hash(&keys, &password, cost))
    });
    Ok(hashed.await?.map_err(|reason: TooWeak| reason.at(pointer))?)
}

/// Whether `password` is the one that `hash` was made of. It takes as long where there is none.
///
/// # Errors
/// 503 where too many passwords are being hashed.
pub(in crate::accounts) async fn is_same(
    shop: &Shop,
    queue: &PasswordQueue,
    password: Password,
    hash: Option<String>,
) -> Result<bool> {
    let (keys, cost) = (shop.keys.clone(), shop.config.bcrypt_cost);
    let hash = hash.unwrap_or_else(|| password::NO_PASSWORD.to_owned());
    queue.run(move || password::verify(&keys, &hash, &password, cost) != Verdict::Mismatch).await
}
