//! Opaque tokens: 256 bits that prove something to us and mean nothing to anybody else.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};

use crate::{
    digest,
    ids::OrderId,
    keys::{Keys, Purpose, fill_random},
};

/// 32 bytes in base64url without padding.
const BODY_LENGTH: usize = 43;

/// What a token is for; its prefix says so to people and to scanners for leaked secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `ct_`: holds a guest's cart.
    Cart,
    /// `rt_`: is exchanged for the next access token.
    Refresh,
    /// `sk_`: lets another system in.
    ApiKey,
    /// `ot_`: shows a guest their order. Always derived, never stored.
    Order,
    /// `mt_`: came by mail and is good for one use.
    Mail,
    /// `ch_`: stands for a log-in whose second factor is awaited.
    Challenge,
}

impl TokenKind {
    /// What stands in front, the underscore with it.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Cart => "ct_",
            Self::Refresh => "rt_",
            Self::ApiKey => "sk_",
            Self::Order => "ot_",
            Self::Mail => "mt_",
            Self::Challenge => "ch_",
        }
    }
}

/// A token in clear: a prefix and 43 characters of base64url. Only its hash is ever stored.
#[derive(Clone)]
pub struct OpaqueToken {
    kind: TokenKind,
    text: SecretString,
}

/// The text is not a token of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAToken;

impl OpaqueToken {
    /// A fresh random token.
    pub fn random(kind: TokenKind) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        fill_random(bytes.as_mut());
        Self::from_bytes(kind, &bytes)
    }

    /// The token in `text`. There is one text for each token: no other padding, alphabet or spare bits.
    pub fn parse(kind: TokenKind, text: &str) -> Result<Self, NotAToken> {
        let body = text.strip_prefix(kind.prefix()).filter(|body| body.len() == BODY_LENGTH).ok_or(NotAToken)?;
        URL_SAFE_NO_PAD.decode(body).map(Zeroizing::new).map_err(|_| NotAToken)?;
        Ok(Self { kind, text: text.into() })
    }

    /// What it is for.
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The token itself, to be handed to its owner.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The SHA-256 of its text in 64 hexadecimal digits, to be stored and looked up. It needs neither salt nor
    /// slowness: nobody guesses 256 bits.
    pub fn hash(&self) -> String {
        digest::sha256_hex(self.expose().as_bytes())
    }

    fn from_bytes(kind: TokenKind, bytes: &[u8; 32]) -> Self {
        let mut text = String::with_capacity(kind.prefix().len() + BODY_LENGTH);
        text.push_str(kind.prefix());
        URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        Self { kind, text: text.into() }
    }
}

/// The token that shows a guest the order `order_id`. Raising `generation` makes the tokens of the former one void.
pub fn derive_order_token(keys: &Keys, order_id: OrderId, generation: u32) -> OpaqueToken {
    let mac = keys.mac(Purpose::OrderToken, &[order_id.as_str().as_bytes(), &generation.to_be_bytes()]);
    OpaqueToken::from_bytes(TokenKind::Order, &mac)
}

/// Whether `presented` is the token of the order `order_id`, under the key of any generation, in constant time.
pub fn is_order_token(keys: &Keys, presented: &OpaqueToken, order_id: OrderId, generation: u32) -> bool {
    keys.macs(Purpose::OrderToken, &[order_id.as_str().as_bytes(), &generation.to_be_bytes()])
        .map(|mac| OpaqueToken::from_bytes(TokenKind::Order, &mac))
        .any(|token| digest::equal(token.expose().as_bytes(), presented.expose().as_bytes()))
}

/// The refresh token that follows `presented`, whose row holds `nonce`.
///
/// It takes the presented token, the row and the server's key to make it: the database alone gives nothing.
pub fn derive_successor(keys: &Keys, presented: &OpaqueToken, nonce: &[u8]) -> OpaqueToken {
    let mac = keys.mac(Purpose::RefreshSuccessor, &[presented.expose().as_bytes(), nonce]);
    OpaqueToken::from_bytes(TokenKind::Refresh, &mac)
}

/// The successor that was handed out before, whose hash is `successor_hash`, even if the key ring has been rotated
/// since; `None` where these do not make it.
pub fn derive_same_successor(
    keys: &Keys,
    presented: &OpaqueToken,
    nonce: &[u8],
    successor_hash: &str,
) -> Option<OpaqueToken> {
    keys.macs(Purpose::RefreshSuccessor, &[presented.expose().as_bytes(), nonce])
        .map(|mac| OpaqueToken::from_bytes(TokenKind::Refresh, &mac))
        .find(|token| digest::equal(token.hash().as_bytes(), successor_hash.as_bytes()))
}

