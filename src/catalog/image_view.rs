//! How images look from outside.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::FocalPoint;
use crate::ids::ImageId;

/// An image with its renditions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Image {
    /// Its id.
    pub id: ImageId,
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
    /// The point that is to stay in sight where a front-end crops the image (CSS: `object-position`); null where the
    /// shop names none. Renditions are never cropped.
    #[schema(required)]
    pub focal_point: Option<FocalPoint>,
    /// The sizes in which it can be had.
    pub renditions: Renditions,
}

/// The sizes in which an image can be had; none is larger than the original.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Renditions {
    /// Within 320 pixels square.
    pub thumb: Rendition,
    /// Within 800 pixels square.
    pub medium: Rendition,
    /// Within 1,200 pixels square.
    pub large: Rendition,
}

/// One size of an image.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Rendition {
    /// Address of the WebP.
    #[schema(format = "uri", max_length = 1000)]
    pub webp: String,
    /// Address of the JPEG.
    #[schema(format = "uri", max_length = 1000)]
    pub jpg: String,
    /// Width in pixels.
    #[schema(minimum = 1, maximum = 1200, example = 320)]
    pub width: u32,
    /// Height in pixels.
    #[schema(minimum = 1, maximum = 1200, example = 320)]
    pub height: u32,
}
