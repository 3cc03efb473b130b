//! Checks JSON against the very schema that the OpenAPI document shows for a type, and names all violations.

use std::{
    any::TypeId,
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
    types::JsonType,
};
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use crate::{
    email::Email,
    error::{Code, MOST_VIOLATIONS, Violation, member},
    time::UtcTime,
};

/// The pattern of texts that have more than white space.
const NOT_BLANK: &str = r"\S";

/// The compiled schema of a body or of a route's query parameters.
pub(super) struct Rules {
    validator: jsonschema::Validator,
}

/// What is wrong with a value.
pub(super) enum Finding {
    /// An array stands where an object belongs: not the JSON that this route takes at all.
    ArrayForObject(String),
    /// A broken rule, at a JSON pointer.
    Violation(Violation),
}

/// What is made once for each type.
pub(super) struct OfTypes<V>(RwLock<HashMap<TypeId, Arc<V>>>);

impl<V> Default for OfTypes<V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<V> OfTypes<V> {
    /// What there is for `T`, made where it is asked for the first time.
    pub(super) fn of<T: 'static>(&self, make: impl FnOnce() -> V) -> Arc<V> {
        // The map only ever grows by whole entries, so that a poisoned lock still holds a sound one.
        if let Some(made) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()) {
            return made.clone();
        }
        let made = Arc::new(make());
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(TypeId::of::<T>(), made.clone());
        made
    }
}

impl Rules {
    /// The rules of a body type; compiled once.
    pub(super) fn of_body<T: ToSchema + 'static>() -> Arc<Self> {
        static KNOWN: LazyLock<OfTypes<Rules>> = LazyLock::new(OfTypes::default);
        KNOWN.of::<T>(|| {
            let mut schemas = vec![(T::name().into_owned(), <T as PartialSchema>::schema())];
            T::schemas(&mut schemas);
            let components: Map<String, Value> =
                schemas.into_iter().map(|(name, schema)| (name, json!(schema))).collect();
            Self::new(
                &json!({"$ref": format!("#/components/schemas/{}", T::name()), "components": {"schemas": components}}),
            )
        })
    }

    /// The rules that `schema` makes.
    ///
    /// # Panics
    /// Where our own schema is not one: a programming error that any test of the route meets.
    pub(super) fn new(schema: &Value) -> Self {
        #[expect(clippy::expect_used, reason = "the schemas are our own and fixed when the program is built")]
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            // Ours is narrower than the one of JSON Schema; the type's parser must find nothing that this let pass.
            .with_format("date-time", |text: &str| text.parse::<UtcTime>().is_ok())
            .with_format("email", |text: &str| text.parse::<Email>().is_ok())
            .build(schema)
            .expect("a schema of ours that compiles");
        Self { validator }
    }

    /// What is wrong with `value`, in the order of the document: all of it, or as much as is told.
    pub(super) fn check(&self, value: &Value) -> Vec<Finding> {
        self.validator.iter_errors(value).flat_map(|error| findings(&error)).take(MOST_VIOLATIONS).collect()
    }
}

fn findings(error: &ValidationError<'_>) -> Vec<Finding> {
    let pointer = format!("#{}", error.instance_path());
    let one = |code, detail: Cow<'static, str>| vec![Violation::at(pointer.clone(), code, detail)];
    let violations = match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![Violation::at(member(&pointer, name), Code::Required, "This member is required.")]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .take(MOST_VIOLATIONS)
            .map(|name| Violation::at(member(&pointer, name), Code::UnknownField, "There is no such member here."))
            .collect(),
        Kind::PropertyNames { error: name } => {
            let pointer = member(&pointer, name.instance().as_str().unwrap_or_default());
            let detail = "This member's name is not of the form that it must have.";
            vec![Violation::at(pointer, Code::InvalidFormat, detail)]
        }
        Kind::Type { kind } => {
            if error.instance().is_array() && expects_object(kind) {
                return vec![Finding::ArrayForObject(pointer)];
            }
            one(Code::InvalidType, format!("This must be {}.", type_words(kind)).into())
        }
        // That it is too short is said already.
        Kind::Pattern { pattern } if pattern == NOT_BLANK && error.instance().as_str() == Some("") => Vec::new(),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => return branch_findings(error, &pointer, context),
        kind => vec![limit_violation(pointer, kind)],
    };
    violations.into_iter().map(Finding::Violation).collect()
}

