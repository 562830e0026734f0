//! `cargo xtask build`: everything that ships, in `dist/leaklens-app`.

mod backend;
mod glue;
mod manifest;
mod modules;
mod size;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

pub(crate) use self::backend::PROFILE;
use crate::npm;
use crate::run::root;

/// Options of `build`.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// The backend for every architecture that ships, not only for this machine's.
    #[arg(long)]
    all: bool,
    /// Only the panel and the script modules; the backend in dist stays as it is.
    #[arg(long, conflicts_with_all = ["all", "dev"])]
    frontend: bool,
    /// The backend for this machine alone and unoptimised: quick to build, not to be shipped.
    #[arg(long, conflicts_with = "all")]
    dev: bool,
}

impl Options {
    /// All that ships.
    pub(crate) fn everything() -> Self {
        Self { all: true, ..Self::default() }
    }
}

/// Builds the plugin, prints the sizes of what the browser loads and fails where they are over budget.
pub(crate) fn build(options: &Options) -> Result<()> {
    let dist = root().join("dist/leaklens-app");
    npm::install(&modules::folder())?;
    manifest::copy(&dist)?;
    let wasm = glue::build()?;
    let files = [&wasm.panel, &wasm.judge];
    remove_old_wasm(&dist.join("panel"), &files.map(|one| one.file_name.as_str()))?;
    for one in files {
        let path = dist.join("panel").join(&one.file_name);
        fs::write(&path, &one.bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let shims = modules::build(&wasm, &dist)?;
    if !options.frontend {
        backend::build(&dist.join("datasource"), options.all, options.dev)?;
    }
    size::report(&wasm, &shims)?;
    println!("xtask: built {}", dist.display());
    Ok(())
}

/// Prints what the WebAssembly takes gzipped, as it ships and with `model` compiled for size.
pub(crate) fn compare_sizes() -> Result<()> {
    for (what, wasm) in [
        ("as it ships, `model` at opt-level 3", glue::build()?),
        ("`model` at opt-level z", glue::build_small()?),
    ] {
        let [panel, judge] = [&wasm.panel, &wasm.judge].map(|one| size::gzip_len(&one.bytes));
        println!("size: WebAssembly {what}: panel {} bytes gzipped, judge {}", panel?, judge?);
    }
    Ok(())
}

/// A module's name changes with its content; only the newest stay.
fn remove_old_wasm(folder: &Path, keep: &[&str]) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if keep.iter().all(|keep| name != *keep)
            && Path::new(&name).extension().is_some_and(|extension| extension == "wasm")
        {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
