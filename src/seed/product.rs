//! One made-up product.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    chance::Chance,
    words::{BEGINNINGS, CARE, COLOURS, ENDINGS, KINDS, Kind, MIDDLES, QUALITIES, TRADES},
};
use crate::{
    catalog::{
        draft::{NewProduct, NewVariant, Price},
        model::{OrderQuantities, ProductOption, ProductStatus, Slug},
    },
    ids::{BrandId, CategoryId},
    money::Currency,
};

/// How many makers there are at most.
const MAKERS: usize = 800;
/// How many names of series there are at most.
const SERIES: usize = 20_000;

/// What there is to say of a product before it has its place in a shop.
#[derive(Debug)]
pub(super) struct Made {
    number: u64,
    pub(super) kind: &'static Kind,
    pub(super) brand: String,
    name: String,
    description: String,
    material: &'static str,
    colours: Vec<&'static str>,
    /// In hundredths of whole units of a currency.
    price: i64,
    reduced: bool,
    grams: i64,
    stock: Vec<i64>,
}

/// Where a product stands in the shop.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) external_id: String,
    pub(super) brand_id: BrandId,
    pub(super) category_id: Option<CategoryId>,
}

impl Made {
    /// The product of this number.
    pub(super) fn nth(number: u64) -> Self {
        let mut chance = Chance::of(number);
        let kind = &KINDS[chance.early(KINDS.len())];
        let maker = chance.early(MAKERS) as u64;
        let brand = format!("{}{}", coined(maker), chance_of_maker(maker));
        let series = coined(MAKERS as u64 + chance.early(SERIES) as u64);
        let quality = QUALITIES[chance.early(QUALITIES.len())];
        let material = chance.any(kind.materials);
        let name = format!("{quality} {} {series}", kind.noun);
        let start = chance.early(COLOURS.len());
        let count = if chance.below(5) < 3 { 1 } else { 2 + chance.below(3) };
        let colours: Vec<&str> = (0..count).map(|place| COLOURS[(start + place) % COLOURS.len()]).collect();
        let description = format!(
            "{} {} in {material}, made by {brand} for {}. {} {}",
            if quality.starts_with(['A', 'E', 'I', 'O', 'U']) { "An" } else { "A" },
            format_args!("{} {}", quality.to_lowercase(), kind.noun),
            kind.use_for,
            chance.any(CARE),
            chance.any(CARE),
        );
        let stock = colours.iter().map(|_| if chance.below(12) == 0 { 0 } else { chance.between(1, 240) }).collect();
        Self {
            number,
            kind,
            brand,
            name,
            description,
            material,
            price: chance.between(kind.price.0, kind.price.1) * 100 - chance.any(&[0, 1, 5, 10]),
            reduced: chance.below(8) == 0,
            grams: chance.between(kind.grams.0, kind.grams.1),
            colours,
            stock,
        }
    }

    /// The product as it is made in a shop that sells in these currencies.
    pub(super) fn into_new(self, placed: Placed, currencies: &[Currency]) -> NewProduct {
        let Placed { external_id, brand_id, category_id } = placed;
        let several = self.colours.len() > 1;
        let values = self.colours.iter().map(|&it| it.to_owned()).collect();
        let attributes = [("material", json!(self.material)), ("weight_g", json!(self.grams))];
        let colour = (!several).then(|| ("color", Value::from(self.colours[0])));
        NewProduct {
            slug: Slug::from_name(&self.name).and_then(|it| it.with_suffix(&self.number.to_string())),
            name: self.name.clone(),
            description: self.description.clone(),
            status: ProductStatus::Published,
            publish_at: None,
            unpublish_at: None,
            brand_id: Some(brand_id),
            category_ids: category_id.into_iter().collect(),
            options: several.then(|| ProductOption { name: "color".to_owned(), values }).into_iter().collect(),
            attributes: attributes.into_iter().chain(colour).map(|(key, value)| (key.to_owned(), value)).collect(),
            variants: (0..self.colours.len()).map(|place| self.variant(place, currencies)).collect(),
            images: Vec::new(),
            external_id: Some(external_id),
        }
    }

    fn variant(&self, place: usize, currencies: &[Currency]) -> NewVariant {
        let colour = self.colours[place];
        let options = BTreeMap::from([("color".to_owned(), colour.to_owned())]);
        let price = |&currency: &Currency| {
            let amount = in_minor_units(self.price, currency);
            Price { amount, currency, compare_at: self.reduced.then(|| amount + (amount / 4).max(1)) }
        };
        NewVariant {
            external_id: None,
            sku: format!("SEED-{:09}-{}", self.number, place + 1),
            name: None,
            options: if self.colours.len() > 1 { options } else { BTreeMap::new() },
            prices: currencies.iter().map(price).collect(),
            stock: self.stock[place],
            barcode: Some(barcode(self.number * 4 + place as u64)),
            weight_grams: i32::try_from(self.grams).ok(),
            order_quantities: OrderQuantities::default(),
            image_id: None,
        }
    }
}

/// A name that nobody has thought of, one for each number.
fn coined(number: u64) -> String {
    let mut chance = Chance::of(number ^ 0x6e61_6d65);
    [chance.any(BEGINNINGS), chance.any(MIDDLES), chance.any(ENDINGS)].concat()
}

fn chance_of_maker(maker: u64) -> &'static str {
    Chance::of(maker).any(TRADES)
}

/// Hundredths of whole units as minor units.
fn in_minor_units(hundredths: i64, currency: Currency) -> i64 {
    match currency.digits() {
        0 => hundredths / 100,
        1 => hundredths / 10,
        digits => hundredths * 10_i64.pow(digits - 2),
    }
}

/// An EAN-13 out of the range that shops use among themselves (GS1 prefix 20).
fn barcode(number: u64) -> String {
    let digits = format!("20{:010}", number % 10_000_000_000);
    let weighed = digits.bytes().zip([1, 3].iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight);
    format!("{digits}{}", (10 - weighed.sum::<u32>() % 10) % 10)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_nth_product_is_the_same_each_time_and_few_are_alike() {
        assert_eq!(Made::nth(7).name, Made::nth(7).name);
        let names: BTreeSet<String> = (1..=1000).map(|number| Made::nth(number).name).collect();
        assert!(names.len() > 980, "{}", names.len());
        let brands: BTreeSet<String> = (1..=1000).map(|number| Made::nth(number).brand).collect();
        assert!((100..800).contains(&brands.len()), "{}", brands.len());
    }

    #[test]
    fn prices_weights_and_stock_are_those_of_their_kind() {
        for number in 1..=1000 {
            let Made { kind, price, grams, colours, stock, .. } = Made::nth(number);
            assert!((kind.price.0 * 100 - 10..=kind.price.1 * 100).contains(&price));
            assert!((kind.grams.0..=kind.grams.1).contains(&grams));
            assert_eq!(colours.iter().collect::<BTreeSet<_>>().len(), stock.len());
        }
    }

    #[test]
    fn barcodes_end_with_their_check_digit() {
        // By the general specifications of GS1, section 7.9: weights 1 and 3 in turn.
        assert_eq!(barcode(123_456_789), "2001234567893");
    }
}
