//! npm packages, installed exactly as the lock file says.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run::{root, run};

/// Installs the packages of a folder, unless what is there is already what its lock file says.
pub(crate) fn install(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("no {}", lock.display()))?;
    let stamp = folder.join("node_modules/.leaklens-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let what = format!("npm packages of {}", folder.strip_prefix(root()).unwrap_or(folder).display());
    // No install script runs. Peer ranges are not enforced: the @grafana packages name React 18 only, and run on others.
    let flags =
        ["ci", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error"];
    run(&what, Command::new("npm").args(flags).current_dir(folder))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}
