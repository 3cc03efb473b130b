//! Collections, with slugs in the place of the ids that they name.

use std::collections::HashMap;

use diesel::{prelude::*, result::Error as DieselError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Written, write::exactly};
use crate::{
    catalog::{
        collections::{
            rules::CollectionRules,
            store::{self, CollectionType},
            write_collection::{CollectionChange, NewCollection, change_collection, create_collection},
        },
        former_slugs,
        model::Slug,
    },
    db::{
        Conn,
        schema::{brands, categories, collections, products},
    },
    error::{Code, Error, Result, Violation},
    events::{EventType, record},
    http::{etag::IfMatch, json::from_tree},
    ids::{BrandId, CategoryId, CollectionId, ProductId},
    money::Currency,
    time::UtcTime,
};

/// A collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortableCollection {
    /// Its name in addresses, by which it is found again where it has no external id.
    pub slug: Slug,
    /// The shop's own key for it.
    #[schema(required, min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// Its name.
    #[schema(min_length = 1, max_length = 500)]
    pub name: String,
    /// What it is.
    #[schema(max_length = 20000)]
    pub description: String,
    /// How it comes by its products.
    pub kind: CollectionType,
    /// Whether shoppers see it.
    pub published: bool,
    /// Its place among the collections.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub position: i32,
    /// Of one by rules: as the API has them, with slugs for categories and brands.
    #[schema(required, value_type = Option<Object>)]
    pub rules: Option<Value>,
    /// Of one by hand: the slugs of its products, in their order.
    #[schema(max_items = 1000)]
    pub products: Vec<Slug>,
    /// Slugs that it had and that still lead to it.
    #[serde(default)]
    #[schema(max_items = 10000)]
    pub former_slugs: Vec<Slug>,
}

/// The members of a condition that name things by their ids.
const CATEGORY: &str = "category";
const BRAND: &str = "brand";

/// Calls `each` with every collection, in the order of their ids.
///
/// # Errors
/// A database error, or what `each` returns.
pub fn for_each_collection<E: From<DieselError>>(
    conn: &mut Conn,
    mut each: impl FnMut(PortableCollection) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let slugs = Slugs::load(conn)?;
    let mut former = former_slugs::all_of_collections(conn)?;
    store::for_each(conn, |conn, row, product_ids| {
        let known: HashMap<ProductId, Slug> = products::table
            .filter(products::id.eq_any(&product_ids))
            .select((products::id, products::slug))
            .load(conn)?
            .into_iter()
            .collect();
        each(PortableCollection {
            slug: row.slug,
            external_id: row.external_id,
            name: row.name,
            description: row.description,
            kind: row.kind,
            published: row.published,
            position: row.position,
            rules: row.rules.map(|rules| slugs.instead_of_ids(&rules)),
            products: product_ids.iter().filter_map(|id| known.get(id).cloned()).collect(),
            former_slugs: former.remove(&row.id).unwrap_or_default(),
        })
    })
}

/// What rules may name, by what stands in them.
struct Slugs(HashMap<String, Slug>);

impl Slugs {
    fn load(conn: &mut Conn) -> QueryResult<Self> {
        let of_categories: Vec<(CategoryId, Slug)> =
            categories::table.select((categories::id, categories::slug)).load(conn)?;
        let of_brands: Vec<(BrandId, Slug)> = brands::table.select((brands::id, brands::slug)).load(conn)?;
        let of_categories = of_categories.into_iter().map(|(id, slug)| (id.to_string(), slug));
        Ok(Self(of_categories.chain(of_brands.into_iter().map(|(id, slug)| (id.to_string(), slug))).collect()))
    }

    /// What has gone since keeps its id, and is nothing in another shop.
    fn instead_of_ids(&self, rules: &CollectionRules) -> Value {
        let mut rules = json!(rules);
        for (_, named) in names(&mut rules) {
            if let Some(slug) = named.as_str().and_then(|id| self.0.get(id)) {
                *named = json!(slug);
            }
        }
        rules
    }
}

