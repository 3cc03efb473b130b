//! Pages of lists are those of the whole list, cut up.

use std::cmp::Reverse;

use proptest::prelude::*;

use super::*;
use crate::{catalog::list::Key, text::fold};

const NAMES: [&str; 6] = ["Oak chair", "oak chair", "Äpfel", "apple", "STRASSE", "Straße"];

fn any_product() -> impl Strategy<Value = SearchDocument> {
    let numbers = (prop::option::of(0..5_i64), prop::option::of(1..5_i64), 0..5_i64);
    (prop::sample::select(&NAMES[..]), any::<bool>(), numbers).prop_map(
        |(name, in_stock, (amount, popularity, made))| SearchDocument {
            in_stock,
            popularity,
            prices: amount.into_iter().map(|amount| price(amount, "EUR")).collect(),
            created_at: UtcTime::from_micros(made),
            ..product(name)
        },
    )
}

fn price_of(product: &SearchDocument) -> Option<i64> {
    product.prices.first().map(|price| price.minor)
}

/// What stands behind what: whatever has no number is last.
fn place(sort: Sort, product: &SearchDocument) -> (bool, i64, String, ProductId) {
    let id = product.product_id;
    let by = |number: Option<i64>| (number.is_none(), number.unwrap_or_default(), String::new(), id);
    match sort {
        Sort::Price(_) => by(price_of(product)),
        Sort::PriceDesc(_) => by(price_of(product).map(|it| -it)),
        Sort::Popularity => by(product.popularity.map(|it| -it)),
        Sort::Name => (false, 0, fold(&product.name), id),
        _ => by(Some(-product.created_at.micros())),
    }
}

fn key(sort: Sort, product: &SearchDocument) -> Key {
    let id = product.product_id;
    match sort {
        Sort::Price(_) | Sort::PriceDesc(_) => Key::Number(price_of(product), id),
        Sort::Popularity => Key::Number(product.popularity, id),
        Sort::Name => Key::Name(fold(&product.name), id),
        _ => Key::Created(product.created_at, id),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_page_holds_who_stands_next_in_either_direction(
        products in prop::collection::vec(any_product(), 1..40),
        in_stock in prop::option::of(any::<bool>()),
        from in prop::option::of(any::<prop::sample::Index>()),
        gone in any::<prop::sample::Index>(),
        (order, backwards, most) in (0..5_usize, any::<bool>(), 1..12_usize),
    ) {
        let eur = currency("EUR");
        let sort = [Sort::Price(eur), Sort::PriceDesc(eur), Sort::Popularity, Sort::Name, Sort::CreatedDesc][order];
        let shop = Shop::of(products);
        // A page goes on behind a product that is gone, too, and its name with it.
        let gone = &shop.products[gone.index(shop.products.len())];
        shop.index.apply(vec![Change::Delete(gone.product_id)], 2).unwrap();
        let from = from.map(|from| &shop.products[from.index(shop.products.len())]);
        let filters = Filters { in_stock, ..Filters::default() };
        let fits = |it: &&SearchDocument| {
            it.product_id != gone.product_id && in_stock.is_none_or(|in_stock| it.in_stock == in_stock)
        };
        let mut expected: Vec<_> = shop.products.iter().filter(fits).map(|it| place(sort, it)).collect();
        let count = expected.len();
        let origin = from.map(|from| place(sort, from));
        if backwards {
            expected.sort_by_key(|place| Reverse(place.clone()));
            expected.retain(|place| origin.as_ref().is_none_or(|origin| place < origin));
        } else {
            expected.sort();
            expected.retain(|place| origin.as_ref().is_none_or(|origin| place > origin));
        }
        expected.truncate(most);
        let expected: Vec<ProductId> = expected.into_iter().map(|(.., id)| id).collect();
        let from = from.map(|from| key(sort, from));
        let found = shop.index.listed(&filters, sort, from.as_ref(), backwards, most).unwrap();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(shop.index.count(&filters).unwrap(), count);
    }
}
