//! Running other programs, with a line of progress each.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository")
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// The fleet and the workbench. Built as part of all default members, as `cargo test` builds them: a package
/// chosen alone gets other features, and everything below it is compiled again.
pub(crate) fn build_programs() -> Result<()> {
    run("fleet and workbench", cargo().args(["build", "--quiet", "--bin", "fleet", "--bin", "workbench"]))
}

/// Runs a command to its end, its output passing through, and says what it was for and how long it took.
pub(crate) fn run(what: &str, command: &mut Command) -> Result<()> {
    println!("xtask: {what}");
    let began = Instant::now();
    let status = command
        .status()
        .with_context(|| format!("{what}: cannot start {}", command.get_program().display()))?;
    if !status.success() {
        bail!("{what}: {} ended with {status}", command.get_program().display());
    }
    println!("xtask: {what}: {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}
