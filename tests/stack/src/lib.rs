//! The whole chain on one machine, from real parts: rules, Prometheus, Alertmanager, a fleet with a day of
//! history, an application that leaks, and the workbench. The demo and the end-to-end tests start it from here.

mod config;
pub mod dashboards;
pub mod past;
pub mod process;
mod prometheus;
pub mod rules;
mod stack;
pub mod workload;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

pub use stack::{FiringAlert, Options, Stack, Workbench};

/// All alerts of ours: each fires within a minute of the start of every fleet's day.
pub const ALERTS_OF_THE_DAY: [&str; 11] = [
    "HighMemoryGrowthRate",
    "CriticalMemoryGrowthRate",
    "ContainerMemoryGrowthRate",
    "HighPythonObjectGrowth",
    "MemoryLeakEventsDetected",
    "ExcessiveGarbageCollection",
    "HighMemoryUsage",
    "CriticalMemoryUsage",
    "ContainerHighMemoryUsage",
    "MemoryMetricsMissing",
    "MetricsAuthenticationFailure",
];

/// The repository's root.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(PathBuf::from).unwrap_or(here)
}

/// Builds programs of the workspace and returns the folder they are in, which is that of the caller, itself such a
/// program or a test.
pub fn programs(names: &[&str]) -> Result<PathBuf> {
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Among the default members, as the tests are built: alone they would get other features and be compiled anew.
    build.args(["build", "--quiet"]).current_dir(root());
    for name in names {
        build.args(["--bin", name]);
    }
    ensure!(build.status().context("cannot start cargo")?.success(), "{} do not build", names.join(", "));
    let own = std::env::current_exe().context("cannot tell where this program lies")?;
    let folder = own.ancestors().skip(1).find(|folder| folder.join(names[0]).is_file());
    folder.map(PathBuf::from).with_context(|| format!("{} is not beside {}", names[0], own.display()))
}
