//! Profiles: which metrics mean memory, limits and restarts, and which labels play which role.
//!
//! One declarative file each. Nothing else in the backend names a metric.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::labels::{Labels, Role};
use model::query::{Scope, Selection};
use model::runbook::workload_of;
use serde::Deserialize;

use crate::promql::Selector;

/// What a kind of application shows.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name in settings.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Gauges of memory in bytes.
    pub memory: Vec<MemorySource>,
    /// Gauges of a process's start, seconds since the epoch.
    #[serde(default)]
    pub start_time: Vec<Source>,
    /// Counters of restarts.
    #[serde(default)]
    pub restarts: Vec<Source>,
    /// Gauges of the memory limit in bytes; the first that knows a suspect is used.
    #[serde(default)]
    pub limit: Vec<Source>,
    /// What else tells something about a suspect; of several sources the first that has a series is used.
    #[serde(default)]
    pub evidence: BTreeMap<Signal, Vec<Source>>,
    /// Roles that together name one suspect. A suspect of a later profile that agrees with one of an earlier profile
    /// in any of these is the same one and is left out.
    pub identity: Vec<Vec<Role>>,
    /// Label names for each role, in order of preference.
    pub roles: BTreeMap<Role, Vec<String>>,
}

/// What a metric of evidence measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Counter: bytes that requests left allocated, by view.
    AllocatedBytes,
    /// Counter: requests whose allocation was measured, by view.
    Allocations,
    /// Counter: requests that left the process larger by a threshold.
    GrowthEvents,
    /// Gauge: live objects by type.
    Objects,
    /// Counter: runs of the collector by generation.
    Collections,
    /// Counter: requests.
    Requests,
    /// Counter: requests that failed.
    Errors,
    /// Counter: database queries.
    DatabaseQueries,
    /// Counter: seconds of CPU time.
    CpuSeconds,
    /// Counter: whatever users do that is worth counting.
    UserActivity,
    /// Gauge: bytes of the working set as the kubelet counts them.
    WorkingSet,
    /// Gauge: bytes of resident, anonymous memory of the container.
    Resident,
    /// Gauge: bytes of memory requested.
    MemoryRequest,
    /// Marks the image of a container.
    Image,
    /// Marks why a container last ended, by reason.
    LastEnd,
    /// Gauge: replicas that a workload should have.
    Replicas,
}

/// A gauge of memory.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemorySource {
    /// Its name.
    pub metric: String,
    /// Label values that series must not have.
    #[serde(default)]
    pub where_not: BTreeMap<String, Vec<String>>,
    /// A label that splits one process into views of it, each as stale as its last run.
    #[serde(default)]
    pub view: Option<String>,
}

impl MemorySource {
    /// What tells one process from others: the labels without that of its views.
    pub fn process_of(&self, mut labels: Arc<Labels>) -> Arc<Labels> {
        if let Some(view) = self.view.as_ref().filter(|view| labels.has(view)) {
            Arc::make_mut(&mut labels).remove(view);
        }
        labels
    }
}

/// A metric that tells something about suspects.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name.
    pub metric: String,
    /// Label values that series must have.
    #[serde(default, rename = "where")]
    pub matching: BTreeMap<String, String>,
    /// The roles by which its series belong to suspects: all must agree.
    pub on: Vec<Role>,
    /// Label names for each role where they differ from the profile's, in order of preference.
    #[serde(default)]
    pub roles: BTreeMap<Role, Vec<String>>,
    /// The label that tells its series of one suspect apart, such as the view.
    #[serde(default)]
    pub by: Option<String>,
}

/// The profiles that come with Leaklens, the most specific first: where two see one container, the first one counts.
pub fn builtin() -> Vec<Profile> {
    [include_str!("django.json"), include_str!("process.json"), include_str!("kubernetes.json")]
        .into_iter()
        .map(|json| {
            serde_json::from_str(json).unwrap_or_else(|error| unreachable!("compiled-in profile: {error}"))
        })
        .collect()
}

impl Profile {
    /// With a counter of what users do. It belongs to no suspect more than to another.
    #[must_use]
    pub fn with_user_activity(mut self, metric: &str) -> Self {
        let source = Source {
            metric: metric.to_owned(),
            matching: BTreeMap::new(),
            on: Vec::new(),
            roles: BTreeMap::new(),
            by: None,
        };
        self.evidence.insert(Signal::UserActivity, vec![source]);
        self
    }