impl fmt::Debug for OpaqueToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}***", self.kind.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const NEW: &str = "IAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn ring(secret: &str) -> Keys {
        Keys::from_secret(secret).unwrap()
    }

    #[test]
    fn a_token_reads_back_from_its_text_and_no_two_are_alike() {
        for kind in [TokenKind::Cart, TokenKind::Refresh, TokenKind::ApiKey, TokenKind::Order, TokenKind::Mail] {
            let token = OpaqueToken::random(kind);
            assert_eq!(token.expose().len(), 46);
            let again = OpaqueToken::parse(kind, token.expose()).unwrap();
            assert_eq!(again.hash(), token.hash());
            assert_ne!(OpaqueToken::random(kind).hash(), token.hash());
        }
    }

    #[test]
    fn whatever_is_not_a_token_of_the_kind_is_refused() {
        let good = format!("ct_{}", "A".repeat(43));
        assert!(OpaqueToken::parse(TokenKind::Cart, &good).is_ok());
        for text in [
            String::new(),
            "ct_".to_owned(),
            good.replace("ct_", "rt_"),
            good.replace("ct_", "CT_"),
            good.replace("ct_", ""),
            format!("{good}A"),
            format!("{good}="),
            format!(" {good}"),
            good[..45].to_owned(),
            format!("{}B", &good[..45]),
            format!("{}+", &good[..45]),
            format!("{}\0", &good[..45]),
            format!("{}é", &good[..44]),
        ] {
            assert_eq!(OpaqueToken::parse(TokenKind::Cart, &text).unwrap_err(), NotAToken, "{text:?}");
        }
    }

    #[test]
    fn a_log_sees_the_kind_alone() {
        assert_eq!(format!("{:?}", OpaqueToken::random(TokenKind::ApiKey)), "sk_***");
    }

    #[test]
    fn an_order_s_token_is_the_same_each_time_and_fits_that_order_and_generation_alone() {
        let (keys, order) = (ring(OLD), OrderId::new());
        let token = derive_order_token(&keys, order, 1);
        assert_eq!(token.expose(), derive_order_token(&keys, order, 1).expose());
        assert!(OpaqueToken::parse(TokenKind::Order, token.expose()).is_ok());
        assert!(is_order_token(&keys, &token, order, 1));
        assert!(!is_order_token(&keys, &token, order, 2));
        assert!(!is_order_token(&keys, &token, OrderId::new(), 1));
        assert!(!is_order_token(&keys, &OpaqueToken::random(TokenKind::Order), order, 1));
        assert!(is_order_token(&ring(&format!("{OLD},{NEW}")), &token, order, 1));
        assert!(!is_order_token(&ring(NEW), &token, order, 1));
    }

    #[test]
    fn a_successor_needs_the_token_the_nonce_and_the_server_s_key() {
        let (keys, presented) = (ring(OLD), OpaqueToken::random(TokenKind::Refresh));
        let successor = derive_successor(&keys, &presented, b"nonce");
        assert_eq!(successor.kind(), TokenKind::Refresh);
        assert_eq!(derive_successor(&keys, &presented, b"nonce").hash(), successor.hash());
        for other in [
            derive_successor(&keys, &presented, b"other"),
            derive_successor(&keys, &OpaqueToken::random(TokenKind::Refresh), b"nonce"),
            derive_successor(&ring(NEW), &presented, b"nonce"),
            derive_successor(&keys, &successor, b"nonce"),
        ] {
            assert_ne!(other.hash(), successor.hash());
        }
    }

    #[test]
    fn a_rotation_between_two_tries_gives_the_same_successor() {
        let presented = OpaqueToken::random(TokenKind::Refresh);
        let hash = derive_successor(&ring(OLD), &presented, b"nonce").hash();
        let rotated = ring(&format!("{OLD},{NEW}"));
        assert_ne!(derive_successor(&rotated, &presented, b"nonce").hash(), hash);
        assert_eq!(derive_same_successor(&rotated, &presented, b"nonce", &hash).unwrap().hash(), hash);
        assert!(derive_same_successor(&rotated, &presented, b"other", &hash).is_none());
    }
}
