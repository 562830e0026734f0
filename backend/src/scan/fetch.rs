//! Fetches memory series and joins those of one process.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::{join_all, try_join_all};
use model::join::latest_changed;
use model::labels::{Labels, Role};
use model::query::Selection;
use model::series::Series;
use thiserror::Error;

use super::recent::Recent;
use super::shards::{self, What};
use super::{Server, Subject, Window, Windows, windows};
use crate::profiles::{self, MemorySource, Profile};
use crate::prometheus::{Answer, PrometheusError, RangeSeries};
use crate::promql::Selector;
use crate::settings::Settings;

/// Why a scan has no answer.
#[derive(Debug, Clone, Error)]
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

/// Most values of a label in one selector: servers and proxies bound how long a query may be.
const VALUES_PER_QUERY: usize = 200;
/// From so many on they are asked for in two queries at once at least: servers evaluate each on one core, and each answer
/// is decoded on one of ours.
const VALUES_FOR_TWO: usize = 50;

/// A process or container before it is judged.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) labels: Arc<Labels>,
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

/// The profiles among the chosen ones that know the memory of these.
pub(super) fn profiles_of(
    settings: &Settings,
    these: &[Arc<Labels>],
) -> Result<Vec<Arc<Profile>>, ScanError> {
    let mut profiles = chosen_profiles(settings)?;
    profiles.retain(|profile| profile.memory.iter().any(|source| !of_source(source, these).is_empty()));
    Ok(profiles)
}

/// The profiles of what was found.
pub(super) fn profiles_among(found: &[Found]) -> Vec<Arc<Profile>> {
    let mut profiles: Vec<Arc<Profile>> = Vec::new();
    for one in found {
        if profiles.iter().all(|profile| profile.name != one.profile.name) {
            profiles.push(Arc::clone(&one.profile));
        }
    }
    profiles
}

/// How closely memory is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Look<'a> {
    /// The lowest value of each of some fifty windows, of which some may be known.
    Coarse(&'a Windows),
    /// Every sample, of which some may be known.
    ///
    /// Raw samples are asked for, with a range selector, rather than points of a range query: those repeat the
    /// last sample for up to five minutes, which looks like evidence and hides gaps.
    Full(Option<&'a Recent>),
}

/// Everything of the subject whose memory some profile knows, in the order of its labels.
pub(super) async fn memory(
    server: Server<'_>,
    subject: &Subject,
    window: Window,
    look: Look<'_>,
) -> Result<Memory, ScanError> {
    let wanted: Vec<_> = chosen_profiles(server.settings)?
        .into_iter()
        .flat_map(|profile| {
            profile.memory.clone().into_iter().map(move |source| (Arc::clone(&profile), source))
        })
        .map(|(profile, source)| {
            let selectors = selectors(&profile, &source, subject);
            (profile, source, selectors)
        })
        .filter(|(.., selectors)| !selectors.is_empty())
        .collect();
    let answers = join_all(wanted.iter().map(|(profile, source, selectors)| async move {
        let split_by = &split_by(profile);
        if let (Look::Full(Some(recent)), Subject::These(these)) = (look, subject) {
            return recent.samples(server, source, &of_source(source, these), split_by, window).await;
        }
        let asked = selectors.iter().map(|selector| async move {
            match look {
                Look::Full(_) => shards::ask(server.client, selector, split_by, What::Samples, window).await,
                Look::Coarse(known) => coarse(server, known, split_by, source, selector, window).await,
            }
        });
        let answers = try_join_all(asked).await?;
        Ok::<Answer<Vec<RangeSeries>>, PrometheusError>(Answer {
            notices: answers.iter().flat_map(|answer| answer.notices.clone()).collect(),
            value: answers.into_iter().flat_map(|answer| answer.value).collect(),
        })
    }))
    .await;

    let mut memory = Memory { found: Vec::new(), notices: Vec::new(), queries: Vec::new() };
    let mut failures = Vec::new();
    let mut known = BTreeSet::new();
    let these: BTreeSet<&Arc<Labels>> = match subject {
        Subject::Scope(_) => BTreeSet::new(),
        Subject::These(these) => these.iter().collect(),
    };
    let last_seen =
        answers.iter().rposition(|answer| answer.as_ref().is_ok_and(|found| !found.value.is_empty()));
    for (place, ((profile, source, selectors), answer)) in wanted.into_iter().zip(answers).enumerate() {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                failures.push((source.metric, error));
                continue;
            }
        };
        memory.notices.extend(answer.notices);
        if !answer.value.is_empty() {
            memory.queries.extend(selectors.iter().map(|selector| selector.over(window.length_secs())));
        }
        let mut names = Vec::new();
        for (labels, series) in by_process(&source, answer.value) {
            let admitted = match subject {
                Subject::Scope(scope) => profile.admits(&labels, scope),
                Subject::These(_) => these.contains(&labels),
            };
            if !admitted {
                continue;
            }
            // Names are made for comparison only, and often there is but one source that has any series.
            let names_matter = !known.is_empty() || last_seen > Some(place);
            let identities = if names_matter { profile.identities(&labels) } else { Vec::new() };
            if identities.iter().all(|identity| !known.contains(identity)) {
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

/// Labels by whose values a query can be split, the coarsest first.
fn split_by(profile: &Profile) -> Vec<&str> {
    let roles = [Role::Namespace, Role::Job, Role::Pod, Role::Instance];
    roles.iter().filter_map(|role| profile.roles.get(role)).flatten().map(String::as_str).collect()
}

/// The lowest values of windows, recorded ones where there are any.
async fn coarse(
    server: Server<'_>,
    known: &Windows,
    split_by: &[&str],
    source: &MemorySource,
    selector: &Selector,
    window: Window,
) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
    let recorded = server.settings.recorded_metric.as_ref().filter(|_| windows::may_be_recorded(window));
    let mut answer = Answer::default();
    if let Some(name) = recorded {
        let recorded = selector.clone().of_metric(name.replace("${metric}", &source.metric));
        answer = known.minima(server.client, &recorded, &source.metric, split_by, window).await?;
    }
    // A metric that nobody records is read itself.
    if answer.value.is_empty() {
        answer = known.minima(server.client, selector, &source.metric, split_by, window).await?;
    }
    Ok(answer)
}

/// Selectors of a source that between them find everything of the subject, and perhaps more.
fn selectors(profile: &Profile, source: &MemorySource, subject: &Subject) -> Vec<Selector> {
    match subject {
        Subject::Scope(scope) => vec![profile.memory_selector(source, scope)],
        Subject::These(these) => these_selectors(&source.metric, &of_source(source, these)),
    }
}

fn of_source<'a>(source: &MemorySource, these: &'a [Arc<Labels>]) -> Vec<&'a Arc<Labels>> {
    these.iter().filter(|labels| labels.get("__name__") == Some(&*source.metric)).collect()
}

