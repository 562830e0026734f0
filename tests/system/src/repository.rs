//! The repository's own files, as text.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use anyhow::{Context as _, Result, ensure};

/// One file that Git keeps, or would keep.
#[derive(Debug, Clone)]
pub struct File {
    /// Its path from the repository's root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl File {
    /// Whether it lies under one of these folders.
    pub fn is_under(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| {
            self.path.strip_prefix(folder).is_some_and(|rest| folder.ends_with('/') || rest.starts_with('/'))
        })
    }

    /// Whether its name ends in one of these.
    pub fn has_extension(&self, extensions: &[&str]) -> bool {
        let extension = Path::new(&self.path).extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| extensions.contains(&extension))
    }
}

/// All files of the repository that are text.
#[derive(Debug, Clone, Default)]
pub struct Repository {
    /// The files, sorted by path.
    pub files: Vec<File>,
}

impl Repository {
    /// Reads the repository this package lies in.
    pub fn read() -> Result<Self> {
        Self::at(&root())
    }

    /// Reads the repository whose root this is.
    pub fn at(root: &Path) -> Result<Self> {
        let listed = Command::new("git")
            // Whoever runs the tests need not own the files.
            .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("cannot start git, which lists the repository's files")?;
        ensure!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
        let listed = String::from_utf8(listed.stdout).context("a file's name is not UTF-8")?;
        let mut files = Vec::new();
        for path in listed.split('\0').filter(|path| !path.is_empty()) {
            match fs::read_to_string(root.join(path)) {
                Ok(text) => files.push(File { path: path.to_owned(), text }),
                // A picture; or a file that is deleted, but not yet in Git's books.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::NotFound) => {}
                Err(error) => return Err(error).with_context(|| format!("cannot read {path}")),
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        ensure!(files.len() > 50, "git lists only {} files", files.len());
        Ok(Self { files })
    }

    /// A repository of these files.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file = |&(path, text): &(&str, &str)| File { path: path.to_owned(), text: text.to_owned() };
        Self { files: files.iter().map(file).collect() }
    }

    /// The files under these folders whose names end in one of `extensions`.
    pub fn under<'r>(
        &'r self,
        folders: &'r [&'r str],
        extensions: &'r [&'r str],
    ) -> impl Iterator<Item = &'r File> {
        self.files.iter().filter(move |file| file.is_under(folders) && file.has_extension(extensions))
    }

    /// The file of that path.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// The repository's root.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(PathBuf::from).unwrap_or(here)
}
