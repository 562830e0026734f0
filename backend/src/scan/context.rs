//! What is known beside the samples: restarts, limits and the request rate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::join_all;
use model::detect::Context;
use model::labels::{Labels, Role};
use model::query::{Scope, Selection};
use model::series::Series;

use super::fetch::Found;
use super::{Subject, Window};
use crate::profiles::{Profile, Signal, Source};
use crate::prometheus::{Client, Range};
use crate::promql::sum_by;
use crate::settings::Settings;

/// Series of one source by what they share with suspects.
type ByKey = BTreeMap<Vec<String>, Vec<Series>>;

#[derive(Debug, Clone, Copy)]
enum Part {
    StartTime,
    Restarts,
    Limit,
    Requests,
}

/// Steps in which requests are counted: twice as fine as the floor is read.
const REQUEST_STEPS: f64 = 96.0;
/// Shortest of them, seconds: a minute holds few scrapes, and a counter's increase needs two.
const MIN_REQUEST_STEP_SECS: f64 = 120.0;

/// What was read beside the samples.
#[derive(Debug)]
pub(super) struct Beside {
    sources: Vec<(Arc<Profile>, Part, Source, ByKey)>,
    /// What could not be read, and what the server remarked.
    pub(super) notices: Vec<String>,
}

/// Reads what some profiles know beside the samples of a subject.
pub(super) async fn read(
    client: &Client,
    subject: &Subject,
    profiles: &[Arc<Profile>],
    window: Window,
) -> Beside {
    let wanted: Vec<_> = profiles
        .iter()
        .flat_map(|profile| {
            let part = |part, sources: &'_ [Source]| sources.iter().map(move |_| part).collect::<Vec<_>>();
            let requests = profile.evidence.get(&Signal::Requests).map_or(&[][..], Vec::as_slice);
            let parts = [
                part(Part::StartTime, &profile.start_time),
                part(Part::Restarts, &profile.restarts),
                part(Part::Limit, &profile.limit),
                part(Part::Requests, requests),
            ];
            let sources =
                profile.start_time.iter().chain(&profile.restarts).chain(&profile.limit).chain(requests);
            sources.zip(parts.concat()).map(move |(source, part)| (profile, part, source))
        })
        .collect();
    let answers = join_all(wanted.iter().map(|&(profile, part, source)| {
        let selector = profile.selector(source, &scope_of(profile, subject));
        // Of a limit the last value is enough, also of a pod that has gone; restarts need every sample.
        let query = match part {
            Part::Limit => selector.last_over(window.length_secs()),
            Part::StartTime | Part::Restarts => selector.over(window.length_secs()),
            Part::Requests => {
                sum_by(profile.key_labels(source), &selector.applied("increase", request_step_secs(window)))
            }
        };
        async move { fetch(client, profile, part, source, &query, window).await }
    }))
    .await;

    let mut beside = Beside { sources: Vec::new(), notices: Vec::new() };
    for ((profile, part, source), answer) in wanted.into_iter().zip(answers) {
        match answer {
            Ok((by_key, remarks)) => {
                beside.notices.extend(remarks);
                beside.sources.push((Arc::clone(profile), part, source.clone(), by_key));
            }
            Err(error) => beside.notices.push(format!("{} could not be read: {error}", source.metric)),
        }
    }
    beside
}

impl Beside {
    /// The context of each suspect, in their order.
    pub(super) fn of(&self, found: &[Found], settings: &Settings) -> Vec<Arc<Context>> {
        found.iter().map(|one| Arc::new(context(one, &self.sources, settings))).collect()
    }
}

async fn fetch(
    client: &Client,
    profile: &Profile,
    part: Part,
    source: &Source,
    query: &str,
    window: Window,
) -> Result<(ByKey, Vec<String>), crate::prometheus::PrometheusError> {
    let mut by_key = ByKey::new();
    let mut add = |labels: &Labels, series: Series| {
        if let Some(key) = profile.key_of_series(source, labels) {
            by_key.entry(key).or_default().push(series);
        }
    };
    let notices = match part {
        Part::Limit => {
            let answer = client.query(query, window.to_secs).await?;
            for sample in answer.value {
                add(&sample.labels, Series::new(vec![sample.time_secs], vec![sample.value]));
            }
            answer.notices
        }
        Part::Requests => {
            let step_secs = request_step_secs(window);
            let range =
                Range { start_secs: window.from_secs + step_secs, end_secs: window.to_secs, step_secs };
            let answer = client.query_range(query, range).await?;
            for one in answer.value {
                add(&one.labels, a_second(&one.series, step_secs));
            }
            answer.notices
        }
        Part::StartTime | Part::Restarts => {
            let answer = client.samples(query, window.to_secs).await?;
            for one in answer.value {
                add(&one.labels, one.series);
            }
            answer.notices
        }
    };
    Ok((by_key, notices))
}

