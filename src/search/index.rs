//! The index on disk: opening, changing, building anew.

use std::{
    collections::HashMap,
    fs, io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use tantivy::{
    Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, Term,
    directory::MmapDirectory,
    indexer::{IndexWriterOptions, NoMergePolicy},
    query::{EnableScoring, Query, TermQuery},
    schema::IndexRecordOption,
    tokenizer::Language,
};

use super::{
    SearchDocument,
    analysis::Analysis,
    fields::{Fields, LAYOUT, column},
    generations::Generations,
    synonyms::{Saying, Synonyms, first_groups},
};
use crate::{
    error::{Error, Result},
    ids::ProductId,
    time::Clock,
};

/// Memory for the words of a round of changes, before they go to disk.
const ROUND_BYTES: usize = 15_000_000;
/// The same while a whole catalogue streams in.
const BULK_BYTES: usize = 40_000_000;

/// A change of one product.
#[derive(Debug, Clone)]
pub enum Change {
    /// The product is published and looks like this.
    Put(Box<SearchDocument>),
    /// The product is not (any more) to be found.
    Delete(ProductId),
}

/// The index. Searches run beside each other and beside a change; changes wait for one another.
pub struct SearchIndex {
    index: Index,
    reader: IndexReader,
    language: Language,
    pub(super) fields: Fields,
    pub(super) analysis: Analysis,
    pub(super) generations: Generations,
    synonyms: RwLock<Arc<Synonyms>>,
    position: Mutex<Option<i64>>,
    /// Open since the first change; its memory is given back at each commit. After a failure it is opened again.
    writer: Mutex<Option<IndexWriter>>,
}

impl SearchIndex {
    /// Opens the index in the folder `dir`, which it has for itself.
    ///
    /// A folder that is missing, damaged, or written with other fields is begun anew. What was written with another
    /// layout or language answers as it is. In both cases [`Self::committed_position`] is `None`, and the caller fills
    /// the index by [`Self::rebuild`].
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn open(dir: &Path, language: Language) -> Result<Self> {
        if dir.join("meta.json").exists() {
            match Self::open_whole(dir, language) {
                Ok(opened) => return Ok(opened),
                Err(error) => log::warn!("the search index is damaged or of other fields, and is built anew: {error}"),
            }
        }
        let new = begin_anew(dir).and_then(|()| {
            let directory = MmapDirectory::open(dir).map_err(tantivy::TantivyError::from)?;
            Self::over(Index::create(directory, Fields::new().0, Default::default())?, language)
        });
        new.map_err(|error| Error::Internal(format!("search index in {}: {error}", dir.display())))
    }

    /// Opens what is there if it is as it was written: segments are mapped lazily, and a damaged one would otherwise
    /// show in the midst of a search.
    fn open_whole(dir: &Path, language: Language) -> tantivy::Result<Self> {
        let index = Index::open(MmapDirectory::open(dir)?)?;
        let damaged = index.validate_checksum()?;
        if !damaged.is_empty() {
            return Err(tantivy::TantivyError::InternalError(format!("{damaged:?}")));
        }
        Self::over(index, language)
    }

    /// An empty index that lives in memory, for tests.
    ///
    /// # Errors
    /// Not in practice.
    pub fn in_memory() -> Result<Self> {
        Ok(Self::over(Index::create_in_ram(Fields::new().0), Language::English)?)
    }

    fn over(index: Index, language: Language) -> tantivy::Result<Self> {
        let (schema, fields) = Fields::new();
        if index.schema() != schema {
            return Err(tantivy::TantivyError::SchemaError("the fields are others".to_owned()));
        }
        let mut analysis = Analysis::new(language);
        analysis.register(index.tokenizers());
        // No document is ever read from the index's store, so that nothing need be cached of it.
        let reader =
            index.reader_builder().reload_policy(ReloadPolicy::Manual).doc_store_cache_num_blocks(0).try_into()?;
        let position = index.load_metas()?.payload.and_then(|payload| position_in(&payload, language));
        // Microseconds outrun commits, so that no number comes twice, not even in the process's next life.
        let first = Clock::default().now().micros().unsigned_abs();
        let generations = Generations::new(first, reader.searcher());
        let synonyms = RwLock::new(Arc::new(Synonyms::new(&mut analysis, &[], &first_groups(language))));
        let writer = Mutex::new(None);
        Ok(Self { index, reader, language, fields, analysis, generations, synonyms, position: position.into(), writer })
    }

    /// The position of the last event that the index has taken in, as told with the last commit.
    pub fn committed_position(&self) -> Option<i64> {
        *self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the shop says of words that mean the same, which searches have from now on, beside what their language has.
    pub fn set_synonyms(&self, own: &[Saying]) {
        let synonyms = Synonyms::new(&mut self.analysis.clone(), own, &first_groups(self.language));
        let synonyms = Arc::new(synonyms);
        *self.synonyms.write().unwrap_or_else(PoisonError::into_inner) = synonyms;
    }

    pub(super) fn synonyms(&self) -> Arc<Synonyms> {
        self.synonyms.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many products can be found.
    pub fn len(&self) -> u64 {
        self.generations.current().searcher.num_docs()
    }

    /// Whether no product can be found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes in a round of changes as one commit, which the next search sees. `position` is that of the last event
    /// behind them.
    ///
    /// A document whose version is below the one in the index is passed over.
    ///
    /// # Errors
    /// Where the disk fails; then nothing of the round was taken in.
    pub fn apply(&self, changes: Vec<Change>, position: i64) -> Result<()> {
        let mut kept = self.writer();
        // Taken out, so that after a failure no writer is left with half a round in it.
        let mut writer = match kept.take() {
            Some(writer) => writer,
            None => self.open_writer(ROUND_BYTES)?,
        };
        let searcher = self.generations.current().searcher;
        let mut versions: HashMap<ProductId, i64> = HashMap::new();
        let mut analysis = self.analysis.clone();
        for change in changes {
            match change {
                Change::Delete(product_id) => {
                    versions.remove(&product_id);
                    writer.delete_term(self.key(product_id));
                }
                Change::Put(document) => {
                    let indexed = match versions.get(&document.product_id) {
                        Some(&version) => Some(version),
                        None => self.version(&searcher, document.product_id)?,
                    };
                    if indexed.is_some_and(|indexed| document.version < indexed) {
                        continue;
                    }
                    if indexed.is_some() {
                        writer.delete_term(self.key(document.product_id));
                    }
                    versions.insert(document.product_id, document.version);
                    writer.add_document(self.fields.fill(&mut analysis, &document))?;
                }
            }
        }
        self.commit(&mut writer, position)?;
        *kept = Some(writer);
        Ok(())
    }

    /// Opens a stream of documents that go beside those in the index, each in the place of an older one of its
    /// product. Nothing is found before [`BulkWriter::commit`]. Other changes wait until it ends.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn bulk(&self) -> Result<BulkWriter<'_>> {
        let mut kept = self.writer();
        // The folder takes one writer at a time.
        drop(kept.take());
        let writer = self.open_writer(BULK_BYTES)?;
        // All segments become one at the end; to merge some before is work done twice.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let replaced = Some(self.generations.current().searcher);
        Ok(BulkWriter { index: self, analysis: self.analysis.clone(), writer, replaced, _turn: kept })
    }

    /// As [`Self::bulk`], but what the stream does not hold is gone at its end. Until then the old documents are found.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn rebuild(&self) -> Result<BulkWriter<'_>> {
        let bulk = self.bulk()?;
        bulk.writer.delete_all_documents()?;
        Ok(BulkWriter { replaced: None, ..bulk })
    }

    /// One thread to index and one to merge: each further one keeps memory of its own.
    fn open_writer(&self, bytes: usize) -> tantivy::Result<IndexWriter> {
        let options = IndexWriterOptions::builder().num_worker_threads(1).num_merge_threads(1);
        self.index.writer_with_options(options.memory_budget_per_thread(bytes).build())
    }

    fn commit(&self, writer: &mut IndexWriter, position: i64) -> Result<()> {
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(&payload(self.language, position));
        prepared.commit()?;
        self.show()?;
        // Only now: who reads the position relies on what searches see.
        *self.position.lock().unwrap_or_else(PoisonError::into_inner) = Some(position);
        Ok(())
    }

    /// Lets searches see what was committed last.
    fn show(&self) -> Result<()> {
        self.reader.reload()?;
        self.generations.publish(self.reader.searcher());
        Ok(())
    }

    fn writer(&self) -> MutexGuard<'_, Option<IndexWriter>> {
        // A panic left either a whole writer or none.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, product_id: ProductId) -> Term {
        Term::from_field_text(self.fields.product, product_id.as_str())
    }

    /// The version of a product's document, where there is one.
    fn version(&self, searcher: &Searcher, product_id: ProductId) -> Result<Option<i64>> {
        let query = TermQuery::new(self.key(product_id), IndexRecordOption::Basic);
        let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
        for segment in searcher.segment_readers() {
            let mut version = None;
            let versions = segment.fast_fields().i64(column::VERSION)?;
            weight.for_each_no_score(segment, &mut |documents| {
                let alive =
                    documents.iter().filter(|&&it| segment.alive_bitset().is_none_or(|alive| alive.is_alive(it)));
                version = alive.filter_map(|&document| versions.first(document)).max().or(version);
            })?;
            if version.is_some() {
                return Ok(version);
            }
        }
        Ok(None)
    }
}

