//! What the rows so far have named, so that no two rows speak of one thing: the file would not be the same twice over.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use crate::error::{Code, Violation};

/// What only one row of a file may name.
pub(super) struct Name {
    /// Of what kind it is, in words.
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// Where the row names it.
    pub(super) pointer: String,
    /// Why another row is refused.
    pub(super) code: Code,
}

#[derive(Default)]
pub(super) struct Seen {
    hasher: RandomState,
    /// The row of each name, by the name's hash: a file may have millions of them.
    rows: HashMap<u64, u64>,
}

impl Seen {
    /// Notes what a row names, unless an earlier one has named some of it: that is what is wrong then.
    pub(super) fn note(&mut self, row: u64, names: Vec<Name>) -> Vec<Violation> {
        let mut violations = Vec::new();
        let mut keys = Vec::new();
        for Name { kind, name, pointer, code } in names {
            let key = self.hasher.hash_one((kind, &name));
            if let Some(earlier) = self.rows.get(&key) {
                let detail = format!("Row {earlier} has the {kind} `{name}` already.");
                violations.push(Violation::at(pointer, code, detail));
            }
            keys.push(key);
        }
        if violations.is_empty() {
            self.rows.extend(keys.into_iter().map(|key| (key, row)));
        }
        violations
    }
}
