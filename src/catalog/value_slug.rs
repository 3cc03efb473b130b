//! The name in addresses of a value that products are filtered by.

use unicode_normalization::UnicodeNormalization;

use super::model::Slug;
use crate::text::fold;

/// The most characters of a value that is filtered by; what lies behind them makes no other value.
pub(super) const LONGEST: usize = 100;

/// A value's slug, which is its own slug, too. Values that differ in more than case, accents and punctuation have
/// different ones: symbols that carry a meaning (`A+`, `C#`) become words, and what ASCII cannot write stays as it is.
///
/// `None` where nothing of it can stand in an address.
pub(super) fn value_slug(value: &str) -> Option<String> {
    let text = in_words(&value.nfkc().collect::<String>());
    if !text.nfkd().any(is_of_another_script)
        && let Some(slug) = Slug::from_latin(&text)
    {
        return Some(slug.as_str().to_owned());
    }
    // A comma ends a value in an address.
    let slug = fold(&text).split_whitespace().collect::<Vec<_>>().join("-").replace(',', "-");
    let slug = slug.trim_matches('-');
    if let Some((end, _)) = slug.char_indices().nth(LONGEST) {
        // What is cut off may be all that Latin letters could not write.
        return value_slug(&slug[..end]);
    }
    (!slug.is_empty()).then(|| slug.to_owned())
}

/// The text with words in the place of symbols.
fn in_words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut begins = true;
    while let Some(letter) = letters.next() {
        let word = match letter {
            '+' => "plus",
            '#' => "sharp",
            '%' => "percent",
            '&' => "and",
            '@' => "at",
            '°' => "degrees",
            '<' => "under",
            '>' => "over",
            '=' => "equals",
            '*' => "star",
            '€' => "euro",
            '$' => "dollar",
            '£' => "pound",
            '-' | '\u{2212}' if begins && letters.peek().is_some_and(char::is_ascii_digit) => "minus",
            _ => {
                words.push(letter);
                begins = letter.is_whitespace();
                continue;
            }
        };
        words.extend([" ", word, " "]);
        begins = true;
    }
    words
}

/// Whether a slug in Latin letters would lose the letter or digit.
fn is_of_another_script(letter: char) -> bool {
    let is_kept = |it: char| it.is_ascii() || matches!(it, 'ß' | 'æ' | 'ø' | 'ł');
    letter.is_alphanumeric() && !letter.to_lowercase().all(is_kept)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn symbols_that_carry_a_meaning_are_words() {
        for (value, slug) in [
            ("A", "a"),
            ("A+", "a-plus"),
            ("A+++", "a-plus-plus-plus"),
            ("C++", "c-plus-plus"),
            ("C#", "c-sharp"),
            ("100% Cotton", "100-percent-cotton"),
            ("Black & White", "black-and-white"),
            ("-5 °C", "minus-5-degrees-c"),
            ("5 °C", "5-degrees-c"),
            ("1/2-inch", "1-2-inch"),
            ("Crème brûlée", "creme-brulee"),
            ("10 µF", "10-μf"),
            ("10 F", "10-f"),
            ("日本 A", "日本-a"),
            ("日本", "日本"),
            ("a,б", "a-б"),
        ] {
            assert_eq!(value_slug(value).as_deref(), Some(slug), "{value}");
        }
        assert_eq!(value_slug(" , "), None);
    }

    #[test]
    fn letters_that_are_cut_off_are_no_part_of_a_slug() {
        assert_eq!(value_slug(&("ø".repeat(LONGEST) + "б")), Some("o".repeat(LONGEST)));
        assert_eq!(value_slug(&("ø".repeat(LONGEST - 1) + "б")), Some("ø".repeat(LONGEST - 1) + "б"));
        assert_eq!(value_slug(&("æ½ ".repeat(40) + "б")), Some("ae1-2-".repeat(16) + "ae1"));
    }

    proptest! {
        #[test]
        fn a_slug_is_its_own_slug(value in "[ -~°ßøÆĐµΩ日éß½ı＋]{1,60}") {
            if let Some(slug) = value_slug(&value) {
                prop_assert!(slug.chars().count() <= LONGEST && !slug.contains(','), "{}", slug);
                prop_assert_eq!(value_slug(&slug), Some(slug.clone()));
            }
        }
    }
}
