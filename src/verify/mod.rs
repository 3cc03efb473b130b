//! Recomputes the books: every order, balance and stock level, and names what does not add up.
//!
//! The numbers of the invariants (I1 …) are stable: reports and tests name them.

mod check;
mod journal;
mod orders;
mod rules;

use std::fmt;

pub use self::check::Check;
use crate::{
    app::App,
    db::Conn,
    error::{Error, Result},
    payments::sandbox::Sandbox,
    time::UtcTime,
};

/// Something that does not add up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What is broken.
    pub check: Check,
    /// The id of what it is broken at; of damage to the database, what the database says of it.
    pub subject: String,
}

impl Finding {
    fn new(check: Check, subject: impl fmt::Display) -> Self {
        Self { check, subject: subject.to_string() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\t{}\t{}", self.check.invariant(), self.subject, self.check.detail())
    }
}

/// Everything that does not add up, on one snapshot of the database; sorted. An empty list is a clean bill.
///
/// # Errors
/// Where the database or the sandbox's journal cannot be read.
pub async fn verify(app: &App) -> Result<Vec<Finding>> {
    let (sandbox, now) = (app.sandbox.clone(), app.shop.clock.now());
    app.shop.db.read(move |conn| look_through(conn, sandbox.as_ref(), now)).await
}

/// [`verify`] in a transaction of the caller's, as things stand in it at `now`. Blocks.
///
/// # Errors
/// Where the database or the sandbox's journal cannot be read.
pub fn look_through(conn: &mut Conn, sandbox: Option<&Sandbox>, now: UtcTime) -> Result<Vec<Finding>> {
    let mut findings = rules::check(conn, now)?;
    findings.extend(orders::check(conn)?);
    if let Some(sandbox) = sandbox {
        let books = journal::load_books(conn)?;
        // The journal must be read behind the books: what is booked stands there already.
        let journal = sandbox.journal().map_err(|error| Error::Internal(format!("the sandbox's journal: {error}")))?;
        findings.extend(journal::compare(books, &journal, now));
    }
    findings.sort();
    Ok(findings)
}
