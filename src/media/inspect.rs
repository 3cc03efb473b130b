//! What an image file says of itself, read before anything is decoded.
//!
//! Only the outer structure is walked, in one pass over the bytes and without memory of its own, so that a bomb is
//! refused for the price of a look. What is left to find out by decoding is whether the pixels are sound.

use std::fmt;

use flate2::Crc;
use image::ImageFormat;

use super::{stowaway::check_beside, unpacked::check_png_data};

/// The longest side that is taken, in pixels.
const LONGEST_SIDE: u32 = 12_000;
/// The most pixels that are taken.
const MOST_PIXELS: u64 = 40_000_000;
/// A progressive JPEG has about ten scans; each costs a pass over the whole picture.
const MOST_SCANS: u32 = 50;
/// A byte of deflate unpacks to at most so many: the longest match, 258 bytes, takes two bits.
const MOST_UNPACKED: u64 = 1032;
/// A JPEG has a bit at least for each block of 64 pixels.
const MOST_PIXELS_OF_JPEG_BYTE: u64 = 512;
/// A picture of more pixels is large: it takes much to draw.
const LARGE: u64 = 10_000_000;
/// In a large picture of goods there is something to see. A byte of a photograph holds 4 to 30 pixels; of a single colour,
/// one of a JPEG that no tool has optimized holds 64, one of a PNG a thousand, and drawings as PNG may hold a hundred.
const MOST_PIXELS_OF_LARGE_JPEG_BYTE: u64 = 60;
const MOST_PIXELS_OF_LARGE_PNG_BYTE: u64 = 256;
/// Whether there is a picture in a WebP is found out by decoding it, with all its pixels in memory.
const MOST_PIXELS_OF_WEBP: u64 = 12_000_000;

/// Why an image was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageRefused {
    /// The content is neither JPEG, PNG nor WebP, whatever its name says.
    UnsupportedType,
    /// A side is longer than 12,000 pixels, or there are more than 40 million pixels (half as many at 16 bits, 12 million
    /// as WebP), or more than 10 million in a file that holds next to nothing.
    TooManyPixels,
    /// There is more than one picture in it.
    Animated,
    /// Something else stands behind the picture.
    TrailingData,
    /// A program, markup or an archive begins beside the picture.
    Stowaway,
    /// The file is cut off or damaged.
    Damaged,
    /// It is not what this shop draws: of another size, or with something beside the picture.
    NotARendition,
}

impl fmt::Display for ImageRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnsupportedType => "The content is not a JPEG, PNG or WebP image.",
            Self::TooManyPixels => {
                "The image has more than 40 million pixels (12 million as WebP), a side of more than 12,000, or more than 10 million pixels with hardly anything to see."
            }
            Self::Animated => "Animated images are not taken.",
            Self::TrailingData => "The file holds something else behind the image.",
            Self::Stowaway => "The file holds a program, markup or an archive beside the image.",
            Self::Damaged => "The image is cut off or damaged.",
            Self::NotARendition => "The file is not a rendition as a shop draws it.",
        })
    }
}

impl std::error::Error for ImageRefused {}

/// The format of a file that is worth decoding.
pub(super) fn inspect(bytes: &[u8]) -> Result<ImageFormat, ImageRefused> {
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        inspect_jpeg(bytes).map(|()| ImageFormat::Jpeg)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        inspect_png(bytes).map(|()| ImageFormat::Png)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP".as_slice()) {
        inspect_webp(bytes).map(|()| ImageFormat::WebP)
    } else {
        Err(ImageRefused::UnsupportedType)
    }
}

/// The pixels of a picture of this size, where it is one that is taken.
fn check_size(width: u32, height: u32) -> Result<u64, ImageRefused> {
    if width == 0 || height == 0 {
        return Err(ImageRefused::Damaged);
    }
    if width.max(height) > LONGEST_SIDE || u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(ImageRefused::TooManyPixels);
    }
    Ok(u64::from(width) * u64::from(height))
}

