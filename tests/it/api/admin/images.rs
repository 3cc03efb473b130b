use std::{
    fs,
    io::Cursor,
    path::Path,
    time::{Duration, SystemTime},
};

use cartwright::{
    auth::rights::Role,
    catalog::{
        draft::NewImage,
        edit_product,
        write_image::{self, IMAGES},
    },
    http::etag::IfMatch,
    ids::ImageId,
    media::{MediaStorage, render},
};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

use super::{chair, change, made, remove};
use crate::support::{Answer, Client, Product, TestApp, api_test};

const PRODUCTS: &str = "/api/v1/admin/products";

pub(super) fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(super) fn upload(staff: &Client, product: &str, file: &[u8]) -> Answer {
    staff.request("POST", &format!("{product}/images")).upload("b", file, None).send()
}

/// The ids of a list, in its order.
fn ids(images: &Value) -> Vec<String> {
    let items = images.as_array().expect("a list").iter();
    items.map(|it| it["id"].as_str().expect("an id").to_owned()).collect()
}

/// How many files lie below a folder.
fn files_below(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    entries.map(|it| if it.is_dir() { files_below(&it) } else { 1 }).sum()
}

/// The path behind the shop's address.
fn path_of(address: &Value) -> &str {
    let address = address.as_str().expect("an address");
    &address[address.find("/api/v1").expect("a path of the API")..]
}

api_test!(an_upload_is_drawn_in_every_size_and_shown_with_its_product, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = made(kim.post(PRODUCTS, &chair()));
    let photograph = picture(1600, 1000, ImageFormat::Jpeg);
    let request = kim.request("POST", &format!("{path}/images")).upload("b", &photograph, Some("A chair, from aside"));
    let answer = request.send().expect(201);
    assert!(answer.header("etag").is_some_and(|it| it.starts_with("\"2.")), "the product has a new version");
    let (location, image) = made(answer);
    assert_eq!(kim.get(&location).ok(), image);
    assert_eq!(kim.get(&format!("{path}/images")).ok()["items"], json!([image]));
    assert_eq!((&image["alt"], &image["position"]), (&json!("A chair, from aside"), &json!(0)));
    assert_eq!((&image["width"], &image["height"], &image["focal_point"]), (&json!(1600), &json!(1000), &Value::Null));
    let shown = app.guest().get("/api/v1/products/oak-chair").ok();
    assert_eq!(shown["version"], 2);
    assert_eq!(shown["images"][0]["renditions"], image["renditions"]);
    for (name, width, height) in [("thumb", 320, 200), ("medium", 800, 500), ("large", 1200, 750)] {
        let rendition = &image["renditions"][name];
        assert_eq!((&rendition["width"], &rendition["height"]), (&json!(width), &json!(height)));
        for (format, kind) in [("webp", "image/webp"), ("jpg", "image/jpeg")] {
            let answer = app.guest().get(path_of(&rendition[format])).expect(200);
            assert_eq!(answer.header("content-type"), Some(kind));
            let drawn = image::load_from_memory(&answer.body).unwrap();
            assert_eq!((drawn.width(), drawn.height()), (width, height));
        }
    }
    let (_, second) = made(upload(&kim, &path, &picture(9, 9, ImageFormat::WebP)));
    assert_eq!((&second["alt"], &second["position"]), (&json!("Oak chair"), &json!(1)));
});

/// A PNG that says it has this many pixels, and has hardly any.
fn boastful_png(width: u32, height: u32) -> Vec<u8> {
    let mut png = picture(8, 8, ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    png
}

api_test!(what_is_no_sound_image_is_refused_and_leaves_nothing, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    let (png, jpeg) = (picture(40, 30, ImageFormat::Png), picture(400, 300, ImageFormat::Jpeg));
    for other in [
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec(),
        b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(),
        b"%PDF-1.7".to_vec(),
        Vec::new(),
    ] {
        upload(&kim, &path, &other).problem(415, "unsupported_media_type");
    }
    for (file, reason) in [
        (boastful_png(50_000, 50_000), "too_many_pixels"),
        (boastful_png(6_300, 6_300), "damaged"),
        (png[..png.len() / 2].to_vec(), "damaged"),
        (jpeg[..jpeg.len() - 20].to_vec(), "damaged"),
        ([png.as_slice(), b"PK\x03\x04<script>"].concat(), "trailing_data"),
        ([jpeg.as_slice(), b"<?php system($_GET[0]); ?>"].concat(), "trailing_data"),
    ] {
        let problem = upload(&kim, &path, &file).problem(422, "image_refused");
        assert_eq!(problem["errors"][0]["params"]["reason"], reason);
        assert_eq!(problem["errors"][0]["pointer"], "#/file");
    }
    upload(&kim, &path, &vec![0xff; 10 * 1024 * 1024 + 1]).problem(413, "payload_too_large");
    kim.post(&format!("{path}/images"), &json!({"file": ""})).problem(415, "unsupported_media_type");
    let absent = format!("{PRODUCTS}/prod_01kdxkk1a0f2ethrwsbq5wfaw2");
    upload(&kim, &absent, &png).problem(404, "not_found");
    let closed = [&jpeg[..jpeg.len() / 2], &[0xff, 0xd9]].concat();
    // Nothing is drawn before the product is looked for.
    upload(&kim, &absent, &closed).problem(404, "not_found");
    assert_eq!(kim.get(&path).ok(), product);
    assert_eq!(files_below(app.media_folder()), 0);
});

