//! What requests about carts hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

use crate::{
    address::AddressInput,
    email::Email,
    ids::{AddressId, CartId, ShippingOptionId, VariantId},
    money::{Currency, Money},
    patch::Patch,
    pricing::Step,
};

/// A new cart.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCart {
    /// The currency of all its prices; the shop's default where it is not given.
    pub(super) currency: Option<Currency>,
    /// What goes into it.
    #[schema(max_items = 200)]
    pub(super) lines: Option<Vec<AddedLine>>,
    /// Where the confirmation goes.
    #[schema(value_type = Option<String>, format = "email", min_length = 3, max_length = 254, example = "ada@example.com")]
    pub(super) email: Option<Email>,
}

/// A variant to put into a cart.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddedLine {
    /// The variant.
    pub(super) variant_id: VariantId,
    /// How many.
    #[schema(minimum = 1, maximum = 999, example = 2)]
    pub(super) quantity: i32,
}

/// One variant, or several, to put into a cart: either `variant_id` and `quantity`, or `lines`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum AddCartLines {
    /// One variant.
    One(AddedLine),
    /// Several variants.
    Many(AddedLines),
}

/// Several variants to put into a cart.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddedLines {
    /// The variants.
    #[schema(min_items = 1, max_items = 200)]
    pub(super) lines: Vec<AddedLine>,
}

/// How many of a line are wanted.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCartLine {
    /// How many.
    #[schema(minimum = 1, maximum = 999, example = 3)]
    pub(super) quantity: i32,
}

/// Changes to a cart: what is absent stays, null clears.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCart {
    /// Where the confirmation goes.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "email", min_length = 3, max_length = 254, example = "ada@example.com")]
    pub(super) email: Patch<Email>,
    /// Where the goods go. An address is one value: it is replaced as a whole.
    #[serde(default)]
    #[schema(value_type = Option<AddressInput>)]
    pub(super) shipping_address: Patch<AddressInput>,
    /// The same by an id of the customer's address book. The cart keeps the address as it is then.
    #[serde(default)]
    #[schema(value_type = Option<AddressId>)]
    pub(super) shipping_address_id: Patch<AddressId>,
    /// Where the bill goes, replaced as a whole; null for the shipping address.
    #[serde(default)]
    #[schema(value_type = Option<AddressInput>)]
    pub(super) billing_address: Patch<AddressInput>,
    /// The same by an id of the customer's address book.
    #[serde(default)]
    #[schema(value_type = Option<AddressId>)]
    pub(super) billing_address_id: Patch<AddressId>,
    /// True has the bill go where the goods go; false changes nothing.
    #[schema(nullable = false)]
    pub(super) billing_same_as_shipping: Option<bool>,
    /// How the goods go: one of the cart's shipping options.
    #[serde(default)]
    #[schema(value_type = Option<ShippingOptionId>)]
    pub(super) shipping_option_id: Patch<ShippingOptionId>,
    /// What the shopper wants to say.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1000)]
    pub(super) note: Patch<String>,
    /// The client's own notes: at most 20 texts. Null takes one away, and those that are absent stay.
    #[serde(default)]
    #[schema(value_type = Option<CartMetadataPatch>)]
    pub(super) metadata: Patch<BTreeMap<String, Option<String>>>,
}

/// The most notes of a client at a cart.
pub(super) const MOST_METADATA: usize = 20;

/// At most 20 texts of at most 500 characters, by name.
pub struct CartMetadata;

impl PartialSchema for CartMetadata {
    fn schema() -> RefOr<Schema> {
        metadata_of(SchemaType::new(Type::String))
    }
}
impl ToSchema for CartMetadata {}

/// A merge patch of [`CartMetadata`].
pub struct CartMetadataPatch;

impl PartialSchema for CartMetadataPatch {
    fn schema() -> RefOr<Schema> {
        metadata_of(SchemaType::from_iter([Type::String, Type::Null]))
    }
}
impl ToSchema for CartMetadataPatch {}

fn metadata_of(text: SchemaType) -> RefOr<Schema> {
    let name = ObjectBuilder::new().schema_type(Type::String).max_length(Some(100)).build();
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("At most 20 texts of at most 500 characters, by name."))
        .additional_properties(Some(ObjectBuilder::new().schema_type(text).max_length(Some(500))))
        .property_names(Some(name))
        .max_properties(Some(MOST_METADATA))
        .build()
        .into()
}

/// Why a cart costs what it costs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CartExplanation {
    /// The cart.
    pub(super) id: CartId,
    /// Its version.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub(super) version: i64,
    /// What it costs.
    pub(super) total: Money,
    /// Each figure in the order in which it was worked out.
    #[schema(max_items = 10000)]
    pub(super) steps: Vec<Step>,
}
