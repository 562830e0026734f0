//! A day of history in Prometheus' storage, alerts included, before Prometheus starts.
//!
//! Which alerts fired in that day is not made up: a Prometheus over the history evaluates the rules. What it finds
//! is stored as `ALERTS` and `ALERTS_FOR_STATE`, from which the next Prometheus takes up alerts that wait or fire.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use fleet::exposition;
use serde::Deserialize;
use serde_json::Value;

use crate::process::{Process, Stop, free_port};
use crate::prometheus;

const DAY_SECS: i64 = 86_400;
const STEP_SECS: i64 = 60;

/// Where the history is made.
#[derive(Debug, Clone)]
pub struct Past<'p> {
    /// The `fleet` program.
    pub fleet: &'p Path,
    /// The fleet's seed.
    pub seed: u64,
    /// When history ends, milliseconds since the epoch.
    pub anchor_ms: i64,
    /// Prometheus' storage.
    pub data: &'p Path,
    /// For files on the way there.
    pub scratch: &'p Path,
    /// Where to write what is really the case.
    pub truth: &'p Path,
    /// The rules to evaluate.
    pub rules: &'p str,
    /// When to give up.
    pub stop: &'p Stop,
}

impl Past<'_> {
    /// Fills the storage.
    pub fn make(&self) -> Result<()> {
        let file = self.scratch.join("history.om");
        let mut history = Command::new(self.fleet);
        history.args([
            "history",
            "--seed",
            &self.seed.to_string(),
            "--anchor-ms",
            &self.anchor_ms.to_string(),
        ]);
        history.arg("--out").arg(&file).arg("--truth").arg(self.truth);
        Process::start("history", &mut history, self.scratch)?.finish(self.stop)?;
        self.backfill(&file)?;
        let alerts = self.scratch.join("alerts.om");
        fs::write(&alerts, self.alerts()?)?;
        self.backfill(&alerts)
    }

    fn backfill(&self, file: &Path) -> Result<()> {
        let mut promtool = Command::new("promtool");
        // One block for the whole day: promtool reads the file once for each block.
        promtool.args(["tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=24h"]);
        promtool.arg(file).arg(self.data);
        Process::start("promtool", &mut promtool, self.scratch)?.finish(self.stop)?;
        fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display()))
    }

    /// The alerts of the day as OpenMetrics.
    fn alerts(&self) -> Result<Vec<u8>> {
        let config = self.scratch.join("past.yaml");
        fs::write(&config, "global: {}\n")?;
        let port = free_port()?;
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", self.data.display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let mut prometheus = Process::start("prometheus-past", &mut command, self.scratch)?;
        prometheus.wait_for(port, "/-/ready", self.stop)?;
        let mut episodes = Vec::new();
        let rules: RuleFile = serde_yaml_ng::from_str(self.rules)?;
        for rule in rules.groups.iter().flat_map(|group| &group.rules) {
            // What rules record is not there for the past; whatever is made of it begins with the next Prometheus.
            if let Rule::Alert(rule) = rule {
                episodes.extend(self.episodes(port, rule)?);
            }
        }
        prometheus.stop()?;
        Ok(open_metrics(&episodes)?)
    }

    fn episodes(&self, port: u16, rule: &AlertRule) -> Result<Vec<Episode>> {
        let end = self.anchor_ms / 1000;
        let (start, end, step) = ((end - DAY_SECS).to_string(), end.to_string(), STEP_SECS.to_string());
        let parameters = [("query", rule.expr.as_str()), ("start", &start), ("end", &end), ("step", &step)];
        let answer = prometheus::get(port, "query_range", &parameters)?;
        let series: Vec<Matrix> = serde_json::from_value(answer["result"].clone())?;
        let for_secs = duration_secs(&rule.hold)?;
        let mut episodes = Vec::new();
        for one in series {
            let mut labels = one.metric;
            labels.remove("__name__");
            labels.extend(rule.labels.clone());
            labels.insert("alertname".to_owned(), rule.alert.clone());
            let times = one.values.iter().map(|(secs, _)| *secs as i64);
            for (since, until) in unbroken(times) {
                episodes.push(Episode { labels: labels.clone(), since, until, for_secs });
            }
        }
        Ok(episodes)
    }
}

