//! Writes an export's records.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    io::Write,
    path::Path,
    time::Duration,
};

use diesel::Connection;

use super::{
    OwnRow,
    images::{Brought, Images},
    read::{Form, read_own, violations_of},
};
use crate::{
    catalog::{
        draft::{NewImage, Terms},
        model::Slug,
        portable::{self, PortableCategory, Record, Written},
        write_category::LEVELS,
    },
    db::Conn,
    error::{Code, Error, Violation},
    import::{
        batch::in_batches,
        report::{Counts, Report},
        seen::{Name, Seen},
    },
    media::{ContentHash, MediaStorage},
    shop::Shop,
};

/// What came of each record of a batch.
type Outcomes = Vec<Result<Written, Vec<Violation>>>;

/// Where a catalogue comes from.
pub(in crate::import) struct Source<'a> {
    pub(in crate::import) file: &'a Path,
    pub(in crate::import) form: Form,
    /// The folder of its images.
    pub(in crate::import) images: &'a Path,
    pub(in crate::import) dry_run: bool,
    /// Between two batches.
    pub(in crate::import) courtesy: Duration,
}

/// Imports an export and reports to `out`.
///
/// # Errors
/// Why it could not run, or not to its end.
pub(in crate::import) fn run(
    shop: &Shop,
    media: &MediaStorage,
    source: &Source<'_>,
    size: u64,
    out: &mut dyn Write,
) -> Result<Counts, String> {
    let Source { file, form, images, dry_run, courtesy } = *source;
    let in_file = |reason: String| format!("{}: {reason}", file.display());
    let mut import = OwnImport {
        shop,
        images: Images { folder: images, storage: media, keep: !dry_run },
        dry_run,
        seen: Seen::default(),
        tried: Tried::default(),
        report: Report::new(out, size),
    };
    let watch = import.report.watch();
    let read = |take: &mut dyn FnMut(OwnRow, u64) -> bool| read_own(file, form, watch, take).map_err(in_file);
    in_batches(courtesy, read, |batch| import.take(batch))?;
    import.report.end().map_err(|error| format!("the report: {error}"))
}

struct OwnImport<'a> {
    shop: &'a Shop,
    images: Images<'a>,
    dry_run: bool,
    seen: Seen,
    tried: Tried,
    report: Report<'a>,
}

