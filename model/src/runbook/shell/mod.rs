//! Reads shell text as a shell would: where a command ends, what its words are, how each character is quoted.
//!
//! It follows the grammar of POSIX 2.9.10 and 2.2 as far as quoting and command ends need it: quotes, escapes,
//! substitutions, here-documents, comments, lists, pipelines and compound commands. It runs nothing and
//! accepts everything; what stays open at the end of the text is said to be open.

mod reader;

pub(super) use reader::scan;

/// A character of the text, or a placeholder standing for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::runbook) struct Sym {
    pub(in crate::runbook) ch: char,
    /// Byte offset in the text.
    pub(in crate::runbook) at: usize,
    /// Number of the placeholder this stands for.
    pub(in crate::runbook) hole: Option<usize>,
}

/// How a character is protected from the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::runbook) enum Quote {
    Bare,
    Single,
    Double,
    /// `$'...'`
    Ansi,
    /// Between backticks.
    Backtick,
    /// Inside `${...}` or `$((...))`.
    Expansion,
    Heredoc,
    Comment,
}

/// A word after quote removal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::runbook) struct Word {
    pub(in crate::runbook) chars: Vec<(Sym, Quote)>,
    /// Whether any of it was quoted, so that it is no reserved word.
    quoted: bool,
    /// Whether it names a file that is read or written, after `<` or `>`.
    pub(in crate::runbook) names_file: bool,
}

impl Word {
    /// Its text; a placeholder reads as U+FFFC.
    pub(in crate::runbook) fn text(&self) -> String {
        self.chars.iter().map(|(sym, _)| sym.ch).collect()
    }
}

/// What was read.
#[derive(Debug, Default)]
pub(in crate::runbook) struct Scan {
    /// The words of each simple command, also of those inside substitutions.
    pub(in crate::runbook) commands: Vec<Vec<Word>>,
    /// Placeholders in comments and here-documents.
    pub(in crate::runbook) outside: Vec<(usize, Quote)>,
    /// Names that are assigned: by `NAME=`, `for NAME`, `read NAME`.
    pub(in crate::runbook) assigned: Vec<String>,
    /// Variables that this shell expands, and whether bare of quotes.
    pub(in crate::runbook) expanded: Vec<(String, bool)>,
    /// Index just past each newline that ends a complete command.
    pub(in crate::runbook) ends: Vec<usize>,
    /// Whether a quote, substitution or compound command stays open.
    pub(in crate::runbook) open: bool,
}

/// The characters of a text, each byte range of `holes` taken as one placeholder. The ranges are in order and
/// do not overlap.
pub(in crate::runbook) fn symbols(text: &str, holes: &[std::ops::Range<usize>]) -> Vec<Sym> {
    let mut syms = Vec::with_capacity(text.len());
    let mut next = 0;
    for (at, ch) in text.char_indices() {
        if let Some(range) = holes.get(next) {
            if at == range.start {
                syms.push(Sym { ch: '\u{FFFC}', at, hole: Some(next) });
            }
            if at >= range.start {
                if at + ch.len_utf8() >= range.end {
                    next += 1;
                }
                continue;
            }
        }
        syms.push(Sym { ch, at, hole: None });
    }
    syms
}

/// Whether a text can name a variable.
pub(in crate::runbook) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|ch| ch.is_ascii_alphabetic() || ch == '_')
        && chars.all(|ch| ch.is_ascii_alphanumeric() || ch == '_')
}
