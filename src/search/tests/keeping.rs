//! What changes do, and what an index on disk survives.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use super::*;

#[test]
fn a_change_is_in_the_next_search() {
    let index = SearchIndex::in_memory().unwrap();
    let mut chair = product("Oak chair");
    let id = chair.product_id;
    let found = |asked: &str| index.search(&text(asked)).unwrap().ids;
    assert_eq!((index.committed_position(), index.is_empty()), (None, true));
    index.apply(vec![put(&chair)], 7).unwrap();
    assert_eq!((index.committed_position(), index.len()), (Some(7), 1));
    assert_eq!(found("oak"), [id]);
    chair.name = "Beech chair".to_owned();
    chair.version = 2;
    index.apply(vec![put(&chair)], 8).unwrap();
    assert_eq!((found("oak"), found("beech")), (vec![], vec![id]));
    index.apply(vec![Change::Delete(id), Change::Delete(ProductId::new())], 9).unwrap();
    assert_eq!((found("beech"), index.len(), index.committed_position()), (vec![], 0, Some(9)));
    index.apply(vec![Change::Delete(id), put(&chair), Change::Delete(id), put(&chair)], 10).unwrap();
    assert_eq!((found("beech"), index.len()), (vec![id], 1));
}

#[test]
fn an_older_version_never_replaces_a_newer_one() {
    let index = SearchIndex::in_memory().unwrap();
    let old = product("Old");
    let new = SearchDocument { name: "New".to_owned(), version: 2, ..old.clone() };
    let same = SearchDocument { name: "Restocked".to_owned(), version: 2, ..old.clone() };
    let found = |asked: &str| index.search(&text(asked)).unwrap().ids.len();
    index.apply(vec![put(&new), put(&old)], 1).unwrap();
    assert_eq!((found("new"), found("old")), (1, 0));
    index.apply(vec![put(&old)], 2).unwrap();
    assert_eq!((found("new"), found("old"), index.len()), (1, 0, 1));
    assert_eq!(index.committed_position(), Some(2));
    index.apply(vec![put(&same)], 3).unwrap();
    assert_eq!((found("restocked"), index.len()), (1, 1));
}

#[test]
fn pages_of_one_generation_do_not_move() {
    let shop = Shop::named(&["Chair 1", "Chair 2", "Chair 3"]);
    let first = shop.index.search(&SearchQuery { limit: 2, ..text("chair") }).unwrap();
    assert!(first.has_more);
    shop.index.apply(shop.products.iter().map(|it| Change::Delete(it.product_id)).collect(), 2).unwrap();
    shop.index.apply(vec![put(&product("Chair 4"))], 3).unwrap();
    let next = SearchQuery { offset: 2, limit: 2, generation: Some(first.generation), ..text("chair") };
    assert_eq!(shop.finds(&next), ["Chair 3"]);
    assert_eq!(shop.index.search(&next).unwrap().generation, first.generation);
    let closed = SearchQuery { generation: Some(1), ..text("chair") };
    let hits = shop.index.search(&closed).unwrap();
    assert_eq!(hits.ids.len(), 1);
    assert!(hits.generation > first.generation);
}

