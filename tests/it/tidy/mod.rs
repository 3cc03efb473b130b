//! The code's own shape: who imports whom, how long things are, and what stands nowhere.

mod imports;
mod source;

use std::collections::{BTreeMap, BTreeSet};

use imports::{ALLOWED, BELOW_FEATURES};
use proc_macro2::{TokenStream, TokenTree};
use source::{Source, files, is_ident, is_punct, relative, sources};
use syn::{spanned::Spanned, visit::Visit};

/// They bring other features together, and read and write through those features' stores.
const ORCHESTRATORS: &[&str] = &["admin", "checkout", "orders", "verify"];
const MOST_LINES_OF_A_FILE: usize = 400;
const MOST_LINES_OF_A_FUNCTION: usize = 60;

/// Fails with all that was found, a line each.
#[track_caller]
fn assert_none(findings: impl IntoIterator<Item = String>) {
    let findings: Vec<String> = findings.into_iter().collect();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

fn library() -> Vec<Source> {
    sources().into_iter().filter(|it| it.path.starts_with("src/")).collect()
}

#[test]
fn imports_go_one_way() {
    let mut findings = Vec::new();
    for source in library() {
        for (path, line) in imports::of_other_modules(&source) {
            if !imports::is_allowed(source.module(), &path) {
                findings.push(format!("{}:{line}: {} may not use {path}", source.path, source.module()));
            }
        }
    }
    assert_none(findings);
}

#[test]
fn the_allowed_imports_have_no_cycle() {
    fn walk<'a>(module: &'a str, way: &mut Vec<&'a str>, findings: &mut BTreeSet<String>) {
        if let Some(start) = way.iter().position(|it| *it == module) {
            findings.insert(way[start..].join(" → ") + " → " + module);
            return;
        }
        way.push(module);
        let rows = ALLOWED.iter().filter(|(from, _)| *from == module);
        // A single path into another module is named in full because the module as a whole is not below.
        let whole = rows.flat_map(|(_, uses)| *uses).filter(|it| !it.contains("::"));
        whole.for_each(|used| walk(used, way, findings));
        way.pop();
    }
    let mut findings = BTreeSet::new();
    ALLOWED.iter().for_each(|(module, _)| walk(module, &mut Vec::new(), &mut findings));
    assert_none(findings);
}

#[test]
fn the_store_and_the_api_of_a_feature_are_its_own() {
    let mut findings = Vec::new();
    let of_features = library().into_iter().filter(|it| !ORCHESTRATORS.contains(&it.module()));
    for source in of_features {
        for (path, line) in imports::of_other_modules(&source) {
            let parts: Vec<&str> = path.split("::").collect();
            if matches!(parts.as_slice(), [_, "store" | "api", ..]) {
                findings.push(format!("{}:{line}: {path}", source.path));
            }
        }
    }
    assert_none(findings);
}

#[test]
fn each_table_is_written_by_one_feature() {
    let mut writers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in library() {
        for table in imports::tables_written(source.shipped()) {
            writers.entry(table).or_default().insert(source.module().to_owned());
        }
    }
    assert!(writers.len() > 20, "tables are no longer found: {writers:?}");
    writers.retain(|_, modules| modules.len() > 1);
    assert_none(writers.into_iter().map(|(table, modules)| format!("{table}: {modules:?}")));
}

#[test]
fn only_the_edge_knows_actix() {
    let may = |path: &str| {
        path.starts_with("src/http/")
            || path.ends_with("/api.rs")
            || path.contains("/api/")
            || ["src/app.rs", "src/main.rs", "src/pages.rs"].contains(&path)
            || ["src/auth/extract.rs", "src/auth/authenticate.rs", "src/auth/forwarded_client.rs"].contains(&path)
    };
    let shipped = library().into_iter().filter(|source| !may(&source.path));
    assert_none(shipped.flat_map(|source| {
        let places = idents(source.shipped(), &["actix_web", "actix_rt", "actix_http", "HttpRequest", "HttpResponse"]);
        places.into_iter().map(move |(name, line)| format!("{}:{line}: {name}", source.path))
    }));
}

