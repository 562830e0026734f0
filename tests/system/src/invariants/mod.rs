//! What docs/architecture.md promises, each held by a check over the repository's text.
//!
//! A check answers with the places that break the promise, each as `path:line: what`.

#![allow(clippy::unnecessary_wraps, reason = "all checks have one signature")]

mod boundaries;
mod conduct;
mod names;
mod upkeep;

use anyhow::Result;

use crate::repository::{File, Repository};
use crate::source::{Source, sources};

/// One promise.
#[derive(Debug)]
pub struct Invariant {
    /// The sentence, as the boxed line of docs/architecture.md has it.
    pub sentence: &'static str,
    /// Finds what breaks it.
    pub check: fn(&Repository) -> Result<Vec<String>>,
    /// Files of which each, alone with `context`, breaks it.
    pub bad: &'static [(&'static str, &'static str)],
    /// Files that do not break it.
    pub good: &'static [(&'static str, &'static str)],
    /// Files the samples need beside them.
    pub context: &'static [(&'static str, &'static str)],
}

/// All promises, in the document's order.
pub fn all() -> Vec<Invariant> {
    [boundaries::all(), conduct::all(), names::all(), upkeep::all()].into_iter().flatten().collect()
}

/// The folders whose code ships.
const PRODUCT: [&str; 3] = ["model", "backend", "frontend"];

/// Names under which code of these folders uses `wanted`, except in files for which `allowed` holds.
fn paths_used(
    repository: &Repository,
    folders: &[&str],
    allowed: impl Fn(&str) -> bool,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<String>> {
    let found = sources(repository, folders)?.into_iter().filter(|source| !allowed(&source.path));
    Ok(found.flat_map(|source| used(&source, &wanted)).collect())
}

fn used(source: &Source, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let paths = source.paths().into_iter().filter(|(path, _)| wanted(path));
    paths.map(|(path, line)| format!("{}:{line}: {path}", source.path)).collect()
}

/// Whether `path` is `prefix` or lies in it.
fn within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The scripts that ship.
fn scripts(repository: &Repository) -> impl Iterator<Item = &File> {
    repository.under(&["frontend"], &["js", "jsx", "ts"]).filter(|file| !file.path.contains("/tests/"))
}

/// Lines of a file for which `wanted` holds.
fn lines(file: &File, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let found = file.text.lines().enumerate().filter(|(_, line)| wanted(line));
    found.map(|(index, line)| format!("{}:{}: {}", file.path, index + 1, line.trim())).collect()
}
