//! The whole chain on one machine, from real parts: rules, Prometheus, Alertmanager, a fleet with a day of
//! history, an application that leaks, and the workbench. The demo and the end-to-end tests start it from here.

mod config;
mod http;
pub mod past;
pub mod process;
pub mod rules;
mod stack;
pub mod workload;

use std::path::PathBuf;

pub use stack::{FiringAlert, Options, Stack, Workbench};

/// The repository's root.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(PathBuf::from).unwrap_or(here)
}
