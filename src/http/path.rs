//! Path parameters: what is not of the right form names nothing, so that it is 404.

use std::{
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use crate::error::{Error, Result};

/// The `PLACE`th parameter of the path, from the left, as a `T`.
pub struct PathParameter<T, const PLACE: usize = 0>(pub T);

impl<T: FromStr, const PLACE: usize> FromRequest for PathParameter<T, PLACE> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let value = request.match_info().iter().nth(PLACE).and_then(|(_, text)| text.parse().ok());
        ready(value.map(Self).ok_or_else(Error::not_found))
    }
}
