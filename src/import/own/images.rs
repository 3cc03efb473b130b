//! The images of an export: their files are taken as they are, once they are found to be what the record says.

use std::{collections::HashMap, path::Path};

use crate::{
    catalog::{draft::NewImage, portable::PortableImage},
    error::{Code, Violation},
    ids::ImageId,
    import::images::{Trouble, on_all_cores, read_file},
    media::{ContentHash, ImageName, MediaStorage, Stated, already_drawn, hash_of_files},
};

/// Where images come from and where they go.
pub(super) struct Images<'a> {
    /// The folder of the export's images.
    pub(super) folder: &'a Path,
    pub(super) storage: &'a MediaStorage,
    /// Whether what is found sound is kept.
    pub(super) keep: bool,
}

/// The images that a product brings in, each in its place; none where the product has it already.
pub(super) type Brought = Result<Vec<Option<NewImage>>, Vec<Violation>>;

/// One image of one product.
struct Job<'a> {
    product: usize,
    place: usize,
    image: &'a PortableImage,
}

impl Images<'_> {
    /// The new images of each product; `known[i]` are the hashes of those that it has, each as often as it has it.
    ///
    /// # Errors
    /// Where the media storage fails.
    pub(super) fn of_products(
        &self,
        products: &[&[PortableImage]],
        known: &[Vec<ContentHash>],
    ) -> std::io::Result<Vec<Brought>> {
        let mut jobs = Vec::new();
        for (product, (images, known)) in products.iter().zip(known).enumerate() {
            let mut left: HashMap<ContentHash, usize> = HashMap::new();
            known.iter().for_each(|hash| *left.entry(*hash).or_default() += 1);
            for (place, image) in images.iter().enumerate() {
                match left.get_mut(&image.hash).filter(|count| **count > 0) {
                    Some(count) => *count -= 1,
                    None => jobs.push(Job { product, place, image }),
                }
            }
        }
        let done = on_all_cores(&jobs, |job| self.image(job));
        let mut brought: Vec<Brought> = products.iter().map(|images| Ok(vec![None; images.len()])).collect();
        for (job, outcome) in jobs.iter().zip(done) {
            let of_product = &mut brought[job.product];
            match (outcome, of_product) {
                (Ok(image), Ok(images)) => images[job.place] = Some(image),
                (Ok(unused), Err(_)) => self.forget(&unused),
                (Err(Trouble::Failed(error)), _) => return Err(error),
                (Err(Trouble::Refused(violation)), Err(violations)) => violations.push(violation),
                (Err(Trouble::Refused(violation)), of_product) => {
                    let unused = std::mem::replace(of_product, Err(vec![violation]));
                    unused.iter().flatten().flatten().for_each(|image| self.forget(image));
                }
            }
        }
        Ok(brought)
    }

    /// Removes the files of an image that no product took.
    pub(super) fn forget(&self, image: &NewImage) {
        if self.keep {
            self.storage.forget(&ImageName { id: image.id, hash: image.hash });
        }
    }

    fn image(&self, job: &Job<'_>) -> Result<NewImage, Trouble> {
        let image = job.image;
        let refused = |code, detail: String| {
            Trouble::Refused(Violation::at(format!("#/images/{}/files", job.place), code, detail))
        };
        // A new id, and with it an address that nothing else has, whatever hash is stated.
        let name = ImageName { id: ImageId::new(), hash: image.hash };
        let files = name.keys().map(|key| {
            let file = format!("{}/{}.{}", image.files, key.name.as_str(), key.format.as_str());
            read_file(self.folder, &file)
        });
        let files: Vec<Vec<u8>> = files.collect::<Result<_, _>>().map_err(|(code, detail)| refused(code, detail))?;
        if hash_of_files(files.iter().map(Vec::as_slice)) != image.files {
            let detail = format!("The files in `{}` are not those that were exported.", image.files);
            return Err(refused(Code::InvalidValue, detail));
        }
        let stated =
            Stated { hash: image.hash, width: image.width, height: image.height, placeholder: &image.placeholder };
        let drawn = already_drawn(&stated, files)
            .map_err(|reason| refused(Code::InvalidFormat, format!("{}: {reason}", image.files)))?;
        if self.keep {
            self.storage.keep(name.id, &drawn).map_err(Trouble::Failed)?;
        }
        Ok(NewImage::of(name.id, &image.alt, &drawn))
    }
}
