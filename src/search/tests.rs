//! What is found, in which order, and what an index on disk survives.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::*;
use crate::{
    ids::{BrandId, CategoryId, ProductId},
    money::{Currency, Money},
    time::UtcTime,
};

fn product(name: &str) -> SearchDocument {
    SearchDocument {
        product_id: ProductId::new(),
        name: name.to_owned(),
        brand: None,
        skus: Vec::new(),
        barcodes: Vec::new(),
        categories: Vec::new(),
        attributes: Vec::new(),
        description: String::new(),
        prices: Vec::new(),
        in_stock: true,
        created_at: UtcTime::from_micros(0),
        version: 1,
    }
}

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

fn price(minor: i64, code: &str) -> Money {
    Money::new(minor, currency(code))
}

fn everything() -> SearchQuery {
    SearchQuery {
        text: None,
        filters: Filters::default(),
        sort: Sort::Relevance,
        offset: 0,
        limit: 20,
        with_total: true,
        generation: None,
    }
}

fn text(text: &str) -> SearchQuery {
    SearchQuery { text: Some(text.to_owned()), ..everything() }
}

fn filtered(filters: Filters) -> SearchQuery {
    SearchQuery { filters, ..everything() }
}

fn sorted(sort: Sort) -> SearchQuery {
    SearchQuery { sort, ..everything() }
}

fn put(document: &SearchDocument) -> Change {
    Change::Put(Box::new(document.clone()))
}

/// A shop of these products, whose names are the answers of [`Shop::finds`].
struct Shop {
    index: SearchIndex,
    products: Vec<SearchDocument>,
}

impl Shop {
    fn of(products: impl IntoIterator<Item = SearchDocument>) -> Self {
        let shop = Self { index: SearchIndex::in_memory().unwrap(), products: products.into_iter().collect() };
        // In two rounds, so that hits come from more than one segment.
        let (first, second) = shop.products.split_at(shop.products.len() / 2);
        for half in [first, second] {
            shop.index.apply(half.iter().map(put).collect(), 1).unwrap();
        }
        shop
    }

    fn named(names: &[&str]) -> Self {
        Self::of(names.iter().map(|name| product(name)))
    }

    fn finds(&self, query: &SearchQuery) -> Vec<&str> {
        let hits = self.index.search(query).unwrap();
        let name = |id: &ProductId| self.products.iter().find(|it| it.product_id == *id).unwrap().name.as_str();
        hits.ids.iter().map(name).collect()
    }
}

#[test]
fn all_words_come_before_any_word() {
    let mut talkative = product("Lamp");
    talkative.attributes = vec!["oak oak oak".to_owned()];
    let mut described = product("Quiet thing");
    described.description = "A very long description of a chair that is, in the end, made of oak.".to_owned();
    let shop = Shop::of([talkative, product("Chair chair chair"), product("Oak chair"), described]);
    assert_eq!(shop.finds(&text("oak chair")), ["Oak chair", "Quiet thing", "Chair chair chair", "Lamp"]);
    assert_eq!(shop.index.search(&text("oak chair")).unwrap().total, Some(4));
}