#[test]
fn only_db_looks_at_which_database_it_is() {
    let outside = library().into_iter().filter(|source| !source.path.starts_with("src/db/"));
    assert_none(outside.flat_map(|source| {
        let paths =
            imports::paths_of(source.shipped(), "Conn").into_iter().chain(imports::crate_paths(source.shipped()));
        let named =
            paths.filter(|(path, _)| ["Pg", "Sqlite", "db::Conn::Pg", "db::Conn::Sqlite"].contains(&path.as_str()));
        named.map(|(path, line)| format!("{}:{line}: {path}", source.path)).collect::<Vec<_>>()
    }));
}

#[test]
fn files_and_functions_are_short() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|it| it.path != "src/db/schema.rs") {
        let file: syn::File = syn::parse2(source.tokens.clone()).unwrap();
        let mut lengths = Lengths::default();
        lengths.visit_file(&file);
        let lines = source.text.lines().count() - lengths.described;
        if lines > MOST_LINES_OF_A_FILE {
            findings.push(format!("{}: {lines} lines", source.path));
        }
        let long = lengths.functions.into_iter().filter(|(_, _, lines)| *lines > MOST_LINES_OF_A_FUNCTION);
        findings.extend(long.map(|(name, line, lines)| format!("{}:{line}: {name}: {lines} lines", source.path)));
    }
    assert_none(findings);
}

/// How long the functions of a file are, and how many lines describe operations.
#[derive(Default)]
struct Lengths {
    functions: Vec<(String, usize, usize)>,
    described: usize,
}

impl Lengths {
    fn note(&mut self, name: String, whole: impl Spanned, block: impl Spanned) {
        let (first, last) = (whole.span().start().line, block.span().end().line);
        self.functions.push((name, first, last - first + 1));
    }
}

impl<'ast> Visit<'ast> for Lengths {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note(item.sig.ident.to_string(), &item.sig, &item.block);
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(item.sig.ident.to_string(), &item.sig, &item.block);
        syn::visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.note(item.sig.ident.to_string(), &item.sig, block);
        }
        syn::visit::visit_trait_item_fn(self, item);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        if let Some(name) = ["api_test", "backend_test"].into_iter().find(|it| item.path.is_ident(it)) {
            self.note(format!("{name}!"), item, item);
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let names: Vec<String> = attribute.path().segments.iter().map(|it| it.ident.to_string()).collect();
        if names == ["utoipa", "path"] {
            let span = attribute.span();
            self.described += span.end().line - span.start().line + 1;
        }
    }
}

#[test]
fn nothing_is_left_to_be_done() {
    let words = ["TODO", "FIXME", "XXX", "HACK"];
    let texts = ["src/**/*", "tests/**/*", "migrations/**/*", "*.md", "*.toml", ".ci/*"].into_iter().flat_map(files);
    let mut findings = Vec::new();
    for path in texts.filter(|it| it.is_file() && !it.ends_with("tests/it/tidy/mod.rs")) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for (line, content) in (1..).zip(text.lines()) {
            let mut found = content.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
            if found.any(|it| words.contains(&it)) {
                findings.push(format!("{}:{line}: {content}", relative(&path)));
            }
        }
    }
    for source in library() {
        let places = idents(source.shipped(), &["todo", "unimplemented", "dbg"]);
        findings.extend(places.into_iter().map(|(name, line)| format!("{}:{line}: {name}", source.path)));
    }
    assert_none(findings);
}

#[test]
fn what_may_panic_says_why_it_does_not() {
    let mut findings = Vec::new();
    for source in library() {
        unexcused(source.shipped(), false, &mut |name, line| {
            findings.push(format!("{}:{line}: .{name}()", source.path))
        });
    }
    assert_none(findings);
}

