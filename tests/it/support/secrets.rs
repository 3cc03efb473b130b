//! What must stand nowhere: not in the database, not in a file, not in a log.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::{app::TestApp, premises::Premises};

/// Passwords, streets and names that these tests plant, a card number that the sandbox takes, the form of our opaque
/// tokens, and the head that every access token of ours begins with. The file is read by `grep` as well.
static SECRETS: LazyLock<Regex> = LazyLock::new(|| {
    let forms: Vec<&str> = include_str!("secrets.txt").lines().collect();
    Regex::new(&format!("(?-u){}", forms.join("|"))).unwrap()
});

/// The secrets in `bytes`, as far as they are text.
pub(crate) fn secrets_in(bytes: &[u8]) -> Vec<String> {
    SECRETS.find_iter(bytes).map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned()).collect()
}

impl Premises {
    /// Where secrets stand: the file or the table, and the secret. Mails that were written into files hold theirs.
    pub(crate) fn betrayals(&self) -> Vec<String> {
        let is_looked_at = |place: &str| !place.contains("/mail/");
        let places = self.contents().into_iter().filter(|(place, _)| is_looked_at(place));
        places
            .flat_map(|(place, bytes)| secrets_in(&bytes).into_iter().map(move |it| format!("{place}: {it}")))
            .collect()
    }

    /// All that the shop has written: its files, and the tables of its database where that is no file.
    pub(crate) fn contents(&self) -> Vec<(String, Vec<u8>)> {
        let everything = glob::glob(&format!("{}/**/*", self.folder.path().display())).unwrap().flatten();
        // The search index may tidy one away meanwhile; the database keeps its own while it is open.
        let read = |path: std::path::PathBuf| (path.display().to_string(), std::fs::read(&path).unwrap_or_default());
        everything.filter(|it| it.is_file()).map(read).chain(self.database.dump()).collect()
    }
}

impl TestApp {
    /// Fails where a secret stands in what the shop has written.
    #[track_caller]
    pub(crate) fn expect_secrecy(&self) {
        assert_eq!(self.premises.betrayals(), Vec::<String>::new());
    }
}
