//! Sends what is due. Every process does; a mail is taken by one of them at a time.

use std::time::Duration;

use chrono::TimeDelta;
use lettre::Message;

use super::{
    Letter,
    message::message,
    store::{self, MailRow, MailState},
    transport::{Outbox, Undelivered},
};
use crate::{
    auth::secret::{OpaqueToken, TokenKind},
    db::Conn,
    error::{Error, Result},
    ids::JobId,
    keys::fill_random,
    shop::Shop,
    time::UtcTime,
    vault,
};

/// How often to look for what is due.
const EVERY: Duration = Duration::from_secs(1);
/// How long a try may take; then another process takes the mail over.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// How long a mail is tried for before it is given up.
const PATIENCE: TimeDelta = TimeDelta::days(3);
/// How long rows are kept: tokens are known as used, and a shop can see what was sent.
const KEPT: TimeDelta = TimeDelta::days(30);
const BATCH: i64 = 20;

/// Sends for ever.
pub async fn run(shop: Shop, outbox: Outbox) {
    loop {
        match deliver(&shop, &outbox).await {
            // There may be more.
            Ok(sent) if sent as i64 >= BATCH => continue,
            Ok(_) => {}
            Err(error) => log::error!("mail: {error}"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Sends what is due now, a batch at most; says how many it tried.
///
/// # Errors
/// Where the database fails. A mail that does not leave stays due.
pub async fn deliver(shop: &Shop, outbox: &Outbox) -> Result<usize> {
    let now = shop.clock.now();
    let (due, is_old) = shop
        .db
        .read(move |conn| Ok((store::load_due(conn, now, BATCH)?, store::has_old(conn, now.plus(-KEPT))?)))
        .await?;
    for id in &due {
        // One that fails does not hold up those behind it.
        if let Err(error) = attempt(shop, outbox, *id).await {
            log::error!("mail {id}: {error}");
        }
    }
    if is_old {
        shop.db.write(move |conn| tidy(conn, now)).await?;
    }
    Ok(due.len())
}

/// Tries to send a mail once.
async fn attempt(shop: &Shop, outbox: &Outbox, id: JobId) -> Result<()> {
    let inner = shop.clone();
    let Some((message, tries, made)) = shop.db.write(move |conn| begin(conn, &inner, id)).await? else { return Ok(()) };
    #[cfg(feature = "faults")]
    fail::fail_point!("mail-claimed", |_| std::process::abort());
    let outbox = outbox.clone();
    let sent = tokio::task::spawn_blocking(move || outbox.send(id, &message)).await;
    let sent = sent.map_err(|_| Error::Internal("sending panicked".to_owned()))?;
    #[cfg(feature = "faults")]
    fail::fail_point!("mail-sent", |_| std::process::abort());
    let (state, due_at, sent_at) = outcome(id, sent, tries, made, shop.clock.now());
    shop.db.write(move |conn| Ok(store::set_state(conn, id, tries, state, due_at, sent_at)?)).await
}

/// Takes the mail for one try and makes its message. `None` where it is somebody else's, or there is none to be made: that
/// is a try that failed.
fn begin(conn: &mut Conn, shop: &Shop, id: JobId) -> Result<Option<(Message, i32, UtcTime)>> {
    let now = shop.clock.now();
    let Some(row) = store::claim(conn, id, now, now.plus(LEASE))? else { return Ok(None) };
    let unmade = match make(conn, shop, &row, now) {
        Ok(Some(message)) => return Ok(Some((message, row.tries, row.created_at))),
        Ok(None) => Undelivered::ForGood("whose it was is gone".to_owned()),
        Err(error @ (Error::Database(_) | Error::Unavailable(_))) => return Err(error),
        Err(error) => Undelivered::ForNow(format!("it cannot be made: {error}")),
    };
    let (state, due_at, sent_at) = outcome(id, Err(unmade), row.tries, row.created_at, now);
    store::set_state(conn, id, row.tries, state, due_at, sent_at)?;
    Ok(None)
}

/// The message, with a new token in the place of any former one; `None` where its owner has been erased.
fn make(conn: &mut Conn, shop: &Shop, row: &MailRow, now: UtcTime) -> Result<Option<Message>> {
    let Some(letter) = open(conn, shop, row)? else { return Ok(None) };
    let token = row.kind.link().map(|link| (OpaqueToken::random(TokenKind::Mail), now.plus(link.lifetime)));
    if let Some((token, expires_at)) = &token {
        store::set_token(conn, row.id, &token.hash(), *expires_at)?;
    }
    let token = token.as_ref().map(|(token, _)| token.expose());
    message(&shop.config, row.id, row.kind, &letter, token).map(Some)
}

/// What the mail holds, unless its owner has been erased.
fn open(conn: &mut Conn, shop: &Shop, row: &MailRow) -> Result<Option<Letter>> {
    let (Some(owner), Some(content)) = (&row.owner_id, &row.content) else { return Ok(None) };
    let Some(key) = vault::find(conn, &shop.keys, owner)? else { return Ok(None) };
    Letter::open(&key, row.id, content).map(Some)
}

fn outcome(
    id: JobId,
    sent: std::result::Result<(), Undelivered>,
    tries: i32,
    made: UtcTime,
    now: UtcTime,
) -> (MailState, UtcTime, Option<UtcTime>) {
    match sent {
        Ok(()) => (MailState::Sent, now, Some(now)),
        Err(Undelivered::ForNow(reason)) if now < made.plus(PATIENCE) => {
            log::warn!("mail {id}, try {tries}: {reason}");
            (MailState::Due, now.plus(pause(tries)), None)
        }
        Err(Undelivered::ForNow(reason) | Undelivered::ForGood(reason)) => {
            log::error!("mail {id} is given up after {tries} tries: {reason}");
            (MailState::Failed, now, None)
        }
    }
}

/// A minute, doubled with each try up to six hours, and up to a quarter more by chance, so that mails that failed
/// together do not come together again.
fn pause(tries: i32) -> TimeDelta {
    let seconds = (60_i64 << tries.clamp(1, 10).saturating_sub(1)).min(6 * 3600);
    let mut chance = [0];
    fill_random(&mut chance);
    TimeDelta::seconds(seconds + seconds * i64::from(chance[0]) / 1024)
}

/// Deletes what is old. A registration that was never confirmed leaves nothing: the key that it was sealed with goes too.
fn tidy(conn: &mut Conn, now: UtcTime) -> Result<()> {
    for (id, owner) in store::load_old(conn, now.plus(-KEPT), BATCH)? {
        store::forget(conn, id, owner.as_deref())?;
    }
    Ok(())
}