/// Finds `.unwrap()` and `.expect(…)` in statements and items without an attribute that gives a reason.
fn unexcused(tokens: TokenStream, excused: bool, report: &mut impl FnMut(&str, usize)) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut excused_here = excused;
    for (place, token) in tokens.iter().enumerate() {
        let called = place > 0 && is_punct(&tokens[place - 1], '.');
        match token {
            TokenTree::Ident(name) if called && !excused_here && (name == "unwrap" || name == "expect") => {
                report(&name.to_string(), name.span().start().line);
            }
            TokenTree::Group(group) => {
                let text = group.stream().to_string();
                let is_attribute =
                    place > 0 && (is_punct(&tokens[place - 1], '#') || is_punct(&tokens[place - 1], '!'));
                if is_attribute {
                    excused_here |=
                        text.contains("reason") && (text.contains("unwrap_used") || text.contains("expect_used"));
                    continue;
                }
                unexcused(group.stream(), excused_here, report);
                // The end of a function or of another item.
                if group.delimiter() == proc_macro2::Delimiter::Brace {
                    excused_here = excused;
                }
            }
            end if is_punct(end, ';') => excused_here = excused,
            _ => {}
        }
    }
}

#[test]
fn a_test_that_is_ignored_says_why() {
    let mut findings = Vec::new();
    for source in sources() {
        ignored_without_reason(source.tokens.clone(), &mut |line| findings.push(format!("{}:{line}", source.path)));
    }
    assert_none(findings);
}

fn ignored_without_reason(tokens: TokenStream, report: &mut impl FnMut(usize)) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (place, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
        let is_attribute = place > 0 && is_punct(&tokens[place - 1], '#');
        if is_attribute && inner.len() == 1 && is_ident(&inner[0], "ignore") {
            report(group.span().start().line);
        }
        ignored_without_reason(group.stream(), report);
    }
}

#[test]
fn a_migration_is_there_for_both_databases_both_ways() {
    let names = |database: &str| -> BTreeSet<String> {
        let prefix = format!("migrations/{database}/");
        let found = files(&format!("{prefix}*/*.sql")).into_iter().map(|it| relative(&it));
        found.map(|it| it.trim_start_matches(&prefix).to_owned()).collect()
    };
    let (postgres, sqlite) = (names("postgres"), names("sqlite"));
    assert!(!postgres.is_empty());
    assert_none(postgres.symmetric_difference(&sqlite).map(|it| format!("{it} is there for one database only")));
    let folders: BTreeSet<&str> = postgres.iter().filter_map(|it| it.split('/').next()).collect();
    let wanted = folders.iter().flat_map(|it| [format!("{it}/up.sql"), format!("{it}/down.sql")]);
    assert_none(wanted.filter(|it| !postgres.contains(it)).map(|it| format!("there is no {it}")));
}

#[test]
fn modules_are_named_after_what_they_hold() {
    let empty = ["utils", "util", "helpers", "helper", "manager", "common", "misc", "shared"];
    let named = sources().into_iter().flat_map(|source| {
        let parts: Vec<String> = source.path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        parts
            .into_iter()
            .filter(|it| empty.contains(&it.as_str()))
            .map(move |_| source.path.clone())
            .collect::<Vec<_>>()
    });
    assert_none(named);
}

#[test]
fn what_stands_below_the_features_is_in_the_table_too() {
    let modules: BTreeSet<&str> = ALLOWED.iter().map(|(module, _)| *module).collect();
    let used = ALLOWED.iter().flat_map(|(_, uses)| *uses).chain(BELOW_FEATURES);
    let unknown = used.map(|it| it.split("::").next().unwrap_or(it)).filter(|it| !modules.contains(it));
    assert_none(unknown.map(str::to_owned));
}

/// Where one of these names stands, at any depth.
fn idents(tokens: TokenStream, names: &[&str]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => found.extend(idents(group.stream(), names)),
            TokenTree::Ident(name) if names.iter().any(|it| name == it) => {
                found.push((name.to_string(), name.span().start().line));
            }
            _ => {}
        }
    }
    found
}
