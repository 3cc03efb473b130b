//! How our own types stand in portable columns: ids, enums and JSON as text.

use diesel::{
    backend::Backend,
    deserialize::FromSql,
    serialize::{Output, ToSql},
    sql_types::Text,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::ids::{Id, Kind};

/// A value that is kept as text.
pub trait TextColumn: Sized {
    /// The column's text.
    fn as_text(&self) -> &str;
    /// The value behind the column's text, or `None` where it is not one.
    fn from_text(text: String) -> Option<Self>;
}

/// Lets a [`TextColumn`] type stand in a `Text` column on both databases.
#[macro_export]
macro_rules! text_column {
    ($type:ty $(, $generic:ident: $bound:path)*) => {
        impl<DB: ::diesel::backend::Backend $(, $generic: $bound)*> ::diesel::serialize::ToSql<::diesel::sql_types::Text, DB> for $type
        where
            str: ::diesel::serialize::ToSql<::diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut ::diesel::serialize::Output<'b, '_, DB>) -> ::diesel::serialize::Result {
                <str as ::diesel::serialize::ToSql<::diesel::sql_types::Text, DB>>::to_sql($crate::db::columns::TextColumn::as_text(self), out)
            }
        }

        impl<DB: ::diesel::backend::Backend $(, $generic: $bound)*> ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB> for $type
        where
            String: ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> ::diesel::deserialize::Result<Self> {
                let text = <String as ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB>>::from_sql(bytes)?;
                $crate::db::columns::TextColumn::from_text(text)
                    .ok_or_else(|| concat!("a column does not hold a ", stringify!($type)).into())
            }
        }
    };
}

text_column!(Id<K>, K: Kind);

/// An enum whose variants are written in `lower_snake_case`, in JSON, in the database and in the OpenAPI document.
// The names are `tt` and not `literal`: utoipa's derive cannot look into the latter and would document the variants.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:tt),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// The value's name.
            pub fn as_str(&self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl $crate::db::columns::TextColumn for $name {
            fn as_text(&self) -> &str {
                self.as_str()
            }
            fn from_text(text: String) -> Option<Self> {
                match text.as_str() {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        $crate::text_column!($name);
    };
}

/// A value that is kept as its JSON text.
#[derive(Debug, Clone, PartialEq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Json<T> {
    text: String,
    value: T,
}

impl<T: Serialize> Json<T> {
    /// `value`, ready to be written.
    ///
    /// # Panics
    /// Where `value` has no JSON form: a map whose keys are not strings.
    pub fn new(value: T) -> Self {
        #[expect(clippy::expect_used, reason = "our types have string keys, and no writer can fail here")]
        let text = serde_json::to_string(&value).expect("a value with a JSON form");
        Self { text, value }
    }
}

impl<T> Json<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> std::ops::Deref for Json<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T, DB: Backend> ToSql<Text, DB> for Json<T>
where
    T: std::fmt::Debug,
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> diesel::serialize::Result {
        <str as ToSql<Text, DB>>::to_sql(&self.text, out)
    }
}

impl<T, DB: Backend> FromSql<Text, DB> for Json<T>
where
    T: DeserializeOwned,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        let text = <String as FromSql<Text, DB>>::from_sql(bytes)?;
        let value = serde_json::from_str(&text)?;
        Ok(Self { text, value })
    }
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema;

    crate::text_enum! {
        /// Two names.
        Pair {
            /// The first.
            OneTwo = "one_two",
            /// The second.
            Three = "three",
        }
    }

    #[test]
    fn an_enum_is_documented_by_the_names_that_stand_on_the_wire() {
        let schema = serde_json::to_value(Pair::schema()).unwrap();
        assert_eq!(schema["enum"], serde_json::to_value([Pair::OneTwo, Pair::Three]).unwrap());
        assert_eq!(schema["enum"], serde_json::json!(["one_two", "three"]));
    }
}
