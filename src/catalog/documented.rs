//! How the catalogue's maps and values stand in the OpenAPI document, and so what bodies are checked against.
//!
//! These types have no values: they are named in `#[schema(value_type = …)]`.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, OneOfBuilder, RefOr, Schema,
        schema::{AdditionalProperties, SchemaType, Type},
    },
};

use super::change_product::ATTRIBUTES;

/// The most characters of an attribute's text.
const ATTRIBUTE_TEXT: usize = 8000;
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
    let mut forms = OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::String).max_length(Some(ATTRIBUTE_TEXT)))
        .item(ObjectBuilder::new().schema_type(Type::Number).minimum(Some(-1e15)).maximum(Some(1e15)))
        .item(ObjectBuilder::new().schema_type(Type::Boolean));
    if nullable {
        forms = forms.item(ObjectBuilder::new().schema_type(Type::Null));
    }
    Schema::from(forms.build()).into()
}
