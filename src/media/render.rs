//! From a file that somebody sent to the pictures that the shop shows.

use std::{borrow::Cow, fmt, io::Cursor, panic, str::FromStr};

use arrayvec::ArrayString;
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use fast_image_resize::{
    IntoImageView as _, IntoImageViewMut as _, PixelTrait, Resizer,
    pixels::{U8x3, U8x4},
};
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, codecs::jpeg::JpegEncoder,
    metadata::Orientation,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::inspect::{ImageRefused, check_data_of_png, inspect, picture_of_png};
use crate::{db::columns::TextColumn, text_column, text_enum};

const JPEG_QUALITY: u8 = 82;
const WEBP_QUALITY: f32 = 80.0;
/// The most bytes that the decoded pixels may take: 40 million at four bytes.
const MOST_BYTES: u64 = 160_000_000;
/// The side of the square that a placeholder is computed from; more than 100 is not taken.
const PLACEHOLDER_SIDE: u32 = 100;

/// An image, ready to be kept and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Names the content.
    pub hash: ContentHash,
    /// Width of the source in pixels, upright.
    pub width: u32,
    /// Height of the source in pixels, upright.
    pub height: u32,
    /// A ThumbHash in base64: some 25 bytes from which a front-end can draw a blurred picture at once.
    pub placeholder: String,
    /// Each size in each format.
    pub renditions: Vec<Rendition>,
}

/// A picture in one size and format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// Which size.
    pub name: RenditionName,
    /// Which format.
    pub format: RenditionFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

text_enum! {
    /// A size: the picture is fitted into a square and never enlarged.
    RenditionName {
        /// 320 pixels.
        Thumb = "thumb",
        /// 800 pixels.
        Medium = "medium",
        /// 1,200 pixels.
        Large = "large",
    }
}

text_enum! {
    /// A file format, named by its extension.
    RenditionFormat {
        /// WebP, lossy.
        Webp = "webp",
        /// JPEG; what is transparent is white.
        Jpeg = "jpg",
    }
}

impl RenditionName {
    /// Every size, the largest first.
    pub const ALL: [Self; 3] = [Self::Large, Self::Medium, Self::Thumb];

    /// Side of the square in pixels.
    pub fn side(self) -> u32 {
        match self {
            Self::Thumb => 320,
            Self::Medium => 800,
            Self::Large => 1_200,
        }
    }
}

impl RenditionFormat {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Webp, Self::Jpeg];

    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// Names an image by its source's bytes: the first 16 bytes of their SHA-256, in hexadecimal.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct ContentHash(ArrayString<32>);

/// The text is not a content hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAContentHash;

impl ContentHash {
    /// The hash of a source.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = digest::digest(&digest::SHA256, bytes);
        let mut text = ArrayString::new();
        for byte in digest.as_ref().iter().take(16) {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
            }
        }
        Self(text)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContentHash {
    type Err = NotAContentHash;

    fn from_str(text: &str) -> Result<Self, NotAContentHash> {
        let is_hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let text = ArrayString::from(text).map_err(|_| NotAContentHash)?;
        if is_hex && text.is_full() { Ok(Self(text)) } else { Err(NotAContentHash) }
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|NotAContentHash| D::Error::custom("not a content hash"))
    }
}

impl TextColumn for ContentHash {
    fn as_text(&self) -> &str {
        self.as_str()
    }
    fn from_text(text: String) -> Option<Self> {
        text.parse().ok()
    }
}
text_column!(ContentHash);

/// Checks an image, decodes it, and draws its renditions: turned upright, without any metadata.
///
/// A photograph of the largest size keeps a processor busy for a second or so and takes some hundred megabytes meanwhile:
/// this belongs off the request path, a few at a time.
///
/// # Errors
/// [`ImageRefused`] says why. Nearly all that is refused is refused before it is decoded.
pub fn render(bytes: &[u8]) -> Result<Rendered, ImageRefused> {
    let format = inspect(bytes)?;
    // The decoders are other people's code on hostile input: should one panic, the image is at fault and not we.
    panic::catch_unwind(|| draw(bytes, format)).unwrap_or(Err(ImageRefused::Damaged))
}

fn draw(bytes: &[u8], format: ImageFormat) -> Result<Rendered, ImageRefused> {
    let (source, orientation) = decode(bytes, format)?;
    // A square stays a square however it is turned, so that what is turned can be the small picture.
    let mut resizer = Resizer::new();
    let mut largest = fitted(&mut resizer, &source, RenditionName::Large.side())?;
    largest.apply_orientation(orientation);
    let (width, height) = match orientation {
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => (source.width(), source.height()),
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH => {
            (source.height(), source.width())
        }
    };
    drop(source);
    let largest = without_idle_alpha(largest);
    let mut renditions = Vec::new();
    for name in RenditionName::ALL {
        let picture = fitted(&mut resizer, &largest, name.side())?;
        for format in RenditionFormat::ALL {
            let bytes = encode(&picture, format)?;
            renditions.push(Rendition { name, format, width: picture.width(), height: picture.height(), bytes });
        }
    }
    let placeholder = thumb_hash(&mut resizer, &largest)?;
    Ok(Rendered { hash: ContentHash::of(bytes), width, height, placeholder, renditions })
}