/// Refuses a large picture with hardly anything in its `bytes`, of which each holds so many pixels at most.
fn check_density(pixels: u64, bytes: u64, most: u64) -> Result<(), ImageRefused> {
    let is_bomb = pixels > LARGE && pixels > bytes * most;
    if is_bomb { Err(ImageRefused::TooManyPixels) } else { Ok(()) }
}

/// Bytes that are read from front to back; reading past the end means that the file is cut off.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ImageRefused> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(ImageRefused::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ImageRefused> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(ImageRefused::Damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    /// The file may end here, filled up with zeros.
    fn end(&self) -> Result<(), ImageRefused> {
        if self.0.iter().all(|&byte| byte == 0) { Ok(()) } else { Err(ImageRefused::TrailingData) }
    }
}

/// ISO/IEC 10918-1, annex B.
///
/// Telephones put further whole JPEGs behind the first one (CIPA DC-007, a larger preview or a gain map); nothing else
/// may stand there.
fn inspect_jpeg(bytes: &[u8]) -> Result<(), ImageRefused> {
    let mut bytes = Bytes(bytes);
    loop {
        walk_jpeg(&mut bytes)?;
        if !bytes.0.starts_with(&[0xff, 0xd8, 0xff]) {
            return bytes.end();
        }
    }
}

/// One picture, from its first to its last marker.
fn walk_jpeg(bytes: &mut Bytes<'_>) -> Result<(), ImageRefused> {
    bytes.take(2)?;
    let (mut pixels, mut scans, mut scanned) = (0, 0, 0);
    loop {
        let [0xff, mut marker] = bytes.array()? else { return Err(ImageRefused::Damaged) };
        while marker == 0xff {
            [marker] = bytes.array()?;
        }
        if marker == 0xd9 {
            if pixels == 0 || scans == 0 || pixels > scanned * MOST_PIXELS_OF_JPEG_BYTE {
                return Err(ImageRefused::Damaged);
            }
            return check_density(pixels, scanned, MOST_PIXELS_OF_LARGE_JPEG_BYTE);
        }
        let length = usize::from(u16::from_be_bytes(bytes.array()?));
        let mut segment = Bytes(bytes.take(length.checked_sub(2).ok_or(ImageRefused::Damaged)?)?);
        match marker {
            // Start of frame; the three left out are tables and a reserved one.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let [_, height_1, height_2, width_1, width_2] = segment.array()?;
                let (width, height) = ([width_1, width_2], [height_1, height_2]);
                pixels = check_size(u16::from_be_bytes(width).into(), u16::from_be_bytes(height).into())?;
            }
            0xda => {
                scans += 1;
                if scans > MOST_SCANS {
                    return Err(ImageRefused::Damaged);
                }
                scanned += skip_scan(bytes)?;
            }
            0xe0 => check_jfif(segment.0)?,
            _ => check_beside(segment.0)?,
        }
    }
}

/// JFIF 1.02: the segment ends with its thumbnail, three bytes for each pixel, and holds nothing else.
fn check_jfif(segment: &[u8]) -> Result<(), ImageRefused> {
    if !segment.starts_with(b"JFIF\0") {
        return check_beside(segment);
    }
    let thumbnail = segment.get(12..14).ok_or(ImageRefused::Damaged)?;
    let length = 14 + 3 * usize::from(thumbnail[0]) * usize::from(thumbnail[1]);
    if segment.len() == length { check_beside(segment) } else { Err(ImageRefused::Stowaway) }
}

/// Moves to the marker that ends the scan: an 0xff that is followed by neither 0 (a data byte) nor a restart marker. Gives
/// the bytes of the scan.
fn skip_scan(bytes: &mut Bytes<'_>) -> Result<u64, ImageRefused> {
    let ends = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7);
    let length = bytes.0.windows(2).position(ends).ok_or(ImageRefused::Damaged)?;
    bytes.take(length).map(|scan| scan.len() as u64)
}

