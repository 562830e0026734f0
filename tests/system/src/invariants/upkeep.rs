//! What keeps the repository easy to work in.

use anyhow::Result;

use super::{Invariant, lines};
use crate::repository::Repository;

pub(super) fn all() -> Vec<Invariant> {
    vec![
        Invariant {
            sentence: "No source file is longer than 500 lines.",
            check: files_are_short,
            bad: &[("tests/x/a.py", LONG), ("xtask/src/a.rs", LONG)],
            good: &[("tests/x/a.py", "a = 1"), ("docs/a.md", LONG)],
            context: &[],
        },
        Invariant {
            sentence: "Every dependency's version stands once, in the root Cargo.toml, with its reason beside it.",
            check: dependencies_have_reasons,
            bad: &[
                ("Cargo.toml", "[workspace.dependencies]\nserde = \"1\""),
                ("Cargo.toml", "[workspace.dependencies]\nserde = { version = \"1\" } #"),
                ("backend/Cargo.toml", "[dependencies]\nserde = \"1\""),
                (
                    "backend/Cargo.toml",
                    "[dev-dependencies]\nserde = { version = \"1\", features = [\"derive\"] }",
                ),
            ],
            good: &[
                (
                    "Cargo.toml",
                    "[workspace.dependencies]\nmodel = { path = \"model\" }\nserde = \"1\" # settings\n\n[profile.dev]\ndebug = 1",
                ),
                (
                    "backend/Cargo.toml",
                    "[package]\nname = \"backend\"\n\n[dependencies]\nserde.workspace = true",
                ),
            ],
            context: &[],
        },
        Invariant {
            sentence: "Nothing refers to a place outside the repository.",
            check: nothing_points_outside,
            bad: &[
                ("docs/a.md", concat!("see ..", "/shared/design.md")),
                ("backend/src/a.rs", concat!("include_str!(\"/wo", "rk/main/x\")")),
                ("xtask/src/a.rs", concat!("// as .", "library/ has it")),
            ],
            good: &[("docs/a.md", "see ../README.md")],
            context: &[],
        },
    ]
}

const LONG: &str = {
    // 501 empty lines.
    const LINES: [u8; 501] = [b'\n'; 501];
    match std::str::from_utf8(&LINES) {
        Ok(text) => text,
        Err(_) => "",
    }
};

const LONGEST_LINES: usize = 500;

fn files_are_short(repository: &Repository) -> Result<Vec<String>> {
    const SOURCES: [&str; 9] = ["rs", "js", "jsx", "mjs", "cjs", "ts", "py", "go", "sh"];
    let sources = repository.files.iter().filter(|file| file.has_extension(&SOURCES));
    let counted = sources.map(|file| (file, file.text.lines().count()));
    let long = counted.filter(|(_, count)| *count > LONGEST_LINES);
    Ok(long.map(|(file, count)| format!("{}: {count} lines", file.path)).collect())
}

fn dependencies_have_reasons(repository: &Repository) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for manifest in repository.files.iter().filter(|file| file.path.ends_with("Cargo.toml")) {
        let mut inside = false;
        for (index, line) in manifest.text.lines().enumerate() {
            if line.starts_with('[') {
                inside = line.contains("dependencies");
            }
            let Some((name, value)) = line.split_once('=').filter(|_| inside && !line.starts_with('#'))
            else {
                continue;
            };
            let has_version = value.trim().starts_with('"') || value.contains("version");
            let reason = value.rsplit_once('#').map_or("", |(_, reason)| reason.trim());
            let fine = match manifest.path.as_str() {
                "Cargo.toml" => reason.len() > 3 || value.contains("path = "),
                _ => !has_version,
            };
            if !fine {
                found.push(format!("{}:{}: {}", manifest.path, index + 1, name.trim()));
            }
        }
    }
    Ok(found)
}

fn nothing_points_outside(repository: &Repository) -> Result<Vec<String>> {
    const OUTSIDE: [&str; 5] = [
        concat!("..", "/shared"),
        concat!(".", "library/"),
        concat!("/wo", "rk/"),
        concat!("/tmp", "/wt"),
        concat!("/root", "/"),
    ];
    let files = repository.files.iter().filter(|file| !file.has_extension(&["lock", "sum", "svg"]));
    let texts = files.filter(|file| !file.path.ends_with("package-lock.json"));
    Ok(texts.flat_map(|file| lines(file, |line| OUTSIDE.iter().any(|place| line.contains(place)))).collect())
}
