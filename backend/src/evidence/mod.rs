//! Answers to the checks of a runbook, each a finding in one sentence with its figures.

mod growth;
mod restarts;
mod scrape;
mod usage;

use model::alert::Alert;
use model::evidence::{EvidenceKind, Finding, FindingState};

use crate::prometheus::Client;
use crate::scan::{Suspect, Window};
use crate::settings::Settings;

/// Everything known about one suspect and the alert that led to it. Either may be missing; what then cannot be
/// told is said to be unknown.
pub async fn findings(
    client: &Client,
    settings: &Settings,
    suspect: Option<&Suspect>,
    alert: Option<&Alert>,
    window: Window,
) -> Vec<Finding> {
    let scrape = scrape::finding(client, suspect, alert).await;
    vec![
        growth::finding(suspect, window),
        usage::finding(suspect, &settings.thresholds),
        restarts::finding(suspect, window),
        scrape,
    ]
}

fn finding(
    kind: EvidenceKind,
    state: FindingState,
    sentence: impl Into<String>,
    query: impl Into<String>,
) -> Finding {
    Finding { kind, state, sentence: sentence.into(), query: query.into() }
}

/// The finding of a check that needs a suspect where there is none.
fn without_suspect(kind: EvidenceKind) -> Finding {
    finding(kind, FindingState::Unknown, "no memory metric of this alert's subject is in the time range", "")
}