/// A time during which a rule's expression held for one set of labels, seconds since the epoch.
struct Episode {
    labels: BTreeMap<String, String>,
    since: i64,
    until: i64,
    for_secs: i64,
}

impl Episode {
    fn labels(&self, state: Option<&str>) -> String {
        let own = self.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        exposition::labels(own.chain(state.map(|state| ("alertstate", state))))
    }

    fn times(&self) -> impl Iterator<Item = i64> + use<> {
        (self.since..=self.until).step_by(STEP_SECS as usize)
    }
}

#[derive(Deserialize)]
struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Rule {
    Alert(AlertRule),
    Record {
        #[serde(rename = "record")]
        _record: String,
    },
}

#[derive(Deserialize)]
struct AlertRule {
    alert: String,
    expr: String,
    #[serde(rename = "for")]
    hold: String,
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Matrix {
    metric: BTreeMap<String, String>,
    values: Vec<(f64, Value)>,
}

/// First and last time of each stretch without a missing step.
fn unbroken(times: impl Iterator<Item = i64>) -> Vec<(i64, i64)> {
    let mut stretches: Vec<(i64, i64)> = Vec::new();
    for time in times {
        match stretches.last_mut() {
            Some((_, last)) if time - *last <= STEP_SECS => *last = time,
            _ => stretches.push((time, time)),
        }
    }
    stretches
}

fn open_metrics(episodes: &[Episode]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    writeln!(out, "# TYPE ALERTS gauge")?;
    for episode in episodes {
        let states = [episode.labels(Some("pending")), episode.labels(Some("firing"))];
        for secs in episode.times() {
            let fires = secs - episode.since >= episode.for_secs;
            exposition::sample(&mut out, "ALERTS", &states[usize::from(fires)], 1.0, Some(secs * 1000))?;
        }
    }
    writeln!(out, "# TYPE ALERTS_FOR_STATE gauge")?;
    for episode in episodes {
        let (labels, since) = (episode.labels(None), episode.since as f64);
        for secs in episode.times() {
            exposition::sample(&mut out, "ALERTS_FOR_STATE", &labels, since, Some(secs * 1000))?;
        }
    }
    write!(out, "{}", exposition::END)?;
    Ok(out)
}

/// Seconds of a duration in one unit, as the rules have them.
fn duration_secs(text: &str) -> Result<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: i64 = number.parse().with_context(|| format!("no duration: {text}"))?;
    Ok(match unit {
        "ms" => number / 1000,
        "s" => number,
        "m" => number * 60,
        "h" => number * 3600,
        _ => anyhow::bail!("no duration: {text}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_end_where_a_step_is_missing() {
        assert_eq!(unbroken([0, 60, 120, 240, 300].into_iter()), [(0, 120), (240, 300)]);
        assert_eq!(unbroken([].into_iter()), []);
    }

    #[test]
    fn an_alert_waits_before_it_fires_and_keeps_its_start() {
        let labels = BTreeMap::from([("alertname".to_owned(), "A".to_owned())]);
        let text = open_metrics(&[Episode { labels, since: 600, until: 720, for_secs: 120 }]).expect("text");
        let expected = "# TYPE ALERTS gauge\n\
            ALERTS{alertname=\"A\",alertstate=\"pending\"} 1 600.000\n\
            ALERTS{alertname=\"A\",alertstate=\"pending\"} 1 660.000\n\
            ALERTS{alertname=\"A\",alertstate=\"firing\"} 1 720.000\n\
            # TYPE ALERTS_FOR_STATE gauge\n\
            ALERTS_FOR_STATE{alertname=\"A\"} 600 600.000\n\
            ALERTS_FOR_STATE{alertname=\"A\"} 600 660.000\n\
            ALERTS_FOR_STATE{alertname=\"A\"} 600 720.000\n\
            # EOF\n";
        assert_eq!(String::from_utf8_lossy(&text), expected);
    }
}