fn context(found: &Found, sources: &[(Arc<Profile>, Part, Source, ByKey)], settings: &Settings) -> Context {
    let mut context = Context { thresholds: settings.thresholds.clone(), ..Context::default() };
    let mut counted: Option<Vec<f64>> = None;
    for (profile, part, source, by_key) in sources {
        if profile.name != found.profile.name {
            continue;
        }
        let key = found.profile.key_of_suspect(source, &found.labels);
        let Some(series) = key.and_then(|key| by_key.get(&key)) else { continue };
        match part {
            Part::StartTime => context.restarts_secs = Some(starts(series, &found.series)),
            Part::Restarts => counted = Some(increments(series)),
            Part::Limit => context.limit_bytes = context.limit_bytes.or_else(|| positive(series)),
            // Two series of one target count the same requests by labels that say the same.
            Part::Requests => context.request_rate = context.request_rate.or_else(|| series.first().cloned()),
        }
    }
    // Start times are exact; counters only tell between which scrapes it happened.
    context.restarts_secs = context.restarts_secs.or(counted);
    context
}

fn request_step_secs(window: Window) -> f64 {
    (window.length_secs() / REQUEST_STEPS).max(MIN_REQUEST_STEP_SECS)
}

/// What came in each step as a rate, at the middle of the step.
fn a_second(increases: &Series, step_secs: f64) -> Series {
    let (times, rates) =
        increases.iter().map(|(time, amount)| (time - step_secs / 2.0, amount / step_secs)).unzip();
    Series::new(times, rates)
}

/// Start times after the first sample: those are restarts.
fn starts(series: &[Series], memory: &Series) -> Vec<f64> {
    let first = memory.times_secs.iter().copied().fold(f64::INFINITY, f64::min);
    let last = memory.times_secs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut starts: Vec<f64> = series.iter().flat_map(|series| series.values.iter().copied()).collect();
    starts.retain(|start| *start > first && *start <= last);
    starts.sort_by(f64::total_cmp);
    // A start is often computed anew at each scrape and wanders by a clock tick.
    starts.dedup_by(|a, b| (*a - *b).abs() < 1.0);
    starts
}

/// Times at which a counter had risen.
fn increments(series: &[Series]) -> Vec<f64> {
    let mut times = Vec::new();
    for one in series {
        let mut samples: Vec<_> = one.iter().filter(|(_, value)| value.is_finite()).collect();
        samples.sort_by(|a, b| a.0.total_cmp(&b.0));
        times.extend(samples.windows(2).filter(|pair| pair[1].1 > pair[0].1).map(|pair| pair[1].0));
    }
    times.sort_by(f64::total_cmp);
    times
}

/// The highest positive value; a limit of 0 means there is none.
fn positive(series: &[Series]) -> Option<f64> {
    let values = series.iter().flat_map(|series| series.values.iter().copied());
    values.filter(|value| value.is_finite() && *value > 0.0).max_by(f64::total_cmp)
}

/// A scope that holds the subject: the namespaces and pods of all its suspects, where all have one.
fn scope_of(profile: &Profile, subject: &Subject) -> Scope {
    let these = match subject {
        Subject::Scope(scope) => return scope.clone(),
        Subject::These(these) => these,
    };
    let selection = |role| {
        let values: Option<BTreeSet<&str>> = these.iter().map(|labels| profile.role(labels, role)).collect();
        Selection(values.unwrap_or_default().into_iter().map(str::to_owned).collect())
    };
    Scope { namespace: selection(Role::Namespace), pod: selection(Role::Pod), ..Scope::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_before_the_first_sample_is_no_restart() {
        let memory = Series::new(vec![100.0, 200.0, 300.0], vec![1.0; 3]);
        let start = Series::new(vec![100.0, 200.0, 300.0], vec![90.0, 150.2, 150.9]);
        assert_eq!(starts(&[start], &memory), [150.2]);
    }

    #[test]
    fn what_came_in_a_step_is_a_rate_at_its_middle() {
        let increases = Series::new(vec![240.0, 360.0], vec![1200.0, 600.0]);
        assert_eq!(a_second(&increases, 120.0), Series::new(vec![180.0, 300.0], vec![10.0, 5.0]));
    }

    #[test]
    fn counters_tell_when_they_rose_and_not_when_they_were_reset() {
        let counter = Series::new(vec![1.0, 2.0, 3.0, 4.0], vec![4.0, 5.0, 0.0, 1.0]);
        assert_eq!(increments(&[counter]), [2.0, 4.0]);
    }
}
