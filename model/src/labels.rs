//! Label sets, and the roles that labels play.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A label set, sorted by name. Values are untrusted text.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Labels(pub BTreeMap<String, String>);

impl Labels {
    /// The value of a label, or `None` where it is absent or empty (Prometheus does not tell them apart).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut labels = BTreeMap::new();
        labels.extend(pairs.into_iter().map(|(name, value)| (name.into(), value.into())));
        Self(labels)
    }
}

/// What a label says about where a series comes from. Which label plays which role is a profile's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Kubernetes namespace.
    Namespace,
    /// Pod name.
    Pod,
    /// Container name.
    Container,
    /// Deployment, stateful set or whatever owns the pod.
    Workload,
    /// The scraped target, `host:port`.
    Instance,
    /// The scrape job.
    Job,
}
