//! A table in somebody else's form: a row for each variant, those of a product behind each other, as shops export them.
//!
//! Of the rows of a product an entry is made as a JSON file would have it. An empty cell says nothing, and a row that
//! says nothing of a variant is none: it may bring a further image.

use std::io::BufRead;

use serde_json::{Map, Value, json};

use super::{
    mapping::{DecimalSign, Mapping, OptionColumn, OptionFields, PRODUCT, Stock, VARIANTS, VariantFields},
    path::{Path, Pattern},
    read::{Entry, Take},
    rows::{Group, Grouping, read_groups},
};
use crate::error::Code;

/// What the columns of a file mean.
struct Columns {
    all: Vec<Column>,
    external_id: usize,
}

/// One of them.
struct Column {
    name: String,
    holds: Holds,
    /// Whether a row with something in it is a variant.
    of_variant: bool,
    /// Whether it names an option: said in the first row of a product, it holds for all.
    names_option: bool,
}

/// What a cell becomes.
#[derive(Clone)]
enum Holds {
    Text,
    /// A number, a truth, a list or a text.
    Attribute(Option<String>, DecimalSign),
    /// A list of what stands between these.
    List(Option<String>),
    /// A list, of which each row may have a part.
    Images(Option<String>),
}

/// Reads the products of a table.
///
/// # Errors
/// Where the file cannot be read, or has not the columns that the mapping names.
pub(super) fn read_table(reader: Box<dyn BufRead>, mapping: &Mapping, take: Take<'_>) -> Result<(), String> {
    let begin = |header: Vec<String>| Columns::of(mapping, header);
    read_groups(reader, mapping.delimiter.0, begin, |columns, group| {
        let Group { line: row, fault, size, .. } = &group;
        let json = match fault {
            Some(fault) => Err((Code::InvalidFormat, fault.clone())),
            None => Ok(columns.entry(&group.rows)),
        };
        take(Entry { row: *row, json, size: *size })
    })
}

impl Columns {
    fn of(mapping: &Mapping, header: Vec<String>) -> Result<Self, String> {
        let mut wrong = Vec::new();
        for named in &mapping.columns() {
            let reason = match header.iter().filter(|it| *it == named).count() {
                0 => format!("the first row has no column `{named}`, which the mapping names"),
                1 => continue,
                _ => format!("the first row has the column `{named}` more than once"),
            };
            if !wrong.contains(&reason) {
                wrong.push(reason);
            }
        }
        if !wrong.is_empty() {
            return Err(wrong.join("; "));
        }
        let external_id = header.iter().position(|it| it == mapping.product.external_id.text()).unwrap_or_default();
        let all = header.into_iter().map(|name| Column::of(mapping, name)).collect();
        Ok(Self { all, external_id })
    }

    fn entry(&self, rows: &[Vec<String>]) -> Value {
        let Some(first) = rows.first() else { return json!({}) };
        let mut product = self.object(first, None);
        for (place, column) in self.all.iter().enumerate() {
            if let Holds::Images(separator) = &column.holds {
                let cells = rows.iter().filter_map(|row| row.get(place));
                let mut images: Vec<&str> = Vec::new();
                for image in cells.flat_map(|cell| parts(cell, separator.as_deref())) {
                    if !images.contains(&image) {
                        images.push(image);
                    }
                }
                product.insert(column.name.clone(), images.into());
            }
        }
        let is_variant = |row: &&Vec<String>| {
            self.all.iter().zip(row.iter()).any(|(column, cell)| column.of_variant && !cell.is_empty())
        };
        let variants: Vec<Value> =
            rows.iter().filter(is_variant).map(|row| self.object(row, Some(first)).into()).collect();
        json!({ PRODUCT: product, VARIANTS: variants })
    }

    /// What a row says, and where it is left out the first row's names of options.
    fn object(&self, row: &[String], first: Option<&Vec<String>>) -> Map<String, Value> {
        let mut object = Map::new();
        for (place, column) in self.all.iter().enumerate().filter(|(_, column)| !column.name.is_empty()) {
            let cell = row.get(place).filter(|it| !it.is_empty());
            let cell = cell.or_else(|| first.filter(|_| column.names_option)?.get(place).filter(|it| !it.is_empty()));
            if let Some(cell) = cell {
                object.insert(column.name.clone(), column.holds.value(cell));
            }
        }
        object
    }
}

impl Grouping for Columns {
    fn goes_on(&self, group: &Group, row: &[String]) -> bool {
        let own = row.get(self.external_id);
        let of_group = group.rows.first().and_then(|first| first.get(self.external_id));
        own.is_none_or(|own| own.is_empty() || Some(own) == of_group)
    }
}

