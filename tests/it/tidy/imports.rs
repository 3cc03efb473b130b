//! Which module uses which: every path that begins with `crate::`, wherever it stands.

use proc_macro2::{TokenStream, TokenTree};

use super::source::{Source, is_ident, is_punct};

/// What every feature may use.
pub(super) const BELOW_FEATURES: &[&str] = &[
    "address",
    "card_data",
    "country",
    "db",
    "digest",
    "email",
    "error",
    "events",
    "http",
    "ids",
    "keys",
    "money",
    "page",
    "patch",
    "shop",
    "text",
    "time",
    "vault",
    "auth::extract",
    "auth::rights",
];

/// Who may use whom. A feature's row stands on top of [`BELOW_FEATURES`]; the others' rows are all that they may use.
///
/// A path of several parts is all that may be used of a module that does not stand below as a whole.
pub(super) const ALLOWED: &[(&str, &[&str])] = &[
    // Base modules: values that know nothing of the shop. How such a value stands in a column is said beside the value.
    ("digest", &[]),
    ("card_data", &["error"]),
    ("text", &[]),
    ("page", &[]),
    ("log_writer", &[]),
    ("patch", &[]),
    ("time", &[]),
    ("money", &["db::columns"]),
    ("ids", &["db::columns"]),
    ("country", &["db::columns"]),
    ("error", &["money"]),
    ("email", &["text"]),
    ("address", &["country", "error", "text"]),
    ("keys", &["digest", "error", "text", "time"]),
    // Settings are parsed into the types of those who use them.
    (
        "config",
        &[
            "money",
            "auth::password::Cost",
            "db::DatabaseUrl",
            "http::client_address",
            "http::cors::Origins",
            "media::MediaPlace",
        ],
    ),
    ("db", &["error", "ids"]),
    ("shop", &["config", "db", "error", "keys", "money", "time"]),
    ("http", &["card_data", "db", "digest", "email", "error", "ids", "keys", "money", "page", "shop", "time"]),
    ("events", &["db", "error", "ids", "time"]),
    ("vault", &["db", "error", "keys", "time"]),
    // Features, those that others use first.
    (
        "auth",
        &[
            "card_data",
            "digest",
            "config",
            "db",
            "email",
            "error",
            "http",
            "ids",
            "keys",
            "shop",
            "text",
            "time",
            "vault",
        ],
    ),
    ("audit", &["auth"]),
    ("mail", &["auth::secret", "config"]),
    ("address_book", &[]),
    ("media", &[]),
    ("pricing", &[]),
    ("tax", &["pricing"]),
    ("shipping", &[]),
    ("inventory", &[]),
    ("catalog", &["config", "inventory", "media"]),
    ("search", &["catalog"]),
    ("payments", &[]),
    // A guest's tokens are made where they are given out.
    ("carts", &["address_book", "auth::secret", "catalog", "inventory", "payments", "pricing", "shipping", "tax"]),
    ("orders", &["auth::secret", "catalog", "payments", "pricing", "shipping"]),
    ("checkout", &["carts", "catalog::availability", "inventory", "orders", "payments", "pricing", "shipping"]),
    ("staff", &["audit", "auth", "mail"]),
    ("accounts", &["address_book", "audit", "auth", "carts", "mail", "orders", "payments", "staff"]),
    ("admin", &["catalog", "checkout", "inventory", "orders", "payments"]),
    ("export", &["catalog", "media"]),
    ("import", &["catalog", "export", "inventory", "media", "search"]),
    ("seed", &["catalog"]),
    (
        "demo",
        &[
            "accounts",
            "auth",
            "catalog",
            "config",
            "import",
            "inventory",
            "media",
            "pricing",
            "shipping",
            "staff",
            "tax",
        ],
    ),
    ("rotate_keys", &["audit"]),
    ("storefront", &["config", "shipping"]),
    ("verify", &["carts", "inventory", "orders", "payments"]),
    // The top.
    ("pages", &["auth", "config", "db", "error", "http", "search", "shop"]),
];

/// These see everything.
const TOP: &[&str] = &["app", "main", "lib", "pages", "verify"];