    /// The value of the label that plays a role, or `None`.
    pub fn role<'l>(&self, labels: &'l Labels, role: Role) -> Option<&'l str> {
        first(&self.roles, labels, role)
    }

    /// The workload that labels belong to: its own label, else what the pod's name tells.
    pub fn workload<'l>(&self, labels: &'l Labels) -> Option<&'l str> {
        self.role(labels, Role::Workload).or_else(|| self.role(labels, Role::Pod).and_then(workload_of))
    }

    /// The names by which a suspect is known, as far as its labels tell.
    pub fn identities(&self, labels: &Labels) -> Vec<Vec<(Role, String)>> {
        let name = |roles: &Vec<Role>| {
            roles
                .iter()
                .map(|role| Some((*role, self.role(labels, *role)?.to_owned())))
                .collect::<Option<Vec<_>>>()
        };
        self.identity.iter().filter_map(name).collect()
    }

    /// The selector of a memory gauge within a scope. Where a role can have several label names, series that lack
    /// one are let through and must still pass [`Profile::admits`].
    pub fn memory_selector(&self, source: &MemorySource, scope: &Scope) -> Selector {
        let mut selector = Selector::metric(&source.metric);
        for (label, values) in &source.where_not {
            for value in values {
                selector = selector.not_equal(label, value);
            }
        }
        self.scoped(selector, &BTreeMap::new(), scope)
    }

    /// The selector of another metric within a scope.
    pub fn selector(&self, source: &Source, scope: &Scope) -> Selector {
        let mut selector = Selector::metric(&source.metric);
        for (label, value) in &source.matching {
            selector = selector.equal(label, value);
        }
        self.scoped(selector, &source.roles, scope)
    }

    fn scoped(&self, mut selector: Selector, own: &BTreeMap<Role, Vec<String>>, scope: &Scope) -> Selector {
        for (role, selection) in selections(scope) {
            let names = own.get(&role).or_else(|| self.roles.get(&role));
            match names.map(Vec::as_slice) {
                Some([name]) => selector = selector.selected(name, selection),
                // Where the preferred label is there it plays the role, whatever the others say.
                Some([preferred, ..]) => selector = selector.selected_or_absent(preferred, selection),
                Some([]) | None => {}
            }
        }
        selector
    }

    /// The selectors that together find a source's series of one suspect, or of those of `pods` that are like it;
    /// none where it lacks a role. A role other than the pod that several labels can play is left to
    /// [`Profile::key_of_series`].
    pub fn selectors_of(&self, source: &Source, labels: &Labels, pods: &Selection) -> Vec<Selector> {
        let matching = source.matching.iter();
        let base =
            matching.fold(Selector::metric(&source.metric), |base, (name, value)| base.equal(name, value));
        let mut selectors = vec![base];
        for role in &source.on {
            let Some(value) = self.role(labels, *role) else { return Vec::new() };
            let wanted =
                if *role == Role::Pod && !pods.is_any() { pods.clone() } else { Selection::one(value) };
            match source.roles.get(role).or_else(|| self.roles.get(role)).map(Vec::as_slice) {
                Some([name]) => {
                    selectors = selectors.into_iter().map(|one| one.selected(name, &wanted)).collect();
                }
                Some(names) if *role == Role::Pod => {
                    // Where the preferred label is there it plays the role, whatever the others say.
                    let of = |one: &Selector, place: usize| {
                        let absent = names[..place].iter().fold(one.clone(), |one, name| one.equal(name, ""));
                        absent.selected(&names[place], &wanted)
                    };
                    selectors = selectors
                        .iter()
                        .flat_map(|one| (0..names.len()).map(move |place| of(one, place)))
                        .collect();
                }
                Some(_) | None => {}
            }
        }
        selectors
    }

    /// Whether a series is within the scope.
    pub fn admits(&self, labels: &Labels, scope: &Scope) -> bool {
        selections(scope).into_iter().all(|(role, selection)| {
            selection.is_any() || self.role(labels, role).is_some_and(|v| selection.admits(v))
        })
    }

    /// Every label that may play one of the roles by which a source's series belong to suspects.
    pub fn key_labels<'p>(&'p self, source: &'p Source) -> impl Iterator<Item = &'p str> {
        let names = |role| source.roles.get(role).or_else(|| self.roles.get(role));
        source.on.iter().filter_map(names).flatten().map(String::as_str)
    }

    /// What a suspect and the series of a source must have in common, or `None` where the suspect lacks a role.
    pub fn key_of_suspect(&self, source: &Source, labels: &Labels) -> Option<Vec<String>> {
        source.on.iter().map(|role| self.role(labels, *role).map(str::to_owned)).collect()
    }

    /// The same for a series of the source.
    pub fn key_of_series(&self, source: &Source, labels: &Labels) -> Option<Vec<String>> {
        source
            .on
            .iter()
            .map(|role| {
                first(&source.roles, labels, *role)
                    .or_else(|| if source.roles.contains_key(role) { None } else { self.role(labels, *role) })
                    .map(str::to_owned)
            })
            .collect()
    }
}

