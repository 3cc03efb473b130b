//! From the catalogue's pointers to those of the file.

use std::collections::BTreeMap;

use super::mapping::{Mapping, OptionFields};

/// Where the file says what the catalogue calls `pointer`; the entry as a whole where that cannot be told.
pub(super) fn in_file(
    mapping: &Mapping,
    variants_at: &[String],
    attributes_at: &BTreeMap<String, String>,
    pointer: &str,
) -> String {
    let mut steps = pointer.trim_start_matches("#/").split('/');
    let of = &mapping.product;
    let product = |path: &Option<super::path::Path>| path.as_ref().map(|it| it.pointer("#"));
    let found = match steps.next() {
        Some("external_id") => Some(of.external_id.pointer("#")),
        Some("name") => Some(of.name.pointer("#")),
        Some("slug") => product(&of.slug),
        Some("description") => product(&of.description),
        Some("brand_id") => product(&of.brand),
        Some("status") => product(&of.status),
        Some("category_ids") => product(&of.category_path),
        Some("attributes") => steps.next().and_then(|key| attributes_at.get(key)).cloned(),
        Some("options") => mapping.variant.items.as_ref().map(|it| it.pointer("#")),
        Some("variants") => steps.next().and_then(|place| variants_at.get(place.parse::<usize>().ok()?)).map(|at| {
            let of = &mapping.variant;
            let variant = |path: &Option<super::path::Path>| path.as_ref().map(|it| it.pointer(at));
            let found = match steps.next() {
                Some("sku") => Some(of.sku.pointer(at)),
                Some("name") => variant(&of.name),
                Some("barcode") => variant(&of.barcode),
                Some("weight_grams") => variant(&of.weight_grams),
                Some("min_order_quantity") => variant(&of.min_order_quantity),
                Some("max_order_quantity") => variant(&of.max_order_quantity),
                // Of several places it cannot be told which of them have said something.
                Some("prices") => variant(&of.price).filter(|_| of.prices.is_empty()),
                // The names of options are the file's own.
                Some("options") => match &of.options {
                    Some(OptionFields::At(path)) => {
                        Some(steps.fold(path.pointer(at), |pointer, step| format!("{pointer}/{step}")))
                    }
                    _ => None,
                },
                _ => None,
            };
            found.unwrap_or_else(|| at.clone())
        }),
        _ => None,
    };
    found.unwrap_or_else(|| "#".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_where_the_file_says_it() {
        let demo = Mapping::parse(include_str!("../../tests/data/demo.toml")).unwrap();
        let at = ["#/variants/0".to_owned(), "#/variants/1".to_owned()];
        let attributes = BTreeMap::from([("seat_height".to_owned(), "#/facets/Seat height".to_owned())]);
        for (ours, theirs) in [
            ("#/slug", "#/slug"),
            ("#/external_id", "#/slug"),
            ("#/brand_id", "#/brand"),
            ("#/attributes/seat_height", "#/facets/Seat height"),
            ("#/attributes/other", "#"),
            ("#/attributes", "#"),
            ("#/variants/1/prices/0/currency", "#/variants/1/price"),
            ("#/variants/1/options/a~1b", "#/variants/1/options/a~1b"),
            ("#/variants/1/stock", "#/variants/1"),
            ("#/variants/2/sku", "#"),
            ("#", "#"),
        ] {
            assert_eq!(in_file(&demo, &at, &attributes, ours), theirs, "{ours}");
        }
        let icecat = Mapping::parse(include_str!("../../tests/data/icecat.toml")).unwrap();
        assert_eq!(in_file(&icecat, &["#".to_owned()], &attributes, "#/variants/0/sku"), "#/id");
        assert_eq!(in_file(&icecat, &["#".to_owned()], &attributes, "#/variants/0/barcode"), "#/ean/0");
    }
}
