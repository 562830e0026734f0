//! Reads operators' runbooks over our own pack, and again when they change.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use model::runbook::Library;

/// Folders are followed so deep; one that contains itself ends there.
const MAX_DEPTH: usize = 8;
/// More files than this in one place are no runbooks.
const MAX_FILES: usize = 2000;

/// A file's name and bytes.
pub type File = (String, Vec<u8>);

/// What changes when a file is added, removed or written: paths, sizes and times.
type Stamp = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// Runbooks as they were last read.
#[derive(Debug)]
pub struct Loaded {
    /// Our own pack, replaced and extended by the operator's files.
    pub library: Library,
    /// What is wrong with those, each in a sentence with file and line.
    pub problems: Vec<String>,
}

/// The runbooks at some paths, read again when they change.
#[derive(Debug)]
pub struct Shelf {
    paths: Vec<String>,
    read: Mutex<Option<(Stamp, Arc<Loaded>)>>,
}

impl Shelf {
    /// The runbooks in these files, and in folders of `*.md`.
    pub fn new(paths: &[String]) -> Self {
        Self { paths: paths.to_owned(), read: Mutex::new(None) }
    }

    /// The runbooks as they are now. Files are looked at every time and read when one has changed.
    pub fn current(&self) -> Arc<Loaded> {
        let paths: Vec<_> = self.paths.iter().filter(|path| !is_inline(path)).collect();
        let stamp = stamp(&paths);
        // A poisoned lock only means that reading panicked elsewhere; what it holds is whole.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, loaded)) = read.as_ref().filter(|(before, _)| *before == stamp) {
            return Arc::clone(loaded);
        }
        let loaded = Arc::new(load(&self.paths));
        *read = Some((stamp, Arc::clone(&loaded)));
        loaded
    }
}

/// Whether a setting is a runbook itself rather than a path to one: it has more than one line.
fn is_inline(path: &str) -> bool {
    path.contains('\n')
}

/// Reads the files over our own pack. One that cannot be read hides nothing but itself.
fn load(paths: &[String]) -> Loaded {
    let (inline, paths): (Vec<_>, Vec<_>) = paths.iter().partition(|path| is_inline(path));
    let (mut files, mut problems) = read(&paths);
    let numbered = inline.into_iter().enumerate();
    files.extend(numbered.map(|(index, text)| (format!("inline-{}", index + 1), text.clone().into_bytes())));
    let (own, parsed) = Library::parse(&files);
    problems.extend(
        parsed.iter().map(|problem| format!("{}, line {}: {}", problem.file, problem.line, problem.text)),
    );
    Loaded { library: own.over(Library::builtin()), problems }
}

/// Reads files, and all `*.md` files in folders and below, in the order of their names. Each that cannot be read
/// is named in a sentence and hides nothing but itself.
pub fn read(paths: &[impl AsRef<Path>]) -> (Vec<File>, Vec<String>) {
    let (found, mut problems) = find(paths);
    let mut files = Vec::new();
    for path in found {
        match fs::read(&path) {
            Ok(bytes) => files.push((path.display().to_string(), bytes)),
            Err(error) => problems.push(format!("the runbook {} cannot be read: {error}", path.display())),
        }
    }
    (files, problems)
}

fn stamp(paths: &[impl AsRef<Path>]) -> Stamp {
    let (found, _) = find(paths);
    let stamped = |path: PathBuf| {
        let data = fs::metadata(&path).ok();
        let length = data.as_ref().map_or(0, fs::Metadata::len);
        let written = data.and_then(|data| data.modified().ok());
        (path, length, written)
    };
    found.into_iter().map(stamped).collect()
}

fn find(paths: &[impl AsRef<Path>]) -> (Vec<PathBuf>, Vec<String>) {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        let path = path.as_ref();
        if path.is_dir() {
            let before = files.len();
            walk(path, 0, &mut files, &mut problems);
            if files.len() == before {
                problems.push(format!("the runbook folder {} holds no .md file", path.display()));
            }
        } else {
            files.push(path.to_owned());
        }
    }
    if files.len() > MAX_FILES {
        problems.push(format!("only the first {MAX_FILES} of {} runbook files are read", files.len()));
        files.truncate(MAX_FILES);
    }
    (files, problems)
}

/// Names that begin with a dot are left out: a mounted `ConfigMap` keeps every file there a second time.
fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>, problems: &mut Vec<String>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(format!("the runbook folder {} cannot be read: {error}", folder.display()));
            return;
        }
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')));
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if depth < MAX_DEPTH && files.len() <= MAX_FILES {
                walk(&path, depth + 1, files, problems);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_path_is_a_problem_and_our_pack_stays() {
        let Loaded { library, problems } = load(&["/nonexistent/runbooks".to_owned()]);
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
        let Loaded { library, problems } = load(&[folder.path().to_string_lossy().into_owned()]);
        assert!(problems.is_empty(), "{problems:?}");
        let pages: Vec<_> = library.of_alert("HighMemoryGrowthRate").collect();
        assert_eq!(pages.len(), 1);
        assert!(pages[0].file.ends_with("HighMemoryGrowthRate.md"));
    }

    #[test]
    fn folders_are_read_whole_and_hidden_copies_are_not() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("b/..data")).unwrap();
        for name in ["z.md", "b/a.md", "b/..data/a.md", "b/notes.txt", ".hidden.md"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let (files, problems) = read(&[folder.path()]);
        assert_eq!(problems, Vec::<String>::new());
        let names: Vec<_> = files.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
        assert_eq!(names, ["b/a.md", "z.md"]);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_hides_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let good = folder.path().join("good.md");
        fs::write(&good, "x").unwrap();
        let empty = folder.path().join("empty");
        fs::create_dir(&empty).unwrap();
        let (files, problems) = read(&[folder.path().join("missing.md"), good.clone(), empty]);
        assert_eq!(files.len(), 1);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems.iter().any(|problem| problem.contains("missing.md")));
    }

    #[test]
    fn text_in_the_settings_is_a_runbook() {
        let shelf = Shelf::new(&["# InlineAlert\n1. Look\n<!-- leaklens: evidence=moon -->\n".to_owned()]);
        let loaded = shelf.current();
        assert!(loaded.library.of_alert("InlineAlert").next().is_some());
        assert_eq!(loaded.problems, ["inline-1, line 3: `moon` is no kind of evidence"]);
    }

    #[test]
    fn a_changed_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.md");
        let shelf = Shelf::new(&[folder.path().display().to_string()]);
        let has = |alert: &str| shelf.current().library.of_alert(alert).next().is_some();
        assert_eq!(shelf.current().problems.len(), 1, "an empty folder is said");
        fs::write(&path, "# FirstAlert\n1. x\n").unwrap();
        assert!(has("FirstAlert"));
        assert!(Arc::ptr_eq(&shelf.current(), &shelf.current()), "unchanged files are not read again");
        fs::write(&path, "# SecondOne\n1. x, and more of it\n").unwrap();
        assert!(has("SecondOne") && !has("FirstAlert"));
        fs::remove_file(&path).unwrap();
        assert!(!has("SecondOne") && has("HighMemoryUsage"));
    }
}
