//! Paths into somebody else's JSON: `brand.name`, `ean[0]`.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use crate::error::member;

/// Where a value stands in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    text: String,
    /// None where the text is no path: a column of a table may be named in any way.
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Member(String),
    Place(usize),
}

impl Path {
    /// The path through these members.
    pub(super) fn through(members: &[&str]) -> Self {
        let steps = members.iter().map(|it| Step::Member((*it).to_owned())).collect();
        Self { text: members.join("."), steps }
    }

    /// As the mapping says it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Makes it the path of the member that has the whole text as its name, in `object` where one is given.
    pub(super) fn lead_to_column(&mut self, object: Option<&str>) {
        let names = object.into_iter().chain([self.text.as_str()]);
        self.steps = names.map(|it| Step::Member(it.to_owned())).collect();
    }

    /// Whether it leads anywhere.
    pub(super) fn is_well_formed(&self) -> bool {
        !self.steps.is_empty()
    }

    /// The value there, if there is one.
    pub(super) fn find<'a>(&self, entry: &'a Value) -> Option<&'a Value> {
        self.steps.iter().try_fold(entry, |value, step| match step {
            Step::Member(name) => value.get(name),
            Step::Place(place) => value.get(place),
        })
    }

    /// The JSON pointer of the value, behind that of the entry.
    pub(super) fn pointer(&self, entry: &str) -> String {
        self.steps.iter().fold(entry.to_owned(), |pointer, step| match step {
            Step::Member(name) => member(&pointer, name),
            Step::Place(place) => format!("{pointer}/{place}"),
        })
    }

    /// The names of members that lead there, where no step is a place in a list.
    pub(super) fn members(&self) -> Option<Vec<String>> {
        let member = |step: &Step| match step {
            Step::Member(name) => Some(name.clone()),
            Step::Place(_) => None,
        };
        self.steps.iter().map(member).collect()
    }

    fn read(text: String) -> Self {
        let steps = Self::parse(&text).unwrap_or_default();
        Self { text, steps }
    }

    fn parse(text: &str) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (name, places) = part.split_at(part.find('[').unwrap_or(part.len()));
            if name.is_empty() {
                return None;
            }
            steps.push(Step::Member(name.to_owned()));
            for place in places.split_inclusive(']') {
                let digits = place.strip_prefix('[').and_then(|it| it.strip_suffix(']'))?;
                steps.push(Step::Place(digits.parse().ok()?));
            }
        }
        Some(steps)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::read)
    }
}

/// Which members of an entry are attributes: those whose names begin so, or one by its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// `attr_n_*`: the key is what stands behind the prefix. Members of the entry, or of one of its objects.
    Prefix(Option<&'static str>, String),
    /// All members of an object, or one value by its name.
    At(Path),
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.split_once('*') {
            Some((prefix, "")) => Ok(Self::Prefix(None, prefix.to_owned())),
            Some(_) => Err(D::Error::custom(format!("`{text}`: a `*` stands at the end of a pattern"))),
            None => Ok(Self::At(Path::read(text))),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_members_and_places() {
        let entry = json!({"ean": ["1", "2"], "brand": {"name": "A"}, "a/b": [[7]]});
        for (text, value, pointer) in [
            ("ean[1]", json!("2"), "#/ean/1"),
            ("brand.name", json!("A"), "#/brand/name"),
            ("a/b[0][0]", json!(7), "#/a~1b/0/0"),
        ] {
            let path = Path::read(text.to_owned());
            assert_eq!(path.find(&entry), Some(&value), "{text}");
            assert_eq!(path.pointer("#"), pointer);
            assert_eq!(path.to_string(), text);
        }
        let mut column = Path::read("price.EUR [net]".to_owned());
        column.lead_to_column(Some("product"));
        assert_eq!(column.find(&json!({"product": {"price.EUR [net]": 5}})), Some(&json!(5)));
        assert_eq!(Path::read("ean[2]".to_owned()).find(&entry), None);
    }

    #[test]
    fn what_is_not_a_path_is_refused() {
        for text in ["", ".a", "a..b", "a[", "a[]", "a[x]", "a[0", "[0]", "a[0]b"] {
            assert!(!Path::read(text.to_owned()).is_well_formed(), "{text}");
        }
    }
}
