//! What a panel, an alert rule or Explore asks of the data source.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The query types, each answered in the frames of the same name (see [`crate::frames`]).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryType {
    /// Suspects, alerts and runbook in one round trip.
    #[default]
    Overview,
    /// Ranked suspects with sparklines.
    Suspects,
    /// One row per suspect with one number, for alert rules.
    Growth,
    /// One suspect in full resolution.
    History,
    /// Firing and pending alerts.
    Alerts,
    /// The pages of the given alerts, filled in.
    Runbook,
}

impl QueryType {
    /// As it is written in a query.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Suspects => "suspects",
            Self::Growth => "growth",
            Self::History => "history",
            Self::Alerts => "alerts",
            Self::Runbook => "runbook",
        }
    }
}

/// Which number a `growth` query answers with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrowthValue {
    /// Score from 0 to 1.
    #[default]
    Score,
    /// Growth in bytes per hour, 0 for what does not leak.
    Rate,
    /// Seconds until the limit is reached; a hundred years where it never is.
    SecsToLimit,
}

/// A dashboard variable's value: nothing, one value or several.
///
/// Reads a string, an array of strings, a JSON array inside a string (`${var:json}`), `null` or an absent
/// key. The empty string, the empty array, `All`, `$__all` and a variable Grafana left unfilled (`$pod`,
/// `${pod:json}`) all mean "anything".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Selection(pub Vec<String>);

impl Selection {
    /// A selection of exactly one value.
    pub fn one(value: impl Into<String>) -> Self {
        Self::of(vec![value.into()])
    }

    /// The selection those raw values mean.
    pub fn of(values: Vec<String>) -> Self {
        let all = |value: &str| matches!(value, "All" | "$__all" | ".*" | ".+");
        if values.iter().any(|value| all(value)) {
            return Self::default();
        }
        let unfilled = |value: &str| value.starts_with("${") && value.ends_with('}');
        Self(values.into_iter().filter(|value| !value.is_empty() && !unfilled(value)).collect())
    }

    /// Whether every value is welcome.
    pub fn is_any(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a label with this value is selected.
    pub fn admits(&self, value: &str) -> bool {
        self.is_any() || self.0.iter().any(|wanted| wanted == value)
    }

    /// The value, where there is exactly one.
    pub fn single(&self) -> Option<&str> {
        match self.0.as_slice() {
            [value] => Some(value),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Selection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = |value: Value| match value {
            Value::Null => Some(Self::default()),
            Value::String(text) => Some(Self::of(vec![text])),
            Value::Array(values) => values.into_iter().map(text_of).collect::<Option<_>>().map(Self::of),
            _ => None,
        };
        match Value::deserialize(deserializer)? {
            // A variable arrives as JSON in a text, a value typed by hand as it is.
            Value::String(text) => {
                let within =
                    serde_json::from_str(&text).ok().filter(|value| !Value::is_null(value)).and_then(read);
                Ok(within.unwrap_or_else(|| Self::of(vec![text])))
            }
            value => read(value).ok_or_else(|| D::Error::custom("neither a text nor a list of texts")),
        }
    }
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Which series and alerts a query is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Scope {
    /// Alert names.
    pub alertname: Selection,
    /// Kubernetes namespaces.
    pub namespace: Selection,
    /// Pods.
    pub pod: Selection,
    /// Containers.
    pub container: Selection,
    /// Workloads (deployment, stateful set ...).
    pub workload: Selection,
    /// Targets, `host:port`.
    pub instance: Selection,
    /// Scrape jobs.
    pub job: Selection,
    /// When the alert began, RFC 3339 or milliseconds since the epoch, as the notification's link has it.
    pub starts_at: Selection,
}

/// One query, as Grafana sends it. Unknown keys are Grafana's own and are ignored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Query {
    /// What is asked.
    pub query_type: QueryType,
    /// About which series and alerts.
    #[serde(flatten)]
    pub scope: Scope,
    /// The suspect a `history` query is about: [`crate::frames::SuspectRow::id`]. Without it, the first of the scope.
    pub suspect: String,
    /// At most so many suspects; 0 means the default of 100.
    pub limit: usize,
    /// Which number `growth` answers with.
    pub value: GrowthValue,
    /// For `overview`, `alerts` and `runbook`: what Grafana's own alerting answers to the person who asks, read with
    /// their session. An object of Grafana's answers: `alerts` (of `/api/prometheus/grafana/api/v1/alerts`), `suppressed`
    /// and `silences` (of the Alertmanager API v2), and `faults`, texts that say what could not be read.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub grafana: Value,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Vec<String> {
        serde_json::from_value::<Scope>(json!({ "pod": value })).expect("a scope").pod.0
    }

    /// A variable as `${pod:json}` writes it into the query, and as it is typed by hand.
    #[test]
    fn each_form_of_a_variable_is_what_it_says() {
        for one in [json!("web-1"), json!("\"web-1\""), json!(["web-1"]), json!("[\"web-1\"]")] {
            assert_eq!(read(&one), ["web-1"], "one value: {one}");
        }
        for several in [json!(["a", "b"]), json!("[\"a\",\"b\"]"), json!(["a", "", "b"])] {
            assert_eq!(read(&several), ["a", "b"], "several: {several}");
        }
        for all in
            [json!("All"), json!("$__all"), json!("[\"$__all\"]"), json!("\"All\""), json!(["a", "All"])]
        {
            assert_eq!(read(&all), [""; 0], "all: {all}");
        }
        for empty in [json!(""), json!("\"\""), json!([]), json!("[]"), json!([""]), Value::Null] {
            assert_eq!(read(&empty), [""; 0], "empty: {empty}");
        }
        // Grafana writes a custom all-value as it is, in no quotes.
        for custom in [json!(".*"), json!(".+"), json!("[\".*\"]")] {
            assert_eq!(read(&custom), [""; 0], "the usual all-values: {custom}");
        }
        assert_eq!(
            read(&json!("web-1|web-2")),
            ["web-1|web-2"],
            "another is a value, and matches nothing else"
        );
        for absent in [json!("${pod:json}"), json!("[\"${pod}\"]")] {
            assert_eq!(read(&absent), [""; 0], "the dashboard has no such variable: {absent}");
        }
        assert_eq!(serde_json::from_str::<Scope>("{}").expect("a scope"), Scope::default());
    }

    #[test]
    fn what_looks_like_json_and_is_none_of_these_is_a_value() {
        for odd in ["null", "[1]", "{\"a\":1}", "12", "[", "\"", "true"] {
            assert_eq!(read(&json!(odd)), [odd]);
        }
        for odd in [json!(1), json!([1]), json!({"a": 1}), json!(true)] {
            assert!(serde_json::from_value::<Scope>(json!({ "pod": odd })).is_err(), "{odd}");
        }
    }
}
