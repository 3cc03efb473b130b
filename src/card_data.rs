//! Card numbers never reach this API: finds them where customers may write, before anything is stored or logged.
//!
//! The rule is `api.md` section 5: a run of 14 to 19 digits, spaces and hyphens between them ignored, that begins like a
//! card and passes Luhn. A number is also found where other figures stand beside it (`4242 4242 4242 4242 12/30`), so a
//! run may begin and end wherever digits are set apart.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::error::member;

const SHORTEST: usize = 14;
const LONGEST: usize = 19;

/// Members that a `payment` may not have, in whatever case.
const CARD_MEMBERS: [&str; 4] = ["number", "cvc", "cvv", "pan"];

/// Issuer prefixes of one length, first to last, and the lengths (from, to) of their numbers, each at least 14.
///
/// From ISO/IEC 7812 as the networks publish their ranges.
const ISSUERS: [(u32, u32, usize, usize); 35] = [
    (4, 4, 16, 16),           // Visa
    (4, 4, 19, 19),           // Visa
    (51, 55, 16, 16),         // Mastercard
    (2221, 2720, 16, 16),     // Mastercard
    (34, 34, 15, 15),         // American Express
    (37, 37, 15, 15),         // American Express
    (300, 305, 14, 19),       // Diners Club
    (3095, 3095, 14, 19),     // Diners Club
    (36, 36, 14, 19),         // Diners Club
    (38, 39, 14, 19),         // Diners Club
    (6011, 6011, 16, 19),     // Discover
    (644, 649, 16, 19),       // Discover
    (65, 65, 16, 19),         // Discover, RuPay, Troy
    (3528, 3589, 16, 19),     // JCB
    (62, 62, 16, 19),         // UnionPay
    (81, 81, 16, 19),         // UnionPay, RuPay
    (5018, 5018, 14, 19),     // Maestro
    (5019, 5019, 16, 16),     // Dankort
    (5020, 5020, 14, 19),     // Maestro
    (5038, 5038, 14, 19),     // Maestro
    (5893, 5893, 14, 19),     // Maestro
    (6304, 6304, 14, 19),     // Maestro
    (6759, 6759, 14, 19),     // Maestro
    (6761, 6763, 14, 19),     // Maestro
    (2200, 2204, 16, 19),     // Mir
    (60, 60, 16, 16),         // RuPay, Hipercard
    (82, 82, 16, 16),         // RuPay
    (508, 508, 16, 16),       // RuPay
    (353, 353, 16, 16),       // RuPay
    (9792, 9792, 16, 16),     // Troy
    (5060, 5079, 16, 19),     // Verve, Elo
    (5090, 5099, 16, 16),     // Elo
    (627780, 627780, 16, 16), // Elo
    (636, 636, 16, 19),       // InterPayment, Elo
    (356, 356, 16, 16),       // RuPay
];

/// Whether a text holds a card number. Digits of every script count.
pub fn has_card_number(text: &str) -> bool {
    let mut run = Run::default();
    // NFKC makes full-width, circled and mathematical digits plain ones, and odd spaces plain too.
    for character in text.nfkc() {
        match kind_of(character) {
            Character::Digit(digit) => run.push(digit),
            Character::Separator => run.separate(),
            Character::Other => {
                if run.has_card_number() {
                    return true;
                }
                run.clear();
            }
        }
    }
    run.has_card_number()
}

/// JSON pointers, such as `#/note`, of all places of a body that hold card data: texts with a card number in
/// them, and members `number`, `cvc`, `cvv` and `pan` anywhere inside a `payment`.
///
/// A member whose very name is a card number is told by the pointer of its object, so that no answer repeats it. A
/// body's own `password` is not looked into: it is never stored, and people do choose long runs of digits.
pub fn card_data_pointers(body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(body, "#", false, &mut found);
    found
}

fn walk(value: &Value, pointer: &str, in_payment: bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) if has_card_number(text) => found.push(pointer.to_owned()),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                walk(item, &format!("{pointer}/{place}"), in_payment, found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                if has_card_number(name) {
                    found.push(pointer.to_owned());
                    continue;
                }
                let place = member(pointer, name);
                if place == "#/password" {
                    continue;
                }
                if in_payment && CARD_MEMBERS.iter().any(|card| name.eq_ignore_ascii_case(card)) {
                    found.push(place);
                } else {
                    walk(value, &place, in_payment || name == "payment", found);
                }
            }
        }
        _ => {}
    }
}

