//! Descriptions: text, or HTML out of which everything is taken that does something.

use std::borrow::Cow;

use ammonia::Builder;

use crate::error::{Code, Violation};

/// The most characters of a description, also once it is cleaned.
const LONGEST: usize = 20_000;

/// What may be kept of a description: text as it is; of HTML the usual elements, with neither scripts nor styles nor
/// handlers of events, and links that tell nobody where they come from.
///
/// # Errors
/// 422 `too_long` where so many characters had to be escaped that it has become too long.
pub fn cleaned(description: String) -> Result<String, Violation> {
    if is_text(&description) {
        return Ok(description);
    }
    let cleaned = ammonia::clean(&description);
    if cleaned.chars().count() > LONGEST {
        let detail = format!("Cleaned, with `<` and `&` escaped, the description has more than {LONGEST} characters.");
        return Err(Violation::at("#/description", Code::TooLong, detail).param("max", LONGEST));
    }
    Ok(cleaned)
}

/// The words of a cleaned description, without markup.
pub fn words(description: &str) -> Cow<'_, str> {
    if is_text(description) {
        return description.into();
    }
    // Words of different elements stay apart. What is left of `<` begins elements, in texts it is escaped.
    let text = Builder::empty().clean(&description.replace('<', " <")).to_string();
    let escapes = [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    escapes.iter().fold(text, |text, (escape, character)| text.replace(escape, character)).into()
}

/// Whether a browser, too, sees nothing but text in it: no `<` stands before what may follow it in markup (HTML Living
/// Standard, 13.2.5.6).
fn is_text(description: &str) -> bool {
    let mut behind = description.split('<').skip(1);
    !behind.any(|it| it.starts_with(|next: char| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_as_it_is() {
        for text in ["", "Fits 5 < 6 & \"more\"", "a <3 b", "&lt;b&gt;", "1<2>0", "ends with <", "<<"] {
            assert_eq!(cleaned(text.to_owned()).unwrap(), text);
            assert_eq!(words(text), text);
        }
    }

    #[test]
    fn of_html_what_does_nothing_is_kept() {
        for (sent, kept) in [
            ("<p>A <b>chair</b></p>", "<p>A <b>chair</b></p>"),
            ("a<script>alert(1)</script>b", "ab"),
            ("<img src=x onerror=alert(1)>", "<img src=\"x\">"),
            ("<img src=x onerror=alert(1) ", ""),
            ("<a href=\"javascript:alert(1)\">x</a>", "<a rel=\"noopener noreferrer\">x</a>"),
            ("<svg/onload=alert(1)>", ""),
            ("<style>*{display:none}</style>x", "x"),
            ("<!-- secret -->x", "x"),
            ("<iframe src=\"https://e.example\"></iframe>", ""),
            ("<p style=\"position:fixed\">5 < 6</p>", "<p>5 &lt; 6</p>"),
        ] {
            assert_eq!(cleaned(sent.to_owned()).unwrap(), kept, "{sent}");
            assert_eq!(cleaned(kept.to_owned()).unwrap(), kept, "what is clean stays so");
        }
    }

    #[test]
    fn what_grows_too_long_is_refused() {
        let text = format!("<p>{}</p>", "&".repeat(LONGEST - 7));
        assert_eq!(text.chars().count(), LONGEST);
        assert_eq!(cleaned(text).unwrap_err().code, Code::TooLong);
    }

    #[test]
    fn words_are_those_that_a_reader_sees() {
        assert_eq!(
            words("<p>Oak</p><p>&amp; ash &lt; elm</p>").split_whitespace().collect::<Vec<_>>().join(" "),
            "Oak & ash < elm"
        );
    }
}