/// W3C PNG, sections 5 and 11.
fn inspect_png(bytes: &[u8]) -> Result<(), ImageRefused> {
    let mut bytes = Bytes(bytes);
    bytes.take(8)?;
    let mut is_first = true;
    let (mut pixels, mut pixel_bytes, mut packed) = (0, 0, 0);
    loop {
        let length = u32::from_be_bytes(bytes.array()?) as usize;
        let kind: [u8; 4] = bytes.array()?;
        let mut data = Bytes(bytes.take(length)?);
        let mut checksum = Crc::new();
        checksum.update(&kind);
        checksum.update(data.0);
        let is_sound = checksum.sum() == u32::from_be_bytes(bytes.array()?);
        match &kind {
            b"IHDR" if is_first => {
                let (width, height) = (u32::from_be_bytes(data.array()?), u32::from_be_bytes(data.array()?));
                pixels = check_size(width, height)?;
                pixel_bytes = pixels * bits_of_a_pixel(data.array()?)? / 8;
            }
            _ if is_first => return Err(ImageRefused::Damaged),
            b"acTL" => return Err(ImageRefused::Animated),
            b"IDAT" => packed += length as u64,
            b"IEND" if packed * MOST_UNPACKED < pixel_bytes => return Err(ImageRefused::Damaged),
            b"IEND" if is_sound => {
                check_density(pixels, packed, MOST_PIXELS_OF_LARGE_PNG_BYTE)?;
                return bytes.end();
            }
            _ => check_beside(data.0)?,
        }
        if !is_sound {
            return Err(ImageRefused::Damaged);
        }
        is_first = false;
    }
}

/// A PNG that was inspected, without whatever is no part of the picture: a colour profile or a text of some kilobytes can
/// unpack to more memory than the picture takes.
pub(super) fn picture_of_png(bytes: &[u8]) -> Vec<u8> {
    let mut picture = bytes[..8].to_vec();
    for chunk in chunks_of_png(bytes) {
        if matches!(&chunk[4..8], b"IHDR" | b"PLTE" | b"tRNS" | b"IDAT" | b"eXIf" | b"IEND") {
            picture.extend_from_slice(chunk);
        }
    }
    picture
}

/// The chunks of a PNG that was inspected: length, kind, data and checksum.
fn chunks_of_png(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = &bytes[8..];
    std::iter::from_fn(move || {
        let (length, _) = rest.split_first_chunk()?;
        let (chunk, behind) = rest.split_at_checked(u32::from_be_bytes(*length) as usize + 12)?;
        rest = behind;
        Some(chunk)
    })
}

/// Refuses a PNG that was inspected where its data are not those of as many pixels as it has. Of the largest they unpack
/// to some hundred megabytes, none of which are kept.
pub(super) fn check_data_of_png(bytes: &[u8]) -> Result<(), ImageRefused> {
    let header = chunks_of_png(bytes).next().ok_or(ImageRefused::Damaged)?;
    let mut header = Bytes(&header[8..]);
    let (width, height) = (u32::from_be_bytes(header.array()?), u32::from_be_bytes(header.array()?));
    let pixel_bytes = u64::from(width) * u64::from(height) * bits_of_a_pixel(header.array()?)? / 8;
    let data = chunks_of_png(bytes).filter(|chunk| chunk[4..8] == *b"IDAT").map(|chunk| &chunk[8..chunk.len() - 4]);
    check_png_data(data, pixel_bytes, height.into())
}

/// By bit depth and colour type.
fn bits_of_a_pixel([depth, colour]: [u8; 2]) -> Result<u64, ImageRefused> {
    let samples = match colour {
        0 | 3 => 1,
        4 => 2,
        2 => 3,
        6 => 4,
        _ => return Err(ImageRefused::Damaged),
    };
    Ok(u64::from(depth) * samples)
}

