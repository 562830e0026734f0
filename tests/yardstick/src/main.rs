//! `yardstick`: what `cargo xtask bench` runs.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use clap::{Parser, Subcommand, ValueEnum};
use yardstick::baseline;
use yardstick::class::{PRODUCTION, STANDARD};
use yardstick::generate::{self, Difficulty, Labelled};
use yardstick::judge::Detector;
use yardstick::processes::{self, Plan};
use yardstick::{fleet, measure, minima, reference, replicas, report, set, watch, worse};

#[derive(Debug, Parser)]
#[command(about = "Measures the leak detector against others")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judges labelled series, generated or from a directory
    Detect(Detect),
    /// Runs real Python and Node processes, leaking and safe, and watches them through a trailing window
    Processes(Processes),
}

#[derive(Debug, clap::Args)]
struct Detect {
    /// Seeds of the generator; one table over all of them
    #[arg(long, value_delimiter = ',', default_value = "11")]
    seeds: Vec<u64>,
    /// Series of each class
    #[arg(long, default_value_t = 40)]
    per_class: u64,
    /// Generate the hard distribution
    #[arg(long)]
    hard: bool,
    /// Judge the series of this directory instead: labels.json and CSV files
    #[arg(long, value_name = "DIR", conflicts_with = "measure")]
    set: Option<PathBuf>,
    /// Watch longer series through a trailing window instead of judging each once
    #[arg(long)]
    rolling: bool,
    /// What to measure
    #[arg(long, value_enum, default_value_t)]
    measure: Measure,
    /// Only these detectors
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    only: Vec<String>,
    /// Print one JSON object a table instead of Markdown
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Measure {
    /// Verdicts over the standard classes, or over a set
    #[default]
    Verdicts,
    /// What production adds: several workers, stale views, crash loops, pod churn and more
    Production,
    /// Verdicts that become lower when a constant leak is added
    MoreLeak,
    /// Leaks called in whole fleets, with false discoveries controlled and without
    Fleet,
    /// Leaks called among replicas that run side by side, compared and each alone
    Replicas,
    /// How often each baseline fires, against the figures of another generator
    Reference,
}

#[derive(Debug, clap::Args)]
struct Processes {
    /// Chooses sizes and times of every behaviour
    #[arg(long, default_value_t = 11)]
    seed: u64,
    /// Hours each process lives, in its own compressed time
    #[arg(long, default_value_t = 8.0)]
    hours: f64,
    /// Seconds that stand for an hour
    #[arg(long, default_value_t = 20.0)]
    secs_per_hour: f64,
    /// Processes at a time
    #[arg(long, default_value_t = 13)]
    batch: usize,
    /// Only runtimes of these names: python, node
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    runtimes: Vec<String>,
    /// Write what was seen to this directory, as a labelled set
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Only these detectors
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    only: Vec<String>,
    /// Print one JSON object instead of Markdown
    #[arg(long)]
    json: bool,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Detect(arguments) => detect(&arguments),
        Command::Processes(arguments) => watch_processes(&arguments),
    }
}

fn watch_processes(arguments: &Processes) -> Result<()> {
    let detectors = chosen(&arguments.only)?;
    let &Processes { seed, hours, secs_per_hour, batch, .. } = arguments;
    let seen = processes::run(&Plan { seed, hours, secs_per_hour, batch }, &arguments.runtimes)?;
    if let Some(dir) = &arguments.keep {
        processes::keep(dir, &seen)?;
    }
    println!("## real processes, seed {seed}, {hours} h each, {} of them\n", seen.len());
    show_rolling(&seen, &detectors, arguments.json)
}

