//! Instants in UTC, to the microsecond, and the clock that the application reads them from.

use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use diesel::{
    backend::Backend,
    deserialize::FromSql,
    serialize::{Output, ToSql},
    sql_types::Timestamp,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type},
};

/// An instant in UTC, to the microsecond (both databases keep no more).
///
/// As JSON it is RFC 3339 with three decimals and `Z`; any offset is accepted on input.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = Timestamp)]
pub struct UtcTime(NaiveDateTime);

impl UtcTime {
    /// The instant `micros` microseconds after 1970-01-01T00:00:00Z; the epoch itself where that is out of range.
    pub fn from_micros(micros: i64) -> Self {
        Self(DateTime::from_timestamp_micros(micros).unwrap_or_default().naive_utc())
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn micros(self) -> i64 {
        self.0.and_utc().timestamp_micros()
    }

    /// Whole milliseconds since 1970-01-01T00:00:00Z: what is shown of it.
    pub fn millis(self) -> i64 {
        self.0.and_utc().timestamp_millis()
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> i64 {
        self.0.and_utc().timestamp()
    }

    /// This instant, `delta` later (earlier where `delta` is negative).
    pub fn plus(self, delta: TimeDelta) -> Self {
        Self(self.0.checked_add_signed(delta).unwrap_or(self.0))
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// A text that is no instant which RFC 3339 can write in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoInstant;

impl fmt::Display for NoInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no RFC 3339 instant of the years 1 to 9999 in UTC")
    }
}

impl FromStr for UtcTime {
    type Err = NoInstant;

    /// A leap second is the one behind it: not all that keep times know any.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = DateTime::parse_from_rfc3339(text).map_err(|_| NoInstant)?;
        let at = Self::from_micros(read.timestamp_micros());
        // Its offset may have moved it out of the years that have four digits.
        if (1..=9999).contains(&at.0.year()) { Ok(at) } else { Err(NoInstant) }
    }
}

impl Serialize for UtcTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UtcTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<DB: Backend> ToSql<Timestamp, DB> for UtcTime
where
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> diesel::serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for UtcTime
where
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        NaiveDateTime::from_sql(bytes).map(Self)
    }
}

impl PartialSchema for UtcTime {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339; answers are in UTC with three decimals."))
            .min_length(Some(20))
            .max_length(Some(40))
            .examples(["2026-01-05T09:00:00.000Z"])
            .build()
            .into()
    }
}

impl ToSchema for UtcTime {
    fn name() -> std::borrow::Cow<'static, str> {
        "Instant".into()
    }
}

/// Where the application reads the time; a test may move it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_micros: Arc<AtomicI64>,
}

impl Clock {
    /// Now, truncated to the microsecond.
    pub fn now(&self) -> UtcTime {
        let offset = TimeDelta::microseconds(self.offset_micros.load(Ordering::Relaxed));
        UtcTime(Utc::now().naive_utc().trunc_subsecs(6)).plus(offset)
    }

    /// Moves the clock by `delta`, for all its clones.
    pub fn advance(&self, delta: TimeDelta) {
        self.offset_micros.fetch_add(delta.num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_read_and_written_as_utc_with_three_decimals() {
        let time: UtcTime = "2026-03-01T01:30:00.123456789+02:00".parse().unwrap();
        assert_eq!(time.to_string(), "2026-02-28T23:30:00.123Z");
        assert_eq!(time.micros() % 1_000_000, 123_456);
    }

    #[test]
    fn an_instant_has_a_year_of_four_digits_in_utc_too() {
        for text in ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+00:01", "0000-06-01T00:00:00Z", "2026-03-01"] {
            assert_eq!(text.parse::<UtcTime>(), Err(NoInstant), "{text}");
        }
        for text in ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"] {
            let time: UtcTime = text.parse().unwrap();
            assert_eq!(time.to_string().parse(), Ok(time));
        }
    }

    #[test]
    fn a_leap_second_is_the_second_behind_it() {
        let time: UtcTime = "2016-12-31T23:59:60Z".parse().unwrap();
        assert_eq!(time.to_string(), "2017-01-01T00:00:00.000Z");
    }
}
