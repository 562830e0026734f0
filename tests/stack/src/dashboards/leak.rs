//! Where messages lead: what leaks, and the runbook of the alert that fired.

use serde_json::{Value, json};

use super::parts::{Board, LEAKLENS, Panel, text};

/// What a link may say of an alert, under which label, and whether people see it.
const VARIABLES: [(&str, &str, bool); 8] = [
    ("alertname", "Alert", true),
    ("namespace", "Namespace", true),
    ("pod", "Pod", true),
    ("container", "Container", true),
    ("workload", "Workload", false),
    ("instance", "Instance", false),
    ("job", "Job", false),
    ("startsAt", "Began", false),
];

pub(super) fn board() -> Value {
    let mut query = json!({ "queryType": "overview" });
    for (name, _, _) in VARIABLES {
        // As JSON, so that one value, several and none are told apart.
        query[name] = format!("${{{name}:json}}").into();
    }
    let variables = VARIABLES.into_iter().map(|(name, label, shown)| text(name, label, shown));
    Board {
        uid: "leaklens",
        title: "Leaklens",
        description: "What leaks, and the runbook of the alert that fired. Alert messages link here.",
        from: "now-24h",
        refresh: "1m",
        shared_crosshair: false,
        variables: std::iter::once(LEAKLENS.choice()).chain(variables).collect(),
        panels: vec![Panel {
            kind: "leaklens-panel",
            title: "Leak suspects",
            description: "What leaks, how fast and since when, what moves with it, and what to do about it.",
            size: (24, 28),
            source: &LEAKLENS,
            queries: vec![query],
            transformations: vec![],
            defaults: json!({}),
            overrides: vec![],
            options: json!({}),
        }],
    }
    .render()
}
