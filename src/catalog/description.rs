//! Descriptions: text, or HTML out of which everything is taken that does something.

mod markup;

use std::{borrow::Cow, sync::LazyLock};

use crate::{
    error::{Code, Violation},
    text::escape_html,
};

/// The most characters of a description, also once it is cleaned.
const LONGEST: usize = 20_000;
/// So often is HTML cleaned until nothing changes by it any more: twice, but for what is meant to be read in two ways.
const ROUNDS: usize = 5;

/// What may be kept of a description: text as it is; of HTML the usual elements, with neither scripts nor styles nor
/// handlers of events, and links that tell nobody where they come from. What is cleaned already stays as it is.
///
/// # Errors
/// 422 `too_long` where so many characters had to be escaped that it has become too long.
pub fn cleaned(description: String) -> Result<String, Violation> {
    if is_text(&description) {
        return Ok(description);
    }
    let cleaned = clean(&description);
    if cleaned.chars().count() > LONGEST {
        let detail = format!("Cleaned, with `<` and `&` escaped, the description has more than {LONGEST} characters.");
        return Err(Violation::at("#/description", Code::TooLong, detail).param("max", LONGEST));
    }
    Ok(cleaned)
}

/// Without the sources of quotations: nobody sees them, and a front-end that makes links of them may follow any scheme.
static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::default();
    for element in ["blockquote", "del", "ins", "q"] {
        builder.rm_tag_attributes(element, ["cite"]);
    }
    builder
});

fn clean(html: &str) -> String {
    let mut before = Cow::Borrowed(html);
    for _ in 0..ROUNDS {
        let after = CLEANER.clean(&markup::with_text_escaped(&before)).to_string();
        if is_text(&after) || after == *before {
            return after;
        }
        before = after.into();
    }
    // Who writes such a thing does not mean it well, and may read it.
    escape_html(html)
}

/// The text of a cleaned description, without markup: what is looked for in it, and what is shown of it.
pub fn words(description: &str) -> Cow<'_, str> {
    let text = if is_text(description) { description.into() } else { Cow::Owned(without_tags(description)) };
    if text.contains('&') { unescaped(&text).into() } else { text }
}

/// What is left of `<` in cleaned HTML begins a tag, and a tag ends at the first `>` that does not stand in quotes. Words
/// of different elements stay apart.
fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(if text.ends_with(char::is_whitespace) { before.trim_start() } else { before });
        if !text.ends_with(char::is_whitespace) {
            text.push(' ');
        }
        let mut is_quoted = false;
        let end = tag.find(|character| {
            is_quoted ^= character == '"';
            character == '>' && !is_quoted
        });
        rest = end.map_or("", |end| &tag[end + 1..]);
    }
    text.push_str(if text.ends_with(char::is_whitespace) { rest.trim_start() } else { rest });
    text
}

fn unescaped(html: &str) -> String {
    let escapes = [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    escapes.iter().fold(html.to_owned(), |text, (escape, character)| text.replace(escape, character))
}

/// Whether a browser, too, sees nothing but text in it: no `<` stands before what may follow it in markup (HTML Living
/// Standard, 13.2.5.6).
fn is_text(description: &str) -> bool {
    let mut behind = description.split('<').skip(1);
    !behind.any(|it| it.starts_with(|next: char| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')))
}

#[cfg(test)]
mod tests;
