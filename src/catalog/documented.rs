//! How the catalogue's maps and values stand in the OpenAPI document, and so what bodies are checked against.
//!
//! These types have no values: they are named in `#[schema(value_type = …)]`.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, OneOfBuilder, RefOr, Schema,
        schema::{AdditionalProperties, SchemaType, Type},
    },
};

use super::{change_product::ATTRIBUTES, write_variant::VARIANTS};
use crate::ids::{VariantKind, pattern};

/// The most characters of an attribute's text.
const ATTRIBUTE_TEXT: usize = 8000;
/// The most attributes that are filtered by at once.
const FILTERS: usize = 20;
/// The most texts of an attribute that has several.
pub const ATTRIBUTE_VALUES: usize = 100;
/// The most characters of each of them: a list of the longest fits into a body.
pub const LISTED_TEXT: usize = 500;
/// The most characters of an option's name, and of one of its values.
const OPTION_TEXT: usize = 100;
/// The most options of a product.
const OPTIONS: usize = 10;

macro_rules! documented {
    ($(#[$about:meta])* $name:ident = $schema:expr) => {
        $(#[$about])*
        pub enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

documented! {
    /// A value that an option of a product takes.
    OptionValue = option_text("A value that an option takes.", "natural").build().into()
}

documented! {
    /// The value of each option that makes a variant what it is.
    OptionValues = map(option_text("Name of an option.", "color"), option_text("Its value.", "natural").build().into(), OPTIONS)
        .description(Some("A value of each of the product's options, by the option's name."))
        .examples([serde_json::json!({"color": "natural"})])
        .build()
        .into()
}

documented! {
    /// A merge patch of [`OptionValues`].
    OptionValuesPatch = map(
        option_text("Name of an option.", "color"),
        option_text("Its value.", "natural").schema_type(SchemaType::from_iter([Type::String, Type::Null])).build().into(),
        OPTIONS,
    )
    .description(Some("Values by the option's name; null takes away what the product has no option for any more."))
    .examples([serde_json::json!({"color": "black"})])
    .build()
    .into()
}

documented! {
    /// [`OptionValues`] of several variants.
    OptionsOfVariants = map(
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern::<VariantKind>())).max_length(Some(30)),
        OptionValues::schema(),
        VARIANTS,
    )
    .description(Some("Values of options, by the ids of variants."))
    .examples([serde_json::json!({"var_01kdxkk1a0f2ethrwsbq5wfaw2": {"color": "black"}})])
    .build()
    .into()
}

documented! {
    /// A product's attributes: texts, numbers and truths by key.
    ProductAttributes = map(attribute_key(), attribute_value(false), ATTRIBUTES)
        .description(Some("Texts, numbers and truths by key."))
        .examples([serde_json::json!({"material": "enamel", "capacity_ml": 350})])
        .build()
        .into()
}

documented! {
    /// A merge patch of [`ProductAttributes`].
    ProductAttributesPatch = map(attribute_key(), attribute_value(true), ATTRIBUTES)
        .description(Some("Texts, numbers and truths by key; null takes a key away, and a key that is absent stays."))
        .examples([serde_json::json!({"material": "steel", "capacity_ml": null})])
        .build()
        .into()
}

fn map(names: ObjectBuilder, values: RefOr<Schema>, most: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .property_names(Some(names))
        .additional_properties(Some(AdditionalProperties::RefOr(values)))
        .max_properties(Some(most))
}

/// The parameters that filter by attributes: one object, whose members stand in the query by themselves.
pub fn attribute_filters() -> Schema {
    let value = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(500))
        .pattern(Some("^[^\\u0000]+$"));
    let names = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^attr\\.[a-z0-9][a-z0-9_]{0,79}$"))
        .max_length(Some(85));
    map(names, Schema::from(value.build()).into(), FILTERS)
        .description(Some(
            "Values of filterable attributes and options, which stand in the query by themselves: \
             `attr.color=natural,black` takes values as products have them, or their slugs as the facets give them; of a \
             value with a comma in it, the slug. `attr.seat_height_cm=40..50` takes a range with both its ends, either \
             of which may be left out. A product has the values of all its variants, so that several filters need not be \
             met by the same one. What the shop does not filter by is `unknown_parameter`.",
        ))
        .build()
        .into()
}

fn option_text(about: &str, example: &str) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(OPTION_TEXT));
    text.description(Some(about)).examples([example])
}

fn attribute_key() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[a-z0-9][a-z0-9_]{0,79}$"))
        .min_length(Some(1))
        .max_length(Some(80))
}

fn attribute_value(nullable: bool) -> RefOr<Schema> {
    let text = |shortest, longest| {
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(shortest)).max_length(Some(longest))
    };
    let mut forms = OneOfBuilder::new()
        .item(text(0, ATTRIBUTE_TEXT))
        .item(ObjectBuilder::new().schema_type(Type::Number).minimum(Some(-1e15)).maximum(Some(1e15)))
        .item(ObjectBuilder::new().schema_type(Type::Boolean))
        .item(ArrayBuilder::new().items(text(1, LISTED_TEXT)).max_items(Some(ATTRIBUTE_VALUES)));
    if nullable {
        forms = forms.item(ObjectBuilder::new().schema_type(Type::Null));
    }
    Schema::from(forms.build()).into()
}
