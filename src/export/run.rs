//! The export from end to end, on one snapshot of the database.

use std::{
    ffi::OsString,
    fmt, io,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use super::{
    form::RecordWriter,
    images::Images,
    out::{Out, STANDARD_OUTPUT},
};
use crate::{
    catalog::portable::{self, Record},
    db::Conn,
    error::{Error, Result},
    media::MediaStorage,
    shop::Shop,
};

/// Arguments of `export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArguments {
    /// The file to write, packed where its name ends in .gz; - for standard output
    pub file: PathBuf,
    /// How to write it; as the file's name ends where it is not given
    #[arg(long)]
    pub format: Option<FileFormat>,
    /// Folder of the images [default: FILE.images; to standard output, none are written]
    #[arg(long, value_name = "DIR")]
    pub images: Option<PathBuf>,
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// JSON lines
    Jsonl,
    /// A table, for spreadsheets
    Csv,
}

/// What an export has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Definitions of attributes.
    pub attributes: u64,
    /// Brands.
    pub brands: u64,
    /// Categories.
    pub categories: u64,
    /// Products.
    pub products: u64,
    /// Collections.
    pub collections: u64,
    /// Images.
    pub images: u64,
    /// Images that have no files any more, or are not wanted.
    pub images_left_out: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attributes, brands, categories, products, collections, images, images_left_out } = self;
        write!(f, "{attributes} attributes, {brands} brands, {categories} categories, {products} products, ")?;
        write!(f, "{collections} collections, {images} images")?;
        if *images_left_out > 0 { write!(f, " ({images_left_out} left out)") } else { Ok(()) }
    }
}

/// The folder of the images that belong to an exported file.
pub fn images_beside(file: &Path) -> PathBuf {
    let mut name: OsString = file.as_os_str().to_owned();
    name.push(".images");
    name.into()
}

/// Writes the catalogue as it stands when this begins.
///
/// # Errors
/// Why it could not; a file of that name is then as it was before.
pub fn run(shop: &Shop, media: &MediaStorage, arguments: &ExportArguments) -> std::result::Result<Counts, String> {
    let ExportArguments { file, format, images } = arguments;
    let is_standard_output = file == Path::new(STANDARD_OUTPUT);
    let format = format
        .or_else(|| format_of(file))
        .ok_or_else(|| format!("{}: the name ends neither in .jsonl nor in .csv: say --format", file.display()))?;
    let folder = images.clone().or_else(|| (!is_standard_output).then(|| images_beside(file)));
    let images = Images { folder: folder.as_deref(), storage: media, kept: 0, left_out: 0 };
    let in_file = |error: &dyn fmt::Display| format!("{}: {error}", file.display());
    let out = Out::open(file).map_err(|error| in_file(&error))?;
    let (out, counts) = match shop.db.read_blocking(|conn| write(conn, format, out, images)) {
        Ok(written) => written,
        Err(Error::Internal(reason)) => return Err(in_file(&reason)),
        Err(error) => return Err(in_file(&error)),
    };
    out.keep().map_err(|error| in_file(&error))?;
    Ok(counts)
}

/// As a file's name ends, without the ending of gzip.
fn format_of(file: &Path) -> Option<FileFormat> {
    let name = file.file_name()?.to_str()?;
    let name = name.strip_suffix(".gz").unwrap_or(name);
    match Path::new(name).extension()?.to_str()? {
        "jsonl" => Some(FileFormat::Jsonl),
        "csv" => Some(FileFormat::Csv),
        _ => None,
    }
}

/// What is named comes before what names it.
fn write(conn: &mut Conn, format: FileFormat, out: Out, mut images: Images<'_>) -> Result<(Out, Counts)> {
    let mut counts = Counts::default();
    let mut writer = match format {
        FileFormat::Jsonl => RecordWriter::lines(out).map_err(failed)?,
        FileFormat::Csv => RecordWriter::table(out, &portable::summary(conn)?).map_err(failed)?,
    };
    for attribute in portable::attributes(conn)? {
        counts.attributes += 1;
        writer.write(&Record::Attribute(attribute)).map_err(failed)?;
    }
    for brand in portable::brands(conn)? {
        counts.brands += 1;
        writer.write(&Record::Brand(brand)).map_err(failed)?;
    }
    for category in portable::categories(conn)? {
        counts.categories += 1;
        writer.write(&Record::Category(category)).map_err(failed)?;
    }
    let keep = |image| images.keep(image).map_err(failed);
    portable::for_each_product(conn, keep, |product| {
        counts.products += 1;
        writer.write(&Record::Product(Box::new(product))).map_err(failed)
    })?;
    portable::for_each_collection(conn, |collection| {
        counts.collections += 1;
        writer.write(&Record::Collection(collection)).map_err(failed)
    })?;
    Ok((writer.into_inner(), Counts { images: images.kept, images_left_out: images.left_out, ..counts }))
}

/// Neither the caller's fault nor the database's.
fn failed(error: io::Error) -> Error {
    Error::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_how_its_file_is_written() {
        for (name, format) in [
            ("shop.jsonl", Some(FileFormat::Jsonl)),
            ("shop.csv", Some(FileFormat::Csv)),
            ("shop.csv.gz", Some(FileFormat::Csv)),
            ("a.csv/shop", None),
            ("shop.json", None),
            ("csv", None),
            ("-", None),
        ] {
            assert_eq!(format_of(Path::new(name)), format, "{name}");
        }
        assert_eq!(images_beside(Path::new("a/shop.jsonl")), Path::new("a/shop.jsonl.images"));
    }
}
