//! Alerts, rules, targets and who the server is.

use model::alert::AlertState;
use model::labels::Labels;
use serde::Deserialize;

use super::transport::Transport;
use super::types::{ActiveAlert, AlertRule, BuildInfo, Flavour, Target, TargetHealth};
use super::{PrometheusError, decode};
use crate::settings::parse_duration_secs;

#[derive(Debug, Deserialize)]
pub(super) struct Alerts {
    #[serde(default)]
    alerts: Vec<RawAlert>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct RawAlert {
    /// As vmalert has it, which does not put it among the labels.
    name: String,
    labels: Labels,
    annotations: Labels,
    state: String,
    active_at: Option<String>,
    value: String,
}

impl Alerts {
    /// Alerts in another state than pending and firing are left out: no such state is known.
    pub(super) fn read(self) -> Vec<ActiveAlert> {
        self.alerts.into_iter().filter_map(RawAlert::read).collect()
    }
}

impl RawAlert {
    fn read(mut self) -> Option<ActiveAlert> {
        let state = match self.state.as_str() {
            "firing" => AlertState::Firing,
            "pending" => AlertState::Pending,
            _ => return None,
        };
        Some(ActiveAlert {
            name: self.labels.remove("alertname").map_or(self.name, |name| name.to_string()),
            labels: self.labels,
            annotations: self.annotations,
            state,
            active_at_ms: self.active_at.as_deref().and_then(time_ms),
            value: self.value.parse().ok(),
        })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Rules {
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    #[serde(default)]
    name: String,
    #[serde(default)]
    rules: Vec<RawRule>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawRule {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    query: String,
    duration: f64,
    labels: Labels,
    annotations: Labels,
    health: String,
    last_error: String,
}

impl Rules {
    pub(super) fn read(self) -> Vec<AlertRule> {
        let rules = self.groups.into_iter().flat_map(|group| {
            let name = group.name;
            group.rules.into_iter().map(move |rule| (name.clone(), rule))
        });
        // Servers that do not know the parameter `type` send recording rules as well.
        let alerting = rules.filter(|(_, rule)| rule.kind.is_empty() || rule.kind == "alerting");
        alerting
            .map(|(group, rule)| AlertRule {
                name: rule.name,
                group,
                expr: rule.query,
                for_secs: rule.duration,
                labels: rule.labels,
                annotations: rule.annotations,
                health: rule.health,
                last_error: without_url_secrets(&rule.last_error),
            })
            .collect()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Targets {
    #[serde(default)]
    active_targets: Vec<RawTarget>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawTarget {
    labels: Labels,
    scrape_url: String,
    health: String,
    last_error: String,
    last_scrape: Option<String>,
    scrape_interval: Option<String>,
}

impl Targets {
    pub(super) fn read(self) -> Vec<Target> {
        let read = |target: RawTarget| Target {
            job: target.labels.get("job").unwrap_or_default().to_owned(),
            instance: target.labels.get("instance").unwrap_or_default().to_owned(),
            labels: target.labels,
            scrape_url: without_url_secrets(&target.scrape_url),
            health: match target.health.as_str() {
                "up" => TargetHealth::Up,
                "down" => TargetHealth::Down,
                _ => TargetHealth::Unknown,
            },
            last_error: without_url_secrets(&target.last_error),
            last_scrape_ms: target.last_scrape.as_deref().and_then(time_ms),
            interval_secs: target.scrape_interval.as_deref().and_then(parse_duration_secs),
        };
        self.active_targets.into_iter().map(read).collect()
    }
}

/// Milliseconds of an RFC 3339 time; Go's zero time means "never".
pub(crate) fn time_ms(text: &str) -> Option<i64> {
    let timestamp: jiff::Timestamp = text.parse().ok()?;
    Some(timestamp.as_millisecond()).filter(|ms| *ms > 0)
}

/// A text whose URLs have lost credentials, parameters and fragments.
pub(super) fn without_url_secrets(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, from_authority) = rest.split_at(at + 3);
        clean.push_str(before);
        let url_len = from_authority
            .find(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '>' | '`'))
            .unwrap_or(from_authority.len());
        let (url, after) = from_authority.split_at(url_len);
        let bare = url.split(['?', '#']).next().unwrap_or_default();
        let authority_len = bare.find('/').unwrap_or(bare.len());
        let host_at = bare[..authority_len].rfind('@').map_or(0, |at| at + 1);
        clean.push_str(&bare[host_at..]);
        rest = after;
    }
    clean.push_str(rest);
    clean
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawBuild {
    application: String,
    version: String,
    revision: String,
}

/// Servers do not say plainly what they are: Mimir names itself, VictoriaMetrics answers with nothing but
/// the Prometheus version it imitates, Thanos (still at 0.x) has an API of its own for its stores.
pub(super) async fn build_info(transport: &Transport) -> Result<BuildInfo, PrometheusError> {
    let (body, clock_skew_secs) = transport.get_with_clock(&["api", "v1", "status", "buildinfo"]).await?;
    let build: RawBuild = decode::data(&body)?.value;
    let (flavour, version) = if build.application.contains("Mimir") {
        (Flavour::Mimir, build.version)
    } else if !build.application.is_empty() && build.application != "Prometheus" {
        (Flavour::Compatible, format!("{} {}", build.application, build.version))
    } else if build.revision.is_empty() {
        (Flavour::VictoriaMetrics, String::new())
    } else if build.version.starts_with("0.") {
        (Flavour::Thanos, build.version)
    } else {
        (Flavour::Prometheus, build.version)
    };
    Ok(BuildInfo { flavour, version, clock_skew_secs })
}
