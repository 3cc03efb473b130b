//! The crate's own source files, as tokens.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A Rust file.
pub(super) struct Source {
    /// From the root of the project: `src/http/edge.rs`.
    pub(super) path: String,
    pub(super) text: String,
    pub(super) tokens: TokenStream,
    /// Whether it is compiled for tests only.
    pub(super) is_test: bool,
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below the root that match a pattern, by path.
pub(super) fn files(pattern: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = glob::glob(&root().join(pattern).to_string_lossy()).unwrap().flatten().collect();
    found.sort();
    found
}

pub(super) fn relative(path: &Path) -> String {
    path.strip_prefix(root()).expect("a path below the root").to_string_lossy().into_owned()
}

/// Every file of the crate: the library, the binary, and these tests.
pub(super) fn sources() -> Vec<Source> {
    let paths = ["src/**/*.rs", "tests/**/*.rs"].into_iter().flat_map(files);
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let path = relative(&path);
        Source { is_test: path.starts_with("tests/"), path, text, tokens }
    };
    let mut sources: Vec<Source> = paths.map(read).collect();
    let test_modules: BTreeSet<String> = sources.iter().flat_map(test_modules).collect();
    for source in &mut sources {
        let below =
            |module: &String| source.path == format!("{module}.rs") || source.path.starts_with(&format!("{module}/"));
        source.is_test |= test_modules.iter().any(below);
    }
    sources
}

impl Source {
    /// `http` of `src/http/edge.rs` and of `src/http.rs`.
    pub(super) fn module(&self) -> &str {
        let inner = self.path.trim_start_matches("src/");
        inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs")
    }

    /// The tokens of what is not compiled for tests only.
    pub(super) fn shipped(&self) -> TokenStream {
        if self.is_test { TokenStream::new() } else { without_test_items(self.tokens.clone()) }
    }
}

/// Files below this one that it declares by `#[cfg(test)] mod name;`, without their `.rs`.
fn test_modules(source: &Source) -> Vec<String> {
    let (folder, file) = source.path.rsplit_once('/').expect("a file in a folder");
    let folder = match file {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        _ => format!("{folder}/{}", file.trim_end_matches(".rs")),
    };
    let tokens: Vec<TokenTree> = source.tokens.clone().into_iter().collect();
    let mut names = Vec::new();
    for place in 0..tokens.len() {
        let declared = match tokens.get(place..place + 5) {
            Some([hash, attribute, word, _, end]) => {
                is_punct(hash, '#') && is_cfg_test(attribute) && is_ident(word, "mod") && is_punct(end, ';')
            }
            _ => false,
        };
        if declared {
            names.push(format!("{folder}/{}", tokens[place + 3]));
        }
    }
    names
}

/// Leaves out each item behind `#[cfg(test)]`, at any depth.
fn without_test_items(tokens: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if is_punct(&token, '#') && tokens.peek().is_some_and(is_cfg_test) {
            // The item ends with its braces, or with a semicolon.
            let ends = |token: &TokenTree| {
                is_punct(token, ';') || matches!(token, TokenTree::Group(it) if it.delimiter() == Delimiter::Brace)
            };
            tokens.by_ref().find(ends);
            continue;
        }
        kept.push(match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without_test_items(group.stream()));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            other => other,
        });
    }
    kept.into_iter().collect()
}

fn is_cfg_test(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(it) if it.stream().to_string().replace(' ', "") == "cfg(test)")
}

pub(super) fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(it) if it.as_char() == character)
}

pub(super) fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(it) if *it == name)
}
