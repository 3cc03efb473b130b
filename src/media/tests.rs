//! What is taken, what is refused, and what comes out.

use std::{
    fs,
    io::{Cursor, Read as _},
    path::PathBuf,
    time::Instant,
};

use image::{
    DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
};

use super::*;

fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The left half red, the right half blue.
fn flag(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
}

fn decoded(rendered: &Rendered, name: RenditionName, format: RenditionFormat) -> DynamicImage {
    let rendition = rendered.renditions.iter().find(|it| it.name == name && it.format == format).unwrap();
    let picture = image::load_from_memory(&rendition.bytes).unwrap();
    assert_eq!((picture.width(), picture.height()), (rendition.width, rendition.height));
    picture
}

fn sizes(rendered: &Rendered) -> Vec<(RenditionName, u32, u32)> {
    let webp = rendered.renditions.iter().filter(|it| it.format == RenditionFormat::Webp);
    webp.map(|it| (it.name, it.width, it.height)).collect()
}

/// `segment` behind the first marker.
fn with_segment(jpeg: &[u8], marker: u8, segment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, segment, &jpeg[2..]].concat()
}

fn exif(orientation: u8) -> Vec<u8> {
    let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
    [b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".as_slice(), &entry, &[0; 4]].concat()
}

/// A PNG chunk.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut checksum = flate2::Crc::new();
    checksum.update(kind);
    checksum.update(data);
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length, kind.as_slice(), data, &checksum.sum().to_be_bytes()].concat()
}

#[test]
fn renditions_fit_into_their_squares_in_both_formats() {
    let rendered = render(&file(flag(2400, 1600), ImageFormat::Png)).unwrap();
    assert_eq!((rendered.width, rendered.height), (2400, 1600));
    use RenditionName::*;
    assert_eq!(sizes(&rendered), [(Large, 1200, 800), (Medium, 800, 533), (Thumb, 320, 213)]);
    assert_eq!(rendered.renditions.len(), 6);
    for rendition in &rendered.renditions {
        let format = image::guess_format(&rendition.bytes).unwrap();
        assert_eq!(format.to_mime_type(), rendition.format.content_type());
    }
    for format in RenditionFormat::ALL {
        let picture = decoded(&rendered, Thumb, format).into_rgb8();
        let [red, _, blue] = picture.get_pixel(20, 20).0;
        assert!(red > 240 && blue < 20, "{format:?}");
        let [red, _, blue] = picture.get_pixel(300, 20).0;
        assert!(red < 20 && blue > 240, "{format:?}");
    }
}

#[test]
fn nothing_is_enlarged() {
    use RenditionName::*;
    let rendered = render(&file(flag(500, 40), ImageFormat::Jpeg)).unwrap();
    assert_eq!(sizes(&rendered), [(Large, 500, 40), (Medium, 500, 40), (Thumb, 320, 26)]);
    let dot = render(&file(flag(1, 1), ImageFormat::WebP)).unwrap();
    assert_eq!(sizes(&dot), [(Large, 1, 1), (Medium, 1, 1), (Thumb, 1, 1)]);
    let line = render(&file(flag(12_000, 1), ImageFormat::Png)).unwrap();
    assert_eq!(sizes(&line), [(Large, 1200, 1), (Medium, 800, 1), (Thumb, 320, 1)]);
}

#[test]
fn a_picture_is_turned_upright_and_its_metadata_is_gone() {
    let jpeg = file(flag(400, 200), ImageFormat::Jpeg);
    let secret = [exif(6), b"GPS 48.2, 16.4".to_vec()].concat();
    let turned = render(&with_segment(&jpeg, 0xe1, &secret)).unwrap();
    assert_eq!((turned.width, turned.height), (200, 400));
    let picture = decoded(&turned, RenditionName::Thumb, RenditionFormat::Jpeg).into_rgb8();
    assert_eq!(picture.dimensions(), (160, 320));
    // Orientation 6: the left side of what is stored is the upper side of what is shown.
    assert!(picture.get_pixel(80, 20).0[0] > 240 && picture.get_pixel(80, 300).0[2] > 240);
    for rendition in &turned.renditions {
        for leftover in [b"Exif".as_slice(), b"EXIF", b"GPS", b"ICC", b"XMP"] {
            assert!(!rendition.bytes.windows(leftover.len()).any(|bytes| bytes == leftover), "{rendition:?}");
        }
    }
}

