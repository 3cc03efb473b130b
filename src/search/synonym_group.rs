//! What the shop says of words that mean the same: made, changed and deleted by the staff, read by the index.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde_json::json;

use super::synonyms::{Saying, is_phrase};
use crate::{
    db::{Conn, columns::Json, dialect, schema::synonyms},
    error::{Code, Error, Problem, Result, Violation},
    events::{EventType, record},
    http::{cursor::PageRequest, etag::IfMatch},
    ids::SynonymId,
    load_page_by, lock_rows,
    text::fold,
    time::UtcTime,
};

/// The most groups of a shop: searches hold all of them in memory.
pub const GROUPS: i64 = 1000;

/// A group.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = synonyms)]
#[allow(missing_docs, reason = "the columns are described where they are shown")]
pub struct SynonymGroup {
    pub id: SynonymId,
    pub words: Json<Vec<String>>,
    pub from_words: Json<Vec<String>>,
    pub to_words: Json<Vec<String>>,
    pub version: i64,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

/// What a group is to say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SynonymWords {
    /// Words of which each means all others.
    pub words: Vec<String>,
    /// Words that mean those of `to`, while those do not mean them.
    pub from: Vec<String>,
    /// What the words of `from` mean.
    pub to: Vec<String>,
}

/// What is to change of a group; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "as in the words")]
pub struct SynonymChange {
    pub words: Option<Vec<String>>,
    pub from: Option<Vec<String>>,
    pub to: Option<Vec<String>>,
}

impl SynonymWords {
    /// The words without differences of case and spacing.
    ///
    /// # Errors
    /// 422 with every violation.
    fn folded(self) -> Result<Self> {
        let Self { words, from, to } = self;
        let mut violations = Vec::new();
        let of_pair = !from.is_empty() || !to.is_empty();
        if of_pair && !words.is_empty() {
            let detail = "A group has `words` that all mean the same, or `from` and `to`.";
            violations.push(Violation::at("#/words", Code::MutuallyExclusive, detail));
        } else if of_pair {
            let sides = [("#/from", &from), ("#/to", &to)];
            let missing = sides.into_iter().filter(|(_, side)| side.is_empty());
            violations.extend(missing.map(|(at, _)| Violation::at(at, Code::TooShort, "This side needs a word.")));
        } else if words.len() < 2 {
            let detail = "It takes two words to mean the same.";
            violations.push(Violation::at("#/words", Code::TooShort, detail).param("min", 2));
        }
        let words = fold_side("#/words", words, &BTreeSet::new(), &mut violations);
        let from = fold_side("#/from", from, &BTreeSet::new(), &mut violations);
        let to = fold_side("#/to", to, &from.iter().cloned().collect(), &mut violations);
        if violations.is_empty() { Ok(Self { words, from, to }) } else { Err(Error::invalid(violations)) }
    }
}

/// One side of a group, folded. None of its words stands in it twice, or among those `before`.
fn fold_side(at: &str, side: Vec<String>, before: &BTreeSet<String>, violations: &mut Vec<Violation>) -> Vec<String> {
    let mut seen = before.clone();
    let mut folded = Vec::new();
    for (place, text) in side.iter().enumerate() {
        let word = fold(text).split_whitespace().collect::<Vec<_>>().join(" ");
        let pointer = || format!("{at}/{place}");
        if !is_phrase(&word) {
            violations.push(Violation::at(pointer(), Code::InvalidFormat, "There is no word in it to search for."));
        } else if !seen.insert(word.clone()) {
            violations.push(Violation::at(pointer(), Code::Duplicate, "The group has this word already."));
        }
        folded.push(word);
    }
    folded
}

impl SynonymGroup {
    fn say(&mut self, words: SynonymWords) {
        let SynonymWords { words, from, to } = words;
        (self.words, self.from_words, self.to_words) = (Json::new(words), Json::new(from), Json::new(to));
    }

    fn saying(self) -> Saying {
        let words = self.words.into_inner();
        if words.is_empty() {
            return Saying { from: self.from_words.into_inner(), to: self.to_words.into_inner() };
        }
        Saying::mutual(words)
    }
}

/// All that the shop says, for the index.
///
/// # Errors
/// A database error.
pub fn load_all(conn: &mut Conn) -> QueryResult<Vec<Saying>> {
    let rows: Vec<SynonymGroup> =
        synonyms::table.order(synonyms::id.asc()).select(SynonymGroup::as_select()).load(conn)?;
    Ok(rows.into_iter().map(SynonymGroup::saying).collect())
}

/// One page of groups, the oldest first, in reading order.
///
/// # Errors
/// 400 `invalid_cursor`.
pub fn load_page(conn: &mut Conn, page: &PageRequest<'_>) -> Result<Vec<SynonymGroup>> {
    let query = synonyms::table.select(SynonymGroup::as_select()).into_boxed();
    Ok(load_page_by!(conn, query, synonyms::id => SynonymId, true, page)?)
}