/// RFC 9649.
fn inspect_webp(bytes: &[u8]) -> Result<(), ImageRefused> {
    let mut file = Bytes(bytes);
    file.take(4)?;
    let length = u32::from_le_bytes(file.array()?) as usize;
    let mut chunks = Bytes(file.take(length)?);
    file.end()?;
    chunks.take(4)?;
    let mut has_picture = false;
    while !chunks.0.is_empty() {
        let kind: [u8; 4] = chunks.array()?;
        let length = u32::from_le_bytes(chunks.array()?) as usize;
        let mut data = Bytes(chunks.take(length)?);
        if length % 2 == 1 && !chunks.0.is_empty() {
            chunks.take(1)?;
        }
        match &kind {
            b"VP8X" => inspect_extended_header(&mut data)?,
            b"ANIM" | b"ANMF" => return Err(ImageRefused::Animated),
            b"VP8 " => {
                let [_, _, _, 0x9d, 0x01, 0x2a, width @ .., height_1, height_2] = data.array::<10>()? else {
                    return Err(ImageRefused::Damaged);
                };
                // The two bits above each size tell how to scale it up for display.
                let size = |bytes: [u8; 2]| u32::from(u16::from_le_bytes(bytes) & 0x3fff);
                check_webp(check_size(size(width), size([height_1, height_2]))?)?;
                has_picture = true;
            }
            b"VP8L" => {
                let [0x2f, sizes @ ..] = data.array::<5>()? else { return Err(ImageRefused::Damaged) };
                let sizes = u32::from_le_bytes(sizes);
                check_webp(check_size((sizes & 0x3fff) + 1, ((sizes >> 14) & 0x3fff) + 1)?)?;
                has_picture = true;
            }
            b"ALPH" => {}
            _ => check_beside(data.0)?,
        }
    }
    if has_picture { Ok(()) } else { Err(ImageRefused::Damaged) }
}

fn check_webp(pixels: u64) -> Result<(), ImageRefused> {
    if pixels > MOST_PIXELS_OF_WEBP { Err(ImageRefused::TooManyPixels) } else { Ok(()) }
}

fn inspect_extended_header(data: &mut Bytes<'_>) -> Result<(), ImageRefused> {
    let [flags, _, _, _] = data.array()?;
    if flags & 0b10 != 0 {
        return Err(ImageRefused::Animated);
    }
    let mut size = || data.array().map(|[low, middle, high]| u32::from_le_bytes([low, middle, high, 0]) + 1);
    let width = size()?;
    check_size(width, size()?).map(drop)
}

/// Whether a file that was inspected is a picture as [`render`](super::render) writes it and nothing else: no metadata,
/// nothing behind it.
pub(super) fn is_bare(bytes: &[u8], format: ImageFormat) -> bool {
    let walked = match format {
        ImageFormat::Jpeg => walk_bare_jpeg(&mut Bytes(bytes)),
        ImageFormat::WebP => walk_bare_webp(&mut Bytes(bytes)),
        _ => Err(ImageRefused::NotARendition),
    };
    walked.is_ok()
}

/// One baseline scan, tables, and a JFIF header without a thumbnail.
fn walk_bare_jpeg(bytes: &mut Bytes<'_>) -> Result<(), ImageRefused> {
    bytes.take(2)?;
    loop {
        let [0xff, marker] = bytes.array()? else { return Err(ImageRefused::NotARendition) };
        let length = usize::from(u16::from_be_bytes(bytes.array()?));
        let segment = bytes.take(length.checked_sub(2).ok_or(ImageRefused::Damaged)?)?;
        match marker {
            0xe0 if segment.len() == 14 && segment.starts_with(b"JFIF\0") => {}
            0xc0 | 0xc4 | 0xdb => {}
            0xda => {
                skip_scan(bytes)?;
                return if bytes.0 == [0xff, 0xd9] { Ok(()) } else { Err(ImageRefused::NotARendition) };
            }
            _ => return Err(ImageRefused::NotARendition),
        }
    }
}

/// A lossy picture, with its alpha where it has any.
fn walk_bare_webp(bytes: &mut Bytes<'_>) -> Result<(), ImageRefused> {
    bytes.take(4)?;
    let length = u32::from_le_bytes(bytes.array()?) as usize;
    if bytes.0.len() != length {
        return Err(ImageRefused::NotARendition);
    }
    bytes.take(4)?;
    while !bytes.0.is_empty() {
        let kind: [u8; 4] = bytes.array()?;
        let length = u32::from_le_bytes(bytes.array()?) as usize;
        bytes.take(length)?;
        let is_padded = length.is_multiple_of(2) || bytes.array::<1>()? == [0];
        if !is_padded || !matches!(&kind, b"VP8X" | b"ALPH" | b"VP8 ") {
            return Err(ImageRefused::NotARendition);
        }
    }
    Ok(())
}
