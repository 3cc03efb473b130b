//! A log-in whose password was right and whose second factor is awaited.

use chrono::TimeDelta;
use diesel::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    auth::{
        access_token::Subject,
        secret::{OpaqueToken, TokenKind},
    },
    db::{Conn, schema::login_challenges},
    error::{Error, Result},
    keys::Keys,
    time::UtcTime,
    vault,
};

/// For so many seconds a code is awaited.
pub const CHALLENGE_SECONDS: i64 = 300;
const TRIES: i32 = 5;
/// The column that is sealed, by its name.
const ARRIVAL: &str = "arrival";

/// What a good challenge stands for.
pub struct LoginChallenge<A> {
    /// Whose password was right.
    pub owner: Subject,
    /// What came with the log-in.
    pub arrival: A,
    token_hash: String,
}

impl<A: Serialize + DeserializeOwned> LoginChallenge<A> {
    /// Makes one; its token is shown to whoever logs in.
    ///
    /// # Errors
    /// A database error, or a person without a key.
    pub fn make(conn: &mut Conn, keys: &Keys, owner: Subject, arrival: &A, now: UtcTime) -> Result<OpaqueToken> {
        diesel::delete(login_challenges::table.filter(login_challenges::expires_at.le(now))).execute(conn)?;
        let token = OpaqueToken::random(TokenKind::Challenge);
        let key = vault::open(conn, keys, owner.as_str())?;
        let row = (
            login_challenges::token_hash.eq(token.hash()),
            login_challenges::owner_id.eq(owner.as_str()),
            login_challenges::arrival.eq(vault::seal_json(&key, &token.hash(), ARRIVAL, arrival)),
            login_challenges::tries.eq(0),
            login_challenges::expires_at.eq(now.plus(TimeDelta::seconds(CHALLENGE_SECONDS))),
        );
        diesel::insert_into(login_challenges::table).values(row).execute(conn)?;
        Ok(token)
    }

    /// Takes one of its tries; `None` where it has none left, has expired, was used or was never one.
    ///
    /// # Errors
    /// A database error, or rows that do not fit our keys.
    pub fn try_once(conn: &mut Conn, keys: &Keys, token: &OpaqueToken, now: UtcTime) -> Result<Option<Self>> {
        let token_hash = token.hash();
        let good = login_challenges::table
            .find(&token_hash)
            .filter(login_challenges::expires_at.gt(now))
            .filter(login_challenges::tries.lt(TRIES));
        if diesel::update(good).set(login_challenges::tries.eq(login_challenges::tries + 1)).execute(conn)? == 0 {
            return Ok(None);
        }
        let row = login_challenges::table.find(&token_hash);
        let (owner, sealed): (String, Vec<u8>) =
            row.select((login_challenges::owner_id, login_challenges::arrival)).first(conn)?;
        let owner =
            Subject::of_id(&owner).ok_or_else(|| Error::Internal(format!("a challenge belongs to `{owner}`")))?;
        let key = vault::open(conn, keys, owner.as_str())?;
        let arrival = vault::open_json(&key, &token_hash, ARRIVAL, &sealed)?;
        Ok(Some(Self { owner, arrival, token_hash }))
    }

    /// It has been met, and is good for nothing any more.
    ///
    /// # Errors
    /// A database error.
    pub fn finish(&self, conn: &mut Conn) -> QueryResult<()> {
        diesel::delete(login_challenges::table.find(&self.token_hash)).execute(conn).map(drop)
    }
}

/// Log-ins of `owner` that wait are good for nothing any more.
///
/// # Errors
/// A database error.
pub fn forget_challenges(conn: &mut Conn, owner: &str) -> QueryResult<()> {
    diesel::delete(login_challenges::table.filter(login_challenges::owner_id.eq(owner))).execute(conn).map(drop)
}
