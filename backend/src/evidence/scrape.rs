//! Do the scrapes of a suspect work, and if not, why.

use model::alert::Alert;
use model::evidence::{EvidenceKind, Finding, FindingState};
use model::labels::Labels;

use crate::prometheus::{Client, Target, TargetHealth};
use crate::promql::Selector;
use crate::scan::Suspect;

pub(super) async fn finding(client: &Client, suspect: Option<&Suspect>, alert: Option<&Alert>) -> Finding {
    let labels = alert.map(|alert| &alert.labels).filter(|labels| identifies(labels));
    let Some(labels) = labels.or(suspect.map(|suspect| &suspect.labels)) else {
        return answer(
            FindingState::Unknown,
            "no target is named by the alert or by a suspect",
            &Selector::metric("up"),
        );
    };
    let shared = ["job", "instance", "namespace", "pod"];
    let query = shared.iter().filter_map(|name| Some((*name, labels.get(name)?)));
    let query = query.fold(Selector::metric("up"), |selector, (name, value)| selector.equal(name, value));
    let targets = match client.targets().await {
        Ok(answer) => answer.value,
        Err(error) => {
            return answer(
                FindingState::Unknown,
                format!("the server does not list its targets: {error}"),
                &query,
            );
        }
    };
    let matching: Vec<&Target> = targets.iter().filter(|target| is_of(target, labels)).collect();
    let (state, sentence) = judge(&matching, targets.len());
    answer(state, sentence, &query)
}

fn answer(state: FindingState, sentence: impl Into<String>, query: &Selector) -> Finding {
    super::finding(EvidenceKind::ScrapeHealth, state, sentence, query.to_string())
}

/// Whether labels name a target or a pod rather than just a severity.
fn identifies(labels: &Labels) -> bool {
    ["instance", "pod", "job"].iter().any(|name| labels.get(name).is_some())
}

/// Whether a target has every one of these labels that targets have at all.
fn is_of(target: &Target, labels: &Labels) -> bool {
    let of_target = |name: &str| match name {
        "job" => Some(target.job.as_str()),
        "instance" => Some(target.instance.as_str()),
        _ => target.labels.get(name),
    };
    ["job", "instance", "namespace", "pod"]
        .iter()
        .all(|name| labels.get(name).is_none_or(|wanted| of_target(name).is_none_or(|value| value == wanted)))
}

fn judge(matching: &[&Target], known: usize) -> (FindingState, String) {
    let Some(first) = matching.first() else {
        let sentence =
            format!("none of the server's {known} targets is this one: it has left service discovery");
        return (FindingState::Bad, sentence);
    };
    let down: Vec<_> = matching.iter().filter(|target| target.health == TargetHealth::Down).collect();
    if let Some(target) = down.first() {
        let error = target.last_error.as_str();
        let meaning = if error.contains("401") || error.contains("403") {
            ": the credentials are wrong or missing"
        } else if error.contains("500") {
            ": the application fails to answer, as it does when no credentials are configured in it"
        } else {
            ""
        };
        let sentence = format!(
            "{} of {} scrapes of {} fail, the last with \"{error}\"{meaning}",
            down.len(),
            matching.len(),
            target.instance
        );
        return (FindingState::Bad, sentence);
    }
    if matching.iter().any(|target| target.health == TargetHealth::Unknown) {
        return (FindingState::Unknown, format!("{} has not been scraped yet", first.instance));
    }
    let interval = first.interval_secs.map(|secs| format!(" every {}", model::format::duration(secs)));
    let count = matching.len();
    let what = if count == 1 { format!("{} is", first.instance) } else { format!("all {count} targets are") };
    (FindingState::Ok, format!("{what} scraped without error{}", interval.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(health: TargetHealth, last_error: &str) -> Target {
        Target {
            job: "web".into(),
            instance: "10.0.0.1:8000".into(),
            labels: [("pod", "web-1")].into_iter().collect(),
            scrape_url: String::new(),
            health,
            last_error: last_error.into(),
            last_scrape_ms: None,
            interval_secs: Some(15.0),
        }
    }

    #[test]
    fn refused_and_unconfigured_are_told_apart() {
        let refused = target(TargetHealth::Down, "server returned HTTP status 401 Unauthorized");
        let unconfigured =
            target(TargetHealth::Down, "server returned HTTP status 500 Internal Server Error");
        assert!(judge(&[&refused], 3).1.contains("credentials are wrong or missing"));
        assert!(judge(&[&unconfigured], 3).1.contains("no credentials are configured"));
    }

    #[test]
    fn nothing_known_is_never_fine() {
        assert_eq!(judge(&[], 3).0, FindingState::Bad);
        assert_eq!(judge(&[&target(TargetHealth::Unknown, "")], 1).0, FindingState::Unknown);
        assert_eq!(judge(&[&target(TargetHealth::Up, "")], 1).0, FindingState::Ok);
    }

    #[test]
    fn a_target_belongs_to_labels_it_does_not_contradict() {
        let target = target(TargetHealth::Up, "");
        assert!(is_of(&target, &[("pod", "web-1"), ("container", "web")].into_iter().collect()));
        assert!(!is_of(&target, &[("pod", "web-2")].into_iter().collect()));
    }
}
