//! Alerts, whoever evaluates and whoever sends them: the server's own rules, an Alertmanager, Grafana. Each is told
//! once, with all who tell it, what its rule says, and what keeps its messages back.

mod expression;
mod grafana;
mod merge;
mod notified;

use model::alert::{Alert, AlertState};
use model::query::{Query, Scope};

use self::grafana::Handed;
use self::merge::{Labelled, merge};

pub use self::expression::{Comparison, comparison};
use crate::prometheus::{ActiveAlert, AlertRule, Client, PrometheusError, time_ms};

/// Alerts that concern us and what could not be read.
#[derive(Debug, Clone, Default)]
pub struct Alerts {
    /// Firing ones first, then by severity, then the oldest.
    pub alerts: Vec<Alert>,
    /// Those that may or may not fire, and why nobody can tell.
    pub unknown: Vec<(Alert, &'static str)>,
    /// What could not be read and what the server remarked.
    pub notices: Vec<String>,
}

/// Reads alerts and rules. Rules only enrich, and one source may fail while another answers: that is a notice. It is an
/// error when the server's own alerts cannot be read and no other source has any.
pub async fn read(client: &Client, query: &Query) -> Result<Alerts, PrometheusError> {
    let notified = async {
        match client.alertmanager() {
            Some(alertmanager) => notified::ask(alertmanager).await.map(Some),
            None => Ok(None),
        }
    };
    let (alerts, rules, evaluator, notified) =
        tokio::join!(client.alerts(), client.rules(), client.evaluator(), notified);
    let mut notices = Vec::new();
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
    let (mut all, failure) = match alerts {
        Ok(answer) => {
            notices.extend(answer.notices);
            (answer.value.into_iter().map(|alert| join(alert, &rules, &evaluator)).collect(), None)
        }
        Err(error) => (Vec::new(), Some(error)),
    };
    match notified {
        Ok(notified) => merge(&mut all, notified.unwrap_or_default(), Labelled::More),
        Err(error) => notices.push(format!("silences and inhibitions could not be read: {error}")),
    }
    let handed = Handed::of(&query.grafana);
    merge(&mut all, handed.alerts(), Labelled::Alike);
    let unknown = handed.unknown();
    notices.extend(handed.faults);
    if let Some(error) = failure {
        if all.is_empty() {
            return Err(error);
        }
        notices.push(format!("alerts of {evaluator} could not be read: {error}"));
    }
    all.sort_by_key(|alert| {
        (
            std::cmp::Reverse(alert.state),
            alert.suppression.is_some(),
            alert.severity_rank(),
            alert.since_ms,
            alert.name.clone(),
            alert.labels.clone(),
        )
    });
    Ok(Alerts { alerts: all, unknown, notices })
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

fn join(alert: ActiveAlert, rules: &[AlertRule], evaluator: &str) -> Alert {
    // Several rules may share a name; the one whose own labels the alert carries is meant.
    let rule = rules.iter().find(|rule| {
        let fixed = rule.labels.iter().filter(|(_, value)| !value.contains("{{"));
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
        source: evaluator.to_owned(),
        suppression: None,
        rule_url: String::new(),
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
            labels: labels(&[("namespace", "shop")]),
            ..Alert::default()
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
