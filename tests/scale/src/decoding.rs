//! Decoding alone: as the backend does it, and as `serde_json` does it into types. Each in a process of its own,
//! because what one has left behind is memory to the other.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::memory;

/// Who decodes.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Who {
    /// The backend.
    Backend,
    /// `serde_json`, samples as `Vec<(f64, String)>`.
    Typed,
}

/// What it took.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Took {
    /// Seconds.
    pub(crate) secs: f64,
    /// Memory beside the answer's bytes, at most.
    pub(crate) peak_bytes: u64,
    /// Samples that were read.
    pub(crate) samples: usize,
}

#[derive(Debug, Deserialize)]
struct Envelope {
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    result: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    #[expect(dead_code, reason = "reading it is what is measured")]
    metric: BTreeMap<String, String>,
    values: Vec<(f64, String)>,
}

/// Decodes a saved answer here and now.
pub(crate) fn here(who: Who, path: &Path) -> Result<Took> {
    let body = std::fs::read(path)?;
    let before = memory::of(std::process::id())?.resident;
    let began = Instant::now();
    let (took, samples) = match who {
        Who::Backend => {
            let answer = backend::prometheus::read_range(&body)?;
            (began.elapsed(), answer.value.iter().map(|one| one.series.len()).sum())
        }
        Who::Typed => {
            let answer: Envelope = serde_json::from_slice(&body)?;
            (began.elapsed(), answer.data.result.iter().map(|one| one.values.len()).sum())
        }
    };
    let peak_bytes = memory::of(std::process::id())?.peak.saturating_sub(before);
    Ok(Took { secs: took.as_secs_f64(), peak_bytes, samples })
}

/// Decodes a saved answer in a process of its own.
pub(crate) fn apart(who: Who, path: &Path) -> Result<Took> {
    let who = who.to_possible_value().context("nobody")?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("decode").arg(who.get_name()).arg(path);
    let output = command.output()?;
    ensure!(output.status.success(), "decoding failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}
