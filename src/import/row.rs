//! From an entry of the file to a product, by the mapping: everything that can be said of it without the shop.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    attributes,
    fields::{Fields, words},
    mapping::{DecimalSign, Mapping, PriceUnit, Stock},
    path::Path,
    read::Entry,
};
use crate::{
    catalog::model::{Attributes, OrderQuantities, ProductStatus, Slug, VariantOptions},
    db::columns::TextColumn as _,
    error::{Code, Violation},
    money::{self, Currency},
    patch::Patch,
};

/// The most variants and images of an entry, and levels of its category.
const MOST_VARIANTS: usize = 1000;
const MOST_IMAGES: usize = 100;
const MOST_LEVELS: usize = 20;
/// Units of a variant on the shelf.
const MOST_STOCK: i64 = 1_000_000_000;

/// A row of the file.
#[derive(Debug)]
pub(super) struct Row {
    /// Its line, or its place in the list, from 1.
    pub(super) number: u64,
    /// For the report; also where the row is refused.
    pub(super) external_id: Option<String>,
    pub(super) product: Result<ProductDraft, Vec<Violation>>,
    /// The pointers of its variants.
    pub(super) variants_at: Vec<String>,
}

/// What a row says of a product. What it does not say stays.
#[derive(Debug, Clone)]
pub(super) struct ProductDraft {
    pub(super) external_id: String,
    pub(super) slug: Option<Slug>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) brand: Patch<String>,
    /// Names from the root down.
    pub(super) category_path: Option<Vec<String>>,
    pub(super) attributes: Attributes,
    /// The pointers of attributes, by key.
    pub(super) attributes_at: BTreeMap<String, String>,
    /// Names of files.
    pub(super) images: Vec<String>,
    pub(super) status: Option<ProductStatus>,
    pub(super) variants: Vec<VariantDraft>,
}

/// What a row says of a variant.
#[derive(Debug, Clone)]
pub(super) struct VariantDraft {
    pub(super) sku: String,
    pub(super) name: Patch<String>,
    pub(super) options: Option<VariantOptions>,
    pub(super) prices: Vec<PriceDraft>,
    /// For a new variant alone.
    pub(super) stock: Option<i64>,
    pub(super) barcode: Patch<String>,
    pub(super) weight_grams: Patch<i32>,
    pub(super) min_order_quantity: Option<i32>,
    pub(super) max_order_quantity: Patch<i32>,
}

/// What a row says of a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PriceDraft {
    pub(super) currency: Currency,
    pub(super) amount: i64,
    /// What it cost before; absent where the mapping names no place for it.
    pub(super) compare_at: Patch<i64>,
}

/// Reads a row.
pub(super) fn read_row(mapping: &Mapping, currency: Option<Currency>, entry: Entry) -> Row {
    let Entry { row: number, json, .. } = entry;
    let json = match json {
        Ok(json) if json.is_object() => json,
        Ok(_) => return unreadable(number, Code::MalformedJson, "The entry is not an object.".to_owned()),
        Err((code, reason)) => return unreadable(number, code, reason),
    };
    let mut fields = Fields::of(&json, "#".to_owned());
    let external_id = fields.text(&mapping.product.external_id, 1, 200);
    let product = product(mapping, &json, &mut fields, external_id.clone());
    let (variants, variants_at) = variants(mapping, currency, &json, &mut fields);
    repeated_skus(mapping, &variants, &variants_at, &mut fields);
    let external_id = external_id.ok_or(());
    let product = match (external_id.clone(), fields.violations.is_empty()) {
        (Ok(external_id), true) => Ok(ProductDraft { external_id, variants, ..product }),
        _ => Err(fields.violations),
    };
    Row { number, external_id: external_id.ok(), product, variants_at }
}

fn unreadable(number: u64, code: Code, reason: String) -> Row {
    let violations = vec![Violation::at("#", code, reason)];
    Row { number, external_id: None, product: Err(violations), variants_at: Vec::new() }
}

