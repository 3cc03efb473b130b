//! Products by what a caller calls them.

use diesel::prelude::*;

use super::{model::Slug, store};
use crate::{
    db::{Conn, schema::products},
    ids::ProductId,
};

/// The products that are named by their ids, by a slug that one has or had, and by an external id, where more than one
/// is given by all of them; `None` where none is. What names nothing leaves nothing.
///
/// # Errors
/// A database error.
pub fn ids_named(
    conn: &mut Conn,
    ids: Option<&[String]>,
    slug: Option<&str>,
    external_id: Option<&str>,
) -> QueryResult<Option<Vec<ProductId>>> {
    let mut left: Option<Vec<ProductId>> = ids.map(|ids| ids.iter().filter_map(|it| it.parse().ok()).collect());
    let of_slug = slug.map(|slug| id_of_slug(conn, slug)).transpose()?;
    let of_external_id = external_id.map(|key| id_of_external_id(conn, key)).transpose()?;
    for found in [of_slug, of_external_id].into_iter().flatten() {
        let fits = |id: &ProductId| left.as_ref().is_none_or(|left| left.contains(id));
        left = Some(found.into_iter().filter(fits).collect());
    }
    Ok(left)
}

fn id_of_slug(conn: &mut Conn, slug: &str) -> QueryResult<Option<ProductId>> {
    let Ok(slug) = slug.parse::<Slug>() else { return Ok(None) };
    Ok(store::find_product_by_slug(conn, &slug)?.map(|row| row.id))
}

fn id_of_external_id(conn: &mut Conn, external_id: &str) -> QueryResult<Option<ProductId>> {
    products::table.filter(products::external_id.eq(external_id)).select(products::id).first(conn).optional()
}
