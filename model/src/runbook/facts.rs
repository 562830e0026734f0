//! What is known to fill placeholders with.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::alert::{Alert, Subject};
use crate::labels::Labels;

use super::placeholder::{Name, canonical};
use super::workload::owner_of;

/// What an operator sets for all runbooks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunbookSettings {
    /// Values for placeholders no label answers: `selector`, `container`, `port`, `secret`, `repository` and
    /// whatever else the runbooks name.
    pub parameters: BTreeMap<String, String>,
    /// kubectl context by the value of the label `cluster`.
    pub clusters: BTreeMap<String, String>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A label of the alert or the suspect.
    Label,
    /// The operator's settings.
    Setting,
    /// Concluded from another label, such as a deployment from its pod's name.
    Derived,
}

/// One value, or what it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Known. Untrusted text.
    Known {
        /// The value.
        value: String,
        /// Where it comes from.
        origin: Origin,
    },
    /// Several alerts disagree: offered, never guessed.
    Ambiguous(Vec<String>),
}

/// All that is known for one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    by_name: BTreeMap<String, Fact>,
    by_label: BTreeMap<String, Fact>,
    /// Replicas of the workload that run now, where that is known.
    pub replicas: Option<u32>,
}

/// Labels that kube-state-metrics and others add about the thing itself, where the plain label is the exporter's.
const EXPORTED: &str = "exported_";

impl Facts {
    /// Gathers what the alerts of a page, the chosen suspect and the settings say. Where the suspect belongs to
    /// some of the alerts the others are left out; where it contradicts all of them, it is.
    pub fn gather(alerts: &[&Alert], suspect: Option<&Labels>, settings: &RunbookSettings) -> Self {
        let belongs = |alert: &&&Alert| suspect.is_none_or(|suspect| agree(&alert.labels, suspect));
        let matching: Vec<&Labels> = alerts.iter().filter(belongs).map(|alert| &alert.labels).collect();
        let (labels, suspect) = if matching.is_empty() && !alerts.is_empty() {
            (alerts.iter().map(|alert| &alert.labels).collect(), None)
        } else {
            (matching, suspect)
        };
        let mut facts = Self::default();
        facts.take_labels(&labels);
        if let Some(suspect) = suspect {
            facts.take_labels(&[suspect]);
        }
        let mut names = alerts.iter().map(|alert| alert.name.as_str());
        if let Some(name) = names.next().filter(|first| names.all(|name| name == *first)) {
            facts.learn("alert", name, Origin::Label);
        }
        for (name, value) in settings.parameters.iter().filter(|(_, value)| !value.is_empty()) {
            facts.learn(&canonical(name), value, Origin::Setting);
        }
        if let Some(context) = facts.value("cluster").and_then(|cluster| settings.clusters.get(cluster)) {
            facts.learn("context", &context.clone(), Origin::Setting);
        }
        facts.derive();
        facts
    }