/// A stream of documents into the index. Dropped without [`Self::commit`], it leaves the index as it was.
pub struct BulkWriter<'a> {
    index: &'a SearchIndex,
    analysis: Analysis,
    writer: IndexWriter,
    /// Where the older documents are; `None` where all of them go anyway.
    replaced: Option<Searcher>,
    _turn: MutexGuard<'a, Option<IndexWriter>>,
}

impl BulkWriter<'_> {
    /// Adds a document, or puts it in the place of the one that its product had when the stream began. A stream holds
    /// each product once.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn put(&mut self, document: &SearchDocument) -> Result<()> {
        if let Some(searcher) = &self.replaced
            && self.index.version(searcher, document.product_id)?.is_some()
        {
            // Only then: each deletion waits for the end in a kilobyte of memory.
            self.writer.delete_term(self.index.key(document.product_id));
        }
        self.writer.add_document(self.index.fields.fill(&mut self.analysis, document))?;
        Ok(())
    }

    /// Ends the stream: the next search sees all of it. The index is then one piece, as fast to search as it gets.
    ///
    /// `position` is that of the last event that was committed before the first document was read.
    ///
    /// # Errors
    /// Where the disk fails. If that happens while the pieces are made one, the stream is taken in nevertheless.
    pub fn commit(mut self, position: i64) -> Result<()> {
        self.index.commit(&mut self.writer, position)?;
        let pieces = self.index.index.searchable_segment_ids()?;
        if pieces.len() > 1 {
            self.writer.merge(&pieces).wait()?;
            self.index.show()?;
        }
        Ok(())
    }
}

/// What a commit says of itself: the layout and language that it was written with, and the position of the last event
/// behind it.
fn payload(language: Language, position: i64) -> String {
    format!("{LAYOUT} {language:?} {position}")
}

/// The position that a commit tells; `None` where it was written with another layout or language.
fn position_in(found: &str, language: Language) -> Option<i64> {
    let position = found.rsplit(' ').next()?.parse().ok()?;
    (found == payload(language, position)).then_some(position)
}

/// Empties the folder, or makes it.
fn begin_anew(dir: &Path) -> tantivy::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(dir)?,
    }
    Ok(())
}
