//! Renditions that were drawn in another shop and come out of its export.
//!
//! They are kept byte for byte, so that nothing is drawn twice. They are therefore looked at more closely than what is
//! drawn anew: each must be a picture of its size in its format and nothing else, and sound to its last pixel.

use std::{io::Cursor, panic};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use image::{ImageFormat, ImageReader};

use super::{
    ContentHash, Rendered, Rendition, RenditionFormat, RenditionName,
    inspect::{ImageRefused, inspect, is_bare},
    render::{decode, fitted_size},
};

/// What an export says of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated<'a> {
    /// Of what it was drawn from.
    pub hash: ContentHash,
    /// Width of the source in pixels.
    pub width: u32,
    /// Height of the source in pixels.
    pub height: u32,
    /// ThumbHash in base64.
    pub placeholder: &'a str,
}

/// Names the files of an image, in the order of [`ImageName::keys`](super::ImageName::keys), by their bytes.
pub fn hash_of_files<'a>(files: impl IntoIterator<Item = &'a [u8]>) -> ContentHash {
    let hashes: String = files.into_iter().map(|bytes| ContentHash::of(bytes).as_str().to_owned()).collect();
    ContentHash::of(hashes.as_bytes())
}

/// An image of these files, which stand in the order of [`ImageName::keys`](super::ImageName::keys).
///
/// # Errors
/// [`ImageRefused`] where a file is no rendition, or does not fit to the others and to what is stated.
pub fn already_drawn(stated: &Stated<'_>, files: Vec<Vec<u8>>) -> Result<Rendered, ImageRefused> {
    let Stated { hash, width, height, placeholder } = *stated;
    let places = RenditionName::ALL.into_iter().flat_map(|name| RenditionFormat::ALL.map(|format| (name, format)));
    let renditions: Vec<Rendition> =
        places.zip(files).map(|((name, format), bytes)| rendition(name, format, bytes)).collect::<Result<_, _>>()?;
    let whole = renditions.len() == RenditionName::ALL.len() * RenditionFormat::ALL.len();
    // What they were drawn from does not come along. Its size is what they tell of it: up to 1,200 pixels the very size,
    // beyond that how its sides stand to each other.
    let largest = fitted_size(width, height, RenditionName::Large.side());
    let fits = renditions.iter().all(|it| (it.width, it.height) == fitted_size(largest.0, largest.1, it.name.side()));
    // No ThumbHash has more bytes.
    let is_hash = STANDARD_NO_PAD.decode(placeholder).is_ok_and(|bytes| (5..=40).contains(&bytes.len()));
    if !whole || !fits || !is_hash {
        return Err(ImageRefused::NotARendition);
    }
    Ok(Rendered { hash, width, height, placeholder: placeholder.to_owned(), renditions })
}

