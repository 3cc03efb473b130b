//! From rows to the JSON of a record.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    RecordKind, cell,
    columns::{Column, Layout},
};
use crate::{
    error::{Code, Violation, member},
    money::Currency,
};

/// What a variant's row has in the column `type`.
const VARIANT: &str = "variant";

impl Layout {
    /// Whether a row goes on with the record of the row before it.
    pub fn goes_on(&self, row: &[String]) -> bool {
        self.place("type").and_then(|place| row.get(place)).is_some_and(|it| it == VARIANT)
    }

    /// The record of these rows, of which those behind the first [go on](Self::goes_on) with it; a row has a cell for
    /// each column.
    ///
    /// # Errors
    /// What is wrong with the rows as such; the record is yet to be checked.
    pub fn record(&self, rows: &[Vec<String>]) -> Result<(RecordKind, Value), Vec<Violation>> {
        let texts = |row: &Vec<String>| row.iter().map(|cell| cell::unguarded(cell)).collect();
        let rows: Vec<Vec<String>> = rows.iter().map(texts).collect();
        let Some((first, further)) = rows.split_first() else { return Err(vec![unknown_type("")]) };
        let first = Row { layout: self, cells: first };
        let kind = first.get("type");
        let kind: RecordKind = serde_json::from_value(json!(kind)).map_err(|_| vec![unknown_type(kind)])?;
        let further: Vec<Row<'_>> = further.iter().map(|cells| Row { layout: self, cells }).collect();
        let mut violations = first.strangers(Some(kind), "#");
        let json = match kind {
            RecordKind::Attribute => first.attribute(),
            RecordKind::Brand => first.brand(),
            RecordKind::Category => first.category(),
            RecordKind::Collection => first.collection(),
            RecordKind::Product => {
                for (place, row) in (1..).zip(&further) {
                    violations.extend(row.strangers(None, &format!("#/variants/{place}")));
                }
                first.product(&further)
            }
        };
        if kind != RecordKind::Product && !further.is_empty() {
            violations.push(Violation::at("#/type", Code::InvalidValue, "Only products have variants."));
        }
        if violations.is_empty() { Ok((kind, json)) } else { Err(violations) }
    }
}

fn unknown_type(found: &str) -> Violation {
    let detail = match found {
        VARIANT => "A variant's row stands behind that of its product.".to_owned(),
        other => {
            format!("`{other}` is none of `attribute`, `brand`, `category`, `product`, `variant` and `collection`.")
        }
    };
    Violation::at("#/type", Code::InvalidValue, detail)
}

/// A row, with the text of its cell in each column.
struct Row<'a> {
    layout: &'a Layout,
    cells: &'a [String],
}