    /// What is known under a placeholder's name, as it is written between `<` and `>`.
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.by_name.get(&canonical(name))
    }

    pub(super) fn of(&self, name: &Name) -> Option<&Fact> {
        match name {
            Name::Fact(key) => self.by_name.get(key),
            Name::Label(label) => self.by_label.get(label).or_else(|| self.by_name.get(&canonical(label))),
            Name::Other => None,
        }
    }

    /// The value, where it is known for certain.
    pub fn value(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Fact::Known { value, .. }) => Some(value),
            _ => None,
        }
    }

    /// Takes what several label sets say, for every name nothing is known under yet.
    fn take_labels(&mut self, sets: &[&Labels]) {
        let mut by_name: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let mut by_label: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for labels in sets {
            for (name, (_, value)) in by_canonical_name(labels) {
                by_name.entry(name).or_default().insert(value);
            }
            for (label, value) in labels.iter().filter(|(_, value)| !value.is_empty()) {
                by_label.entry(label).or_default().insert(value);
            }
        }
        for (name, values) in by_name {
            self.by_name.entry(name).or_insert_with(|| fact(&values));
        }
        for (label, values) in by_label {
            self.by_label.entry(label.to_owned()).or_insert_with(|| fact(&values));
        }
    }

    fn learn(&mut self, key: &str, value: &str, origin: Origin) {
        let fact = || Fact::Known { value: value.to_owned(), origin };
        self.by_name.entry(key.to_owned()).or_insert_with(fact);
    }

    fn derive(&mut self) {
        for kind in ["deployment", "statefulset", "daemonset", "cronjob"] {
            if let Some(name) = self.value(kind).map(str::to_owned) {
                let origin =
                    if self.origin(kind) == Some(Origin::Setting) { Origin::Setting } else { Origin::Label };
                self.learn("workload", &name, origin);
                if self.value("workload") == Some(&name) {
                    self.learn("workload-kind", kind, origin);
                }
            }
        }
        for (kind, name) in
            [("owner-kind", "owner"), ("created-by-kind", "created-by"), ("workload-type", "workload")]
        {
            let named = self.value(kind).map(str::to_lowercase).zip(self.value(name).map(str::to_owned));
            if let Some((kind, name)) = named.filter(|(kind, _)| kind != "replicaset") {
                self.learn("workload", &name, Origin::Label);
                self.learn("workload-kind", &kind, Origin::Label);
                self.learn(&kind, &name, Origin::Label);
            }
        }
        let owner = self.value("pod").and_then(owner_of).map(|(kind, name)| (kind.key(), name.to_owned()));
        if let Some((kind, name)) = owner {
            self.learn("workload", &name, Origin::Derived);
            if self.value("workload") == Some(&name) {
                self.learn("workload-kind", kind, Origin::Derived);
                self.learn(kind, &name, Origin::Derived);
            }
        }
        let port = self
            .value("instance")
            .and_then(|instance| instance.rsplit_once(':'))
            .map(|(_, port)| port.to_owned());
        if let Some(port) = port.filter(|port| port.parse::<u16>().is_ok()) {
            self.learn("port", &port, Origin::Derived);
        }
    }

    fn origin(&self, name: &str) -> Option<Origin> {
        match self.get(name) {
            Some(Fact::Known { origin, .. }) => Some(*origin),
            _ => None,
        }
    }
}

/// Whether two label sets may speak of the same thing.
fn agree(alert: &Labels, suspect: &Labels) -> bool {
    let (alert, suspect) = (by_canonical_name(alert), by_canonical_name(suspect));
    !subject(&alert).contradicts(subject(&suspect))
}

fn subject<'a>(by_name: &BTreeMap<String, (u8, &'a str)>) -> Subject<'a> {
    let value = |name| by_name.get(name).map(|(_, value)| *value).unwrap_or_default();
    Subject {
        namespace: value("namespace"),
        pod: value("pod"),
        container: value("container"),
        instance: value("instance"),
        job: value("job"),
    }
}

/// Label values by canonical name; where several labels share one, the most telling wins: `exported_pod`, then
/// `pod`, then `pod_name`. Of a target's own labels, `job` and `instance`, the plain one is the target's.
fn by_canonical_name(labels: &Labels) -> BTreeMap<String, (u8, &str)> {
    let mut found: BTreeMap<String, (u8, &str)> = BTreeMap::new();
    for (label, value) in labels.iter().filter(|(_, value)| !value.is_empty()) {
        let (plain, exported) = label.strip_prefix(EXPORTED).map_or((label, false), |rest| (rest, true));
        let name = canonical(plain);
        let target = matches!(name.as_str(), "job" | "instance");
        let rank = match (exported, plain == name) {
            (true, _) if target => 0,
            (true, _) => 3,
            (false, true) => 2,
            (false, false) => 1,
        };
        let known = found.entry(name).or_insert((rank, value));
        if rank > known.0 {
            *known = (rank, value);
        }
    }
    found
}

