//! The index's fields, and how a document fills them.

use std::collections::BTreeMap;

use tantivy::{
    TantivyDocument,
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, JsonObjectOptions, OwnedValue, STRING, Schema, SchemaBuilder,
        TextFieldIndexing, TextOptions,
    },
    tokenizer::RAW_TOKENIZER_NAME,
};

use super::{
    Label, SearchDocument,
    analysis::{Analysis, PLAIN, STEMMED, normalized},
};
use crate::{
    catalog::filterable::AttributeValue,
    ids::{Id, Kind},
    money::Currency,
    text::fold,
};

/// Number of the index's layout; another one on disk is built anew, and answers meanwhile where it has the same fields. It
/// goes up whenever an analyzer or what goes into a field changes.
pub(super) const LAYOUT: u32 = 6;

/// Names of fields that are read column-wise.
pub(super) mod column {
    pub(in crate::search) const ID_HIGH: &str = "id_high";
    pub(in crate::search) const ID_LOW: &str = "id_low";
    pub(in crate::search) const VERSION: &str = "version";
    pub(in crate::search) const CREATED_AT: &str = "created_at";
    pub(in crate::search) const POPULARITY: &str = "popularity";
    pub(in crate::search) const NAME_ORDER: &str = "name_order";
    pub(in crate::search) const PRICES: &str = "prices";
    pub(in crate::search) const BRAND: &str = "brand_facet";
    pub(in crate::search) const CATEGORY: &str = "category_facets";
    pub(in crate::search) const ATTRIBUTES: &str = "attribute_facets";
    pub(in crate::search) const NUMBERS: &str = "attribute_numbers";
}

/// Stands between the slug, the label and the id of a value that is counted.
pub(super) const SEPARATOR: char = '\u{1f}';

/// The column of a filterable attribute's values.
pub(super) fn attribute_column(key: &str) -> String {
    format!("{}.{key}", column::ATTRIBUTES)
}

/// The column of a filterable attribute's numbers.
pub(super) fn number_column(key: &str) -> String {
    format!("{}.{key}", column::NUMBERS)
}

/// The column of prices in a currency.
pub(super) fn price_column(currency: Currency) -> String {
    format!("{}.{currency}", column::PRICES)
}

/// What a product is filtered by that has this value of an attribute.
pub(super) fn attribute_key(key: &str, slug: &str) -> String {
    format!("{key}={slug}")
}

/// The fields.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    /// The id's text, to delete by.
    pub(super) product: Field,
    id_high: Field,
    id_low: Field,
    version: Field,
    /// The name's words, stemmed, with their places.
    pub(super) name: Field,
    /// The name's words as written.
    pub(super) name_plain: Field,
    /// Stems of what the product is made for, where it is an accessory.
    pub(super) made_for: Field,
    pub(super) brand: Field,
    /// SKUs and barcodes, whole.
    pub(super) code: Field,
    pub(super) categories: Field,
    pub(super) attributes: Field,
    pub(super) description: Field,
    /// The words of names, brands, categories and attributes as written: what a word can be completed or corrected to.
    pub(super) vocabulary: Field,
    /// Ids and slugs.
    pub(super) category_key: Field,
    /// Id and slug.
    pub(super) brand_key: Field,
    brand_facet: Field,
    category_facets: Field,
    /// Keys and slugs of filterable attributes.
    pub(super) attribute_key: Field,
    attribute_facets: Field,
    pub(super) attribute_numbers: Field,
    pub(super) in_stock: Field,
    pub(super) created_at: Field,
    popularity: Field,
    name_order: Field,
    /// Minor units of the cheapest variant by currency code: one column for each currency, made as they come.
    pub(super) prices: Field,
}

