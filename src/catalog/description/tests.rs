use ammonia::Builder;
use proptest::prelude::*;

use super::*;

fn kept_of(sent: &str) -> String {
    let kept = cleaned(sent.to_owned()).unwrap();
    assert_eq!(cleaned(kept.clone()).unwrap(), kept, "what is clean stays so: {sent}");
    kept
}

#[test]
fn text_stays_as_it_is() {
    for text in ["", "Fits 5 < 6 & \"more\"", "a <3 b", "&lt;b&gt;", "1<2>0", "ends with <", "<<"] {
        assert_eq!(kept_of(text), text);
    }
    for text in ["Fits 5 < 6 & \"more\"", "a <3 b", "<<"] {
        assert_eq!(words(text), text);
    }
}

#[test]
fn of_html_what_does_nothing_is_kept() {
    for (sent, kept) in [
        ("<p>A <b>chair</b></p>", "<p>A <b>chair</b></p>"),
        ("<q cite=javascript:alert(1)>said</q>", "<q>said</q>"),
        ("a<script>alert(1)</script>b", "ab"),
        ("a<ScRiPt\n>alert(1)</script >b", "ab"),
        ("<img src=x onerror=alert(1)>", "<img src=\"x\">"),
        ("<img/src=x/onerror=alert(1)>", "<img src=\"x/onerror=alert(1)\">"),
        ("<img src='a<b>c'title=\"d>e\">", "<img src=\"a&lt;b&gt;c\" title=\"d&gt;e\">"),
        ("<a href=\"javascript:alert(1)\">x</a>", "<a rel=\"noopener noreferrer\">x</a>"),
        ("<svg/onload=alert(1)>", ""),
        ("<svg><path d='M0 0'/></svg>x", "x"),
        ("<style>*{display:none}</style>x", "x"),
        ("<!-- secret, a<b -->x", "x"),
        ("<!DOCTYPE html><?xml version='1'?><o:p>x</o:p>", "x"),
        ("<iframe src=\"https://e.example\"></iframe>", ""),
        ("<p style=\"position:fixed\">5 < 6</p>", "<p>5 &lt; 6</p>"),
        ("<table><tr><td nowrap>x</td></tr></table>", "<table><tbody><tr><td>x</td></tr></tbody></table>"),
        ("one<br/>two<br />three", "one<br>two<br>three"),
    ] {
        assert_eq!(kept_of(sent), kept, "{sent}");
    }
}

#[test]
fn what_only_looks_like_markup_is_text() {
    for (sent, kept) in [
        ("a<b then", "a&lt;b then"),
        ("if a<b and c>d", "if a&lt;b and c&gt;d"),
        ("for i<s; i>0", "for i&lt;s; i&gt;0"),
        ("x<p/q>y", "x&lt;p/q&gt;y"),
        ("<key:value> <za:>", "&lt;key:value&gt; &lt;za:&gt;"),
        ("use <max> values", "use &lt;max&gt; values"),
        ("<b>wide</b> if a<b & so on", "<b>wide</b> if a&lt;b &amp; so on"),
        ("arrows <-- and <!-- too", "arrows &lt;-- and &lt;!-- too"),
        ("a</then> b", "a&lt;/then&gt; b"),
        ("<!important> <?what", "&lt;!important&gt; &lt;?what"),
        ("<img src=x onerror=alert(1) ", "&lt;img src=x onerror=alert(1) "),
        ("<img src=\"x onerror=alert(1)>", "&lt;img src=\"x onerror=alert(1)&gt;"),
        ("<p<b>x</b>", "&lt;p<b>x</b>"),
    ] {
        assert_eq!(kept_of(sent), kept, "{sent}");
    }
    assert_eq!(words(&kept_of("a<b then & so on")), "a<b then & so on");
}

#[test]
fn what_grows_too_long_is_refused() {
    let text = format!("<p>{}</p>", "&".repeat(LONGEST - 7));
    assert_eq!(text.chars().count(), LONGEST);
    assert_eq!(cleaned(text).unwrap_err().code, Code::TooLong);
}

#[test]
fn hostile_lengths_take_no_time() {
    for piece in ["<!--", "<b ", "<b a=\"", "<?a", "<b>", "</b", "<p a='x'"] {
        let begun = std::time::Instant::now();
        let _ = cleaned(piece.repeat(LONGEST / piece.len()));
        assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{piece}");
    }
}

#[test]
fn words_are_those_that_a_reader_sees() {
    assert_eq!(
        words("<p>Oak</p><p>&amp; ash &lt; elm</p>").split_whitespace().collect::<Vec<_>>().join(" "),
        "Oak & ash < elm"
    );
    assert_eq!(words("<p title=\"a > b\">Oak &amp;lt; <b>ash</b></p>"), " Oak &lt; ash ");
    assert_eq!(words("<p>cut <b title=\"off"), " cut ");
}

/// Pieces that markup is made of, for better or worse.
const PIECES: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "/",
    " ",
    "\n",
    "=",
    "\"",
    "'",
    "&",
    "&lt;",
    "&#60;",
    "<!--",
    "-->",
    "--!>",
    "<![CDATA[",
    "]]>",
    "<?",
    "b",
    "p",
    "a",
    "i",
    "div",
    "pre",
    "<pre>\n",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<a>",
    "</a>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<svg>",
    "<math>",
    "<mtext>",
    "<mglyph>",
    "<style>",
    "</style>",
    "<title>",
    "<textarea>",
    "<script>",
    "</script>",
    "<noscript>",
    "<template>",
    "<select>",
    "<option>",
    "<form>",
    "<li>",
    "<h1>",
    "<frameset>",
    "<plaintext>",
    "<a href=",
    "javascript:alert(1)",
    " onerror=alert(1)",
    " src=x",
    "<img",
    " title=\"",
    "then",
    "x",
    "ä",
];

/// The elements of a cleaned text, with what else stands in their tags.
fn tags(html: &str) -> Vec<(String, String)> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let tag = rest[at + 1..].trim_start_matches('/');
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
        let mut quoted = false;
        let end = tag.find(|it| {
            quoted ^= it == '"';
            it == '>' && !quoted
        });
        let end = end.expect("each tag ends");
        tags.push((name.clone(), tag[name.len()..end].to_owned()));
        rest = &tag[end..];
    }
    tags
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn nothing_gets_through_and_what_is_clean_stays_so(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..30)) {
        let sent = pieces.concat();
        let kept = cleaned(sent.clone()).unwrap();
        prop_assert_eq!(cleaned(kept.clone()).unwrap(), kept.clone(), "{}", sent);
        if !is_text(&kept) {
            let allowed = Builder::default().clone_tags();
            for (name, rest) in tags(&kept) {
                prop_assert!(allowed.contains(name.as_str()), "{} of {}", name, sent);
                // Values are quoted; outside of them stand names and nothing else.
                let attributes: String = rest.split('"').step_by(2).collect();
                prop_assert!(!attributes.contains("on") && !rest.contains("\"javascript:"), "{} of {}", rest, sent);
            }
        }
    }

    #[test]
    fn text_without_known_elements_survives(text in "([ -%'-;=-~]|<[0-9 ]|</?z[a-z ]){0,60}") {
        let kept = cleaned(text.clone()).unwrap();
        prop_assert_eq!(words(&kept), text);
    }
}
