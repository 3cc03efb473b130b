//! What is found, and in which order.

use std::{fs, path::PathBuf};

use super::*;
use crate::{
    catalog::popularity::DOUBLING,
    ids::{BrandId, CategoryId},
};

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
fn a_word_that_was_begun_with_a_mistake_is_ended_where_none_begins_so() {
    let names = ["Keyboard", "Wireless keyboard", "Keyboard tray", "Keyring", "Coffee", "Coffin", "Oak chair"];
    let shop = Shop::named(&names);
    let suggested = |text: &str| shop.index.suggest(text, 5).unwrap().queries;
    assert_eq!(suggested("keyb"), ["keyboard"]);
    for begun in ["keby", "kayb", "kyeb", "kebo", "kkey"] {
        assert!(suggested(begun).contains(&"keyboard".to_owned()), "{begun}: {:?}", suggested(begun));
    }
    assert_eq!(suggested("wireless kebo"), ["wireless keyboard"], "what stands in a product with the other words");
    assert_eq!(suggested("coff"), ["coffee", "coffin"]);
    assert_eq!(suggested("cofe"), ["coffee", "coffin"]);
    assert_eq!(shop.index.suggest("wireless kebo", 5).unwrap().ids.len(), 1);
    for begun in ["kx", "zzzz", "k3yb"] {
        assert_eq!(suggested(begun), Vec::<String>::new(), "{begun}");
    }
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
    assert_eq!(by(Filters { product_ids: Some(ids), ..none() }), ["Oak table"]);
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

fn corrected(shop: &Shop, asked: &str) -> Option<String> {
    shop.index.search(&text(asked)).unwrap().corrected
}

#[test]
fn only_words_that_no_product_has_are_corrected() {
    let shop = Shop::named(&["Oak chair", "Oak chart", "Walnut mouse pad", "Mosul rug", "Chair pad"]);
    for (asked, meant) in [
        ("oka chair", Some("oak chair")),
        ("walnut mosue", Some("walnut mouse")),
        ("CHAIER", Some("chair")),
        ("chairs", None),
        ("mosul", None),
        ("oak", None),
        ("zzzzzz", None),
        ("x1chair", None),
        ("mousepad walnut", Some("mouse pad walnut")),
        ("waln", Some("walnut")),
    ] {
        assert_eq!(corrected(&shop, asked).as_deref(), meant, "{asked}");
    }
    assert_eq!(shop.finds(&text("walnut mosue"))[0], "Walnut mouse pad");
}

#[test]
fn of_two_corrections_the_one_wins_that_goes_with_the_other_words() {
    let mut names = vec!["Phone stand"];
    names.extend(["Stone tile"; 5]);
    let shop = Shop::named(&names);
    assert_eq!(corrected(&shop, "thone").as_deref(), Some("phone"));
    assert_eq!(corrected(&shop, "stome stand").as_deref(), Some("stone stand"));
    assert_eq!(corrected(&shop, "thone stand").as_deref(), Some("phone stand"));
}

#[test]
fn a_code_that_is_known_is_not_corrected() {
    let mut wanted = product("Lamp");
    wanted.skus = vec!["LAMB".to_owned()];
    let shop = Shop::of([wanted, product("Lamp")]);
    assert_eq!(corrected(&shop, "lamb"), None);
}

#[test]
fn words_that_mean_the_same_find_each_other_and_what_was_typed_comes_first() {
    let shop = Shop::named(&["Notebook", "Laptop", "Mobile phone", "Chair"]);
    assert_eq!(shop.finds(&text("laptop")), ["Laptop", "Notebook"]);
    assert_eq!(shop.finds(&text("cellphone")), ["Mobile phone"]);
    shop.index.set_synonyms(&[Saying::mutual(vec!["chair".to_owned(), "seat".to_owned()])]);
    assert_eq!(shop.finds(&text("seats")), ["Chair"]);
    assert_eq!(shop.finds(&text("laptop")), ["Laptop", "Notebook"], "what the language has stays");
    shop.index.set_synonyms(&[]);
    assert!(shop.finds(&text("seats")).is_empty());
}

#[test]
fn what_is_said_one_way_is_not_said_the_other_way() {
    let shop = Shop::named(&["Walking stick", "Hiking pole", "Mobile phone"]);
    let to = vec!["hiking pole".to_owned(), "walking stick".to_owned()];
    shop.index.set_synonyms(&[Saying { from: vec!["alpenstock".to_owned()], to }]);
    let mut found = shop.finds(&text("alpenstocks"));
    found.sort_unstable();
    assert_eq!(found, ["Hiking pole", "Walking stick"]);
    assert_eq!(corrected(&shop, "alpenstock"), None);
    assert_eq!(shop.finds(&text("hiking pole")), ["Hiking pole"]);
    // What leads to nothing that is sold is corrected as anything else is.
    shop.index.set_synonyms(&[Saying { from: vec!["phome".to_owned()], to: vec!["nothing here".to_owned()] }]);
    assert_eq!(corrected(&shop, "phome").as_deref(), Some("phone"));
}

#[test]
fn a_word_that_the_shop_says_in_another_way_is_what_a_misspelt_one_was_meant_to_be() {
    let shop = Shop::named(&["Enamel mug", "Ear cap", "Bear"]);
    assert_eq!(corrected(&shop, "beakr").as_deref(), Some("bear"));
    shop.index.set_synonyms(&[Saying::mutual(vec!["mug".to_owned(), "beaker".to_owned(), "tankard".to_owned()])]);
    assert_eq!(corrected(&shop, "beakr"), Some("bear".to_owned()), "what products have comes first");
    assert_eq!(corrected(&shop, "tankrad").as_deref(), Some("tankard"));
    assert_eq!(shop.finds(&text("enamel tnkrd")), ["Enamel mug"]);
    let suggested = |typed: &str| shop.index.suggest(typed, 5).unwrap();
    for typed in ["tank", "tankrd"] {
        assert_eq!(suggested(typed).queries, ["tankard"], "{typed}");
        assert_eq!(suggested(typed).ids.len(), 1, "{typed}");
    }
    assert_eq!(suggested("enamel tan").queries, ["enamel tankard"]);
    // What leads to nothing that is sold is no word of the shop.
    shop.index.set_synonyms(&[Saying::mutual(vec!["tankard".to_owned(), "stein".to_owned()])]);
    assert_eq!(corrected(&shop, "tankrad"), None);
    assert!(suggested("tank").queries.is_empty());
}

#[test]
fn what_the_shop_says_in_another_way_is_no_mistake_even_where_products_know_a_part_of_it() {
    let shop = Shop::named(&["Oak table", "Kettle"]);
    assert_eq!(corrected(&shop, "settle").as_deref(), Some("kettle"));
    shop.index.set_synonyms(&[Saying::mutual(vec!["settle".to_owned(), "oak bench".to_owned()])]);
    assert_eq!((corrected(&shop, "settle"), shop.finds(&text("settle"))), (None, vec!["Oak table"]));
    shop.index.set_synonyms(&[Saying::mutual(vec!["settle".to_owned(), "elm bench".to_owned()])]);
    assert_eq!(corrected(&shop, "settle").as_deref(), Some("kettle"));
}

#[test]
fn beside_another_word_a_shorter_form_is_no_mistake() {
    let shop = Shop::named(&["Wooden chair", "Wooden chair with arms", "Wool chair pad"]);
    assert_eq!(corrected(&shop, "wood chair").as_deref(), Some("wooden chair"));
    assert_eq!(corrected(&shop, "wol chair").as_deref(), Some("wool chair"));
}

#[test]
fn two_words_are_found_where_they_are_written_as_one() {
    let shop = Shop::named(&["Headphones", "Head lamp"]);
    assert_eq!(shop.finds(&text("head phones"))[0], "Headphones");
}

#[test]
fn a_quantity_is_found_however_its_unit_is_written() {
    let shop = Shop::named(&["Mug 350 ml", "Jug 350ml", "Mug 500 ml", "Bottle 1.5 l", "Vase 350"]);
    for asked in ["350ml", "350 ml", "350ML"] {
        let mut found = shop.finds(&text(asked));
        found.truncate(2);
        found.sort();
        assert_eq!(found, ["Jug 350ml", "Mug 350 ml"], "{asked}");
    }
    assert_eq!(shop.finds(&text("mug 500ml"))[0], "Mug 500 ml");
    assert_eq!(shop.finds(&text("1.5l"))[0], "Bottle 1.5 l");
    let described = |name: &str, it: &str| SearchDocument { description: format!("Holds {it}."), ..product(name) };
    let shop = Shop::of([described("Mug", "350 ml"), described("Jug", "700ml")]);
    assert_eq!((shop.finds(&text("350ml")), shop.finds(&text("700 ml"))), (vec!["Mug"], vec!["Jug", "Mug"]));
}

#[test]
fn a_thing_comes_before_what_is_made_for_it() {
    let shop = Shop::named(&["Keyboard cover", "Keyboard black", "Bag for keyboard"]);
    assert_eq!(shop.finds(&text("keyboard"))[0], "Keyboard black");
    assert_eq!(shop.finds(&text("keyboard cover"))[0], "Keyboard cover");
}

#[test]
fn what_sells_decides_among_near_equals_and_no_further() {
    let sold =
        |name: &str, halvings: i64| SearchDocument { popularity: Some((700 - halvings) * DOUBLING), ..product(name) };
    let shop = Shop::of([product("Oak stool"), sold("Elm stool", 20), sold("Ash stool", 5), sold("Fir stool", 0)]);
    assert_eq!(shop.finds(&text("stool")), ["Fir stool", "Ash stool", "Oak stool", "Elm stool"]);
    assert_eq!(shop.finds(&text("oak stool"))[0], "Oak stool", "a word more counts more than any sale");
    let by_popularity = sorted(Sort::Popularity);
    assert_eq!(shop.finds(&by_popularity), ["Fir stool", "Ash stool", "Elm stool", "Oak stool"]);
}