enum Character {
    Digit(u8),
    Separator,
    Other,
}

fn kind_of(character: char) -> Character {
    if let Some(digit) = digit_of(character) {
        return Character::Digit(digit);
    }
    match character {
        // Hyphens, dashes, the minus sign, and what has no width.
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}' => Character::Separator,
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => Character::Separator,
        '\t' => Character::Separator,
        space if space.is_whitespace() && !space.is_control() && !matches!(space, '\u{2028}' | '\u{2029}') => {
            Character::Separator
        }
        _ => Character::Other,
    }
}

/// The noughts of the decimal digits that NFKC leaves as they are (Unicode 16, general category Nd); nine more follow
/// each.
const NOUGHTS: [u32; 68] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50,
    0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1,
    0x1e950,
];

fn digit_of(character: char) -> Option<u8> {
    let code = u32::from(character);
    let nought = NOUGHTS[NOUGHTS.partition_point(|&nought| nought <= code).checked_sub(1)?];
    u8::try_from(code - nought).ok().filter(|&digit| digit < 10)
}

/// Digits with nothing but separators between them.
#[derive(Default)]
struct Run {
    digits: Vec<u8>,
    /// Where a new group of digits begins, in order; the first is 0.
    groups: Vec<usize>,
    set_apart: bool,
}

impl Run {
    fn push(&mut self, digit: u8) {
        if self.set_apart || self.digits.is_empty() {
            self.groups.push(self.digits.len());
            self.set_apart = false;
        }
        self.digits.push(digit);
    }

    fn separate(&mut self) {
        self.set_apart = true;
    }

    fn clear(&mut self) {
        self.digits.clear();
        self.groups.clear();
        self.set_apart = false;
    }

    /// Whether any of its groups in a row, taken together, are a card number.
    fn has_card_number(&self) -> bool {
        let ends: Vec<usize> = self.groups.iter().copied().skip(1).chain([self.digits.len()]).collect();
        self.groups.iter().enumerate().any(|(first, &start)| {
            let mut within = ends[first..].iter().take_while(|&&end| end - start <= LONGEST);
            within.any(|&end| is_card_number(&self.digits[start..end]))
        })
    }
}

fn is_card_number(digits: &[u8]) -> bool {
    (SHORTEST..=LONGEST).contains(&digits.len()) && begins_like_a_card(digits) && passes_luhn(digits)
}

fn begins_like_a_card(digits: &[u8]) -> bool {
    ISSUERS.iter().any(|&(first, last, shortest, longest)| {
        let length = first.ilog10() as usize + 1;
        let prefix = digits[..length].iter().fold(0, |prefix, &digit| 10 * prefix + u32::from(digit));
        (first..=last).contains(&prefix) && (shortest..=longest).contains(&digits.len())
    })
}