/// What the conditions of rules name, each with a pointer to it.
fn names(rules: &mut Value) -> Vec<((&'static str, String), &mut Value)> {
    let conditions = rules.get_mut("conditions").and_then(Value::as_array_mut).into_iter().flatten();
    let mut found = Vec::new();
    for (place, condition) in conditions.enumerate() {
        for (member, named) in condition.as_object_mut().into_iter().flatten() {
            let kind = match member.as_str() {
                CATEGORY => CATEGORY,
                BRAND => BRAND,
                _ => continue,
            };
            for (number, name) in named.as_array_mut().into_iter().flatten().enumerate() {
                found.push(((kind, format!("#/rules/conditions/{place}/{kind}/{number}")), name));
            }
        }
    }
    found
}

impl PortableCollection {
    /// The slugs of the categories and of the brands that its rules name.
    pub fn named_by_rules(&self) -> (Vec<Slug>, Vec<Slug>) {
        let mut rules = self.rules.clone().unwrap_or_default();
        let mut of = |wanted: &str| {
            let all = names(&mut rules).into_iter().filter(|((kind, _), _)| *kind == wanted);
            all.filter_map(|(_, name)| name.as_str()?.parse().ok()).collect()
        };
        (of(CATEGORY), of(BRAND))
    }
}

/// Writes a collection, which is found by its external id where it has one, else by its slug.
///
/// # Errors
/// 422 with every violation, 409 `slug_taken` or `external_id_taken`.
pub fn write_collection(
    conn: &mut Conn,
    collection: &PortableCollection,
    offered: &[Currency],
    now: UtcTime,
) -> Result<Written> {
    let PortableCollection { slug, external_id, name, description, kind, published, position, .. } = collection.clone();
    let PortableCollection { rules, products, former_slugs: former, .. } = collection.clone();
    let rules = rules.map(|rules| with_ids(conn, rules)).transpose()?;
    let put = ids_of_products(conn, &products)?;
    let product_ids = (kind == CollectionType::Manual || !put.is_empty()).then_some(put);
    let Some((id, before, version)) = find(conn, external_id.as_deref(), &slug)? else {
        let (slug, position) = (Some(slug), Some(position));
        let new = NewCollection { external_id, slug, name, description, kind, rules, product_ids, published, position };
        let id = create_collection(conn, &new, offered, now)?;
        former_slugs::of_collections::adopt(conn, id, &collection.slug, &former)?;
        return Ok(Written::Created);
    };
    if before != kind {
        let detail = format!("The collection is `{}`, and stays so.", before.as_str());
        return Err(Violation::at("#/kind", Code::InvalidValue, detail).into());
    }
    let change = CollectionChange {
        external_id: exactly(external_id),
        slug: Some(slug),
        name: Some(name),
        description: Some(description),
        rules,
        product_ids,
        published: Some(published),
        position: Some(position),
    };
    change_collection(conn, id, &IfMatch::Any, change, offered, now)?;
    let after = store::find(conn, id)?.ok_or_else(Error::not_found)?;
    let is_new = former_slugs::of_collections::adopt(conn, id, &after.slug, &former)?;
    if is_new && after.version == version {
        record(conn, now, EventType::CollectionUpdated, id.as_str(), version, json!({}))?;
        return Ok(Written::Updated);
    }
    Ok(Written::by_version(version, after.version))
}

fn find(
    conn: &mut Conn,
    external_id: Option<&str>,
    slug: &Slug,
) -> QueryResult<Option<(CollectionId, CollectionType, i64)>> {
    let found = (collections::id, collections::kind, collections::version);
    if let Some(key) = external_id {
        let by_key =
            collections::table.filter(collections::external_id.eq(key)).select(found).first(conn).optional()?;
        if by_key.is_some() {
            return Ok(by_key);
        }
    }
    collections::table.filter(collections::slug.eq(slug)).select(found).first(conn).optional()
}

fn with_ids(conn: &mut Conn, mut rules: Value) -> Result<CollectionRules> {
    let mut violations = Vec::new();
    for ((kind, pointer), name) in names(&mut rules) {
        let slug: Option<Slug> = name.as_str().and_then(|it| it.parse().ok());
        let Some(slug) = slug else { continue };
        let id = match kind {
            CATEGORY => super::write::category_of_slug(conn, &slug)?.map(|id| id.to_string()),
            _ => {
                let of_slug = brands::table.filter(brands::slug.eq(&slug)).select(brands::id);
                of_slug.first::<BrandId>(conn).optional()?.map(|id| id.to_string())
            }
        };
        match id {
            Some(id) => *name = json!(id),
            None => violations.push(Violation::at(pointer, Code::NotFound, format!("There is no {kind} `{slug}`."))),
        }
    }
    if !violations.is_empty() {
        return Err(Error::invalid(violations));
    }
    from_tree(rules).map_err(|error| error.within("#/rules"))
}

fn ids_of_products(conn: &mut Conn, slugs: &[Slug]) -> Result<Vec<ProductId>> {
    let known: HashMap<Slug, ProductId> = products::table
        .filter(products::slug.eq_any(slugs))
        .select((products::slug, products::id))
        .load(conn)?
        .into_iter()
        .collect();
    let (mut ids, mut violations) = (Vec::new(), Vec::new());
    for (place, slug) in slugs.iter().enumerate() {
        match known.get(slug) {
            Some(id) => ids.push(*id),
            None => {
                let detail = format!("There is no product `{slug}`.");
                violations.push(Violation::at(format!("#/products/{place}"), Code::NotFound, detail));
            }
        }
    }
    if violations.is_empty() { Ok(ids) } else { Err(Error::invalid(violations)) }
}
