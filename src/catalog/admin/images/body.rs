//! What requests to add and to change an image hold, and how images look to the staff.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    catalog::{
        draft::ImageChange,
        model::FocalPoint,
        view::{Image, Renditions},
    },
    http::multipart::FilePart,
    ids::{ImageId, ProductId},
    patch::Patch,
    time::UtcTime,
};

/// An image to be added.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadImage {
    /// A JPEG, PNG or WebP of at most 10 MiB, 12,000 pixels on a side and 40 million in all.
    #[schema(value_type = String, format = Binary, max_length = 10_485_760)]
    #[allow(dead_code, reason = "stands for the bytes, which come beside the fields")]
    file: FilePart,
    /// What it shows, in words; the product's name where nothing is given.
    #[schema(nullable = false, max_length = 500, example = "An enamel mug, seen from above")]
    pub(super) alt: Option<String>,
}

/// What is to change of an image.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateImage {
    /// What it shows, in words.
    #[schema(nullable = false, max_length = 500, example = "An enamel mug, seen from above")]
    alt: Option<String>,
    /// The point that is to stay in sight where the image is cropped.
    #[serde(default)]
    #[schema(value_type = Option<FocalPoint>)]
    focal_point: Patch<FocalPoint>,
    /// Its place among the product's images, from 0; the others make room. Behind the last one, it becomes the last.
    #[schema(nullable = false, minimum = 0, maximum = 99)]
    position: Option<usize>,
}

impl From<UpdateImage> for ImageChange {
    fn from(body: UpdateImage) -> Self {
        let UpdateImage { alt, focal_point, position } = body;
        Self { alt, focal_point, position }
    }
}

/// An image of a product as the staff see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AdminImage {
    /// Its id.
    pub id: ImageId,
    /// The product that it shows.
    pub product_id: ProductId,
    /// What it shows, in words.
    #[schema(max_length = 500)]
    pub alt: String,
    /// Width of the original in pixels.
    #[schema(minimum = 1, maximum = 12000, example = 1200)]
    pub width: i32,
    /// Height of the original in pixels.
    #[schema(minimum = 1, maximum = 12000, example = 1200)]
    pub height: i32,
    /// ThumbHash in base64, to show while the image loads.
    #[schema(max_length = 100)]
    pub placeholder: String,
    /// The point that is to stay in sight where the image is cropped; null where none is named.
    #[schema(required)]
    pub focal_point: Option<FocalPoint>,
    /// The sizes in which it can be had.
    pub renditions: Renditions,
    /// Its place among the product's images, from 0.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub position: i32,
    /// The product's version, which rises with each change of an image too.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub version: i64,
    /// When it was added.
    pub created_at: UtcTime,
}

impl AdminImage {
    /// An image with what only the staff see.
    pub fn new(image: Image, product_id: ProductId, position: i32, version: i64, created_at: UtcTime) -> Self {
        let Image { id, alt, width, height, placeholder, focal_point, renditions } = image;
        Self { id, product_id, alt, width, height, placeholder, focal_point, renditions, position, version, created_at }
    }
}
