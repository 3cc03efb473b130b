//! Identifiers: TypeID (spec 0.3), a type prefix and a UUIDv7 as 26 base32 characters.
//!
//! Each kind of thing has its own id type, so that a cart's id cannot be handed in where a product's is due.

use std::{fmt, marker::PhantomData, str::FromStr};

use arrayvec::ArrayString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::db::columns::TextColumn;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;
const LONGEST: usize = "refund_".len() + SUFFIX_LENGTH;

/// The kind of thing that an id names.
pub trait Kind: Copy + Eq + Ord + std::hash::Hash + fmt::Debug + Send + Sync + 'static {
    /// What stands before the underscore.
    const PREFIX: &'static str;
    /// Name of the schema in the OpenAPI document.
    const SCHEMA: &'static str;
    /// An id of the demo shop, or one of its form.
    const EXAMPLE: &'static str;
}

/// `prefix_` and 26 characters of Crockford's base32.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Id<K: Kind> {
    text: ArrayString<LONGEST>,
    kind: PhantomData<K>,
}

/// The text is not an id of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl<K: Kind> Id<K> {
    /// A fresh id; ids made later by this process sort behind it.
    pub fn new() -> Self {
        Self::from_bits(uuid::Uuid::now_v7().as_u128())
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The UUID as a number; ids sort as these numbers do.
    pub fn bits(&self) -> u128 {
        self.text.bytes().skip(K::PREFIX.len() + 1).fold(0, |bits, letter| {
            let digit = ALPHABET.iter().position(|&it| it == letter).unwrap_or_default();
            // The first of the 26 digits is at most 7, so nothing is shifted out.
            (bits << 5) | digit as u128
        })
    }

    /// The id whose [`bits`](Self::bits) these are.
    pub fn from_bits(bits: u128) -> Self {
        let mut text = ArrayString::new();
        text.push_str(K::PREFIX);
        text.push('_');
        for place in (0..SUFFIX_LENGTH).rev() {
            text.push(char::from(ALPHABET[((bits >> (5 * place)) & 31) as usize]));
        }
        Self { text, kind: PhantomData }
    }
}

impl<K: Kind> Default for Id<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let suffix = text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or(NotAnId)?;
        let is_base32 = suffix.bytes().all(|byte| ALPHABET.contains(&byte));
        // 26 characters hold 130 bits: the first may not exceed 7.
        if suffix.len() != SUFFIX_LENGTH || !is_base32 || suffix.as_bytes()[0] > b'7' {
            return Err(NotAnId);
        }
        let text = ArrayString::from(text).map_err(|_| NotAnId)?;
        Ok(Self { text, kind: PhantomData })
    }
}

impl<K: Kind> TextColumn for Id<K> {
    fn as_text(&self) -> &str {
        self.as_str()
    }
    fn from_text(text: String) -> Option<Self> {
        text.parse().ok()
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|NotAnId| D::Error::custom(format_args!("not a {} id", K::PREFIX)))
    }
}

impl<K: Kind> PartialSchema for Id<K> {
    fn schema() -> RefOr<Schema> {
        let length = K::PREFIX.len() + 1 + SUFFIX_LENGTH;
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(format!("TypeID with the prefix `{}`.", K::PREFIX)))
            .pattern(Some(pattern::<K>()))
            .min_length(Some(length))
            .max_length(Some(length))
            .examples([K::EXAMPLE])
            .build()
            .into()
    }
}

impl<K: Kind> ToSchema for Id<K> {
    fn name() -> std::borrow::Cow<'static, str> {
        K::SCHEMA.into()
    }
}

/// The regular expression that an id of this kind matches.
pub fn pattern<K: Kind>() -> String {
    format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", K::PREFIX)
}

macro_rules! ids {
    ($($alias:ident $kind:ident $prefix:literal $example:literal;)*) => {$(
        #[doc = concat!("Marks ids with the prefix `", $prefix, "`.")]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub struct $kind;
        impl Kind for $kind {
            const PREFIX: &'static str = $prefix;
            const SCHEMA: &'static str = stringify!($alias);
            const EXAMPLE: &'static str = concat!($prefix, "_", $example);
        }
        const _: () = assert!($prefix.len() + 1 + SUFFIX_LENGTH <= LONGEST, "an id has to fit into its text");
        #[doc = concat!("An id with the prefix `", $prefix, "`.")]
        pub type $alias = Id<$kind>;
    )*};
}

