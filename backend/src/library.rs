//! Reads operators' runbooks over our own pack.

use std::fs;
use std::path::{Path, PathBuf};

use model::runbook::Library;

/// Our own pack, replaced and extended by the Markdown files at these paths (files, or folders of `*.md`), and
/// each problem in a sentence with file and line. A file that cannot be read hides nothing but itself.
pub fn load(paths: &[String]) -> (Library, Vec<String>) {
    let mut problems = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        for file in markdown_files(Path::new(path), &mut problems) {
            match fs::read(&file) {
                Ok(bytes) => files.push((file.to_string_lossy().into_owned(), bytes)),
                Err(error) => {
                    problems.push(format!("the runbook {} cannot be read: {error}", file.display()));
                }
            }
        }
    }
    let (own, parsed) = Library::parse(&files);
    problems.extend(
        parsed.iter().map(|problem| format!("{}, line {}: {}", problem.file, problem.line, problem.text)),
    );
    (own.over(Library::builtin()), problems)
}

fn markdown_files(path: &Path, problems: &mut Vec<String>) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(format!("the runbook folder {} cannot be read: {error}", path.display()));
            return Vec::new();
        }
    };
    let mut files: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    if files.is_empty() {
        problems.push(format!("the runbook folder {} holds no .md file", path.display()));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_path_is_a_problem_and_our_pack_stays() {
        let (library, problems) = load(&["/nonexistent/runbooks".to_owned()]);
        assert!(problems[0].contains("/nonexistent/runbooks"), "{problems:?}");
        assert!(library.of_alert("HighMemoryGrowthRate").next().is_some());
    }

    #[test]
    fn an_operators_page_replaces_ours() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("HighMemoryGrowthRate.md"),
            "# HighMemoryGrowthRate\n\n## Meaning\n\nOurs.\n",
        )
        .unwrap();
        let (library, problems) = load(&[folder.path().to_string_lossy().into_owned()]);
        assert!(problems.is_empty(), "{problems:?}");
        let pages: Vec<_> = library.of_alert("HighMemoryGrowthRate").collect();
        assert_eq!(pages.len(), 1);
        assert!(pages[0].file.ends_with("HighMemoryGrowthRate.md"));
    }
}
