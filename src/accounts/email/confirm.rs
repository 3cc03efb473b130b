//! What follows from a token that came by mail: the address that it went to is its owner's.

use crate::{
    accounts::{register, store, verification},
    audit::{self, Action, Entry},
    auth::{access_token::Subject, extract::Source, password::NO_PASSWORD},
    db::Conn,
    email::Email,
    error::{Code, Result},
    ids::CustomerId,
    mail::{self, Letter, MailKind, Recipient, Redeemed},
    orders,
    shop::Shop,
    time::UtcTime,
    vault,
};

use super::change;

/// The kinds of mail that ask for an address to be confirmed.
const ASKING: &[MailKind] = &[MailKind::VerifyEmail, MailKind::ConfirmRegistration, MailKind::ConfirmNewEmail];

/// Does what the token of a mail stands for.
///
/// # Errors
/// 422 `unusable_token`, also where the address has become somebody else's meanwhile.
pub(super) fn confirm(conn: &mut Conn, shop: &Shop, token: &str, source: &Source, now: UtcTime) -> Result<()> {
    let redeemed = mail::redeem(conn, &shop.keys, token, ASKING, now)?;
    let address: Email = redeemed.letter.to.parse().map_err(|_| Redeemed::unusable())?;
    let owner = match redeemed.kind {
        MailKind::ConfirmRegistration => Subject::Customer(open_account(conn, shop, &redeemed, &address, now)?),
        _ => Subject::of_id(&redeemed.owner).ok_or_else(Redeemed::unusable)?,
    };
    if redeemed.kind == MailKind::ConfirmNewEmail {
        change::finish(conn, shop, owner, &address, source, now)?;
    }
    if let Subject::Customer(id) = owner {
        confirmed(conn, shop, id, &address, now)?;
    }
    audit::record(conn, &shop.keys, Entry::done_by(owner.as_str(), Action::EmailVerified, source), now)
}

/// Makes the account that was asked for by the very mail whose token was shown, with that registration's password. Where
/// others have registered with the address by other passwords, none of them counts: a mail to choose one goes there.
fn open_account(
    conn: &mut Conn,
    shop: &Shop,
    redeemed: &Redeemed,
    address: &Email,
    now: UtcTime,
) -> Result<CustomerId> {
    let letter = &redeemed.letter;
    let is_contested = verification::is_contested(conn, shop, address, now)?;
    let new = register::NewCustomer {
        email: address.clone(),
        name: letter.name.clone(),
        password_hash: match is_contested {
            true => NO_PASSWORD.to_owned(),
            false => letter.password_hash.clone().ok_or_else(Redeemed::unusable)?,
        },
    };
    let registered = register::register(conn, &shop.keys, &new, now);
    let id = registered.map_err(|error| match error.code() {
        Some(Code::EmailTaken) => Redeemed::unusable(),
        _ => error,
    })?;
    // What the mail held is in the account now.
    vault::destroy(conn, &redeemed.owner)?;
    if is_contested {
        let to = Recipient { owner: id.as_str(), email_hash: &shop.keys.email_hash(address.as_str()) };
        mail::post(conn, &shop.keys, MailKind::ResetPassword, to, &Letter::to(address.as_str()), now)?;
    }
    Ok(id)
}

/// The address is the customer's, as a token has shown that went there: orders that were bought with it as a guest are
/// theirs too.
///
/// # Errors
/// 422 `unusable_token` where it is not their address any more, or they may not come in.
pub(in crate::accounts) fn confirmed(
    conn: &mut Conn,
    shop: &Shop,
    id: CustomerId,
    address: &Email,
    now: UtcTime,
) -> Result<()> {
    let email_hash = shop.keys.email_hash(address.as_str());
    let row = store::lock_active(conn, id)?.filter(|row| row.email_hash == email_hash);
    let row = row.ok_or_else(Redeemed::unusable)?;
    if !row.email_verified {
        store::set_verified(conn, id, now)?;
    }
    mail::void_tokens(conn, id.as_str(), &[MailKind::VerifyEmail], now)?;
    orders::claim::claim_orders_of_guest(conn, shop, id, address, now)
}
