//! Anyone's labelled series: `labels.json` and a CSV for each.

use std::path::Path;

use anyhow::{Context as _, Result};
use model::files::{LabelledFile, labelled_series_from_csv};

use crate::generate::Labelled;

/// Reads a directory of labelled series.
pub fn read(dir: &Path) -> Result<Vec<Labelled>> {
    let path = dir.join("labels.json");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let entries: Vec<LabelledFile> =
        serde_json::from_str(&text).with_context(|| format!("reading labels in {}", path.display()))?;
    entries.into_iter().map(|entry| labelled(dir, entry)).collect()
}

fn labelled(dir: &Path, entry: LabelledFile) -> Result<Labelled> {
    let path = dir.join(&entry.file);
    let what = || format!("reading {}", path.display());
    entry.check().with_context(what)?;
    let text = std::fs::read_to_string(&path).with_context(what)?;
    let series = labelled_series_from_csv(&text).with_context(what)?;
    let mut steps: Vec<f64> = series.times_secs.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    Ok(Labelled {
        class: entry.scenario,
        leaks: entry.label == 1,
        onset_secs: series.times_secs.first().copied().unwrap_or(0.0),
        step_secs: steps.get(steps.len() / 2).copied().filter(|step| *step > 0.0).unwrap_or(1.0),
        series,
        restarts_secs: entry.restarts,
        limit_bytes: entry.limit_bytes,
        rate_bytes_per_hour: entry.rate_bytes_per_hour.filter(|_| entry.label == 1),
        request_rate: None,
    })
}
