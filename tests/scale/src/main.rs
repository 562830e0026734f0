//! Measures the plugin as it ships against real servers and prints ratios of one run.

mod counter;
mod curl;
mod decoding;
mod generated;
mod measure;
mod memory;
mod plugin;
mod pods;
mod report;
mod stores;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measures the plugin as it ships.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// First look, refresh, fifty dashboards, shards, memory, start and decoding; a table of how it grows.
    Measure(Options),
    /// Decodes a saved answer in this process and prints what it took, as JSON.
    Decode {
        /// Who decodes.
        who: decoding::Who,
        /// The answer of a range query.
        answer: PathBuf,
    },
}

/// What to measure.
#[derive(Debug, Clone, clap::Args)]
struct Options {
    /// The plugin's executable.
    #[arg(long)]
    plugin: PathBuf,
    /// Series of the real servers.
    #[arg(long, default_value_t = 10_000)]
    series: usize,
    /// How often everything is measured, in turns; of the ratios the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Leaves out the table of how it grows.
    #[arg(long)]
    no_growth: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().verb {
        Verb::Measure(options) => measure::all(&options).await,
        Verb::Decode { who, answer } => {
            println!("{}", serde_json::to_string(&decoding::here(who, &answer)?)?);
            Ok(())
        }
    }
}
