//! Where the series come from: a file or a labelled set.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::detect::Context;
use model::files::{FileError, LabelledFile, labelled_series_from_csv, series_from_csv};
use model::labels::Labels;
use model::series::Series;
use model::thresholds::Thresholds;
use thiserror::Error;

use super::together;
use crate::prometheus::{PrometheusError, read_range};

/// A series to judge, with what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Input {
    /// Its name in the output: a column, a file, or metric and labels.
    pub(super) name: String,
    pub(super) labels: Arc<Labels>,
    pub(super) series: Series,
    /// `None` where they are not known.
    pub(super) restarts_secs: Option<Vec<f64>>,
    pub(super) limit_bytes: Option<f64>,
    /// Requests a second; a server's profile may know them.
    pub(super) request_rate: Option<Series>,
    /// What a labelled set says it is.
    pub(super) truth: Option<Truth>,
    /// The names of series for which it stands as well.
    pub(super) stands_for: Vec<String>,
}

impl Input {
    /// A series of which no more is known.
    pub(super) fn of(name: String, labels: Arc<Labels>, series: Series) -> Self {
        Self {
            name,
            labels,
            series,
            restarts_secs: None,
            limit_bytes: None,
            request_rate: None,
            truth: None,
            stands_for: Vec::new(),
        }
    }

    /// What is known beside its samples.
    pub(super) fn context(&self, thresholds: &Thresholds) -> Context {
        Context {
            restarts_secs: self.restarts_secs.clone(),
            limit_bytes: self.limit_bytes,
            request_rate: self.request_rate.clone(),
            thresholds: thresholds.clone(),
        }
    }
}

/// What a labelled set says of a series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Truth {
    pub(super) leaks: bool,
    pub(super) scenario: String,
}

/// Why a file cannot be read.
#[derive(Debug, Error)]
pub(super) enum InputError {
    #[error("reading failed: {source}: {}", path.display())]
    Read { source: std::io::Error, path: PathBuf },
    #[error("{source}: {}", path.display())]
    Series { source: FileError, path: PathBuf },
    #[error("no saved answer of a Prometheus range query: {source}: {}", path.display())]
    Prometheus { source: PrometheusError, path: PathBuf },
    #[error("not the JSON expected, {expected}: {source}: {}", path.display())]
    Json { expected: &'static str, source: serde_json::Error, path: PathBuf },
}

pub(super) fn read(path: &Path) -> Result<String, InputError> {
    std::fs::read_to_string(path).map_err(|source| InputError::Read { source, path: path.to_owned() })
}

/// What a file holds.
#[derive(Debug)]
pub(super) enum Saved {
    /// CSV: series that have a name and nothing else.
    Named(Vec<Input>),
    /// The JSON of a range query: one series of each process, with its labels.
    Labelled(Vec<Input>),
}

/// Reads CSV, or the JSON of a range query; told apart by the first character.
pub(super) fn file(path: &Path) -> Result<Saved, InputError> {
    let text = read(path)?;
    if text.trim_start().starts_with('{') {
        let answer = read_range(text.as_bytes())
            .map_err(|source| InputError::Prometheus { source, path: path.to_owned() })?;
        return Ok(Saved::Labelled(together::processes(answer.value)));
    }
    let columns =
        series_from_csv(&text).map_err(|source| InputError::Series { source, path: path.to_owned() })?;
    let named = |(name, series)| Input::of(name, Arc::default(), series);
    Ok(Saved::Named(columns.into_iter().map(named).collect()))
}

/// Metric and labels as PromQL writes them.
pub(super) fn selector(labels: &Labels) -> String {
    let metric = labels.get("__name__").unwrap_or("");
    let others: Vec<String> = labels
        .iter()
        .filter(|(name, _)| *name != "__name__")
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    if others.is_empty() && !metric.is_empty() {
        metric.to_owned()
    } else {
        format!("{metric}{{{}}}", others.join(","))
    }
}

/// Reads restart times by series name.
pub(super) fn restarts(path: &Path) -> Result<BTreeMap<String, Vec<f64>>, InputError> {
    serde_json::from_str(&read(path)?).map_err(|source| InputError::Json {
        expected: "{\"series name\": [seconds, ...]}",
        source,
        path: path.to_owned(),
    })
}

/// Reads a directory of labelled series.
pub(super) fn set(dir: &Path) -> Result<Vec<Input>, InputError> {
    let path = dir.join("labels.json");
    let entries: Vec<LabelledFile> =
        serde_json::from_str(&read(&path)?).map_err(|source| InputError::Json {
            expected: "[{\"file\", \"label\": 0 or 1, \"scenario\", ...}]",
            source,
            path: path.clone(),
        })?;
    entries.into_iter().map(|entry| labelled(dir, entry)).collect()
}

fn labelled(dir: &Path, entry: LabelledFile) -> Result<Input, InputError> {
    let path = dir.join(&entry.file);
    let wrong = |source| InputError::Series { source, path: path.clone() };
    entry.check().map_err(wrong)?;
    let series = labelled_series_from_csv(&read(&path)?).map_err(wrong)?;
    Ok(Input {
        restarts_secs: entry.restarts,
        limit_bytes: entry.limit_bytes,
        truth: Some(Truth { leaks: entry.label == 1, scenario: entry.scenario }),
        ..Input::of(entry.file, Arc::default(), series)
    })
}