#[test]
fn what_is_transparent_stays_so_in_webp_and_is_white_in_jpeg() {
    let ghost = RgbaImage::from_pixel(600, 600, Rgba([0, 0, 0, 0]));
    let rendered = render(&file(ghost, ImageFormat::Png)).unwrap();
    let webp = decoded(&rendered, RenditionName::Medium, RenditionFormat::Webp);
    assert_eq!(webp.into_rgba8().get_pixel(300, 300).0[3], 0);
    let jpeg = decoded(&rendered, RenditionName::Medium, RenditionFormat::Jpeg);
    assert_eq!(jpeg.into_rgb8().get_pixel(300, 300).0, [255, 255, 255]);
    let half = RgbaImage::from_pixel(60, 60, Rgba([255, 0, 0, 128]));
    let rendered = render(&file(half, ImageFormat::Png)).unwrap();
    let [red, green, _] =
        decoded(&rendered, RenditionName::Medium, RenditionFormat::Jpeg).into_rgb8().get_pixel(30, 30).0;
    assert!(red > 250 && (120..=135).contains(&green));
}

#[test]
fn an_alpha_channel_that_hides_nothing_is_dropped() {
    let opaque = RgbaImage::from_pixel(60, 60, Rgba([10, 200, 30, 255]));
    let rendered = render(&file(opaque, ImageFormat::Png)).unwrap();
    assert!(!decoded(&rendered, RenditionName::Large, RenditionFormat::Webp).color().has_alpha());
}

#[test]
fn grey_and_sixteen_bit_pictures_are_taken() {
    let grey = DynamicImage::new_luma8(30, 20);
    let deep = DynamicImage::new_rgba16(30, 20);
    for picture in [grey, deep] {
        let rendered = render(&file(picture, ImageFormat::Png)).unwrap();
        assert_eq!((rendered.width, rendered.height), (30, 20));
    }
}

#[test]
fn the_hash_names_the_source_and_the_placeholder_its_looks() {
    let png = file(flag(300, 200), ImageFormat::Png);
    let rendered = render(&png).unwrap();
    assert_eq!(rendered, render(&png).unwrap());
    assert_eq!(rendered.hash, ContentHash::of(&png));
    assert_eq!(ContentHash::of(b"").as_str(), "e3b0c44298fc1c149afbf4c8996fb924");
    assert!((20..=40).contains(&rendered.placeholder.len()), "{}", rendered.placeholder);
    let other = render(&file(flag(300, 201), ImageFormat::Png)).unwrap();
    assert_ne!(rendered.hash, other.hash);
}

#[test]
fn other_types_are_refused_whatever_they_hold() {
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
    let html = b"<html>\xff\xd8\xff";
    let wave = b"RIFF\x04\0\0\0WAVE";
    for bytes in [b"".as_slice(), b"\xff", b"\xff\xd8", svg, gif, html, wave, b"BM", b"%PDF-1.7", b"II*\0", &[0; 1000]]
    {
        assert_eq!(render(bytes), Err(ImageRefused::UnsupportedType), "{bytes:?}");
    }
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = file(flag(64, 64), format);
        render(&whole).unwrap();
        for length in 12..whole.len() {
            assert_eq!(render(&whole[..length]), Err(ImageRefused::Damaged), "{format:?} {length}");
        }
    }
}

#[test]
fn a_file_with_something_behind_the_picture_is_refused() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = file(flag(64, 64), format);
        for tail in [b"PK\x03\x04".as_slice(), b"<?php system($_GET[0]); ?>", b"%PDF-1.7", b"x"] {
            let polyglot = [&whole, tail].concat();
            assert_eq!(render(&polyglot), Err(ImageRefused::TrailingData), "{format:?}");
        }
        render(&[&whole, [0; 16].as_slice()].concat()).unwrap();
    }
}

