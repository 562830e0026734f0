//! `cargo xtask bench`: measures, always in release.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::build::{self, PROFILE};
use crate::run::{build_programs, cargo, root, run, target_dir};
use crate::{npm, page, panel_tests};

/// What to measure.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// The detector against others, over generated or anyone's labelled series; `--help` lists its options.
    #[command(disable_help_flag = true)]
    Detect(Passed),
    /// The detector against others, over real processes; `--help` lists its options.
    #[command(disable_help_flag = true)]
    Processes(Passed),
    /// The plugin as it ships, against Prometheus and `VictoriaMetrics` with ten thousand series; `--help` lists options.
    #[command(disable_help_flag = true)]
    Scale(Passed),
    /// Scoring in WebAssembly, compiled as the panel ships, in Chromium.
    Wasm,
    /// The shipped panel in Chromium, its chart beside uPlot's on the same data.
    Panel,
}

/// What the program that measures reads.
#[derive(Debug, clap::Args)]
pub(crate) struct Passed {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs a measurement. Nothing else is printed: with `--json` the output is for programs.
pub(crate) fn bench(command: &Verb) -> Result<()> {
    let (verb, passed) = match command {
        Verb::Detect(passed) => ("detect", passed),
        Verb::Processes(passed) => ("processes", passed),
        Verb::Scale(passed) => return scale(passed),
        Verb::Wasm => return panel_tests::bench(),
        Verb::Panel => return panel(),
    };
    let mut yardstick = cargo();
    yardstick.args(["run", "--quiet", "--release", "--bin", "yardstick", "--manifest-path"]);
    yardstick.arg(root().join("Cargo.toml")).args(["--", verb]).args(&passed.arguments);
    // The caller's own directory: `--set DIR` and `--keep DIR` are paths from there.
    measured(yardstick.current_dir(std::env::current_dir()?))
}

/// The plugin and the program that measures it, both for the target that ships: decoding is measured in the second.
fn scale(passed: &Passed) -> Result<()> {
    let triple = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let released = ["--quiet", "--profile", PROFILE, "--target", &triple];
    let mut plugin = cargo();
    plugin.args(["build", "--package", "backend", "--bin", "gpx_leaklens"]).args(released);
    measured(&mut plugin)?;
    let executable = target_dir().join(&triple).join(PROFILE).join("gpx_leaklens");
    let mut scale = cargo();
    scale.args(["run", "--package", "scale", "--bin", "scale"]).args(released);
    measured(scale.args(["--", "measure", "--plugin"]).arg(executable).args(&passed.arguments))
}

fn measured(command: &mut Command) -> Result<()> {
    let status = command.status().context("cannot start cargo")?;
    ensure!(status.success(), "the measurement ended with {status}");
    Ok(())
}

/// The plugin must have been built (`cargo xtask build`).
fn panel() -> Result<()> {
    build::compare_sizes()?;
    page::build(page::DEFAULT_HOST)?;
    build_programs()?;
    let tests = root().join("tests/e2e");
    npm::install(&tests)?;
    run("panel beside uPlot", Command::new("node").arg("bench/panel.js").current_dir(tests))
}
