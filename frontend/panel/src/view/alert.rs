//! The alert at hand, and the suspect it is about.

use model::alert::Subject;
use model::frames::{AlertRow, SuspectRow};
use model::query::{Scope, Selection};
use serde_json::Value;

use super::number::in_unit;
use super::suspects::stands_for;
use crate::data::parse;
use crate::strings;

/// The alert to show: the worst of those named by the dashboard's variable, else the worst of all.
pub fn chosen<'a>(alerts: &'a [AlertRow], scope: &Scope) -> Option<&'a AlertRow> {
    let named = |alert: &&AlertRow| !scope.alertname.is_any() && scope.alertname.admits(&alert.alertname);
    alerts.iter().find(named).or_else(|| alerts.first())
}

/// Whether it fires.
pub fn fires(alert: &AlertRow) -> bool {
    alert.state == "firing"
}

/// `Silenced` or `Inhibited` where nobody is told of it.
pub fn suppression(alert: &AlertRow) -> Option<&'static str> {
    match alert.suppression.as_str() {
        "silenced" => Some(strings::SILENCED),
        "inhibited" => Some(strings::INHIBITED),
        _ => None,
    }
}

/// The first suspect that the alert's labels point at, else the first that stands for one they point at.
pub fn suspect_of<'a>(alert: &AlertRow, suspects: &'a [SuspectRow]) -> Option<&'a SuspectRow> {
    let alert = Subject::from(alert);
    // Of one workload, those that came and went differ in their pods and targets.
    let stands_for_it = |row: &&SuspectRow| {
        stands_for(row).iter().any(|id| {
            let labels: Value = parse(id).unwrap_or_default();
            let label = |name: &str| labels[name].as_str().unwrap_or_default();
            alert.agrees_with(Subject { pod: label("pod"), instance: label("instance"), ..(*row).into() })
        })
    };
    suspects
        .iter()
        .find(|suspect| alert.agrees_with((*suspect).into()))
        .or_else(|| suspects.iter().find(stands_for_it))
}

/// The first suspect within the dashboard's variables: a data source that knows nothing of them answers with all. What a
/// series does not say is no contradiction, but for the pod.
pub fn suspect_in<'a>(scope: &Scope, suspects: &'a [SuspectRow]) -> Option<&'a SuspectRow> {
    let may_be = |wanted: &Selection, value: &str| value.is_empty() || wanted.admits(value);
    suspects.iter().find(|suspect| {
        scope.pod.admits(&suspect.pod)
            && may_be(&scope.container, &suspect.container)
            && may_be(&scope.namespace, &suspect.namespace)
    })
}

/// Whether it names anything a memory series could bear, rather than the system as a whole.
pub fn names_something(alert: &AlertRow) -> bool {
    [&alert.namespace, &alert.pod, &alert.container, &alert.instance, &alert.job]
        .iter()
        .any(|label| !label.is_empty())
}

/// Whether it claims growth, so that a suspect that does not grow contradicts it.
pub fn claims_growth(alert: &AlertRow) -> bool {
    alert.value_unit == "bytes_per_hour"
}

/// `14 MiB/h, threshold 10 MiB/h`, as much of it as is known. A bare number without unit or threshold, such as the 1
/// of an `absent`, says nothing; nor does one that equals its threshold, as the 0 of `up == 0`.
pub fn value(alert: &AlertRow) -> Option<String> {
    if alert.value_unit.is_empty() && (alert.threshold.is_none() || alert.threshold == alert.value) {
        return None;
    }
    let value = in_unit(alert.value?, &alert.value_unit);
    Some(match alert.threshold {
        Some(threshold) => strings::against_threshold(&value, &in_unit(threshold, &alert.value_unit)),
        None => value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(name: &str, pod: &str) -> AlertRow {
        AlertRow {
            alertname: name.to_owned(),
            pod: pod.to_owned(),
            state: "firing".to_owned(),
            ..AlertRow::default()
        }
    }

    #[test]
    fn the_variable_chooses_the_alert_and_without_it_the_worst_is_shown() {
        let alerts = [alert("A", ""), alert("B", "")];
        assert_eq!(chosen(&alerts, &Scope::default()).map(|a| a.alertname.as_str()), Some("A"));
        let scope = Scope { alertname: Selection::one("B"), ..Scope::default() };
        assert_eq!(chosen(&alerts, &scope).map(|a| a.alertname.as_str()), Some("B"));
    }

    #[test]
    fn the_variables_choose_the_suspect_where_a_data_source_answers_with_all() {
        let suspect = |pod: &str, container: &str| SuspectRow {
            pod: pod.to_owned(),
            container: container.to_owned(),
            ..SuspectRow::default()
        };
        let suspects = [suspect("a", "app"), suspect("b", "proxy"), suspect("b", ""), suspect("", "app")];
        let scope = |pod: &str| Scope {
            pod: Selection::one(pod),
            container: Selection::one("app"),
            ..Scope::default()
        };
        assert_eq!(suspect_in(&scope("b"), &suspects), Some(&suspects[2]));
        assert_eq!(suspect_in(&scope("c"), &suspects), None);
        assert_eq!(suspect_in(&Scope::default(), &suspects), Some(&suspects[0]));
    }

    #[test]
    fn a_bare_number_is_not_shown() {
        let bare = AlertRow { value: Some(1.0), ..AlertRow::default() };
        assert_eq!(value(&bare), None);
        assert_eq!(value(&AlertRow { threshold: Some(0.0), ..bare }).as_deref(), Some("1, threshold 0"));
    }

    #[test]
    fn an_alert_finds_its_suspect_by_the_labels_both_have() {
        let suspect = |pod: &str| SuspectRow { pod: pod.to_owned(), ..SuspectRow::default() };
        let suspects = [suspect("a"), suspect("b")];
        assert_eq!(suspect_of(&alert("A", "b"), &suspects), suspects.get(1));
        assert_eq!(suspect_of(&alert("A", "c"), &suspects), None);
        assert_eq!(suspect_of(&alert("A", ""), &suspects), None, "no label in common is no match");
        let gone = serde_json::json!([r#"{"pod":"c"}"#, "no label set"]).to_string();
        let later = SuspectRow { stands_for: gone, ..suspect("d") };
        let suspects = [suspect("a"), later];
        assert_eq!(suspect_of(&alert("A", "c"), &suspects), suspects.get(1));
    }
}