#[test]
fn a_preview_behind_a_photograph_is_no_stowaway() {
    let whole = file(flag(64, 64), ImageFormat::Jpeg);
    let with_preview = [whole.clone(), whole.clone()].concat();
    render(&with_preview).unwrap();
    assert_eq!(render(&[with_preview, b"PK".to_vec()].concat()), Err(ImageRefused::TrailingData));
    assert_eq!(render(&[whole, vec![0xff, 0xd8, 0xff, 0xd9]].concat()), Err(ImageRefused::Damaged));
}

#[test]
fn animated_pictures_are_refused() {
    let png = file(flag(8, 8), ImageFormat::Png);
    // Signature (8) and header chunk (25) come first.
    let animated = [&png[..33], &chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]), &png[33..]].concat();
    assert_eq!(render(&animated), Err(ImageRefused::Animated));
    let header = [b"VP8X\x0a\0\0\0".as_slice(), &[0b10, 0, 0, 0, 7, 0, 0, 7, 0, 0]].concat();
    let length = u32::try_from(4 + header.len()).unwrap().to_le_bytes();
    let animated = [b"RIFF".as_slice(), &length, b"WEBP", &header].concat();
    assert_eq!(render(&animated), Err(ImageRefused::Animated));
}

#[test]
fn bombs_are_refused_at_once() {
    let png = |width: u32, height: u32| {
        let header = [&width.to_be_bytes(), &height.to_be_bytes(), [8, 6, 0, 0, 0].as_slice()].concat();
        let parts = [chunk(b"IHDR", &header), chunk(b"IDAT", &[0; 100]), chunk(b"IEND", &[])].concat();
        [b"\x89PNG\r\n\x1a\n".as_slice(), &parts].concat()
    };
    let mut jpeg = file(flag(8, 8), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    let begun = Instant::now();
    for bytes in [png(60_000, 60_000), png(12_001, 1), png(12_000, 12_000), png(u32::MAX, u32::MAX), jpeg] {
        assert_eq!(render(&bytes), Err(ImageRefused::TooManyPixels));
    }
    // 6,300 by 6,300 pixels in some hundred bytes.
    let mut hollow = file(flag(8, 8), ImageFormat::Jpeg);
    hollow[frame + 5..frame + 9].copy_from_slice(&[0x18, 0x9c, 0x18, 0x9c]);
    let sides: u32 = 6_299 | (6_299 << 14);
    let lossless = [b"VP8L".as_slice(), &6_u32.to_le_bytes(), &[0x2f], &sides.to_le_bytes(), &[0]].concat();
    let length = u32::try_from(4 + lossless.len()).unwrap().to_le_bytes();
    let webp = [b"RIFF".as_slice(), &length, b"WEBP", &lossless].concat();
    let mut torn = file(flag(64, 48), ImageFormat::Png);
    let place = torn.len() - 20;
    torn[place] ^= 1;
    for bytes in [png(0, 10), png(6_000, 6_000), hollow, torn] {
        assert_eq!(render(&bytes), Err(ImageRefused::Damaged));
    }
    assert_eq!(render(&webp), Err(ImageRefused::TooManyPixels));
    assert!(begun.elapsed().as_millis() < 1_000, "{:?}", begun.elapsed());
}

#[test]
fn a_large_picture_with_nothing_to_see_is_refused_undrawn() {
    let png = |side: u32| {
        let (mut bytes, pixels) = (Vec::new(), vec![250; (side * side) as usize]);
        let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::NoFilter);
        encoder.write_image(&pixels, side, side, ExtendedColorType::L8).unwrap();
        bytes
    };
    let webp = |side| file(RgbImage::from_pixel(side, side, Rgb([250, 250, 250])), ImageFormat::WebP);
    for (small, large) in [(png(3_000), png(3_200)), (webp(3_000), webp(3_500))] {
        assert!(render(&small).is_ok());
        let begun = Instant::now();
        assert_eq!(render(&large).err(), Some(ImageRefused::TooManyPixels));
        assert!(begun.elapsed().as_millis() < 5, "{:?}", begun.elapsed());
    }
}

