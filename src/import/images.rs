//! The images of a batch: each is read, and drawn unless its product has it already, on all cores.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::Read,
    path::{Component, Path},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use super::row::Row;
use crate::{
    catalog::draft::NewImage,
    error::{Code, Violation},
    http::multipart::FILE_LIMIT,
    ids::ImageId,
    media::{ContentHash, ImageName, MediaStorage, render},
};

/// Where images come from and where they go.
pub(super) struct Images<'a> {
    /// The folder of the files.
    pub(super) folder: &'a Path,
    pub(super) storage: &'a MediaStorage,
    /// Whether what is drawn is kept.
    pub(super) keep: bool,
}

/// One image of one row.
struct Job<'a> {
    row: usize,
    place: usize,
    file: &'a str,
    alt: &'a str,
    known: &'a HashSet<ContentHash>,
}

/// Why an image could not be had.
pub(super) enum Trouble {
    /// It is the file's fault.
    Refused(Violation),
    /// The media storage fails.
    Failed(std::io::Error),
}

impl Images<'_> {
    /// The new images of each row, in its order; `known[i]` are the hashes that the product of `rows[i]` has.
    ///
    /// # Errors
    /// Where the media storage fails.
    pub(super) fn of_rows(
        &self,
        rows: &[Row],
        known: &[HashSet<ContentHash>],
        pointer: impl Fn(usize) -> String + Sync,
    ) -> std::io::Result<Vec<Result<Vec<NewImage>, Vec<Violation>>>> {
        let jobs = jobs(rows, known);
        let done = on_all_cores(&jobs, |job| self.image(job, pointer(job.place)));
        let mut of_rows: Vec<Result<Vec<NewImage>, Vec<Violation>>> = rows.iter().map(|_| Ok(Vec::new())).collect();
        for (job, outcome) in jobs.iter().zip(done) {
            let of_row = &mut of_rows[job.row];
            match (outcome, of_row) {
                (Ok(Some(image)), Ok(images)) if images.iter().all(|it| it.hash != image.hash) => images.push(image),
                (Ok(Some(unused)), _) => self.forget(&unused),
                (Ok(None), _) => {}
                (Err(Trouble::Failed(error)), _) => return Err(error),
                (Err(Trouble::Refused(violation)), Err(violations)) => violations.push(violation),
                (Err(Trouble::Refused(violation)), of_row) => {
                    let unused = std::mem::replace(of_row, Err(vec![violation]));
                    unused.iter().flatten().for_each(|image| self.forget(image));
                }
            }
        }
        Ok(of_rows)
    }

    /// Removes the files of an image that no product took.
    pub(super) fn forget(&self, image: &NewImage) {
        if self.keep {
            self.storage.forget(&ImageName { id: image.id, hash: image.hash });
        }
    }

    fn image(&self, job: &Job<'_>, pointer: String) -> Result<Option<NewImage>, Trouble> {
        let refused = |code, detail: String| Trouble::Refused(Violation::at(pointer.clone(), code, detail));
        let bytes = read_file(self.folder, job.file).map_err(|(code, detail)| refused(code, detail))?;
        if job.known.contains(&ContentHash::of(&bytes)) {
            return Ok(None);
        }
        let rendered =
            render(&bytes).map_err(|reason| refused(Code::InvalidFormat, format!("{}: {reason}", job.file)))?;
        let id = ImageId::new();
        if self.keep {
            self.storage.keep(id, &rendered).map_err(Trouble::Failed)?;
        }
        Ok(Some(NewImage::of(id, job.alt, &rendered)))
    }
}

/// A file below a folder.
pub(super) fn read_file(folder: &Path, name: &str) -> Result<Vec<u8>, (Code, String)> {
    let below = Path::new(name).components().all(|it| matches!(it, Component::Normal(_)));
    if !below {
        return Err((Code::InvalidValue, format!("`{name}` does not lie below the folder of the images.")));
    }
    let mut bytes = Vec::new();
    let path = folder.join(name);
    // Neither a link, which may lead out of the folder, nor a pipe, at which the import would wait for ever.
    let is_file = fs::symlink_metadata(&path).is_ok_and(|it| it.is_file());
    let leads_out = || {
        let real = [folder, path.as_path()].map(fs::canonicalize);
        !matches!(&real, [Ok(folder), Ok(path)] if path.starts_with(folder))
    };
    if !is_file || leads_out() {
        return Err((Code::NotFound, format!("{name}: there is no such file.")));
    }
    let file = File::open(path);
    file.and_then(|file| file.take(FILE_LIMIT as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| (Code::NotFound, format!("{name}: {error}")))?;
    if bytes.len() > FILE_LIMIT {
        return Err((Code::PayloadTooLarge, format!("{name} has more than {FILE_LIMIT} bytes.")));
    }
    Ok(bytes)
}

fn jobs<'a>(rows: &'a [Row], known: &'a [HashSet<ContentHash>]) -> Vec<Job<'a>> {
    let of_row = |(row, (it, known)): (usize, (&'a Row, &'a HashSet<ContentHash>))| {
        let draft = it.product.as_ref().ok();
        draft.into_iter().flat_map(move |draft| {
            let alt = draft.name.as_deref().unwrap_or_default();
            draft.images.iter().enumerate().map(move |(place, file)| Job { row, place, file, alt, known })
        })
    };
    rows.iter().zip(known).enumerate().flat_map(of_row).collect()
}

/// Does the work of each job, as many at once as there are cores, and returns what came of it in the jobs' order.
pub(super) fn on_all_cores<J: Sync, T: Send>(jobs: &[J], work: impl Fn(&J) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(place) else { return done };
            done.push((place, work(job)));
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        // A panic of a worker is one of ours: it goes on here.
        workers.into_iter().flat_map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, it)| it).collect()
}
