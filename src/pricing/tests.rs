use proptest::prelude::*;

use super::*;
use crate::{
    ids::{LineId, VariantId},
    money::{Currency, LARGEST, Money, Overflow},
};

fn euro() -> Currency {
    "EUR".parse().unwrap()
}

fn cart(lines: &[(i32, i64)], shipping: Option<i64>, rate: Option<&str>, tax_included: bool) -> QuoteInput {
    let line = |&(quantity, unit_price): &(i32, i64)| LineInput {
        id: LineId::new(),
        variant_id: VariantId::new(),
        quantity,
        unit_price,
    };
    let tax = rate.map(|rate| TaxRule { name: "VAT".to_owned(), rate: rate.parse().unwrap() });
    QuoteInput { currency: euro(), lines: lines.iter().map(line).collect(), shipping, tax, tax_included }
}

fn eur(minor: i64) -> Money {
    Money::new(minor, euro())
}

#[test]
fn included_tax_is_taken_out_of_each_line_and_of_shipping() {
    let quote = quote(&cart(&[(2, 1290), (1, 999)], Some(490), Some("0.19"), true)).unwrap();
    assert_eq!(quote.lines[0].line_total, eur(2580));
    // 2580·19/119 = 411.93, 999·19/119 = 159.50…, 490·19/119 = 78.24.
    assert_eq!((quote.lines[0].tax, quote.lines[1].tax, quote.shipping_tax), (eur(412), eur(160), eur(78)));
    let Totals { subtotal, shipping, tax, total, due, .. } = quote.totals.clone();
    assert_eq!((subtotal, shipping, tax, total, due), (eur(3579), eur(490), eur(650), eur(4069), eur(4069)));
    assert_eq!(
        quote.totals.tax_lines,
        [TaxLine { name: "VAT".into(), rate: "0.19".parse().unwrap(), amount: eur(650) }]
    );
}

#[test]
fn added_tax_comes_on_top_of_lines_and_shipping() {
    let quote = quote(&cart(&[(3, 333)], Some(500), Some("0.0825"), false)).unwrap();
    // 999·0.0825 = 82.4175, 500·0.0825 = 41.25.
    assert_eq!((quote.lines[0].tax, quote.shipping_tax), (eur(82), eur(41)));
    assert_eq!((quote.totals.tax, quote.totals.total), (eur(123), eur(1622)));
}

#[test]
fn half_a_cent_of_tax_is_rounded_up_at_the_line_and_not_at_the_sum() {
    // 10 · 0.05 = 0.5 on each of three lines.
    let quote = quote(&cart(&[(1, 10), (1, 10), (1, 10)], None, Some("0.05"), false)).unwrap();
    assert_eq!(quote.totals.tax, eur(3));
}

#[test]
fn an_empty_cart_costs_nothing() {
    for tax in [None, Some("0.19")] {
        let quote = quote(&cart(&[], None, tax, true)).unwrap();
        assert_eq!((quote.totals.total, quote.totals.tax, quote.totals.due), (eur(0), eur(0), eur(0)));
    }
}

#[test]
fn without_a_rule_there_is_no_tax_and_no_tax_line() {
    let quote = quote(&cart(&[(1, 100)], Some(50), None, false)).unwrap();
    assert_eq!((quote.totals.tax, quote.totals.total), (eur(0), eur(150)));
    assert!(quote.totals.tax_lines.is_empty());
}

#[test]
fn a_rate_of_nought_stands_as_a_tax_line_of_nothing() {
    let quote = quote(&cart(&[(1, 100)], None, Some("0"), true)).unwrap();
    assert_eq!(quote.totals.tax_lines[0].amount, eur(0));
}

#[test]
fn the_trace_tells_rule_operands_rounding_and_result() {
    let input = cart(&[(1, 1290)], Some(490), Some("0.19"), true);
    let steps = serde_json::to_value(quote(&input).unwrap().trace).unwrap();
    let money = |amount: i64| serde_json::json!({"amount": amount, "currency": "EUR"});
    assert_eq!(
        steps[4],
        serde_json::json!({
            "rule": "line_tax", "line_id": input.lines[0].id, "taxable": money(1290), "rate": "0.19",
            "method": "included", "unrounded": "205.966386", "rounding": "half_away_from_zero", "result": money(206),
        })
    );
    let rules: Vec<&str> = steps.as_array().unwrap().iter().map(|step| step["rule"].as_str().unwrap()).collect();
    let expected = [
        "line_total",
        "subtotal",
        "discount",
        "shipping",
        "line_tax",
        "shipping_tax",
        "tax_line",
        "tax",
        "total",
        "due",
    ];
    assert_eq!(rules, expected);
}

