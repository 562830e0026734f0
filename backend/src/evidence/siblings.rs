//! The other replicas of the workload, and which suspects those are.

use model::detect::Verdict;
use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;
use model::labels::Role;

use super::growth;
use crate::scan::Suspect;

/// The same container of the same workload in other pods, those that have gone since included.
pub(super) fn of<'a>(suspect: &Suspect, all: &'a [Suspect]) -> Vec<&'a Suspect> {
    let Some(owner) = suspect.workload() else { return Vec::new() };
    let same = |role| move |other: &&Suspect| other.role(role) == suspect.role(role);
    all.iter()
        .filter(|other| other.workload() == Some(owner) && other.role(Role::Pod) != suspect.role(Role::Pod))
        .filter(same(Role::Namespace))
        .filter(same(Role::Container))
        .filter(|other| other.metric() == suspect.metric())
        .collect()
}

/// Whether its floor grows without an end in sight.
pub(super) fn grows(suspect: &Suspect) -> bool {
    matches!(suspect.assessment.verdict, Verdict::Leak | Verdict::Suspect | Verdict::Growing)
}

pub(super) fn finding(suspect: &Suspect, siblings: &[&Suspect]) -> Finding {
    let name = suspect.name();
    let told: Vec<&&Suspect> =
        siblings.iter().filter(|one| one.assessment.verdict != Verdict::Insufficient).collect();
    let rates: Vec<f64> = told
        .iter()
        .filter(|one| grows(one))
        .filter_map(|one| Some(one.assessment.rate_bytes_per_hour?.mid))
        .collect();
    let (state, sentence) = if suspect.workload().is_none() {
        (
            FindingState::Unknown,
            format!("which workload {name} belongs to is told by no label and not by its pod's name"),
        )
    } else if told.is_empty() {
        let young = if siblings.is_empty() { "" } else { " with enough samples" };
        (
            FindingState::Unknown,
            format!(
                "the selection and time range hold no other replica of {name}{young}: widen the dashboard's variables to compare"
            ),
        )
    } else {
        judge(&name, grows(suspect), told.len(), &rates)
    };
    super::finding(EvidenceKind::Siblings, state, sentence, growth::selector(suspect).to_string())
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