ids! {
    ProductId ProductKind "prod" "01kdxkk1a0f2ethrwsbq5wfaw2";
    VariantId VariantKind "var" "01kdxkk1a0f2ethrwsbq5wfaw2";
    CategoryId CategoryKind "cat" "01kdxkk1a0f2ethrwsbq5wfaw2";
    CollectionId CollectionKind "coll" "01kdxkk1a0f2ethrwsbq5wfaw2";
    BrandId BrandKind "brand" "01kdxkk1a0f2ethrwsbq5wfaw2";
    AttributeId AttributeKind "attr" "01kdxkk1a0f2ethrwsbq5wfaw2";
    SynonymId SynonymKind "syn" "01kdxkk1a0f2ethrwsbq5wfaw2";
    ImageId ImageKind "img" "01kdxkk1a0f2ethrwsbq5wfaw2";
    CustomerId CustomerKind "cust" "01kdxkk1a0f2ethrwsbq5wfaw2";
    CustomerGroupId CustomerGroupKind "grp" "01kdxkk1a0f2ethrwsbq5wfaw2";
    NoteId NoteKind "note" "01kdxkk1a0f2ethrwsbq5wfaw2";
    AddressId AddressKind "addr" "01kdxkk1a0f2ethrwsbq5wfaw2";
    SessionId SessionKind "sess" "01kdxkk1a0f2ethrwsbq5wfaw2";
    CartId CartKind "cart" "01kdxkk1a0f2ethrwsbq5wfaw2";
    LineId LineKind "line" "01kdxkk1a0f2ethrwsbq5wfaw2";
    OrderId OrderKind "order" "01kdxkk1a0f2ethrwsbq5wfaw2";
    PaymentId PaymentKind "pay" "01kdxkk1a0f2ethrwsbq5wfaw2";
    RefundId RefundKind "refund" "01kdxkk1a0f2ethrwsbq5wfaw2";
    ShipmentId ShipmentKind "ship" "01kdxkk1a0f2ethrwsbq5wfaw2";
    ShippingOptionId ShippingOptionKind "opt" "01kdxkk1a0f2ethrwsbq5wfaw2";
    ShippingZoneId ShippingZoneKind "zone" "01kdxkk1a0f2ethrwsbq5wfaw2";
    LocationId LocationKind "loc" "01kdxkk1a0f2ethrwsbq5wfaw2";
    MovementId MovementKind "mov" "01kdxkk1a0f2ethrwsbq5wfaw2";
    ReservationId ReservationKind "rev" "01kdxkk1a0f2ethrwsbq5wfaw2";
    TaxRateId TaxRateKind "tax" "01kdxkk1a0f2ethrwsbq5wfaw2";
    StaffId StaffKind "staff" "01kdxkk1a0f2ethrwsbq5wfaw2";
    RoleId RoleKind "role" "01kdxkk1a0f2ethrwsbq5wfaw2";
    InvitationId InvitationKind "invite" "01kdxkk1a0f2ethrwsbq5wfaw2";
    KeyId KeyKind "key" "01kdxkk1a0f2ethrwsbq5wfaw2";
    EventId EventKind "evt" "01kdxkk1a0f2ethrwsbq5wfaw2";
    JobId JobKind "job" "01kdxkk1a0f2ethrwsbq5wfaw2";
    EntryId EntryKind "audit" "01kdxkk1a0f2ethrwsbq5wfaw2";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_made_one_after_the_other_sort_in_that_order() {
        let ids: Vec<OrderId> = (0..1000).map(|_| Id::new()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = ProductId::new();
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn an_id_is_made_again_from_its_bits() {
        let id = ProductId::new();
        assert_eq!(ProductId::from_bits(id.bits()), id);
        assert_eq!(ProductId::from_bits(u128::MAX).bits(), u128::MAX);
    }

    #[test]
    fn the_spec_s_own_example_is_encoded_alike() {
        // TypeID spec 0.3, valid.yml: "max-valid".
        assert_eq!(Id::<ProductKind>::from_bits(u128::MAX).as_str(), "prod_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    }

    #[test]
    fn other_prefixes_lengths_and_letters_are_refused() {
        for text in [
            "",
            "prod",
            "prod_",
            "var_01kdxkk1a0f2ethrwsbq5wfaw2",
            "prod_01kdxkk1a0f2ethrwsbq5wfaw",
            "prod_01kdxkk1a0f2ethrwsbq5wfaw22",
            "prod_81kdxkk1a0f2ethrwsbq5wfaw2",
            "prod_01KDXKK1A0F2ETHRWSBQ5WFAW2",
            "prod_01kdxkk1a0f2ethrwsbq5wfawu",
            "prod_01kdxkk1a0f2ethrwsbq5wfaé",
        ] {
            assert_eq!(text.parse::<ProductId>(), Err(NotAnId), "{text}");
        }
    }
}
