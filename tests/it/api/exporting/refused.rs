use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::{Value, json};

use super::{CURRENCIES, files, images, rewritten, small_export};
use crate::support::{Backend, TestApp, api_test};

/// What is changed in a record.
type Change<'a> = &'a dyn Fn(&mut Value);

api_test!(what_an_export_may_not_say_is_refused_where_it_stands, |app| {
    let (file, lines) = small_export(app);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut record: Value = serde_json::from_str(&lines[1]).unwrap();
        change(&mut record["product"]);
        rewritten(&file, &[lines[0].clone(), record.to_string()]);
        let imported = app.import_own(&file, false).unwrap();
        assert_eq!(imported.counts.refused, 1, "{record}");
        let columns: Vec<String> = imported.lines[0].split('\t').map(str::to_owned).collect();
        assert_eq!(columns[0], "2");
        (columns[2].clone(), columns[3].clone())
    };
    let cases: [(Change<'_>, &str, &str); 14] = [
        (&|it| it["name"] = json!(""), "#/name", "too_short"),
        (&|it| it["price"] = json!(1), "#/price", "unknown_field"),
        (&|it| it["status"] = json!("sold"), "#/status", "invalid_value"),
        (&|it| drop(it.as_object_mut().unwrap().remove("variants")), "#/variants", "required"),
        (&|it| it["brand"] = json!("nobody"), "#/brand", "not_found"),
        (&|it| it["categories"] = json!(["nowhere"]), "#/categories/0", "not_found"),
        (&|it| it["variants"][1]["sku"] = json!("R"), "#/variants/1/sku", "sku_taken"),
        (&|it| it["variants"][1]["options"] = json!({}), "#/variants/1/options/color", "options_mismatch"),
        (&|it| it["variants"][0]["image"] = json!(1), "#/variants/0/image", "not_found"),
        (&|it| it["images"][0]["files"] = json!("../../etc/passwd"), "#/images/0/files", "validation_failed"),
        (&|it| it["variants"][0]["stock"] = json!(1_000_000_001), "#/variants/0/stock", "out_of_range"),
        (
            &|it| it["variants"][0]["prices"][0]["compare_at"] = it["variants"][0]["prices"][0]["amount"].clone(),
            "#/variants/0/prices/0/compare_at",
            "out_of_range",
        ),
        (
            &|it| {
                it["status"] = json!("draft");
                it["publish_at"] = json!("2091-01-01T00:00:00Z");
                it["unpublish_at"] = json!("2090-01-01T00:00:00Z");
            },
            "#/unpublish_at",
            "reversed_range",
        ),
        (
            &|it| it["variants"][0]["prices"][0]["currency"] = json!("GBP"),
            "#/variants/0/prices/0/currency",
            "currency_not_offered",
        ),
    ];
    for (change, pointer, code) in cases {
        assert_eq!(with(change), (pointer.to_owned(), code.to_owned()));
    }
    rewritten(
        &file,
        &[lines[0].clone(), lines[1].clone(), lines[1].clone(), "{\"shop\": {}}".to_owned(), "[".to_owned()],
    );
    let imported = app.import_own(&file, false).unwrap();
    let told: Vec<String> =
        imported.lines.iter().map(|it| it.split('\t').take(4).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(told[..3], ["3 chair #/slug validation_failed", "4 - #/shop unknown_field", "5 - # malformed_json"]);
});

api_test!(a_first_line_says_what_the_file_is_and_nothing_else, |app| {
    let (file, lines) = small_export(app);
    rewritten(&file, &["{\"cartwright_export\": 1, \"currency\": \"EUR\", \"a/b\": 1}".to_owned(), lines[1].clone()]);
    let imported = app.import_own(&file, false).unwrap();
    let told: Vec<&str> = imported.lines[0].split('\t').take(4).collect();
    assert_eq!(told, ["1", "-", "#/a~1b", "unknown_field"]);
    assert!(imported.lines[0].contains("#/currency: "), "{imported:?}");
    assert_eq!(imported.counts.refused, 1, "the records are taken all the same");
    rewritten(&file, &["{\"cartwright_export\": 2}".to_owned()]);
    assert!(app.import_own(&file, false).unwrap_err().contains("version 2"));
    rewritten(&file, &["id,name".to_owned()]);
    assert!(app.import_own(&file, false).unwrap_err().contains("--map"));
});

api_test!(an_image_that_is_not_what_was_exported_is_not_taken, |app| {
    let (file, _) = small_export(app);
    let kept = images(&file);
    let folder = PathBuf::from(format!("{}.images", file.display()));
    let other = TestApp::start_with(Backend::Sqlite, &CURRENCIES);
    let refused = |code: &str| {
        let imported = other.import_own(&file, false).unwrap();
        assert!(imported.lines[0].contains(&format!("\t#/images/0/files\t{code}\t")), "{imported:?}");
        assert_eq!(files(other.media_folder()), BTreeMap::new(), "nothing is kept of it");
    };
    for (name, bytes) in &kept {
        fs::remove_file(folder.join(name)).unwrap();
        refused("not_found");
        fs::write(folder.join(name), [bytes.as_slice(), b"<script>"].concat()).unwrap();
        refused("invalid_value");
        fs::write(folder.join(name), bytes).unwrap();
    }
    // Named rightly, a file that holds more than a picture is refused as well.
    let jpeg = kept.keys().find(|it| it.ends_with("large.jpg")).unwrap();
    let mut bytes = kept[jpeg].clone();
    bytes.splice(2..2, [0xff, 0xfe, 0, 6, b'e', b'v', b'i', b'l']);
    let media = ["large.webp", "large.jpg", "medium.webp", "medium.jpg", "thumb.webp", "thumb.jpg"];
    let of = |name: &str| if name == "large.jpg" { &bytes } else { &kept[&jpeg.with_file_name(name)] };
    let hash = cartwright::media::hash_of_files(media.map(|name| of(name).as_slice()));
    fs::create_dir(folder.join(hash.as_str())).unwrap();
    media.iter().for_each(|name| fs::write(folder.join(hash.as_str()).join(name), of(name)).unwrap());
    let text = fs::read_to_string(&file).unwrap();
    let old = jpeg.parent().unwrap().to_str().unwrap();
    fs::write(&file, text.replace(&format!("\"files\":\"{old}\""), &format!("\"files\":\"{hash}\""))).unwrap();
    refused("invalid_format");
    for wrong in ["\"width\":12000", "\"width\":41"] {
        fs::write(&file, text.replace("\"width\":40", wrong)).unwrap();
        refused("invalid_format");
    }
    fs::write(&file, text).unwrap();
    assert_eq!(other.import_own(&file, false).unwrap().numbers(), [1, 0, 0, 0]);
    assert_eq!(images(&other.export("shop.jsonl")), kept);
});
