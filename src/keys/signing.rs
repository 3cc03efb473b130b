//! The key pair that signs access tokens.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::ExposeSecret as _;

use super::Key;
use crate::digest::sha256;

/// An Ed25519 key pair with its public name.
pub(crate) struct SigningKey {
    /// The JWK thumbprint of the public key (RFC 7638, RFC 8037 appendix A.3): another key has another name, in
    /// whichever ring it is.
    pub(crate) kid: String,
    /// The public key, in base64url.
    pub(crate) x: String,
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
}

impl SigningKey {
    #[expect(clippy::expect_used, reason = "every 32 bytes are a seed of Ed25519 (RFC 8032, section 5.1.5)")]
    pub(super) fn from_seed(seed: &Key) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose_secret()).expect("a seed of 32 bytes");
        let document = pair.to_pkcs8v1().expect("a key pair has a PKCS #8 form");
        let public = pair.public_key().as_ref();
        let x = URL_SAFE_NO_PAD.encode(public);
        let thumbprint = sha256(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes());
        Self {
            kid: URL_SAFE_NO_PAD.encode(thumbprint),
            x,
            encoding: EncodingKey::from_ed_der(document.as_ref()),
            decoding: DecodingKey::from_ed_der(public),
        }
    }
}
