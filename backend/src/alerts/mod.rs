//! Alerts of the server's own rules, with what their rules say about them.

mod expression;

use model::alert::{Alert, AlertState};
use model::query::Scope;

pub use self::expression::{Comparison, comparison};
use crate::prometheus::{ActiveAlert, AlertRule, Client, PrometheusError};

/// Alerts that concern us and what could not be read.
#[derive(Debug, Clone, Default)]
pub struct Alerts {
    /// Firing ones first, then by severity, then the oldest.
    pub alerts: Vec<Alert>,
    /// What could not be read and what the server remarked.
    pub notices: Vec<String>,
}

/// Reads alerts and rules. Rules only enrich: when they cannot be read that is a notice.
pub async fn read(client: &Client) -> Result<Alerts, PrometheusError> {
    let (alerts, rules) = tokio::join!(client.alerts(), client.rules());
    let alerts = alerts?;
    let mut notices = alerts.notices;
    let rules = match rules {
        Ok(rules) => {
            notices.extend(rules.notices);
            rules.value
        }
        Err(error) => {
            notices.push(format!("alert rules could not be read, so thresholds are not shown: {error}"));
            Vec::new()
        }
    };
    let mut alerts: Vec<Alert> = alerts.value.into_iter().map(|alert| join(alert, &rules)).collect();
    alerts.sort_by_key(|alert| {
        (
            std::cmp::Reverse(alert.state),
            alert.severity_rank(),
            alert.since_ms,
            alert.name.clone(),
            alert.labels.clone(),
        )
    });
    Ok(Alerts { alerts, notices })
}

/// Whether an alert is about the scope: each label it has must be admitted; labels it lacks say nothing.
pub fn concerns(alert: &Alert, scope: &Scope) -> bool {
    let labels = [
        ("namespace", &scope.namespace),
        ("pod", &scope.pod),
        ("container", &scope.container),
        ("instance", &scope.instance),
        ("job", &scope.job),
    ];
    scope.alertname.admits(&alert.name)
        && labels
            .iter()
            .all(|(label, selection)| alert.labels.get(label).is_none_or(|value| selection.admits(value)))
}

fn join(alert: ActiveAlert, rules: &[AlertRule]) -> Alert {
    // Several rules may share a name; the one whose own labels the alert carries is meant.
    let rule = rules.iter().find(|rule| {
        let fixed = rule.labels.0.iter().filter(|(_, value)| !value.contains("{{"));
        rule.name == alert.name
            && fixed.into_iter().all(|(name, value)| alert.labels.get(name) == Some(value))
    });
    Alert {
        severity: alert.labels.get("severity").unwrap_or_default().to_owned(),
        name: alert.name,
        state: alert.state,
        since_ms: alert.active_at_ms,
        value: alert.value,
        labels: alert.labels,
        annotations: alert.annotations,
        expr: rule.map(|rule| rule.expr.clone()).unwrap_or_default(),
        for_secs: rule.map(|rule| rule.for_secs),
        source: "Prometheus".to_owned(),
    }
}

/// Whether it fires.
pub fn firing(alert: &Alert) -> bool {
    alert.state == AlertState::Firing
}

#[cfg(test)]
mod tests {
    use model::labels::Labels;
    use model::query::Selection;

    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().copied().collect()
    }

    #[test]
    fn an_alert_without_a_label_is_about_every_value_of_it() {
        let alert = Alert {
            name: "A".into(),
            state: AlertState::Firing,
            severity: String::new(),
            since_ms: None,
            value: None,
            labels: labels(&[("namespace", "shop")]),
            annotations: Labels::default(),
            expr: String::new(),
            for_secs: None,
            source: String::new(),
        };
        let scope = |namespace: &str| Scope {
            namespace: Selection::one(namespace),
            pod: Selection::one("x"),
            ..Scope::default()
        };
        assert!(concerns(&alert, &scope("shop")));
        assert!(!concerns(&alert, &scope("bank")));
    }
}
