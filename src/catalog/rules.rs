//! The catalogue's rules that no schema can say: what fits together within one product.

use std::collections::BTreeSet;

use super::{
    draft::{NewVariant, Price},
    model::{OrderQuantities, ProductOption, ProductStatus, VariantOptions},
};
use crate::{
    error::{Code, Violation, member},
    money::Currency,
    text::fold,
    time::UtcTime,
};

/// What is wrong with a product's options: names, regardless of case, and values stand once.
pub fn check_options(options: &[ProductOption]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut names = BTreeSet::new();
    for (place, option) in options.iter().enumerate() {
        if !names.insert(fold(&option.name)) {
            let detail = "The product has an option of this name already.";
            violations.push(Violation::at(format!("#/options/{place}/name"), Code::Duplicate, detail));
        }
        let mut values = BTreeSet::new();
        for (value_place, value) in option.values.iter().enumerate() {
            if !values.insert(value) {
                let pointer = format!("#/options/{place}/values/{value_place}");
                violations.push(Violation::at(pointer, Code::Duplicate, "The option has this value already."));
            }
        }
    }
    violations
}

/// What is wrong with the options of a variant, which stand at `at`: it has one of the values of each of the product's
/// options, and no others.
pub fn check_variant_options(options: &[ProductOption], of_variant: &VariantOptions, at: &str) -> Vec<Violation> {
    let of_option = |name: &str| member(at, name);
    let missing = options.iter().filter(|option| !of_variant.contains_key(&option.name)).map(|option| {
        Violation::at(
            of_option(&option.name),
            Code::OptionsMismatch,
            "The product has this option: the variant needs a value.",
        )
    });
    let unfit = of_variant.iter().filter_map(|(name, value)| {
        let Some(option) = options.iter().find(|option| option.name == *name) else {
            return Some(Violation::at(of_option(name), Code::OptionsMismatch, "The product has no such option."));
        };
        let fits = option.values.contains(value);
        (!fits).then(|| {
            let violation = Violation::at(of_option(name), Code::OptionsMismatch, "The option has no such value.");
            violation.param("allowed", option.values.clone())
        })
    });
    missing.chain(unfit).collect()
}

/// What is wrong with the variants of a new product.
pub fn check_variants(options: &[ProductOption], variants: &[NewVariant], offered: &[Currency]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut chosen = BTreeSet::new();
    for (place, variant) in variants.iter().enumerate() {
        let at = format!("#/variants/{place}");
        let of_options = format!("{at}/options");
        violations.extend(check_variant_options(options, &variant.options, &of_options));
        violations.extend(check_prices(&variant.prices, offered, &at));
        violations.extend(check_quantities(variant.order_quantities, &format!("{at}/max_order_quantity")));
        if !options.is_empty() && !chosen.insert(&variant.options) {
            violations.push(alike(&of_options));
        }
    }
    violations
}

/// The violation of a variant that cannot be told from another by its options, which stand at `at`.
pub fn alike(at: &str) -> Violation {
    Violation::at(at, Code::OptionsMismatch, "Another variant of the product has the same options.")
}

/// What is wrong with the prices of what stands at `at`: one in each currency, in those that the shop offers, and below
/// what it cost before.
pub fn check_prices(prices: &[Price], offered: &[Currency], at: &str) -> Vec<Violation> {
    let mut seen = BTreeSet::new();
    let mut violations = Vec::new();
    for (place, price) in prices.iter().enumerate() {
        let pointer = format!("{at}/prices/{place}/currency");
        if !offered.contains(&price.currency) {
            let detail = format!("The shop does not sell in {}.", price.currency);
            violations.push(Violation::at(pointer, Code::CurrencyNotOffered, detail));
        } else if !seen.insert(price.currency) {
            let detail = "There is a price in this currency already.";
            violations.push(Violation::at(pointer, Code::Duplicate, detail));
        }
        if price.compare_at.is_some_and(|before| before <= price.amount) {
            let detail = "What it cost before is more than what it costs.";
            let pointer = format!("{at}/prices/{place}/compare_at");
            violations.push(Violation::at(pointer, Code::OutOfRange, detail).param("min", price.amount + 1));
        }
    }
    violations
}

/// What is wrong with the times at which a product is to appear and to go, of which the request has set the one at
/// `pointer`.
pub fn check_schedule(publish: Option<UtcTime>, unpublish: Option<UtcTime>, pointer: &str) -> Option<Violation> {
    // By what is shown of them, which is what comes in again.
    let is_reversed =
        matches!((publish, unpublish), (Some(publish), Some(unpublish)) if publish.millis() >= unpublish.millis());
    let detail = "A product is published before it is archived: `publish_at` lies before `unpublish_at`.";
    is_reversed.then(|| Violation::at(pointer, Code::ReversedRange, detail))
}

