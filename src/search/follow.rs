//! Keeps the index in step with the database: one task follows the event table, round by round.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tantivy::tokenizer::Language;
use tokio::sync::{Notify, oneshot, watch};

use super::{Change, Filters, SearchIndex, SearchQuery, Sort, awaited::Awaited, synonym_group};
use crate::{
    catalog::indexing,
    db::{Conn, Db, changes},
    error::{Error, Result},
    events::{
        EventType,
        follow::{self, Event},
    },
    ids::ProductId,
};

/// How often another process's commits are looked for.
const POLL: Duration = Duration::from_millis(150);
/// The same where much is written and nobody searches yet: each round has its price, however little it takes in.
const UNHURRIED: Duration = Duration::from_secs(1);
/// After a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// Before a database that is busy fails who waits for the index.
const TRIES: u32 = 30;
/// How long a writer waits for the round that takes in what it wrote. A round is over within some hundredths of a second,
/// but where the whole catalogue is indexed anew.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long searches wait for a change that nobody asked for.
const PATIENCE_OF_SEARCHES: Duration = Duration::from_secs(1);
/// Events of one round.
const ROUND: i64 = 1000;
/// Products that are held in memory together.
const AT_ONCE: usize = 1000;
/// An index that lags by more events is built anew: to stream the catalogue once is cheaper than rounds.
const FAR_BEHIND: i64 = 5000;
/// What changes the meaning of words.
const SYNONYMS: [EventType; 3] = [EventType::SynonymCreated, EventType::SynonymUpdated, EventType::SynonymDeleted];

/// The index and what keeps it in step. Cheap to clone.
#[derive(Clone)]
pub struct Search(Arc<Parts>);

struct Parts {
    index: Arc<SearchIndex>,
    caught_up: AtomicBool,
    /// Whether the index has been told what the shop says of words that mean the same.
    knows_synonyms: AtomicBool,
    wake: Notify,
    /// Rounds that have begun.
    begun: AtomicU64,
    /// The last round that has ended.
    ended: watch::Sender<u64>,
    awaited: Awaited,
}