#[test]
fn what_is_no_picture_does_not_make_a_large_one_of_it() {
    let mut small = file(flag(8, 8), ImageFormat::Jpeg);
    let frame = small.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    small[frame + 5..frame + 9].copy_from_slice(&[0x18, 0x9c, 0x18, 0x9c]);
    let padded = (0..10).fold(small, |jpeg, _| with_segment(&jpeg, 0xfe, &[b'x'; 60_000]));
    assert_eq!(render(&padded).err(), Some(ImageRefused::Damaged));
    // 6,000 by 6,600 pixels, as lossless WebP, of 160,000 zeros.
    let sides = (5_999_u32 | (6_599 << 14)).to_le_bytes();
    let lossless = [b"WEBPVP8L".as_slice(), &160_006_u32.to_le_bytes(), &[0x2f], &sides, &vec![0; 160_001]].concat();
    let webp = [b"RIFF".as_slice(), &160_018_u32.to_le_bytes(), &lossless].concat();
    assert_eq!(render(&webp).err(), Some(ImageRefused::TooManyPixels));
}

#[test]
fn what_begins_something_else_beside_the_picture_is_refused() {
    let jpeg = file(flag(64, 64), ImageFormat::Jpeg);
    let png = file(flag(64, 64), ImageFormat::Png);
    let webp = file(flag(64, 64), ImageFormat::WebP);
    let riff = |more: &[u8]| {
        let length = u32::try_from(webp.len() + more.len() - 8).unwrap().to_le_bytes();
        [&webp[..4], &length, &webp[8..], more].concat()
    };
    for hidden in [b"<?php phpinfo(); ?>".as_slice(), b"PK\x03\x04\x14\0", b"x<SCRIPT>alert(1)</SCRIPT>"] {
        let length = u32::try_from(hidden.len()).unwrap().to_le_bytes();
        let padding = [0].repeat(hidden.len() % 2);
        for file in [
            with_segment(&jpeg, 0xfe, hidden),
            with_segment(&jpeg, 0xe1, &[&exif(1), hidden].concat()),
            [&png[..33], &chunk(b"tEXt", &[b"Comment\0", hidden].concat()), &png[33..]].concat(),
            [&png[..33], &chunk(b"juNk", hidden), &png[33..]].concat(),
            riff(&[b"JUNK".as_slice(), &length, hidden, &padding].concat()),
        ] {
            assert_eq!(render(&file), Err(ImageRefused::Stowaway), "{hidden:?}");
        }
    }
    // A JPEG that is a script, too: its length reads as the begin of a comment.
    let jfif = [b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0".as_slice(), b"*/=alert(1)/*"].concat();
    assert_eq!(render(&with_segment(&jpeg, 0xe0, &jfif)), Err(ImageRefused::Stowaway));
    let thumbnail = [b"JFIF\0\x01\x02\0\0\x01\0\x01\x04\x01".as_slice(), b"<script>1234"].concat();
    assert_eq!(render(&with_segment(&jpeg, 0xe0, &thumbnail)), Err(ImageRefused::Stowaway));
    assert_eq!(render(&with_segment(&jpeg, 0xf5, b"<?php ?>")), Err(ImageRefused::Stowaway));
    for harmless in [b"Photographed <by> hand".as_slice(), b"<?xpacket begin=''?><x:xmpmeta>"] {
        render(&with_segment(&jpeg, 0xfe, harmless)).unwrap();
    }
}

#[test]
fn a_jpeg_of_endless_scans_is_refused() {
    let jpeg = file(flag(8, 8), ImageFormat::Jpeg);
    let scan = jpeg.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let scans = jpeg[scan..jpeg.len() - 2].repeat(1_000);
    assert_eq!(render(&[&jpeg[..scan], &scans, &[0xff, 0xd9]].concat()), Err(ImageRefused::Damaged));
}

#[test]
fn damage_within_is_refused_or_drawn_but_never_a_panic() {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize
    };
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = file(flag(64, 48), format);
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..1 + random() % 8 {
                let place = random() % bytes.len();
                bytes[place] = random() as u8;
            }
            let _ = render(&bytes);
        }
    }
}

#[test]
fn extremes_of_what_is_taken_are_drawn() {
    let mut bytes = Vec::new();
    // Something to see in each row.
    let grey: Vec<u8> = (0..8_000 * 5_000_u32).map(|it| ((it % 8_000 * (it / 8_000)) >> 9) as u8).collect();
    PngEncoder::new(&mut bytes).write_image(&grey, 8_000, 5_000, ExtendedColorType::L8).unwrap();
    let rendered = render(&bytes).unwrap();
    assert_eq!(sizes(&rendered)[0], (RenditionName::Large, 1200, 750));
    let mut bytes = Vec::new();
    JpegEncoder::new(&mut bytes).write_image(&grey, 5_000, 8_000, ExtendedColorType::L8).unwrap();
    let rendered = render(&bytes).unwrap();
    assert_eq!(sizes(&rendered)[0], (RenditionName::Large, 750, 1200));
}

#[test]
#[ignore = "needs SHARED_DATA"]
fn real_photographs_become_small_files_that_look_alike() {
    let data = std::env::var_os("SHARED_DATA").map(PathBuf::from);
    let data = data.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")));
    let (mut drawn, mut stored) = (0, 0);
    let begun = Instant::now();
    for entry in fs::read_dir(data.join("demo/images")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let rendered = render(&bytes).unwrap_or_else(|refused| panic!("{}: {refused}", path.display()));
        let source = image::load_from_memory(&bytes).unwrap();
        assert_eq!((rendered.width, rendered.height), (source.width(), source.height()));
        let thumb = source.thumbnail(32, 32).into_rgb8();
        for format in RenditionFormat::ALL {
            let small = decoded(&rendered, RenditionName::Thumb, format);
            let small = small.resize_exact(thumb.width(), thumb.height(), image::imageops::FilterType::Triangle);
            let off = small.into_rgb8().iter().zip(thumb.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
            let off = off / (3 * u64::from(thumb.width() * thumb.height()));
            assert!(off <= 12, "{} {format:?}: {off} of 255", path.display());
        }
        drawn += 1;
        stored += rendered.renditions.iter().map(|it| it.bytes.len()).sum::<usize>();
    }
    println!("{drawn} photographs in {:?}, {} kB", begun.elapsed(), stored / 1000);
    assert!(drawn >= 54);
}

#[test]
fn a_png_that_cannot_hold_its_pixels_is_refused_unread() {
    let mut png = file(flag(64, 64), ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0x18, 0, 0, 0, 0x18, 0]);
    let begin = Instant::now();
    assert_eq!(render(&png), Err(ImageRefused::Damaged));
    assert!(begin.elapsed().as_millis() < 5, "{:?}", begin.elapsed());
    let black = file(RgbImage::new(2000, 2000), ImageFormat::Png);
    assert!(render(&black).is_ok(), "nothing can be packed more tightly: {} bytes", black.len());
}

#[test]
fn what_a_png_has_beside_its_picture_is_never_unpacked() {
    let mut packed = flate2::write::ZlibEncoder::new(b"x\0\0".to_vec(), flate2::Compression::fast());
    std::io::copy(&mut std::io::repeat(0).take(400_000_000), &mut packed).unwrap();
    let profile = chunk(b"iCCP", &packed.finish().unwrap());
    let plain = file(flag(60, 40), ImageFormat::Png);
    let (header, picture) = plain.split_at(8 + 25);
    let begin = Instant::now();
    let with_profile = render(&[header, &profile, picture].concat()).unwrap();
    assert!(begin.elapsed().as_millis() < 200, "{:?}", begin.elapsed());
    assert_eq!(with_profile.renditions, render(&plain).unwrap().renditions);
}
