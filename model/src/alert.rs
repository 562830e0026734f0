//! Alerts, whoever evaluates them.

use serde::{Deserialize, Serialize};

use crate::frames::{AlertRow, SuspectRow};
use crate::labels::Labels;

/// Where an alert stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Its condition holds, but not yet for long enough.
    #[default]
    Pending,
    /// It fires.
    Firing,
}

/// Why nobody is told of an alert that fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionKind {
    /// Somebody silenced it.
    Silenced,
    /// Another alert that fires stands for it.
    Inhibited,
}

/// What keeps an alert's messages back. It fires all the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suppression {
    /// Silenced or inhibited.
    pub kind: SuppressionKind,
    /// Who silenced it and why, or which alert stands for it; plain text.
    pub by: String,
    /// Until when, milliseconds since the epoch; an inhibition has no end of its own.
    pub until_ms: Option<i64>,
}

/// One alert instance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// Who says so, such as `Prometheus`; several with a comma between them.
    pub source: String,
    /// Why nobody is told of it, where that is so.
    pub suppression: Option<Suppression>,
    /// Where its rule can be seen, as its source says, or empty.
    pub rule_url: String,
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

/// What alert and suspect are compared by. A label that is not there is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Kubernetes namespace.
    pub namespace: &'a str,
    /// Pod.
    pub pod: &'a str,
    /// Container.
    pub container: &'a str,
    /// Scraped target.
    pub instance: &'a str,
    /// Scrape job.
    pub job: &'a str,
}

impl Subject<'_> {
    /// Whether the labels that both have agree, and there are any.
    pub fn agrees_with(self, other: Subject<'_>) -> bool {
        let mut shared = self.shared_with(other).peekable();
        shared.peek().is_some() && shared.all(|same| same)
    }

    /// Whether a label that both have differs.
    pub fn contradicts(self, other: Subject<'_>) -> bool {
        self.shared_with(other).any(|same| !same)
    }

    /// Of each label that both have, whether it is the same. Where both name a pod, nothing is said by where it is
    /// scraped: one container has the pod's address as its `instance` in its own metrics, the node's in cAdvisor's.
    fn shared_with(self, other: Subject<'_>) -> impl Iterator<Item = bool> {
        let both_name_pods = !self.pod.is_empty() && !other.pod.is_empty();
        let scrape = [(self.instance, other.instance), (self.job, other.job)];
        [(self.namespace, other.namespace), (self.pod, other.pod), (self.container, other.container)]
            .into_iter()
            .chain(scrape.into_iter().filter(move |_| !both_name_pods))
            .filter(|(own, others)| !own.is_empty() && !others.is_empty())
            .map(|(own, others)| own == others)
    }
}

impl<'a> From<&'a Labels> for Subject<'a> {
    fn from(labels: &'a Labels) -> Self {
        let label = |name| labels.get(name).unwrap_or_default();
        Self {
            namespace: label("namespace"),
            pod: label("pod"),
            container: label("container"),
            instance: label("instance"),
            job: label("job"),
        }
    }
}

/// The same of a row of a frame.
macro_rules! of_row {
    ($row:ty) => {
        impl<'a> From<&'a $row> for Subject<'a> {
            fn from(row: &'a $row) -> Self {
                Self {
                    namespace: &row.namespace,
                    pod: &row.pod,
                    container: &row.container,
                    instance: &row.instance,
                    job: &row.job,
                }
            }
        }
    };
}

of_row!(AlertRow);
of_row!(SuspectRow);

#[cfg(test)]
mod tests {
    use super::*;

    fn agree(alert: &[(&str, &str)], suspect: &[(&str, &str)]) -> bool {
        let labels = |pairs: &[(&str, &str)]| -> Labels { pairs.iter().copied().collect() };
        let (alert, suspect) = (labels(alert), labels(suspect));
        Subject::from(&alert).agrees_with(Subject::from(&suspect))
    }

    const SUSPECT: &[(&str, &str)] = &[
        ("namespace", "shop"),
        ("pod", "a"),
        ("container", "web"),
        ("instance", "10.0.0.1:8000"),
        ("job", "web"),
    ];

    #[test]
    fn labels_that_both_have_must_agree_and_there_must_be_one() {
        assert!(agree(&[("pod", "a"), ("severity", "critical")], SUSPECT));
        assert!(!agree(&[("pod", "b")], SUSPECT));
        assert!(!agree(&[("pod", "a"), ("namespace", "bank")], SUSPECT));
        assert!(!agree(&[("pod", "a"), ("container", "sidecar")], SUSPECT));
        assert!(!agree(&[("severity", "critical")], SUSPECT), "nothing in common");
        assert!(!agree(&[("pod", "")], SUSPECT), "an empty label is none");
    }

    #[test]
    fn where_a_pod_is_scraped_counts_only_as_long_as_no_pod_is_named() {
        let by_cadvisor =
            [("pod", "a"), ("container", "web"), ("instance", "node-1:10250"), ("job", "kubelet")];
        assert!(agree(&by_cadvisor, SUSPECT));
        assert!(agree(&[("instance", "10.0.0.1:8000"), ("job", "web")], SUSPECT));
        assert!(!agree(&[("namespace", "shop"), ("instance", "10.0.0.2:8000")], SUSPECT));
        assert!(!agree(&[("namespace", "shop"), ("job", "other")], SUSPECT));
    }
}
