//! The targets of tests/fuzz, each for a set number of runs or seconds.
//!
//! They are laid out for cargo-fuzz, which is for hunting: it needs a nightly compiler for its sanitizers. There is no
//! unsafe code here for these to watch, and the compiler's own coverage is stable.

use std::fs;

use anyhow::{Context as _, Result};

use crate::run::{cargo, root, run, target_dir};
use crate::test::report::Outcome;
use crate::test::tally::{Tally, count};

/// What they are called, and where inputs to begin with lie, if any.
const TARGETS: [(&str, Option<&str>); 5] = [
    ("parser", Some("provisioning/runbooks")),
    ("filler", None),
    ("builder", None),
    ("selector", None),
    ("decoder", Some("tests/fuzz/seeds/decoder")),
];
const RUNS: u32 = 200_000;
const MOST_SECS: u32 = 120;
const SEED: u32 = 20_261_124;
/// What libFuzzer needs of the compiler: a counter at every edge, and what is compared with what.
const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
];

/// Builds and runs the targets. An input that breaks one is kept in the target folder and named.
pub(crate) fn fuzz() -> Result<Outcome> {
    let folder = target_dir().join("fuzz");
    // With a target named, build scripts and macros go without coverage.
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let mut build = cargo();
    build.args([
        "build",
        "--quiet",
        "--package",
        "fuzz",
        "--features",
        "targets",
        "--bins",
        "--release",
        "--target",
        &target,
    ]);
    build.arg("--target-dir").arg(&folder).env("RUSTFLAGS", COVERAGE.join(" "));
    run("fuzz targets", &mut build)?;
    let mut tally = Tally::default();
    for (name, seeds) in TARGETS {
        // Begun anew each time: what is tried depends on the seed alone.
        let corpus = folder.join("corpus").join(name);
        if corpus.exists() {
            fs::remove_dir_all(&corpus).with_context(|| format!("cannot empty {}", corpus.display()))?;
        }
        fs::create_dir_all(&corpus).with_context(|| format!("cannot create {}", corpus.display()))?;
        let mut command = std::process::Command::new(folder.join(&target).join("release").join(name));
        command
            .arg(format!("-runs={RUNS}"))
            .arg(format!("-max_total_time={MOST_SECS}"))
            .arg(format!("-seed={SEED}"))
            .args(["-max_len=4096", "-timeout=10"]);
        command.arg(format!("-artifact_prefix={}/{name}-", folder.display())).arg("-verbosity=0");
        command.arg(&corpus).args(seeds.map(|seeds| root().join(seeds)));
        tally += count(&mut command)?;
    }
    Ok(Outcome::Counted(tally))
}
