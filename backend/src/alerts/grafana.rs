//! Alerts of Grafana's own rules. The person who asks reads them with their session and hands them over.

use model::alert::{Alert, AlertState};
use model::labels::Labels;
use serde::Deserialize;
use serde_json::Value;

use super::merge::{Labelled, merge};
use super::{notified, time_ms};

/// The label in which Grafana keeps a rule's uid.
const RULE_UID: &str = "__alert_rule_uid__";

/// What a query holds under `grafana`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Handed {
    alerts: Vec<RawAlert>,
    suppressed: Vec<notified::RawAlert>,
    silences: Vec<notified::RawSilence>,
    /// What could not be read.
    pub(super) faults: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawAlert {
    labels: Labels,
    annotations: Labels,
    state: String,
    active_at: Option<String>,
    value: String,
}

impl Handed {
    /// Reads what a query hands over; nothing at all where nobody did.
    pub(super) fn of(handed: &Value) -> Self {
        if handed.is_null() {
            return Self::default();
        }
        Self::deserialize(handed).unwrap_or_else(|error| Self {
            faults: vec![format!("the answer of Grafana's own alerting cannot be read: {error}")],
            ..Self::default()
        })
    }

    /// The pending and firing ones, with what keeps their messages back.
    pub(super) fn alerts(&self) -> Vec<Alert> {
        let mut alerts: Vec<_> = self.alerts.iter().filter_map(read).collect();
        // Grafana's Alertmanager only adds to them: one that it still holds and no rule has any more is resolved.
        let known = alerts.len();
        merge(&mut alerts, notified::read(&self.suppressed, &self.silences, "Grafana"), Labelled::Alike);
        alerts.truncate(known);
        for alert in &mut alerts {
            alert.labels = alert.labels.filtered(|name| !name.starts_with("__"));
        }
        alerts
    }

    /// Those that may or may not fire, and why nobody can tell.
    pub(super) fn unknown(&self) -> Vec<(Alert, &'static str)> {
        let unknown = self.alerts.iter().filter_map(|raw| Some((raw, blind(&raw.state)?)));
        // The state is not told of them.
        unknown.map(|(raw, why)| (alert(raw, AlertState::Pending), why)).collect()
    }
}

/// Why Grafana cannot say whether a rule fires; `None` where it can.
fn blind(state: &str) -> Option<&'static str> {
    match state.split(' ').next().unwrap_or_default().to_lowercase().as_str() {
        "nodata" => Some("Grafana's rule has no data"),
        "error" => Some("Grafana could not evaluate its rule"),
        _ => None,
    }
}

/// States in which a rule does not fire are left out; Grafana adds a reason to some, as in `Alerting (NoData)`.
fn read(raw: &RawAlert) -> Option<Alert> {
    let known = match raw.state.split(' ').next().unwrap_or_default().to_lowercase().as_str() {
        "alerting" | "firing" | "recovering" => AlertState::Firing,
        "pending" => AlertState::Pending,
        _ => return None,
    };
    Some(alert(raw, known))
}

fn alert(raw: &RawAlert, state: AlertState) -> Alert {
    let mut labels = raw.labels.clone();
    let uid = labels.get(RULE_UID).filter(|uid| !uid.is_empty());
    let rule_url = uid.map(|uid| format!("/alerting/grafana/{}/view", crate::links::encoded(uid)));
    Alert {
        rule_url: rule_url.unwrap_or_default(),
        name: labels.remove("alertname").unwrap_or_default().to_string(),
        state,
        severity: labels.get("severity").unwrap_or_default().to_owned(),
        since_ms: raw.active_at.as_deref().and_then(time_ms),
        // Rules of several expressions have several values in one text.
        value: raw.value.parse().ok(),
        labels,
        annotations: raw.annotations.clone(),
        source: "Grafana".to_owned(),
        ..Alert::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_grafana_hands_over_is_read_as_it_writes_it() {
        let labels = |name: &str| json!({ "alertname": name, "grafana_folder": "f", "__alert_rule_uid__": "a/b", "pod": "p" });
        let handed = Handed::of(&json!({
            "alerts": [
                { "labels": labels("A"), "state": "Alerting", "activeAt": "2026-01-01T00:00:00Z", "value": "1.2e+07" },
                { "labels": labels("B"), "state": "Pending", "activeAt": null, "value": "A: 1, B: 2" },
                { "labels": labels("C"), "state": "Alerting (NoData)", "value": "" },
                { "labels": labels("D"), "state": "Normal (MissingSeries)" },
                { "labels": labels("E"), "state": "NoData" },
                { "labels": labels("F"), "state": "Error" },
            ],
            "suppressed": [
                { "labels": labels("A"), "status": { "silencedBy": ["s"] } },
                { "labels": labels("gone"), "status": { "silencedBy": ["s"] } },
            ],
            "silences": [{ "id": "s", "createdBy": "kim", "comment": "c", "endsAt": "2026-01-02T00:00:00Z" }],
        }));
        let alerts = handed.alerts();
        let told: Vec<_> =
            alerts.iter().map(|alert| (alert.name.as_str(), alert.state, alert.value)).collect();
        let (firing, pending) = (AlertState::Firing, AlertState::Pending);
        assert_eq!(told, [("A", firing, Some(1.2e7)), ("B", pending, None), ("C", firing, None)]);
        assert_eq!(alerts[0].suppression.as_ref().unwrap().by, "kim: c");
        assert_eq!(alerts[0].rule_url, "/alerting/grafana/a%2Fb/view");
        assert_eq!((alerts[0].source.as_str(), alerts[0].labels.get(RULE_UID)), ("Grafana", None));
        let unknown: Vec<_> = handed.unknown().into_iter().map(|(alert, why)| (alert.name, why)).collect();
        let expected = [("E", "Grafana's rule has no data"), ("F", "Grafana could not evaluate its rule")];
        assert_eq!(unknown, expected.map(|(name, why)| (name.to_owned(), why)));
        assert!(Handed::of(&Value::Null).alerts().is_empty());
        assert_eq!(Handed::of(&json!({ "alerts": 1 })).faults.len(), 1);
    }
}
