//! Texts and values in the cells of a table: each has one cell, and each cell one meaning.

use serde::de::DeserializeSeed as _;
use serde_json::Value;

use crate::http::json::StrictTree;

/// What a spreadsheet may take for the beginning of a formula, with its full-width forms (OWASP, CSV injection), and
/// what stands before such a cell.
const TRIGGERS: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', GUARD];
const GUARD: char = '\'';
/// Behind these begins another cell, where a spreadsheet takes them for what parts cells: by its language, not by the
/// file's. That the cell is quoted does not matter to it then.
const SEPARATORS: [char; 4] = [';', '\t', '\r', '\n'];

/// The text as it stands in a cell.
pub(super) fn guarded(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    let mut begins = true;
    for letter in text.chars() {
        if begins && TRIGGERS.contains(&letter) {
            cell.push(GUARD);
        }
        cell.push(letter);
        begins = SEPARATORS.contains(&letter);
    }
    cell
}

/// The text of a cell.
pub(super) fn unguarded(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut begins = true;
    for letter in cell.chars() {
        if begins && letter == GUARD {
            begins = false;
        } else {
            text.push(letter);
            begins = SEPARATORS.contains(&letter);
        }
    }
    text
}

/// An attribute's value: a text as it is, all else as JSON. A text that reads as JSON is JSON too, so that it stays one.
pub(super) fn of_attribute(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() && as_json(text).is_none() => text.clone(),
        value => value.to_string(),
    }
}

/// What [`of_attribute`] has written.
pub(super) fn to_attribute(text: &str) -> Value {
    as_json(text).unwrap_or_else(|| text.into())
}

/// A JSON value that is in a text; spreadsheets write truths in capitals.
fn as_json(text: &str) -> Option<Value> {
    match text {
        "TRUE" => Some(true.into()),
        "FALSE" => Some(false.into()),
        text => serde_json::from_str(text).ok(),
    }
}

/// An integer of digits alone, with spaces around them at most; null for nothing, and any other text as it is, to be
/// refused.
pub(super) fn to_integer(text: &str) -> Value {
    let text = text.trim();
    let digits = text.bytes().all(|it| it.is_ascii_digit());
    match text.parse::<u64>() {
        _ if text.is_empty() => Value::Null,
        Ok(integer) if digits => integer.into(),
        _ => text.into(),
    }
}

/// A truth; any other text as it is, to be refused.
pub(super) fn to_truth(text: &str) -> Value {
    match text {
        "true" | "TRUE" => true.into(),
        "false" | "FALSE" => false.into(),
        _ => text.into(),
    }
}

/// A text, or null for nothing.
pub(super) fn to_text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

/// Slugs with commas between them.
pub(super) fn to_list(text: &str) -> Value {
    text.split(',').map(str::trim).filter(|it| !it.is_empty()).collect::<Vec<_>>().into()
}

/// JSON; `empty` for nothing, and a text that is none as it is, to be refused.
pub(super) fn to_json(text: &str, empty: Value) -> Value {
    if text.is_empty() {
        return empty;
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let value = StrictTree::ROOT.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    value.unwrap_or_else(|_| text.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn no_cell_begins_a_formula() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\r=1", "'\r'=1"),
            ("a;=1+1", "a;'=1+1"),
            ("a;'=1", "a;''=1"),
            ("a;;=1", "a;;'=1"),
            ("oak\n-1", "oak\n'-1"),
            ("a; =1", "a; =1"),
            ("＝1", "'＝1"),
            ("'quoted'", "''quoted'"),
            ("", ""),
            ("a=1", "a=1"),
            (" =1", " =1"),
        ] {
            assert_eq!(guarded(text), cell);
            assert_eq!(unguarded(cell), text);
        }
    }

    #[test]
    fn a_value_keeps_its_kind() {
        for (value, cell) in [
            (json!("oak"), "oak"),
            (json!(45), "45"),
            (json!("45"), "\"45\""),
            (json!(0.5), "0.5"),
            (json!(true), "true"),
            (json!("TRUE"), "\"TRUE\""),
            (json!("null"), "\"null\""),
            (json!(""), "\"\""),
            (json!(" 45 "), "\" 45 \""),
            (json!(["a", "b"]), "[\"a\",\"b\"]"),
            (json!("\"oak\""), "\"\\\"oak\\\"\""),
            (json!("[oak"), "[oak"),
        ] {
            assert_eq!(of_attribute(&value), cell);
            assert_eq!(to_attribute(cell), value);
        }
        assert_eq!(to_attribute("TRUE"), json!(true));
    }

    #[test]
    fn an_integer_has_digits_alone() {
        assert_eq!(to_integer("0012"), json!(12));
        assert_eq!(to_integer(" 12 "), json!(12));
        assert_eq!(to_integer(""), json!(null));
        for text in ["-1", "+1", "1.5", "1e3", "1 2", "٣", "99999999999999999999"] {
            assert_eq!(to_integer(text), json!(text));
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "\\PC{0,20}|[;=+'\t\r\na-]{0,12}") {
            let cell = guarded(&text);
            let begins = cell.split(SEPARATORS).filter_map(|part| part.chars().next());
            let formulas: Vec<char> = begins.filter(|it| *it != GUARD && TRIGGERS.contains(it)).collect();
            prop_assert!(formulas.is_empty(), "{formulas:?}");
            prop_assert_eq!(unguarded(&cell), text);
        }

        #[test]
        fn every_text_of_an_attribute_comes_back(text in ".{0,8}|-?[0-9]{1,3}|[\"\\[\\]{}a, ]{0,8}") {
            let value = Value::from(text);
            prop_assert_eq!(to_attribute(&of_attribute(&value)), value);
        }

        #[test]
        fn every_number_of_an_attribute_comes_back(number in -1e15..1e15_f64) {
            let value = Value::from(number);
            prop_assert_eq!(to_attribute(&of_attribute(&value)), value);
        }
    }
}
