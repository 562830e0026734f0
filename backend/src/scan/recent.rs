//! The samples of what was looked at in full, so that the next look asks for the newest alone.
//!
//! They are kept by the labels of a process, not by what was asked: which processes are the worst changes from look to
//! look.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures_util::future::{try_join, try_join_all};
use model::labels::Labels;

use super::fetch::these_selectors;
use super::shards::{self, What};
use super::windows::GRACE_SECS;
use super::{Server, Window};
use crate::profiles::MemorySource;
use crate::prometheus::{Answer, PrometheusError, RangeSeries};

/// Most bytes kept of one data source; what was looked at longest ago goes first.
const MAX_BYTES: usize = 48 << 20;
/// What is this share of the range old, or older, is asked for anew.
const OLDEST: f64 = 0.25;

/// Ranges of at least so many seconds fill chunks, which have 120 samples and more.
const MANY_SECS: f64 = 3600.0;

/// A process, and how long the range is it was looked at in, seconds.
type Key = (Arc<Labels>, u64);

#[derive(Debug, Clone)]
struct Kept {
    /// The end of the range it was looked at in, seconds since the epoch.
    to_secs: f64,
    series: Vec<RangeSeries>,
    used: Instant,
}

impl Kept {
    fn bytes(&self) -> usize {
        let of = |one: &RangeSeries| one.series.len() * 16 + one.labels.len() * 128;
        self.series.iter().map(of).sum()
    }
}

/// The samples of one data source's processes.
#[derive(Debug, Default)]
pub(super) struct Recent {
    kept: Mutex<BTreeMap<Key, Kept>>,
}

impl Recent {
    /// Every sample of these processes of a source, in a range.
    pub(super) async fn samples(
        &self,
        server: Server<'_>,
        source: &MemorySource,
        these: &[&Arc<Labels>],
        split_by: &[&str],
        range: Window,
    ) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
        let mut kept = self.of(these, range);
        let since = kept.values().map(|kept| kept.to_secs).fold(range.to_secs, f64::min) - GRACE_SECS;
        let newest = Window { from_secs: since.max(range.from_secs), to_secs: range.to_secs };
        let (known, new): (Vec<&Arc<Labels>>, Vec<&Arc<Labels>>) =
            these.iter().partition(|labels| kept.contains_key(**labels));
        let ask = async |these: &[&Arc<Labels>], what: What<'_>, range| {
            let selectors = these_selectors(&source.metric, these);
            let asked =
                selectors.iter().map(|selector| shards::ask(server.client, selector, split_by, what, range));
            try_join_all(asked).await
        };
        let names: BTreeSet<&str> = new
            .iter()
            .flat_map(|labels| labels.iter().map(|(name, _)| name))
            .chain(source.view.as_deref())
            .collect();
        // Of minutes, chunks hold far more than is wanted.
        let of_all = if range.length_secs() < MANY_SECS { What::Samples } else { What::SamplesOf(&names) };
        let (newest_answers, answers) =
            try_join(ask(&known, What::Samples, newest), ask(&new, of_all, range)).await?;
        let mut notices = Vec::new();
        let mut all: BTreeMap<Arc<Labels>, Vec<RangeSeries>> = BTreeMap::new();
        for answer in answers {
            notices.extend(answer.notices);
            for one in answer.value {
                all.entry(source.process_of(Arc::clone(&one.labels))).or_default().push(one);
            }
        }
        for answer in newest_answers {
            notices.extend(answer.notices);
            for one in answer.value {
                if let Some(kept) = kept.get_mut(&source.process_of(Arc::clone(&one.labels))) {
                    add(&mut kept.series, one, newest.from_secs);
                }
            }
        }
        all.extend(
            kept.into_iter().map(|(labels, kept)| (labels, since_start(kept.series, range.from_secs))),
        );
        let wanted: BTreeSet<&Arc<Labels>> = these.iter().copied().collect();
        // Selectors find more than these, and a label more or less makes another process of it.
        all.retain(|labels, _| wanted.contains(labels));
        // What a server left out may be there the next time.
        if notices.is_empty() {
            self.keep(&all, range);
        }
        Ok(Answer { value: all.into_values().flatten().collect(), notices })
    }

    /// What is kept of these that a look at the range can build on.
    fn of(&self, these: &[&Arc<Labels>], range: Window) -> BTreeMap<Arc<Labels>, Kept> {
        let oldest = range.to_secs - OLDEST * range.length_secs();
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |labels: &&Arc<Labels>| {
            let one = kept.get(&(Arc::clone(labels), key_secs(range)))?;
            (oldest..=range.to_secs).contains(&one.to_secs).then(|| (Arc::clone(labels), one.clone()))
        };
        these.iter().filter_map(of).collect()
    }

    fn keep(&self, all: &BTreeMap<Arc<Labels>, Vec<RangeSeries>>, range: Window) {
        // A poisoned lock only means that another scan panicked; the map itself is whole.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let used = Instant::now();
        for (labels, series) in all {
            let one = Kept { to_secs: range.to_secs, series: series.clone(), used };
            kept.insert((Arc::clone(labels), key_secs(range)), one);
        }
        let mut bytes: usize = kept.values().map(Kept::bytes).sum();
        while bytes > MAX_BYTES {
            let Some(oldest) = kept.values().map(|kept| kept.used).min() else { break };
            kept.retain(|_, kept| kept.used > oldest);
            bytes = kept.values().map(Kept::bytes).sum();
        }
    }
}