/// How many groups there are.
///
/// # Errors
/// A database error.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    synonyms::table.count().get_result(conn)
}

/// One group.
///
/// # Errors
/// A database error.
pub fn find(conn: &mut Conn, id: SynonymId) -> QueryResult<Option<SynonymGroup>> {
    synonyms::table.find(id).select(SynonymGroup::as_select()).first(conn).optional()
}

/// Makes a group.
///
/// # Errors
/// 422 with every violation, 409 `conflict` where another group says the same or the shop has as many as it may.
pub fn create(conn: &mut Conn, words: SynonymWords, now: UtcTime) -> Result<SynonymGroup> {
    let words = words.folded()?;
    dialect::lock_synonyms(conn)?;
    if count(conn)? >= GROUPS {
        return Err(Error::problem(Code::Conflict, "The shop has as many groups of synonyms as it may."));
    }
    refuse_repeated(conn, None, &words)?;
    let SynonymWords { words, from, to } = words;
    let id = SynonymId::new();
    let row = SynonymGroup {
        id,
        words: Json::new(words),
        from_words: Json::new(from),
        to_words: Json::new(to),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    diesel::insert_into(synonyms::table).values(&row).execute(conn)?;
    record(conn, now, EventType::SynonymCreated, id.as_str(), row.version, json!({}))?;
    Ok(row)
}

/// Changes a group. A change to what it is already makes no new version.
///
/// # Errors
/// 404, 412 `stale_version`, 422 with every violation, 409 `conflict` where another group says the same.
pub fn change(
    conn: &mut Conn,
    id: SynonymId,
    condition: &IfMatch,
    change: SynonymChange,
    now: UtcTime,
) -> Result<SynonymGroup> {
    // Before the group's own lock, so that who waits here keeps nobody waiting.
    dialect::lock_synonyms(conn)?;
    let before = lock(conn, id, condition)?;
    let SynonymChange { words, from, to } = change;
    let whole = SynonymWords {
        words: words.unwrap_or_else(|| (*before.words).clone()),
        from: from.unwrap_or_else(|| (*before.from_words).clone()),
        to: to.unwrap_or_else(|| (*before.to_words).clone()),
    };
    let mut after = before.clone();
    let whole = whole.folded()?;
    after.say(whole.clone());
    if after == before {
        return Ok(before);
    }
    refuse_repeated(conn, Some(id), &whole)?;
    after.version += 1;
    after.updated_at = now;
    diesel::update(synonyms::table.find(id).filter(synonyms::version.eq(before.version)))
        .set((
            synonyms::words.eq(&after.words),
            synonyms::from_words.eq(&after.from_words),
            synonyms::to_words.eq(&after.to_words),
            synonyms::version.eq(after.version),
            synonyms::updated_at.eq(now),
        ))
        .execute(conn)?;
    record(conn, now, EventType::SynonymUpdated, id.as_str(), after.version, json!({}))?;
    Ok(after)
}

/// Deletes a group.
///
/// # Errors
/// 404, 412 `stale_version`.
pub fn delete(conn: &mut Conn, id: SynonymId, condition: &IfMatch, now: UtcTime) -> Result<()> {
    let before = lock(conn, id, condition)?;
    diesel::delete(synonyms::table.find(id).filter(synonyms::version.eq(before.version))).execute(conn)?;
    Ok(record(conn, now, EventType::SynonymDeleted, id.as_str(), before.version + 1, json!({}))?)
}

/// Refuses what another group says already, in whatever order.
fn refuse_repeated(conn: &mut Conn, own: Option<SynonymId>, said: &SynonymWords) -> Result<()> {
    let meaning = |words: &[String], from: &[String], to: &[String]| {
        [words, from, to].map(|side| side.iter().cloned().collect::<BTreeSet<String>>())
    };
    let said = meaning(&said.words, &said.from, &said.to);
    let groups: Vec<SynonymGroup> = synonyms::table.select(SynonymGroup::as_select()).load(conn)?;
    let is_other = |it: &&SynonymGroup| Some(it.id) != own;
    let same = groups.iter().filter(is_other).find(|it| meaning(&it.words, &it.from_words, &it.to_words) == said);
    match same {
        None => Ok(()),
        Some(same) => {
            let problem = Problem::new(Code::Conflict, "Another group says the same.");
            Err(problem.with("synonym_id", same.id).into())
        }
    }
}

fn lock(conn: &mut Conn, id: SynonymId, condition: &IfMatch) -> Result<SynonymGroup> {
    lock_rows!(conn, synonyms::table.find(id).select(synonyms::id))?;
    let row = find(conn, id)?.ok_or_else(Error::not_found)?;
    condition.require(row.version)?;
    Ok(row)
}