impl Column {
    fn of(mapping: &Mapping, name: String) -> Self {
        let is = |path: &Path| path.text() == name;
        let is_any = |path: &Option<Path>| path.as_ref().is_some_and(is);
        let product = &mapping.product;
        let VariantFields {
            items: _,
            sku,
            name: own_name,
            barcode,
            weight_grams,
            min_order_quantity,
            max_order_quantity,
            options,
            price,
            compare_at,
            price_unit: _,
            prices,
            stock,
        } = &mapping.variant;
        let options = match options {
            Some(OptionFields::Columns(columns)) => columns.as_slice(),
            _ => &[],
        };
        let has_value = options.iter().any(|it| match it {
            OptionColumn::Named(value) | OptionColumn::Pair { value, .. } => is(value),
        });
        let names_option = options.iter().any(|it| matches!(it, OptionColumn::Pair { name, .. } if is(name)));
        let has_stock = matches!(stock, Some(Stock::At(path)) if is(path));
        let in_variant = [own_name, barcode, weight_grams, min_order_quantity, max_order_quantity, price, compare_at];
        let has_price = prices.iter().any(|it| is(&it.price) || is_any(&it.compare_at));
        let of_variant = is(sku) || in_variant.into_iter().any(is_any) || has_value || has_stock || has_price;
        let in_product = [&product.slug, &product.description, &product.brand, &product.status];
        let is_text = is(&product.external_id) || is(&product.name) || in_product.into_iter().any(is_any);
        let is_attribute = product.attributes.iter().any(|pattern| match pattern {
            Pattern::Prefix(_, prefix) => name.starts_with(prefix.as_str()),
            Pattern::At(path) => is(path),
        });
        let lists = &mapping.list_separator;
        let holds = if is_any(&product.images) {
            Holds::Images(lists.clone())
        } else if is_any(&product.category_path) {
            Holds::List(mapping.category_separator.as_ref().or(lists.as_ref()).cloned())
        } else if is_attribute && !is_text && !of_variant && !names_option {
            Holds::Attribute(lists.clone(), mapping.decimal)
        } else {
            Holds::Text
        };
        Self { name, holds, of_variant, names_option }
    }
}

impl Holds {
    fn value(&self, cell: &str) -> Value {
        match self {
            Self::Text => cell.into(),
            Self::List(separator) | Self::Images(separator) => {
                parts(cell, separator.as_deref()).collect::<Vec<&str>>().into()
            }
            Self::Attribute(separator, decimal) => match separator {
                Some(separator) if cell.contains(separator.as_str()) => {
                    parts(cell, Some(separator)).collect::<Vec<&str>>().into()
                }
                _ => number_or_truth(cell.trim(), *decimal).unwrap_or_else(|| cell.into()),
            },
        }
    }
}

/// The entries of a list, without the space around them.
fn parts<'a>(cell: &'a str, separator: Option<&'a str>) -> impl Iterator<Item = &'a str> {
    let whole = separator.is_none().then_some(cell);
    let several = separator.into_iter().flat_map(|separator| cell.split(separator));
    whole.into_iter().chain(several).map(str::trim).filter(|it| !it.is_empty())
}