fn key_secs(range: Window) -> u64 {
    range.length_secs().round() as u64
}

/// Adds what is newer, and replaces what was known from then on: samples may have come late.
fn add(series: &mut Vec<RangeSeries>, newer: RangeSeries, from_secs: f64) {
    let Some(known) = series.iter_mut().find(|known| known.labels == newer.labels) else {
        series.push(newer);
        return;
    };
    let known = &mut known.series;
    let stay = known.times_secs.partition_point(|time| *time < from_secs);
    known.times_secs.truncate(stay);
    known.values.truncate(stay);
    known.times_secs.extend(newer.series.times_secs);
    known.values.extend(newer.series.values);
}

/// Without what the range has left behind.
fn since_start(mut all: Vec<RangeSeries>, from_secs: f64) -> Vec<RangeSeries> {
    for one in &mut all {
        let gone = one.series.times_secs.partition_point(|time| *time < from_secs);
        one.series.times_secs.drain(..gone);
        one.series.values.drain(..gone);
    }
    all.retain(|one| !one.series.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use model::series::Series;

    use super::*;

    fn view(name: &str, samples: &[(f64, f64)]) -> RangeSeries {
        let (times, values) = samples.iter().copied().unzip();
        RangeSeries {
            labels: Arc::new([("view", name)].into_iter().collect()),
            series: Series::new(times, values),
        }
    }

    #[test]
    fn what_is_newer_replaces_what_was_known_since_then() {
        let mut series = vec![view("a", &[(10.0, 1.0), (20.0, 2.0), (40.0, 4.0)])];
        // The sample of 30 s came late; a view is new.
        add(&mut series, view("a", &[(20.0, 2.0), (30.0, 3.0), (40.0, 4.5), (50.0, 5.0)]), 20.0);
        add(&mut series, view("b", &[(50.0, 9.0)]), 20.0);
        let whole = [(10.0, 1.0), (20.0, 2.0), (30.0, 3.0), (40.0, 4.5), (50.0, 5.0)];
        assert_eq!(series, [view("a", &whole), view("b", &[(50.0, 9.0)])]);
        let left = since_start(series, 45.0);
        assert_eq!(left, [view("a", &[(50.0, 5.0)]), view("b", &[(50.0, 9.0)])]);
        assert!(since_start(left, 60.0).is_empty());
    }

    #[test]
    fn only_what_ends_a_little_earlier_in_as_long_a_range_is_built_on() {
        let recent = Recent::default();
        let range = |to_secs: f64| Window { from_secs: to_secs - 3600.0, to_secs };
        let labels: Arc<Labels> = Arc::new([("pod", "a")].into_iter().collect());
        recent
            .keep(&BTreeMap::from([(labels.clone(), vec![view("a", &[(10_000.0, 1.0)])])]), range(10_000.0));
        let known = |range| recent.of(&[&labels], range).len();
        assert_eq!([known(range(10_000.0)), known(range(10_060.0)), known(range(10_900.0))], [1, 1, 1]);
        assert_eq!([known(range(9_999.0)), known(range(10_901.0))], [0, 0], "earlier, and too late");
        assert_eq!(known(Window { from_secs: 9_000.0, to_secs: 10_000.0 }), 0, "another range");
    }

    #[test]
    fn what_was_looked_at_longest_ago_goes_first() {
        let recent = Recent::default();
        let range = Window { from_secs: 0.0, to_secs: 100.0 };
        let samples = vec![(1.0, 1.0); MAX_BYTES / 16 / 2];
        for pod in ["a", "b", "c"] {
            let labels: Arc<Labels> = Arc::new([("pod", pod)].into_iter().collect());
            recent.keep(&BTreeMap::from([(labels, vec![view("v", &samples)])]), range);
        }
        let kept = recent.kept.lock().unwrap();
        let pods: Vec<_> = kept.keys().filter_map(|(labels, _)| labels.get("pod")).collect();
        assert_eq!(pods, ["c"], "two halves and their labels are too much");
    }
}
