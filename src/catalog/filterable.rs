//! What products are filtered by: the values of the attributes and options that the shop has called filterable.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;
use serde_json::Value;

use super::{
    attribute_definition::{AttributeKind, Definition},
    model::{Attributes, VariantOptions},
    value_slug::{LONGEST, value_slug},
};
use crate::{
    db::{
        Conn,
        columns::Json,
        schema::{attribute_definitions, product_attribute_values as values, products, variants},
    },
    error::{Code, Error, Result, Violation},
    ids::ProductId,
    on_each_database,
};

/// What stands before an attribute's key in the name of its parameter.
pub const PARAMETER: &str = "attr.";

/// Products that are held in memory together.
const AT_ONCE: i64 = 100;

/// A value that products are filtered and counted by.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeValue {
    /// One of a few.
    Text {
        /// Its name in addresses.
        slug: String,
        /// As it stands in the product.
        label: String,
    },
    /// One of many, in the attribute's unit.
    Number(f64),
}

impl AttributeValue {
    fn text(label: &str) -> Option<Self> {
        let label: String = label.chars().take(LONGEST).collect();
        value_slug(&label).map(|slug| Self::Text { slug, label })
    }
}

/// Whether a value can have this slug.
pub fn is_slug(text: &str) -> bool {
    value_slug(text).is_some_and(|slug| slug == text)
}

/// The slugs that a value may have which is named by its slug, or as products have it.
fn slugs_of(named: &str) -> impl Iterator<Item = String> {
    let as_written = match AttributeValue::text(named) {
        Some(AttributeValue::Text { slug, .. }) if slug != named => Some(slug),
        _ => None,
    };
    [named.to_owned()].into_iter().chain(as_written)
}

/// A condition on a filterable attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeFilter {
    /// The product, or a variant, has one of these values.
    AnyOf {
        /// The attribute's key.
        key: String,
        /// Slugs of values.
        slugs: Vec<String>,
    },
    /// The product's number lies in a range, both ends inclusive.
    Range {
        /// The attribute's key.
        key: String,
        /// From here.
        min: Option<f64>,
        /// To here.
        max: Option<f64>,
    },
}

impl AttributeFilter {
    /// The attribute's key.
    pub fn key(&self) -> &str {
        match self {
            Self::AnyOf { key, .. } | Self::Range { key, .. } => key,
        }
    }
}

/// The filterable attributes and options of the shop.
#[derive(Debug, Clone, Default)]
pub struct Filterable(Vec<Definition>);

impl Filterable {
    /// As they stand in the database.
    ///
    /// # Errors
    /// A database error.
    pub fn load(conn: &mut Conn) -> QueryResult<Self> {
        let filterable = attribute_definitions::table.filter(attribute_definitions::filterable.eq(true));
        let rows = filterable.order((attribute_definitions::position.asc(), attribute_definitions::key.asc()));
        Ok(Self(rows.select(Definition::as_select()).load(conn)?))
    }

    /// One of them.
    pub fn get(&self, key: &str) -> Option<&Definition> {
        self.0.iter().find(|it| it.key == key)
    }

    /// The conditions of a list; none, where it is not narrowed so.
    ///
    /// # Errors
    /// As [`Self::conditions`].
    pub fn asked(conn: &mut Conn, asked: Option<&BTreeMap<String, String>>) -> Result<Vec<AttributeFilter>> {
        if asked.is_some() { Self::load(conn)?.conditions(asked) } else { Ok(Vec::new()) }
    }

    /// The conditions that parameters such as `attr.color=natural,black` and `attr.seat_height_cm=40..50` put; none, where there are none.
    ///
    /// # Errors
    /// 400 `unknown_parameter` for what the shop does not filter by, `invalid_parameter` for what is no range.
    pub fn conditions(&self, asked: Option<&BTreeMap<String, String>>) -> Result<Vec<AttributeFilter>> {
        let mut violations = Vec::new();
        let mut conditions = Vec::new();
        for (parameter, text) in asked.into_iter().flatten() {
            let key = parameter.strip_prefix(PARAMETER).unwrap_or(parameter);
            match self.get(key).map(|it| it.kind) {
                None => {
                    let detail = "The shop does not filter by this attribute.";
                    violations.push(Violation::in_parameter(parameter.clone(), Code::UnknownParameter, detail));
                }
                Some(AttributeKind::Number) => match range(text) {
                    Some((Some(min), Some(max))) if min > max => {
                        let detail = format!("The range ends at {max}, before it begins at {min}.");
                        violations.push(Violation::in_parameter(parameter.clone(), Code::InvalidParameter, detail));
                    }
                    Some((min, max)) => conditions.push(AttributeFilter::Range { key: key.to_owned(), min, max }),
                    None => {
                        let detail = "This is a number, or a range such as `40..50`, `40..` or `..50`.";
                        violations.push(Violation::in_parameter(parameter.clone(), Code::InvalidParameter, detail));
                    }
                },
                Some(_) => {
                    let slugs = text.split(',').flat_map(slugs_of).collect();
                    conditions.push(AttributeFilter::AnyOf { key: key.to_owned(), slugs });
                }
            }
        }
        if violations.is_empty() { Ok(conditions) } else { Err(Error::bad_request(violations)) }
    }