impl Fields {
    /// The index's schema and the handles of its fields.
    pub(super) fn new() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let fields = Self {
            product: schema.add_text_field("product", STRING),
            id_high: schema.add_u64_field(column::ID_HIGH, FAST),
            id_low: schema.add_u64_field(column::ID_LOW, FAST),
            version: schema.add_i64_field(column::VERSION, FAST),
            name: text(&mut schema, "name", STEMMED, IndexRecordOption::WithFreqsAndPositions),
            name_plain: text(&mut schema, "name_plain", PLAIN, IndexRecordOption::WithFreqs),
            made_for: schema.add_text_field("made_for", STRING),
            brand: text(&mut schema, "brand", PLAIN, IndexRecordOption::WithFreqs),
            code: schema.add_text_field("code", STRING),
            categories: text(&mut schema, "categories", STEMMED, IndexRecordOption::WithFreqs),
            attributes: text(&mut schema, "attributes", STEMMED, IndexRecordOption::WithFreqs),
            description: text(&mut schema, "description", STEMMED, IndexRecordOption::WithFreqs),
            vocabulary: text(&mut schema, "vocabulary", PLAIN, IndexRecordOption::Basic),
            category_key: schema.add_text_field("category_key", STRING),
            brand_key: schema.add_text_field("brand_key", STRING),
            brand_facet: schema.add_text_field(column::BRAND, whole()),
            category_facets: schema.add_text_field(column::CATEGORY, whole()),
            attribute_key: schema.add_text_field("attribute_key", STRING),
            attribute_facets: schema.add_json_field(column::ATTRIBUTES, columns()),
            attribute_numbers: schema.add_json_field(column::NUMBERS, columns()),
            in_stock: schema.add_bool_field("in_stock", INDEXED),
            created_at: schema.add_i64_field(column::CREATED_AT, FAST),
            popularity: schema.add_i64_field(column::POPULARITY, FAST),
            name_order: schema.add_text_field(column::NAME_ORDER, whole()),
            prices: schema.add_json_field(column::PRICES, columns()),
        };
        (schema.build(), fields)
    }

    /// The document in the index's own form.
    pub(super) fn fill(&self, analysis: &mut Analysis, document: &SearchDocument) -> TantivyDocument {
        let SearchDocument {
            product_id,
            name,
            brand,
            skus,
            barcodes,
            categories,
            attributes,
            filterable,
            description,
            prices,
            in_stock,
            popularity,
            created_at,
            version,
        } = document;
        let mut filled = TantivyDocument::new();
        let bits = product_id.bits();
        filled.add_text(self.product, product_id.as_str());
        filled.add_u64(self.id_high, (bits >> 64) as u64);
        filled.add_u64(self.id_low, bits as u64);
        filled.add_i64(self.version, *version);
        filled.add_i64(self.created_at, created_at.micros());
        filled.add_bool(self.in_stock, *in_stock);
        if let Some(popularity) = popularity {
            filled.add_i64(self.popularity, *popularity);
        }
        filled.add_text(self.name_order, fold(name));
        let name = normalized(name);
        filled.add_text(self.name, &name);
        filled.add_text(self.name_plain, &name);
        for stem in analysis.made_for(&name) {
            filled.add_text(self.made_for, stem);
        }
        let labels = brand.iter().map(|it| &it.name).chain(categories.iter().map(|it| &it.name));
        for text in [&name].into_iter().chain(labels).chain(attributes) {
            filled.add_text(self.vocabulary, normalized(text));
        }
        add_labels(&mut filled, self.brand, self.brand_key, self.brand_facet, brand.as_slice());
        add_labels(&mut filled, self.categories, self.category_key, self.category_facets, categories);
        self.fill_filterable(&mut filled, filterable);
        for code in skus.iter().chain(barcodes) {
            filled.add_text(self.code, analysis.code(code));
        }
        for text in attributes {
            filled.add_text(self.attributes, normalized(text));
        }
        filled.add_text(self.description, normalized(description));
        let prices = prices.iter().map(|price| (price.currency.to_string(), OwnedValue::I64(price.minor)));
        filled.add_object(self.prices, prices.collect());
        filled
    }

    fn fill_filterable(&self, filled: &mut TantivyDocument, filterable: &[(String, AttributeValue)]) {
        let mut values: BTreeMap<String, OwnedValue> = BTreeMap::new();
        let mut numbers: BTreeMap<String, OwnedValue> = BTreeMap::new();
        for (key, value) in filterable {
            match value {
                AttributeValue::Number(number) => {
                    numbers.insert(key.clone(), OwnedValue::F64(*number));
                }
                AttributeValue::Text { slug, label } => {
                    filled.add_text(self.attribute_key, attribute_key(key, slug));
                    let value = OwnedValue::Str(format!("{slug}{SEPARATOR}{label}"));
                    let of_key = values.entry(key.clone()).or_insert_with(|| OwnedValue::Array(Vec::new()));
                    if let OwnedValue::Array(of_key) = of_key
                        && !of_key.contains(&value)
                    {
                        of_key.push(value);
                    }
                }
            }
        }
        filled.add_object(self.attribute_facets, values);
        filled.add_object(self.attribute_numbers, numbers);
    }
}

/// Kept as one piece, to sort and count by.
fn whole() -> TextOptions {
    TextOptions::default().set_fast(RAW_TOKENIZER_NAME)
}

/// A column for each member, made as they come.
fn columns() -> JsonObjectOptions {
    JsonObjectOptions::default().set_fast(RAW_TOKENIZER_NAME)
}

fn add_labels<K: Kind>(
    filled: &mut TantivyDocument,
    names: Field,
    keys: Field,
    facets: Field,
    labels: &[Label<Id<K>>],
) {
    for label in labels {
        filled.add_text(facets, format!("{}{SEPARATOR}{}{SEPARATOR}{}", label.slug, label.name, label.id));
        filled.add_text(names, normalized(&label.name));
        filled.add_text(keys, label.id.as_str());
        filled.add_text(keys, &label.slug);
    }
}

fn text(schema: &mut SchemaBuilder, name: &str, analyzer: &str, record: IndexRecordOption) -> Field {
    let indexing = TextFieldIndexing::default().set_tokenizer(analyzer).set_index_option(record);
    schema.add_text_field(name, TextOptions::default().set_indexing_options(indexing))
}
