//! What is kept of a text that somebody searched for: nothing by which anybody could be known.

use crate::text::fold;

/// Characters that are kept.
const LONGEST: usize = 100;
/// From so many digits on a number may be a telephone's, a card's or a customer's.
const DIGITS: usize = 6;
/// From so many letters, digits, `_` and `-` in a row on it is no word but a token, or part of one: ours have 46.
const TOKEN: usize = 32;
/// Stands for what was taken out.
const MASK: char = '…';

/// The text folded, without e-mail addresses, long numbers and control characters; `None` where nothing is left of it.
pub(super) fn masked(text: &str) -> Option<String> {
    // An address may have been encoded once too often on its way.
    let text = fold(text).replace("%40", "@");
    // What is not to be seen parts no digits, and stands in no report.
    let seen: String =
        text.chars().map(|it| if it.is_control() { ' ' } else { it }).filter(|it| !is_hidden(*it)).collect();
    let without_numbers = mask_numbers(&mask_tokens(&mask_addresses(&seen)));
    let short: String = one_line(&without_numbers).chars().take(LONGEST).collect();
    let short = short.trim_end();
    (!short.is_empty()).then(|| short.to_owned())
}

/// Signs that only say how others are to be written (of Unicode's category Cf, those that occur in text).
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes out what stands around each `@`, spaces beside it or none.
fn mask_addresses(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    // Whether the word to come belongs to an address that has begun.
    let mut goes_on = false;
    for word in text.split_whitespace() {
        let (begins, ends) = (word.starts_with('@'), word.ends_with('@'));
        // `@home` alone is none.
        let is_name = begins && words.is_empty() && !word.trim_start_matches('@').contains('@');
        let of_address = goes_on || (word.contains('@') && !is_name);
        if !of_address {
            words.push(word.to_owned());
            continue;
        }
        if begins && !goes_on {
            // The name stands before the space.
            words.pop();
        }
        if words.last().is_none_or(|last| last.chars().ne([MASK])) {
            words.push(MASK.to_string());
        }
        goes_on = ends;
    }
    words.join(" ")
}

/// Takes out what is too long to be a word.
fn mask_tokens(text: &str) -> String {
    let is_of_token = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-');
    let mut masked = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|it| !is_of_token(it)).unwrap_or(rest.len());
        if end < TOKEN {
            masked.push_str(&rest[..end])
        } else {
            masked.push(MASK)
        }
        let next = rest[end..].find(is_of_token).map_or(rest.len(), |it| end + it);
        masked.push_str(&rest[end..next]);
        rest = &rest[next..];
    }
    masked
}

/// A digit of whatever script. Signs for numbers that are letters too, such as 〇, are letters here.
fn is_digit(letter: char) -> bool {
    letter.is_numeric() && !letter.is_alphabetic()
}

/// Takes out digits of whatever script, of which so many stand together that nothing but spaces and signs part them.
fn mask_numbers(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find(is_digit) {
        masked.push_str(&rest[..begin]);
        rest = &rest[begin..];
        let end = rest.find(char::is_alphabetic).unwrap_or(rest.len());
        // What follows the last digit is none of the number.
        let last = rest[..end].char_indices().rfind(|(_, it)| is_digit(*it));
        let length = last.map_or(end, |(at, digit)| at + digit.len_utf8());
        let number = &rest[..length];
        if number.chars().filter(|it| is_digit(*it)).count() < DIGITS {
            masked.push_str(number);
        } else {
            masked.push(MASK);
        }
        rest = &rest[length..];
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_search_for_is_kept_as_they_would_say_it() {
        for (typed, kept) in [
            ("Oak  CHAIR", "oak chair"),
            ("iphone 15 128gb", "iphone 15 128gb"),
            ("24-70mm f/2.8", "24-70mm f/2.8"),
            ("@home desk", "@home desk"),
            ("\u{7}oak\u{0}chair\u{200b}s", "oak chairs"),
            ("日本 茶碗", "日本 茶碗"),
            ("二〇二六年 〇〇〇〇〇〇〇", "二〇二六年 〇〇〇〇〇〇〇"),
        ] {
            assert_eq!(masked(typed).as_deref(), Some(kept), "{typed:?}");
        }
        assert_eq!(masked(" \u{200b} \n"), None);
        let long = format!("{} ", "x".repeat(30)).repeat(9);
        assert_eq!(masked(&long).unwrap().chars().count(), LONGEST);
    }

    #[test]
    fn numbers_and_addresses_are_taken_out() {
        for (typed, kept) in [
            ("order 1234567", "order …"),
            ("call 0171 23-45 67 now", "call … now"),
            ("+49 (30) 12 34 56", "+…"),
            ("12345", "12345"),
            ("1\u{200b}2345\u{ad}6", "…"),
            ("٠١٢٣٤٥٦", "…"),
            ("１２３ ４５６", "…"),
            ("०१२-३४५", "…"),
            ("ann@example.com", "…"),
            ("mug for ANN.Lee@example.com please", "mug for … please"),
            ("ann @ example.com mug", "… mug"),
            ("ann@ example.com mug", "… mug"),
            ("mug ann @example.com", "mug …"),
            ("ann%40example.com", "…"),
            ("ann＠example.com", "…"),
            ("a@b c@d", "…"),
            (&format!("ct_{} mug", "aZ9-_".repeat(8) + "abc"), "… mug"),
            (&format!("?token=eyJ{}.x", "a1".repeat(20)), "?token=….x"),
            ("wh-1000xm4-black-edition", "wh-1000xm4-black-edition"),
        ] {
            assert_eq!(masked(typed).as_deref(), Some(kept), "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_kept_holds_a_long_number_an_address_or_more_than_a_line(typed in "(\\PC|[0-9@ .-]){0,200}") {
            let Some(kept) = masked(&typed) else { return Ok(()) };
            prop_assert!(kept.chars().count() <= LONGEST);
            prop_assert!(!kept.chars().any(char::is_control));
            for together in kept.split(char::is_alphabetic) {
                let longest = together.split(MASK).map(|it| it.chars().filter(|it| is_digit(*it)).count()).max();
                prop_assert!(longest < Some(DIGITS), "{:?}", kept);
            }
            for (at, _) in kept.match_indices('@') {
                prop_assert!(kept[..at].chars().all(|it| it == '@'), "{:?}", kept);
            }
        }
    }
}
