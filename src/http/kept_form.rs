//! A body with its headers, as it is kept: plain, or packed once for many.

use actix_web::{
    HttpResponse,
    body::BoxBody,
    http::{StatusCode, header::HeaderMap},
    web::Bytes,
};

use super::compression::{self, Coding};

/// A body with its headers.
pub(super) struct Form {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Form {
    /// The answer in this form.
    pub(super) fn response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::with_body(StatusCode::OK, BoxBody::new(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }

    /// This form, packed.
    pub(super) fn packed(&self, coding: Coding) -> Self {
        let mut headers = self.headers.clone();
        let body = compression::packed(coding, self.body.clone(), &mut headers);
        Self { headers, body }
    }
}
