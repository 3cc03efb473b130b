//! The key ring as a folder of small text files, one a generation: `generation-0001.key`, `generation-0002.key`, …
//!
//! ```text
//! cartwright-key 1
//! generation 1
//! secret <base64 of 32 bytes or more>
//! from 2026-01-05T09:00:00.000Z
//! ```
//!
//! The last line says when the generation takes over from the one before it; the first has none.

use std::{
    fmt, fs,
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, zeroize::Zeroizing};

use super::{Generation, random, root_from_text};
use crate::{digest::hex, time::UtcTime};

const FIRST_LINE: &str = "cartwright-key 1";
/// Read by others, or written by anyone but its owner, a file is no secret. The owner's group may read it, since that
/// is how a container's secrets are mounted.
const FORBIDDEN_MODE: u32 = 0o037;

/// The key ring cannot be read or made.
#[derive(Debug)]
pub enum KeysError {
    /// The folder, or the key in it, is not there.
    Missing(PathBuf),
    /// A generation is not there although a later one is.
    Gap(PathBuf),
    /// A file is not a key file.
    Malformed(PathBuf, &'static str),
    /// A key file is open to others.
    Open(PathBuf),
    /// The secret in the environment is none; the text says why.
    Secret(&'static str),
    /// The file system refused.
    Io(PathBuf, io::Error),
}

/// The generations in `folder`, oldest first.
pub(super) fn read_generations(folder: &Path) -> Result<Vec<Arc<Generation>>, KeysError> {
    let mut generations = Vec::new();
    read_added_generations(folder, &mut generations)?;
    if generations.is_empty() { Err(KeysError::Missing(folder.to_owned())) } else { Ok(generations) }
}

/// Puts the generations behind those that are known which are not among them.
pub(super) fn read_added_generations(folder: &Path, known: &mut Vec<Arc<Generation>>) -> Result<(), KeysError> {
    for index in known.len()..count_generations(folder)? as usize {
        known.push(read_generation(folder, index)?);
    }
    Ok(())
}

/// Makes the folder and its first generation, where there is none.
pub(super) fn create_first_generation(folder: &Path) -> Result<(), KeysError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io_error(folder))?;
    if count_generations(folder)? == 0 {
        write_generation(folder, 1, None)?;
    }
    Ok(())
}

/// Adds a generation to those in `folder`, which makes from `from` on, and returns its number.
pub(super) fn add_generation(folder: &Path, from: UtcTime) -> Result<u32, KeysError> {
    loop {
        let number = u32::try_from(read_generations(folder)?.len()).unwrap_or(u32::MAX).saturating_add(1);
        if write_generation(folder, number, Some(from))? {
            return Ok(number);
        }
    }
}

/// How many generations there are: the highest number, whether or not all below it are there.
fn count_generations(folder: &Path) -> Result<u32, KeysError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(KeysError::Missing(folder.to_owned())),
        entries => entries.map_err(io_error(folder))?,
    };
    let mut highest = 0;
    for entry in entries {
        let name = entry.map_err(io_error(folder))?.file_name();
        let number =
            name.to_str().and_then(|name| name.strip_prefix("generation-")?.strip_suffix(".key")?.parse().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(highest)
}

fn read_generation(folder: &Path, index: usize) -> Result<Arc<Generation>, KeysError> {
    let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
    let path = &path_of(folder, number);
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(KeysError::Gap(path.to_owned())),
        metadata => metadata.map_err(io_error(path))?,
    };
    if metadata.mode() & FORBIDDEN_MODE != 0 {
        return Err(KeysError::Open(path.to_owned()));
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(io_error(path))?);
    let malformed = |why| KeysError::Malformed(path.to_owned(), why);
    let mut lines = text.lines();
    if lines.next() != Some(FIRST_LINE) {
        return Err(malformed("its first line is not `cartwright-key 1`"));
    }
    if lines.next() != Some(format!("generation {number}").as_str()) {
        return Err(malformed("its second line does not name the generation that its name does"));
    }
    let secret = lines.next().and_then(|line| line.strip_prefix("secret "));
    let secret = secret.ok_or_else(|| malformed("its third line is not `secret <base64>`"))?;
    let from = lines.next().map(|line| line.strip_prefix("from ").and_then(|time| time.parse().ok()));
    let from = from.map(|from| from.ok_or_else(|| malformed("its fourth line is not `from <time>`"))).transpose()?;
    if lines.next().is_some() {
        return Err(malformed("it has more than four lines"));
    }
    let root = root_from_text(secret).map_err(|error| match error {
        KeysError::Secret(why) => malformed(why),
        other => other,
    })?;
    Ok(Generation::new(index, root.expose_secret(), Some(from.unwrap_or(UtcTime::from_micros(0)))))
}

/// Writes a fresh secret as generation `number`; `false` where somebody else has just done so.
///
/// A hard link never replaces what stands there, and what it links is complete and on the disk already: whoever sees
/// the name reads a whole key, and all see the same one.
fn write_generation(folder: &Path, number: u32, from: Option<UtcTime>) -> Result<bool, KeysError> {
    let secret = Zeroizing::new(STANDARD.encode(Zeroizing::new(random::<32>()).as_slice()));
    let from = from.map(|from| format!("from {from}\n")).unwrap_or_default();
    let text = Zeroizing::new(format!("{FIRST_LINE}\ngeneration {number}\nsecret {}\n{from}", secret.as_str()));
    let draft = folder.join(format!(".draft-{}", hex(&random::<8>())));
    let linked = write_draft(&draft, text.as_bytes()).and_then(|()| fs::hard_link(&draft, path_of(folder, number)));
    let removed = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        linked => linked.and(removed).map_err(io_error(folder))?,
    }
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error(folder))?;
    Ok(true)
}

fn write_draft(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn path_of(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("generation-{number:04}.key"))
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> KeysError {
    let path = path.to_owned();
    move |error| KeysError::Io(path, error)
}

impl fmt::Display for KeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(folder) => write!(
                f,
                "there is no key in {}: give the secrets as CARTWRIGHT_KEYS or a folder of keys as --keys-dir, or try \
                 the shop out with --demo, which makes a key",
                folder.display()
            ),
            Self::Gap(path) => write!(f, "{} is missing although a later generation is there", path.display()),
            Self::Malformed(path, why) => write!(f, "{} is not a key file: {why}", path.display()),
            Self::Open(path) => write!(f, "{} can be read or written by others: set its mode to 600", path.display()),
            Self::Secret(why) => write!(f, "the root secret is refused: {why}"),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for KeysError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            _ => None,
        }
    }
}