/// Whether `module` may use `path`.
pub(super) fn is_allowed(module: &str, path: &str) -> bool {
    if TOP.contains(&module) || MACROS.contains(&path) {
        return true;
    }
    let Some((_, uses)) = ALLOWED.iter().find(|(from, _)| *from == module) else { return false };
    let is_feature =
        ALLOWED.iter().position(|(from, _)| *from == module) > ALLOWED.iter().position(|(from, _)| *from == "auth");
    let below: &[&str] = if is_feature && module != "pages" { BELOW_FEATURES } else { &[] };
    let within = |allowed: &&str| path == *allowed || path.starts_with(&format!("{allowed}::"));
    uses.iter().chain(below).any(within)
}

/// `macro_rules!` that are exported stand at the root of the crate, whichever module they belong to.
const MACROS: &[&str] = &["on_each_database", "text_column", "text_enum", "load_page_by", "lock_rows"];

/// The paths into other modules, with their lines.
pub(super) fn of_other_modules(source: &Source) -> Vec<(String, usize)> {
    let mut paths = crate_paths(source.shipped());
    paths.retain(|(path, _)| path.split("::").next() != Some(source.module()));
    paths
}

/// The paths behind `crate::` (and `$crate::`), with the lines that they stand on: `db::columns::Json`.
pub(super) fn crate_paths(tokens: TokenStream) -> Vec<(String, usize)> {
    paths_of(tokens, "crate")
}

/// The paths behind `first::`.
pub(super) fn paths_of(tokens: TokenStream, first: &str) -> Vec<(String, usize)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            found.extend(paths_of(group.stream(), first));
        }
        if is_ident(token, first) && is_double_colon(&tokens[place + 1..]) {
            read_tree(&tokens[place + 3..], "", &mut found);
        }
    }
    found
}

fn is_double_colon(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [one, other, ..] if is_punct(one, ':') && is_punct(other, ':'))
}

/// Reads `a::b`, or each branch of `{a, b::{c, d}}`.
fn read_tree(tokens: &[TokenTree], before: &str, found: &mut Vec<(String, usize)>) {
    let joined = |name: &str| if before.is_empty() { name.to_owned() } else { format!("{before}::{name}") };
    match tokens {
        [TokenTree::Ident(name), rest @ ..] if is_double_colon(rest) => {
            read_tree(&rest[2..], &joined(&name.to_string()), found);
        }
        [TokenTree::Ident(name), ..] if name == "self" => found.push((before.to_owned(), name.span().start().line)),
        [TokenTree::Ident(name), ..] => found.push((joined(&name.to_string()), name.span().start().line)),
        [TokenTree::Group(group), ..] => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            for branch in inner.split(|it| is_punct(it, ',')) {
                read_tree(branch, before, found);
            }
        }
        // `a::*`, `a::<T>`: what stands before is the path.
        [other, ..] => found.push((before.to_owned(), other.span().start().line)),
        [] => {}
    }
}

/// The tables that Diesel or plain SQL writes to.
pub(super) fn tables_written(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut tables = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let writes = place > 0 && WRITES.iter().any(|it| is_ident(&tokens[place - 1], it));
                tables.extend(writes.then(|| named_table(group.stream())).flatten());
                tables.extend(tables_written(group.stream()));
            }
            TokenTree::Literal(text) => tables.extend(tables_in_sql(&text.to_string())),
            _ => {}
        }
    }
    tables
}

const WRITES: [&str; 5] = ["insert_into", "insert_or_ignore_into", "replace_into", "update", "delete"];

/// `stock_levels` of `stock_levels::table.find(…)`, and of `schema::stock_levels::table`.
fn named_table(tokens: TokenStream) -> Option<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let place = tokens.iter().position(|it| is_ident(it, "table"))?;
    Some(tokens.get(place.checked_sub(3)?)?.to_string())
}

fn tables_in_sql(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_').collect();
    let named = words.windows(3).filter_map(|it| match it {
        ["INSERT", "INTO", table] | ["DELETE", "FROM", table] | ["UPDATE", table, "SET"] => Some((*table).to_owned()),
        _ => None,
    });
    named.collect()
}
