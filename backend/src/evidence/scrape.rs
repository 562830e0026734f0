//! Do the scrapes of a suspect work, and if not, why.

use model::alert::Alert;
use model::evidence::{EvidenceKind, Finding, FindingState};
use model::labels::Labels;

use crate::prometheus::{Client, InstantSample, PrometheusError, Target, TargetHealth};
use crate::promql::Selector;
use crate::scan::{Suspect, Window};

/// What a scrape leaves behind wherever its target is listed: whether it worked, and how much it brought.
const UP: &str = "up";
const SAMPLES_SCRAPED: &str = "scrape_samples_scraped";
/// Time within which the last scrape is looked for, seconds.
const RECENT_SECS: f64 = 900.0;
/// Said wherever the server lists no targets.
const NOT_LISTED: &str =
    "the server lists no targets, so that a refusal (401) and a failure (500) cannot be told apart";

pub(super) async fn finding(
    client: &Client,
    suspect: Option<&Suspect>,
    alert: Option<&Alert>,
    window: Window,
) -> Finding {
    let labels = alert.map(|alert| &alert.labels).filter(|labels| identifies(labels));
    let Some(labels) = labels.or(suspect.map(|suspect| &*suspect.labels)) else {
        return answer(
            FindingState::Unknown,
            "no target is named by the alert or by a suspect",
            &Selector::metric(UP),
        );
    };
    let shared = ["job", "instance", "namespace", "pod"];
    let matched: Vec<_> = shared.iter().filter_map(|name| Some((*name, labels.get(name)?))).collect();
    let of = |metric: &str| {
        matched.iter().fold(Selector::metric(metric), |selector, (name, value)| selector.equal(name, value))
    };
    let targets = match client.targets().await {
        Ok(answer) => answer.value,
        // Many servers do not know targets at all; what scrapes leave behind is there all the same.
        Err(_) => Vec::new(),
    };
    let (state, sentence) = if targets.is_empty() {
        let scrapes = of(UP).last_over(RECENT_SECS);
        let brought = of(SAMPLES_SCRAPED).last_over(RECENT_SECS);
        let (scrapes, brought) =
            tokio::join!(client.query(&scrapes, window.to_secs), client.query(&brought, window.to_secs));
        let brought = brought.map(|answer| answer.value).unwrap_or_default();
        fall_back(scrapes.map(|answer| answer.value), &brought)
    } else {
        let matching: Vec<&Target> = targets.iter().filter(|target| is_of(target, labels)).collect();
        judge(&matching, targets.len())
    };
    answer(state, sentence, &of(UP))
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

/// From what the last scrapes left behind.
fn fall_back(
    scrapes: Result<Vec<InstantSample>, PrometheusError>,
    brought: &[InstantSample],
) -> (FindingState, String) {
    let scrapes = match scrapes {
        Ok(scrapes) => scrapes,
        Err(error) => {
            return (
                FindingState::Unknown,
                format!("whether scrapes work is unknown: {error}; {NOT_LISTED}"),
            );
        }
    };
    let recent = model::format::duration(RECENT_SECS);
    let count = scrapes.len();
    let down = scrapes.iter().filter(|scrape| scrape.value <= 0.0).count();
    let samples: f64 = brought.iter().map(|one| one.value).filter(|value| value.is_finite()).sum();
    if count == 0 {
        let sentence = format!(
            "no scrape of it within {recent}: it has left service discovery, or whoever scrapes it reports none; {NOT_LISTED}"
        );
        (FindingState::Unknown, sentence)
    } else if down > 0 {
        (FindingState::Bad, format!("the last scrape fails at {down} of {count} targets; {NOT_LISTED}"))
    } else if !brought.is_empty() && samples <= 0.0 {
        (
            FindingState::Bad,
            format!("the last scrapes of {count} targets worked and brought no samples; {NOT_LISTED}"),
        )
    } else {
        let brought =
            if brought.is_empty() { String::new() } else { format!(" and brought {samples:.0} samples") };
        (FindingState::Ok, format!("the last scrapes of {count} targets worked{brought}; {NOT_LISTED}"))
    }
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
    fn without_targets_the_scrapes_themselves_tell_and_say_what_they_cannot() {
        let sample = |value| InstantSample { labels: Labels::default(), time_secs: 0.0, value };
        let judged = |up: &[f64], brought: &[f64]| {
            let brought: Vec<_> = brought.iter().copied().map(sample).collect();
            fall_back(Ok(up.iter().copied().map(sample).collect()), &brought)
        };
        assert_eq!(judged(&[], &[]).0, FindingState::Unknown);
        assert_eq!(judged(&[1.0, 0.0], &[90.0, 0.0]).0, FindingState::Bad);
        assert_eq!(judged(&[1.0], &[0.0]).0, FindingState::Bad);
        let (state, sentence) = judged(&[1.0], &[90.0]);
        assert_eq!(state, FindingState::Ok);
        assert!(
            sentence.contains("brought 90 samples") && sentence.contains("cannot be told apart"),
            "{sentence}"
        );
    }

    #[test]
    fn a_target_belongs_to_labels_it_does_not_contradict() {
        let target = target(TargetHealth::Up, "");
        assert!(is_of(&target, &[("pod", "web-1"), ("container", "web")].into_iter().collect()));
        assert!(!is_of(&target, &[("pod", "web-2")].into_iter().collect()));
    }
}
