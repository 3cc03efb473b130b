//! What somebody hides beside a picture: markup, programs, archives.
//!
//! Nothing beside a picture is kept, since it is drawn anew. A file that can also be read as something else is refused
//! nevertheless: none that a camera or an editor writes is one.

use super::inspect::ImageRefused;

/// How markup and programs begin, in lower case. None of them is shorter than five bytes: the thumbnails and notes that
/// cameras put beside their pictures are as good as random.
const BEGINNINGS: [&[u8]; 13] = [
    b"<script",
    b"<?php",
    b"<html",
    b"<!doctype",
    b"<body",
    b"<iframe",
    b"<svg ",
    b"<svg>",
    b"<svg\n",
    b"<svg/",
    b"<img ",
    b"%pdf-",
    b"__halt_compiler",
];
/// How the files of an archive begin, and its end (APPNOTE.TXT of PKWARE, 4.3.7 and 4.3.16).
const ARCHIVE: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// Refuses what stands beside a picture where something of another kind begins in it.
pub(super) fn check_beside(bytes: &[u8]) -> Result<(), ImageRefused> {
    let begins_at = |place: usize| {
        let rest = &bytes[place..];
        match rest[0] {
            b'P' => ARCHIVE.iter().any(|it| rest.starts_with(it)),
            b'<' | b'%' | b'_' => {
                BEGINNINGS.iter().any(|it| rest.get(..it.len()).is_some_and(|begun| begun.eq_ignore_ascii_case(it)))
            }
            _ => false,
        }
    };
    if (0..bytes.len()).any(begins_at) { Err(ImageRefused::Stowaway) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_begins_something_else_is_a_stowaway() {
        for hidden in ["<script>", "<ScRiPt src=//x>", "<?PHP ", "<svg onload=x>", "%PDF-1.7", "PK\u{3}\u{4}"] {
            for beside in [hidden.to_owned(), format!("a photograph {hidden}"), format!("<<{hidden}</x>")] {
                assert_eq!(check_beside(beside.as_bytes()), Err(ImageRefused::Stowaway), "{beside:?}");
            }
        }
        for harmless in ["", "<", "Kodak <Gold 200>", "<?xpacket begin='' ?><x:xmpmeta><rdf:RDF>", "PK", "100 %", "__"]
        {
            assert_eq!(check_beside(harmless.as_bytes()), Ok(()), "{harmless:?}");
        }
    }
}
