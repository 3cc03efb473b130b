//! A product's attributes: which of the entry's members they are, and what their keys become.

use std::collections::{BTreeMap, btree_map::Entry};

use serde_json::Value;

use super::{
    fields::{Fields, text_of, whole},
    path::Pattern,
};
use crate::{
    catalog::{
        change_product::ATTRIBUTES,
        documented::{ATTRIBUTE_VALUES, LISTED_TEXT},
        filterable::key_of,
        model::Attributes,
    },
    error::{Code, Violation, member},
};

const LONGEST_KEY: usize = 80;
const LONGEST_TEXT: usize = 8_000;
const LARGEST_NUMBER: f64 = 1e15;

/// A product's attributes, and where the file says each.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) attributes: Attributes,
    /// Pointers by key.
    pub(super) at: BTreeMap<String, String>,
}

/// Reads what the patterns name, in their order.
pub(super) fn read(patterns: &[Pattern], entry: &Value, fields: &mut Fields<'_>) -> Found {
    let mut found = Found::default();
    for pattern in patterns {
        match pattern {
            Pattern::Prefix(object, prefix) => {
                let (object, at) = match object {
                    Some(name) => (entry.get(*name), member("#", name)),
                    None => (Some(entry), "#".to_owned()),
                };
                for (name, value) in object.and_then(Value::as_object).into_iter().flatten() {
                    if let Some(key) = name.strip_prefix(prefix.as_str()) {
                        add(&mut found, fields, &member(&at, name), key, value);
                    }
                }
            }
            Pattern::At(path) => match path.find(entry) {
                Some(Value::Object(members)) => {
                    let at = path.pointer("#");
                    for (name, value) in members {
                        add(&mut found, fields, &member(&at, name), name, value);
                    }
                }
                Some(value) => {
                    let at = path.pointer("#");
                    let name = path.members().and_then(|mut names| names.pop()).unwrap_or_else(|| at.clone());
                    add(&mut found, fields, &at, &name, value);
                }
                None => {}
            },
        }
    }
    if found.attributes.len() > ATTRIBUTES {
        let detail = format!("A product has at most {ATTRIBUTES} attributes; these are {}.", found.attributes.len());
        fields.violations.push(Violation::at("#", Code::TooLong, detail));
    }
    found
}

/// Adds one attribute; one that says nothing is passed over.
fn add(found: &mut Found, fields: &mut Fields<'_>, at: &str, name: &str, value: &Value) {
    let Found { attributes, at: places } = found;
    let value = match value_of(value) {
        Ok(Some(value)) => value,
        Ok(None) => return,
        Err((code, detail)) => return fields.violations.push(Violation::at(at, code, detail)),
    };
    let key = key_of(name);
    let key = if attributes.contains_key(&key) { format!("{key}_{}", kind(&value)) } else { key };
    if key.is_empty() || key.len() > LONGEST_KEY {
        let detail = format!("An attribute's key has 1 to {LONGEST_KEY} letters, digits and underscores.");
        fields.violations.push(Violation::at(at, Code::InvalidFormat, detail));
        return;
    }
    match attributes.entry(key) {
        Entry::Vacant(place) => {
            places.insert(place.key().clone(), at.to_owned());
            place.insert(value);
        }
        Entry::Occupied(taken) => {
            let detail = format!("The product has an attribute `{}` already.", taken.key());
            fields.violations.push(Violation::at(at, Code::InvalidValue, detail));
        }
    }
}

/// What stands behind the key of a second value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Number(_) => "number",
        Value::Bool(_) => "flag",
        _ => "text",
    }
}

/// A text, number, truth or list of texts; nothing for what says nothing.
fn value_of(value: &Value) -> Result<Option<Value>, (Code, String)> {
    Ok(match value {
        Value::Null => None,
        Value::Bool(_) => Some(value.clone()),
        Value::Number(number) if number.as_f64().is_some_and(|it| it.abs() > LARGEST_NUMBER) => {
            return Err((Code::OutOfRange, format!("This must be -{LARGEST_NUMBER} to {LARGEST_NUMBER}.")));
        }
        Value::Number(_) => Some(whole(value).map_or_else(|| value.clone(), Value::from)),
        Value::String(_) => Some(text_of(value, 0, LONGEST_TEXT)?.into()),
        Value::Array(values) if values.is_empty() => None,
        Value::Array(values) if values.len() > ATTRIBUTE_VALUES => {
            return Err((Code::TooLong, format!("This may have at most {ATTRIBUTE_VALUES} entries.")));
        }
        Value::Array(values) => {
            Some(values.iter().map(|it| text_of(it, 1, LISTED_TEXT)).collect::<Result<Vec<_>, _>>()?.into())
        }
        Value::Object(_) => {
            return Err((
                Code::InvalidType,
                "This must be a text, a number, true, false, or a list of texts.".to_owned(),
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_from(patterns: &[&str], entry: &Value) -> (Attributes, usize) {
        let patterns: Vec<Pattern> = patterns.iter().map(|it| serde_json::from_value(json!(it)).unwrap()).collect();
        let mut fields = Fields::of(entry, "#".to_owned());
        let found = read(&patterns, entry, &mut fields);
        (found.attributes, fields.violations.len())
    }

    #[test]
    fn a_key_loses_what_stands_before_the_star() {
        let entry = json!({"attr_n_weight": 6.0, "attr_t_Wi-Fi": "yes", "attr_b_flash": false, "other": 1});
        let (attributes, wrong) = read_from(&["attr_n_*", "attr_t_*", "attr_b_*"], &entry);
        assert_eq!(serde_json::to_value(attributes).unwrap(), json!({"weight": 6, "wi_fi": "yes", "flash": false}));
        assert_eq!(wrong, 0);
    }

    #[test]
    fn a_second_value_under_a_key_stands_beside_the_first() {
        let entry = json!({"attr_n_width": 0.5, "attr_t_width": "narrow", "attr_b_width": true});
        let (attributes, _) = read_from(&["attr_n_*", "attr_t_*", "attr_b_*"], &entry);
        let expected = json!({"width": 0.5, "width_text": "narrow", "width_flag": true});
        assert_eq!(serde_json::to_value(attributes).unwrap(), expected);
    }

    #[test]
    fn a_path_names_an_object_or_one_value() {
        let entry = json!({"facets": {"Color": ["red"], "none": null, "empty": []}, "specs": {"size": "L"}});
        let (attributes, wrong) = read_from(&["facets", "specs.size"], &entry);
        assert_eq!(serde_json::to_value(attributes).unwrap(), json!({"color": ["red"], "size": "L"}));
        assert_eq!(wrong, 0);
    }

    #[test]
    fn what_is_no_attribute_is_refused() {
        let entry = json!({"a_": 1, "a_nested": {}, "a_long": "x".repeat(8001), "a_list": [[]], "a_nul": "\u{0}",
            "a_large": -1.1e15});
        assert_eq!(read_from(&["a_*"], &entry).1, 6);
    }
}