#[test]
fn pages_go_on_where_the_last_one_ended_and_count_alike() {
    let names: Vec<String> = (0..30).map(|number| format!("{} {number}", ["Oak chair", "Chair"][number % 2])).collect();
    let shop = Shop::named(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for sort in [Sort::Relevance, Sort::Name] {
        let query = SearchQuery { sort, limit: 100, ..text("oak chair") };
        let whole = shop.index.search(&query).unwrap();
        assert!(!whole.has_more);
        assert_eq!(whole.total, Some(whole.ids.len()));
        for limit in [1, 4, 7, 15, 16] {
            let mut ids = Vec::new();
            loop {
                let page = SearchQuery { offset: ids.len(), limit, ..query.clone() };
                let hits = shop.index.search(&page).unwrap();
                ids.extend(hits.ids);
                assert_eq!(hits.total, whole.total);
                if !hits.has_more {
                    break;
                }
            }
            assert_eq!(ids, whole.ids, "{sort:?} {limit}");
        }
    }
    let beyond = SearchQuery { offset: usize::MAX, limit: usize::MAX, ..text("oak chair") };
    let hits = shop.index.search(&beyond).unwrap();
    assert_eq!((hits.ids.len(), hits.has_more, hits.total), (0, false, Some(30)));
}

#[test]
fn what_matches_in_the_name_comes_before_what_matches_elsewhere() {
    let filler = |name: &str| product(&format!("{name} thing"));
    let mut brand = filler("Branded");
    brand.brand = Some(Label { id: BrandId::new(), slug: "teak".to_owned(), name: "Teak".to_owned() });
    let mut category = filler("Filed");
    category.categories = vec![Label { id: CategoryId::new(), slug: "teak".to_owned(), name: "Teak".to_owned() }];
    let mut attribute = filler("Made");
    attribute.attributes = vec!["teak".to_owned()];
    let mut description = filler("Told");
    description.description = "teak".to_owned();
    let shop = Shop::of([description, attribute, category, brand, filler("Teak")]);
    let names = ["Teak thing", "Branded thing", "Filed thing", "Made thing", "Told thing"];
    assert_eq!(shop.finds(&text("teak")), names);
}

#[test]
fn plural_case_and_accents_make_no_difference() {
    let shop = Shop::named(&["Café chairs", "Men's shoe"]);
    for asked in ["cafe CHAIR", "CAFÉ", "chairs", "cafe\u{301}"] {
        assert_eq!(shop.finds(&text(asked)), ["Café chairs"], "{asked}");
    }
    for asked in ["mens shoes", "men’s shoe", "men shoe"] {
        assert_eq!(shop.finds(&text(asked)), ["Men's shoe"], "{asked}");
    }
}

#[test]
fn a_sku_or_barcode_finds_its_product_first_however_it_is_punctuated() {
    let mut wanted = product("Wanted");
    wanted.skus = vec!["OAK-1.b".to_owned(), "404.038.96".to_owned()];
    wanted.barcodes = vec!["4006381333931".to_owned()];
    let shop = Shop::of([product("Oak 1 B oak 1 b"), wanted, product("404 038 96")]);
    for asked in ["OAK-1.b", "oak-1.B", "oak1b", "oak 1 b", "404.038.96", "404 038 96", "40403896", "4006381333931"] {
        assert_eq!(shop.finds(&text(asked)).first(), Some(&"Wanted"), "{asked}");
    }
    assert_eq!(shop.finds(&text("wanted 4006381333931")), ["Wanted"]);
    assert_eq!(shop.finds(&text("400638133393")), Vec::<&str>::new());
}

#[test]
fn common_words_are_not_required_unless_there_are_no_others() {
    let shop = Shop::named(&["Bag for laptops", "Laptop bag", "The Who"]);
    assert_eq!(shop.finds(&text("bag for a laptop")), ["Bag for laptops", "Laptop bag"]);
    assert_eq!(shop.finds(&text("the")), ["The Who"]);
}

#[test]
fn nothing_that_is_typed_is_syntax() {
    let shop = Shop::named(&["Oak chair", "Oak table"]);
    let all = ["Oak chair", "Oak table"];
    for asked in
        ["oak AND table", "+oak -table", "name:oak table", "oak*table", "\"table oak\"", "(oak table", "oak^9 table~2"]
    {
        assert_eq!(shop.finds(&text(asked)), ["Oak table", "Oak chair"], "{asked}");
    }
    for nothing in ["*", "!!!", "\u{1f600}", "NOT", "[a TO z]", "\\", "%"] {
        assert_eq!(shop.finds(&text(nothing)), Vec::<&str>::new(), "{nothing}");
    }
    for blank in ["", "  ", "\t\n"] {
        assert_eq!(shop.finds(&text(blank)), all, "{blank:?}");
    }
}

#[test]
fn a_text_without_end_is_answered_from_its_beginning() {
    let shop = Shop::named(&["Oak chair"]);
    assert_eq!(shop.finds(&text(&format!("oak chair {}", "x ".repeat(1_000_000)))), ["Oak chair"]);
    assert_eq!(shop.finds(&text(&format!("oak {}", "y".repeat(1_000_000)))), ["Oak chair"]);
    assert_eq!(shop.finds(&text(&"a-".repeat(100_000))), Vec::<&str>::new());
}

#[test]
#[ignore = "needs SHARED_DATA"]
fn no_string_is_too_naughty_to_index_and_to_ask_for() {
    let data = std::env::var_os("SHARED_DATA").map(PathBuf::from);
    let data = data.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")));
    let naughty = fs::read_to_string(data.join("vectors/naughty-strings.json")).unwrap();
    let naughty: Vec<String> = serde_json::from_str(&naughty).unwrap();
    let documents = naughty.iter().map(|naughty| SearchDocument {
        skus: vec![naughty.clone()],
        attributes: vec![naughty.clone()],
        description: naughty.clone(),
        ..product(naughty)
    });
    let shop = Shop::of(documents);
    for naughty in &naughty {
        for sort in [Sort::Relevance, Sort::Name] {
            shop.index.search(&SearchQuery { sort, ..text(naughty) }).unwrap();
        }
        let filters =
            Filters { categories: vec![naughty.clone()], brands: vec![naughty.clone()], ..Filters::default() };
        shop.index.search(&filtered(filters)).unwrap();
    }
}

#[test]
fn filters_hold_for_every_hit() {
    let label = |name: &str| Label { id: CategoryId::new(), slug: name.to_lowercase(), name: name.to_owned() };
    let brand = |name: &str| Label { id: BrandId::new(), slug: name.to_lowercase(), name: name.to_owned() };
    let (furniture, chairs, tables) = (label("Furniture"), label("Chairs"), label("Tables"));
    let (acorn, birch) = (brand("Acorn"), brand("Birch"));
    let chair = SearchDocument {
        brand: Some(acorn.clone()),
        categories: vec![chairs.clone(), furniture.clone()],
        ..product("Oak chair")
    };
    let table = SearchDocument {
        brand: Some(birch.clone()),
        categories: vec![tables.clone(), furniture.clone()],
        in_stock: false,
        ..product("Oak table")
    };
    let shop = Shop::of([chair.clone(), table.clone(), product("Oak lamp")]);
    let by = |filters: Filters| shop.finds(&SearchQuery { filters, ..text("oak") });
    let none = Filters::default;
    assert_eq!(by(Filters { categories: vec!["furniture".to_owned()], ..none() }), ["Oak chair", "Oak table"]);
    assert_eq!(by(Filters { categories: vec![chairs.id.to_string()], ..none() }), ["Oak chair"]);
    assert_eq!(by(Filters { categories: vec!["chairs".to_owned(), "tables".to_owned()], ..none() }).len(), 2);
    assert_eq!(by(Filters { brands: vec!["birch".to_owned()], ..none() }), ["Oak table"]);
    assert_eq!(by(Filters { brands: vec![acorn.id.to_string(), "nobody".to_owned()], ..none() }), ["Oak chair"]);
    assert_eq!(by(Filters { brands: vec!["nobody".to_owned()], ..none() }), Vec::<&str>::new());
    assert_eq!(by(Filters { in_stock: Some(true), ..none() }), ["Oak chair", "Oak lamp"]);
    assert_eq!(by(Filters { in_stock: Some(false), ..none() }), ["Oak table"]);
    let ids = vec![table.product_id, ProductId::new()];
    assert_eq!(by(Filters { product_ids: ids, ..none() }), ["Oak table"]);
    let both = Filters { categories: vec!["furniture".to_owned()], in_stock: Some(true), ..none() };
    assert_eq!(by(both.clone()), ["Oak chair"]);
    assert_eq!(shop.index.search(&filtered(both)).unwrap().total, Some(1));
}

#[test]
fn prices_filter_and_sort_in_the_chosen_currency() {
    let cheap = SearchDocument { prices: vec![price(500, "EUR"), price(9_000, "USD")], ..product("Cheap") };
    let dear = SearchDocument { prices: vec![price(100_000, "EUR"), price(1, "USD")], ..product("Dear") };
    let foreign = SearchDocument { prices: vec![price(700, "USD")], ..product("Foreign") };
    let free = SearchDocument { prices: vec![price(0, "EUR")], ..product("Free") };
    let shop = Shop::of([cheap, dear, foreign, free]);
    let (eur, usd) = (currency("EUR"), currency("USD"));
    assert_eq!(shop.finds(&sorted(Sort::Price(eur))), ["Free", "Cheap", "Dear", "Foreign"]);
    assert_eq!(shop.finds(&sorted(Sort::PriceDesc(eur))), ["Dear", "Cheap", "Free", "Foreign"]);
    assert_eq!(shop.finds(&sorted(Sort::Price(usd))), ["Dear", "Foreign", "Cheap", "Free"]);
    assert_eq!(shop.finds(&sorted(Sort::PriceDesc(usd))), ["Cheap", "Foreign", "Dear", "Free"]);
    let within = |currency, min, max| {
        let filters = Filters { price: Some(PriceFilter { currency, min, max }), ..Filters::default() };
        shop.finds(&SearchQuery { filters, ..sorted(Sort::Name) })
    };
    assert_eq!(within(eur, Some(500), Some(500)), ["Cheap"]);
    assert_eq!(within(eur, Some(501), None), ["Dear"]);
    assert_eq!(within(eur, None, Some(499)), ["Free"]);
    assert_eq!(within(eur, None, None), ["Cheap", "Dear", "Free"]);
    assert_eq!(within(usd, Some(2), Some(700)), ["Foreign"]);
    assert_eq!(within(currency("JPY"), None, None), Vec::<&str>::new());
    assert_eq!(within(eur, Some(600), Some(500)), Vec::<&str>::new());
}

#[test]
fn names_sort_without_regard_to_case_and_new_products_stand_first_where_asked() {
    let at = |name: &str, seconds: i64| SearchDocument {
        created_at: UtcTime::from_micros(seconds * 1_000_000),
        ..product(name)
    };
    let shop = Shop::of([at("banana", 2), at("Éclair", 4), at("Apple", 1), at("APPLE PIE", 3)]);
    assert_eq!(shop.finds(&sorted(Sort::Name)), ["Apple", "APPLE PIE", "banana", "Éclair"]);
    assert_eq!(shop.finds(&sorted(Sort::CreatedDesc)), ["Éclair", "APPLE PIE", "banana", "Apple"]);
}

#[test]
fn equals_stand_by_id_in_every_order() {
    let shop = Shop::named(&["Chair"; 40]);
    let mut ids: Vec<ProductId> = shop.products.iter().map(|it| it.product_id).collect();
    ids.sort();
    let eur = currency("EUR");
    for sort in [Sort::Relevance, Sort::Price(eur), Sort::PriceDesc(eur), Sort::Name, Sort::CreatedDesc] {
        let query = SearchQuery { sort, limit: 40, ..text("chair") };
        assert_eq!(shop.index.search(&query).unwrap().ids, ids, "{sort:?}");
    }
}

#[test]
fn orders_other_than_relevance_leave_half_matches_out_unless_there_is_nothing_else() {
    let shop = Shop::named(&["Gaming laptop", "A cheap gaming sticker", "Laptop bag"]);
    assert_eq!(shop.finds(&SearchQuery { sort: Sort::Name, ..text("gaming laptop") }), ["Gaming laptop"]);
    let second_best = SearchQuery { sort: Sort::Name, ..text("gaming bag") };
    assert_eq!(shop.finds(&second_best), ["A cheap gaming sticker", "Gaming laptop", "Laptop bag"]);
}

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
fn another_layout_or_language_begins_anew() {
    let folder = Folder::new();
    folder.filled();
    fs::write(folder.0.join("LAYOUT"), "0 English\n").unwrap();
    assert_begun_anew(&folder, Path::new("layout"));
    let german = SearchIndex::open(&folder.0, Language::German).unwrap();
    assert_eq!(german.committed_position(), None);
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