impl OwnImport<'_> {
    /// Takes in a batch, each record whole or not at all.
    fn take(&mut self, mut batch: Vec<OwnRow>) -> Result<(), String> {
        for row in &mut batch {
            let violations = row.record.as_ref().map(|it| self.seen.note(row.number, names(it))).unwrap_or_default();
            if !violations.is_empty() {
                row.record = Err(violations);
            }
        }
        let images = self.read_images(&mut batch)?;
        let outcomes = self.write(&batch, &images).map_err(|error| error.to_string())?;
        for ((row, outcome), images) in batch.iter().zip(&outcomes).zip(&images) {
            match (&row.record, outcome) {
                (Ok(record), Ok(_)) if self.dry_run => self.tried.note(record),
                (_, Err(_)) => images.iter().flatten().for_each(|image| self.images.forget(image)),
                _ => {}
            }
            self.report
                .tell(row.number, row.name.as_deref(), outcome)
                .map_err(|error| format!("the report: {error}"))?;
        }
        Ok(())
    }

    /// The new images of each row; a row with one that is no good is refused.
    fn read_images(&self, batch: &mut [OwnRow]) -> Result<Vec<Vec<Option<NewImage>>>, String> {
        let known = self.shop.db.read_blocking(|conn| {
            let of_row = |row: &OwnRow| match &row.record {
                Ok(Record::Product(product)) if !product.images.is_empty() => portable::known_images(conn, product),
                _ => Ok(Vec::new()),
            };
            Ok(batch.iter().map(of_row).collect::<Result<Vec<Vec<ContentHash>>, _>>()?)
        });
        let known = known.map_err(|error| error.to_string())?;
        let products: Vec<_> = batch
            .iter()
            .map(|row| match &row.record {
                Ok(Record::Product(product)) => product.images.as_slice(),
                _ => &[],
            })
            .collect();
        let brought = self.images.of_products(&products, &known);
        let brought = brought.map_err(|error| format!("the folder of the images: {error}"))?;
        let of_row = |(row, brought): (&mut OwnRow, Brought)| {
            brought.unwrap_or_else(|violations| {
                row.record = Err(violations);
                Vec::new()
            })
        };
        Ok(batch.iter_mut().zip(brought).map(of_row).collect())
    }

    fn write(&self, batch: &[OwnRow], images: &[Vec<Option<NewImage>>]) -> crate::error::Result<Outcomes> {
        self.shop.db.write_blocking(|conn| {
            if !self.dry_run {
                return self.write_rows(conn, batch, images);
            }
            let mut outcomes = Vec::new();
            let undone = conn.transaction(|conn| {
                self.tried.write_again(conn, self.shop, batch)?;
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

    fn write_rows(
        &self,
        conn: &mut Conn,
        batch: &[OwnRow],
        images: &[Vec<Option<NewImage>>],
    ) -> crate::error::Result<Outcomes> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for (row, images) in batch.iter().zip(images) {
            let written = match &row.record {
                Ok(record) => {
                    let record = self.tried.without_tried(record);
                    conn.transaction(|conn| write_record(conn, self.shop, &record, images))
                }
                Err(violations) => Err(Error::invalid(violations.clone())),
            };
            outcomes.push(match written {
                Ok(written) => Ok(written),
                Err(problem @ Error::Problem(_)) => Err(violations_of(problem)),
                Err(error) => return Err(error),
            });
        }
        Ok(outcomes)
    }
}

fn write_record(
    conn: &mut Conn,
    shop: &Shop,
    record: &Record,
    images: &[Option<NewImage>],
) -> crate::error::Result<Written> {
    let now = shop.clock.now();
    match record {
        Record::Attribute(attribute) => portable::write_attribute(conn, attribute.clone(), now),
        Record::Brand(brand) => portable::write_brand(conn, brand.clone(), now),
        Record::Category(category) => portable::write_category(conn, category.clone(), now),
        Record::Product(product) => portable::write_product(conn, product, images, Terms::of(&shop.config), now),
        Record::Collection(collection) => {
            portable::write_collection(conn, collection, &shop.config.store.currencies, now)
        }
    }
}

/// What no other record of the file may name.
fn names(record: &Record) -> Vec<Name> {
    let name =
        |kind, name: &str, pointer: &str, code| Name { kind, name: name.to_owned(), pointer: pointer.to_owned(), code };
    match record {
        Record::Attribute(it) => vec![name("attribute", &it.key, "#/key", Code::NameTaken)],
        Record::Brand(it) => vec![name("brand", it.slug.as_str(), "#/slug", Code::SlugTaken)],
        Record::Category(it) => {
            let key = it.external_id.iter();
            let key = key.map(|key| name("category's external id", key, "#/external_id", Code::ExternalIdTaken));
            key.chain([name("category", it.slug.as_str(), "#/slug", Code::SlugTaken)]).collect()
        }
        Record::Collection(it) => {
            let key = it.external_id.iter();
            let key = key.map(|key| name("collection's external id", key, "#/external_id", Code::ExternalIdTaken));
            key.chain([name("collection", it.slug.as_str(), "#/slug", Code::SlugTaken)]).collect()
        }
        Record::Product(it) => {
            let key = it.external_id.iter().map(|key| name("external id", key, "#/external_id", Code::ExternalIdTaken));
            let slug = name("slug", it.slug.as_str(), "#/slug", Code::SlugTaken);
            let sku =
                |(place, sku): (usize, &str)| name("SKU", sku, &format!("#/variants/{place}/sku"), Code::SkuTaken);
            let skus = it.variants.iter().map(|it| it.sku.as_str()).enumerate().map(sku);
            key.chain([slug]).chain(skus).collect()
        }
    }
}

/// What later records may name of earlier batches of a dry run, which were taken back with their batch.
#[derive(Default)]
struct Tried {
    brands: HashMap<Slug, Record>,
    categories: HashMap<Slug, PortableCategory>,
    attributes: Vec<Record>,
    products: HashSet<Slug>,
}

impl Tried {
    fn note(&mut self, record: &Record) {
        match record {
            Record::Brand(brand) => drop(self.brands.insert(brand.slug.clone(), record.clone())),
            Record::Category(category) => drop(self.categories.insert(category.slug.clone(), category.clone())),
            Record::Attribute(_) => self.attributes.push(record.clone()),
            Record::Product(product) => drop(self.products.insert(product.slug.clone())),
            Record::Collection(_) => {}
        }
    }

    /// The record, without products of a collection that were found to be sound before: they are not written again.
    fn without_tried<'a>(&self, record: &'a Record) -> Cow<'a, Record> {
        match record {
            Record::Collection(collection) if collection.products.iter().any(|it| self.products.contains(it)) => {
                let mut collection = collection.clone();
                collection.products.retain(|it| !self.products.contains(it));
                Cow::Owned(Record::Collection(collection))
            }
            record => Cow::Borrowed(record),
        }
    }

    /// Writes those again that the batch stands on.
    fn write_again(&self, conn: &mut Conn, shop: &Shop, batch: &[OwnRow]) -> crate::error::Result<()> {
        let mut brands: Vec<&Record> = Vec::new();
        let mut categories: Vec<&PortableCategory> = Vec::new();
        for record in batch.iter().filter_map(|row| row.record.as_ref().ok()) {
            let (places, of_brands) = match record {
                Record::Product(product) => (product.categories.clone(), product.brand.iter().cloned().collect()),
                Record::Category(category) => (category.parent.iter().cloned().collect(), Vec::new()),
                Record::Collection(collection) => collection.named_by_rules(),
                Record::Attribute(_) | Record::Brand(_) => (Vec::new(), Vec::new()),
            };
            for brand in of_brands.iter().filter_map(|slug| self.brands.get(slug)) {
                if !brands.contains(&brand) {
                    brands.push(brand);
                }
            }
            for slug in &places {
                let above =
                    std::iter::successors(self.categories.get(slug), |it| self.categories.get(it.parent.as_ref()?));
                // Those above come first.
                let missing: Vec<_> = above.take(LEVELS).take_while(|it| !categories.contains(it)).collect();
                categories.extend(missing.into_iter().rev());
            }
        }
        let now = shop.clock.now();
        let has_collections = batch.iter().any(|row| matches!(row.record, Ok(Record::Collection(_))));
        let attributes = self.attributes.iter().filter(|_| has_collections);
        for record in attributes.chain(brands) {
            write_record(conn, shop, record, &[])?;
        }
        for category in categories {
            portable::write_category(conn, category.clone(), now)?;
        }
        Ok(())
    }
}
