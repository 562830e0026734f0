//! Puts untrusted values into commands so that the shell reads them back unchanged, as one argument.

use super::shell::{self, Quote, Scan, Sym, Word};
use super::text::is_hidden;

/// Shells that read the word after `-c` as shell text of its own.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "zsh", "ksh", "su"];
/// Commands that join their words and give them to a shell again.
const JOINERS: &[&str] = &["eval", "watch", "ssh", "parallel"];
/// Commands whose words are programs of another language, where quoting for the shell is not enough.
const INTERPRETERS: &[&str] = &[
    "awk", "gawk", "jq", "mawk", "mysql", "node", "perl", "php", "promtool", "psql", "python", "python2",
    "python3", "ruby", "sed", "sqlite3", "yq",
];
/// Shell text inside shell text is followed so deep.
const MAX_DEPTH: usize = 6;

/// Where a placeholder stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent findings, not states")]
pub(super) struct Place {
    /// Quoting from the outermost shell inwards; empty where it stands in no shell text.
    chain: Vec<Quote>,
    /// Whether something other than a shell reads it in the end.
    foreign: bool,
    /// Whether it names the command to run.
    runs: bool,
    /// Whether it begins a word, where a leading dash would make it an option.
    begins_word: bool,
    /// Whether it names a file to read or write.
    names_file: bool,
}

/// Why a value is not filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Hidden,
    Option,
    Command,
    Foreign,
    Path,
}

impl Refusal {
    /// The rest of a sentence that begins with the placeholder.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Hidden => "is not filled in: its value holds control or invisible characters",
            Self::Option => "is not filled in: its value begins with a dash and would be read as an option",
            Self::Command => "is not filled in: it would name the program to run",
            Self::Path => "is not filled in: its value would lead to a file elsewhere",
            Self::Foreign => "is not filled in: its value holds characters that cannot be quoted safely here",
        }
    }
}

/// What a command's text holds.
#[derive(Debug, Default)]
pub(super) struct Analysis {
    /// A place for each placeholder.
    pub(super) places: Vec<Place>,
    /// The words of every simple command, those in inner shells too.
    pub(super) commands: Vec<Vec<String>>,
}

/// Reads shell text with its placeholders.
pub(super) fn analyse(text: &str, holes: &[std::ops::Range<usize>]) -> Analysis {
    let mut analysis = Analysis { places: vec![Place::default(); holes.len()], commands: Vec::new() };
    walk(&shell::symbols(text, holes), &mut analysis, 0);
    analysis
}

/// The variables that the shell of whoever pastes the text expands, and whether bare of quotes; those the text
/// sets itself are left out.
pub(super) fn expansions(text: &str) -> Vec<(String, bool)> {
    let Scan { mut expanded, assigned, .. } = shell::scan(&shell::symbols(text, &[]), false);
    expanded.retain(|(name, _)| !assigned.contains(name));
    expanded
}

fn walk(syms: &[Sym], analysis: &mut Analysis, depth: usize) {
    let Scan { commands, outside, .. } = shell::scan(syms, false);
    for (hole, quote) in outside {
        analysis.places[hole].chain.push(quote);
    }
    for words in commands {
        let names: Vec<String> = words.iter().map(|word| base_name(&word.text())).collect();
        let interpreter = names.iter().position(|name| INTERPRETERS.contains(&name.as_str()));
        let code = code_words(&words, &names);
        for (index, word) in words.iter().enumerate() {
            let program = interpreter.is_some_and(|at| at < index)
                || !code.iter().any(|text| text.contains(&index))
                    && word.chars.iter().any(|(sym, _)| sym.ch == '{');
            for (position, (sym, quote)) in word.chars.iter().enumerate() {
                let Some(place) = sym.hole.and_then(|hole| analysis.places.get_mut(hole)) else { continue };
                place.chain.push(*quote);
                place.foreign |= program;
                place.runs |= index == 0 && !is_assignment(word);
                place.begins_word |= position == 0;
                place.names_file |= word.names_file;
            }
        }
        let space = Sym { ch: ' ', at: 0, hole: None };
        for range in code {
            let syms =
                |word: &Word| word.chars.iter().map(|(sym, _)| *sym).chain([space]).collect::<Vec<_>>();
            let inner: Vec<Sym> = words[range].iter().flat_map(syms).collect();
            if depth < MAX_DEPTH {
                walk(&inner, analysis, depth + 1);
            } else {
                for hole in inner.iter().filter_map(|sym| sym.hole) {
                    analysis.places[hole].foreign = true;
                }
            }
        }
        analysis.commands.push(words.iter().map(Word::text).collect());
    }
}

