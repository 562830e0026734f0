//! How many replicas a suspect's workload has, for commands that change it.

use model::labels::{Labels, Role};
use model::query::Selection;
use model::runbook::workload_of;

use crate::profiles::Signal;
use crate::prometheus::{Client, PrometheusError};
use crate::promql::any_of_these;
use crate::scan::{Suspect, Window};

/// How many there should be, or `None` where no metric tells.
pub async fn replicas(
    client: &Client,
    suspect: &Suspect,
    window: Window,
) -> Result<Option<u32>, PrometheusError> {
    let profile = &suspect.profile;
    let sources = profile.evidence.get(&Signal::Replicas).map(Vec::as_slice).unwrap_or_default();
    let label = profile.roles.get(&Role::Workload).and_then(|names| names.first());
    let named = Some(suspect.role(Role::Workload)).filter(|name| !name.is_empty());
    let derived = workload_of(suspect.role(Role::Pod)).filter(|name| Some(*name) != named);
    for workload in named.into_iter().chain(derived) {
        let mut labels = Labels::clone(&suspect.labels);
        if let Some(label) = label {
            labels.set(label.as_str(), workload);
        }
        for source in sources {
            let selectors = profile.selectors_of(source, &labels, &Selection::default());
            let query = any_of_these(&selectors, |selector| selector.last_over(window.length_secs()));
            if query.is_empty() {
                continue;
            }
            let own = profile.key_of_suspect(source, &labels);
            let samples = client.query(&query, window.to_secs).await?.value;
            let ours = samples.iter().filter(|sample| profile.key_of_series(source, &sample.labels) == own);
            let most =
                ours.map(|sample| sample.value).filter(|value| value.is_finite()).max_by(f64::total_cmp);
            if let Some(most) = most {
                return Ok(Some(most as u32));
            }
        }
    }
    Ok(None)
}
