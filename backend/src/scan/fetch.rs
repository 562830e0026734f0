//! Fetches memory series and joins those of one process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::join_all;
use model::join::latest_changed;
use model::labels::Labels;
use model::series::Series;
use thiserror::Error;

use super::{Subject, Window};
use crate::profiles::{self, MemorySource, Profile};
use crate::prometheus::{Client, PrometheusError, RangeSeries};
use crate::promql::Selector;
use crate::settings::Settings;

/// Why a scan has no answer.
#[derive(Debug, Error)]
pub enum ScanError {
    /// The settings name a profile that does not exist.
    #[error("there is no profile {name:?}: set one of auto, {known}")]
    UnknownProfile {
        /// As set.
        name: String,
        /// Those there are.
        known: String,
    },
    /// A `history` query names a suspect by something that is no label set.
    #[error("the suspect {id:?} is not a label set: take the `id` of a suspects row")]
    NoSuchSuspect {
        /// As asked.
        id: String,
    },
    /// The server did not answer.
    #[error(transparent)]
    Prometheus(#[from] PrometheusError),
    /// The process is shutting down.
    #[error("judging was interrupted: ask again")]
    Interrupted,
}

/// A process or container before it is judged.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) labels: Labels,
    pub(super) profile: Arc<Profile>,
    pub(super) series: Series,
}

/// What there is to judge.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) found: Vec<Found>,
    pub(super) notices: Vec<String>,
    pub(super) queries: Vec<String>,
}

/// The profiles the settings choose.
pub fn chosen_profiles(settings: &Settings) -> Result<Vec<Arc<Profile>>, ScanError> {
    let all = profiles::builtin();
    let known = all.iter().map(|profile| profile.name.as_str()).collect::<Vec<_>>().join(", ");
    let chosen: Vec<_> = all
        .into_iter()
        .filter(|profile| settings.profile == "auto" || profile.name == settings.profile)
        .map(|profile| match &settings.user_activity_metric {
            Some(metric) => profile.with_user_activity(metric),
            None => profile,
        })
        .map(Arc::new)
        .collect();
    if chosen.is_empty() {
        return Err(ScanError::UnknownProfile { name: settings.profile.clone(), known });
    }
    Ok(chosen)
}

/// Everything of the subject whose memory some profile knows, in the order of its labels.
///
/// Raw samples are asked for, with a range selector, rather than points of a range query: those repeat the
/// last sample for up to five minutes, which looks like evidence and hides gaps.
pub(super) async fn memory(
    client: &Client,
    settings: &Settings,
    subject: &Subject,
    window: Window,
) -> Result<Memory, ScanError> {
    let wanted: Vec<_> = chosen_profiles(settings)?
        .into_iter()
        .flat_map(|profile| {
            profile.memory.clone().into_iter().map(move |source| (Arc::clone(&profile), source))
        })
        .filter_map(|(profile, source)| {
            let selector = selector(&profile, &source, subject)?;
            Some((profile, source, selector.over(window.length_secs())))
        })
        .collect();
    let answers = join_all(wanted.iter().map(|(_, _, query)| client.samples(query, window.to_secs))).await;

    let mut memory = Memory { found: Vec::new(), notices: Vec::new(), queries: Vec::new() };
    let mut failures = Vec::new();
    let mut known = BTreeSet::new();
    for ((profile, source, query), answer) in wanted.into_iter().zip(answers) {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                failures.push((source.metric, error));
                continue;
            }
        };
        memory.notices.extend(answer.notices);
        if !answer.value.is_empty() {
            memory.queries.push(query);
        }
        let mut names = Vec::new();
        for (labels, series) in by_process(&source, answer.value) {
            let admitted = match subject {
                Subject::Scope(scope) => profile.admits(&labels, scope),
                Subject::One(one) => &labels == one,
            };
            let identities = profile.identities(&labels);
            if admitted && identities.iter().all(|identity| !known.contains(identity)) {
                names.extend(identities);
                memory.found.push(Found { labels, profile: Arc::clone(&profile), series });
            }
        }
        // Only after the whole profile: its own suspects may share a name (two metrics' worth of one target).
        known.extend(names);
    }
    // With nothing read at all the failure is the answer; else it is a remark.
    let nothing_read = memory.queries.is_empty();
    for (metric, error) in failures {
        if nothing_read {
            return Err(error.into());
        }
        memory.notices.push(format!("{metric} could not be read: {error}"));
    }
    Ok(memory)
}

fn selector(profile: &Profile, source: &MemorySource, subject: &Subject) -> Option<Selector> {
    match subject {
        Subject::Scope(scope) => Some(profile.memory_selector(source, scope)),
        Subject::One(labels) => (labels.get("__name__") == Some(&source.metric)).then(|| {
            let others = labels.0.iter().filter(|(name, _)| *name != "__name__");
            others
                .fold(Selector::metric(&source.metric), |selector, (name, value)| selector.equal(name, value))
        }),
    }
}

fn by_process(source: &MemorySource, series: Vec<RangeSeries>) -> BTreeMap<Labels, Series> {
    let mut views: BTreeMap<Labels, Vec<Series>> = BTreeMap::new();
    for RangeSeries { mut labels, series } in series {
        if let Some(view) = &source.view {
            labels.0.remove(view);
        }
        views.entry(labels).or_default().push(series);
    }
    views.into_iter().map(|(labels, gauges)| (labels, latest_changed(&gauges))).collect()
}