api_test!(an_upload_that_is_sent_again_is_one_image, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = made(kim.post(PRODUCTS, &chair()));
    let file = picture(30, 30, ImageFormat::Png);
    let send = |boundary: &str, alt: &str| {
        let request = kim.request("POST", &format!("{path}/images")).header("Idempotency-Key", "one-upload");
        request.upload(boundary, &file, Some(alt)).send()
    };
    let (_, first) = made(send("a", "Chair"));
    let again = send("another", "Chair");
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(made(again).1, first);
    send("a", "").problem(422, "idempotency_key_reused");
    send("a", "Stool").problem(422, "idempotency_key_reused");
    assert_eq!(ids(&kim.get(&path).ok()["images"]).len(), 1);
    assert_eq!(files_below(app.media_folder()), 6, "those of one image");
});

api_test!(what_was_answered_is_answered_again_without_the_product, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = made(kim.post(PRODUCTS, &chair()));
    let file = picture(30, 30, ImageFormat::Png);
    let send = |product: &str, key: &str| {
        let request = kim.request("POST", &format!("{product}/images")).header("Idempotency-Key", key);
        request.upload("b", &file, None).send()
    };
    let (_, first) = made(send(&path, "one-upload"));
    remove(&kim, &path, "*").expect(204);
    let again = send(&path, "one-upload");
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(made(again).1, first);
    send(&path, "another-upload").problem(404, "not_found");
    assert_eq!(files_below(app.media_folder()), 0);
});

api_test!(a_form_is_read_by_its_content_and_not_by_what_it_says_of_itself, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = made(kim.post(PRODUCTS, &chair()));
    let png = picture(30, 30, ImageFormat::Png);
    let send = |heads: &[&str]| {
        let part = |head: &&str| [b"--b\r\n", head.as_bytes(), b"\r\n\r\n", &png, b"\r\n"].concat();
        let body = [heads.iter().flat_map(part).collect(), b"--b--\r\n".to_vec()].concat();
        let request = kim.request("POST", &format!("{path}/images"));
        request.header("Content-Type", "multipart/form-data; boundary=b").body(body).send()
    };
    let file = "Content-Disposition: form-data; name=\"file\"";
    for head in [
        file.to_owned(),
        format!("{file}; filename=\"a.svg\"\r\nContent-Type: image/svg+xml"),
        format!("{file}; filename=\"../../\u{202e}gpj.exe\"\r\nContent-Type: text/html"),
        format!("{file}; filename=\"a\\\"b;c=d.png\"; filename*=UTF-8''%00%2F%f0%9f%98%80"),
        format!("{file}; filename=\"{}\"", "n".repeat(30_000)),
        format!("{file}\r\nContent-Length: 3\r\nContent-Transfer-Encoding: base64"),
    ] {
        send(&[&head]).expect(201);
    }
    let other = "Content-Disposition: form-data; name=\"picture\"; filename=\"a.png\"";
    let violations = send(&[other]).problem(400, "invalid_request");
    assert!(violations["detail"].as_str().is_some_and(|it| it.contains("UTF-8")), "{violations}");
    for heads in [
        vec![file, file],
        vec![file, other],
        vec!["Content-Type: image/png"],
        vec!["Content-Disposition: form-data; filename=\"a.png\""],
        vec!["nonsense"],
        vec![""],
    ] {
        send(&heads).problem(400, "invalid_request");
    }
    let many: String = (0..200).map(|number| format!("X-{number}: x\r\n")).collect();
    send(&[&format!("{many}{file}")]).problem(400, "invalid_request");
    assert_eq!(kim.get(&path).ok()["images"].as_array().map(Vec::len), Some(6));
});