fn fact(values: &BTreeSet<&str>) -> Fact {
    let mut sorted = values.iter().map(|value| (*value).to_owned());
    match (sorted.next(), sorted.next()) {
        (Some(value), None) => Fact::Known { value, origin: Origin::Label },
        (first, second) => Fact::Ambiguous(first.into_iter().chain(second).chain(sorted).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::AlertState;

    fn alert(labels: &[(&str, &str)]) -> Alert {
        Alert {
            name: "A".to_owned(),
            state: AlertState::Firing,
            labels: labels.iter().copied().collect(),
            ..Alert::default()
        }
    }

    #[test]
    fn labels_play_roles_with_fallbacks() {
        let exported = alert(&[
            ("pod", "kube-state-metrics-0"),
            ("exported_pod", "web-7d4b9c6f5d-x2vqk"),
            ("job", "k"),
            ("exported_job", "x"),
        ]);
        let facts = Facts::gather(&[&exported], None, &RunbookSettings::default());
        assert_eq!(facts.value("pod"), Some("web-7d4b9c6f5d-x2vqk"));
        assert_eq!(facts.value("job"), Some("k"));
        assert_eq!(
            facts.of(&Name::Label("pod".to_owned())),
            Some(&Fact::Known { value: "kube-state-metrics-0".to_owned(), origin: Origin::Label })
        );
        assert_eq!(
            facts.get("deployment"),
            Some(&Fact::Known { value: "web".to_owned(), origin: Origin::Derived })
        );
        assert_eq!(facts.value("workload-kind"), Some("deployment"));
    }

    #[test]
    fn disagreeing_alerts_are_offered_unless_the_suspect_decides() {
        let (one, two) =
            (alert(&[("pod", "a-0"), ("container", "c")]), alert(&[("pod", "b-0"), ("container", "d")]));
        let none = RunbookSettings::default();
        let facts = Facts::gather(&[&one, &two], None, &none);
        assert_eq!(facts.get("pod"), Some(&Fact::Ambiguous(vec!["a-0".to_owned(), "b-0".to_owned()])));
        let chosen: Labels = [("pod", "b-0")].into_iter().collect();
        let facts = Facts::gather(&[&one, &two], Some(&chosen), &none);
        assert_eq!((facts.value("pod"), facts.value("container")), (Some("b-0"), Some("d")));
        let other: Labels = [("pod", "z-0"), ("node", "n1")].into_iter().collect();
        let facts = Facts::gather(&[&one], Some(&other), &none);
        assert_eq!(
            (facts.value("pod"), facts.value("node")),
            (Some("a-0"), None),
            "an unrelated suspect says nothing"
        );
        let scraped_elsewhere = alert(&[("pod", "a-0"), ("instance", "node-1:10250")]);
        let same: Labels =
            [("pod", "a-0"), ("instance", "10.0.0.1:8000"), ("app", "a")].into_iter().collect();
        let facts = Facts::gather(&[&scraped_elsewhere], Some(&same), &none);
        assert_eq!(facts.value("app"), Some("a"), "cAdvisor's instance is the node");
    }

    #[test]
    fn settings_fill_what_labels_do_not() {
        let settings = RunbookSettings {
            parameters: [("container".to_owned(), "web".to_owned()), ("port".to_owned(), "9".to_owned())]
                .into(),
            clusters: [("eu".to_owned(), "ctx-eu".to_owned())].into(),
        };
        let fired = alert(&[("container", "sidecar"), ("cluster", "eu"), ("instance", "10.0.0.1:8000")]);
        let facts = Facts::gather(&[&fired], None, &settings);
        assert_eq!(facts.value("container"), Some("sidecar"));
        assert_eq!(facts.value("context"), Some("ctx-eu"));
        assert_eq!(facts.value("port"), Some("9"), "a setting is worth more than a guess");
    }
}