    /// What a product with these attributes, and variants of these options, is filtered by. A value that is not of its
    /// attribute's kind is passed over.
    pub fn values_of<'a>(
        &self,
        attributes: &Attributes,
        options: impl Iterator<Item = &'a VariantOptions>,
    ) -> Vec<(String, AttributeValue)> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let chosen: BTreeSet<(String, &String)> =
            options.flatten().map(|(name, value)| (key_of(name), value)).collect();
        for Definition { key, kind, .. } in &self.0 {
            let of_product = attributes.get(key).map(|value| typed(*kind, value)).unwrap_or_default();
            let of_variants = chosen.iter().filter(|(of, _)| of == key && *kind != AttributeKind::Number);
            let of_variants = of_variants.filter_map(|(_, value)| AttributeValue::text(value));
            for value in of_product.into_iter().chain(of_variants) {
                if !found.iter().any(|(of, other)| of == key && is_same(other, &value)) {
                    found.push((key.clone(), value));
                }
            }
        }
        found
    }
}

/// The ends of `40..50`, `40..`, `..50` or `45`.
fn range(text: &str) -> Option<(Option<f64>, Option<f64>)> {
    // There is one zero.
    let number = |text: &str| text.parse::<f64>().ok().filter(|it| it.is_finite()).map(|it| it + 0.0);
    let end = |text: &str| if text.is_empty() { Some(None) } else { number(text).map(Some) };
    match text.split_once("..") {
        None => number(text).map(|it| (Some(it), Some(it))),
        Some(("", "")) => None,
        Some((min, max)) => Some((end(min)?, end(max)?)),
    }
}

/// What is written in two ways is one value, as long as both make one slug.
fn is_same(one: &AttributeValue, other: &AttributeValue) -> bool {
    match (one, other) {
        (AttributeValue::Text { slug: one, .. }, AttributeValue::Text { slug: other, .. }) => one == other,
        _ => one == other,
    }
}

fn typed(kind: AttributeKind, value: &Value) -> Vec<AttributeValue> {
    match (kind, value) {
        (AttributeKind::Number, Value::Number(number)) => {
            // There is one zero.
            number.as_f64().map(|it| AttributeValue::Number(it + 0.0)).into_iter().collect()
        }
        (AttributeKind::Text, Value::String(text)) => AttributeValue::text(text).into_iter().collect(),
        (AttributeKind::Boolean, Value::Bool(flag)) => AttributeValue::text(&flag.to_string()).into_iter().collect(),
        (AttributeKind::List, Value::Array(texts)) => {
            texts.iter().filter_map(Value::as_str).filter_map(AttributeValue::text).collect()
        }
        (AttributeKind::List, Value::String(text)) => AttributeValue::text(text).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The key that a name becomes: lower-case ASCII letters and digits, and `_` for everything else.
pub fn key_of(name: &str) -> String {
    let allowed = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
    name.chars().map(allowed).collect::<String>().trim_start_matches('_').to_owned()
}

/// Writes what a new product is filtered by.
///
/// # Errors
/// A database error.
pub fn add<'a>(
    conn: &mut Conn,
    product_id: ProductId,
    attributes: &Attributes,
    options: impl Iterator<Item = &'a VariantOptions>,
) -> QueryResult<()> {
    let found = Filterable::load(conn)?.values_of(attributes, options);
    insert(conn, product_id, found)
}

/// [`add`], in the place of what the product was filtered by before.
///
/// # Errors
/// A database error.
pub fn replace<'a>(
    conn: &mut Conn,
    product_id: ProductId,
    attributes: &Attributes,
    options: impl Iterator<Item = &'a VariantOptions>,
) -> QueryResult<()> {
    diesel::delete(values::table.filter(values::product_id.eq(product_id))).execute(conn)?;
    add(conn, product_id, attributes, options)
}