/// All but the variants.
fn product(mapping: &Mapping, json: &Value, fields: &mut Fields<'_>, external_id: Option<String>) -> ProductDraft {
    let of = &mapping.product;
    let slug = of.slug.as_ref().and_then(|path| {
        let text = fields.optional_text(path, 1, 100);
        let slug = words(&text).map(str::parse::<Slug>);
        if let Some(Err(_)) = slug {
            let detail = "A slug is lower-case letters and digits, with single hyphens between them.";
            fields.refuse(path, Code::InvalidFormat, detail);
        }
        slug.and_then(Result::ok)
    });
    let name = match fields.optional_text(&of.name, 1, 500) {
        Patch::Value(name) => Some(name),
        Patch::Absent => None,
        Patch::Null => {
            fields.refuse(&of.name, Code::Required, "A product has a name.");
            None
        }
    };
    let description = of.description.as_ref().map(|path| fields.optional_text(path, 0, 20_000));
    let brand = of.brand.as_ref().map(|path| fields.optional_text(path, 0, 500)).unwrap_or_default();
    let category_path = of.category_path.as_ref().and_then(|path| fields.texts(path, MOST_LEVELS, 500));
    let attributes::Found { attributes, at: attributes_at } = attributes::read(&of.attributes, json, fields);
    let images = of.images.as_ref().and_then(|path| fields.texts(path, MOST_IMAGES, 500));
    ProductDraft {
        external_id: external_id.unwrap_or_default(),
        slug,
        name,
        description: match description {
            None | Some(Patch::Absent) => None,
            Some(Patch::Null) => Some(String::new()),
            Some(Patch::Value(text)) => Some(text),
        },
        brand: if words(&brand).is_some_and(|it| it.trim().is_empty()) { Patch::Null } else { brand },
        category_path: category_path.filter(|it| !it.is_empty()),
        attributes,
        attributes_at,
        images: images.unwrap_or_default(),
        status: of.status.as_ref().and_then(|path| status(path, &of.status_names, fields)),
        variants: Vec::new(),
    }
}

/// The variants, and their pointers.
fn variants(
    mapping: &Mapping,
    currency: Option<Currency>,
    json: &Value,
    fields: &mut Fields<'_>,
) -> (Vec<VariantDraft>, Vec<String>) {
    let (items, at): (Vec<&Value>, Vec<String>) = match &mapping.variant.items {
        None => (vec![json], vec!["#".to_owned()]),
        Some(path) => match path.find(json) {
            Some(Value::Array(items)) if items.len() <= MOST_VARIANTS => {
                let at = (0..items.len()).map(|place| format!("{}/{place}", path.pointer("#")));
                (items.iter().collect(), at.collect())
            }
            Some(Value::Array(_)) => {
                fields.refuse(path, Code::TooLong, format!("A product has at most {MOST_VARIANTS} variants."));
                return Default::default();
            }
            Some(Value::Null) | None => return Default::default(),
            Some(_) => {
                fields.refuse(path, Code::InvalidType, "This must be a list of variants.");
                return Default::default();
            }
        },
    };
    let mut drafts = Vec::new();
    for (item, at) in items.iter().zip(&at) {
        let mut own = Fields::of(item, at.clone());
        drafts.push(variant(mapping, currency, &mut own));
        fields.violations.append(&mut own.violations);
    }
    (drafts, at)
}

fn variant(mapping: &Mapping, currency: Option<Currency>, fields: &mut Fields<'_>) -> VariantDraft {
    let of = &mapping.variant;
    VariantDraft {
        sku: fields.text(&of.sku, 1, 100).unwrap_or_default(),
        name: of.name.as_ref().map(|path| fields.optional_text(path, 1, 500)).unwrap_or_default(),
        options: of.options.as_ref().and_then(|of| fields.options(of)),
        prices: prices(mapping, currency, fields),
        stock: match &of.stock {
            None => None,
            Some(Stock::Constant(units)) => Some(i64::from(*units)),
            Some(Stock::At(path)) => fields.integer(path, 0, MOST_STOCK),
        },
        barcode: of.barcode.as_ref().map(|path| fields.optional_text(path, 1, 100)).unwrap_or_default(),
        weight_grams: number(of.weight_grams.as_ref(), 0, i32::MAX, fields).map_or(Patch::Absent, Patch::Value),
        min_order_quantity: number(of.min_order_quantity.as_ref(), 1, OrderQuantities::MOST, fields),
        max_order_quantity: number(of.max_order_quantity.as_ref(), 1, OrderQuantities::MOST, fields)
            .map_or(Patch::Absent, Patch::Value),
    }
}

