//! Whether the data of a PNG unpack to the pixels that it announces, found out without keeping any of them: of a damaged
//! one, no picture is allocated.

use flate2::{Decompress, FlushDecompress, Status};

use super::inspect::ImageRefused;

/// Bytes that are unpacked together.
const PIECE: usize = 64 * 1024;

/// Unpacks the data of a PNG that was inspected (W3C PNG, section 10), of which `pixel_bytes` are pixels in so many rows.
pub(super) fn check_png_data<'a>(
    data: impl Iterator<Item = &'a [u8]>,
    pixel_bytes: u64,
    rows: u64,
) -> Result<(), ImageRefused> {
    // Each row has a byte more and is filled up to a whole one; interlaced, there are twice as many rows at most.
    let most = pixel_bytes + 4 * rows + 64;
    let mut unpacker = Decompress::new(true);
    let mut piece = vec![0; PIECE];
    let mut is_over = false;
    for mut packed in data {
        if is_over && !packed.is_empty() {
            return Err(ImageRefused::TrailingData);
        }
        while !packed.is_empty() {
            let before = unpacker.total_in();
            let status = unpacker.decompress(packed, &mut piece, FlushDecompress::None);
            let status = status.map_err(|_| ImageRefused::Damaged)?;
            packed = packed.get((unpacker.total_in() - before) as usize..).unwrap_or_default();
            if status == Status::StreamEnd {
                if !(pixel_bytes..=most).contains(&unpacker.total_out()) {
                    return Err(ImageRefused::Damaged);
                }
                if !packed.is_empty() {
                    return Err(ImageRefused::TrailingData);
                }
                is_over = true;
            } else if status == Status::BufError || unpacker.total_out() > most {
                return Err(ImageRefused::Damaged);
            }
        }
    }
    if is_over { Ok(()) } else { Err(ImageRefused::Damaged) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    fn packed(bytes: usize) -> Vec<u8> {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
        packer.write_all(&vec![0; bytes]).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn data_that_are_cut_off_damaged_or_of_another_size_are_no_picture() {
        let (rows, pixel_bytes) = (5_000, 5_000 * 32_000);
        let whole = packed(5_000 * 32_001);
        let check = |data: &[u8]| check_png_data(data.chunks(1_000), pixel_bytes, rows);
        assert_eq!(check(&whole), Ok(()));
        assert_eq!(check(&whole[..whole.len() - 1]), Err(ImageRefused::Damaged));
        let mut damaged = whole.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(check(&damaged), Err(ImageRefused::Damaged), "its checksum is another");
        assert_eq!(check(&packed(1_000)), Err(ImageRefused::Damaged));
        assert_eq!(check(&packed(5_000 * 33_000)), Err(ImageRefused::Damaged));
        assert_eq!(check(&[]), Err(ImageRefused::Damaged));
        assert_eq!(check(&[&whole, b"<?php ?>".as_slice()].concat()), Err(ImageRefused::TrailingData));
        let apart = [whole.as_slice(), b"", b"PK"];
        assert_eq!(check_png_data(apart.into_iter(), pixel_bytes, rows), Err(ImageRefused::TrailingData));
    }
}
