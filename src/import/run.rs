//! The import from end to end.

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use diesel::Connection;

use super::{
    batch::in_batches,
    images::Images,
    mapping::{Format, Mapping},
    own, pointers,
    read::{Entry, find_member, read_entries},
    report::{Counts, Report},
    row::{ProductDraft, Row, read_row},
    seen::{Name, Seen},
    write_product::write_product,
};
use crate::{
    catalog::{
        draft::{NewImage, Terms},
        find_or_create::image_hashes,
        portable::Written,
    },
    db::Conn,
    error::{Code, Error, Place, Violation},
    export::images_beside,
    media::{ContentHash, MediaStorage},
    money::Currency,
    shop::Shop,
};

/// What a server gets between two batches: SQLite's writers look every 100 ms at most whether it is their turn.
const COURTESY: Duration = Duration::from_millis(110);

/// Arguments of `import`.
#[derive(Debug, Clone, Args)]
pub struct ImportArguments {
    /// JSON, JSON lines or CSV, plain or gzip
    pub file: PathBuf,
    /// Which of their fields is which of ours, as TOML; an export of this program needs none
    #[arg(long, value_name = "MAPPING")]
    pub map: Option<PathBuf>,
    /// Folder of an export's images [default: FILE.images]
    #[arg(long, value_name = "DIR", conflicts_with = "map")]
    pub images: Option<PathBuf>,
    /// Check everything and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What came of each row of a batch.
type Outcomes = Vec<Result<Written, Vec<Violation>>>;

/// Imports a file and reports to `out`. Where the shop `is_served`, the server's writes get in between batches. What was
/// committed before a failure stays, and a second run finds it unchanged.
///
/// # Errors
/// Why it could not run, or not to its end.
pub fn run(
    shop: &Shop,
    media: &MediaStorage,
    arguments: &ImportArguments,
    is_served: bool,
    out: &mut dyn Write,
) -> Result<Counts, String> {
    let ImportArguments { file, map, images, dry_run } = arguments;
    let courtesy = if is_served { COURTESY } else { Duration::ZERO };
    let size = fs::metadata(file).map_err(|error| format!("{}: {error}", file.display()))?.len();
    if let Some(map) = map {
        return run_mapped(shop, media, file, map, *dry_run, courtesy, size, out);
    }
    let form = own::form_of(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let form = form.ok_or_else(|| format!("{}: this is not an export; another file needs --map", file.display()))?;
    let images = images.clone().unwrap_or_else(|| images_beside(file));
    own::run(shop, media, &own::Source { file, form, images: &images, dry_run: *dry_run, courtesy }, size, out)
}

/// Imports a file in somebody else's form.
#[expect(clippy::too_many_arguments, reason = "the arguments of `import`, one by one")]
fn run_mapped(
    shop: &Shop,
    media: &MediaStorage,
    file: &Path,
    map: &Path,
    dry_run: bool,
    courtesy: Duration,
    size: u64,
    out: &mut dyn Write,
) -> Result<Counts, String> {
    let text = fs::read_to_string(map).map_err(|error| format!("{}: {error}", map.display()))?;
    let mapping = Mapping::parse(&text).map_err(|reason| format!("{}: {reason}", map.display()))?;
    let in_file = |reason: String| format!("{}: {reason}", file.display());
    let currency = currency(file, &mapping).map_err(in_file)?;
    check_currencies(&mapping, currency, &shop.config.store.currencies)
        .map_err(|reason| format!("{}: {reason}", map.display()))?;
    let folder = file.parent().unwrap_or(Path::new("")).join(mapping.images_dir.as_deref().unwrap_or(Path::new("")));
    let mut import = Import {
        shop,
        mapping: &mapping,
        images: Images { folder: &folder, storage: media, keep: !dry_run },
        dry_run,
        seen: Seen::default(),
        report: Report::new(out, size),
    };
    let watch = import.report.watch();
    let read = |take: &mut dyn FnMut(Row, u64) -> bool| {
        let mut take = |entry: Entry| {
            let size = entry.size;
            take(read_row(&mapping, currency, entry), size)
        };
        read_entries(file, &mapping, watch, &mut take).map_err(in_file)
    };
    in_batches(courtesy, read, |batch| import.take(batch))?;
    import.report.end().map_err(|error| format!("the report: {error}"))
}

/// The currency of all prices.
fn currency(file: &Path, mapping: &Mapping) -> Result<Option<Currency>, String> {
    let Some(path) = mapping.currency_from.as_ref().filter(|_| mapping.format == Format::Json) else {
        return Ok(mapping.currency);
    };
    let found = find_member(file, path)?;
    let code = found.as_ref().and_then(|it| it.as_str());
    let known = code.and_then(|code| code.parse().ok());
    known.map(Some).ok_or_else(|| format!("`{path}` is not an ISO 4217 currency"))
}

/// Refuses prices that no row could bring in.
fn check_currencies(mapping: &Mapping, currency: Option<Currency>, sold_in: &[Currency]) -> Result<(), String> {
    let prices = mapping.prices_in(currency);
    let refused: Vec<String> = prices
        .into_iter()
        .filter(|(currency, _)| !sold_in.contains(currency))
        .map(|(currency, path)| format!("the prices at `{path}` are in {currency}"))
        .collect();
    if refused.is_empty() {
        return Ok(());
    }
    let sold_in: Vec<String> = sold_in.iter().map(Currency::to_string).collect();
    Err(format!("{}; the shop sells in {} alone", refused.join(", "), sold_in.join(", ")))
}

struct Import<'a> {
    shop: &'a Shop,
    mapping: &'a Mapping,
    images: Images<'a>,
    dry_run: bool,
    seen: Seen,
    report: Report<'a>,
}

impl Import<'_> {
    /// Takes in a batch, each row whole or not at all.
    fn take(&mut self, mut batch: Vec<Row>) -> Result<(), String> {
        for row in &mut batch {
            let Ok(draft) = &row.product else { continue };
            let violations = self.seen.note(row.number, names(self.mapping, draft, &row.variants_at));
            if !violations.is_empty() {
                row.product = Err(violations);
            }
        }
        let images = self.draw_images(&mut batch)?;
        let outcomes = self.write(&batch, &images).map_err(|error| error.to_string())?;
        for ((row, outcome), images) in batch.iter().zip(&outcomes).zip(&images) {
            if outcome.is_err() {
                images.iter().for_each(|image| self.images.forget(image));
            }
            self.report
                .tell(row.number, row.external_id.as_deref(), outcome)
                .map_err(|error| format!("the report: {error}"))?;
        }
        Ok(())
    }

