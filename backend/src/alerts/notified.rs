//! What an Alertmanager says of alerts: that it has them, and what keeps their messages back.

use model::alert::{Alert, AlertState, Suppression, SuppressionKind};
use model::labels::Labels;
use serde::Deserialize;

use super::time_ms;
use crate::prometheus::{Alertmanager, AlertmanagerError};

/// An alert in the API v2.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawAlert {
    labels: Labels,
    annotations: Labels,
    starts_at: String,
    fingerprint: String,
    #[serde(rename = "generatorURL")]
    generator_url: String,
    status: RawStatus,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct RawStatus {
    /// Their ids.
    #[serde(rename = "silencedBy")]
    silences: Vec<String>,
    /// Fingerprints of the alerts that inhibit it.
    #[serde(rename = "inhibitedBy")]
    inhibitors: Vec<String>,
    /// Since Alertmanager 0.28.
    #[serde(rename = "mutedBy")]
    time_intervals: Vec<String>,
}

/// A silence in the API v2.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawSilence {
    id: String,
    created_by: String,
    comment: String,
    ends_at: String,
}

/// The alerts an Alertmanager has now.
pub(super) async fn ask(alertmanager: &Alertmanager) -> Result<Vec<Alert>, AlertmanagerError> {
    let (alerts, silences) = tokio::try_join!(
        alertmanager.get::<Vec<RawAlert>>("alerts"),
        alertmanager.get::<Vec<RawSilence>>("silences")
    )?;
    Ok(read(&alerts, &silences, "Alertmanager"))
}

/// Those alerts, each with what suppresses it. An Alertmanager knows neither values nor pending alerts.
pub(super) fn read(alerts: &[RawAlert], silences: &[RawSilence], source: &str) -> Vec<Alert> {
    let read = |raw: &RawAlert| {
        let mut labels = raw.labels.clone();
        Alert {
            name: labels.remove("alertname").unwrap_or_default().to_string(),
            state: AlertState::Firing,
            severity: labels.get("severity").unwrap_or_default().to_owned(),
            since_ms: time_ms(&raw.starts_at),
            labels,
            annotations: raw.annotations.clone(),
            source: source.to_owned(),
            suppression: suppression(&raw.status, alerts, silences),
            rule_url: raw.generator_url.clone(),
            ..Alert::default()
        }
    };
    alerts.iter().map(read).collect()
}

fn suppression(status: &RawStatus, alerts: &[RawAlert], silences: &[RawSilence]) -> Option<Suppression> {
    if !status.silences.is_empty() {
        let found = silences.iter().filter(|silence| status.silences.contains(&silence.id));
        let found: Vec<_> = found.collect();
        let by = found.iter().map(|silence| match silence.comment.trim() {
            "" => silence.created_by.clone(),
            comment => format!("{}: {comment}", silence.created_by),
        });
        return Some(Suppression {
            kind: SuppressionKind::Silenced,
            by: by.collect::<Vec<_>>().join("; "),
            until_ms: found.iter().filter_map(|silence| time_ms(&silence.ends_at)).max(),
        });
    }
    if !status.inhibitors.is_empty() {
        let by = alerts.iter().filter(|other| status.inhibitors.contains(&other.fingerprint));
        let mut by: Vec<_> = by.map(|other| other.labels.get("alertname").unwrap_or_default()).collect();
        by.sort_unstable();
        by.dedup();
        let kind = SuppressionKind::Inhibited;
        return Some(Suppression { kind, by: by.join(", "), until_ms: None });
    }
    (!status.time_intervals.is_empty()).then(|| Suppression {
        kind: SuppressionKind::Silenced,
        by: format!("time interval {}", status.time_intervals.join(", ")),
        until_ms: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silences_and_inhibitions_are_told_with_who_and_until_when() {
        let alerts: Vec<RawAlert> = serde_json::from_value(serde_json::json!([
            { "labels": { "alertname": "Critical", "pod": "a" }, "fingerprint": "f1", "startsAt": "2026-01-01T00:00:00Z",
              "generatorURL": "http://p/graph", "status": { "state": "active", "silencedBy": [], "inhibitedBy": [] } },
            { "labels": { "alertname": "High", "pod": "a" }, "fingerprint": "f2",
              "status": { "state": "suppressed", "silencedBy": [], "inhibitedBy": ["f1"] } },
            { "labels": { "alertname": "High", "pod": "b" }, "fingerprint": "f3",
              "status": { "state": "suppressed", "silencedBy": ["s1", "s2"], "inhibitedBy": ["f1"] } },
            { "labels": { "alertname": "High", "pod": "c" }, "status": { "mutedBy": ["nights"] } },
        ]))
        .unwrap();
        let silences: Vec<RawSilence> = serde_json::from_value(serde_json::json!([
            { "id": "s1", "createdBy": "kim", "comment": "deploy", "endsAt": "2026-01-01T02:00:00Z" },
            { "id": "s2", "createdBy": "lou", "comment": " ", "endsAt": "2026-01-01T03:00:00.5Z" },
            { "id": "s3", "createdBy": "max", "comment": "other", "endsAt": "2027-01-01T00:00:00Z" },
        ]))
        .unwrap();
        let read = read(&alerts, &silences, "Alertmanager");
        assert_eq!((read[0].name.as_str(), read[0].since_ms), ("Critical", Some(1_767_225_600_000)));
        assert_eq!((&read[0].suppression, read[0].rule_url.as_str()), (&None, "http://p/graph"));
        let told: Vec<_> = read[1..].iter().map(|alert| alert.suppression.clone().unwrap()).collect();
        let told: Vec<_> = told.iter().map(|s| (s.kind, s.by.as_str(), s.until_ms)).collect();
        assert_eq!(
            told,
            [
                (SuppressionKind::Inhibited, "Critical", None),
                (SuppressionKind::Silenced, "kim: deploy; lou", Some(1_767_236_400_500)),
                (SuppressionKind::Silenced, "time interval nights", None),
            ]
        );
    }
}