/// Writes what a product is filtered by.
pub(super) fn insert(conn: &mut Conn, product_id: ProductId, found: Values) -> QueryResult<()> {
    if found.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = found
        .into_iter()
        .map(|(key, value)| {
            let (slug, number) = match value {
                AttributeValue::Text { slug, .. } => (slug, None),
                AttributeValue::Number(number) => (String::new(), Some(number)),
            };
            (values::product_id.eq(product_id), values::key.eq(key), values::slug.eq(slug), values::number.eq(number))
        })
        .collect();
    on_each_database!(conn, conn => diesel::insert_into(values::table).values(&rows).execute(conn)).map(drop)
}

/// Writes anew what all products are filtered by under one key.
///
/// # Errors
/// A database error.
pub fn replace_all(conn: &mut Conn, key: &str) -> QueryResult<()> {
    diesel::delete(values::table.filter(values::key.eq(key))).execute(conn)?;
    let mut filterable = Filterable::load(conn)?;
    filterable.0.retain(|it| it.key == key);
    let mut last: Option<ProductId> = None;
    while !filterable.0.is_empty() {
        let ids = ids_after(conn, last)?;
        let Some(end) = ids.last() else { break };
        last = Some(*end);
        for (id, found) in values_of_products(conn, &filterable, &ids)? {
            insert(conn, id, found)?;
        }
    }
    Ok(())
}

/// Some products, those that come next in the order of ids.
pub(super) fn ids_after(conn: &mut Conn, last: Option<ProductId>) -> QueryResult<Vec<ProductId>> {
    let mut query = products::table.order(products::id.asc()).limit(AT_ONCE).select(products::id).into_boxed();
    if let Some(last) = last {
        query = query.filter(products::id.gt(last));
    }
    query.load(conn)
}

/// What a product is filtered by: values by key.
type Values = Vec<(String, AttributeValue)>;

/// What each of these products is filtered by.
pub(super) fn values_of_products(
    conn: &mut Conn,
    filterable: &Filterable,
    ids: &[ProductId],
) -> QueryResult<Vec<(ProductId, Values)>> {
    let rows: Vec<(ProductId, Json<Attributes>)> =
        products::table.filter(products::id.eq_any(ids)).select((products::id, products::attributes)).load(conn)?;
    let chosen: Vec<(ProductId, Json<VariantOptions>)> = variants::table
        .filter(variants::product_id.eq_any(ids))
        .select((variants::product_id, variants::options))
        .load(conn)?;
    let mut options: HashMap<ProductId, Vec<Json<VariantOptions>>> = HashMap::new();
    chosen.into_iter().for_each(|(of, chosen)| options.entry(of).or_default().push(chosen));
    let values = rows.into_iter().map(|(id, attributes)| {
        let options = options.get(&id).into_iter().flatten().map(|options| &**options);
        (id, filterable.values_of(&attributes, options))
    });
    Ok(values.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{ids::AttributeId, time::UtcTime};

    fn definition(key: &str, kind: AttributeKind) -> Definition {
        Definition {
            id: AttributeId::new(),
            key: key.to_owned(),
            label: key.to_owned(),
            kind,
            unit: None,
            filterable: true,
            position: 0,
            version: 1,
            created_at: UtcTime::from_micros(0),
            updated_at: UtcTime::from_micros(0),
        }
    }

    #[test]
    fn a_value_counts_where_it_is_of_its_kind_and_options_count_like_attributes() {
        let filterable = Filterable(vec![
            definition("color", AttributeKind::Text),
            definition("seat_height_cm", AttributeKind::Number),
            definition("washable", AttributeKind::Boolean),
            definition("styles", AttributeKind::List),
        ]);
        let attributes: Attributes = serde_json::from_value(json!({
            "color": "Natural Oak", "seat_height_cm": 45, "washable": true, "styles": ["Nordic", "nordic", "日本"],
            "other": "x"
        }))
        .unwrap();
        let options: VariantOptions = [("Color".to_owned(), "black".to_owned())].into_iter().collect();
        let found = filterable.values_of(&attributes, [&options, &options].into_iter());
        let text = |key: &str, slug: &str, label: &str| {
            (key.to_owned(), AttributeValue::Text { slug: slug.to_owned(), label: label.to_owned() })
        };
        assert_eq!(
            found,
            [
                text("color", "natural-oak", "Natural Oak"),
                text("color", "black", "black"),
                ("seat_height_cm".to_owned(), AttributeValue::Number(45.0)),
                text("washable", "true", "true"),
                text("styles", "nordic", "Nordic"),
                text("styles", "日本", "日本"),
            ]
        );
        let unfit: Attributes = serde_json::from_value(json!({"color": 1, "seat_height_cm": "45"})).unwrap();
        assert!(filterable.values_of(&unfit, std::iter::empty()).is_empty());
    }
}
