//! `leaklens scan`: judges every series and ranks them.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use model::detect::{Assessment, Verdict, assess};
use model::join::discoveries;
use model::thresholds::Thresholds;
use thiserror::Error;

use super::input::{self, Input, InputError, Saved};
use super::report;
use super::server::{self, ServerError};
use super::together;
use crate::scan::Rows;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("source").required(true).args(["url", "input", "set"])))]
pub(super) struct Arguments {
    #[command(flatten)]
    server: server::Options,
    /// A saved Prometheus range-query answer (JSON), or CSV: `t_seconds` first, then a column per series in bytes
    ///
    /// The series of an answer are joined by their labels as a server's are: the views of a process become one series, pods
    /// that replaced each other are judged together and have one row, replicas side by side are compared. The columns of a
    /// CSV file have no labels: each is judged alone. Of either, several workers behind one port are told apart, the runs
    /// of a crash loop are judged together, and of many leaks named at once at most a tenth may be false.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// A directory with labels.json and a CSV file per series.
    #[arg(long, value_name = "DIR")]
    set: Option<PathBuf>,
    /// Memory limit of every series that brings none.
    #[arg(long, value_name = "BYTES", value_parser = positive)]
    limit: Option<f64>,
    /// Growth that makes a leak; 10485760 (10 MiB/h) unless given.
    #[arg(long, value_name = "BYTES_PER_HOUR", value_parser = positive)]
    threshold: Option<f64>,
    /// Shortest history from which anything is concluded.
    #[arg(long, value_name = "SECONDS", value_parser = positive)]
    min_evidence: Option<f64>,
    /// Known restart times, JSON: {"series name": [seconds, ...]}. An empty list says there was none.
    #[arg(long, value_name = "FILE", requires = "input")]
    restarts: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Exit with 1 when a series is at least this.
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table with sparklines.
    Table,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A leak.
    Leak,
    /// A leak or a suspect.
    Suspect,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value > 0.0 => Ok(value),
        _ => Err("write a number above 0".to_owned()),
    }
}

/// Why a scan ends without an answer.
#[derive(Debug, Error)]
pub(super) enum ScanError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(
        "there is no series to judge, so nothing was found and nothing ruled out: check the source, the range, --match and --profile"
    )]
    Nothing,
    #[error("writing the result failed: {0}")]
    Output(#[from] std::io::Error),
}

impl ScanError {
    /// Whether it is only the reader of our output that went away.
    pub(super) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

/// Scans and prints; exit code 1 when `--fail-on` is met.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, ScanError> {
    let defaults = Thresholds::default();
    let thresholds = Thresholds {
        growth_bytes_per_hour: arguments.threshold.unwrap_or(defaults.growth_bytes_per_hour),
        min_evidence_secs: arguments.min_evidence.unwrap_or(defaults.min_evidence_secs),
        ..defaults
    };
    let mut judged = if arguments.server.url.is_some() {
        let (judged, notices) = server::judged(&arguments.server, arguments.limit, &thresholds)?;
        for notice in notices {
            eprintln!("leaklens: {notice}");
        }
        judged
    } else {
        from_files(arguments, &thresholds)?
    };
    // A gate must not be open because it looked at nothing.
    if judged.is_empty() && arguments.fail_on.is_some() {
        return Err(ScanError::Nothing);
    }
    rank(&mut judged);
    let mut out = std::io::stdout().lock();
    match arguments.format {
        Format::Table => report::table(&mut out, &judged)?,
        Format::Json => report::json_lines(&mut out, &judged)?,
    }
    out.flush()?;
    let found = judged.iter().any(|(_, assessment)| fails(arguments.fail_on, assessment.verdict));
    Ok(ExitCode::from(u8::from(found)))
}

/// What a labelled set or a file holds.
fn from_files(arguments: &Arguments, thresholds: &Thresholds) -> Result<Vec<(Input, Assessment)>, ScanError> {
    let judge = |inputs| judge(inputs, arguments.limit, thresholds);
    // A labelled set measures the detector on one series at a time.
    if let Some(dir) = &arguments.set {
        return Ok(judge(input::set(dir)?));
    }
    let Some(path) = &arguments.input else { return Ok(Vec::new()) };
    let mut saved = input::file(path)?;
    let (Saved::Named(inputs) | Saved::Labelled(inputs)) = &mut saved;
    tell_restarts(inputs, arguments.restarts.as_deref())?;
    Ok(match saved {
        Saved::Named(inputs) => {
            let mut judged = judge(inputs);
            discoveries::control(judged.iter_mut().map(|(_, assessment)| assessment));
            judged
        }
        Saved::Labelled(inputs) => together::judged(judge(inputs), Rows::Latest, thresholds),
    })
}

fn judge(inputs: Vec<Input>, limit_bytes: Option<f64>, thresholds: &Thresholds) -> Vec<(Input, Assessment)> {
    let progress = progress(inputs.len());
    let judged = inputs
        .into_iter()
        .map(|input| {
            let input = Input { limit_bytes: input.limit_bytes.or(limit_bytes), ..input };
            let assessment = assess(&input.series, &input.context(thresholds));
            progress.inc(1);
            (input, assessment)
        })
        .collect();
    progress.finish_and_clear();
    judged
}

/// Known restarts, from a file.
fn tell_restarts(inputs: &mut [Input], path: Option<&Path>) -> Result<(), ScanError> {
    let Some(path) = path else { return Ok(()) };
    let mut restarts = input::restarts(path)?;
    for input in inputs {
        input.restarts_secs = restarts.remove(&input.name);
    }
    for name in restarts.keys() {
        eprintln!("leaklens: restarts of {name:?} are given, but there is no such series");
    }
    Ok(())
}

fn progress(count: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("judging {pos} of {len} series {wide_bar}");
    ProgressBar::new(count as u64).with_style(style.unwrap_or_else(|_invalid| ProgressStyle::default_bar()))
}

/// Best first: by score, then by how soon the limit is reached, then by rate.
fn rank(judged: &mut [(Input, Assessment)]) {
    let key = |assessment: &Assessment| {
        let soonest = assessment.to_limit.map_or(f64::INFINITY, |forecast| forecast.likely_secs);
        let rate = assessment.rate_bytes_per_hour.map_or(f64::NEG_INFINITY, |rate| rate.mid);
        (assessment.score, soonest, rate)
    };
    judged.sort_by(|(_, left), (_, right)| {
        let (left, right) = (key(left), key(right));
        right.0.total_cmp(&left.0).then(left.1.total_cmp(&right.1)).then(right.2.total_cmp(&left.2))
    });
}

fn fails(fail_on: Option<FailOn>, verdict: Verdict) -> bool {
    match fail_on {
        None => false,
        Some(FailOn::Leak) => verdict == Verdict::Leak,
        Some(FailOn::Suspect) => matches!(verdict, Verdict::Leak | Verdict::Suspect),
    }
}
