//! Where an export goes: standard output, or a file that is there whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

/// What stands for standard output.
pub(super) const STANDARD_OUTPUT: &str = "-";

/// A file on its way out. It is removed where it is not [kept](Self::keep).
pub(super) struct Out {
    sink: Sink,
    /// Where the file is, and where it is to be.
    file: Option<(PathBuf, PathBuf)>,
}

enum Sink {
    Plain(BufWriter<Box<dyn WriteThrough>>),
    Packed(Box<GzEncoder<BufWriter<Box<dyn WriteThrough>>>>),
}

/// A writer that can say that everything is on disk.
trait WriteThrough: Write {
    fn sync(&mut self) -> io::Result<()>;
}

impl WriteThrough for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

impl WriteThrough for io::Stdout {
    fn sync(&mut self) -> io::Result<()> {
        self.flush()
    }
}

impl Out {
    /// Opens what is to become `file`, packed by gzip where its name ends so.
    pub(super) fn open(file: &Path) -> io::Result<Self> {
        if file == Path::new(STANDARD_OUTPUT) {
            let sink = Sink::Plain(BufWriter::new(Box::new(io::stdout())));
            return Ok(Self { sink, file: None });
        }
        let partial = partial(file)?;
        let plain: BufWriter<Box<dyn WriteThrough>> = BufWriter::new(Box::new(File::create_new(&partial)?));
        let sink = match file.extension().is_some_and(|it| it == "gz") {
            true => Sink::Packed(Box::new(GzEncoder::new(plain, Compression::default()))),
            false => Sink::Plain(plain),
        };
        Ok(Self { sink, file: Some((partial, file.to_owned())) })
    }

    /// Ends it, and gives the file its name.
    pub(super) fn keep(mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Plain(plain) => sync(plain)?,
            Sink::Packed(packed) => {
                packed.try_finish()?;
                sync(packed.get_mut())?;
            }
        }
        if let Some((partial, file)) = &self.file {
            fs::rename(partial, file)?;
            self.file = None;
        }
        Ok(())
    }
}

fn sync(plain: &mut BufWriter<Box<dyn WriteThrough>>) -> io::Result<()> {
    plain.flush()?;
    plain.get_mut().sync()
}

/// A name beside that of the file, which nobody else has.
pub(super) fn partial(file: &Path) -> io::Result<PathBuf> {
    let name = file.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this names no file"))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}", uuid::Uuid::now_v7()));
    Ok(file.with_file_name(hidden))
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.sink {
            Sink::Plain(plain) => plain.write(bytes),
            Sink::Packed(packed) => packed.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Plain(plain) => plain.flush(),
            Sink::Packed(packed) => packed.flush(),
        }
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        if let Some((partial, _)) = &self.file {
            // The export has failed already, and that is what is told.
            let _ = fs::remove_file(partial);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("cartwright-export-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&folder).unwrap();
        folder
    }

    #[test]
    fn a_file_is_there_whole_or_as_it_was_before() {
        let folder = folder();
        let file = folder.join("shop.jsonl");
        fs::write(&file, "before").unwrap();
        let mut failed = Out::open(&file).unwrap();
        failed.write_all(b"half").unwrap();
        drop(failed);
        assert_eq!(fs::read(&file).unwrap(), b"before");
        let mut done = Out::open(&file).unwrap();
        done.write_all(b"whole").unwrap();
        done.keep().unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"whole");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_packed_file_is_the_same_whenever_it_is_written() {
        let folder = folder();
        let written = |name: &str| {
            let file = folder.join(name);
            let mut out = Out::open(&file).unwrap();
            out.write_all(b"whole").unwrap();
            out.keep().unwrap();
            fs::read(file).unwrap()
        };
        let packed = written("a.jsonl.gz");
        assert_eq!(packed, written("b.jsonl.gz"));
        let unpacked = io::read_to_string(flate2::read::GzDecoder::new(&*packed)).unwrap();
        assert_eq!(unpacked, "whole");
        fs::remove_dir_all(folder).unwrap();
    }
}