fn thumb_hash(resizer: &mut Resizer, picture: &DynamicImage) -> Result<String, ImageRefused> {
    let small = fitted(resizer, picture, PLACEHOLDER_SIDE)?.into_rgba8();
    let hash = thumbhash::rgba_to_thumb_hash(small.width() as usize, small.height() as usize, &small);
    Ok(STANDARD_NO_PAD.encode(hash))
}

/// The pixels at 8 bits, with alpha where there is any, and how they are to be turned.
pub(super) fn decode(bytes: &[u8], format: ImageFormat) -> Result<(DynamicImage, Orientation), ImageRefused> {
    let bytes = match format {
        ImageFormat::Png => {
            check_data_of_png(bytes)?;
            Cow::Owned(picture_of_png(bytes))
        }
        _ => Cow::Borrowed(bytes),
    };
    let mut limits = Limits::default();
    limits.max_alloc = Some(2 * MOST_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(&*bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| ImageRefused::Damaged)?;
    if decoder.total_bytes() > MOST_BYTES {
        return Err(ImageRefused::TooManyPixels);
    }
    // Damaged metadata does not make a picture unfit to be shown.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(|_| ImageRefused::Damaged)?;
    let has_alpha = image.color().has_alpha();
    Ok((if has_alpha { image.into_rgba8().into() } else { image.into_rgb8().into() }, orientation))
}

/// The picture scaled down to fit into a square; where it fits already, the picture itself.
fn fitted(resizer: &mut Resizer, picture: &DynamicImage, side: u32) -> Result<DynamicImage, ImageRefused> {
    let (width, height) = fitted_size(picture.width(), picture.height(), side);
    if (width, height) == (picture.width(), picture.height()) {
        return Ok(picture.clone());
    }
    let mut scaled = DynamicImage::new(width, height, picture.color());
    if picture.color().has_alpha() {
        resize::<U8x4>(resizer, picture, &mut scaled)?;
    } else {
        resize::<U8x3>(resizer, picture, &mut scaled)?;
    }
    Ok(scaled)
}

/// The size of a picture once it fits into a square of this side: never enlarged, rounded to the nearest pixel, and
/// never to none.
pub(super) fn fitted_size(width: u32, height: u32, side: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= side {
        return (width, height);
    }
    let scaled = |length: u32| ((length * side + longest / 2) / longest).max(1);
    (scaled(width), scaled(height))
}

/// By the kind of pixel: the library's own choice would compile its filters for a dozen kinds that [`decode`] never makes.
fn resize<P: PixelTrait>(
    resizer: &mut Resizer,
    from: &DynamicImage,
    to: &mut DynamicImage,
) -> Result<(), ImageRefused> {
    let (Some(from), Some(mut to)) = (from.image_view::<P>(), to.image_view_mut::<P>()) else {
        return Err(ImageRefused::Damaged);
    };
    resizer.resize_typed(&from, &mut to, None).map_err(|_| ImageRefused::Damaged)
}

/// Many tools write an alpha channel that hides nothing.
fn without_idle_alpha(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageRgba8(pixels) if pixels.pixels().all(|pixel| pixel.0[3] == u8::MAX) => {
            DynamicImage::ImageRgba8(pixels).into_rgb8().into()
        }
        other => other,
    }
}

fn encode(picture: &DynamicImage, format: RenditionFormat) -> Result<Vec<u8>, ImageRefused> {
    match format {
        RenditionFormat::Webp => webp(picture),
        RenditionFormat::Jpeg => {
            let mut bytes = Vec::new();
            let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
            on_white(picture).write_with_encoder(encoder).map_err(|_| ImageRefused::Damaged)?;
            Ok(bytes)
        }
    }
}

/// The one place that knows the WebP encoder.
fn webp(picture: &DynamicImage) -> Result<Vec<u8>, ImageRefused> {
    let (width, height) = (picture.width(), picture.height());
    let encoder = match picture {
        DynamicImage::ImageRgba8(pixels) => webp::Encoder::from_rgba(pixels, width, height),
        DynamicImage::ImageRgb8(pixels) => webp::Encoder::from_rgb(pixels, width, height),
        _ => return Err(ImageRefused::Damaged),
    };
    let encoded = encoder.encode_simple(false, WEBP_QUALITY).map_err(|_| ImageRefused::Damaged)?;
    Ok(encoded.to_vec())
}

/// The picture as it looks on white paper.
fn on_white(picture: &DynamicImage) -> RgbImage {
    let DynamicImage::ImageRgba8(pixels) = picture else { return picture.to_rgb8() };
    let mut flat = RgbImage::new(pixels.width(), pixels.height());
    for (flat, pixel) in flat.pixels_mut().zip(pixels.pixels()) {
        let [colours @ .., alpha] = pixel.0.map(u32::from);
        flat.0 = colours.map(|colour| ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8);
    }
    flat
}
