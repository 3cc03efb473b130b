//! The built-in provider: a whole payment provider in one small file of its own, for development, tests and the demo
//! shop. It keeps an append-only journal, so that what the provider saw can be compared with what the shop booked.
//!
//! Several processes may have the file open; they see one provider. A charge is on the disk before it is answered.

pub mod api;
mod cards;
mod model;
mod schema;
mod store;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};

pub use cards::{Behaviour, NotATestCard, TestCard};
pub use model::{ChargeStatus, JournalEntry, JournalKind};

use self::store::Reply;
use super::provider::{
    Answer, CaptureRequest, ChargeRequest, Outcome, PaymentProvider, ProviderError, ProviderEvent, RefundOutcome,
    RefundRequest, WebhookError, WebhookRequest,
};
use crate::{
    db::wal::switch_to_wal,
    ids::PaymentId,
    time::{Clock, UtcTime},
};

/// How long the sandbox is silent where it gives no answer: longer than any caller waits.
const SILENCE: Duration = Duration::from_secs(30);

/// The sandbox provider. Clones share one connection.
#[derive(Clone)]
pub struct Sandbox {
    file: Arc<File>,
}

struct File {
    path: PathBuf,
    clock: Clock,
    /// Empty only after a panic, until the next call.
    connection: Mutex<Option<SqliteConnection>>,
}

impl Sandbox {
    /// Opens the sandbox's file, and makes it where it is missing. Blocks.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`] where it cannot be opened or made.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, ProviderError> {
        let connection = Mutex::new(Some(connect(path)?));
        Ok(Self { file: Arc::new(File { path: path.to_owned(), clock, connection }) })
    }

    /// A token for one charge to a test card.
    pub fn create_token(&self, card: TestCard) -> Answer<'_, String> {
        self.write(move |conn, _| {
            let token = random_token()?;
            store::insert_token(conn, &token, card)?;
            Ok(token)
        })
    }

    /// Everything that the provider has accepted, oldest first. Blocks.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`] where the file cannot be read.
    pub fn journal(&self) -> Result<Vec<JournalEntry>, ProviderError> {
        self.file.with(store::read_journal)
    }

    fn write<T, F>(&self, work: F) -> Answer<'_, T>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection, UtcTime) -> Result<T, ProviderError> + Send + 'static,
    {
        self.on_blocking_thread(move |file| {
            let now = file.clock.now();
            // A transaction that only later turns into a write would fail at once where another process writes.
            file.with(|conn| conn.immediate_transaction(|conn| work(conn, now)))
        })
    }

    fn on_blocking_thread<T, F>(&self, work: F) -> Answer<'_, T>
    where
        T: Send + 'static,
        F: FnOnce(&File) -> Result<T, ProviderError> + Send + 'static,
    {
        let file = Arc::clone(&self.file);
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || work(&file)).await;
            done.unwrap_or_else(|error| Err(ProviderError::Unreachable(format!("sandbox: {error}"))))
        })
    }
}

impl PaymentProvider for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn authorize(&self, request: ChargeRequest) -> Answer<'_, Outcome> {
        let charged = self.write(move |conn, now| store::charge(conn, &request, now));
        Box::pin(async move {
            match charged.await? {
                Reply::Told(outcome) => Ok(outcome),
                Reply::Silence => {
                    tokio::time::sleep(SILENCE).await;
                    Err(ProviderError::Timeout)
                }
            }
        })
    }

    fn capture(&self, request: CaptureRequest) -> Answer<'_, Outcome> {
        self.write(move |conn, now| store::capture(conn, &request, now))
    }

    fn refund(&self, request: RefundRequest) -> Answer<'_, RefundOutcome> {
        self.write(move |conn, now| store::refund(conn, &request, now))
    }

    fn void(&self, reference: PaymentId) -> Answer<'_, Outcome> {
        self.write(move |conn, now| store::void(conn, reference, now))
    }

    fn look_up(&self, reference: PaymentId) -> Answer<'_, Outcome> {
        self.on_blocking_thread(move |file| file.with(|conn| store::look_up(conn, reference)))
    }

    /// The sandbox sends no webhooks: always [`WebhookError::NotOffered`].
    fn parse_webhook(&self, _request: WebhookRequest<'_>) -> Result<ProviderEvent, WebhookError> {
        Err(WebhookError::NotOffered)
    }
}

impl File {
    fn with<T>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        // Whoever panicked may have left a transaction open: close that connection, which rolls it back.
        let mut slot = self.connection.lock().unwrap_or_else(|poisoned| {
            self.connection.clear_poison();
            let mut slot = poisoned.into_inner();
            *slot = None;
            slot
        });
        let connection = match &mut *slot {
            Some(connection) => connection,
            empty => empty.insert(connect(&self.path)?),
        };
        work(connection)
    }
}

fn connect(path: &Path) -> Result<SqliteConnection, ProviderError> {
    let unreachable = |text: &dyn std::fmt::Display| ProviderError::Unreachable(format!("{}: {text}", path.display()));
    let url = path.to_str().ok_or_else(|| unreachable(&"the path is not UTF-8"))?;
    let mut connection = SqliteConnection::establish(url).map_err(|error| unreachable(&error))?;
    // FULL: a charge that was answered survives a power cut.
    let settings = "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL;";
    connection.batch_execute(settings).map_err(|error| unreachable(&error))?;
    switch_to_wal(&mut connection).map_err(|error| unreachable(&error))?;
    connection
        .immediate_transaction(|conn| conn.batch_execute(schema::CREATE))
        .map_err(|error: diesel::result::Error| unreachable(&error))?;
    Ok(connection)
}

/// 128 random bits as letters only, so that no token can be taken for a card number.
fn random_token() -> Result<String, ProviderError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| ProviderError::Unreachable("sandbox: no random bytes".to_owned()))?;
    let letter = |nibble: u8| char::from(b'a' + nibble);
    let letters = bytes.iter().flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]);
    Ok("tok_".chars().chain(letters).collect())
}

#[cfg(test)]
mod race_tests;
#[cfg(test)]
mod tests;