impl<'a> Row<'a> {
    /// What stands in a column that every table has.
    fn get(&self, name: &str) -> &'a str {
        self.layout.place(name).and_then(|place| self.cells.get(place)).map_or("", String::as_str)
    }

    /// What stands in each column that is not empty.
    fn columns(&self) -> impl Iterator<Item = (&'a Column, &'a str)> {
        let cells = self.cells.iter().map(String::as_str);
        self.layout.0.iter().zip(cells).filter(|(_, cell)| !cell.is_empty())
    }

    /// What stands where such a row has nothing to say.
    fn strangers(&self, kind: Option<RecordKind>, at: &str) -> Vec<Violation> {
        let strangers = self.columns().filter(|(column, _)| !column.belongs_to(kind));
        let name =
            |column| self.layout.0.iter().position(|it| it == column).map(|place| self.layout.header()[place].clone());
        strangers
            .filter_map(|(column, _)| name(column))
            .map(|name| {
                let detail = format!("A row of this type has nothing in the column `{name}`.");
                Violation::at(member(at, &name), Code::UnknownField, detail)
            })
            .collect()
    }

    fn attribute(&self) -> Value {
        json!({
            "key": self.get("slug"),
            "label": self.get("name"),
            "kind": self.get("kind"),
            "unit": cell::to_text(self.get("unit")),
            "filterable": cell::to_truth(self.get("filterable")),
            "position": cell::to_integer(self.get("position")),
        })
    }

    fn brand(&self) -> Value {
        json!({
            "slug": self.get("slug"),
            "external_id": cell::to_text(self.get("external_id")),
            "name": self.get("name"),
            "former_slugs": cell::to_list(self.get("former_slugs")),
        })
    }

    fn category(&self) -> Value {
        json!({
            "slug": self.get("slug"),
            "external_id": cell::to_text(self.get("external_id")),
            "name": self.get("name"),
            "parent": cell::to_text(self.get("parent")),
            "position": cell::to_integer(self.get("position")),
            "former_slugs": cell::to_list(self.get("former_slugs")),
        })
    }

    fn collection(&self) -> Value {
        json!({
            "slug": self.get("slug"),
            "external_id": cell::to_text(self.get("external_id")),
            "name": self.get("name"),
            "description": self.get("description"),
            "kind": self.get("kind"),
            "published": cell::to_truth(self.get("published")),
            "position": cell::to_integer(self.get("position")),
            "rules": cell::to_json(self.get("rules"), Value::Null),
            "products": cell::to_list(self.get("products")),
            "former_slugs": cell::to_list(self.get("former_slugs")),
        })
    }

    fn product(&self, further: &[Self]) -> Value {
        let options = cell::to_json(self.get("options"), json!([]));
        let first = if self.has_variant() { vec![self.variant(&options)] } else { Vec::new() };
        let variants = first.into_iter().chain(further.iter().map(|it| it.variant(&options)));
        let mut product = json!({
            "slug": self.get("slug"),
            "external_id": cell::to_text(self.get("external_id")),
            "name": self.get("name"),
            "description": self.get("description"),
            "status": self.get("status"),
            "publish_at": cell::to_text(self.get("publish_at")),
            "unpublish_at": cell::to_text(self.get("unpublish_at")),
            "former_slugs": cell::to_list(self.get("former_slugs")),
            "brand": cell::to_text(self.get("brand")),
            "categories": cell::to_list(self.get("categories")),
            "attributes": self.attributes(),
            "images": cell::to_json(self.get("images"), json!([])),
            "variants": variants.collect::<Vec<Value>>(),
        });
        product["created_at"] = cell::to_text(self.get("created_at"));
        product["options"] = options;
        product
    }

    /// The columns of attributes, with what stands in the cell of the others.
    fn attributes(&self) -> Value {
        let mut others = match cell::to_json(self.get("attributes"), json!({})) {
            Value::Object(others) => others,
            // To be refused.
            other => return other,
        };
        for (column, text) in self.columns() {
            if let Column::Attribute(key) = column {
                others.insert(key.clone(), cell::to_attribute(text));
            }
        }
        others.into()
    }

    fn has_variant(&self) -> bool {
        self.columns().any(|(column, _)| column.belongs_to(None) && *column != Column::Fixed("type"))
    }

    fn variant(&self, options: &Value) -> Value {
        let mut prices: BTreeMap<Currency, (Value, Value)> = BTreeMap::new();
        let mut chosen = Map::new();
        for (column, text) in self.columns() {
            match column {
                Column::Price(currency) => prices.entry(*currency).or_default().0 = cell::to_integer(text),
                Column::CompareAt(currency) => prices.entry(*currency).or_default().1 = cell::to_integer(text),
                Column::Option(place) => {
                    let name = options.pointer(&format!("/{place}/name")).and_then(Value::as_str);
                    // Without such an option it is refused under the column's own name.
                    chosen.insert(name.map_or(format!("option{}", place + 1), str::to_owned), text.into());
                }
                _ => {}
            }
        }
        let price = |(currency, (amount, compare_at)): (Currency, (Value, Value))| json!({"currency": currency, "amount": amount, "compare_at": compare_at});
        json!({
            "sku": self.get("sku"),
            "external_id": cell::to_text(self.get("variant_external_id")),
            "name": cell::to_text(self.get("variant_name")),
            "options": chosen,
            "barcode": cell::to_text(self.get("barcode")),
            "weight_grams": cell::to_integer(self.get("weight_grams")),
            "min_order_quantity": match self.get("min_order_quantity") { "" => json!(1), text => cell::to_integer(text) },
            "max_order_quantity": cell::to_integer(self.get("max_order_quantity")),
            "image": cell::to_integer(self.get("image")),
            "stock": match self.get("stock") { "" => json!(0), text => cell::to_integer(text) },
            "prices": prices.into_iter().map(price).collect::<Vec<Value>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog::portable::{Record, Summary},
        export::form::{RecordWriter, read_line, read_record},
    };

    fn product() -> Value {
        json!({
            "slug": "chair", "external_id": null, "name": "=Chair, \"oak\"", "description": "two\r\nlines; 'more'\t",
            "status": "draft", "publish_at": "2030-01-01T00:00:00.000Z", "unpublish_at": null,
            "created_at": "2026-01-05T09:00:00.123Z", "former_slugs": ["old-chair", "older"], "brand": "acme",
            "categories": ["home", "sale"], "options": [{"name": "=color", "values": ["+red", "oak"]}],
            "attributes": {"a": "=1", "b": 5, "c": ["x", "y"], "rare": false, "e": "", "f": "TRUE"},
            "images": [{"files": "0".repeat(32), "hash": "a".repeat(32), "alt": "@alt", "width": 9, "height": 8,
                "placeholder": "aaaa", "focal_point": {"x": 0.5, "y": 0.25}}],
            "variants": [
                {"sku": "-1", "external_id": "'x", "name": null, "options": {"=color": "+red"}, "barcode": "0049",
                    "weight_grams": 5, "min_order_quantity": 2, "max_order_quantity": 12, "image": 0, "stock": 3,
                    "prices": [{"currency": "EUR", "amount": 0, "compare_at": null},
                        {"currency": "JPY", "amount": 9, "compare_at": 12}]},
                {"sku": "-2", "external_id": null, "name": "＝own", "options": {"=color": "oak"}, "barcode": null,
                    "weight_grams": null, "min_order_quantity": 1, "max_order_quantity": null, "image": null, "stock": 0,
                    "prices": []},
            ],
        })
    }

    fn records() -> Vec<Record> {
        let bare = json!({"slug": "bare", "external_id": "1", "name": "Bare", "description": "", "status": "archived",
            "publish_at": null, "unpublish_at": null, "created_at": "2026-01-05T09:00:00.000Z", "former_slugs": [],
            "brand": null, "categories": [], "options": [], "attributes": {}, "images": [], "variants": []});
        let attribute =
            json!({"key": "a", "label": "=A", "kind": "number", "unit": "cm", "filterable": true, "position": 1});
        let category = json!({"slug": "home", "external_id": "-9", "name": "Home", "parent": null, "position": 0,
            "former_slugs": ["house"]});
        let of = |kind, json| read_record(kind, json).unwrap();
        vec![
            of(RecordKind::Attribute, attribute),
            of(
                RecordKind::Brand,
                json!({"slug": "acme", "external_id": "+1", "name": "@cme", "former_slugs": ["acne"]}),
            ),
            of(RecordKind::Category, category),
            of(RecordKind::Product, product()),
            of(RecordKind::Product, bare),
        ]
    }

    fn table() -> (Layout, String) {
        let summary = Summary {
            attributes: ["a", "b", "c", "e", "f"].map(str::to_owned).into(),
            currencies: ["EUR", "JPY"].map(|it| it.parse().unwrap()).into(),
            options: 1,
        };
        let mut writer = RecordWriter::table(Vec::new(), &summary).unwrap();
        records().iter().for_each(|it| writer.write(it).unwrap());
        (Layout::of(&summary), String::from_utf8(writer.into_inner()).unwrap())
    }

    fn rows(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv_core::Reader::new();
        let (mut input, mut rows) = (text.as_bytes(), Vec::new());
        let (mut bytes, mut ends) = (vec![0; 10_000], vec![0; 100]);
        while let (csv_core::ReadRecordResult::Record | csv_core::ReadRecordResult::InputEmpty, read, _, cells) =
            reader.read_record(input, &mut bytes, &mut ends)
        {
            input = &input[read..];
            let cell = |place: usize| &bytes[if place == 0 { 0 } else { ends[place - 1] }..ends[place]];
            rows.push((0..cells).map(|it| String::from_utf8(cell(it).to_vec()).unwrap()).collect());
        }
        rows.retain(|row: &Vec<String>| !row.is_empty());
        rows
    }

    #[test]
    fn what_is_written_as_a_table_is_read_back() {
        let (layout, text) = table();
        let rows = rows(&text);
        assert_eq!(Layout::read(&rows[0]), Ok(layout.clone()));
        let mut read = Vec::new();
        for group in rows[1..].chunk_by(|_, next| layout.goes_on(next)) {
            let (kind, json) = layout.record(group).unwrap();
            read.push(read_record(kind, json).unwrap());
        }
        assert_eq!(read, records());
        assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));
    }

    #[test]
    fn what_is_written_as_lines_is_read_back() {
        let mut writer = RecordWriter::lines(Vec::new()).unwrap();
        records().iter().for_each(|it| writer.write(it).unwrap());
        let text = String::from_utf8(writer.into_inner()).unwrap();
        let (first, rest) = text.split_once('\n').unwrap();
        assert_eq!(first, r#"{"cartwright_export":1}"#);
        let read = rest.lines().map(|line| {
            let (kind, json) = read_line(serde_json::from_str(line).unwrap()).unwrap();
            read_record(kind, json).unwrap()
        });
        assert_eq!(read.collect::<Vec<_>>(), records());
    }

    #[test]
    fn a_row_that_says_what_its_type_has_not_is_refused() {
        let (layout, text) = table();
        let mut rows = rows(&text);
        let column = |name: &str| layout.place(name).unwrap();
        rows[2][column("sku")] = "X".to_owned();
        rows[5][column("name")] = "X".to_owned();
        let pointers = |rows: &[Vec<String>]| {
            let violations = layout.record(rows).unwrap_err();
            violations.into_iter().map(|it| serde_json::to_value(it).unwrap()["pointer"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(pointers(&rows[2..3]), ["#/sku"]);
        assert_eq!(pointers(&rows[4..6]), ["#/variants/1/name"]);
        assert_eq!(pointers(&rows[5..6]), ["#/type"]);
        assert_eq!(pointers(&[]), ["#/type"]);
    }

    #[test]
    fn a_cell_that_is_not_of_its_kind_is_refused_where_it_stands() {
        let (layout, text) = table();
        let mut rows = rows(&text);
        for (name, cell) in [("stock", "many"), ("weight_grams", "-5"), ("options", "color"), ("created_at", "now")] {
            rows[4][layout.place(name).unwrap()] = cell.to_owned();
        }
        let (kind, json) = layout.record(&rows[4..6]).unwrap();
        let Err(crate::error::Error::Problem(problem)) = read_record(kind, json) else { panic!("it is refused") };
        let told: Vec<String> =
            problem.errors.iter().map(|it| serde_json::to_value(it).unwrap()["pointer"].to_string()).collect();
        for pointer in ["#/variants/0/stock", "#/variants/0/weight_grams", "#/options", "#/created_at"] {
            assert!(told.contains(&format!("\"{pointer}\"")), "{pointer}: {told:?}");
        }
    }
}
