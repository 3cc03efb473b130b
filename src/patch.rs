//! A member of a JSON merge patch (RFC 7396): absent keeps, null clears, a value sets.
//!
//! In the OpenAPI document it stands as an optional, nullable `T`: `#[schema(value_type = Option<T>)]`.

use serde::{Deserialize, Deserializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

/// What a patch says of one member. Give the field `#[serde(default)]`, so that an absent member is [`Patch::Absent`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Keep what is there.
    #[default]
    Absent,
    /// Clear it.
    Null,
    /// Set it.
    Value(T),
}

impl<T> Patch<T> {
    /// What stands there after the patch.
    pub fn apply(self, present: Option<T>) -> Option<T> {
        match self {
            Self::Absent => present,
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// Whether the patch says nothing of the member.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// A switch that this request only turns off: `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnedOff;

impl<'de> Deserialize<'de> for TurnedOff {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match bool::deserialize(deserializer)? {
            false => Ok(Self),
            true => Err(de::Error::custom("it is turned on elsewhere")),
        }
    }
}

impl PartialSchema for TurnedOff {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Boolean)
            .description(Some("Can only be turned off here."))
            .enum_values(Some([false]))
            .build()
            .into()
    }
}

impl ToSchema for TurnedOff {}
