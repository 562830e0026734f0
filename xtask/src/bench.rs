//! `cargo xtask bench`: measures, always in release.

use anyhow::{Context as _, Result, ensure};

use crate::panel_tests;
use crate::run::{cargo, root};

/// What to measure.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// The detector against others, over generated or anyone's labelled series; `--help` lists its options.
    #[command(disable_help_flag = true)]
    Detect(Passed),
    /// The detector against others, over real processes; `--help` lists its options.
    #[command(disable_help_flag = true)]
    Processes(Passed),
    /// Scoring in WebAssembly, compiled as the panel ships, in Chromium.
    Wasm,
}

/// What the yardstick reads.
#[derive(Debug, clap::Args)]
pub(crate) struct Passed {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs a measurement. Nothing else is printed: with `--json` the output is for programs.
pub(crate) fn bench(command: &Command) -> Result<()> {
    let (verb, passed) = match command {
        Command::Detect(passed) => ("detect", passed),
        Command::Processes(passed) => ("processes", passed),
        Command::Wasm => return panel_tests::bench(),
    };
    let mut yardstick = cargo();
    yardstick.args(["run", "--quiet", "--release", "--bin", "yardstick", "--manifest-path"]);
    yardstick.arg(root().join("Cargo.toml")).args(["--", verb]).args(&passed.arguments);
    // The caller's own directory: `--set DIR` and `--keep DIR` are paths from there.
    yardstick.current_dir(std::env::current_dir()?);
    let status = yardstick.status().context("cannot start cargo")?;
    ensure!(status.success(), "the measurement ended with {status}");
    Ok(())
}
