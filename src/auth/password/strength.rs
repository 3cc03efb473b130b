//! Which passwords are too easily guessed.

use std::fmt;

use zxcvbn::zxcvbn;

use super::Password;
use crate::{
    email::Email,
    error::{Code, Violation},
    text::fold,
};

/// What zxcvbn gets to see. Its work grows with the square of the length and worse: text made of look-alikes of letters
/// takes it seconds at 100 characters, and at 40 about as long as bcrypt. A password that is strong by then is strong.
const LOOKED_AT: usize = 40;
/// Fewer guesses than this and the password is refused. Eight characters in which zxcvbn sees no pattern just pass.
const FEWEST_GUESSES: u64 = 100_000_000;
/// The same for small letters and digits alone. zxcvbn reckons with ten tries for each character that it cannot
/// explain, whatever it is chosen from, and what leaks and is tried again is nearly all of this kind: words of
/// languages that zxcvbn does not know, names with a number. It takes eleven such characters, or a few words.
const FEWEST_GUESSES_IF_PLAIN: u64 = 20_000_000_000;

/// The password is too easily guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooWeak;

/// Refuses common passwords, and what comes of the person's own e-mail address.
///
/// It may take as long as a hash does, so its place is the password queue.
pub fn check_strength(password: &Password, email: Option<&Email>) -> Result<(), TooWeak> {
    let folded = fold(password.expose());
    let address = email.map(Email::folded).unwrap_or_default();
    let (local, domain) = address.split_once('@').unwrap_or_default();
    if email.is_some() && (folded == address || folded == local) {
        return Err(TooWeak);
    }
    let looked_at: String = password.expose().chars().take(LOOKED_AT).collect();
    let words = local.split(|character: char| !character.is_alphanumeric()).chain(domain.split('.'));
    // Shorter pieces are part of every other password.
    let own: Vec<&str> = words.chain([local, domain, &address]).filter(|word| word.len() >= 3).collect();
    let fewest = if is_plain(password.expose()) { FEWEST_GUESSES_IF_PLAIN } else { FEWEST_GUESSES };
    if zxcvbn(&looked_at, &own).guesses() < fewest { Err(TooWeak) } else { Ok(()) }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

impl TooWeak {
    /// The violation, at a JSON pointer such as `#/password`.
    pub fn at(self, pointer: &str) -> Violation {
        Violation::at(pointer, Code::WeakPassword, "The password is too easily guessed.")
    }
}

impl fmt::Display for TooWeak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the password is too easily guessed")
    }
}

impl std::error::Error for TooWeak {}

#[cfg(test)]
mod tests {
    use std::{fs::File, io::Read as _, time::Instant};

    use super::*;

    fn is_weak(text: &str, email: Option<&Email>) -> bool {
        check_strength(&Password::parse(text).unwrap(), email).is_err()
    }

    #[test]
    fn what_comes_of_the_person_s_own_address_is_refused() {
        let email: Email = "Annabella.Quist@wxyz-example.com".parse().unwrap();
        for text in [
            "annabella.quist@wxyz-example.com",
            "ANNABELLA.QUIST@WXYZ-EXAMPLE.COM",
            "annabella.quist",
            "ａnnabella.quist",
            "Annabella.Quist1",
            "QuistAnnabella",
            "wxyz-example.com",
        ] {
            assert!(is_weak(text, Some(&email)), "{text}");
        }
        // A short name is part of many a good password.
        assert!(!is_weak("annual pancake brigade", Some(&"ann@example.com".parse().unwrap())));
    }

    #[test]
    fn a_password_that_nobody_guesses_is_taken() {
        for text in [
            "correct horse battery staple",
            "correcthorsebatterystaple",
            "Tr0ub4dour&3 plus",
            "xK9#mQ2$",
            "k9$Vq2!mZx",
            "8f3a91c07be2d645",
            "ein Pferd frisst keinen Gurkensalat",
            "мой дядя самых честных правил",
            "床前明月光疑是地上霜",
            "🦀🐙🎈🧲🪁🍋🚲🏮",
        ] {
            assert!(!is_weak(text, None), "{text}");
        }
    }

    #[test]
    fn a_password_that_everybody_guesses_is_refused() {
        let repeated = "a".repeat(256);
        for text in
            ["password", "Password1!", "P@ssw0rd", "12345678", "qwertyuiop", "iloveyou2", "schokolade", &repeated]
        {
            assert!(is_weak(text, None), "{text}");
        }
    }

    #[test]
    fn no_text_keeps_the_check_busy() {
        let start = Instant::now();
        is_weak(&"4@8({[<369!1|/05$7+%2".repeat(12), Some(&"a.b.c.d.e.f.g@example.com".parse().unwrap()));
        assert!(start.elapsed().as_secs() < 3, "{:?}", start.elapsed());
    }

    #[test]
    #[ignore = "needs SHARED_DATA"]
    fn at_least_99_of_100_common_passwords_are_refused() {
        let data = std::env::var("SHARED_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
        let mut text = String::new();
        let file = File::open(format!("{data}/vectors/common-passwords.txt.gz")).unwrap();
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
        // The shorter ones are refused for their length.
        let common: Vec<Password> = text.lines().filter_map(|line| Password::parse(line).ok()).collect();
        let taken: Vec<&str> =
            common.iter().filter(|it| check_strength(it, None).is_ok()).map(|it| it.expose()).collect();
        assert!(common.len() > 8_000);
        println!("{} of {} are taken: {taken:?}", taken.len(), common.len());
        assert!(taken.len() * 100 <= common.len(), "{} of {} are taken", taken.len(), common.len());
    }
}