/// As JSON writes them; `0049` is neither.
fn number_or_truth(cell: &str, decimal: DecimalSign) -> Option<Value> {
    match cell.to_ascii_lowercase().as_str() {
        "true" => Some(true.into()),
        "false" => Some(false.into()),
        _ => serde_json::from_str(&decimal.with_point(cell)?).ok().filter(Value::is_number),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const SHOP: &str = r#"
        format = "csv"
        currency = "USD"
        images_dir = "images"
        list_separator = ","
        category_separator = ">"
        [product]
        external_id = "Handle"
        name = "Title"
        description = "Body (HTML)"
        category_path = "Product Category"
        images = "Image Src"
        attributes = ["Color (product.metafields)", "meta_*"]
        [variant]
        sku = "Variant SKU"
        barcode = "Variant Barcode"
        price = "Variant Price"
        price_unit = "decimal"
        options = [{name = "Option1 Name", value = "Option1 Value"}, "Fit"]
    "#;

    fn entries(text: &str) -> Result<Vec<Entry>, String> {
        let mapping = Mapping::parse(SHOP).unwrap();
        let mut found = Vec::new();
        read_table(Box::new(Cursor::new(text.to_owned())), &mapping, &mut |entry| {
            found.push(entry);
            true
        })?;
        Ok(found)
    }

    const HEADER: &str = "Handle,Title,Body (HTML),Product Category,Image Src,Color (product.metafields),meta_weight,\
        Variant SKU,Variant Barcode,Variant Price,Option1 Name,Option1 Value,Fit,";

    #[test]
    fn the_rows_of_a_product_become_one_entry() {
        let text = format!(
            "{HEADER}\n\
             shirt,Shirt,\"<p>Soft,\n\"\"warm\"\"</p>\",Clothing > Shirts,a.jpg,\"red, blue\",0.5,S-1,0049,9.90,Size,S,,x\n\
             shirt,,,,b.jpg,,,S-2,,9.90,,M,wide,\n\
             ,,,,\"b.jpg, c.jpg\",,,,,,,,,\n\
             mug,Mug,,,,true,0049,M-1,,5,,,,\n"
        );
        let found = entries(&text).unwrap();
        assert_eq!(found.iter().map(|it| it.row).collect::<Vec<_>>(), [2, 6]);
        let [shirt, mug] = found.as_slice() else { panic!("two products") };
        assert_eq!(
            *shirt.json.as_ref().unwrap(),
            json!({
                "product": {"Handle": "shirt", "Title": "Shirt", "Body (HTML)": "<p>Soft,\n\"warm\"</p>",
                    "Product Category": ["Clothing", "Shirts"], "Image Src": ["a.jpg", "b.jpg", "c.jpg"],
                    "Color (product.metafields)": ["red", "blue"], "meta_weight": 0.5, "Variant SKU": "S-1",
                    "Variant Barcode": "0049", "Variant Price": "9.90", "Option1 Name": "Size", "Option1 Value": "S"},
                "variants": [
                    {"Handle": "shirt", "Title": "Shirt", "Body (HTML)": "<p>Soft,\n\"warm\"</p>",
                        "Product Category": ["Clothing", "Shirts"], "Image Src": ["a.jpg"],
                        "Color (product.metafields)": ["red", "blue"], "meta_weight": 0.5, "Variant SKU": "S-1",
                        "Variant Barcode": "0049", "Variant Price": "9.90", "Option1 Name": "Size",
                        "Option1 Value": "S"},
                    {"Handle": "shirt", "Image Src": ["b.jpg"], "Variant SKU": "S-2", "Variant Price": "9.90",
                        "Option1 Name": "Size", "Option1 Value": "M", "Fit": "wide"},
                ],
            })
        );
        let mug = mug.json.as_ref().unwrap();
        assert_eq!(mug["product"]["Color (product.metafields)"], json!(true));
        assert_eq!(mug["product"]["meta_weight"], json!("0049"));
        assert_eq!(mug["variants"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn what_the_mapping_says_of_variants_is_no_attribute_of_their_product() {
        let own = "min_order_quantity = \"meta_min\"\nmax_order_quantity = \"meta_max\"\n";
        let mapping = Mapping::parse(&SHOP.replace("price_unit", &format!("{own}price_unit"))).unwrap();
        for (name, of_variant) in [("meta_min", true), ("meta_max", true), ("meta_weight", false)] {
            let column = Column::of(&mapping, name.to_owned());
            assert_eq!(column.of_variant, of_variant, "{name}");
            assert_eq!(column.holds.value("5"), if of_variant { json!("5") } else { json!(5) }, "{name}");
        }
    }

    #[test]
    fn a_comma_may_stand_before_the_fraction() {
        let with_comma = "decimal = \",\"\nlist_separator = \"|\"";
        let mapping = Mapping::parse(&SHOP.replace("list_separator = \",\"", with_comma)).unwrap();
        let column = Column::of(&mapping, "meta_weight".to_owned());
        for (cell, value) in [
            (" 0,5 ", json!(0.5)),
            ("-3", json!(-3)),
            ("0.5", json!("0.5")),
            ("1.299,00", json!("1.299,00")),
            (" true", json!(true)),
        ] {
            assert_eq!(column.holds.value(cell), value, "{cell}");
        }
    }

    #[test]
    fn a_row_with_another_number_of_cells_refuses_its_product() {
        let text = format!("{HEADER}\nshirt,Shirt,,,,,,S-1,,9.90,,,,\nshirt,S-2\nmug,Mug,,,,,,M-1,,5,,,,\n");
        let found = entries(&text).unwrap();
        assert_eq!(found.iter().map(|it| (it.row, it.json.is_ok())).collect::<Vec<_>>(), [(3, false), (4, true)]);
    }

    #[test]
    fn a_column_that_the_mapping_names_must_be_there_once() {
        let reason = entries(&HEADER.replace("Fit", "fit")).err();
        assert_eq!(reason.unwrap(), "the first row has no column `Fit`, which the mapping names");
        let reason = entries(&HEADER.replace("Title", "Handle").replace(",Fit,", ",Fit,Title")).err();
        assert_eq!(reason.unwrap(), "the first row has the column `Handle` more than once");
        let reason = entries(&HEADER.replace("Fit", "fit").replace("Title", "title")).err();
        assert_eq!(
            reason.unwrap(),
            "the first row has no column `Title`, which the mapping names; \
             the first row has no column `Fit`, which the mapping names"
        );
    }
}
