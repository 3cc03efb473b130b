//! The generations of a ring, which of them makes, and what is derived from one.

use std::sync::Arc;

use aws_lc_rs::{hkdf, hmac};
use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretBox};

use super::{Key, Purpose, signing::SigningKey};
use crate::time::UtcTime;

/// All generations that are known, and the one that makes.
pub(super) struct Ring {
    /// Oldest first, never empty, numbered from 1 without a gap.
    pub(super) generations: Vec<Arc<Generation>>,
    newest: Arc<Generation>,
}

/// One root secret, and what is derived from it.
pub(crate) struct Generation {
    number: u32,
    root: hkdf::Prk,
    signing: SigningKey,
    /// When it replaces the one before it; `None` where that is not settled yet.
    makes_from: Option<UtcTime>,
}

impl Ring {
    /// `generations` as they stand at `now`.
    pub(super) fn new(generations: Vec<Arc<Generation>>, now: UtcTime) -> Self {
        // The first has nobody to take over from.
        let newest = generations.iter().rposition(|it| it.makes(now)).unwrap_or(0);
        Self { newest: generations[newest].clone(), generations }
    }

    /// The one that seals, signs and derives.
    pub(super) fn newest(&self) -> &Arc<Generation> {
        &self.newest
    }

    /// See [`super::Keys::living`].
    pub(super) fn living(&self, now: UtcTime, within: TimeDelta) -> Vec<Arc<Generation>> {
        let replaced_long_ago = |index: usize| {
            let successors = self.generations[index + 1..].iter();
            successors.filter_map(|it| it.makes_from).any(|from| from.plus(within) < now)
        };
        let living = (0..self.generations.len()).rev().filter(|index| !replaced_long_ago(*index));
        living.map(|index| self.generations[index].clone()).collect()
    }
}

impl Generation {
    /// The generation at `index` of its ring.
    pub(super) fn new(index: usize, secret: &[u8], makes_from: Option<UtcTime>) -> Arc<Self> {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"cartwright key ring 1").extract(secret);
        let signing = SigningKey::from_seed(&derive(&root, Purpose::AccessToken));
        Arc::new(Self { number, root, signing, makes_from })
    }

    fn makes(&self, now: UtcTime) -> bool {
        self.makes_from.is_some_and(|from| from <= now)
    }

    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.signing
    }

    pub(crate) fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.key(purpose), parts)
    }

    pub(super) fn key(&self, purpose: Purpose) -> Key {
        derive(&self.root, purpose)
    }

    pub(super) fn answer_key(&self, idempotency_key: &str) -> Key {
        let key = self.key(Purpose::IdempotencyAnswer);
        SecretBox::init_with(|| mac(&key, &[idempotency_key.as_bytes()]))
    }
}

/// Derivation costs two rounds of SHA-256, which is not worth keeping the keys for.
fn derive(root: &hkdf::Prk, purpose: Purpose) -> Key {
    SecretBox::init_with_mut(|key: &mut [u8; 32]| {
        #[expect(clippy::expect_used, reason = "HKDF fails only where the length asked for is not that of the output")]
        root.expand(&[purpose.label()], hkdf::HKDF_SHA256).and_then(|it| it.fill(key)).expect("32 bytes out of HKDF");
    })
}

fn mac(key: &Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret()));
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}
