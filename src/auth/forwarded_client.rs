//! For whom a front-end server calls: `Client-Address`, believed of who shows an API key with the right
//! `forward_client` in `Client-Address-Key`.
//!
//! Such a server speaks for many shoppers, often with their own tokens in `Authorization`, so the key has a header to
//! itself. What it says counts for rate limits and stands in the audit log.

use std::net::IpAddr;

use actix_web::{HttpMessage, dev::ServiceRequest};

use super::{authenticate::holder_of_key, caller::Caller, rights::RightName};
use crate::{
    error::{Code, Error, Result, Violation},
    http::{client_address::ClientAddress, header::only},
    shop::Shop,
};

const ADDRESS: &str = "client-address";
const KEY: &str = "client-address-key";

/// Takes the address that the request names for its client's, where it names one.
///
/// # Errors
/// 400 where one header stands without the other, or the address is none; 401 `invalid_token`, 403 `forbidden`.
pub(super) async fn believe(shop: &Shop, request: &ServiceRequest) -> Result<()> {
    let headers = request.headers();
    if !headers.contains_key(ADDRESS) && !headers.contains_key(KEY) {
        return Ok(());
    }
    let key =
        only(headers, KEY).ok_or_else(|| in_header("Client-Address-Key", "`Client-Address` comes with one key."))?;
    let address: IpAddr = only(headers, ADDRESS)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| in_header("Client-Address", "This is not one IPv4 or IPv6 address."))?;
    match holder_of_key(shop, key).await? {
        Caller::ApiKey { rights, .. } if rights.contains(RightName::ForwardClient) => {
            request.extensions_mut().insert(ClientAddress(address.to_canonical()));
            Ok(())
        }
        _ => Err(Error::problem(Code::Forbidden, "The key lacks the right `forward_client`.")),
    }
}

fn in_header(name: &str, detail: &'static str) -> Error {
    Violation::in_header(name, Code::InvalidHeader, detail).into()
}
