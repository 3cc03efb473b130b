//! The route that images are had from.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::Data,
};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{MediaStorage, RenditionKey};
use crate::{
    error::{Error, Result},
    http::{etag, path::PathParameter, range},
};

/// The bytes of a rendition.
#[derive(ToSchema)]
#[schema(format = Binary, max_length = 10_485_760)]
#[allow(dead_code, reason = "stands for bytes in the document")]
pub struct ImageBytes(String);

/// The route that images are had from.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service.service(get_image);
}

/// Show an image
///
/// One rendition of an image. The address holds a hash of the content, so that it never changes and may be kept for good.
/// One range of its bytes (`Range`, `If-Range`) can be had as well.
#[utoipa::path(
    tag = "catalogue",
    params(
        ("image_id" = crate::ids::ImageId, Path, description = "The image."),
        ("hash" = String, Path, description = "Names its content.", pattern = "^[0-9a-f]{32}$", min_length = 32, max_length = 32, example = "9f86d081884c7d659a2feaa0c55ad015"),
        ("file" = String, Path, description = "Size and format.", pattern = "^(thumb|medium|large)\\.(webp|jpg)$", max_length = 11, example = "thumb.webp"),
    ),
    responses(
        (status = 200, description = "The image.", content((ImageBytes = "image/webp"), (ImageBytes = "image/jpeg"))),
        (status = 206, description = "The range of it that was asked for.", content((ImageBytes = "image/webp"), (ImageBytes = "image/jpeg")))
    )
)]
#[get("/api/v1/images/{image_id}/{hash}/{file}")]
async fn get_image(
    storage: Data<Arc<MediaStorage>>,
    image_id: PathParameter<String>,
    hash: PathParameter<String, 1>,
    file: PathParameter<String, 2>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let key = RenditionKey::parse(&image_id.0, &hash.0, &file.0).ok_or_else(Error::not_found)?;
    let bytes = storage.apart(&key.path(), move |it| it.get(&key)).await?;
    let bytes = bytes.ok_or_else(Error::not_found)?;
    let tag = etag::tag(None, &bytes);
    let mut answer = range::answer(&request, key.format.content_type(), tag, bytes)?;
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(answer)
}