api_test!(the_order_the_words_and_the_focal_point_of_images_change, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = made(kim.post(PRODUCTS, &chair()));
    let places: Vec<String> =
        (1..4).map(|side| made(upload(&kim, &path, &picture(side, side, ImageFormat::Png))).0).collect();
    let [a, b, c] = ids(&kim.get(&path).ok()["images"]).try_into().unwrap();
    let body = json!({"position": 0, "alt": "From above", "focal_point": {"x": 0.25, "y": 1}});
    kim.patch(&places[2], &body).problem(428, "precondition_required");
    change(&kim, &places[2], "\"3\"", &body).problem(412, "stale_version");
    let changed = change(&kim, &places[2], "\"4\"", &body).ok();
    assert_eq!(
        (&changed["version"], &changed["position"], &changed["alt"]),
        (&json!(5), &json!(0), &json!("From above"))
    );
    let shown = app.guest().get("/api/v1/products/oak-chair").ok();
    assert_eq!(ids(&shown["images"]), [&*c, &a, &b]);
    assert_eq!(shown["images"][0]["focal_point"], json!({"x": 0.25, "y": 1.0}));
    assert_eq!(change(&kim, &places[0], "*", &json!({"position": 99})).ok()["position"], 2);
    assert_eq!(change(&kim, &places[2], "*", &json!({"focal_point": null})).ok()["focal_point"], Value::Null);
    assert_eq!(ids(&kim.get(&path).ok()["images"]), [c, b, a]);
    let version = kim.get(&path).ok()["version"].clone();
    assert_eq!(change(&kim, &places[2], "*", &json!({"position": 0})).ok()["version"], version, "it was there already");
    for (body, violation) in [
        (json!({"focal_point": {"x": 1.5, "y": 0}}), "#/focal_point/x out_of_range"),
        (json!({"focal_point": {"x": 0}}), "#/focal_point/y required"),
        (json!({"position": -1}), "#/position out_of_range"),
        (json!({"alt": null}), "#/alt invalid_type"),
        (json!({"hash": "x"}), "#/hash unknown_field"),
    ] {
        assert_eq!(change(&kim, &places[2], "*", &body).violations(), [violation]);
    }
});

api_test!(a_deleted_image_goes_with_its_files, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, product) = made(kim.post(PRODUCTS, &chair()));
    let (location, image) = made(upload(&kim, &path, &picture(30, 30, ImageFormat::Png)));
    made(upload(&kim, &path, &picture(20, 20, ImageFormat::Png)));
    let variant = format!("/api/v1/admin/variants/{}", product["variants"][0]["id"].as_str().unwrap());
    change(&kim, &variant, "*", &json!({"image_id": image["id"]})).expect(200);
    let rendition = path_of(&image["renditions"]["thumb"]["webp"]).to_owned();
    app.guest().get(&rendition).expect(200);
    remove(&kim, &location, "\"1\"").problem(412, "stale_version");
    remove(&kim, &location, "*").expect(204);
    remove(&kim, &location, "*").problem(404, "not_found");
    app.guest().get(&rendition).problem(404, "not_found");
    assert_eq!(kim.get(&variant).ok()["image_id"], Value::Null);
    let left = kim.get(&path).ok();
    assert_eq!(left["images"].as_array().unwrap().len(), 1);
    assert_eq!(kim.get(&format!("{path}/images")).ok()["items"][0]["position"], 0);
    remove(&kim, &path, "*").expect(204);
    assert_eq!(files_below(app.media_folder()), 0);
});

/// Fills a product up with images that have no files.
fn fill(app: &TestApp, product: &Product) -> String {
    let id = app.put(product.clone()).id;
    let rendered = render(&picture(2, 2, ImageFormat::Png)).unwrap();
    app.database(|conn| {
        let mut editing = edit_product::open(conn, id, &IfMatch::Absent)?;
        for _ in 0..IMAGES {
            let new = NewImage::of(ImageId::new(), "Chair", &rendered);
            write_image::add_image(conn, &mut editing, new, app.shop.clock.now())?;
        }
        edit_product::finish(conn, editing, app.shop.clock.now()).map(drop)
    });
    format!("{PRODUCTS}/{id}")
}

api_test!(a_product_has_at_most_a_hundred_images, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let path = fill(app, &Product::named("Oak chair"));
    upload(&kim, &path, &picture(3, 3, ImageFormat::Png)).problem(422, "too_many_entries");
    assert_eq!(files_below(app.media_folder()), 0);
});

api_test!(files_that_no_product_has_are_swept_up, |app| {
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = made(kim.post(PRODUCTS, &chair()));
    made(upload(&kim, &path, &picture(30, 30, ImageFormat::Png)));
    let left = render(&picture(20, 20, ImageFormat::Png)).unwrap();
    MediaStorage::open(&app.shop.config.media).unwrap().keep(ImageId::new(), &left).unwrap();
    assert_eq!(files_below(app.media_folder()), 12);
    assert_eq!(app.sweep_images(SystemTime::now() - Duration::from_secs(60)), 0, "an upload may still run");
    assert_eq!(app.sweep_images(SystemTime::now() + Duration::from_secs(60)), 1);
    assert_eq!(files_below(app.media_folder()), 6, "those of the image that a product has");
});