/// Of several alternatives the one that the value is of the right type for has the errors that help.
fn branch_findings(
    error: &ValidationError<'_>,
    pointer: &str,
    branches: &[Vec<ValidationError<'static>>],
) -> Vec<Finding> {
    let here = error.instance_path();
    let of_right_type = |branch: &&Vec<ValidationError<'static>>| {
        !branch.iter().any(|it| it.instance_path() == here && matches!(it.kind(), Kind::Type { .. }))
    };
    let of_right_members = |branch: &&Vec<ValidationError<'static>>| {
        let misshapen = |it: &ValidationError<'static>| {
            it.instance_path() == here && matches!(it.kind(), Kind::Required { .. } | Kind::AdditionalProperties { .. })
        };
        !branch.iter().any(misshapen)
    };
    let mut fitting = branches.iter().filter(of_right_type).filter(of_right_members);
    if let (Some(only), None) = (fitting.next(), fitting.next()) {
        return only.iter().flat_map(findings).collect();
    }
    // The form that the least is missing from is the one that was meant.
    let nearest = branches.iter().filter(of_right_type).min_by_key(|branch| branch.len());
    match nearest {
        Some(nearest) => nearest.iter().flat_map(findings).collect(),
        None if branches.len() == 2 => {
            // The usual "null or T": T says what was expected.
            branches.iter().rfind(|branch| !expects_null(branch)).into_iter().flatten().flat_map(findings).collect()
        }
        None => vec![Finding::Violation(Violation::at(
            pointer,
            Code::InvalidValue,
            "This is none of the forms that it may have.",
        ))],
    }
}

fn expects_null(branch: &[ValidationError<'static>]) -> bool {
    branch.iter().any(|it| matches!(it.kind(), Kind::Type { kind: TypeKind::Single(JsonType::Null) }))
}

fn limit_violation(pointer: String, kind: &Kind) -> Violation {
    let plain = |code, detail: &'static str| Violation::at(pointer.clone(), code, detail);
    let bounded = |code, detail: String, name: &str, limit: Value| {
        Violation::at(pointer.clone(), code, detail).param(name, limit)
    };
    match kind {
        Kind::MaxLength { limit } => {
            bounded(Code::TooLong, format!("This may have at most {limit} characters."), "max", json!(limit))
        }
        Kind::MinLength { limit: 1 } => bounded(Code::TooShort, "This may not be empty.".into(), "min", json!(1)),
        Kind::MinLength { limit } => {
            bounded(Code::TooShort, format!("This must have at least {limit} characters."), "min", json!(limit))
        }
        Kind::MaxItems { limit } => {
            bounded(Code::TooLong, format!("This may have at most {limit} entries."), "max", json!(limit))
        }
        Kind::MinItems { limit } => {
            bounded(Code::TooShort, format!("This must have at least {limit} entries."), "min", json!(limit))
        }
        Kind::MaxProperties { limit } => {
            bounded(Code::TooLong, format!("This may have at most {limit} members."), "max", json!(limit))
        }
        Kind::MinProperties { limit } => {
            bounded(Code::TooShort, format!("This must have at least {limit} members."), "min", json!(limit))
        }
        Kind::Maximum { limit } | Kind::ExclusiveMaximum { limit } => {
            bounded(Code::OutOfRange, format!("This may be at most {limit}."), "max", limit.clone())
        }
        Kind::Minimum { limit } | Kind::ExclusiveMinimum { limit } => {
            bounded(Code::OutOfRange, format!("This must be at least {limit}."), "min", limit.clone())
        }
        // A list of all countries helps nobody; one of all rights does.
        Kind::Enum { options } if options.as_array().is_some_and(|it| it.len() > 64) => {
            plain(Code::InvalidValue, "This is none of the values that the documentation lists.")
        }
        Kind::Enum { options } => {
            bounded(Code::InvalidValue, format!("This must be one of {options}."), "allowed", (**options).clone())
        }
        Kind::Constant { expected_value } => bounded(
            Code::InvalidValue,
            format!("This must be {expected_value}."),
            "allowed",
            (**expected_value).clone(),
        ),
        Kind::Format { format } => {
            bounded(Code::InvalidFormat, format!("This is not a valid {format}."), "format", json!(format))
        }
        Kind::Pattern { pattern } if pattern == NOT_BLANK => plain(Code::Blank, "This has nothing but white space."),
        Kind::Pattern { pattern } => {
            bounded(Code::InvalidFormat, "This is not of the form that it must have.".into(), "pattern", json!(pattern))
        }
        Kind::PropertyNames { .. } => {
            plain(Code::InvalidFormat, "A member's name is not of the form that it must have.")
        }
        Kind::UniqueItems => plain(Code::InvalidValue, "No two entries may be equal."),
        _ => plain(Code::InvalidValue, "This value is not allowed."),
    }
}

fn expects_object(kind: &TypeKind) -> bool {
    match kind {
        TypeKind::Single(only) => *only == JsonType::Object,
        TypeKind::Multiple(set) => set.contains(JsonType::Object) && !set.contains(JsonType::Array),
    }
}

fn type_words(kind: &TypeKind) -> String {
    let word = |kind: JsonType| match kind {
        JsonType::Array => "an array",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "an integer",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    };
    match kind {
        TypeKind::Single(only) => word(*only).to_owned(),
        TypeKind::Multiple(set) => set.iter().map(word).collect::<Vec<_>>().join(" or "),
    }
}
