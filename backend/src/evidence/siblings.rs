//! The other replicas of the workload, and which suspects those are.

use std::collections::BTreeSet;

use model::detect::Verdict;
use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;
use model::labels::Role;
use model::query::{Scope, Selection};

use crate::prometheus::Client;
use crate::scan::{Server, Subject, Suspect, Window, in_full};
use crate::settings::Settings;

/// Most pods that are asked for: their samples come in full.
const MAX_ASKED: usize = 50;

/// The same container of the same workload in other pods, those that have gone since included.
pub(super) fn of<'a>(suspect: &Suspect, all: impl IntoIterator<Item = &'a Suspect>) -> Vec<&'a Suspect> {
    let Some(owner) = suspect.workload() else { return Vec::new() };
    let same = |role| move |other: &&Suspect| other.role(role) == suspect.role(role);
    all.into_iter()
        .filter(|other| other.workload() == Some(owner) && other.role(Role::Pod) != suspect.role(Role::Pod))
        .filter(same(Role::Namespace))
        .filter(same(Role::Container))
        .filter(|other| other.metric() == suspect.metric())
        .collect()
}

/// The same, asked for: a selection that names one pod holds no other. Only the profile that knows the suspect is asked.
pub(super) async fn asked_for(
    client: &Client,
    settings: &Settings,
    suspect: &Suspect,
    window: Window,
) -> Result<Vec<Suspect>, String> {
    let profile = &suspect.profile;
    let source = profile.memory.iter().find(|source| source.metric == suspect.metric());
    let (Some(owner), Some(source)) = (suspect.workload(), source) else { return Ok(Vec::new()) };
    let selected = |role| match suspect.role(role) {
        "" => Selection::default(),
        value => Selection::one(value),
    };
    let scope = Scope {
        namespace: selected(Role::Namespace),
        container: selected(Role::Container),
        ..Scope::default()
    };
    let query = profile.memory_selector(source, &scope).last_over(window.length_secs());
    let answer = client.query(&query, window.to_secs).await.map_err(|error| error.to_string())?;
    let pods: BTreeSet<String> = answer
        .value
        .iter()
        .filter(|sample| profile.admits(&sample.labels, &scope))
        .filter(|sample| profile.workload(&sample.labels) == Some(owner))
        .filter_map(|sample| profile.role(&sample.labels, Role::Pod))
        .filter(|pod| *pod != suspect.role(Role::Pod))
        .map(str::to_owned)
        .collect();
    if pods.is_empty() {
        return Ok(Vec::new());
    }
    let scope = Scope { pod: Selection(pods.into_iter().take(MAX_ASKED).collect()), ..scope };
    let settings = Settings { profile: profile.name.clone(), ..settings.clone() };
    let server = Server { client, settings: &settings };
    let found = in_full(server, &Subject::Scope(scope), window).await;
    found.map(|found| found.suspects).map_err(|error| error.to_string())
}

pub(super) fn finding(suspect: &Suspect, siblings: &[&Suspect], unread: Option<&str>) -> Finding {
    let name = suspect.name();
    let told: Vec<&&Suspect> =
        siblings.iter().filter(|one| one.assessment.verdict != Verdict::Insufficient).collect();
    let rates: Vec<f64> = told
        .iter()
        .filter(|one| one.assessment.verdict.grows())
        .filter_map(|one| Some(one.assessment.rate_bytes_per_hour?.mid))
        .collect();
    let (state, sentence) = if suspect.workload().is_none() {
        (
            FindingState::Unknown,
            format!("which workload {name} belongs to is told by no label and not by its pod's name"),
        )
    } else if let Some(error) = unread {
        (FindingState::Unknown, format!("whether other replicas of {name} grow is unknown: {error}"))
    } else if told.is_empty() {
        let young = if siblings.is_empty() { "" } else { " with enough samples" };
        (FindingState::Unknown, format!("the time range holds no other replica of {name}{young}"))
    } else {
        judge(&name, suspect.assessment.verdict.grows(), told.len(), &rates)
    };
    super::finding(EvidenceKind::Siblings, state, sentence, suspect.selector().to_string())
}

/// From how many other replicas there are and the rates of those that grow.
fn judge(name: &str, grows: bool, others: usize, rates: &[f64]) -> (FindingState, String) {
    let low = rates.iter().copied().fold(f64::INFINITY, f64::min);
    let high = rates.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = if rates.len() < 2 {
        format::bytes_per_hour(low)
    } else {
        format!("{} to {}", format::bytes_per_hour(low), format::bytes_per_hour(high))
    };
    let noun =
        if others == 1 { "the other replica".to_owned() } else { format!("all {others} other replicas") };
    match (grows, rates.len()) {
        (true, 0) => {
            let (none, verb) = if others == 1 {
                ("the other replica".to_owned(), "does")
            } else {
                (format!("the {others} other replicas"), "do")
            };
            (
                FindingState::Attention,
                format!("{name} grows alone: {none} {verb} not; look at what only this one did"),
            )
        }
        (true, growing) if growing == others => {
            let verb = if others == 1 { "grows" } else { "grow" };
            (
                FindingState::Attention,
                format!(
                    "{noun} of {name} {verb} as well, by {span}: it comes with the code or the load, not with this pod"
                ),
            )
        }
        (_, 0) => (
            FindingState::Ok,
            format!(
                "neither {name} nor {} of it grows",
                if others == 1 {
                    "the other replica".to_owned()
                } else {
                    format!("any of the {others} other replicas")
                }
            ),
        ),
        (_, growing) => {
            let itself = if grows { "grows" } else { "does not grow" };
            (
                FindingState::Attention,
                format!("{name} {itself}; {growing} of {others} other replicas grow, by {span}"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alone_and_alike_are_told_apart() {
        let mib = 1_048_576.0;
        assert!(judge("web", true, 3, &[]).1.contains("grows alone: the 3 other replicas do not"));
        let (state, sentence) = judge("web", true, 2, &[20.0 * mib, 24.0 * mib]);
        assert_eq!(state, FindingState::Attention);
        assert!(
            sentence.contains("all 2 other replicas of web grow as well, by 20 MiB/h to 24 MiB/h"),
            "{sentence}"
        );
        assert!(judge("web", true, 3, &[20.0 * mib]).1.contains("1 of 3 other replicas grow, by 20 MiB/h"));
        assert_eq!(judge("web", false, 3, &[]).0, FindingState::Ok);
    }
}