/// What is wrong with the state of a product and the time at which it is to appear: what is published has appeared.
pub fn check_publication(status: ProductStatus, publish: Option<UtcTime>, now: UtcTime) -> Option<Violation> {
    let is_to_come = status == ProductStatus::Published && publish.is_some_and(|at| at > now);
    let detail = "The product is published at once, so that it cannot appear later: leave out one of the two.";
    is_to_come.then(|| Violation::at("#/publish_at", Code::MutuallyExclusive, detail))
}

/// What is wrong with the quantities of a variant, of which the request has changed the one at `pointer`.
pub fn check_quantities(quantities: OrderQuantities, pointer: &str) -> Option<Violation> {
    let OrderQuantities { min, max } = quantities;
    let detail = "A cart cannot hold at least more than at most.";
    max.filter(|max| *max < min).map(|_| Violation::at(pointer, Code::ReversedRange, detail))
}

/// The name of a variant that has none of its own: the product's, with its options behind it.
pub fn derived_name(product: &str, options: &[ProductOption], of_variant: &VariantOptions) -> String {
    let values = options.iter().filter_map(|option| of_variant.get(&option.name));
    let mut name = product.to_owned();
    for value in values {
        name.push_str(", ");
        name.push_str(value);
    }
    // The bound of names; option values are at most 100 characters each.
    name.chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color() -> Vec<ProductOption> {
        vec![ProductOption { name: "color".to_owned(), values: vec!["black".to_owned(), "oak".to_owned()] }]
    }

    fn chosen(pairs: &[(&str, &str)]) -> VariantOptions {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn pointers(violations: &[Violation]) -> Vec<(String, Code)> {
        let pointer = |it: &Violation| match &it.place {
            crate::error::Place::Pointer(pointer) => pointer.clone(),
            _ => String::new(),
        };
        violations.iter().map(|it| (pointer(it), it.code)).collect()
    }

    #[test]
    fn a_variant_has_one_known_value_of_each_option() {
        assert!(check_variant_options(&color(), &chosen(&[("color", "oak")]), "#/options").is_empty());
        for (pairs, pointer) in [
            (&[][..], "#/options/color"),
            (&[("color", "red")], "#/options/color"),
            (&[("color", "oak"), ("a/b", "x")], "#/options/a~1b"),
        ] {
            let found = check_variant_options(&color(), &chosen(pairs), "#/options");
            assert_eq!(pointers(&found), [(pointer.to_owned(), Code::OptionsMismatch)], "{pairs:?}");
        }
    }

    #[test]
    fn names_and_values_of_options_stand_once() {
        let mut options = color();
        options.push(ProductOption { name: "Color".to_owned(), values: vec!["a".to_owned(), "a".to_owned()] });
        let places: Vec<String> = pointers(&check_options(&options)).into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(places, ["#/options/1/name", "#/options/1/values/1"]);
    }

    #[test]
    fn what_it_cost_before_is_more() {
        let euros: Currency = "EUR".parse().unwrap();
        let price = |amount, compare_at| [Price { amount, currency: euros, compare_at }];
        let wrong = |prices: [Price; 1]| pointers(&check_prices(&prices, &[euros], "#"));
        assert!(wrong(price(0, None)).is_empty() && wrong(price(0, Some(1))).is_empty());
        for before in [0, 7, 8] {
            let expected = [("#/prices/0/compare_at".to_owned(), Code::OutOfRange)];
            assert_eq!(wrong(price(8, Some(before))), expected, "{before}");
        }
    }

    #[test]
    fn a_product_appears_before_it_goes() {
        let at = |seconds: i64| Some(UtcTime::from_micros(seconds * 1_000_000));
        let is_wrong = |publish, unpublish| check_schedule(publish, unpublish, "#").is_some();
        assert!(is_wrong(at(2), at(1)) && is_wrong(at(1), at(1)));
        let later = |micros: i64| Some(UtcTime::from_micros(1_000_000 + micros));
        assert!(is_wrong(later(100), later(900)), "both are shown alike");
        assert!(!is_wrong(later(900), later(1_000)));
        assert!(![(at(1), at(2)), (at(1), None), (None, at(1)), (None, None)].iter().any(|(p, u)| is_wrong(*p, *u)));
    }

    #[test]
    fn a_name_is_made_of_the_product_s_and_the_values_in_the_order_of_the_options() {
        let mut options = color();
        options.insert(0, ProductOption { name: "size".to_owned(), values: vec!["L".to_owned()] });
        let name = derived_name("Oak chair", &options, &chosen(&[("color", "black"), ("size", "L")]));
        assert_eq!(name, "Oak chair, L, black");
    }
}
