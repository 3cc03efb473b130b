//! The category tree in memory: ancestors, descendants, paths.

use std::collections::{HashMap, HashSet};

use diesel::QueryResult;

use super::{
    model::Slug,
    store::{self, CategoryRow},
};
use crate::{db::Conn, ids::CategoryId, text::fold};

/// All categories, with the way from each to its root and to its children.
pub struct CategoryTree {
    rows: Vec<CategoryRow>,
    places: HashMap<CategoryId, usize>,
    children: HashMap<Option<CategoryId>, Vec<usize>>,
}

impl CategoryTree {
    /// The tree as it stands in the database.
    ///
    /// # Errors
    /// A database error.
    pub fn load(conn: &mut Conn) -> QueryResult<Self> {
        Ok(Self::new(store::load_categories(conn)?))
    }

    /// Builds the tree of rows that stand in the order in which siblings are shown.
    pub fn new(rows: Vec<CategoryRow>) -> Self {
        let places = rows.iter().enumerate().map(|(place, row)| (row.id, place)).collect();
        let mut children: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, row) in rows.iter().enumerate() {
            children.entry(row.parent_id).or_default().push(place);
        }
        Self { rows, places, children }
    }

    /// The category of this id.
    pub fn get(&self, id: CategoryId) -> Option<&CategoryRow> {
        self.places.get(&id).map(|place| &self.rows[*place])
    }

    /// The category of this slug.
    pub fn by_slug(&self, slug: &Slug) -> Option<&CategoryRow> {
        self.rows.iter().find(|row| row.slug == *slug)
    }

    /// The categories in whose name each word of `text` begins a word, in the order of names.
    pub fn beginning(&self, text: &str) -> Vec<&CategoryRow> {
        let text = fold(text);
        let asked: Vec<&str> = words(&text).collect();
        let begins = |row: &&CategoryRow| {
            let name = fold(&row.name);
            !asked.is_empty() && asked.iter().all(|asked| words(&name).any(|word| word.starts_with(asked)))
        };
        let mut found: Vec<&CategoryRow> = self.rows.iter().filter(begins).collect();
        found.sort_by_key(|row| (fold(&row.name), row.id));
        found
    }

    /// The children of a category, or the roots.
    pub fn children(&self, parent: Option<CategoryId>) -> impl Iterator<Item = &CategoryRow> {
        self.children.get(&parent).into_iter().flatten().map(|place| &self.rows[*place])
    }

    /// The category and its ancestors, root first.
    pub fn lineage(&self, id: CategoryId) -> Vec<&CategoryRow> {
        let mut lineage = Vec::new();
        let mut next = self.get(id);
        // Bounded, so that a cycle in damaged data cannot hold a thread.
        while let Some(row) = next.filter(|_| lineage.len() <= self.rows.len()) {
            lineage.push(row);
            next = row.parent_id.and_then(|parent| self.get(parent));
        }
        lineage.reverse();
        lineage
    }

    /// The slugs from the root to the category.
    pub fn path(&self, id: CategoryId) -> Vec<Slug> {
        self.lineage(id).into_iter().map(|row| row.slug.clone()).collect()
    }

    /// The category and all below it.
    pub fn with_descendants(&self, id: CategoryId) -> HashSet<CategoryId> {
        let mut found = HashSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(self.children(Some(id)).map(|row| row.id));
            }
        }
        found
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}
