//! What rules name, so that it stays while they do.

use diesel::prelude::*;

use super::{rules::CollectionRules, store::CollectionType};
use crate::{
    db::{
        Conn,
        columns::Json,
        constraints::{Failure, classify},
        schema::{collection_rule_brands as of_brands, collection_rule_categories as of_categories, collections},
    },
    error::{Code, Error, Problem, Result, Violation},
    ids::{BrandId, CategoryId, CollectionId},
};

/// The most collections that are named to whoever wants to delete what they name.
const TOLD: usize = 20;

/// Writes down what the rules of a collection name, in the place of what they named before.
pub(super) fn note(conn: &mut Conn, id: CollectionId, rules: &CollectionRules) -> Result<()> {
    diesel::delete(of_categories::table.filter(of_categories::collection_id.eq(id))).execute(conn)?;
    diesel::delete(of_brands::table.filter(of_brands::collection_id.eq(id))).execute(conn)?;
    let (categories, brands) = rules.named();
    // In the order of ids, so that two writers never wait for each other.
    for category in categories {
        let row = (of_categories::collection_id.eq(id), of_categories::category_id.eq(category));
        diesel::insert_into(of_categories::table).values(row).execute(conn).map_err(gone)?;
    }
    for brand in brands {
        let row = (of_brands::collection_id.eq(id), of_brands::brand_id.eq(brand));
        diesel::insert_into(of_brands::table).values(row).execute(conn).map_err(gone)?;
    }
    Ok(())
}

/// It was deleted since it was looked for.
fn gone(error: diesel::result::Error) -> Error {
    match classify(&error) {
        Failure::ForeignKey => {
            Violation::at("#/rules", Code::NotFound, "A category or brand that they name is gone.").into()
        }
        _ => error.into(),
    }
}

/// Refuses to let a category go that rules name.
///
/// # Errors
/// 409 `in_use` with the collections.
pub fn spare_category(conn: &mut Conn, id: CategoryId) -> Result<()> {
    let naming = of_categories::table.inner_join(collections::table).filter(of_categories::category_id.eq(id));
    let naming = naming.select((collections::id, collections::name)).order(collections::id.asc()).limit(TOLD as i64);
    refuse(naming.load(conn)?)
}

/// Refuses to let a brand go that rules name.
///
/// # Errors
/// 409 `in_use` with the collections.
pub fn spare_brand(conn: &mut Conn, id: BrandId) -> Result<()> {
    let naming = of_brands::table.inner_join(collections::table).filter(of_brands::brand_id.eq(id));
    let naming = naming.select((collections::id, collections::name)).order(collections::id.asc()).limit(TOLD as i64);
    refuse(naming.load(conn)?)
}

/// Refuses to let an attribute go, or be filtered by no more, that rules name. Whoever writes rules holds the definitions,
/// and whoever changes one has locked them, so that neither overlooks the other.
///
/// # Errors
/// 409 `in_use` with the collections.
pub fn spare_attribute(conn: &mut Conn, key: &str) -> Result<()> {
    let by_rules = collections::table.filter(collections::kind.eq(CollectionType::Rules)).order(collections::id.asc());
    let all: Vec<(CollectionId, String, Option<Json<CollectionRules>>)> =
        by_rules.select((collections::id, collections::name, collections::rules)).load(conn)?;
    let naming = all.into_iter().filter(|(.., rules)| rules.as_ref().is_some_and(|it| it.name_attribute(key)));
    refuse(naming.map(|(id, name, _)| (id, name)).take(TOLD).collect())
}

fn refuse(naming: Vec<(CollectionId, String)>) -> Result<()> {
    if naming.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = naming.iter().map(|(_, name)| format!("`{name}`")).collect();
    let detail = format!("The rules of collections name it: {}.", names.join(", "));
    let ids: Vec<CollectionId> = naming.into_iter().map(|(id, _)| id).collect();
    Err(Problem::new(Code::InUse, detail).with("collection_ids", ids).into())
}
