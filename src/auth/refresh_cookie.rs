//! The cookie that holds a browser's refresh token, out of reach for the page's scripts.

/// With this prefix a browser takes the cookie over HTTPS alone, for this host alone (RFC 6265bis section 4.1.3.2).
pub const NAME: &str = "__Host-rt";

const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Strict";

/// The `Set-Cookie` header that hands `token` over for so many seconds.
pub fn set(token: &str, seconds: i64) -> String {
    format!("{NAME}={token}; Max-Age={seconds}; {ATTRIBUTES}")
}

/// The `Set-Cookie` header that takes the cookie away.
pub fn clear() -> String {
    format!("{NAME}=; Max-Age=0; {ATTRIBUTES}")
}

/// The cookie's value in `Cookie` headers; `None` where it is not there, or there twice.
pub fn find<'a>(headers: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let pairs = headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(name, _)| *name == NAME).map(|(_, value)| value);
    values.next().filter(|_| values.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_never_guessed() {
        for (headers, value) in [
            (vec!["__Host-rt=rt_a"], Some("rt_a")),
            (vec!["a=b; __Host-rt=rt_a;c=d"], Some("rt_a")),
            (vec!["a=b", "__Host-rt=rt_a"], Some("rt_a")),
            (vec!["__Host-rt=rt_a; __Host-rt=rt_b"], None),
            (vec!["__Host-rt=rt_a", "__Host-rt=rt_b"], None),
            (vec!["__host-rt=rt_a; rt=rt_b; __Host-rt"], None),
            (vec![], None),
        ] {
            assert_eq!(find(headers.iter().copied()), value, "{headers:?}");
        }
    }

    #[test]
    fn no_script_reads_it_and_no_other_site_sends_it() {
        let header = set("rt_a", 60);
        assert!(header.starts_with("__Host-rt=rt_a; Max-Age=60; "));
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
            assert!(header.split("; ").any(|it| it == attribute), "{header}");
            assert!(clear().split("; ").any(|it| it == attribute));
        }
        // A cookie of this prefix may not name a domain.
        assert!(!header.contains("Domain"));
    }
}
