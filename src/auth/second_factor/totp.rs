//! Codes from a secret and the time (RFC 6238): SHA-1, six digits, 30 seconds, as authenticator apps know them.

use secrecy::zeroize::Zeroizing;
use totp_rs::{Algorithm, TOTP};

use crate::{digest, keys::fill_random, time::UtcTime};

/// 160 bits, as RFC 4226 (section 4, R6) recommends.
const SECRET_BYTES: usize = 20;
const DIGITS: usize = 6;
const STEP_SECONDS: u64 = 30;

/// What the owner's device and we share.
// Without `Debug`, so that no log can hold it.
pub struct Secret(TOTP);

impl Secret {
    /// A new one.
    pub(super) fn random() -> Self {
        let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
        fill_random(bytes.as_mut());
        Self(Self::totp(bytes.to_vec(), None, String::new()))
    }

    /// The one that was kept as `bytes`; `None` where they are none.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == SECRET_BYTES).then(|| Self(Self::totp(bytes, None, String::new())))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0.secret
    }

    /// The secret in base32, for those who type it into their device.
    pub fn base32(&self) -> String {
        self.0.get_secret_base32()
    }

    /// The address that a device reads from a QR code (`otpauth://totp/…`): `shop` and `account` say what it is for.
    pub fn uri(&self, shop: &str, account: &str) -> String {
        // A colon parts the two.
        let [shop, account] = [shop, account].map(|it| it.replace(':', " "));
        Self::totp(self.bytes().to_vec(), Some(shop), account).get_url()
    }

    /// The step whose code this is: the present one, or a neighbour, for clocks differ and typing takes time.
    pub(super) fn step_of(&self, code: &str, now: UtcTime) -> Option<i64> {
        let code: String = code.chars().filter(|it| !it.is_whitespace()).collect();
        let present = u64::try_from(now.seconds()).ok()? / STEP_SECONDS;
        let step = [present, present.saturating_sub(1), present + 1].into_iter().find(|step| {
            let expected = self.0.generate(step * STEP_SECONDS);
            digest::equal(expected.as_bytes(), code.as_bytes())
        })?;
        i64::try_from(step).ok()
    }

    fn totp(secret: Vec<u8>, issuer: Option<String>, account: String) -> TOTP {
        TOTP::new_unchecked(Algorithm::SHA1, DIGITS, 1, STEP_SECONDS, secret, issuer, account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UtcTime {
        UtcTime::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn codes_are_those_of_the_standard_s_own_examples() {
        // RFC 6238, appendix B: the last six of its eight digits.
        let secret = Secret::from_bytes(b"12345678901234567890".to_vec()).unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            assert_eq!(secret.step_of(code, at(seconds)), Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn a_code_is_good_in_its_step_and_beside_it_and_however_it_is_spaced() {
        let secret = Secret::from_bytes(b"12345678901234567890".to_vec()).unwrap();
        let step = 1_234_567_890 / 30;
        for (offset, found) in [(-60, None), (-30, Some(step)), (0, Some(step)), (30, Some(step)), (60, None)] {
            assert_eq!(secret.step_of("005 924", at(1_234_567_890 + offset)), found, "{offset}");
        }
        for code in ["", "5924", "0005924", "005925", "００５９２４"] {
            assert_eq!(secret.step_of(code, at(1_234_567_890)), None, "{code}");
        }
    }

    #[test]
    fn the_address_names_shop_and_account() {
        let secret = Secret::from_bytes(b"12345678901234567890".to_vec()).unwrap();
        let uri = secret.uri("Harbour & Pine: goods", "ann@example.com");
        assert_eq!(
            uri,
            "otpauth://totp/Harbour%20%26%20Pine%20%20goods:ann%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Harbour%20%26%20Pine%20%20goods"
        );
    }
}