/// What all have in common is required of all; beyond that they are told apart by the label that differs most.
pub(super) fn these_selectors(metric: &str, these: &[&Arc<Labels>]) -> Vec<Selector> {
    let Some(first) = these.first() else { return Vec::new() };
    let mut common = Selector::metric(metric);
    let mut most_varied: Option<(&str, BTreeSet<&str>)> = None;
    for (name, value) in first.iter().filter(|(name, _)| *name != "__name__") {
        let values: BTreeSet<&str> =
            these.iter().map(|labels| labels.get(name).unwrap_or_default()).collect();
        if values.len() == 1 {
            common = common.equal(name, value);
        } else if most_varied.as_ref().is_none_or(|(_, most)| values.len() > most.len()) {
            most_varied = Some((name, values));
        }
    }
    let Some((name, values)) = most_varied else { return vec![common] };
    let values: Vec<String> = values.into_iter().map(str::to_owned).collect();
    let part = |values: &[String]| common.clone().selected(name, &Selection(values.to_vec()));
    let queries =
        values.len().div_ceil(VALUES_PER_QUERY).max(if values.len() < VALUES_FOR_TWO { 1 } else { 2 });
    values.chunks(values.len().div_ceil(queries)).map(part).collect()
}

/// The series of each process, in the order of labels.
pub(crate) fn by_process(source: &MemorySource, series: Vec<RangeSeries>) -> Vec<(Arc<Labels>, Series)> {
    let mut gauges: Vec<(Arc<Labels>, Series)> =
        series.into_iter().map(|one| (source.process_of(one.labels), one.series)).collect();
    // Most answers are in order already, which a sort sees faster than a map.
    gauges.sort_by(|one, other| one.0.cmp(&other.0));
    let mut processes: Vec<(Arc<Labels>, Vec<Series>)> = Vec::new();
    for (labels, series) in gauges {
        match processes.last_mut() {
            Some((last, views)) if *last == labels => views.push(series),
            _ => processes.push((labels, vec![series])),
        }
    }
    processes.into_iter().map(|(labels, views)| (labels, latest_changed(views))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_asked_for_in_queries_of_about_the_same_length() {
        let queries = |pods: usize| {
            let name = |pod: usize| Arc::new([("pod", format!("web-{pod}"))].into_iter().collect());
            let these: Vec<Arc<Labels>> = (0..pods).map(name).collect();
            let selectors = these_selectors("m", &these.iter().collect::<Vec<_>>());
            selectors.iter().map(|one| one.to_string().matches("web-").count()).collect::<Vec<_>>()
        };
        assert_eq!(queries(49), [49]);
        assert_eq!(queries(50), [25, 25]);
        assert_eq!(queries(220), [110, 110]);
        assert_eq!(queries(401), [134, 134, 133]);
    }
}
