//! Images in parts.

use cartwright::{
    ids::ImageId,
    media::{ContentHash, MediaStorage, RenditionFormat, RenditionKey, RenditionName},
};

use crate::support::{TestApp, api_test};

const BYTES: &[u8] = b"0123456789";

/// The path of a file that stands for a rendition.
fn put_image(app: &TestApp) -> String {
    let (hash, format) = (ContentHash::of(BYTES), RenditionFormat::Webp);
    let key = RenditionKey { image_id: ImageId::new(), hash, name: RenditionName::Thumb, format };
    MediaStorage::open(&app.shop.config.media).unwrap().put(&key, BYTES).unwrap();
    format!("/api/v1/images/{}", key.path())
}

api_test!(a_download_that_broke_off_goes_on_where_it_was, |app| {
    let path = put_image(app);
    let whole = app.guest().get(&path).expect(200);
    assert_eq!((whole.body.as_slice(), whole.header("accept-ranges")), (BYTES, Some("bytes")));
    let tag = whole.header("etag").unwrap();
    let rest = app.guest().with("Range", "bytes=4-").with("If-Range", tag).get(&path).expect(206);
    assert_eq!(rest.body.as_slice(), b"456789".as_slice());
    assert_eq!(rest.header("content-range"), Some("bytes 4-9/10"));
    for name in ["etag", "cache-control", "content-type", "accept-ranges"] {
        assert_eq!(rest.header(name), whole.header(name), "{name}");
    }
    let another = app.guest().with("Range", "bytes=4-").with("If-Range", "\"another\"").get(&path).expect(200);
    assert_eq!(another.body.as_slice(), BYTES);
});

api_test!(a_range_behind_the_end_is_416_with_the_length, |app| {
    let path = put_image(app);
    let refused = app.guest().with("Range", "bytes=10-").get(&path);
    refused.problem(416, "range_not_satisfiable");
    assert_eq!(refused.header("content-range"), Some("bytes */10"));
    assert_eq!(refused.json()["length"], 10);
});

api_test!(what_was_seen_is_304_also_in_parts_and_head_has_no_parts, |app| {
    let path = put_image(app);
    let tag = app.guest().get(&path).expect(200).header("etag").unwrap().to_owned();
    for range in ["bytes=4-", "bytes=10-"] {
        let hit = app.guest().with("Range", range).with("If-None-Match", &tag).get(&path).expect(304);
        assert!(hit.body.is_empty());
    }
    let head = app.client().request("HEAD", &path).header("Range", "bytes=4-").send().expect(200);
    assert_eq!((head.header("content-length"), head.header("content-range")), (Some("10"), None));
});
