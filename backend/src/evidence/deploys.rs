//! What was deployed when, and how each version grew.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::detect::Verdict;
use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;
use model::labels::Role;
use model::query::Selection;
use model::runbook::pod_template_of;

use super::ask::Ask;
use crate::profiles::Signal;
use crate::scan::{Suspect, Window};

/// Most pods whose image is asked for.
const MAX_PODS: usize = 50;
/// A version seen from so early on was there before the range: scrapes are a minute apart at most, and one may be lost.
const SLACK_SECS: f64 = 300.0;
/// Digits of a digest that are enough to know it by.
const DIGEST_DIGITS: usize = 12;

/// What the pods of one version did.
#[derive(Debug, Clone, PartialEq)]
struct Version {
    name: String,
    first_secs: f64,
    last_secs: f64,
    /// Median growth of its pods, bytes per hour, where any could be judged.
    rate: Option<f64>,
    grows: bool,
    is_current: bool,
}

pub(super) async fn finding(ask: Ask<'_>, siblings: &[&Suspect]) -> Finding {
    let Known { query, unread, versions } = known(ask, siblings).await;
    let name = ask.suspect.name();
    let (state, sentence) = if let Some(versions) = versions {
        judge(&name, &versions, ask.suspect.assessment.onset_secs, ask.window)
    } else {
        let why = if unread.is_empty() { "it has no image label".to_owned() } else { unread };
        (FindingState::Unknown, format!("which version {name} runs is unknown: {why}"))
    };
    super::finding(EvidenceKind::Deploys, state, sentence, query)
}

/// When which version came after another, within the window.
pub(super) async fn moments(ask: Ask<'_>, siblings: &[&Suspect]) -> Vec<(f64, String)> {
    let versions = known(ask, siblings).await.versions.unwrap_or_default();
    let came =
        versions.iter().skip(1).filter(|version| version.first_secs > ask.window.from_secs + SLACK_SECS);
    came.map(|version| (version.first_secs, version.name.clone())).collect()
}

/// What is known of the versions.
struct Known {
    query: String,
    /// Why images could not be read, or empty.
    unread: String,
    versions: Option<Vec<Version>>,
}

async fn known(ask: Ask<'_>, siblings: &[&Suspect]) -> Known {
    let pods: Vec<&Suspect> =
        std::iter::once(ask.suspect).chain(siblings.iter().copied()).take(MAX_PODS).collect();
    let names = pods.iter().map(|pod| pod.role(Role::Pod).to_owned());
    let (query, images, unread) = match ask.marks(Signal::Image, &Selection(names.collect())).await {
        Ok((query, images)) => (query, images, String::new()),
        Err(unknown) => (unknown.query, Vec::new(), unknown.reason),
    };
    let images: BTreeMap<_, _> = images.into_iter().collect();
    let image_of = |pod: &Suspect| {
        let source = pod.profile.evidence.get(&Signal::Image)?.first()?;
        images.get(&pod.profile.key_of_suspect(source, &pod.labels)?).map(String::as_str)
    };
    Known { query, unread, versions: versions(&pods, image_of) }
}

/// The versions of these pods, the suspect's (the first pod's) among them, by when they were first seen; `None` where
/// the suspect's is not known.
fn versions<'a>(pods: &[&Suspect], image_of: impl Fn(&Suspect) -> Option<&'a str>) -> Option<Vec<Version>> {
    let key = |pod: &Suspect| {
        let template = pod_template_of(pod.role(Role::Pod)).map(str::to_owned);
        let tag = image_of(pod).map(tag);
        (tag.is_some() || template.is_some()).then_some((tag, template))
    };
    let current = key(pods.first()?)?;
    let mut by_key: BTreeMap<_, Vec<&Suspect>> = BTreeMap::new();
    for pod in pods {
        if let Some(key) = key(pod) {
            by_key.entry(key).or_default().push(pod);
        }
    }
    let tags: Vec<_> = by_key.keys().map(|(tag, _)| tag.clone()).collect();
    let mut versions: Vec<Version> = by_key
        .iter()
        .map(|((tag, template), pods)| {
            // One image in two templates: something else was changed.
            let shared = tags.iter().filter(|other| *other == tag).count() > 1;
            let name = match (tag, template) {
                (Some(tag), Some(template)) if shared => format!("{tag} (pod template {template})"),
                (Some(tag), _) => tag.clone(),
                (None, template) => format!("pod template {}", template.as_deref().unwrap_or_default()),
            };
            let times = || pods.iter().flat_map(|pod| pod.series.times_secs.iter().copied());
            let mut rates: Vec<f64> = pods
                .iter()
                .filter(|pod| pod.assessment.verdict != Verdict::Insufficient)
                .filter_map(|pod| Some(pod.assessment.rate_bytes_per_hour?.mid))
                .collect();
            rates.sort_by(f64::total_cmp);
            Version {
                name,
                first_secs: times().fold(f64::INFINITY, f64::min),
                last_secs: times().fold(f64::NEG_INFINITY, f64::max),
                rate: rates.get(rates.len() / 2).copied(),
                grows: pods.iter().any(|pod| pod.assessment.verdict.grows()),
                is_current: (tag.clone(), template.clone()) == current,
            }
        })
        .collect();
    versions.sort_by(|a, b| a.first_secs.total_cmp(&b.first_secs));
    Some(versions)
}

