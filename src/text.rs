//! Text as it is compared, without case and alike on both databases, and as it is put into HTML.

use caseless::Caseless as _;
use unicode_normalization::UnicodeNormalization as _;

/// The text without its differences of case and of compatibility: NFKC with full case folding.
///
/// Two texts fold alike exactly when they match by Unicode's compatibility caseless matching (The Unicode Standard,
/// section 3.13, D146), which is why there are two rounds: the first normalisation may bring up letters that have a
/// case of their own. Folding a second time changes nothing.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().nfd().default_case_fold().nfkd().default_case_fold().nfkc().collect()
}

/// The text as HTML writes it, in an element or in a quoted attribute: nothing of it is markup.
pub fn escape_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_compatibility_do_not_matter() {
        for (one, other) in [
            ("ANN@Example.COM", "ann@example.com"),
            ("Straße", "STRASSE"),
            ("ÅNGSTRÖM", "a\u{30a}ngstro\u{308}m"),
            ("Ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"),
            ("ﬁne", "FINE"),
            ("２４", "24"),
            ("㎒", "mhz"),
            ("ᾼ", "αι"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
    }

    #[test]
    fn different_words_stay_different() {
        assert_ne!(fold("schon"), fold("schön"));
        assert_ne!(fold("ı"), fold("i"));
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            let once = fold(&text);
            proptest::prop_assert_eq!(fold(&once), once.clone());
        }
    }

    #[test]
    fn every_single_character_folds_to_what_folds_to_itself() {
        for character in '\u{1}'..=char::MAX {
            let once = fold(character.encode_utf8(&mut [0; 4]));
            assert_eq!(fold(&once), once, "U+{:04X}", u32::from(character));
        }
    }
}