    /// The new images of each row; a row with one that is no good is refused.
    fn draw_images(&self, batch: &mut [Row]) -> Result<Vec<Vec<NewImage>>, String> {
        let with_images = |row: &Row| match &row.product {
            Ok(draft) if !draft.images.is_empty() => Some(draft.external_id.clone()),
            _ => None,
        };
        let ids: Vec<String> = batch.iter().filter_map(with_images).collect();
        let Some(path) = self.mapping.product.images.as_ref().filter(|_| !ids.is_empty()) else {
            return Ok(batch.iter().map(|_| Vec::new()).collect());
        };
        let hashes = self.shop.db.write_blocking(|conn| Ok(image_hashes(conn, &ids)?));
        let mut known: HashMap<String, HashSet<ContentHash>> = HashMap::new();
        for (external_id, hash) in hashes.map_err(|error| error.to_string())? {
            known.entry(external_id).or_default().insert(hash);
        }
        let known: Vec<HashSet<ContentHash>> = batch
            .iter()
            .map(|row| row.external_id.as_ref().and_then(|id| known.get(id)).cloned().unwrap_or_default())
            .collect();
        let drawn = self.images.of_rows(batch, &known, |place| format!("{}/{place}", path.pointer("#")));
        let drawn = drawn.map_err(|error| format!("the folder of the images: {error}"))?;
        let of_row = |(row, drawn): (&mut Row, Result<Vec<NewImage>, Vec<Violation>>)| match drawn {
            Ok(images) => images,
            Err(violations) => {
                row.product = Err(violations);
                Vec::new()
            }
        };
        Ok(batch.iter_mut().zip(drawn).map(of_row).collect())
    }

    fn write(&self, batch: &[Row], images: &[Vec<NewImage>]) -> crate::error::Result<Outcomes> {
        self.shop.db.write_blocking(|conn| {
            if !self.dry_run {
                return self.write_rows(conn, batch, images);
            }
            let mut outcomes = Vec::new();
            let undone = conn.transaction(|conn| {
                outcomes = self.write_rows(conn, batch, images)?;
                Err::<(), Error>(diesel::result::Error::RollbackTransaction.into())
            });
            match undone {
                Err(Error::Database(diesel::result::Error::RollbackTransaction)) => Ok(outcomes),
                Err(error) => Err(error),
                Ok(()) => Ok(outcomes),
            }
        })
    }

    fn write_rows(&self, conn: &mut Conn, batch: &[Row], images: &[Vec<NewImage>]) -> crate::error::Result<Outcomes> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for (row, images) in batch.iter().zip(images) {
            outcomes.push(match &row.product {
                Ok(draft) => self.write_row(conn, row, draft, images)?,
                Err(violations) => Err(violations.clone()),
            });
        }
        Ok(outcomes)
    }

    fn write_row(
        &self,
        conn: &mut Conn,
        row: &Row,
        draft: &ProductDraft,
        images: &[NewImage],
    ) -> crate::error::Result<Result<Written, Vec<Violation>>> {
        let terms = Terms::of(&self.shop.config);
        let now = self.shop.clock.now();
        match conn.transaction(|conn| write_product(conn, draft, images.to_vec(), terms, now)) {
            Ok(outcome) => Ok(Ok(outcome)),
            Err(Error::Problem(problem)) => {
                let mut violations = problem.errors.clone();
                if violations.is_empty() {
                    violations.push(Violation::at("#", problem.code, problem.detail.clone()));
                }
                for violation in &mut violations {
                    if let Place::Pointer(pointer) = &violation.place {
                        let at = pointers::in_file(self.mapping, &row.variants_at, &draft.attributes_at, pointer);
                        violation.place = Place::Pointer(at);
                    }
                }
                Ok(Err(violations))
            }
            Err(error) => Err(error),
        }
    }
}

/// What no other row of the file may name.
fn names(mapping: &Mapping, draft: &ProductDraft, variants_at: &[String]) -> Vec<Name> {
    let external_id = &mapping.product.external_id;
    let name = |kind, name: &str, pointer, code| Name { kind, name: name.to_owned(), pointer, code };
    let mut names = vec![name("external id", &draft.external_id, external_id.pointer("#"), Code::ExternalIdTaken)];
    if let (Some(slug), Some(path)) = (&draft.slug, &mapping.product.slug) {
        names.push(name("slug", slug.as_str(), path.pointer("#"), Code::SlugTaken));
    }
    for (variant, at) in draft.variants.iter().zip(variants_at) {
        names.push(name("SKU", &variant.sku, mapping.variant.sku.pointer(at), Code::SkuTaken));
    }
    names
}
