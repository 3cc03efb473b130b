//! Takes single values out of somebody else's JSON, and notes what is wrong with them.

use std::borrow::Cow;

use serde_json::Value;

use super::{
    mapping::{OptionColumn, OptionFields},
    path::Path,
};
use crate::{
    catalog::model::VariantOptions,
    error::{Code, Violation},
    patch::Patch,
};

/// An object of the file, and what was wrong in it so far.
pub(super) struct Fields<'a> {
    json: &'a Value,
    at: String,
    pub(super) violations: Vec<Violation>,
}

/// The text, where there is one.
pub(super) fn words(patch: &Patch<String>) -> Option<&str> {
    match patch {
        Patch::Value(text) => Some(text),
        _ => None,
    }
}

impl<'a> Fields<'a> {
    /// `json` stands at the pointer `at`.
    pub(super) fn of(json: &'a Value, at: String) -> Self {
        Self { json, at, violations: Vec::new() }
    }

    /// Notes what is wrong with the value at `path`.
    pub(super) fn refuse(&mut self, path: &Path, code: Code, detail: impl Into<Cow<'static, str>>) {
        self.violations.push(Violation::at(path.pointer(&self.at), code, detail));
    }

    /// Whether something stands at `path`.
    pub(super) fn say(&self, path: &Path) -> bool {
        path.find(self.json).is_some_and(|it| !it.is_null())
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, path: &Path, min: usize, max: usize) -> Option<String> {
        match self.optional_text(path, min, max) {
            Patch::Value(text) => Some(text),
            _ => {
                let known = path.pointer(&self.at);
                let is_told = self.violations.iter().any(|it| it.place == crate::error::Place::Pointer(known.clone()));
                if !is_told {
                    self.refuse(path, Code::Required, "This must be there.");
                }
                None
            }
        }
    }

    /// A text; an integer counts as its digits. What is not a text is noted and counts as absent.
    pub(super) fn optional_text(&mut self, path: &Path, min: usize, max: usize) -> Patch<String> {
        match path.find(self.json) {
            None => Patch::Absent,
            Some(Value::Null) => Patch::Null,
            Some(value) => match text_of(value, min, max) {
                Ok(text) => Patch::Value(text),
                Err((code, detail)) => {
                    self.refuse(path, code, detail);
                    Patch::Absent
                }
            },
        }
    }

    /// A list of texts; a single one counts as a list of one.
    pub(super) fn texts(&mut self, path: &Path, most: usize, max: usize) -> Option<Vec<String>> {
        let items = match path.find(self.json)? {
            Value::Null => return None,
            Value::Array(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        };
        if items.len() > most {
            self.refuse(path, Code::TooLong, format!("This may have at most {most} entries."));
            return None;
        }
        let mut texts = Vec::new();
        for (place, item) in items.iter().enumerate() {
            match text_of(item, 1, max) {
                Ok(text) => texts.push(text),
                Err((code, detail)) => {
                    let pointer = format!("{}/{place}", path.pointer(&self.at));
                    self.violations.push(Violation::at(pointer, code, detail));
                }
            }
        }
        Some(texts)
    }

    /// Texts by name.
    pub(super) fn options(&mut self, of: &OptionFields) -> Option<VariantOptions> {
        match of {
            OptionFields::At(path) => self.options_at(path),
            OptionFields::Columns(columns) => self.option_columns(columns),
        }
    }

    /// Those of the columns that say something; nothing, where none does.
    fn option_columns(&mut self, columns: &[OptionColumn]) -> Option<VariantOptions> {
        let mut chosen = VariantOptions::new();
        for column in columns {
            let (name, column) = match column {
                OptionColumn::Named(path) => (Patch::Value(path.text().to_owned()), path),
                OptionColumn::Pair { name, value } => (self.optional_text(name, 1, 100), value),
            };
            if let (Patch::Value(name), Patch::Value(value)) = (name, self.optional_text(column, 1, 100)) {
                chosen.insert(name, value);
            }
        }
        (!chosen.is_empty()).then_some(chosen)
    }

    fn options_at(&mut self, path: &Path) -> Option<VariantOptions> {
        let options = match path.find(self.json)? {
            Value::Null => return None,
            Value::Object(options) => options,
            _ => {
                self.refuse(path, Code::InvalidType, "This must be an object: values by option.");
                return None;
            }
        };
        if options.len() > 10 {
            self.refuse(path, Code::TooLong, "A product has at most 10 options.");
            return None;
        }
        let mut chosen = VariantOptions::new();
        for (name, value) in options.iter().filter(|(_, value)| !value.is_null()) {
            let named = text_of(&Value::from(name.as_str()), 1, 100);
            match named.and_then(|name| Ok((name, text_of(value, 1, 100)?))) {
                Ok((name, value)) => drop(chosen.insert(name, value)),
                Err((code, detail)) => {
                    let pointer = format!("{}/{}", path.pointer(&self.at), name.replace('~', "~0").replace('/', "~1"));
                    self.violations.push(Violation::at(pointer, code, detail));
                }
            }
        }
        Some(chosen)
    }

    /// An integer, however written; a text of digits counts as one.
    pub(super) fn integer(&mut self, path: &Path, min: i64, max: i64) -> Option<i64> {
        let value = path.find(self.json).filter(|value| !value.is_null())?;
        let integer = match value {
            Value::Number(_) => whole(value),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        match integer {
            None => self.refuse(path, Code::InvalidType, "This must be an integer."),
            Some(integer) if !(min..=max).contains(&integer) => {
                self.refuse(path, Code::OutOfRange, format!("This must be {min} to {max}."));
                return None;
            }
            Some(_) => {}
        }
        integer
    }

    /// A number as it would be written.
    pub(super) fn number_text(&mut self, path: &Path) -> Option<String> {
        match path.find(self.json)? {
            Value::Null => None,
            Value::String(text) => Some(text.trim().to_owned()),
            value @ Value::Number(number) => Some(whole(value).map_or_else(|| number.to_string(), |it| it.to_string())),
            _ => {
                self.refuse(path, Code::InvalidType, "This must be a number, or a text with one.");
                None
            }
        }
    }
}

/// The integer that a JSON number is: `651.0` is 651.
pub(super) fn whole(value: &Value) -> Option<i64> {
    // 2^53: up to there each integer has a float of its own.
    let exact = |it: &f64| it.fract() == 0.0 && it.abs() <= 9_007_199_254_740_992.0;
    value.as_i64().or_else(|| value.as_f64().filter(exact).map(|it| it as i64))
}

/// The text of a value, or what is wrong with it.
pub(super) fn text_of(value: &Value, min: usize, max: usize) -> Result<String, (Code, String)> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        _ => return Err((Code::InvalidType, "This must be a text.".to_owned())),
    };
    if text.contains('\0') {
        return Err((Code::InvalidCharacter, "No text may hold U+0000.".to_owned()));
    }
    let length = text.chars().count();
    if length < min {
        return Err((Code::TooShort, "This may not be empty.".to_owned()));
    }
    if length > max {
        return Err((Code::TooLong, format!("This may have at most {max} characters.")));
    }
    Ok(text)
}
