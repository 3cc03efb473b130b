//! Which limit a route has.

use std::fmt::Write as _;

/// How long a window is, for every policy alike.
pub(super) const WINDOW_SECONDS: i64 = 60;

/// A limit by its name, as the headers give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Reading what is public.
    Catalogue,
    /// All that has no other.
    Default,
    /// What may ask for a password or send a mail, by the network that it comes from.
    Auth,
    /// The same by the account that is tried, whether there is one or not.
    AuthAccount,
    /// Buying.
    Checkout,
}

impl Policy {
    pub(super) const ALL: [Self; 5] = [Self::Catalogue, Self::Default, Self::Auth, Self::AuthAccount, Self::Checkout];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Catalogue => "catalogue",
            Self::Default => "default",
            Self::Auth => "auth",
            Self::AuthAccount => "auth_account",
            Self::Checkout => "checkout",
        }
    }

    /// How many requests a window has.
    pub fn quota(self) -> u32 {
        match self {
            Self::Catalogue => 6000,
            Self::Default => 600,
            Self::Auth => 60,
            Self::AuthAccount => 10,
            Self::Checkout => 30,
        }
    }

    /// What `RateLimit-Policy` says on a route of this policy.
    pub(super) fn described(self) -> String {
        let mut text = String::with_capacity(48);
        self.describe(&mut text);
        if self == Self::Auth {
            text.push_str(", ");
            Self::AuthAccount.describe(&mut text);
        }
        text
    }

    fn describe(self, text: &mut String) {
        // Writing to a text does not fail.
        let _ = write!(text, r#""{}";q={};w={WINDOW_SECONDS}"#, self.name(), self.quota());
    }
}

/// The rules, of which the first that fits holds: a method (`*` is any), and a path of which `*` at the end may be
/// anything. `None` is free.
const RULES: &[(&str, &str, Option<Policy>)] = &[
    // Nobody can guess what these take, and every open session of an office comes by.
    ("POST", "/api/v1/auth/refresh", Some(Policy::Default)),
    ("POST", "/api/v1/auth/logout", Some(Policy::Default)),
    ("*", "/api/v1/auth/*", Some(Policy::Auth)),
    ("POST", "/api/v1/carts/{cart_id}/checkout", Some(Policy::Checkout)),
    ("GET", "/api/v1/images/*", None),
    ("GET", "/api/v1/store", Some(Policy::Catalogue)),
    ("GET", "/api/v1/products*", Some(Policy::Catalogue)),
    ("GET", "/api/v1/categories*", Some(Policy::Catalogue)),
    ("GET", "/api/v1/attributes", Some(Policy::Catalogue)),
    ("GET", "/api/v1/brands*", Some(Policy::Catalogue)),
    ("GET", "/api/v1/collections*", Some(Policy::Catalogue)),
    ("GET", "/api/v1/search*", Some(Policy::Catalogue)),
    ("GET", "/api/v1/countries*", Some(Policy::Catalogue)),
    ("*", "/api/v1/*", Some(Policy::Default)),
    ("*", "/sandbox/*", Some(Policy::Default)),
    // Health, the document and its pages, public keys.
    ("*", "*", None),
];

/// The policy of a method at a path or at the pattern of a route; `None` where asking is free. HEAD counts as GET.
pub fn policy_of(method: &str, path: &str) -> Option<Policy> {
    let method = if method == "HEAD" { "GET" } else { method };
    let fits = |rule: &str, text: &str| match rule.strip_suffix('*') {
        Some(beginning) => text.starts_with(beginning),
        None => rule == text,
    };
    RULES.iter().find(|(verb, pattern, _)| fits(verb, method) && fits(pattern, path)).and_then(|(_, _, policy)| *policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_has_the_first_rule_that_fits() {
        for (method, path, expected) in [
            ("GET", "/api/v1/products/{id_or_slug}", Some(Policy::Catalogue)),
            ("HEAD", "/api/v1/store", Some(Policy::Catalogue)),
            ("POST", "/api/v1/products", Some(Policy::Default)),
            ("GET", "/api/v1/images/{image_id}/{hash}/{file}", None),
            ("POST", "/api/v1/auth/login", Some(Policy::Auth)),
            ("POST", "/api/v1/auth/refresh", Some(Policy::Default)),
            ("POST", "/api/v1/carts/{cart_id}/checkout", Some(Policy::Checkout)),
            ("GET", "/api/v1/nothing", Some(Policy::Default)),
            ("GET", "/health/live", None),
            ("GET", "/docs", None),
        ] {
            assert_eq!(policy_of(method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn the_headers_name_quota_and_window() {
        assert_eq!(Policy::Default.described(), r#""default";q=600;w=60"#);
        assert_eq!(Policy::Auth.described(), r#""auth";q=60;w=60, "auth_account";q=10;w=60"#);
    }
}
