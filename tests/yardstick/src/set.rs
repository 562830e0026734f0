//! Anyone's labelled series: `labels.json` and a CSV for each.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use model::series::Series;
use serde::Deserialize;

use crate::generate::Labelled;

/// One line of `labels.json`.
#[derive(Debug, Deserialize)]
struct Entry {
    file: String,
    label: u8,
    scenario: String,
    limit_bytes: Option<f64>,
    restarts: Option<Vec<f64>>,
    rate_bytes_per_hour: Option<f64>,
}

/// Reads a directory of labelled series.
pub fn read(dir: &Path) -> Result<Vec<Labelled>> {
    let path = dir.join("labels.json");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let entries: Vec<Entry> =
        serde_json::from_str(&text).with_context(|| format!("reading labels in {}", path.display()))?;
    entries.into_iter().map(|entry| labelled(dir, entry)).collect()
}

fn labelled(dir: &Path, entry: Entry) -> Result<Labelled> {
    let path = dir.join(&entry.file);
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let (mut times, mut values) = (Vec::new(), Vec::new());
    for (number, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
        let Some((time, value)) = line.split_once(',') else {
            bail!("line {} of {} has no second column", number + 1, path.display());
        };
        if value.trim().is_empty() {
            continue;
        }
        let number = |text: &str| {
            text.trim()
                .parse::<f64>()
                .with_context(|| format!("line {} of {}: {text:?} is no number", number + 1, path.display()))
        };
        times.push(number(time)?);
        values.push(number(value)?);
    }
    let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    Ok(Labelled {
        class: entry.scenario,
        leaks: entry.label == 1,
        onset_secs: times.first().copied().unwrap_or(0.0),
        series: Series::new(times, values),
        step_secs: steps.get(steps.len() / 2).copied().unwrap_or(1.0),
        restarts_secs: entry.restarts.unwrap_or_default(),
        limit_bytes: entry.limit_bytes,
        rate_bytes_per_hour: entry.rate_bytes_per_hour.filter(|_| entry.label == 1),
    })
}
