//! Recomputes the books: every order, balance and stock level, and names what does not add up.
//!
//! The numbers of the invariants (I1 …) are stable: reports and tests name them.

mod journal;
mod orders;
mod rules;

use std::fmt;

use crate::{
    app::App,
    db::Conn,
    error::{Error, Result},
};

/// Something that does not add up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The invariant that is broken: `I1`, `I2`, ….
    pub invariant: &'static str,
    /// The id of what it is broken at.
    pub subject: String,
    /// What is wrong, in a sentence.
    pub detail: String,
}

impl Finding {
    fn new(invariant: &'static str, subject: impl fmt::Display, detail: impl Into<String>) -> Self {
        Self { invariant, subject: subject.to_string(), detail: detail.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\t{}\t{}", self.invariant, self.subject, self.detail)
    }
}

/// Everything that does not add up, on one snapshot of the database; sorted. An empty list is a clean bill.
///
/// # Errors
/// Where the database or the sandbox's journal cannot be read.
pub async fn verify(app: &App) -> Result<Vec<Finding>> {
    let now = app.shop.clock.now();
    let (mut findings, books) = app
        .shop
        .db
        .read(move |conn: &mut Conn| {
            let mut findings = rules::check(conn, now)?;
            findings.extend(orders::check(conn)?);
            Ok((findings, journal::load_books(conn)?))
        })
        .await?;
    if let Some(sandbox) = app.sandbox.clone() {
        let journal = tokio::task::spawn_blocking(move || sandbox.journal())
            .await
            .map_err(|error| Error::Internal(format!("reading the journal panicked: {error}")))?
            .map_err(|error| Error::Internal(format!("the sandbox's journal: {error}")))?;
        findings.extend(journal::compare(books, &journal, now));
    }
    findings.sort();
    Ok(findings)
}
