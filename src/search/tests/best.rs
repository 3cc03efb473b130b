//! What is found without scoring everything is what scoring everything finds.

use std::collections::HashMap;

use proptest::prelude::*;
use tantivy::collector::{TopDocs, sort_key::SortBySimilarityScore};

use super::*;
use crate::search::{
    best::{Best, best},
    query::{Text, filter_clauses},
    rank::ByProduct,
};

const WORDS: [&str; 14] = [
    "oak",
    "chair",
    "chairs",
    "light",
    "the",
    "for",
    "lamp",
    "case",
    "notebook",
    "laptop",
    "head",
    "phones",
    "headphones",
    "usb-c",
];

fn words(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&WORDS[..]), 0..most).prop_map(|words| words.join(" "))
}

fn any_product() -> impl Strategy<Value = SearchDocument> {
    let texts = (prop::sample::select(&WORDS[..]), words(4), words(6), words(3));
    (texts, any::<bool>(), prop::option::of(1..90_000_000_i64)).prop_map(
        |((first, name, description, attribute), in_stock, popularity)| SearchDocument {
            description,
            attributes: vec![attribute],
            in_stock,
            popularity,
            ..product(&format!("{first} {name}"))
        },
    )
}

/// All hits by their scores, those of a later tier behind those of an earlier one.
fn all_scored(index: &SearchIndex, query: &SearchQuery) -> Vec<(usize, f32, ProductId)> {
    let generation = index.generations.current();
    let understood = index.understood(&generation.searcher, query).unwrap();
    let tiers = index.tiers(&generation.searcher, &understood, &query.filters).unwrap();
    let scored = tiers.iter().enumerate().flat_map(|(place, tier)| {
        let all = TopDocs::with_limit(1000).order_by((SortBySimilarityScore, ByProduct));
        let hits = generation.searcher.search(tier.as_ref(), &all).unwrap();
        hits.into_iter().map(move |((score, bits), _)| (place, score, ProductId::from_bits(bits)))
    });
    scored.collect()
}

proptest! {
    // Each builds an index.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_best_are_those_that_score_most(
        products in prop::collection::vec(any_product(), 1..60),
        asked in prop::collection::vec(prop::sample::select(&WORDS[..]), 1..6),
        in_stock in prop::option::of(any::<bool>()),
        (skip, limit) in (0..8_usize, 1..20_usize),
        gone in any::<prop::sample::Index>(),
    ) {
        let shop = Shop::of(products);
        let gone = shop.products[gone.index(shop.products.len())].product_id;
        shop.index.apply(vec![Change::Delete(gone)], 2).unwrap();
        let query = SearchQuery { filters: Filters { in_stock, ..Filters::default() }, ..text(&asked.join(" ")) };
        let generation = shop.index.generations.current();
        let Text::Words(understood) = shop.index.understood(&generation.searcher, &query).unwrap() else {
            return Ok(());
        };
        let fields = &shop.index.fields;
        let clauses = filter_clauses(fields, &query.filters);
        let filters = tantivy::query::BooleanQuery::new(clauses);
        let filters = in_stock.map(|_| &filters as &dyn tantivy::query::Query);
        let range = skip..skip + limit;
        let found = best(fields, &generation.searcher, &understood, filters, range.clone()).unwrap();
        let Some(Best { ids, with_all, with_some }) = found else { return Ok(()) };
        let reference = all_scored(&shop.index, &query);
        let in_first = reference.iter().filter(|(tier, ..)| *tier == 0).count();
        prop_assert_eq!((with_all, with_some), (in_first, reference.len() - in_first));
        let by_id: HashMap<ProductId, (usize, f32)> =
            reference.iter().map(|(tier, score, id)| (*id, (*tier, *score))).collect();
        let expected: Vec<_> = reference.into_iter().skip(skip).take(limit).collect();
        prop_assert_eq!(ids.len(), expected.len());
        for (id, (tier, score, _)) in ids.iter().zip(&expected) {
            let (found_in, found) = by_id[id];
            // Sums that are rounded in another order.
            prop_assert!(found_in == *tier && (found - score).abs() <= score * 1e-4, "{found} for {score}");
        }
    }
}