fn first<'l>(roles: &BTreeMap<Role, Vec<String>>, labels: &'l Labels, role: Role) -> Option<&'l str> {
    roles.get(&role)?.iter().find_map(|name| labels.get(name))
}

/// The selections of a scope that are about series, by role. The workload is left out: it is derived from
/// the pod's name more often than it is a label, so it is judged afterwards.
fn selections(scope: &Scope) -> [(Role, &Selection); 5] {
    [
        (Role::Namespace, &scope.namespace),
        (Role::Pod, &scope.pod),
        (Role::Container, &scope.container),
        (Role::Instance, &scope.instance),
        (Role::Job, &scope.job),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_becomes_matchers_and_a_filter() {
        let profile = &builtin()[0];
        let scope = Scope {
            namespace: Selection::one("shop"),
            pod: Selection::of(vec!["a".to_owned(), "b".to_owned()]),
            ..Scope::default()
        };
        let selector = profile.memory_selector(&profile.memory[0], &scope).to_string();
        assert_eq!(selector, "django_memory_usage_bytes{namespace=~\"shop|\",pod=~\"a|b|\"}");
        let labels = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<Labels>();
        assert!(profile.admits(&labels(&[("kubernetes_namespace", "shop"), ("pod", "a")]), &scope));
        assert!(!profile.admits(&labels(&[("pod", "a")]), &scope), "no namespace at all");
    }

    #[test]
    fn a_suspects_series_are_asked_for_by_whichever_label_names_its_pod() {
        let profile = &builtin()[0];
        let labels: Labels =
            [("namespace", "shop"), ("pod", "web-1"), ("container", "web")].into_iter().collect();
        let written = |pods: &Selection| -> Vec<String> {
            profile
                .selectors_of(&profile.restarts[0], &labels, pods)
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        let metric = &profile.restarts[0].metric;
        let one = [
            format!("{metric}{{exported_pod=\"web-1\"}}"),
            format!("{metric}{{exported_pod=\"\",pod=\"web-1\"}}"),
        ];
        assert_eq!(written(&Selection::default()), one);
        let both = Selection::of(vec!["web-1".to_owned(), "web-2".to_owned()]);
        assert_eq!(written(&both)[1], format!("{metric}{{exported_pod=\"\",pod=~\"web-1|web-2\"}}"));
        let nobody = [("instance", "a:1")].into_iter().collect();
        assert!(profile.selectors_of(&profile.restarts[0], &nobody, &Selection::default()).is_empty());
    }

    #[test]
    fn kube_state_metrics_own_pod_is_not_the_suspect() {
        let profile = &builtin()[0];
        let limit = &profile.limit[0];
        let series: Labels = [
            ("namespace", "shop"),
            ("pod", "kube-state-metrics-0"),
            ("exported_pod", "web-1"),
            ("container", "web"),
        ]
        .into_iter()
        .collect();
        let suspect: Labels =
            [("namespace", "shop"), ("pod", "web-1"), ("container", "web")].into_iter().collect();
        assert_eq!(profile.key_of_series(limit, &series), profile.key_of_suspect(limit, &suspect));
    }
}