fn rendition(name: RenditionName, format: RenditionFormat, bytes: Vec<u8>) -> Result<Rendition, ImageRefused> {
    let found = inspect(&bytes)?;
    let meant = match format {
        RenditionFormat::Webp => ImageFormat::WebP,
        RenditionFormat::Jpeg => ImageFormat::Jpeg,
    };
    if found != meant || !is_bare(&bytes, found) {
        return Err(ImageRefused::NotARendition);
    }
    // Other people's code on hostile input, as in `render`.
    let sized = || {
        let size = ImageReader::with_format(Cursor::new(&*bytes), found).into_dimensions();
        let (width, height) = size.map_err(|_| ImageRefused::Damaged)?;
        if width.max(height) > name.side() {
            return Err(ImageRefused::NotARendition);
        }
        decode(&bytes, found).map(|(picture, _)| (picture.width(), picture.height()))
    };
    let (width, height) = panic::catch_unwind(sized).unwrap_or(Err(ImageRefused::Damaged))?;
    Ok(Rendition { name, format, width, height, bytes })
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, RgbImage, RgbaImage};

    use super::*;
    use crate::media::render;

    fn drawn(picture: DynamicImage) -> Rendered {
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).unwrap();
        render(png.get_ref()).unwrap()
    }

    fn stated(rendered: &Rendered) -> Stated<'_> {
        let Rendered { hash, width, height, placeholder, renditions: _ } = rendered;
        Stated { hash: *hash, width: *width, height: *height, placeholder }
    }

    fn files(rendered: &Rendered) -> Vec<Vec<u8>> {
        rendered.renditions.iter().map(|it| it.bytes.clone()).collect()
    }

    fn photograph() -> Rendered {
        drawn(RgbImage::from_fn(1300, 700, |x, y| image::Rgb([x as u8, y as u8, (x ^ y) as u8])).into())
    }

    #[test]
    fn what_was_drawn_here_is_taken_as_it_is() {
        let see_through = RgbaImage::from_fn(90, 200, |x, y| image::Rgba([x as u8, y as u8, 7, (x + y) as u8]));
        for rendered in [photograph(), drawn(see_through.into())] {
            assert_eq!(already_drawn(&stated(&rendered), files(&rendered)).unwrap(), rendered);
        }
    }

    #[test]
    fn what_is_more_or_less_than_a_rendition_is_refused() {
        let rendered = photograph();
        let with = |place: usize, change: &dyn Fn(&mut Vec<u8>)| {
            let mut files = files(&rendered);
            change(&mut files[place]);
            already_drawn(&stated(&rendered), files).unwrap_err()
        };
        let (webp, jpeg) = (0, 1);
        for place in [webp, jpeg] {
            assert_eq!(with(place, &|it| it.extend(b"<script>")), ImageRefused::TrailingData);
            assert_eq!(with(place, &|it| it.push(0)), ImageRefused::NotARendition);
            assert_eq!(with(place, &|it| it.truncate(it.len() / 2)), ImageRefused::Damaged);
        }
        let comment = |it: &mut Vec<u8>| drop(it.splice(2..2, [0xff, 0xfe, 0, 6, b'e', b'v', b'i', b'l']));
        assert_eq!(with(jpeg, &comment), ImageRefused::NotARendition);
        let chunk = |it: &mut Vec<u8>| {
            it.extend(b"EXIF\x04\0\0\0evil");
            let length = (it.len() - 8) as u32;
            it[4..8].copy_from_slice(&length.to_le_bytes());
        };
        assert_eq!(with(webp, &chunk), ImageRefused::NotARendition);
    }

    #[test]
    fn files_that_do_not_fit_together_are_refused() {
        let rendered = photograph();
        let mut swapped = files(&rendered);
        swapped.swap(0, 2);
        assert_eq!(already_drawn(&stated(&rendered), swapped), Err(ImageRefused::NotARendition));
        let mut small = files(&rendered);
        small[1] = small[3].clone();
        assert_eq!(already_drawn(&stated(&rendered), small), Err(ImageRefused::NotARendition));
        let mut few = files(&rendered);
        few.pop();
        assert_eq!(already_drawn(&stated(&rendered), few), Err(ImageRefused::NotARendition));
        for wrong in [
            Stated { width: 100, ..stated(&rendered) },
            Stated { width: 12_000, ..stated(&rendered) },
            Stated { width: 12_000, height: 12_000, ..stated(&rendered) },
            Stated { width: rendered.height, height: rendered.width, ..stated(&rendered) },
            Stated { placeholder: "<svg>", ..stated(&rendered) },
            Stated { placeholder: "", ..stated(&rendered) },
        ] {
            assert_eq!(already_drawn(&wrong, files(&rendered)), Err(ImageRefused::NotARendition));
        }
    }

    #[test]
    fn of_a_small_picture_the_size_is_what_its_largest_rendition_has() {
        let rendered = drawn(RgbImage::from_pixel(900, 300, image::Rgb([7, 7, 7])).into());
        for (width, height) in [(901, 300), (900, 301), (1800, 600), (899, 300)] {
            let wrong = Stated { width, height, ..stated(&rendered) };
            assert_eq!(already_drawn(&wrong, files(&rendered)), Err(ImageRefused::NotARendition), "{width} x {height}");
        }
    }

    #[test]
    fn files_are_named_by_all_their_bytes() {
        let files = [b"a".as_slice(), b"bc"];
        assert_eq!(hash_of_files(files), hash_of_files(files));
        for other in [vec![b"ab".as_slice(), b"c"], vec![b"a".as_slice()], vec![b"bc".as_slice(), b"a"]] {
            assert_ne!(hash_of_files(other), hash_of_files(files));
        }
    }
}
