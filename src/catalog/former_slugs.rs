//! Slugs that products, categories, collections and brands have had before: they still lead to them, and no other may take
//! them.

use std::{collections::HashMap, hash::Hash};

use diesel::prelude::*;

use super::model::Slug;
use crate::{
    db::{
        Conn,
        schema::{
            brands, categories, collections, former_brand_slugs, former_category_slugs, former_collection_slugs,
            former_product_slugs, products,
        },
    },
    error::{Code, Result, Violation},
    ids::{BrandId, CategoryId, CollectionId, ProductId},
};

fn by_owner<I: Eq + Hash>(rows: Vec<(I, Slug)>) -> HashMap<I, Vec<Slug>> {
    let mut all: HashMap<I, Vec<Slug>> = HashMap::new();
    for (id, slug) in rows {
        all.entry(id).or_default().push(slug);
    }
    all
}

macro_rules! former_slugs {
    ($(#[$about:meta])* $module:ident: $owners:ident, $table:ident, $owner:ident, $id:ident, $taken:literal) => {
        $(#[$about])*
        pub mod $module {
            use super::*;

            /// Whose a slug was.
            ///
            /// # Errors
            /// A database error.
            pub fn holder(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<$id>> {
                $table::table.find(slug).select($table::$owner).first(conn).optional()
            }

            /// Those of some, by whose they were, in their order.
            ///
            /// # Errors
            /// A database error.
            pub fn of(conn: &mut Conn, owners: &[$id]) -> QueryResult<HashMap<$id, Vec<Slug>>> {
                let own = $table::table.filter($table::$owner.eq_any(owners)).order($table::slug.asc());
                Ok(by_owner(own.select(($table::$owner, $table::slug)).load(conn)?))
            }

            /// Whether a slug was another's.
            ///
            /// # Errors
            /// A database error.
            pub fn was_anothers(conn: &mut Conn, slug: &Slug, own: $id) -> QueryResult<bool> {
                Ok(holder(conn, slug)?.is_some_and(|it| it != own))
            }

            /// Keeps the slug `before`, which `after` has taken the place of. One that was its own before is so again.
            ///
            /// # Errors
            /// A database error.
            pub fn keep(conn: &mut Conn, own: $id, before: &Slug, after: &Slug) -> QueryResult<()> {
                diesel::delete($table::table.find(after).filter($table::$owner.eq(own))).execute(conn)?;
                let former = ($table::slug.eq(before), $table::$owner.eq(own));
                diesel::insert_into($table::table).values(former).execute(conn).map(drop)
            }

            /// Lets slugs lead to what has the slug `present` now, as they did in another shop; says whether one is new.
            ///
            /// # Errors
            /// 409 `slug_taken` where another has, or had, one of them.
            pub fn adopt(conn: &mut Conn, own: $id, present: &Slug, former: &[Slug]) -> Result<bool> {
                let mut is_new = false;
                for (place, slug) in former.iter().enumerate().filter(|(_, slug)| *slug != present) {
                    let owner = $owners::table.filter($owners::slug.eq(slug)).select($owners::id);
                    let owner: Option<$id> = owner.first(conn).optional()?;
                    match owner.or(holder(conn, slug)?) {
                        Some(id) if id == own => {}
                        Some(_) => {
                            let at = format!("#/former_slugs/{place}");
                            return Err(Violation::at(at, Code::SlugTaken, $taken).into());
                        }
                        None => {
                            let row = ($table::slug.eq(slug), $table::$owner.eq(own));
                            diesel::insert_into($table::table).values(row).execute(conn)?;
                            is_new = true;
                        }
                    }
                }
                Ok(is_new)
            }
        }
    };
}

former_slugs! {
    /// Those of products.
    of_products: products, former_product_slugs, product_id, ProductId, "Another product has, or had, this slug."
}

former_slugs! {
    /// Those of categories.
    of_categories: categories, former_category_slugs, category_id, CategoryId, "Another has, or had, this slug."
}

former_slugs! {
    /// Those of collections.
    of_collections: collections, former_collection_slugs, collection_id, CollectionId, "Another has, or had, this slug."
}

former_slugs! {
    /// Those of brands.
    of_brands: brands, former_brand_slugs, brand_id, BrandId, "Another has, or had, this slug."
}

macro_rules! all_former_slugs {
    ($(#[$about:meta])* $function:ident: $table:ident, $owner:ident, $id:ident) => {
        $(#[$about])*
        ///
        /// # Errors
        /// A database error.
        pub fn $function(conn: &mut Conn) -> QueryResult<HashMap<$id, Vec<Slug>>> {
            let rows: Vec<($id, Slug)> =
                $table::table.order($table::slug.asc()).select(($table::$owner, $table::slug)).load(conn)?;
            Ok(by_owner(rows))
        }
    };
}

all_former_slugs! {
    /// All of categories, by whose they were.
    all_of_categories: former_category_slugs, category_id, CategoryId
}

all_former_slugs! {
    /// All of collections, by whose they were.
    all_of_collections: former_collection_slugs, collection_id, CollectionId
}

all_former_slugs! {
    /// All of brands, by whose they were.
    all_of_brands: former_brand_slugs, brand_id, BrandId
}
