//! Is this data source of use? Each way in which it is not is told apart, with what to do.

use jiff::Timestamp;
use model::query::Selection;
use serde_json::{Value, json};

use crate::prometheus::{AlertRule, Answer, BuildInfo, Client, PrometheusError};
use crate::promql::Selector;
use crate::settings::Settings;

/// Clocks further apart than this shift every "since" and every freshness, seconds.
const MAX_CLOCK_SKEW_SECS: f64 = 30.0;

/// What a server should have.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Each profile's name and the metrics by which it is recognised.
    pub profiles: &'a [(&'a str, &'a [&'a str])],
    /// The alerts of our pack of rules.
    pub alert_names: &'a [&'a str],
}

/// What the health check found.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthReport {
    /// Whether suspects can be found with this data source.
    pub ok: bool,
    /// One or several sentences for people.
    pub message: String,
    /// The same, for programs.
    pub details: Value,
}

impl HealthReport {
    /// A report of something that makes the data source useless.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { ok: false, message: message.into(), details: json!({}) }
    }
}

/// Asks the server who it is, what it has and which rules it evaluates.
pub async fn check(client: &Client, settings: &Settings, expected: Expected<'_>) -> HealthReport {
    if !settings.unsupported.is_empty() {
        let names = settings.unsupported.join(", ");
        let mut report =
            HealthReport::failed(format!("not supported and yet set: {names}; see docs/settings.md"));
        report.details = json!({ "unsupported": settings.unsupported });
        return report;
    }
    let build = match client.build_info().await {
        Ok(build) => build,
        Err(error) => return HealthReport::failed(error.to_string()),
    };
    let at_secs = Timestamp::now().as_millisecond() as f64 / 1000.0 + build.clock_skew_secs.unwrap_or(0.0);
    let (counts, rules) = tokio::join!(series_counts(client, expected, at_secs), client.rules());
    let counts = match counts {
        Ok(counts) => counts,
        Err(error) => {
            return HealthReport::failed(format!("{} answers, but not to a query: {error}", server(&build)));
        }
    };
    report(&build, &counts, rules, expected)
}

/// How many series each expected metric has, as `(name, series)`, absent ones left out.
async fn series_counts(
    client: &Client,
    expected: Expected<'_>,
    at_secs: f64,
) -> Result<Vec<(String, u64)>, PrometheusError> {
    let metrics = expected.profiles.iter().flat_map(|(_, metrics)| metrics.iter());
    let names = Selection(metrics.map(|name| (*name).to_owned()).collect());
    if names.is_any() {
        return Ok(Vec::new());
    }
    let expr = format!("count by (__name__) ({})", Selector::metric("").selected("__name__", &names));
    let samples = client.query(&expr, at_secs).await?.value;
    let named = samples
        .into_iter()
        .filter_map(|sample| Some((sample.labels.get("__name__")?.to_owned(), sample.value as u64)));
    Ok(named.collect())
}

fn report(
    build: &BuildInfo,
    counts: &[(String, u64)],
    rules: Result<Answer<Vec<AlertRule>>, PrometheusError>,
    expected: Expected<'_>,
) -> HealthReport {
    let count =
        |metric: &str| counts.iter().find(|(name, _)| name == metric).map_or(0, |(_, series)| *series);
    let mut sentences = Vec::new();
    let mut profiles = Vec::new();
    let mut found = Vec::new();
    for (profile, metrics) in expected.profiles {
        let present: Vec<_> =
            metrics.iter().map(|metric| (*metric, count(metric))).filter(|(_, series)| *series > 0).collect();
        let series: u64 = present.iter().map(|(_, series)| series).sum();
        if series > 0 {
            found.push(format!("{profile} ({series} series)"));
        }
        let metrics: serde_json::Map<_, _> =
            present.iter().map(|(name, series)| ((*name).to_owned(), json!(series))).collect();
        profiles.push(json!({ "name": profile, "series": series, "metrics": metrics }));
    }
    if found.is_empty() {
        let wanted: Vec<_> =
            expected.profiles.iter().filter_map(|(_, metrics)| metrics.first().copied()).collect();
        sentences.push(format!(
            "{} answers, but has no memory metrics now: none of {} has a series; check that it scrapes your containers",
            server(build),
            wanted.join(", ")
        ));
    } else {
        sentences.push(format!("{} has metrics of: {}", server(build), found.join(", ")));
    }

    let (rule_details, rule_sentence) = rules_report(rules, expected.alert_names);
    sentences.extend(rule_sentence);

    if let Some(skew_secs) = build.clock_skew_secs.filter(|skew| skew.abs() > MAX_CLOCK_SKEW_SECS) {
        let side = if skew_secs > 0.0 { "ahead of" } else { "behind" };
        sentences.push(format!(
            "its clock is {:.0} s {side} Grafana's: times and freshness are off by as much",
            skew_secs.abs()
        ));
    }
    HealthReport {
        ok: !found.is_empty(),
        message: sentences.join(". "),
        details: json!({
            "server": { "flavour": build.flavour.name(), "version": build.version },
            "clockSkewSecs": build.clock_skew_secs,
            "profiles": profiles,
            "rules": rule_details,
        }),
    }
}

/// Which of our alert rules the server evaluates, and how.
fn rules_report(
    rules: Result<Answer<Vec<AlertRule>>, PrometheusError>,
    alert_names: &[&str],
) -> (Value, Option<String>) {
    let rules = match rules {
        Ok(rules) => rules.value,
        Err(error) => {
            let sentence = format!("whether alert rules are loaded is unknown: {error}");
            return (json!({ "unknown": error.to_string() }), Some(sentence));
        }
    };
    let is_loaded = |name: &&str| rules.iter().any(|rule| rule.name == **name);
    let (loaded, missing): (Vec<&str>, Vec<&str>) = alert_names.iter().copied().partition(is_loaded);
    let failing =
        rules.iter().filter(|rule| rule.health == "err" && alert_names.contains(&rule.name.as_str()));
    let failing: Vec<_> = failing.map(|rule| format!("{} ({})", rule.name, rule.last_error)).collect();
    let mut parts =
        vec![format!("{} of {} alert rules of Leaklens are loaded", loaded.len(), alert_names.len())];
    if !missing.is_empty() {
        parts.push(format!("missing: {}", missing.join(", ")));
    }
    if !failing.is_empty() {
        parts.push(format!("failing: {}", failing.join(", ")));
    }
    let sentence = parts.join(", ");
    let details = json!({ "loaded": loaded, "missing": missing, "failing": failing });
    (details, (!alert_names.is_empty()).then_some(sentence))
}

fn server(build: &BuildInfo) -> String {
    format!("{} {}", build.flavour.name(), build.version).trim().to_owned()
}
