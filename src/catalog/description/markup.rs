//! What of a text is markup, and what only looks a little like it.

/// Elements of HTML, those of former versions and the commonest of SVG and MathML among them.
#[rustfmt::skip]
const ELEMENTS: &[&str] = &[
    "a", "abbr", "acronym", "address", "applet", "area", "article", "aside", "audio", "b", "base", "basefont", "bdi", "bdo",
    "bgsound", "big", "blink", "blockquote", "body", "br", "button", "canvas", "caption", "center", "cite", "code", "col",
    "colgroup", "data", "datalist", "dd", "del", "details", "dfn", "dialog", "dir", "div", "dl", "dt", "em", "embed",
    "fieldset", "figcaption", "figure", "font", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6",
    "head", "header", "hgroup", "hr", "html", "i", "iframe", "image", "img", "input", "ins", "isindex", "kbd", "keygen",
    "label", "legend", "li", "link", "listing", "main", "map", "mark", "marquee", "menu", "menuitem", "meta", "meter",
    "multicol", "nav", "nextid", "nobr", "noembed", "noframes", "noscript", "object", "ol", "optgroup", "option", "output",
    "p", "param", "picture", "plaintext", "pre", "progress", "q", "rb", "rp", "rt", "rtc", "ruby", "s", "samp", "script",
    "search", "section", "select", "selectedcontent", "slot", "small", "source", "spacer", "span", "strike", "strong",
    "style", "sub", "summary", "sup", "table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "time",
    "title", "tr", "track", "tt", "u", "ul", "var", "video", "wbr", "xmp",
    "animate", "circle", "clippath", "defs", "desc", "ellipse", "foreignobject", "g", "line", "lineargradient", "mask",
    "math", "metadata", "mfrac", "mi", "mn", "mo", "mrow", "msqrt", "msub", "msup", "mtext", "path", "polygon", "polyline",
    "radialgradient", "rect", "stop", "svg", "symbol", "text", "tspan", "use",
];

/// Before the colon in the names of elements that word processors leave.
const SPACES: &[&str] = &["m", "o", "st1", "v", "w", "x"];

/// Attributes that stand without a value.
#[rustfmt::skip]
const BARE: &[&str] = &[
    "allowfullscreen", "async", "autofocus", "autoplay", "checked", "compact", "controls", "default", "defer", "disabled",
    "hidden", "inert", "ismap", "itemscope", "loop", "multiple", "muted", "nohref", "noresize", "noshade", "novalidate",
    "nowrap", "open", "playsinline", "readonly", "required", "reversed", "selected",
];

/// The text with each `<` escaped at which nothing begins that is meant as markup. Whoever takes more for markup than is
/// taken here loses text, whoever takes less shows it: neither lets anything through that is cleaned afterwards.
pub(super) fn with_text_escaped(html: &str) -> String {
    let mut escaped = String::with_capacity(html.len());
    let mut rest = html;
    // Behind the last end there is none: it is looked for once.
    let last_end_of_comment = html.rfind("-->").unwrap_or(0);
    while let Some(at) = rest.find('<') {
        escaped.push_str(&rest[..at]);
        rest = &rest[at..];
        let comments_end = html.len() - rest.len() < last_end_of_comment;
        match length_of_markup(rest, comments_end) {
            Some(length) => {
                escaped.push_str(&rest[..length]);
                rest = &rest[length..];
            }
            None => {
                escaped.push_str("&lt;");
                rest = &rest[1..];
            }
        }
    }
    escaped.push_str(rest);
    escaped
}

/// How much of a text that begins with `<` is one piece of markup, if it begins with one: a comment, a declaration, or a
/// tag of a known element.
fn length_of_markup(text: &str, comments_end: bool) -> Option<usize> {
    if text.starts_with("<!--") {
        return comments_end.then(|| text.find("-->")).flatten().map(|end| end + 3);
    }
    let is_declaration = |name: &str| text.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
    let is_instruction = text.starts_with("<?") && text[2..].starts_with(|next: char| next.is_ascii_alphabetic());
    if is_declaration("<!doctype") || is_instruction {
        let end = text[1..].find(['<', '>'])? + 1;
        return text[end..].starts_with('>').then_some(end + 1);
    }
    length_of_tag(text)
}

/// How much of the text is a tag: it ends, and what stands in it is attributes.
fn length_of_tag(text: &str) -> Option<usize> {
    let named = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    let (name, mut rest) = split(named, |it| it.is_ascii_alphanumeric() || matches!(it, ':' | '-'));
    let is_one_of = |known: &[&str], name: &str| known.iter().any(|it| it.eq_ignore_ascii_case(name));
    let of_word_processor =
        name.split_once(':').is_some_and(|(space, name)| is_one_of(SPACES, space) && !name.is_empty());
    if !of_word_processor && !is_one_of(ELEMENTS, name) {
        return None;
    }
    let is_space = |it: char| it.is_ascii_whitespace();
    loop {
        let (gap, behind) = split(rest, |it| is_space(it) || it == '/');
        if behind.starts_with('>') {
            return Some(text.len() - behind.len() + 1);
        }
        let (attribute, behind) =
            split(behind, |it| !is_space(it) && !matches!(it, '/' | '>' | '=' | '<' | '"' | '\''));
        // Browsers let an attribute follow a quote at once, and nothing else.
        let is_apart = !gap.is_empty() || text[..text.len() - rest.len()].ends_with(['"', '\'']);
        if attribute.is_empty() || !is_apart {
            return None;
        }
        rest = match behind.trim_start_matches(is_space).strip_prefix('=') {
            Some(value) => behind_value(value.trim_start_matches(is_space))?,
            None if is_one_of(BARE, attribute) => behind,
            None => return None,
        };
    }
}

/// What stands behind the value of an attribute, which ends.
fn behind_value(text: &str) -> Option<&str> {
    match text.chars().next()? {
        quote @ ('"' | '\'') => text[1..].split_once(quote).map(|(_, behind)| behind),
        _ => {
            let (value, behind) = split(text, |it| !it.is_ascii_whitespace() && !matches!(it, '<' | '>'));
            (!value.is_empty() && !behind.starts_with('<')).then_some(behind)
        }
    }
}

/// What the text begins with of some characters, and what stands behind that.
fn split(text: &str, is_of_it: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|it| !is_of_it(it)).unwrap_or(text.len()))
}
