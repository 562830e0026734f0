//! Holds docs/troubleshooting.md to the messages the code has.

use system::repository::Repository;
use system::source::{Kind, sources};

/// Tables of the page whose first column quotes messages of ours.
const TABLE: &str = "| Message |";

/// The messages the page explains, cut where something differs.
fn explained(page: &str) -> Vec<Vec<String>> {
    let mut messages = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        inside = line.starts_with(TABLE) || (inside && line.starts_with('|'));
        if !inside || line.starts_with(TABLE) || line.starts_with("|---") {
            continue;
        }
        let first = line.split('|').nth(1).unwrap_or_default();
        let quoted = first.split('`').skip(1).step_by(2);
        messages.extend(quoted.map(|message| pieces(message, '…')));
    }
    messages
}

fn pieces(message: &str, cut: char) -> Vec<String> {
    message.split(cut).map(|piece| piece.trim().to_owned()).filter(|piece| piece.len() > 3).collect()
}

/// All texts of the shipped Rust code, continued lines joined.
fn texts(repository: &Repository) -> Vec<String> {
    let mut texts = Vec::new();
    for source in sources(repository, &["model", "backend", "frontend"]).expect("Rust") {
        for token in source.tokens.iter().filter(|token| token.kind == Kind::Text) {
            let lines: Vec<_> = token.text.split("\\\n").collect();
            let joined: Vec<_> = lines.iter().map(|line| line.trim_start()).collect();
            texts.push(joined.concat());
        }
    }
    texts
}

#[test]
fn every_message_explained_is_one_the_code_has() {
    let repository = Repository::read().expect("the repository");
    let page = &repository.file("docs/troubleshooting.md").expect("the page").text;
    let (explained, texts) = (explained(page), texts(&repository));
    assert!(explained.len() > 20, "{explained:?}");
    for message in explained {
        for piece in &message {
            assert!(texts.iter().any(|text| text.contains(piece.as_str())), "no text has {piece:?}");
        }
    }
}

/// Where the messages of the data source's errors stand. The command line's are read where it was called.
fn errors(repository: &Repository) -> Vec<String> {
    let rust = repository.under(&["backend/src"], &["rs"]);
    let files = rust.filter(|file| !file.path.contains("/cli/") && !file.path.ends_with("/tests.rs"));
    let messages = files.flat_map(|file| file.text.split("#[error(").skip(1));
    messages
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_failure_is_explained() {
    let repository = Repository::read().expect("the repository");
    let page = &repository.file("docs/troubleshooting.md").expect("the page").text;
    let explained = explained(page).concat();
    let messages = errors(&repository);
    assert!(messages.len() > 25, "{messages:?}");
    for message in messages {
        // The stretches without a value, which are what a reader would search for. One of values alone is none.
        let fixed = message.replace("\\\n", " ").replace(['{', '}'], "…");
        let pieces = pieces(&fixed, '…');
        let words = |piece: &&String| piece.contains(' ');
        if !pieces.iter().any(|piece| words(&piece)) {
            continue;
        }
        let known = pieces.iter().filter(words).any(|piece| {
            explained
                .iter()
                .any(|explained| piece.contains(explained.as_str()) || explained.contains(piece.as_str()))
        });
        assert!(known, "docs/troubleshooting.md does not explain {message:?}");
    }
}
