//! `yardstick detect`: the tables of docs/detector.md.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use yardstick::baseline;
use yardstick::class::STANDARD;
use yardstick::generate::{self, Difficulty};
use yardstick::judge::Detector;
use yardstick::{report, set};

#[derive(Debug, Parser)]
#[command(about = "Measures the leak detector against others")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judges labelled series, generated or from a directory.
    Detect {
        /// Seeds of the generator, one table each.
        #[arg(long, value_delimiter = ',', default_value = "11")]
        seeds: Vec<u64>,
        /// Series of each class.
        #[arg(long, default_value_t = 40)]
        per_class: u64,
        /// Generate the hard distribution.
        #[arg(long)]
        hard: bool,
        /// Judge the series of this directory instead: labels.json and CSV files.
        #[arg(long)]
        set: Option<PathBuf>,
        /// Only these detectors.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
    },
}

fn main() -> Result<()> {
    let Command::Detect { seeds, per_class, hard, set, only } = Arguments::parse().command;
    let detectors = chosen(&only)?;
    let difficulty = if hard { Difficulty::Hard } else { Difficulty::Normal };
    if let Some(dir) = set {
        let set = set::read(&dir)?;
        println!("{}{}", report::table(&set, &detectors), report::rates(&set));
        return Ok(());
    }
    for seed in seeds {
        let set = generate::set(&STANDARD, seed, per_class, difficulty);
        println!("## seed {seed}, {per_class} per class, {difficulty:?}\n");
        println!("{}\n{}", report::table(&set, &detectors), report::rates(&set));
    }
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<Detector>> {
    if names.is_empty() {
        return Ok(Detector::all());
    }
    names
        .iter()
        .map(|name| match Detector::all().into_iter().find(|detector| detector.name() == name) {
            Some(detector) => Ok(detector),
            None => bail!(
                "no detector {name}; there are leaklens, leaklens_norestarts, {}",
                baseline::ALL.map(|baseline| baseline.name).join(", ")
            ),
        })
        .collect()
}