impl Search {
    /// Opens the index below the data folder, which this process has for itself; `language` is a BCP 47 tag.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn open(data_dir: &Path, language: &str) -> Result<Self> {
        Ok(Self::over(SearchIndex::open(&data_dir.join("search"), language_of(language))?))
    }

    /// What keeps `index` in step.
    pub fn over(index: SearchIndex) -> Self {
        let ended = watch::Sender::new(0);
        // What another version left behind answers until it is built anew.
        let is_outdated = index.committed_position().is_none() && !index.is_empty();
        let caught_up = AtomicBool::new(is_outdated);
        Self(Arc::new(Parts {
            index: Arc::new(index),
            caught_up,
            knows_synonyms: AtomicBool::new(false),
            wake: Notify::new(),
            begun: AtomicU64::new(0),
            ended,
            awaited: Awaited::none(),
        }))
    }

    /// Whether the index has caught up since the process began, or answers for the whole catalogue as another version left
    /// it.
    pub fn is_ready(&self) -> bool {
        self.0.caught_up.load(Ordering::Acquire)
    }

    /// The index, once it can answer for the whole catalogue, and has taken in what is being made
    /// [together with it](Self::together_with).
    ///
    /// # Errors
    /// 503 before the former.
    pub async fn index(&self) -> Result<Arc<SearchIndex>> {
        self.0.awaited.over(PATIENCE_OF_SEARCHES).await;
        self.index_as_it_is().ok_or(Error::Unavailable("the search index is catching up"))
    }

    /// The index, once it has caught up, with what it has taken in until now.
    pub fn index_as_it_is(&self) -> Option<Arc<SearchIndex>> {
        self.is_ready().then(|| self.0.index.clone())
    }

    /// Follows the event table for as long as the task lives.
    pub async fn follow(self, db: Db) {
        loop {
            let number = self.0.begun.fetch_add(1, Ordering::SeqCst) + 1;
            let caught_up = self.catch_up(&db).await;
            // Who waits does not wait longer where it failed.
            self.0.ended.send_replace(number);
            match caught_up {
                Ok(()) => {
                    // Woken or not, the next round looks at the database.
                    let _ = tokio::time::timeout(POLL, self.0.wake.notified()).await;
                }
                Err(error) => {
                    log::warn!("the search index does not follow: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Follows the event table until the sender of `done` is dropped, and takes in what came before that.
    ///
    /// # Errors
    /// As [`Self::catch_up`].
    pub async fn follow_until(self, db: &Db, mut done: oneshot::Receiver<()>) -> Result<()> {
        while tokio::time::timeout(UNHURRIED, &mut done).await.is_err() {
            match self.catch_up(db).await {
                // What is written meanwhile keeps the database busy: there is time until it is done.
                Ok(()) | Err(Error::Unavailable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let mut tries = 1;
        loop {
            match self.catch_up(db).await {
                Err(Error::Unavailable(_)) if tries < TRIES => tokio::time::sleep(PAUSE).await,
                result => return result,
            }
            tries += 1;
        }
    }

    /// Waits until what the caller has committed can be found, ten seconds at most, and not beyond a failure.
    pub async fn taken_in(&self) {
        // A round that begins from now on sees the commit; one that runs may not.
        let needed = self.0.begun.load(Ordering::SeqCst) + 1;
        let mut ended = self.0.ended.subscribe();
        self.0.wake.notify_one();
        let _ = tokio::time::timeout(PATIENCE, ended.wait_for(|&round| round >= needed)).await;
    }

    /// Makes a change that nobody waits for, and has the index take it in. Searches that begin meanwhile wait, a second
    /// at most: none finds what lists do not hold any more, or misses what they hold.
    pub async fn together_with<T>(&self, change: impl Future<Output = T>) -> T {
        let _awaited = self.0.awaited.begin();
        let made = change.await;
        self.taken_in().await;
        made
    }

    /// Takes in all that has happened up to now.
    ///
    /// # Errors
    /// Where the database or the disk fails; the index is then as it was, or a part of the way further.
    pub async fn catch_up(&self, db: &Db) -> Result<()> {
        if db.read(|conn| Ok(follow::has_unplaced(conn)?)).await? {
            while db.write(|conn| Ok(follow::place(conn)?)).await? {}
        }
        if !self.0.knows_synonyms.load(Ordering::Acquire) {
            self.learn_synonyms(db).await?;
        }
        while self.round(db).await? {}
        self.0.caught_up.store(true, Ordering::Release);
        Ok(())
    }

    /// Takes in some events; says whether there may be more.
    async fn round(&self, db: &Db) -> Result<bool> {
        let index = self.0.index.clone();
        let found = db.read(move |conn| look(conn, index.committed_position())).await?;
        match found {
            Found::Nothing => Ok(false),
            Found::Gap => {
                let index = self.0.index.clone();
                db.read(move |conn| rebuild(conn, &index)).await?;
                self.learn_synonyms(db).await?;
                db.changes().tell(changes::Change::Index);
                Ok(true)
            }
            Found::Events(events) => {
                if events.iter().any(|event| SYNONYMS.contains(&event.type_)) {
                    self.learn_synonyms(db).await?;
                }
                self.take_in(db, &events).await.map(|()| true)
            }
        }
    }

    /// Tells the index what the shop says of words that mean the same. No document changes by it.
    async fn learn_synonyms(&self, db: &Db) -> Result<()> {
        let own = db.read(|conn| Ok(synonym_group::load_all(conn)?)).await?;
        self.0.index.set_synonyms(&own);
        self.0.knows_synonyms.store(true, Ordering::Release);
        db.changes().tell(changes::Change::Index);
        Ok(())
    }

    async fn take_in(&self, db: &Db, events: &[Event]) -> Result<()> {
        let Some(last) = events.last().and_then(|event| event.position) else { return Ok(()) };
        // Until the last chunk is in, the index stands where it stood: a crash repeats the round.
        let before = self.0.index.committed_position().unwrap_or(0);
        let products = self.touched(events)?;
        let products: Vec<ProductId> = products.into_iter().collect();
        let mut chunks = products.chunks(AT_ONCE).peekable();
        if chunks.peek().is_none() {
            return self.apply(Vec::new(), last).await;
        }
        while let Some(chunk) = chunks.next() {
            let ids = chunk.to_vec();
            let changes = db.read(move |conn| Ok(changes_of(conn, &ids)?)).await?;
            self.apply(changes, if chunks.peek().is_none() { last } else { before }).await?;
        }
        db.changes().tell(changes::Change::Index);
        Ok(())
    }

    async fn apply(&self, changes: Vec<Change>, position: i64) -> Result<()> {
        let index = self.0.index.clone();
        let applied = tokio::task::spawn_blocking(move || index.apply(changes, position)).await;
        applied.map_err(|error| Error::Internal(format!("indexing panicked: {error}")))?
    }

    /// The products whose documents the events change.
    fn touched(&self, events: &[Event]) -> Result<BTreeSet<ProductId>> {
        let mut products = BTreeSet::new();
        let (mut categories, mut brands) = (BTreeSet::new(), BTreeSet::new());
        for event in events {
            match event.type_ {
                EventType::ProductCreated
                | EventType::ProductUpdated
                | EventType::ProductDeleted
                | EventType::AvailabilityChanged
                | EventType::PopularityChanged => products.extend(event.subject.parse::<ProductId>().ok()),
                EventType::CategoryUpdated | EventType::CategoryDeleted => categories.extend([event.subject.clone()]),
                EventType::BrandUpdated | EventType::BrandDeleted => brands.extend([event.subject.clone()]),
                _ => {}
            }
        }
        // The index itself knows what it shows under a category or brand. A product that came there later has an event
        // of its own.
        for filters in [
            Filters { categories: categories.into_iter().collect(), ..Filters::default() },
            Filters { brands: brands.into_iter().collect(), ..Filters::default() },
        ] {
            if filters != Filters::default() {
                products.extend(self.0.index.search(&everything(filters))?.ids);
            }
        }
        Ok(products)
    }
}

/// What the event table holds behind the index's position.
enum Found {
    Nothing,
    /// In order, without a gap.
    Events(Vec<Event>),
    /// The index is new, of another database, too far behind, or of attributes that mean something else now.
    Gap,
}

fn look(conn: &mut Conn, position: Option<i64>) -> Result<Found> {
    let Some(position) = position else { return Ok(Found::Gap) };
    let last = follow::last_position(conn)?;
    if last == position {
        return Ok(Found::Nothing);
    }
    if !(0..=FAR_BEHIND).contains(&(last - position)) {
        return Ok(Found::Gap);
    }
    let events = follow::after(conn, position, ROUND)?;
    if events.iter().any(is_refiltered) {
        // Every product may be filtered by something else now.
        return Ok(Found::Gap);
    }
    let follows_on = events.first().and_then(|event| event.position) == Some(position + 1);
    Ok(if follows_on { Found::Events(events) } else { Found::Gap })
}

/// Whether products are filtered by something else since. Events of earlier versions do not say, and may be.
fn is_refiltered(event: &Event) -> bool {
    let redefined = [EventType::AttributeCreated, EventType::AttributeUpdated, EventType::AttributeDeleted];
    redefined.contains(&event.type_) && event.data.get("refiltered") != Some(&Value::Bool(false))
}

/// Streams the whole catalogue, as it stands in this snapshot, into the index.
fn rebuild(conn: &mut Conn, index: &SearchIndex) -> Result<()> {
    let position = follow::last_position(conn)?;
    let mut bulk = index.rebuild()?;
    indexing::for_each(conn, |product| bulk.put(&product.into()))?;
    bulk.commit(position)
}

fn changes_of(conn: &mut Conn, ids: &[ProductId]) -> diesel::QueryResult<Vec<Change>> {
    let found = indexing::load(conn, ids)?;
    let gone: Vec<ProductId> = ids.iter().copied().filter(|id| found.iter().all(|it| it.id != *id)).collect();
    let put = found.into_iter().map(|it| Change::Put(Box::new(it.into())));
    Ok(put.chain(gone.into_iter().map(Change::Delete)).collect())
}

fn everything(filters: Filters) -> SearchQuery {
    let (limit, offset) = (usize::MAX, 0);
    SearchQuery {
        text: None,
        filters,
        sort: Sort::Relevance,
        offset,
        limit,
        with_total: false,
        facets: Vec::new(),
        generation: None,
    }
}

/// The stemmer of a BCP 47 tag's language; English where there is none.
fn language_of(tag: &str) -> Language {
    match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "ar" => Language::Arabic,
        "da" => Language::Danish,
        "nl" => Language::Dutch,
        "fi" => Language::Finnish,
        "fr" => Language::French,
        "de" => Language::German,
        "el" => Language::Greek,
        "hu" => Language::Hungarian,
        "it" => Language::Italian,
        "nb" | "nn" | "no" => Language::Norwegian,
        "pt" => Language::Portuguese,
        "ro" => Language::Romanian,
        "ru" => Language::Russian,
        "es" => Language::Spanish,
        "sv" => Language::Swedish,
        "ta" => Language::Tamil,
        "tr" => Language::Turkish,
        _ => Language::English,
    }
}