/// The version an image's name tells: its tag, or the beginning of its digest.
fn tag(image: &str) -> String {
    if let Some((_, digest)) = image.rsplit_once("@sha256:") {
        return format!("sha256:{}", digest.chars().take(DIGEST_DIGITS).collect::<String>());
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    last.rsplit_once(':').map_or("latest", |(_, tag)| tag).to_owned()
}

fn judge(
    name: &str,
    versions: &[Version],
    onset_secs: Option<f64>,
    window: Window,
) -> (FindingState, String) {
    let Some(place) = versions.iter().position(|version| version.is_current) else {
        return (FindingState::Unknown, format!("which version {name} runs is unknown"));
    };
    let current = &versions[place];
    let deployed = (current.first_secs > window.from_secs + SLACK_SECS).then_some(current.first_secs);
    let range = format::duration(window.length_secs());
    let growth = |version: &Version| {
        version.rate.map_or("grew by an unknown rate".to_owned(), |rate| {
            format!("grew by {}", format::bytes_per_hour(rate))
        })
    };
    let Some(deployed_secs) = deployed else {
        let sentence =
            format!("no deploy of {name} in the last {range}: it has run {} throughout", current.name);
        return (FindingState::Ok, sentence);
    };
    let deployed = clock(deployed_secs);
    let Some(before) = versions[..place].last() else {
        let sentence = format!(
            "{name} runs {} and was first seen {deployed}; what ran before is not in the time range",
            current.name
        );
        return (if current.grows { FindingState::Attention } else { FindingState::Unknown }, sentence);
    };
    let span = format::duration(before.last_secs - before.first_secs);
    let cur = &current.name;
    match (current.grows, before.grows, before.rate) {
        (true, _, None) => (
            FindingState::Attention,
            format!(
                "version {cur}, deployed {deployed}, {}; {span} of {} are too few to compare",
                growth(current),
                before.name
            ),
        ),
        (true, false, Some(_)) => {
            let after = onset_secs
                .filter(|onset| *onset > deployed_secs + SLACK_SECS)
                .map(|onset| format!(", {} after it", format::duration(onset - deployed_secs)));
            (
                FindingState::Attention,
                format!(
                    "growth began with {cur}{}, deployed {deployed}: it {}; {} was flat for {span}",
                    after.unwrap_or_default(),
                    growth(current),
                    before.name
                ),
            )
        }
        (true, true, Some(_)) => (
            FindingState::Attention,
            format!(
                "growth did not begin with {cur}, deployed {deployed}: it {}, and {} {} before, over {span}",
                growth(current),
                before.name,
                growth(before)
            ),
        ),
        (false, ..) => (
            FindingState::Ok,
            format!("version {cur} was deployed {deployed} after {} and does not grow", before.name),
        ),
    }
}

fn clock(secs: f64) -> String {
    Timestamp::from_second(secs as i64).map_or_else(
        |_| "at an unknown time".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Window = Window { from_secs: 1_790_000_000.0, to_secs: 1_790_086_400.0 };

    fn version(name: &str, first: f64, last: f64, mib: f64, is_current: bool) -> Version {
        Version {
            name: name.to_owned(),
            first_secs: DAY.from_secs + first * 3600.0,
            last_secs: DAY.from_secs + last * 3600.0,
            rate: Some(mib * 1_048_576.0),
            grows: mib > 5.0,
            is_current,
        }
    }

    #[test]
    fn growth_that_began_with_a_version_is_its() {
        let versions = [version("1.41", 0.0, 18.0, 0.1, false), version("1.42", 18.0, 24.0, 22.0, true)];
        let (state, sentence) = judge("web", &versions, None, DAY);
        assert_eq!(state, FindingState::Attention);
        assert_eq!(
            sentence,
            "growth began with 1.42, deployed 2026-09-22 08:13 UTC: it grew by 22 MiB/h; 1.41 was flat for 18 h"
        );
    }

    #[test]
    fn growth_that_was_there_before_is_not() {
        let versions = [version("1.41", 0.0, 18.0, 20.0, false), version("1.42", 18.0, 24.0, 22.0, true)];
        assert!(judge("web", &versions, None, DAY).1.starts_with("growth did not begin with 1.42"));
        let (state, sentence) = judge("web", &[version("1.42", 0.0, 24.0, 22.0, true)], None, DAY);
        assert_eq!(
            (state, sentence.as_str()),
            (FindingState::Ok, "no deploy of web in the last 1 d: it has run 1.42 throughout")
        );
        let alone = [version("1.42", 3.0, 24.0, 22.0, true)];
        assert!(judge("web", &alone, None, DAY).1.contains("what ran before is not in the time range"));
    }

    #[test]
    fn versions_are_tags_or_digests() {
        assert_eq!(tag("registry.example.org:5000/shop/web:1.42.0"), "1.42.0");
        assert_eq!(tag("registry.example.org:5000/shop/web"), "latest");
        assert_eq!(tag("web@sha256:0123456789abcdef0123"), "sha256:0123456789ab");
    }
}
