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
    let due = shop.db.read(move |conn| Ok(store::load_due(conn, now, BATCH)?)).await?;
    for id in &due {
        let (id, inner) = (*id, shop.clone());
        let Some((message, tries, made)) = shop.db.write(move |conn| begin(conn, &inner, id)).await? else { continue };
        let outbox = outbox.clone();
        let sent = tokio::task::spawn_blocking(move || outbox.send(id, &message)).await;
        let sent = sent.map_err(|_| Error::Internal(format!("{id}: sending panicked")))?;
        let now = shop.clock.now();
        let (state, due_at, sent_at) = outcome(id, sent, tries, made, now);
        shop.db.write(move |conn| Ok(store::set_state(conn, id, tries, state, due_at, sent_at)?)).await?;
    }
    if due.is_empty() {
        shop.db.write(move |conn| tidy(conn, now)).await?;
    }
    Ok(due.len())
}

/// Takes the mail for one try and makes its message, with a new token in the place of any former one. `None` where
/// there is nothing to send any more.
fn begin(conn: &mut Conn, shop: &Shop, id: JobId) -> Result<Option<(Message, i32, UtcTime)>> {
    let now = shop.clock.now();
    let Some(row) = store::claim(conn, id, now, now.plus(LEASE))? else { return Ok(None) };
    let Some(letter) = open(conn, shop, &row)? else {
        store::set_state(conn, id, row.tries, MailState::Failed, now, None)?;
        return Ok(None);
    };
    let token = row.kind.link().map(|link| (OpaqueToken::random(TokenKind::Mail), now.plus(link.lifetime)));
    if let Some((token, expires_at)) = &token {
        store::set_token(conn, id, &token.hash(), *expires_at)?;
    }
    let token = token.as_ref().map(|(token, _)| token.expose());
    let message = message(&shop.config, id, row.kind, &letter, token)?;
    Ok(Some((message, row.tries, row.created_at)))
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
