//! Compressed answers, with an entity tag of their own.

use std::io::Write;

use actix_web::{
    body::BodySize,
    http::header::{self, HeaderMap, HeaderValue},
    web::Bytes,
};
use brotli::CompressorWriter;
use flate2::{Compression, write::GzEncoder};

use super::etag;

/// Below this a compressed body is hardly smaller than its headers.
const WORTHWHILE: u64 = 1024;
/// The packer takes its input in pieces of so many bytes.
const PIECE: usize = 4096;
/// How hard Brotli tries, of 0 to 11: the same for all, as the tag of a body under a coding names its very bytes (RFC 9110,
/// 8.8.1), whether it is packed for one answer or kept for many.
const BROTLI_QUALITY: u32 = 4;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Brotli (RFC 7932): smaller.
    Brotli,
    /// gzip (RFC 1952): known to everybody.
    Gzip,
}

impl Coding {
    /// Its name in `Content-Encoding` and behind entity tags.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The coding that `Accept-Encoding` prefers (RFC 9110, 12.5.3), the better one where it has no preference.
    pub(super) fn preferred(value: Option<&HeaderValue>) -> Option<Self> {
        let text = value?.to_str().ok()?;
        let named = |wanted: &str| {
            text.split(',').find_map(|part| {
                let mut pieces = part.split(';').map(str::trim);
                let coding = pieces.next()?;
                let quality = pieces.find_map(|it| it.strip_prefix("q=").or(it.strip_prefix("Q=")));
                // What cannot be read is no reason to refuse.
                let quality = quality.map_or(1.0, |it| it.parse::<f32>().unwrap_or(1.0));
                coding.eq_ignore_ascii_case(wanted).then_some(quality)
            })
        };
        let quality = |coding: Self| named(coding.name()).or_else(|| named("*")).unwrap_or(0.0);
        let (brotli, gzip) = (quality(Self::Brotli), quality(Self::Gzip));
        let (best, quality) = if brotli >= gzip { (Self::Brotli, brotli) } else { (Self::Gzip, gzip) };
        (quality > 0.0 && quality >= named("identity").unwrap_or(0.0)).then_some(best)
    }

    fn pack(self, body: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Brotli => {
                // No window need be larger than the body; smaller ones take less memory while it is packed.
                let window = (body.len().next_power_of_two().ilog2() + 1).clamp(16, 22);
                let mut packer = CompressorWriter::new(Vec::new(), PIECE, BROTLI_QUALITY, window);
                packer.write_all(body)?;
                packer.flush()?;
                Ok(packer.into_inner())
            }
            Self::Gzip => {
                let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
                packer.write_all(body)?;
                packer.finish()
            }
        }
    }
}

/// Whether a body of this size goes out compressed to those who take it so.
pub(super) fn is_worthwhile(size: BodySize, headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let is_text = ["json", "yaml", "html", "javascript", "css"].iter().any(|kind| text.contains(kind));
    let is_long = matches!(size, BodySize::Sized(length) if length >= WORTHWHILE);
    is_long && is_text && !headers.contains_key(header::CONTENT_ENCODING)
}

/// The body in this coding, with `Content-Encoding` and a corrected tag, where that is worthwhile.
pub(super) fn packed(coding: Coding, body: Bytes, headers: &mut HeaderMap) -> Bytes {
    if !is_worthwhile(BodySize::Sized(body.len() as u64), headers) {
        return body;
    }
    // Writing into memory does not fail; were it to, the plain body would do.
    let Ok(packed) = coding.pack(&body) else { return body };
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    let tag = headers.get(header::ETAG).and_then(|it| it.to_str().ok());
    let tag = tag.map(|it| etag::with_coding(it, coding.name()));
    if let Some(tag) = tag.and_then(|it| HeaderValue::from_str(&it).ok()) {
        headers.insert(header::ETAG, tag);
    }
    packed.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn preferred(value: &'static str) -> Option<Coding> {
        Coding::preferred(Some(&HeaderValue::from_static(value)))
    }

    #[test]
    fn a_client_chooses_and_who_does_not_care_gets_the_smaller_one() {
        for value in ["br", "gzip, deflate, br, zstd", "*", "gzip;q=0.8, br;q=0.8", "BR", "gzip;q=0, *;q=0.1"] {
            assert_eq!(preferred(value), Some(Coding::Brotli), "{value}");
        }
        for value in ["gzip", "gzip;q=1.0, br;q=0.5", "br;q=0, *", "gzip, identity", "GZIP;Q=0.3"] {
            assert_eq!(preferred(value), Some(Coding::Gzip), "{value}");
        }
        for value in ["", "identity", "deflate", "gzip;q=0", "*;q=0", "br;q=0.000", "identity, br;q=0.5"] {
            assert_eq!(preferred(value), None, "{value}");
        }
        assert_eq!(Coding::preferred(None), None);
    }

    #[test]
    fn what_is_packed_is_unpacked_to_the_same() {
        let body = "an oak chair, and another ".repeat(5_000);
        let packed = Coding::Brotli.pack(body.as_bytes()).unwrap();
        let mut text = String::new();
        brotli::Decompressor::new(packed.as_slice(), PIECE).read_to_string(&mut text).unwrap();
        assert!(text == body && packed.len() < 1_000);
        let packed = Coding::Gzip.pack(body.as_bytes()).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
        assert!(text == body);
    }
}
