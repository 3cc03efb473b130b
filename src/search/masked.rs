//! What is kept of a text that somebody searched for: nothing by which anybody could be known.

use std::ops::Range;

use crate::text::fold;

/// Characters that are kept.
const LONGEST: usize = 100;
/// From so many digits on, with nothing but spaces and signs between them, a number may be a telephone's, a card's or a
/// customer's.
const DIGITS: usize = 6;
/// With so many digits in all, a text may hold such a number, whatever parts it.
const DIGITS_IN_ALL: usize = 10;
/// From so many letters, digits, `_` and `-` in a row on it is no word but a token, or part of one: ours have 46.
const TOKEN: usize = 32;
/// So often can a text have been encoded on its way.
const LAYERS: usize = 5;
/// With so many single letters, a text that has an `@` may be an address that is spelled.
const SPELLED: usize = 4;
/// Stands for what was taken out.
const MASK: char = '…';

/// The text folded, without e-mail addresses, long numbers and control characters; `None` where nothing is left of it.
pub(super) fn masked(text: &str) -> Option<String> {
    let text = decoded(fold(text));
    // What is not to be seen parts no digits, and stands in no report.
    let seen: String =
        text.chars().map(|it| if it.is_control() { ' ' } else { it }).filter(|it| !is_hidden(*it)).collect();
    let seen = with_signs(&seen);
    if is_spelled(&seen) {
        return Some(MASK.to_string());
    }
    let without_numbers = mask_numbers(&mask_tokens(&mask_addresses(&seen)));
    let short: String = one_line(&without_numbers).chars().take(LONGEST).collect();
    let short = short.trim_end();
    (!short.is_empty()).then(|| short.to_owned())
}

/// Whether an address may stand in it letter by letter, as in `a n n @ b . d e`.
fn is_spelled(text: &str) -> bool {
    let is_letter = |word: &&str| word.chars().count() == 1 && word.chars().all(char::is_alphanumeric);
    text.contains('@') && text.split_whitespace().filter(is_letter).count() >= SPELLED
}

/// Signs that only say how others are to be written (of Unicode's category Cf, those that occur in text).
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text without what addresses and HTML write in a roundabout way, however often that was done. What is still written
/// so afterwards is no word.
fn decoded(text: String) -> String {
    let mut text = text;
    for _ in 0..LAYERS {
        let next = fold(&without_entities(&without_percents(&text)));
        if next == text {
            return text;
        }
        text = next;
    }
    let is_word = |word: &&str| without_entities(&without_percents(word)) == **word;
    text.split_whitespace().map(|word| if is_word(&word) { word } else { "…" }).collect::<Vec<_>>().join(" ")
}

/// `%40` for `@`, and so on.
fn without_percents(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = behind.get(..2).filter(|it| *first == b'%' && it.iter().all(u8::is_ascii_hexdigit));
        let code = code.and_then(|it| std::str::from_utf8(it).ok()).and_then(|it| u8::from_str_radix(it, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &behind[2..] } else { behind };
    }
    let mut decoded = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        // Of another encoding, or a percent sign that was meant as one: the text itself has only whole letters.
        chunk.invalid().iter().for_each(|byte| decoded.push_str(&format!(" {byte:02x}")));
    }
    decoded
}

/// `&#64;`, `&#x40;` and `&commat;` for `@`, and so on, with a semicolon or without.
fn without_entities(text: &str) -> String {
    const NAMED: [(&str, &str); 9] = [
        ("&amp", "&"),
        ("&commat", "@"),
        ("&period", "."),
        ("&lpar", "("),
        ("&rpar", ")"),
        ("&percnt", "%"),
        ("&num", "#"),
        ("&nbsp", " "),
        ("&lowbar", "_"),
    ];
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let named = NAMED.iter().find_map(|(name, sign)| Some((*sign, rest.strip_prefix(name)?)));
        let behind = match (named, numbered(rest)) {
            (Some((sign, behind)), _) => {
                decoded.push_str(sign);
                behind
            }
            (None, Some((letter, behind))) => {
                decoded.push(letter);
                behind
            }
            (None, None) => {
                decoded.push('&');
                rest = &rest[1..];
                continue;
            }
        };
        rest = behind.strip_prefix(';').unwrap_or(behind);
    }
    decoded.push_str(rest);
    decoded
}

