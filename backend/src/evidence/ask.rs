//! Asks the server what a profile's metrics of evidence say about one suspect.

use std::collections::BTreeMap;

use model::labels::Labels;
use model::query::Selection;
use model::series::Series;

use crate::profiles::{Signal, Source};
use crate::prometheus::{Client, PrometheusError, Range};
use crate::promql::{Selector, any_of_these};
use crate::scan::{Suspect, Window};

/// Why a check has no answer, and what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) reason: String,
    pub(super) query: String,
}

/// Values at the end of the window, summed by the label of their source.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Amounts {
    pub(super) query: String,
    pub(super) by: BTreeMap<String, f64>,
}

impl Amounts {
    pub(super) fn total(&self) -> f64 {
        self.by.values().sum()
    }

    /// Label value and amount, largest first.
    pub(super) fn ranked(&self) -> Vec<(&str, f64)> {
        let mut ranked: Vec<_> = self.by.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked
    }
}

/// One suspect at one server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) client: &'a Client,
    pub(super) suspect: &'a Suspect,
    pub(super) window: Window,
}

impl Ask<'_> {
    /// What an expression around the signal's selectors is at the end of the window.
    pub(super) async fn amounts(
        self,
        signal: Signal,
        expression: impl Fn(&Selector) -> String,
    ) -> Result<Amounts, Unknown> {
        let mut asked = Vec::new();
        for source in self.sources(signal)? {
            let (query, samples) = self.samples(source, &Selection::default(), &expression).await?;
            let mut by = BTreeMap::new();
            for (labels, value) in samples.into_iter().filter(|(labels, _)| self.is_ours(source, labels)) {
                let name = source.by.as_deref().and_then(|label| labels.get(label)).unwrap_or_default();
                *by.entry(name.to_owned()).or_insert(0.0) += value;
            }
            if !by.is_empty() {
                return Ok(Amounts { query, by });
            }
            asked.push((source, query));
        }
        Err(self.no_series(asked))
    }

    /// The label of a marker's series for each of these pods, as `(pod's key, label)`, and the query.
    pub(super) async fn marks(
        self,
        signal: Signal,
        pods: &Selection,
    ) -> Result<(String, Vec<(Vec<String>, String)>), Unknown> {
        let profile = &self.suspect.profile;
        let last = |selector: &Selector| selector.last_over(self.window.length_secs());
        let mut asked = Vec::new();
        for source in self.sources(signal)? {
            let (query, samples) = self.samples(source, pods, &last).await?;
            let mark = |(labels, value): &(Labels, f64)| {
                let mark = labels.get(source.by.as_deref()?)?;
                (*value > 0.0).then_some((profile.key_of_series(source, labels)?, mark.to_owned()))
            };
            let marks: Vec<_> = samples.iter().filter_map(mark).collect();
            if !marks.is_empty() {
                return Ok((query, marks));
            }
            asked.push((source, query));
        }
        Err(self.no_series(asked))
    }

    /// A marker's series over the window at that step, by the label of its source.
    pub(super) async fn course(
        self,
        signal: Signal,
        step_secs: f64,
    ) -> Result<Vec<(String, Series)>, Unknown> {
        let range = Range { start_secs: self.window.from_secs, end_secs: self.window.to_secs, step_secs };
        let last = |selector: &Selector| selector.last_over(step_secs);
        let mut asked = Vec::new();
        for source in self.sources(signal)? {
            let query = self.query(source, &Selection::default(), &last);
            if !query.is_empty() {
                let answer = self.client.query_range(&query, range).await;
                let series = answer.map_err(|error| unreadable(source, &error, &query))?.value;
                let ours = series.into_iter().filter(|one| self.is_ours(source, &one.labels));
                let by = |labels: &Labels| {
                    source.by.as_deref().and_then(|label| labels.get(label)).unwrap_or_default().to_owned()
                };
                let courses: Vec<_> = ours.map(|one| (by(&one.labels), one.series)).collect();
                if !courses.is_empty() {
                    return Ok(courses);
                }
            }
            asked.push((source, query));
        }
        Err(self.no_series(asked))
    }

    /// How much a counter rose in each of so many steps of the window, summed over its series.
    pub(super) async fn increases(
        self,
        signal: Signal,
        steps: usize,
    ) -> Result<(String, Vec<Option<f64>>), Unknown> {
        let step_secs = self.window.length_secs() / steps as f64;
        let start_secs = self.window.from_secs + step_secs;
        let range = Range { start_secs, end_secs: self.window.to_secs, step_secs };
        let increase = |selector: &Selector| selector.applied("increase", step_secs);
        let mut asked = Vec::new();
        for source in self.sources(signal)? {
            let query = self.query(source, &Selection::default(), &increase);
            if query.is_empty() {
                asked.push((source, query));
                continue;
            }
            let answer = self.client.query_range(&query, range).await;
            let series = answer.map_err(|error| unreadable(source, &error, &query))?.value;
            let mut sums: Vec<Option<f64>> = vec![None; steps];
            for one in series.iter().filter(|one| self.is_ours(source, &one.labels)) {
                for (time, value) in one.series.iter().filter(|(_, value)| value.is_finite()) {
                    let place = ((time - start_secs) / step_secs).round();
                    if place >= 0.0 && place < steps as f64 {
                        let sum = &mut sums[place as usize];
                        *sum = Some(sum.unwrap_or(0.0) + value);
                    }
                }
            }
            if sums.iter().any(Option::is_some) {
                return Ok((query, sums));
            }
            asked.push((source, query));
        }
        Err(self.no_series(asked))
    }

    /// Where a signal is measured; of several sources the first that has series is the answer.
    fn sources(&self, signal: Signal) -> Result<&[Source], Unknown> {
        let profile = &self.suspect.profile;
        if let Some(sources @ [_, ..]) = profile.evidence.get(&signal).map(Vec::as_slice) {
            return Ok(sources);
        }
        let reason = format!("no metric of it is known for {}", profile.title);
        Err(Unknown { reason, query: String::new() })
    }

    fn no_series(self, asked: Vec<(&Source, String)>) -> Unknown {
        let names: Vec<_> = asked.iter().map(|(source, _)| source.metric.as_str()).collect();
        let reason = format!("{} has no series of {}", self.suspect.name(), names.join(" or "));
        let query = asked.into_iter().map(|(_, query)| query).find(|query| !query.is_empty());
        Unknown { reason, query: query.unwrap_or_default() }
    }

    /// The query for a source, or nothing where the suspect lacks one of its roles.
    fn query(self, source: &Source, pods: &Selection, expression: &impl Fn(&Selector) -> String) -> String {
        any_of_these(&self.suspect.profile.selectors_of(source, &self.suspect.labels, pods), expression)
    }

    async fn samples(
        self,
        source: &Source,
        pods: &Selection,
        expression: &impl Fn(&Selector) -> String,
    ) -> Result<(String, Vec<(Labels, f64)>), Unknown> {
        let query = self.query(source, pods, expression);
        if query.is_empty() {
            return Ok((query, Vec::new()));
        }
        let answer = self.client.query(&query, self.window.to_secs).await;
        let samples = answer.map_err(|error| unreadable(source, &error, &query))?.value;
        let finite = samples.into_iter().filter(|sample| sample.value.is_finite());
        Ok((query, finite.map(|sample| (sample.labels, sample.value)).collect()))
    }

    fn is_ours(self, source: &Source, labels: &Labels) -> bool {
        let profile = &self.suspect.profile;
        profile.key_of_series(source, labels) == profile.key_of_suspect(source, &self.suspect.labels)
    }
}

fn unreadable(source: &Source, error: &PrometheusError, query: &str) -> Unknown {
    Unknown { reason: format!("{} could not be read: {error}", source.metric), query: query.to_owned() }
}
