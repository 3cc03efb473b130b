//! Customers in the database, as the staff look for them.

use std::collections::HashMap;

use diesel::prelude::*;

use super::view::{AdminCustomer, GroupOfCustomer, Tag};
use crate::{
    accounts::store::{self, CustomerRow, ERASED, Person},
    auth::second_factor,
    db::{
        Conn,
        constraints::is_duplicate,
        schema::{customer_group_members, customer_groups, customer_notes, customer_tags, customers},
    },
    error::{Code, Error, Result, Violation},
    http::cursor::PageRequest,
    ids::{CustomerGroupId, CustomerId},
    keys::Keys,
    load_page_by, lock_rows,
    time::UtcTime,
    vault,
};

/// Which customers are looked for.
pub(super) struct CustomerFilter {
    /// The one of this e-mail address, by its keyed hash.
    pub(super) email_hash: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) group: Option<CustomerGroupId>,
    pub(super) disabled: Option<bool>,
    pub(super) created_from: Option<UtcTime>,
    pub(super) created_before: Option<UtcTime>,
}

macro_rules! narrow {
    ($query:ident, $filter:expr) => {
        let CustomerFilter { email_hash, external_id, tag, group, disabled, created_from, created_before } = $filter;
        $query = $query.filter(customers::email_hash.not_like(ERASED));
        if let Some(hash) = email_hash {
            $query = $query.filter(customers::email_hash.eq(hash.clone()));
        }
        if let Some(external_id) = external_id {
            $query = $query.filter(customers::external_id.eq(external_id.clone()));
        }
        if let Some(tag) = tag {
            let tagged = customer_tags::table.filter(customer_tags::tag.eq(tag.clone()));
            $query = $query.filter(customers::id.eq_any(tagged.select(customer_tags::customer_id)));
        }
        if let Some(group) = group {
            let members = customer_group_members::table.filter(customer_group_members::group_id.eq(*group));
            $query = $query.filter(customers::id.eq_any(members.select(customer_group_members::customer_id)));
        }
        match disabled {
            Some(true) => $query = $query.filter(customers::disabled_at.is_not_null()),
            Some(false) => $query = $query.filter(customers::disabled_at.is_null()),
            None => {}
        }
        if let Some(from) = created_from {
            $query = $query.filter(customers::created_at.ge(*from));
        }
        if let Some(before) = created_before {
            $query = $query.filter(customers::created_at.lt(*before));
        }
    };
}

/// A page, those who registered last first.
pub(super) fn load_page(conn: &mut Conn, filter: &CustomerFilter, page: &PageRequest<'_>) -> Result<Vec<CustomerRow>> {
    let mut query = customers::table.select(CustomerRow::as_select()).into_boxed();
    narrow!(query, filter);
    Ok(load_page_by!(conn, query, customers::id => CustomerId, false, page)?)
}

pub(super) fn count(conn: &mut Conn, filter: &CustomerFilter) -> QueryResult<i64> {
    let mut query = customers::table.select(diesel::dsl::count_star()).into_boxed();
    narrow!(query, filter);
    query.get_result(conn)
}

/// Writes what the staff may change of a row, as its next version.
pub(super) fn update(conn: &mut Conn, row: &CustomerRow, now: UtcTime) -> Result<()> {
    let changed = (
        customers::external_id.eq(&row.external_id),
        customers::name.eq(&row.name),
        customers::disabled_at.eq(row.disabled_at),
        customers::version.eq(row.version + 1),
        customers::updated_at.eq(now),
    );
    let result = diesel::update(customers::table.find(row.id)).set(changed).execute(conn);
    result.map(drop).map_err(|error| {
        if is_duplicate(&error, "customers.external_id") {
            return Violation::at("#/external_id", Code::ExternalIdTaken, "Another customer has this external id.")
                .into();
        }
        error.into()
    })
}

pub(super) fn tags_of(conn: &mut Conn, id: CustomerId) -> QueryResult<Vec<String>> {
    let own = customer_tags::table.filter(customer_tags::customer_id.eq(id));
    own.select(customer_tags::tag).order(customer_tags::tag).load(conn)
}

pub(super) fn replace_tags(conn: &mut Conn, id: CustomerId, tags: &[String]) -> QueryResult<()> {
    diesel::delete(customer_tags::table.filter(customer_tags::customer_id.eq(id))).execute(conn)?;
    for tag in tags {
        let row = (customer_tags::customer_id.eq(id), customer_tags::tag.eq(tag));
        diesel::insert_into(customer_tags::table).values(row).execute(conn)?;
    }
    Ok(())
}

pub(super) fn groups_of(conn: &mut Conn, id: CustomerId) -> QueryResult<Vec<CustomerGroupId>> {
    let own = customer_group_members::table.filter(customer_group_members::customer_id.eq(id));
    own.select(customer_group_members::group_id).order(customer_group_members::group_id).load(conn)
}