#[test]
fn searches_beside_changes_see_each_round_whole_and_never_an_older_one_again() {
    let index = SearchIndex::in_memory().unwrap();
    let pair = [product("Left glove"), product("Right glove")];
    index.apply(pair.iter().map(put).collect(), 0).unwrap();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = 0;
                while !is_done.load(Ordering::Relaxed) {
                    let hits = index.search(&text("glove")).unwrap();
                    assert_eq!(hits.ids.len(), 2);
                    assert!(hits.generation >= last);
                    last = hits.generation;
                }
            });
        }
        for round in 1..30 {
            index.apply(pair.iter().map(put).collect(), round).unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn what_the_position_tells_of_is_found() {
    let index = SearchIndex::in_memory().unwrap();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                let position = index.committed_position().unwrap_or(0);
                assert!(index.len() as i64 >= position, "what was taken in up to {position} is not seen yet");
            }
        });
        for round in 1..60 {
            index.apply(vec![put(&product("Glove"))], round).unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_rebuild_replaces_everything_at_its_end_and_nothing_before() {
    let shop = Shop::named(&["Old chair", "Other chair"]);
    let mut rebuild = shop.index.rebuild().unwrap();
    rebuild.put(&product("New chair")).unwrap();
    assert_eq!(shop.finds(&text("chair")).len(), 2);
    rebuild.commit(9).unwrap();
    let hits = shop.index.search(&text("chair")).unwrap();
    assert_eq!((hits.ids.len(), hits.total, shop.index.committed_position()), (1, Some(1), Some(9)));
}

#[test]
fn a_stream_that_is_given_up_leaves_no_trace() {
    let shop = Shop::named(&["Old chair"]);
    for open in [SearchIndex::rebuild, SearchIndex::bulk] {
        let mut bulk = open(&shop.index).unwrap();
        bulk.put(&product("New chair")).unwrap();
        drop(bulk);
    }
    assert_eq!(shop.finds(&text("chair")), ["Old chair"]);
    shop.index.apply(vec![put(&product("Lamp"))], 5).unwrap();
    assert_eq!(shop.finds(&text("chair")), ["Old chair"]);
}

#[test]
fn a_stream_goes_beside_what_is_there_and_replaces_its_own() {
    let index = SearchIndex::in_memory().unwrap();
    let mut chair = product("Chair");
    index.apply(vec![put(&chair), put(&product("Lamp"))], 1).unwrap();
    chair.name = "Armchair".to_owned();
    for _ in 0..2 {
        let mut bulk = index.bulk().unwrap();
        bulk.put(&chair).unwrap();
        bulk.commit(2).unwrap();
    }
    assert_eq!(index.len(), 2);
    assert_eq!(index.search(&text("armchair")).unwrap().ids, [chair.product_id]);
}

/// A folder that is gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("cartwright-search-{}", uuid::Uuid::now_v7())))
    }

    fn open(&self) -> SearchIndex {
        SearchIndex::open(&self.0, Language::English).unwrap()
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|file| file.extension().is_none_or(|it| it != "lock")).collect()
    }

    fn filled(&self) {
        let index = self.open();
        index.apply(vec![put(&product("Chair")), put(&product("Lamp"))], 4).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn assert_begun_anew(folder: &Folder, why: &Path) {
    let index = folder.open();
    assert_eq!((index.committed_position(), index.len()), (None, 0), "{}", why.display());
    index.apply(vec![put(&product("Chair"))], 1).unwrap();
    assert_eq!(index.search(&text("chair")).unwrap().ids.len(), 1);
}

#[test]
fn an_index_on_disk_is_there_after_a_restart() {
    let folder = Folder::new();
    folder.filled();
    let index = folder.open();
    assert_eq!((index.committed_position(), index.len()), (Some(4), 2));
    assert_eq!(index.search(&text("lamp")).unwrap().ids.len(), 1);
}

#[test]
fn generations_of_an_earlier_run_are_never_mistaken() {
    let folder = Folder::new();
    folder.filled();
    let earlier = folder.open().search(&everything()).unwrap().generation;
    let later = folder.open().search(&everything()).unwrap().generation;
    assert!(later > earlier);
}

#[test]
fn another_layout_or_language_answers_until_the_index_is_built_anew() {
    for written_with in ["0 English 4", "4", ""] {
        let folder = Folder::new();
        folder.filled();
        let index = tantivy::Index::open_in_dir(&folder.0).unwrap();
        let mut writer = index.writer_with_num_threads::<tantivy::TantivyDocument>(1, 15_000_000).unwrap();
        let mut commit = writer.prepare_commit().unwrap();
        commit.set_payload(written_with);
        commit.commit().unwrap();
        drop(writer);
        assert_answers_and_is_built_anew(&folder, Language::English);
    }
    let folder = Folder::new();
    folder.filled();
    assert_answers_and_is_built_anew(&folder, Language::German);
}

fn assert_answers_and_is_built_anew(folder: &Folder, language: Language) {
    {
        let index = SearchIndex::open(&folder.0, language).unwrap();
        assert_eq!((index.committed_position(), index.search(&text("chair")).unwrap().ids.len()), (None, 1));
        assert!(Search::over(index).is_ready(), "searches do not wait");
    }
    {
        let index = SearchIndex::open(&folder.0, language).unwrap();
        let mut rebuild = index.rebuild().unwrap();
        rebuild.put(&product("New chair")).unwrap();
        rebuild.commit(9).unwrap();
    }
    let index = SearchIndex::open(&folder.0, language).unwrap();
    assert_eq!((index.committed_position(), index.len()), (Some(9), 1));
    assert!(!Search::over(index).is_ready(), "what came behind the position is looked for first");
}

#[test]
fn other_fields_begin_anew() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).unwrap();
    let mut schema = tantivy::schema::Schema::builder();
    schema.add_text_field("name", tantivy::schema::STRING);
    tantivy::Index::create_in_dir(&folder.0, schema.build()).unwrap();
    assert_begun_anew(&folder, Path::new("fields"));
}

#[test]
fn a_damaged_index_begins_anew() {
    let names = {
        let folder = Folder::new();
        folder.filled();
        folder.files().len()
    };
    for number in 0..names {
        for damage in ["missing", "empty", "halved", "garbled"] {
            let folder = Folder::new();
            folder.filled();
            let file = folder.files().remove(number);
            let bytes = fs::read(&file).unwrap();
            match damage {
                "missing" => fs::remove_file(&file).unwrap(),
                "empty" => fs::write(&file, b"").unwrap(),
                "halved" => fs::write(&file, &bytes[..bytes.len() / 2]).unwrap(),
                _ => fs::write(&file, vec![0xa5; bytes.len()]).unwrap(),
            }
            // The list of files that tantivy looks after is made again from the segments.
            if file.ends_with(".managed.json") && folder.open().committed_position().is_some() {
                continue;
            }
            assert_begun_anew(&folder, &file);
        }
    }
}

#[test]
fn many_small_rounds_leave_few_pieces() {
    let folder = Folder::new();
    let index = folder.open();
    for round in 0..60 {
        index.apply(vec![put(&product(&format!("Chair {round}")))], round).unwrap();
    }
    assert_eq!(index.search(&SearchQuery { limit: 100, ..text("chair") }).unwrap().ids.len(), 60);
    let pieces = folder.files().into_iter().filter(|file| file.extension().is_some_and(|it| it == "term")).count();
    assert!(pieces <= 20, "{pieces}");
}