#[test]
fn a_figure_beyond_the_range_of_money_is_an_overflow() {
    let cases = [
        cart(&[(2, LARGEST)], None, None, true),
        cart(&[(1, LARGEST), (1, 1)], None, None, true),
        cart(&[(1, LARGEST)], Some(1), None, true),
        cart(&[(1, LARGEST)], None, Some("0.19"), false),
        cart(&[(1, i64::MAX)], None, None, true),
        cart(&[(1, 1)], Some(i64::MIN), None, true),
    ];
    for input in cases {
        assert_eq!(quote(&input), Err(Overflow), "{input:?}");
    }
    assert!(quote(&cart(&[(1, LARGEST)], None, Some("1"), true)).is_ok());
}

/// Any cart within the limits; half of them small enough to have a total.
fn carts() -> impl Strategy<Value = QuoteInput> {
    let price = prop_oneof![3 => 0..=9_000_000_000_i64, 1 => 0..=LARGEST];
    let lines = prop::collection::vec((1..=999_i32, price), 0..=200);
    let rate = prop::option::of(
        (0..=1_000_000_u32).prop_map(|rate| if rate == 1_000_000 { "1".to_owned() } else { format!("0.{rate:06}") }),
    );
    (lines, prop::option::of(0..=100_000_i64), rate, any::<bool>())
        .prop_map(|(lines, shipping, rate, tax_included)| cart(&lines, shipping, rate.as_deref(), tax_included))
}

proptest! {
    #[test]
    fn all_sums_are_exact(input in carts()) {
        let Ok(Quote { lines, shipping_tax, totals, trace }) = quote(&input) else { return Ok(()) };
        for (line, asked) in lines.iter().zip(&input.lines) {
            prop_assert_eq!(line.id, asked.id);
            prop_assert_eq!(line.line_total.minor, asked.unit_price * i64::from(asked.quantity));
        }
        let sum = |of: fn(&QuotedLine) -> Money| lines.iter().map(|line| of(line).minor).sum::<i64>();
        prop_assert_eq!(totals.subtotal.minor, sum(|line| line.line_total));
        prop_assert_eq!(totals.discount.minor, sum(|line| line.discount));
        prop_assert_eq!(totals.tax.minor, sum(|line| line.tax) + shipping_tax.minor);
        prop_assert_eq!(totals.tax.minor, totals.tax_lines.iter().map(|line| line.amount.minor).sum::<i64>());
        let added = if totals.tax_included { 0 } else { totals.tax.minor };
        prop_assert_eq!(totals.total.minor, totals.subtotal.minor - totals.discount.minor + totals.shipping.minor + added);
        prop_assert_eq!(totals.due.minor, totals.total.minor - totals.gift_cards.minor - totals.store_credit.minor);
        let taxed = if input.tax.is_some() { lines.len() + 2 } else { 0 };
        prop_assert_eq!(trace.len(), lines.len() + 6 + taxed);
    }

    #[test]
    fn one_more_of_a_line_never_costs_less(input in carts(), place in any::<prop::sample::Index>()) {
        prop_assume!(!input.lines.is_empty());
        let mut more = input.clone();
        let place = place.index(more.lines.len());
        more.lines[place].quantity += 1;
        if let (Ok(less), Ok(more)) = (quote(&input), quote(&more)) {
            prop_assert!(more.totals.subtotal.minor >= less.totals.subtotal.minor);
            prop_assert!(more.totals.tax.minor >= less.totals.tax.minor);
            prop_assert!(more.totals.total.minor >= less.totals.total.minor);
            prop_assert!(more.totals.due.minor >= less.totals.due.minor);
        }
    }

    #[test]
    fn included_tax_never_exceeds_the_price_and_misses_the_exact_figure_by_half_at_most(input in carts()) {
        let input = QuoteInput { tax_included: true, ..input };
        let Ok(Quote { lines, shipping_tax, totals, .. }) = quote(&input) else { return Ok(()) };
        let rate = i128::from(input.tax.as_ref().map_or(0, |tax| tax.rate.millionths()));
        for line in &lines {
            prop_assert!((0..=line.line_total.minor).contains(&line.tax.minor));
            let off = i128::from(line.tax.minor) * (1_000_000 + rate) - i128::from(line.line_total.minor) * rate;
            prop_assert!(2 * off.abs() <= 1_000_000 + rate);
        }
        prop_assert!(shipping_tax.minor <= totals.shipping.minor);
    }

    #[test]
    fn no_figures_whatever_make_it_panic(
        lines in prop::collection::vec((any::<i32>(), any::<i64>()), 0..50),
        shipping in any::<Option<i64>>(),
        tax_included in any::<bool>(),
    ) {
        let _ = quote(&cart(&lines, shipping, Some("0.999999"), tax_included));
    }
}