fn detect(arguments: &Detect) -> Result<()> {
    let detectors = chosen(&arguments.only)?;
    let difficulty = if arguments.hard { Difficulty::Hard } else { Difficulty::Normal };
    if let Some(dir) = &arguments.set {
        let set = set::read(dir)?;
        heading(arguments.json, &format!("{}, {} series", dir.display(), set.len()));
        return show(&set, &detectors, arguments);
    }
    let (seeds, per_class) = (&arguments.seeds, arguments.per_class);
    let names: Vec<String> = seeds.iter().map(u64::to_string).collect();
    heading(
        arguments.json,
        &format!("seeds {}, {per_class} per class of each, {difficulty:?}", names.join(", ")),
    );
    let set =
        |make: &dyn Fn(u64) -> Vec<Labelled>| seeds.iter().flat_map(|&seed| make(seed)).collect::<Vec<_>>();
    if arguments.measure == Measure::Production {
        // Seed by seed the classes would come again and again: class by class they stand together.
        let of = |class| seeds.iter().flat_map(move |&seed| generate::cases(&[class], seed, per_class));
        let cases: Vec<_> = PRODUCTION.into_iter().flat_map(of).collect();
        let shares = measure::cases(&cases, &detectors);
        return print(arguments.json, &shares, || report::cases(&shares));
    }
    if arguments.measure == Measure::Reference {
        return seeds.iter().try_for_each(|&seed| compare(seed, per_class, difficulty));
    }
    if arguments.measure == Measure::Replicas {
        let compared = replicas::compared(seeds, per_class, difficulty);
        return print(arguments.json, &compared, || report::replicas(&compared));
    }
    if arguments.measure == Measure::Fleet {
        let controlled = fleet::controlled(&fleet::FLEETS, seeds);
        print(arguments.json, &controlled, || report::fleets(&controlled))?;
        let calibration = fleet::calibration(seeds, per_class);
        return print(arguments.json, &calibration, || report::calibration(&calibration));
    }
    if arguments.rolling {
        let set = set(&|seed| generate::watched_set(&STANDARD, seed, per_class, difficulty));
        return show_rolling(&set, &detectors, arguments.json);
    }
    let set = set(&|seed| generate::set(&STANDARD, seed, per_class, difficulty));
    if arguments.measure == Measure::MoreLeak {
        let law = worse::more_leak_is_no_better(&set, seeds.first().copied().unwrap_or_default());
        return print(arguments.json, &law, || report::law(&law));
    }
    show(&set, &detectors, arguments)?;
    if detectors.iter().any(|detector| matches!(detector, Detector::Leaklens)) {
        let speed = measure::speed(seeds.first().copied().unwrap_or_default());
        print(arguments.json, &speed, || report::speed(&speed))?;
    }
    Ok(())
}

fn show(set: &[Labelled], detectors: &[Detector], arguments: &Detect) -> Result<()> {
    if arguments.rolling {
        return show_rolling(set, detectors, arguments.json);
    }
    let rows = measure::rows(set, detectors);
    print(arguments.json, &rows, || report::table(&rows))?;
    if detectors.iter().any(|detector| matches!(detector, Detector::LeaklensOnMinima(_))) {
        let passes = minima::POINTS.map(|points| minima::two_passes(set, points));
        print(arguments.json, &passes, || report::two_passes(&passes))?;
    }
    Ok(())
}

fn show_rolling(set: &[Labelled], detectors: &[Detector], json: bool) -> Result<()> {
    let watches: Vec<_> = detectors.iter().map(|&detector| watch::summary(set, detector)).collect();
    print(json, &watches, || report::rolling(&watches))
}

/// Shares that differ from the other generator's by three points or more are told, and are a failure.
fn compare(seed: u64, series: u64, difficulty: Difficulty) -> Result<()> {
    let shares = reference::compare(seed, series, difficulty)?;
    let far: Vec<_> = shares.iter().filter(|share| share.points().abs() >= 3.0).collect();
    println!("{}", report::shares(&shares, series));
    ensure!(far.is_empty(), "{} of {} shares differ by three points or more", far.len(), shares.len());
    Ok(())
}

fn heading(json: bool, text: &str) {
    if !json {
        println!("## {text}\n");
    }
}

fn print(json: bool, value: &impl serde::Serialize, markdown: impl Fn() -> String) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string(value)?);
    } else {
        println!("{}", markdown());
    }
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<Detector>> {
    let all = Detector::all();
    if names.is_empty() {
        return Ok(all);
    }
    let find = |name: &String| match all.iter().find(|detector| detector.name() == *name) {
        Some(detector) => Ok(*detector),
        None => bail!(
            "no detector {name}; there are leaklens, leaklens_requests, leaklens_norestarts, leaklens_minima48, leaklens_minima96, {}",
            baseline::ALL.map(|baseline| baseline.name).join(", ")
        ),
    };
    names.iter().map(find).collect()
}
