//! `yardstick detect`: the tables of docs/detector.md.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use yardstick::baseline;
use yardstick::class::STANDARD;
use yardstick::generate::{self, Difficulty};
use yardstick::judge::Detector;
use yardstick::processes::{self, Plan};
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
        /// Watch longer series through a trailing window instead of judging each once.
        #[arg(long)]
        rolling: bool,
        /// Only these detectors.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Runs real Python and Node processes, leaking and safe, and watches them through a trailing window.
    Processes {
        /// Chooses sizes and times of every behaviour.
        #[arg(long, default_value_t = 11)]
        seed: u64,
        /// Hours each process lives, in its own compressed time.
        #[arg(long, default_value_t = 8.0)]
        hours: f64,
        /// Seconds that stand for an hour.
        #[arg(long, default_value_t = 6.0)]
        secs_per_hour: f64,
        /// Processes at a time.
        #[arg(long, default_value_t = 13)]
        batch: usize,
        /// Write what was seen to this directory, as a labelled set.
        #[arg(long)]
        keep: Option<PathBuf>,
        /// Only these detectors.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Detect { seeds, per_class, hard, set, rolling, only } => {
            detect(&seeds, per_class, hard, set, rolling, &chosen(&only)?)
        }
        Command::Processes { seed, hours, secs_per_hour, batch, keep, only } => {
            let detectors = chosen(&only)?;
            let seen = processes::run(&Plan { seed, hours, secs_per_hour, batch })?;
            if let Some(dir) = keep {
                processes::keep(&dir, &seen)?;
            }
            println!("{}", report::rolling(&seen, &detectors));
            Ok(())
        }
    }
}

fn detect(
    seeds: &[u64],
    per_class: u64,
    hard: bool,
    set: Option<PathBuf>,
    rolling: bool,
    detectors: &[Detector],
) -> Result<()> {
    let difficulty = if hard { Difficulty::Hard } else { Difficulty::Normal };
    if let Some(dir) = set {
        let set = set::read(&dir)?;
        if rolling {
            println!("{}", report::rolling(&set, detectors));
        } else {
            println!("{}{}", report::table(&set, detectors), report::rates(&set));
        }
        return Ok(());
    }
    for &seed in seeds {
        if rolling {
            let set = generate::watched_set(&STANDARD, seed, per_class, difficulty);
            println!("## rolling view, seed {seed}, {per_class} per class, {difficulty:?}\n");
            println!("{}", report::rolling(&set, detectors));
            continue;
        }
        let set = generate::set(&STANDARD, seed, per_class, difficulty);
        println!("## seed {seed}, {per_class} per class, {difficulty:?}\n");
        println!("{}\n{}", report::table(&set, detectors), report::rates(&set));
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
