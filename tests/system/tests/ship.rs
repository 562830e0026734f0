//! What documents say of the repository is so: their links lead somewhere, and the commands they name are there.

use std::path::{Component, Path, PathBuf};

use system::repository::{Repository, root};

/// The documents that people read in the repository, and their texts.
fn documents(repository: &Repository) -> Vec<(String, String)> {
    let all = repository.files.iter().filter(|file| file.has_extension(&["md"]));
    let all = all.map(|file| (file.path.clone(), file.text.clone()));
    // Runbooks speak of a cluster, the page that ships is shown by Grafana.
    let ours =
        all.filter(|(path, _)| !path.starts_with("provisioning/") && !path.starts_with("frontend/shim/"));
    ours.collect()
}

/// A text without what stands in fences and between backticks.
fn prose(text: &str) -> String {
    let outside = text.split("```").step_by(2).collect::<Vec<_>>().join("\n");
    outside.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// `a/b` and `../c` make `a/c`.
fn joined(document: &str, link: &str) -> PathBuf {
    let mut path = PathBuf::new();
    let folder = Path::new(document).parent().unwrap_or(Path::new(""));
    for component in folder.join(link).components() {
        match component {
            Component::ParentDir => drop(path.pop()),
            other => path.push(other),
        }
    }
    path
}

#[test]
fn links_lead_somewhere() {
    let repository = Repository::read().expect("the repository");
    let documents = documents(&repository);
    let mut followed = 0;
    let mut broken = Vec::new();
    for (path, text) in &documents {
        for rest in prose(text).split("](").skip(1) {
            let link = rest.split(')').next().unwrap_or_default();
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { PathBuf::from(path) } else { joined(path, file) };
            followed += 1;
            if !root().join(&target).exists() {
                broken.push(format!("{path}: {link} leads nowhere"));
                continue;
            }
            let there = documents.iter().find(|(path, _)| Path::new(path) == target);
            if let Some((_, text)) = there.filter(|_| !anchor.is_empty())
                && !anchors(text).iter().any(|known| known == anchor)
            {
                broken.push(format!("{path}: {link} names no heading"));
            }
        }
    }
    assert!(followed > 50, "{followed} links");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn commands_that_documents_name_are_there() {
    let repository = Repository::read().expect("the repository");
    let tasks = &repository.file("xtask/src/main.rs").expect("the tasks").text;
    let verbs =
        tasks.split("enum Verb {").nth(1).and_then(|rest| rest.split("\n}").next()).expect("the verbs");
    let variants: Vec<_> = verbs
        .lines()
        .filter_map(|line| line.trim().split(['(', ',']).next())
        .filter(|name| name.starts_with(|first: char| first.is_ascii_uppercase()))
        .map(|name| {
            let mut kebab = String::new();
            for (index, letter) in name.chars().enumerate() {
                if letter.is_ascii_uppercase() && index > 0 {
                    kebab.push('-');
                }
                kebab.push(letter.to_ascii_lowercase());
            }
            kebab
        })
        .collect();
    assert!(variants.contains(&"test-panel".to_owned()), "{variants:?}");
    let parts = ["xtask/src/test/parts.rs", "xtask/src/verify.rs"];
    let parts = parts.map(|path| repository.file(path).expect(path).text.clone()).concat();
    let makefile = &repository.file("Makefile").expect("the Makefile").text;
    let mut seen = 0;
    for (path, text) in documents(&repository) {
        let words: Vec<_> = text
            .split(|c: char| c.is_whitespace() || matches!(c, '`' | '(' | ')' | ',' | ';' | ':' | '|' | '"'))
            .filter(|word| !word.is_empty())
            .map(|word| word.trim_end_matches('.'))
            .collect();
        for three in words.windows(4) {
            match three {
                ["cargo", "xtask", verb, name] if !verb.starts_with('-') => {
                    seen += 1;
                    assert!(variants.iter().any(|known| known == verb), "{path}: no task is called {verb}");
                    let is_part = name.starts_with(|c: char| c.is_ascii_lowercase());
                    if matches!(*verb, "test" | "verify")
                        && is_part
                        && text.contains(&format!("{verb} {name}"))
                    {
                        let known = parts.contains(&format!("name: \"{name}\""));
                        assert!(known, "{path}: {verb} has no part {name}");
                    }
                }
                _ => {}
            }
        }
        for rest in text.split("`make ").skip(1).chain(text.split("\n    make ").skip(1)) {
            let target: String = rest.chars().take_while(char::is_ascii_lowercase).collect();
            assert!(makefile.contains(&format!(" {target}")), "{path}: make has no {target}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} commands");
}

/// With `panic = "abort"` a bug that one query meets would end every other with it.
#[test]
fn a_panic_costs_one_query() {
    let repository = Repository::read().expect("the repository");
    let manifest = &repository.file("Cargo.toml").expect("Cargo.toml").text;
    let release = manifest.split("[profile.release]").nth(1).expect("the profile").split("\n[").next();
    assert!(!release.expect("its keys").contains("panic"), "the executable must unwind");
}