fn number(path: Option<&Path>, min: i32, max: i32, fields: &mut Fields<'_>) -> Option<i32> {
    fields.integer(path?, min.into(), max.into()).and_then(|it| i32::try_from(it).ok())
}

/// The state that the file names, by our name for it or by its own.
fn status(path: &Path, names: &BTreeMap<String, ProductStatus>, fields: &mut Fields<'_>) -> Option<ProductStatus> {
    let said = fields.optional_text(path, 0, 100);
    let said = words(&said).map(str::trim).filter(|it| !it.is_empty())?;
    let known = names.get(said).copied().or_else(|| ProductStatus::from_text(said.to_lowercase()));
    if known.is_none() {
        let detail = format!("`{said}` is neither `draft`, `published` or `archived` nor one of the mapping's names.");
        fields.refuse(path, Code::InvalidValue, detail);
    }
    known
}

fn prices(mapping: &Mapping, currency: Option<Currency>, fields: &mut Fields<'_>) -> Vec<PriceDraft> {
    let Mapping { variant: of, decimal, .. } = mapping;
    let Some(unit) = of.price_unit else { return Vec::new() };
    let own = currency.zip(of.price.as_ref()).map(|(currency, price)| (currency, price, of.compare_at.as_ref()));
    let further = of.prices.iter().map(|it| (it.currency, &it.price, it.compare_at.as_ref()));
    let mut drafts = Vec::new();
    for (currency, price, compare_at) in own.into_iter().chain(further) {
        let amount = amount(price, unit, decimal, currency, fields);
        let before = compare_at.and_then(|path| self::amount(path, unit, decimal, currency, fields));
        if let (Some(_), Some(path), false) = (before, compare_at, fields.say(price)) {
            fields.refuse(path, Code::Required, "What it cost before needs what it costs now beside it.");
        }
        let compare_at = match (compare_at, before) {
            (None, _) => Patch::Absent,
            (Some(_), before) => before.map_or(Patch::Null, Patch::Value),
        };
        drafts.extend(amount.map(|amount| PriceDraft { currency, amount, compare_at }));
    }
    drafts
}

fn amount(
    path: &Path,
    unit: PriceUnit,
    decimal: &DecimalSign,
    currency: Currency,
    fields: &mut Fields<'_>,
) -> Option<i64> {
    match unit {
        PriceUnit::Minor => fields.integer(path, 0, money::LARGEST),
        PriceUnit::Decimal => {
            let text = fields.number_text(path)?;
            let number = decimal.with_point(&text);
            let parsed = number.and_then(|it| money::parse_decimal(&it, currency.digits())).filter(|it| *it >= 0);
            if parsed.is_none() {
                let detail = format!(
                    "`{text}` is not a price in {currency}: a decimal with at most {} places.",
                    currency.digits()
                );
                fields.refuse(path, Code::InvalidFormat, detail);
            }
            parsed
        }
    }
}

/// A SKU that stands more than once within the entry: one violation for each such SKU, with all its places.
fn repeated_skus(mapping: &Mapping, variants: &[VariantDraft], at: &[String], fields: &mut Fields<'_>) {
    for (place, variant) in variants.iter().enumerate() {
        let sku = &variant.sku;
        let is_first = variants[..place].iter().all(|it| it.sku != *sku);
        let alike = variants.iter().zip(at).filter(|(it, _)| it.sku == *sku && !sku.is_empty());
        let places: Vec<String> = alike.map(|(_, at)| mapping.variant.sku.pointer(at)).collect();
        if is_first && let [first, .., _] = places.as_slice() {
            let detail = format!("The SKU `{sku}` stands on {} variants: {}.", places.len(), places.join(", "));
            fields.violations.push(Violation::at(first.clone(), Code::SkuTaken, detail));
        }
    }
}

#[cfg(test)]
mod tests;