/// ISO/IEC 7812-1, annex B.
fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| match (place % 2, u32::from(digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => 2 * digit - 9,
            (_, digit) => 2 * digit,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn card_numbers_are_found_however_they_are_written() {
        for text in [
            "4242424242424242",
            "4242 4242 4242 4242",
            "4242-4242-4242-4242",
            "4242 - 4242 - 4242 - 4242",
            "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2",
            "my card is 4000000000000002, thanks",
            "card4242424242424242x",
            "4242 4242 4242 4242 12/30 123",
            "4242 4242 4242 4242 1230",
            "order 17 4242424242424242",
            "4242\u{a0}4242\u{2009}4242\u{2011}4242",
            "4242\u{200b}4242\u{ad}4242\u{2060}4242",
            "4242\t4242\t4242\t4242",
            "４２４２４２４２４２４２４２４２",
            "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
            "४२४२ ४२४२ ४२४२ ४२४२",
            "𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐",
            "④②④②④②④②④②④②④②④②",
            "42424242４２４２４２４２",
            "https://shop.example/thanks?c=4242424242424242&x=1",
        ] {
            assert!(has_card_number(text), "{text}");
        }
    }

    #[test]
    fn every_network_is_known_by_its_prefix_and_lengths() {
        for number in [
            "4111111111111111",    // Visa
            "4000000000000000006", // Visa, 19
            "5555555555554444",    // Mastercard
            "2223003122003222",    // Mastercard, series 2
            "2720999999999996",    // Mastercard, series 2
            "378282246310005",     // American Express
            "341111111111111",     // American Express
            "30569309025904",      // Diners Club
            "36227206271667",      // Diners Club
            "38520000023237",      // Diners Club
            "6011111111111117",    // Discover
            "6500000000000002",    // Discover
            "3566002020360505",    // JCB
            "3530111333300000",    // JCB
            "6205500000000000004", // UnionPay, 19
            "6200000000000005",    // UnionPay
            "6759649826438453",    // Maestro
            "2200000000000004",    // Mir
            "6362970000457013",    // Elo
        ] {
            assert!(has_card_number(number), "{number}");
        }
    }

    #[test]
    fn other_long_numbers_are_left_alone() {
        for text in [
            "",
            "4242424242424241",                     // fails Luhn
            "4242424242424",                        // 13 digits, an EAN-13 by its length
            "42424242424242424242",                 // 20 digits in one piece
            "424242424242424",                      // 15 digits do not begin with a 4
            "1234567812345670",                     // passes Luhn, no issuer begins with 1
            "7992739871300000",                     // no issuer begins with 7
            "0000000000000000",                     // passes Luhn
            "4006381333931",                        // EAN-13
            "04006381333931",                       // GTIN-14
            "14006381333938",                       // GTIN-14
            "+49 30 901820 4711",                   // telephone
            "+1 (415) 555-2671, +1 (415) 555-2672", // two telephones
            "0049 176 1234 5678",
            "1001",
            "ORD-2026-000017",
            "550e8400-e29b-41d4-a716-446655440000",
            "01890a5d-ac96-774b-bcce-b302099a8057",
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "GB29 NWBK 6016 1331 9268 19",
            "FR14 2004 1010 0505 0001 3M02 606",
            "ES91 2100 0418 4502 0005 1332",
            "AT61 1904 3002 3457 3201",
            "CH93 0076 2011 6238 5295 7",
            "2026-01-05T09:00:00.000Z",
            "1767603600000",
            "order_01kdxkk1a0f2ethrwsbq5wfaw2",
            "4242.4242.4242.4242", // only spaces and hyphens are ignored
            "4242\n4242\n4242\n4242",
            "4242 4242, 4242 4242",
        ] {
            assert!(!has_card_number(text), "{text}");
        }
    }

    #[test]
    fn a_body_tells_every_place_of_card_data_and_never_the_number() {
        let body = json!({
            "note": "pay with 4242 4242 4242 4242",
            "lines": [{"note": "fine"}, {"note": "5555555555554444"}],
            "payment": {"provider": "sandbox", "card": {"Number": 1, "exp_month": 12}, "cvc": null, "token": "tok_visa"},
            "number": "17",
            "metadata": {"a/b~c d": "378282246310005", "4242424242424242": {"cvc": "123"}},
        });
        let mut found = card_data_pointers(&body);
        found.sort();
        let mut expected = [
            "#/note",
            "#/lines/1/note",
            "#/payment/card/Number",
            "#/payment/cvc",
            "#/metadata/a~1b~0c d",
            "#/metadata",
        ];
        expected.sort_unstable();
        assert_eq!(found, expected);
        assert!(found.iter().all(|pointer| !has_card_number(pointer)));
    }

    #[test]
    fn a_body_without_card_data_has_no_such_place() {
        let body = json!({
            "expected_total": {"amount": 4242, "currency": "EUR"},
            "payment": {"provider": "sandbox", "token": "tok_visa"},
            "number": "4", "cvc": "outside a payment",
        });
        assert!(card_data_pointers(&body).is_empty());
    }

    #[test]
    fn the_noughts_stand_in_order_and_apart() {
        assert!(NOUGHTS.windows(2).all(|pair| pair[0] + 10 <= pair[1]));
    }

    proptest! {
        #[test]
        fn no_text_whatever_makes_it_panic(text in any::<String>()) {
            has_card_number(&text);
        }

        #[test]
        fn a_card_number_is_found_between_any_words(before in "[a-zA-Z .,]{0,20}", after in "[a-zA-Z .,]{0,20}") {
            let text = format!("{before}4000002760003184{after}");
            prop_assert!(has_card_number(&text));
        }

        #[test]
        fn one_wrong_digit_makes_it_no_card_number(place in 0..16_usize, other in 1..10_u8) {
            let mut digits = *b"4242424242424242";
            digits[place] = b'0' + (digits[place] - b'0' + other) % 10;
            prop_assert!(!has_card_number(std::str::from_utf8(&digits).unwrap()));
        }
    }
}
