//! Alerts, whoever evaluates them.

use serde::{Deserialize, Serialize};

use crate::labels::Labels;

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Its condition holds, but not yet for long enough.
    Pending,
    /// It fires.
    Firing,
}

/// One alert instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// The rule's name.
    pub name: String,
    /// Pending or firing.
    pub state: AlertState,
    /// The label `severity`, or empty.
    pub severity: String,
    /// Since when its condition holds, milliseconds since the epoch.
    pub since_ms: Option<i64>,
    /// The value of its expression, in the expression's unit.
    pub value: Option<f64>,
    /// Its labels, without `alertname`.
    pub labels: Labels,
    /// Its annotations, expanded.
    pub annotations: Labels,
    /// The rule's expression, or empty.
    pub expr: String,
    /// The rule's `for`, seconds.
    pub for_secs: Option<f64>,
    /// Who says so, such as `Prometheus`.
    pub source: String,
}

impl Alert {
    /// How urgent: 0 is worst. The words are those of widespread rule sets; one that is not known ranks between
    /// warnings and information.
    pub fn severity_rank(&self) -> u8 {
        match self.severity.to_lowercase().as_str() {
            "critical" | "page" | "emergency" | "fatal" => 0,
            "error" | "high" | "major" => 1,
            "warning" | "warn" | "medium" | "minor" => 2,
            "info" | "none" | "low" => 4,
            _ => 3,
        }
    }
}
