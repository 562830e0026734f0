//! `cargo xtask dashboards render`: the dashboards, from their source.

use std::fs;

use anyhow::{Context as _, Result};

/// What to do with the dashboards.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Renders them into provisioning/dashboards.
    Render,
}

/// Runs it.
pub(crate) fn dashboards(command: &Command) -> Result<()> {
    let Command::Render = command;
    for (file, text) in stack::dashboards::rendered() {
        let path = stack::dashboards::directory().join(file);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("xtask: wrote {}", path.display());
    }
    Ok(())
}
