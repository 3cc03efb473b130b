//! E-mail addresses.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type},
};

use crate::text::fold;

/// In octets, without the angle brackets (RFC 5321, section 4.5.3.1.3).
const LONGEST: usize = 254;
const LONGEST_LOCAL_PART: usize = 64;
const LONGEST_LABEL: usize = 63;

/// An e-mail address, as its owner writes it.
///
/// The form is RFC 5321's `Dot-string@Domain`, with RFC 6531's letters beyond ASCII. Quoted local parts and address
/// literals are refused: nobody shops with them, and every comma or bracket that cannot occur is one that cannot turn a
/// mail's header into two recipients.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// The text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnEmail;

impl Email {
    /// The address as it was written; mail goes here.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as it is compared: two accounts may not differ by case alone.
    ///
    /// Mail always goes to the address that its owner registered, never to one that merely folds alike.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }
}

impl FromStr for Email {
    type Err = NotAnEmail;

    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        let (local, domain) = text.split_once('@').ok_or(NotAnEmail)?;
        let good = text.len() <= LONGEST && is_local_part(local) && domain.split('.').all(is_label);
        if good { Ok(Self(text.to_owned())) } else { Err(NotAnEmail) }
    }
}

/// RFC 5321's Dot-string: atoms with single dots between them.
fn is_local_part(local: &str) -> bool {
    local.len() <= LONGEST_LOCAL_PART && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom))
}

fn is_atom(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(character);
    }
    !character.is_control() && !character.is_whitespace() && !is_invisible(character)
}

fn is_label(label: &str) -> bool {
    let is_inner = |character: char| character.is_ascii_alphanumeric() || character == '-' || is_letter(character);
    !label.is_empty()
        && label.len() <= LONGEST_LABEL
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(is_inner)
}

/// Of any script, combining marks included; what the registry of a domain allows, it knows best.
fn is_letter(character: char) -> bool {
    !character.is_ascii()
        && !is_invisible(character)
        && (character.is_alphanumeric() || unicode_normalization::char::is_combining_mark(character))
}

/// Characters that show nothing or turn the direction of writing: they make one address look like another.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}'
    )
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(***)")
    }
}

impl fmt::Display for NotAnEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("This is not an e-mail address.")
    }
}

impl std::error::Error for NotAnEmail {}

impl Serialize for Email {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl PartialSchema for Email {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
            .description(Some("An e-mail address; compared without case."))
            .min_length(Some(3))
            .max_length(Some(LONGEST))
            .examples(["ann@example.com"])
            .build()
            .into()
    }
}

impl ToSchema for Email {
    fn name() -> Cow<'static, str> {
        "Email".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_email(text: &str) -> bool {
        text.parse::<Email>().is_ok()
    }

    #[test]
    fn what_people_have_is_an_address() {
        for text in [
            "a@b",
            "ann@example.com",
            "Ann.O'Neil+shop@sub.example.co.uk",
            "用户@例え.jp",
            "jürgen@bücher.example",
            "x@xn--bcher-kva.example",
            "_-{}@1.example",
            "क्षेत्र@उदाहरण.भारत",
        ] {
            assert!(is_email(text), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "@",
            "a",
            "a@",
            "@b",
            "a@b@c",
            " a@b.example",
            "a@b.example ",
            "a b@c.example",
            "a@b c.example",
            ".a@b.example",
            "a.@b.example",
            "a..b@c.example",
            "a@.example",
            "a@b..example",
            "a@b.example.",
            "a@-b.example",
            "a@b-.example",
            "a@b_c.example",
            "a@[127.0.0.1]",
            "\"a\"@b.example",
            "a,b@c.example",
            "Ann <a@b.example>",
            "a@b.example\r\nBcc: c@d.example",
            "a\n@b.example",
            "a\0@b.example",
            "a@b.example\0",
            "a\u{85}b@c.example",
            "a\u{a0}b@c.example",
            "a\u{200b}b@c.example",
            "a\u{202e}b@c.example",
            "a@b\u{200d}c.example",
        ] {
            assert!(!is_email(text), "{text:?}");
        }
    }

    #[test]
    fn the_longest_parts_are_64_63_and_254_octets() {
        let (local, label) = ("l".repeat(64), "d".repeat(63));
        assert!(is_email(&format!("{local}@{label}.example")));
        assert!(!is_email(&format!("l{local}@{label}.example")));
        assert!(!is_email(&format!("{local}@d{label}.example")));
        let longest = format!("{local}@{label}.{label}.{}", "d".repeat(61));
        assert_eq!(longest.len(), 254);
        assert!(is_email(&longest));
        assert!(!is_email(&format!("{longest}d")));
    }

    #[test]
    fn an_address_is_kept_as_written_compared_folded_and_never_shown_to_a_log() {
        let email: Email = "Ann@Example.COM".parse().unwrap();
        assert_eq!(email.as_str(), "Ann@Example.COM");
        assert_eq!(email.folded(), "ann@example.com");
        assert_eq!(email.local_part(), "Ann");
        assert_eq!(format!("{email:?}"), "Email(***)");
    }

    #[test]
    fn json_reads_an_address_with_and_without_escapes() {
        assert_eq!(serde_json::from_str::<Email>(r#""a@b""#).unwrap().as_str(), "a@b");
        assert_eq!(serde_json::from_str::<Email>(r#""a\u0062@b""#).unwrap().as_str(), "ab@b");
        assert!(serde_json::from_str::<Email>(r#""nobody""#).is_err());
        assert_eq!(serde_json::to_string(&"a@b".parse::<Email>().unwrap()).unwrap(), r#""a@b""#);
    }
}
