//! One alert, told by several: kept once, with all who tell it.

use std::collections::BTreeMap;

use model::alert::Alert;

/// How the labels of one source relate to those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Labelled {
    /// As they are.
    Alike,
    /// The second has more: what Prometheus sends to an Alertmanager gets its external labels on the way.
    More,
}

/// Adds alerts of a second source. Those that are known already are not added: what is told of them is.
pub(super) fn merge(known: &mut Vec<Alert>, others: Vec<Alert>, labelled: Labelled) {
    let mut others: Vec<Option<Alert>> = others.into_iter().map(Some).collect();
    // The one with the most labels chooses first, so that one with few does not take what is meant for it.
    let mut order: Vec<usize> = (0..known.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(known[*at].labels.len()));
    for at in order {
        let alert = &mut known[at];
        let same = |other: &Alert| {
            let (mine, theirs) = (identity(alert), identity(other));
            let within = mine.iter().all(|(name, value)| theirs.get(name) == Some(value));
            other.name == alert.name && within && (labelled == Labelled::More || mine.len() == theirs.len())
        };
        let fitting = others.iter_mut().filter(|other| other.as_ref().is_some_and(same));
        let found = fitting.min_by_key(|other| other.as_ref().map_or(0, |other| other.labels.len()));
        if let Some(other) = found.and_then(Option::take) {
            absorb(alert, other);
        }
    }
    known.extend(others.into_iter().flatten());
}

/// What tells an alert from others, without what servers add for themselves.
fn identity(alert: &Alert) -> BTreeMap<&str, &str> {
    let own =
        |name: &str| name.starts_with("__") || matches!(name, "alertname" | "grafana_folder" | "alertgroup");
    alert.labels.iter().filter(|(name, _)| !own(name)).collect()
}

fn absorb(alert: &mut Alert, other: Alert) {
    if alert.source != other.source {
        alert.source = format!("{}, {}", alert.source, other.source);
    }
    alert.suppression = alert.suppression.take().or(other.suppression);
    alert.state = alert.state.max(other.state);
    alert.since_ms = alert.since_ms.or(other.since_ms);
    alert.value = alert.value.or(other.value);
    if alert.rule_url.is_empty() {
        alert.rule_url = other.rule_url;
    }
    if alert.annotations.is_empty() {
        alert.annotations = other.annotations;
    }
}

#[cfg(test)]
mod tests {
    use model::alert::AlertState;

    use super::*;

    fn alert(source: &str, labels: &[(&str, &str)]) -> Alert {
        Alert {
            name: "A".into(),
            state: AlertState::Firing,
            labels: labels.iter().copied().collect(),
            source: source.into(),
            ..Alert::default()
        }
    }

    fn sources(alerts: &[Alert]) -> Vec<&str> {
        alerts.iter().map(|alert| alert.source.as_str()).collect()
    }

    #[test]
    fn external_labels_do_not_make_another_alert() {
        let mut known = vec![
            alert("Prometheus", &[]),
            alert("Prometheus", &[("pod", "a")]),
            alert("Prometheus", &[("pod", "b")]),
        ];
        let others = vec![
            alert("Alertmanager", &[("pod", "a"), ("region", "eu")]),
            alert("Alertmanager", &[("region", "eu")]),
            alert("Alertmanager", &[("pod", "c"), ("region", "eu")]),
        ];
        merge(&mut known, others, Labelled::More);
        let both = "Prometheus, Alertmanager";
        assert_eq!(sources(&known), [both, both, "Prometheus", "Alertmanager"]);
        assert_eq!(known[3].labels.get("pod"), Some("c"));
    }

    #[test]
    fn the_same_rule_in_grafana_is_told_once_and_one_with_other_labels_twice() {
        let mut known = vec![alert("Prometheus", &[("pod", "a")])];
        let same = alert("Grafana", &[("pod", "a"), ("grafana_folder", "f"), ("__alert_rule_uid__", "u")]);
        merge(&mut known, vec![same, alert("Grafana", &[("pod", "a"), ("metric", "m")])], Labelled::Alike);
        assert_eq!(sources(&known), ["Prometheus, Grafana", "Grafana"]);
    }
}
