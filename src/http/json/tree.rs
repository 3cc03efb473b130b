//! JSON as a tree, more strictly than serde_json reads it by itself.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

const DEPTH_LIMIT: usize = 64;

/// Reads JSON as a tree without duplicate keys, at most 64 levels deep, numbers of integer value as integers.
#[derive(Clone, Copy)]
pub struct StrictTree(usize);

impl<'de> DeserializeSeed<'de> for StrictTree {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl StrictTree {
    /// The outermost level.
    pub const ROOT: Self = Self(0);

    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.0 == DEPTH_LIMIT {
            return Err(E::custom(format_args!("more than {DEPTH_LIMIT} levels")));
        }
        Ok(Self(self.0 + 1))
    }
}

impl<'de> Visitor<'de> for StrictTree {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        // JSON Schema: 651.0 and 1e3 are integers. Above 2^53 a double is no longer one integer.
        if value.fract() == 0.0 && value.abs() <= crate::money::LARGEST as f64 {
            return Ok((value as i64).into());
        }
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element_seed(deeper)? {
            list.push(entry);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom("a member's name stands twice"));
            }
            let value = members.next_value_seed(deeper)?;
            map.insert(name, value);
        }
        Ok(map.into())
    }
}
