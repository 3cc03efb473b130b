//! Images in a bucket instead of a folder. Needs a server that speaks S3's protocol, and the variables that lead to it.

use std::time::{Duration, SystemTime};

use cartwright::{
    auth::rights::Role,
    ids::ImageId,
    media::{MediaStorage, render},
};
use serde_json::Value;

use super::{
    chair,
    images::{picture, upload},
    made, remove,
};
use crate::support::{Answer, Backend, Client, TestApp};

/// A bucket of its own.
struct Bucket {
    server: Client,
    name: String,
}

impl Bucket {
    fn make() -> Self {
        let server = Client::new(std::env::var("AWS_ENDPOINT_URL").expect("AWS_ENDPOINT_URL"));
        let name = format!("shop-{}", uuid::Uuid::now_v7());
        server.request("PUT", &format!("/{name}")).send().expect(200);
        Self { server, name }
    }

    /// How many files it has below the prefix.
    fn files(&self) -> usize {
        let listed = self.server.get(&format!("/{}?list-type=2&prefix=eu/images/", self.name)).expect(200);
        listed.text().matches("<Key>").count()
    }

    fn shop(&self) -> TestApp {
        let place = format!("s3://{}/eu/images", self.name);
        TestApp::start_with(Backend::Sqlite, &["--media", &place, "--media-url", "https://cdn.example/shop"])
    }
}

fn rendition(app: &TestApp, address: &Value, range: &str) -> Answer {
    let address = address.as_str().expect("an address");
    let path = address.strip_prefix("https://cdn.example/shop").expect("the address of images");
    app.client().request("GET", path).header("Range", range).send()
}

#[test]
#[ignore = "needs an S3 server: AWS_ENDPOINT_URL"]
fn images_in_a_bucket_are_kept_shown_and_removed() {
    let bucket = Bucket::make();
    let app = bucket.shop();
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = made(kim.post("/api/v1/admin/products", &chair()));
    let (image, _) = made(upload(&kim, &path, &picture(1600, 1000, image::ImageFormat::Jpeg)));
    assert_eq!(bucket.files(), 6);
    let shown = kim.get(&path).ok();
    let address = &shown["images"][0]["renditions"]["large"]["webp"];
    let whole = rendition(&app, address, "lines=1").expect(200);
    assert_eq!(whole.header("content-type"), Some("image/webp"));
    let part = rendition(&app, address, "bytes=4-11").expect(206);
    assert_eq!(part.body, &whole.body[4..12]);
    remove(&kim, &image, "*").expect(204);
    assert_eq!(bucket.files(), 0);
    rendition(&app, address, "lines=1").problem(404, "not_found");
}

#[test]
#[ignore = "needs an S3 server: AWS_ENDPOINT_URL"]
fn files_in_a_bucket_that_no_product_has_are_swept_up() {
    let bucket = Bucket::make();
    let app = bucket.shop();
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = made(kim.post("/api/v1/admin/products", &chair()));
    made(upload(&kim, &path, &picture(30, 30, image::ImageFormat::Png)));
    let left = render(&picture(20, 20, image::ImageFormat::Png)).unwrap();
    MediaStorage::open(&app.shop.config.media).unwrap().keep(ImageId::new(), &left).unwrap();
    assert_eq!(bucket.files(), 12);
    assert_eq!(app.sweep_images(SystemTime::now() - Duration::from_secs(60)), 0, "an upload may still run");
    assert_eq!(app.sweep_images(SystemTime::now() + Duration::from_secs(60)), 1);
    assert_eq!(bucket.files(), 6, "those of the image that a product has");
}

#[test]
#[ignore = "needs an S3 server: AWS_ENDPOINT_URL"]
fn a_bucket_that_is_not_there_is_no_fault_of_ours() {
    let place = format!("s3://absent-{}", uuid::Uuid::now_v7());
    let app = TestApp::start_with(Backend::Sqlite, &["--media", &place]);
    let kim = app.staff(Role::CatalogueManager);
    let (path, _) = made(kim.post("/api/v1/admin/products", &chair()));
    let refused = upload(&kim, &path, &picture(30, 30, image::ImageFormat::Png)).expect(503);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(kim.get(&path).ok()["images"], serde_json::json!([]));
}