/// The character of a numeric entity at the beginning, and what stands behind it.
fn numbered(text: &str) -> Option<(char, &str)> {
    let digits = text.strip_prefix("&#")?;
    let (digits, radix) = digits.strip_prefix('x').map_or((digits, 10), |digits| (digits, 16));
    let end = digits.find(|it: char| !it.is_digit(radix)).unwrap_or(digits.len());
    let letter = char::from_u32(u32::from_str_radix(&digits[..end], radix).ok()?)?;
    Some((letter, &digits[end..]))
}

/// The text with `@` and `.` where an address says them in words: `(at)`, `[dot]`, or `at` and `dot` within one.
fn with_signs(text: &str) -> String {
    let mut text = text.to_owned();
    for (word, sign) in [("at", "@"), ("dot", ".")] {
        for (open, close) in [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>')] {
            text = with_sign(&text, open, word, close, sign);
        }
    }
    say_plain_words_in_signs(&text)
}

/// The same for `ann at example dot com` and `ann_at_example.com`: an `at` whose next word has a dot behind it.
fn say_plain_words_in_signs(text: &str) -> String {
    let mut words: Vec<Range<usize>> = Vec::new();
    for (at, letter) in text.char_indices().filter(|(_, it)| it.is_alphanumeric()) {
        let end = at + letter.len_utf8();
        match words.last_mut().filter(|word| word.end == at) {
            Some(word) => word.end = end,
            None => words.push(at..end),
        }
    }
    let mut said = String::with_capacity(text.len());
    let mut told = 0;
    for place in 1..words.len().saturating_sub(2) {
        let [name, at, domain, behind] = [0, 1, 2, 3].map(|it| words[place - 1 + it].clone());
        let with_dot = text[behind.clone()] == *"dot";
        let between = &text[domain.end..behind.start];
        // With a space behind it alone, a dot ends a sentence.
        let is_apart = between.starts_with(' ') && between.trim() == ".";
        if text[at] != *"at" || name.end < told || !(with_dot || is_apart || between == ".") {
            continue;
        }
        said.push_str(&text[told..name.end]);
        said.push('@');
        said.push_str(&text[domain.clone()]);
        told = domain.end;
        if let Some(top) = words.get(place + 3).filter(|_| with_dot) {
            said.push('.');
            told = top.start;
        } else if is_apart {
            said.push('.');
            told = behind.start;
        }
    }
    said.push_str(&text[told..]);
    said
}

/// The text with `sign` in the place of each `word` in brackets, with whatever spaces stand within and around them.
fn with_sign(text: &str, open: char, word: &str, close: char, sign: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(open) {
        let behind = rest[at + 1..].trim_start().strip_prefix(word).and_then(|it| it.trim_start().strip_prefix(close));
        match behind {
            Some(behind) => {
                replaced.push_str(rest[..at].trim_end());
                replaced.push_str(sign);
                rest = behind.trim_start();
            }
            None => {
                replaced.push_str(&rest[..at + 1]);
                rest = &rest[at + 1..];
            }
        }
    }
    replaced.push_str(rest);
    replaced
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

fn digits_in(text: &str) -> usize {
    text.chars().filter(|it| is_digit(*it)).count()
}

/// Takes out digits of whatever script, of which so many stand together that nothing but spaces and signs part them; where
/// there are too many in all, all of them.
fn mask_numbers(text: &str) -> String {
    let fewest = if digits_in(text) < DIGITS_IN_ALL { DIGITS } else { 1 };
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
        if digits_in(number) < fewest {
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
mod tests;
