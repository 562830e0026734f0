//! Finds and ranks the suspects of a scope: fetch, join what belongs together, judge, each and together, rank.

mod context;
mod fetch;
mod rank;
mod together;

use std::sync::Arc;

use model::detect::{Assessment, Context, assess};
use model::labels::{Labels, Role};
use model::query::Scope;
use model::series::Series;

pub use self::fetch::{ScanError, chosen_profiles};
pub use self::together::judge_together;
use crate::profiles::Profile;
use crate::prometheus::Client;
use crate::settings::Settings;

/// The time a scan looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Its start, seconds since the epoch.
    pub from_secs: f64,
    /// Its end, seconds since the epoch.
    pub to_secs: f64,
}

impl Window {
    /// Its length, at least a second.
    pub fn length_secs(self) -> f64 {
        (self.to_secs - self.from_secs).max(1.0)
    }
}

/// What a scan is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// Every suspect of a scope.
    Scope(Scope),
    /// The one suspect with these labels, its metric among them as `__name__`.
    One(Labels),
}

/// One process or container whose memory was judged.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// Its labels, the metric among them as `__name__`, the label of its views not.
    pub labels: Labels,
    /// The profile that knows it.
    pub profile: Arc<Profile>,
    /// Its memory in bytes, in full resolution.
    pub series: Series,
    /// What was known beside it.
    pub context: Context,
    /// What is concluded.
    pub assessment: Assessment,
}

impl Suspect {
    /// Identifies it across refreshes: its labels as a JSON object with sorted keys.
    pub fn id(&self) -> String {
        serde_json::json!(self.labels).to_string()
    }

    /// The metric that was judged.
    pub fn metric(&self) -> &str {
        self.labels.get("__name__").unwrap_or_default()
    }

    /// The value of the label that plays a role, or the empty string.
    pub fn role(&self, role: Role) -> &str {
        self.profile.role(&self.labels, role).unwrap_or_default()
    }

    /// The workload it belongs to: its label, else what its pod's name tells; `None` where neither does.
    pub fn workload(&self) -> Option<&str> {
        self.profile.workload(&self.labels)
    }

    /// What a person calls it: container and pod, or whatever else names it.
    pub fn name(&self) -> String {
        let (pod, container) = (self.role(Role::Pod), self.role(Role::Container));
        match (pod.is_empty(), container.is_empty()) {
            (false, false) => format!("{container} in {pod}"),
            (false, true) => pod.to_owned(),
            (true, false) => format!("{container} at {}", self.role(Role::Instance)),
            (true, true) => self.role(Role::Instance).to_owned(),
        }
    }

    /// Time and value of its last finite sample.
    pub fn last_sample(&self) -> Option<(f64, f64)> {
        model::report::last_sample(&self.series)
    }
}

/// What a scan found.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// The suspects, most suspicious first.
    pub suspects: Vec<Suspect>,
    /// What could not be read and what the server remarked.
    pub notices: Vec<String>,
    /// The PromQL that was asked for memory.
    pub queries: Vec<String>,
}

/// Fetches, joins, judges and ranks.
pub async fn scan(
    client: &Client,
    settings: &Settings,
    subject: &Subject,
    window: Window,
) -> Result<Scan, ScanError> {
    let fetch::Memory { found, mut notices, queries } =
        fetch::memory(client, settings, subject, window).await?;
    let (contexts, context_notices) = context::of(client, settings, subject, &found, window).await;
    notices.extend(context_notices);

    let judge = move || {
        let mut suspects: Vec<Suspect> = found
            .into_iter()
            .zip(contexts)
            .map(|(found, context)| {
                let assessment = assess(&found.series, &context);
                Suspect {
                    labels: found.labels,
                    profile: found.profile,
                    series: found.series,
                    context,
                    assessment,
                }
            })
            .collect();
        judge_together(&mut suspects);
        suspects.sort_by(rank::most_suspicious_first);
        suspects
    };
    // Judging takes a good part of a millisecond each; other queries must not wait for thousands of them.
    let suspects = tokio::task::spawn_blocking(judge).await.map_err(|_cancelled| ScanError::Interrupted)?;
    Ok(Scan { suspects, notices, queries })
}
