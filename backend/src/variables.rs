//! Values for dashboard variables: namespaces, pods, containers, jobs, instances and alert names.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use http::StatusCode;
use model::labels::Role;
use model::query::{Scope, Selection};
use thiserror::Error;

use crate::prometheus::{Client, PrometheusError, Range};
use crate::scan::{ScanError, chosen_profiles};
use crate::settings::Settings;

/// Values are looked for this far back, so that a pod that has just gone can still be chosen.
const LOOK_BACK_SECS: f64 = 86_400.0;

/// Why there are no values.
#[derive(Debug, Error)]
pub enum VariablesError {
    /// There are no values of that kind.
    #[error(
        "no variable values of kind {kind:?}: ask for namespaces, pods, containers, jobs, instances or alertnames"
    )]
    UnknownKind {
        /// As asked.
        kind: String,
    },
    /// The settings name no usable profile.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The server did not answer.
    #[error(transparent)]
    Prometheus(#[from] PrometheusError),
}

impl VariablesError {
    /// The HTTP status that fits.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::UnknownKind { .. } => StatusCode::NOT_FOUND,
            Self::Scan(_) => StatusCode::BAD_REQUEST,
            Self::Prometheus(_) => StatusCode::BAD_GATEWAY,
        }
    }
}

/// The values of a kind, sorted, among the memory series that the parameters (`namespace`, `pod` ...) narrow down to.
pub async fn values(
    client: &Client,
    settings: &Settings,
    kind: &str,
    params: &[(String, String)],
) -> Result<Vec<String>, VariablesError> {
    let role = match kind {
        "namespaces" => Role::Namespace,
        "pods" => Role::Pod,
        "containers" => Role::Container,
        "jobs" => Role::Job,
        "instances" => Role::Instance,
        "alertnames" => return alert_names(client).await,
        _ => return Err(VariablesError::UnknownKind { kind: kind.to_owned() }),
    };
    let scope = scope(params);
    let now_secs = jiff::Timestamp::now().as_millisecond() as f64 / 1000.0;
    let range = Range { start_secs: now_secs - LOOK_BACK_SECS, end_secs: now_secs, step_secs: 60.0 };
    let profiles = chosen_profiles(settings)?;
    let wanted = profiles.iter().flat_map(|profile| {
        let names = profile.roles.get(&role).into_iter().flatten();
        let selectors: Vec<_> =
            profile.memory.iter().map(|source| profile.memory_selector(source, &scope).to_string()).collect();
        names.map(move |name| (name, selectors.clone()))
    });
    let answers = join_all(
        wanted.map(|(name, selectors)| async move { client.label_values(name, &selectors, range).await }),
    );
    let mut values = BTreeSet::new();
    for answer in answers.await {
        values.extend(answer?.value.into_iter().filter(|value| !value.is_empty()));
    }
    Ok(values.into_iter().collect())
}

/// Names of the server's alerting rules and of what fires without one being listed.
async fn alert_names(client: &Client) -> Result<Vec<String>, VariablesError> {
    let (rules, alerts) = tokio::join!(client.rules(), client.alerts());
    let rules = rules?.value.into_iter().map(|rule| rule.name);
    let alerts = alerts?.value.into_iter().map(|alert| alert.name);
    Ok(rules.chain(alerts).collect::<BTreeSet<_>>().into_iter().collect())
}

fn scope(params: &[(String, String)]) -> Scope {
    // A parameter may be repeated or hold a JSON array, as dashboard variables do.
    let selection = |wanted: &str| {
        let values = params.iter().filter(|(name, _)| name == wanted).flat_map(|(_, value)| {
            serde_json::from_str::<Vec<String>>(value).unwrap_or_else(|_| vec![value.clone()])
        });
        Selection::of(values.collect())
    };
    Scope {
        namespace: selection("namespace"),
        pod: selection("pod"),
        container: selection("container"),
        job: selection("job"),
        instance: selection("instance"),
        ..Scope::default()
    }
}
