//! What an import says while it runs and at its end.

use std::{
    fs::File,
    io::{self, IsTerminal, Read, Write},
    time::Instant,
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    catalog::portable::Written,
    error::{Code, Place, Violation},
};

/// Rows between two lines of progress where there is no terminal.
const LINE_EACH: u64 = 5_000;

/// The report, and the progress on stderr.
pub(super) struct Report<'a> {
    out: &'a mut dyn Write,
    progress: Progress,
    counts: Counts,
    rows: u64,
    begun: Instant,
}

enum Progress {
    Bar(ProgressBar),
    Lines,
}

/// How many rows came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// New products.
    pub created: u64,
    /// Products that were changed.
    pub updated: u64,
    /// Products that were so already.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub refused: u64,
}

impl<'a> Report<'a> {
    /// A report to `out` on a file of `bytes`.
    pub(super) fn new(out: &'a mut dyn Write, bytes: u64) -> Self {
        let progress = if io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}  {elapsed}");
            let bar = ProgressBar::new(bytes);
            Progress::Bar(style.map_or(bar.clone(), |style| bar.with_style(style)))
        } else {
            Progress::Lines
        };
        Self { out, progress, counts: Counts::default(), rows: 0, begun: Instant::now() }
    }

    /// Lets the progress see how much of the file has been read.
    pub(super) fn watch(&self) -> impl FnOnce(File) -> Box<dyn Read> + Send + use<> {
        let bar = match &self.progress {
            Progress::Bar(bar) => Some(bar.clone()),
            Progress::Lines => None,
        };
        move |file| match bar {
            Some(bar) => Box::new(bar.wrap_read(file)),
            None => Box::new(file),
        }
    }

    /// Tells what came of a row.
    ///
    /// # Errors
    /// Where the report cannot be written.
    pub(super) fn tell(
        &mut self,
        row: u64,
        external_id: Option<&str>,
        outcome: &Result<Written, Vec<Violation>>,
    ) -> io::Result<()> {
        self.rows += 1;
        match outcome {
            Ok(Written::Created) => self.counts.created += 1,
            Ok(Written::Updated) => self.counts.updated += 1,
            Ok(Written::Unchanged) => self.counts.unchanged += 1,
            Err(violations) => {
                self.counts.refused += 1;
                self.print(&line(row, external_id, violations))?;
            }
        }
        match &self.progress {
            Progress::Bar(bar) => bar.set_message(format!("{} rows", self.rows)),
            Progress::Lines if self.rows.is_multiple_of(LINE_EACH) => {
                eprintln!("{} rows in {:.1} s", self.rows, self.begun.elapsed().as_secs_f64());
            }
            Progress::Lines => {}
        }
        Ok(())
    }

    /// The last line, and what it says.
    ///
    /// # Errors
    /// Where the report cannot be written.
    pub(super) fn end(mut self) -> io::Result<Counts> {
        if let Progress::Bar(bar) = &self.progress {
            bar.finish_and_clear();
        }
        let Counts { created, updated, unchanged, refused } = self.counts;
        self.print(&format!("{created} created, {updated} updated, {unchanged} unchanged, {refused} refused"))?;
        Ok(self.counts)
    }

    fn print(&mut self, line: &str) -> io::Result<()> {
        let mut print = || writeln!(self.out, "{line}").and_then(|()| self.out.flush());
        match &self.progress {
            Progress::Bar(bar) => bar.suspend(print),
            Progress::Lines => print(),
        }
    }
}

/// `row TAB external_id TAB pointer TAB code TAB detail`. Several violations share the line: the pointer is that of the
/// first, and the detail names them all.
fn line(row: u64, external_id: Option<&str>, violations: &[Violation]) -> String {
    let pointer = |it: &Violation| match &it.place {
        Place::Pointer(name) | Place::Parameter(name) | Place::Header(name) => name.clone(),
    };
    let (at, code, detail) = match violations {
        [] => ("#".to_owned(), Code::InvalidValue, String::new()),
        [only] => (pointer(only), only.code, only.detail.clone().into_owned()),
        [first, ..] => {
            let all_alike = violations.iter().all(|it| it.code == first.code);
            let details: Vec<String> = violations.iter().map(|it| format!("{}: {}", pointer(it), it.detail)).collect();
            (pointer(first), if all_alike { first.code } else { Code::ValidationFailed }, details.join(" "))
        }
    };
    let external_id = external_id.unwrap_or("-");
    [row.to_string().as_str(), external_id, &at, code.as_str(), &detail].map(plain).join("\t")
}

/// The text without what could be taken for the end of its column or line, or move a terminal's cursor.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_five_columns_whatever_is_in_them() {
        let violations = [
            Violation::at("#/a", Code::Required, "This must be there."),
            Violation::at("#/b\t\n", Code::TooLong, "Too\u{1b}[2J long."),
        ];
        assert_eq!(line(3, None, &violations[..1]), "3\t-\t#/a\trequired\tThis must be there.");
        let both = line(3, Some("a\tb\r"), &violations);
        assert_eq!(both, "3\ta b \t#/a\tvalidation_failed\t#/a: This must be there. #/b  : Too [2J long.");
    }
}
