//! Real servers that hold the pods' last day.

use std::fs::File;
use std::io::{BufWriter, Write as _};

use anyhow::{Context as _, Result, ensure};
use parts::Server;

use crate::pods::{METRIC, Pod, STEP_SECS};

/// When the first sample was taken: aligned to no window.
pub(crate) const START_SECS: u64 = 1_700_000_040;
/// Samples of a pod: a day, and what comes while it is looked at again.
pub(crate) const SAMPLES: usize = 24 * 60 + 30;
/// The end of the day that is looked at first.
pub(crate) const DAY_ENDS_SECS: u64 = START_SECS + 24 * 3600;

/// Pods of a request when VictoriaMetrics is filled.
const PODS_PER_REQUEST: usize = 500;

fn samples() -> impl Iterator<Item = (u64, usize)> {
    (0..SAMPLES).map(|sample| (START_SECS + sample as u64 * u64::from(STEP_SECS), sample))
}

/// Debian's Prometheus with so many pods.
pub(crate) fn prometheus(pods: usize) -> Result<Server> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("history.om");
    let mut file = BufWriter::new(File::create(&path)?);
    writeln!(file, "# TYPE {METRIC} gauge")?;
    for pod in (0..pods).map(Pod) {
        let selector = pod.selector();
        for (secs, sample) in samples() {
            writeln!(file, "{selector} {} {secs}", pod.bytes(sample))?;
        }
    }
    writeln!(file, "# EOF")?;
    file.into_inner().context("the history cannot be written")?.sync_all()?;
    // Not to be compacted or forgotten while it is measured.
    let builder = parts::prometheus().backfill(&path).arg("--storage.tsdb.retention.time=100y");
    builder.arg("--query.max-samples=100000000").start()
}

/// Debian's VictoriaMetrics with so many pods, under the path that a cluster's vmselect has.
pub(crate) fn victoria_metrics(pods: usize) -> Result<Server> {
    let server = parts::victoria_metrics().path_prefix("/select/0/prometheus").start()?;
    for first in (0..pods).step_by(PODS_PER_REQUEST) {
        let mut text = String::new();
        for pod in (first..pods.min(first + PODS_PER_REQUEST)).map(Pod) {
            let mut metric = serde_json::json!({ "__name__": METRIC });
            for (name, value) in pod.labels() {
                metric[name] = value.into();
            }
            let (times, values): (Vec<u64>, Vec<f64>) =
                samples().map(|(secs, sample)| (secs * 1000, pod.bytes(sample))).unzip();
            let line = serde_json::json!({ "metric": metric, "timestamps": times, "values": values });
            text.push_str(&line.to_string());
            text.push('\n');
        }
        let reply = parts::post(server.port(), "/select/0/prometheus/api/v1/import", &text)?;
        ensure!(reply.status == 204, "VictoriaMetrics does not take the samples: {}", reply.body);
    }
    parts::get(server.port(), "/select/0/prometheus/internal/force_flush")?;
    Ok(server)
}