/// The words that a command joins with spaces and hands to another shell as its text.
fn code_words(words: &[Word], names: &[String]) -> Vec<std::ops::Range<usize>> {
    let mut texts = Vec::new();
    if let Some(at) = names.iter().position(|name| SHELLS.contains(&name.as_str())) {
        let runs_text = |word: &Word| {
            let text = word.text();
            text.starts_with('-') && !text.starts_with("--") && text.contains('c')
        };
        if let Some(flag) = words[at + 1..].iter().position(runs_text) {
            let code = at + 1 + flag + 1;
            texts.extend((code < words.len()).then_some(code..code + 1));
        }
    }
    if let Some(at) = names.iter().position(|name| JOINERS.contains(&name.as_str())) {
        let options = words[at + 1..].iter().take_while(|word| word.text().starts_with('-')).count();
        // The word that follows is the host.
        let from = at + 1 + options + usize::from(names[at] == "ssh");
        texts.extend((from < words.len()).then_some(from..words.len()));
    }
    texts
}

fn is_assignment(word: &Word) -> bool {
    word.text().split_once('=').is_some_and(|(name, _)| shell::is_name(name.trim_end_matches('+')))
}

fn base_name(word: &str) -> String {
    word.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The value as it must stand at that place.
pub(super) fn quote(value: &str, place: &Place) -> Result<String, Refusal> {
    if value.chars().any(is_hidden) {
        return Err(Refusal::Hidden);
    }
    if place.runs {
        return Err(Refusal::Command);
    }
    if place.begins_word && value.starts_with('-') {
        return Err(Refusal::Option);
    }
    if place.names_file && (value.contains('/') || value.starts_with(['.', '~'])) {
        return Err(Refusal::Path);
    }
    if place.foreign || place.chain.is_empty() || !place.chain.iter().all(|quote| is_quotable(*quote)) {
        return if is_plain(value) { Ok(value.to_owned()) } else { Err(Refusal::Foreign) };
    }
    Ok(place.chain.iter().rev().fold(value.to_owned(), |text, level| quote_once(&text, *level)))
}

/// Why not every value can be filled in at that place; the rest of a sentence that begins with the placeholder.
pub(super) fn weakness(place: &Place) -> Option<&'static str> {
    if place.runs {
        Some("names the program to run; it is never filled in")
    } else if place.foreign {
        Some("stands in text of another language; only plain values are filled in")
    } else if place.chain.iter().any(|quote| !is_quotable(*quote)) {
        Some("stands in a comment, here-document, backticks or expansion; only plain values are filled in")
    } else {
        None
    }
}

/// Whether any value can be protected under this quoting.
fn is_quotable(quote: Quote) -> bool {
    matches!(quote, Quote::Bare | Quote::Single | Quote::Double)
}

/// Characters no shell and no other language gives a meaning inside a word.
fn is_plain(value: &str) -> bool {
    value.chars().all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '_' | '-' | '/' | ':' | '@'))
}

fn quote_once(text: &str, quote: Quote) -> String {
    match quote {
        Quote::Single => text.replace('\'', r"'\''"),
        Quote::Double => {
            let mut quoted = String::with_capacity(text.len() + 8);
            for ch in text.chars() {
                match ch {
                    '$' | '`' | '"' | '\\' => quoted.extend(['\\', ch]),
                    // An interactive shell looks for its history even between double quotes.
                    '!' => quoted.push_str("\"'!'\""),
                    _ => quoted.push(ch),
                }
            }
            quoted
        }
        _ if is_plain(text) && !text.is_empty() => text.to_owned(),
        _ => format!("'{}'", text.replace('\'', r"'\''")),
    }
}
