//! How good the ranking is, on judged queries over a catalogue of real products.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    io::{BufRead, BufReader},
    path::PathBuf,
    time::Instant,
};

use flate2::read::GzDecoder;
use serde_json::Value;

use super::*;
use crate::{
    ids::{BrandId, ProductId},
    money::Money,
    time::UtcTime,
};

fn shared(path: &str) -> PathBuf {
    let data = std::env::var_os("SHARED_DATA").map(PathBuf::from);
    data.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data"))).join(path)
}

fn document(row: &Value) -> SearchDocument {
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let attributes = row.as_object().unwrap().iter().filter_map(|(key, value)| match value {
        Value::String(value) if key.starts_with("attr_t_") => Some(value.clone()),
        Value::Bool(true) => Some(key.trim_start_matches("attr_b_").replace('_', " ")),
        _ => None,
    });
    SearchDocument {
        product_id: ProductId::new(),
        name: text("title"),
        brand: row["supplier"].as_str().map(|name| Label {
            id: BrandId::new(),
            slug: name.to_lowercase(),
            name: name.to_owned(),
        }),
        skus: vec![text("id")],
        barcodes: row["ean"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        categories: Vec::new(),
        attributes: attributes.collect(),
        filterable: Vec::new(),
        description: text("short_description"),
        prices: vec![Money::new(row["price"].as_i64().unwrap_or(0), "USD".parse().unwrap())],
        in_stock: true,
        popularity: None,
        created_at: UtcTime::from_micros(0),
        version: 1,
    }
}

/// Kilobytes of anonymous memory of this process, now and at most.
fn anonymous_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status.lines().filter(|line| line.starts_with("RssAnon") || line.starts_with("VmHWM"));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(", ")
}

/// The catalogue's index in `dir`, and the external id of each product.
fn indexed(dir: &std::path::Path) -> (SearchIndex, HashMap<ProductId, String>) {
    let index = SearchIndex::open(dir, Language::English).unwrap();
    println!("before: {}", anonymous_memory());
    let begun = Instant::now();
    let rows = BufReader::new(GzDecoder::new(File::open(shared("icecat-products.jsonl.gz")).unwrap())).lines();
    let mut bulk = index.rebuild().unwrap();
    // With room for all, so that no growing of it is taken for the index's memory.
    let mut external_ids = HashMap::with_capacity(20_000);
    let mut largest = String::new();
    for (number, row) in rows.enumerate() {
        let row: Value = serde_json::from_str(&row.unwrap()).unwrap();
        let document = document(&row);
        external_ids.insert(document.product_id, row["id"].as_str().unwrap().to_owned());
        bulk.put(&document).unwrap();
        if number % 1000 == 0 {
            largest = largest.max(anonymous_memory());
        }
    }
    println!("{} read in {:?}; while reading at most {largest}", external_ids.len(), begun.elapsed());
    bulk.commit(1).unwrap();
    println!("indexed in {:?}, then {}", begun.elapsed(), anonymous_memory());
    (index, external_ids)
}

fn product_like(number: usize) -> SearchDocument {
    let row =
        serde_json::json!({ "id": format!("X{number}"), "title": format!("Oak chair number {number}"), "price": 1 });
    document(&row)
}

fn query(text: &str) -> SearchQuery {
    SearchQuery {
        text: Some(text.to_owned()),
        filters: Filters::default(),
        sort: Sort::Relevance,
        offset: 0,
        limit: 10,
        with_total: false,
        facets: Vec::new(),
        generation: None,
    }
}

/// nDCG@10 with gain 2^grade - 1; what was not judged is 0; queries without a relevant product are left out.
fn ndcg(index: &SearchIndex, external_ids: &HashMap<ProductId, String>, kind: &str) -> f64 {
    let table = |name: String| -> Vec<Vec<String>> {
        let text = fs::read_to_string(shared("relevance-dev").join(name)).unwrap();
        text.lines()
            .map(|line| line.split('\t').flat_map(|it| it.splitn(4, ' ')).map(str::to_owned).collect())
            .collect()
    };
    let mut grades: BTreeMap<String, HashMap<String, i32>> = BTreeMap::new();
    for row in table(format!("{kind}qrels.tsv")) {
        grades.entry(row[0].clone()).or_default().insert(row[2].clone(), row[3].parse().unwrap());
    }
    let gain = |(place, grade): (usize, i32)| (2f64.powi(grade) - 1.0) / (place as f64 + 2.0).log2();
    let mut sum = 0.0;
    let mut judged = 0;
    let text = fs::read_to_string(shared("relevance-dev").join(format!("{kind}queries.tsv"))).unwrap();
    for (id, text) in text.lines().filter_map(|line| line.split_once('\t')) {
        let grades = &grades[id];
        let mut best: Vec<i32> = grades.values().copied().collect();
        best.sort_unstable_by(|a, b| b.cmp(a));
        let ideal: f64 = best.into_iter().take(10).enumerate().map(gain).sum();
        if ideal == 0.0 {
            continue;
        }
        let hits = index.search(&query(text)).unwrap().ids;
        let found = hits.iter().map(|hit| grades.get(&external_ids[hit]).copied().unwrap_or(0));
        let shown: Vec<i32> = found.clone().collect();
        let score = found.enumerate().map(gain).sum::<f64>() / ideal;
        println!("{score:.3} {text} {shown:?}");
        sum += score;
        judged += 1;
    }
    sum / f64::from(judged)
}

#[test]
#[ignore = "needs SHARED_DATA"]
fn most_of_what_is_found_first_was_meant() {
    let dir = std::env::temp_dir().join(format!("cartwright-relevance-{}", std::process::id()));
    let (index, external_ids) = indexed(&dir);
    let clean = ndcg(&index, &external_ids, "");
    let misspelt = ndcg(&index, &external_ids, "typo-");
    println!("nDCG@10: {clean:.4} as written, {misspelt:.4} misspelt");
    let begun = Instant::now();
    let texts = ["gaming laptop", "usb c cable black", "printer", "hp", "intel core i7 16 gb notebook with windows 10"];
    for text in texts {
        let begun = Instant::now();
        for _ in 0..20 {
            index.search(&query(text)).unwrap();
        }
        println!("{:?} {text}", begun.elapsed() / 20);
    }
    println!("searched in {:?}, then {}", begun.elapsed(), anonymous_memory());
    let begun = Instant::now();
    for round in 0..50 {
        let ids = external_ids.keys().skip(round * 100).take(100);
        let changes =
            ids.map(|&product_id| Change::Put(Box::new(SearchDocument { product_id, ..product_like(round) })));
        index.apply(changes.collect(), 2).unwrap();
    }
    println!("50 rounds of 100 changes in {:?}, then {}", begun.elapsed(), anonymous_memory());
    let begun = Instant::now();
    for round in 0..20 {
        index.apply(vec![Change::Put(Box::new(product_like(round)))], 3).unwrap();
    }
    println!("20 rounds of 1 change in {:?}, then {}", begun.elapsed(), anonymous_memory());
    fs::remove_dir_all(&dir).unwrap();
    assert!(clean >= 0.78, "{clean}");
    assert!(misspelt >= 0.68, "{misspelt}");
}