pub(super) fn replace_groups(conn: &mut Conn, id: CustomerId, groups: &[CustomerGroupId]) -> QueryResult<()> {
    let own = customer_group_members::table.filter(customer_group_members::customer_id.eq(id));
    diesel::delete(own).execute(conn)?;
    for group in groups {
        let row = (customer_group_members::customer_id.eq(id), customer_group_members::group_id.eq(*group));
        diesel::insert_into(customer_group_members::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Forgets what the staff have kept of a customer who is erased.
pub(in crate::accounts) fn forget_customer(conn: &mut Conn, id: CustomerId) -> QueryResult<()> {
    replace_tags(conn, id, &[])?;
    replace_groups(conn, id, &[])?;
    diesel::delete(customer_notes::table.filter(customer_notes::customer_id.eq(id))).execute(conn).map(drop)
}

/// How the customers look to the staff: as many statements for a page as for one.
pub(super) fn views(conn: &mut Conn, keys: &Keys, rows: Vec<CustomerRow>) -> Result<Vec<AdminCustomer>> {
    let owners: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let person_keys = vault::find_all(conn, keys, &owners)?;
    let with_second_factor = second_factor::those_with(conn, &owners)?;
    let ids: Vec<CustomerId> = rows.iter().map(|row| row.id).collect();
    let mut tags = load_tags(conn, &ids)?;
    let mut groups = load_groups(conn, &ids)?;
    let view = |row: CustomerRow| {
        let key = person_keys.get(row.id.as_str()).ok_or_else(|| Error::Internal(format!("{} has no key", row.id)))?;
        let Person { email, name } = store::open_with(key, &row)?;
        let CustomerRow { id, external_id, email_verified, disabled_at, version, created_at, updated_at, .. } = row;
        Ok(AdminCustomer {
            id,
            external_id,
            email,
            name,
            email_verified,
            second_factor: with_second_factor.contains(id.as_str()),
            disabled: disabled_at.is_some(),
            tags: tags.remove(&id).unwrap_or_default(),
            groups: groups.remove(&id).unwrap_or_default(),
            version,
            created_at,
            updated_at,
        })
    };
    rows.into_iter().map(view).collect()
}

/// One of [`views`].
pub(in crate::accounts) fn view(conn: &mut Conn, keys: &Keys, row: CustomerRow) -> Result<AdminCustomer> {
    views(conn, keys, vec![row])?.pop().ok_or_else(Error::not_found)
}

fn load_tags(conn: &mut Conn, ids: &[CustomerId]) -> QueryResult<HashMap<CustomerId, Vec<Tag>>> {
    let theirs = customer_tags::table.filter(customer_tags::customer_id.eq_any(ids)).order(customer_tags::tag);
    let rows: Vec<(CustomerId, String)> = theirs.select((customer_tags::customer_id, customer_tags::tag)).load(conn)?;
    Ok(grouped(rows.into_iter().map(|(id, tag)| (id, Tag(tag)))))
}

fn load_groups(conn: &mut Conn, ids: &[CustomerId]) -> QueryResult<HashMap<CustomerId, Vec<GroupOfCustomer>>> {
    let theirs = customer_group_members::table
        .inner_join(customer_groups::table)
        .filter(customer_group_members::customer_id.eq_any(ids))
        .order((customer_groups::name_folded, customer_groups::id));
    let rows: Vec<(CustomerId, CustomerGroupId, String)> =
        theirs.select((customer_group_members::customer_id, customer_groups::id, customer_groups::name)).load(conn)?;
    Ok(grouped(rows.into_iter().map(|(customer, id, name)| (customer, GroupOfCustomer { id, name }))))
}

fn grouped<T>(rows: impl Iterator<Item = (CustomerId, T)>) -> HashMap<CustomerId, Vec<T>> {
    rows.fold(HashMap::new(), |mut all, (id, one)| {
        all.entry(id).or_insert_with(Vec::new).push(one);
        all
    })
}

/// Those of `wanted` that are no groups of ours, by their place. The others stay until this transaction ends.
pub(super) fn unknown_groups(conn: &mut Conn, wanted: &[CustomerGroupId]) -> QueryResult<Vec<usize>> {
    let named = customer_groups::table.filter(customer_groups::id.eq_any(wanted)).order(customer_groups::id);
    lock_rows!(conn, named.select(customer_groups::id))?;
    let found: Vec<CustomerGroupId> =
        customer_groups::table.filter(customer_groups::id.eq_any(wanted)).select(customer_groups::id).load(conn)?;
    Ok((0..wanted.len()).filter(|place| !found.contains(&wanted[*place])).collect())
}
