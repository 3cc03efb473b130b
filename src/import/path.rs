//! Paths into somebody else's JSON: `brand.name`, `ean[0]`.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use crate::error::member;

/// Where a value stands in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Member(String),
    Place(usize),
}

impl Path {
    /// The value there, if there is one.
    pub(super) fn find<'a>(&self, entry: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(entry, |value, step| match step {
            Step::Member(name) => value.get(name),
            Step::Place(place) => value.get(place),
        })
    }

    /// The JSON pointer of the value, behind that of the entry.
    pub(super) fn pointer(&self, entry: &str) -> String {
        self.0.iter().fold(entry.to_owned(), |pointer, step| match step {
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
        self.0.iter().map(member).collect()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let malformed = || format!("`{text}` is not a path such as `brand.name` or `ean[0]`");
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (name, places) = part.split_at(part.find('[').unwrap_or(part.len()));
            if name.is_empty() {
                return Err(malformed());
            }
            steps.push(Step::Member(name.to_owned()));
            for place in places.split_inclusive(']') {
                let digits = place.strip_prefix('[').and_then(|it| it.strip_suffix(']')).ok_or_else(malformed)?;
                steps.push(Step::Place(digits.parse().map_err(|_| malformed())?));
            }
        }
        Ok(Self(steps))
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Which members of an entry are attributes: those whose names begin so, or one by its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// `attr_n_*`: the key is what stands behind the prefix.
    Prefix(String),
    /// All members of an object, or one value by its name.
    At(Path),
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.split_once('*') {
            Some((prefix, "")) => Ok(Self::Prefix(prefix.to_owned())),
            Some(_) => Err(D::Error::custom(format!("`{text}`: a `*` stands at the end of a pattern"))),
            None => Path::parse(&text).map(Self::At).map_err(D::Error::custom),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if place == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Place(place) => write!(f, "[{place}]")?,
            }
        }
        Ok(())
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
            let path = Path::parse(text).unwrap();
            assert_eq!(path.find(&entry), Some(&value), "{text}");
            assert_eq!(path.pointer("#"), pointer);
            assert_eq!(path.to_string(), text);
        }
        assert_eq!(Path::parse("ean[2]").unwrap().find(&entry), None);
    }

    #[test]
    fn what_is_not_a_path_is_refused() {
        for text in ["", ".a", "a..b", "a[", "a[]", "a[x]", "a[0", "[0]", "a[0]b"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}
