//! The first look at a scope: the lowest value of each of some fifty windows of its range, asked for once.
//!
//! Windows are aligned to the wall clock, so that the same ones are asked for whoever asks and whenever, and those that
//! are over never change: they are kept, and a refresh asks for the newest alone. Who asks the same while an answer is
//! under way waits for it.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use model::labels::Labels;
use model::series::Series;

use super::Window;
use super::flight::Flights;
use super::looks::Looks;
use super::recent::Recent;
use super::shards::{self, What};
use crate::metrics::metrics;
use crate::prometheus::{Answer, Client, PrometheusError, RangeSeries};
use crate::promql::Selector;

/// Fewest windows of a range: 48 keep what the detector needs, half as many starve it.
const FEWEST: f64 = 48.0;
/// Lengths of a window, seconds: each at most twice the one before, so that no range has more than twice the fewest.
const LENGTHS_SECS: [u32; 20] = [
    15, 30, 60, 120, 240, 480, 900, 1800, 3600, 7200, 14_400, 28_800, 57_600, 115_200, 230_400, 460_800,
    921_600, 1_843_200, 3_686_400, 7_372_800,
];
/// Samples that come this late still count: windows that ended since then are asked for again. Prometheus itself looks
/// back as long for a sample.
pub(super) const GRACE_SECS: f64 = 300.0;
/// Most bytes kept of one data source; what was asked for longest ago goes first.
const MAX_BYTES: usize = 96 << 20;
/// What an entry takes although it holds nothing.
const ENTRY_BYTES: usize = 512;

/// Distance and reach of recorded minima, seconds.
const RECORDED_SECS: u32 = 300;
/// Recorded minima that a window has at least.
const FEWEST_RECORDED: u32 = 3;

/// The length of the windows of a range, seconds.
pub(super) fn length_secs(range: Window) -> u32 {
    let fits = |length: &&u32| range.length_secs() / f64::from(**length) >= FEWEST;
    LENGTHS_SECS.iter().rev().find(fits).copied().unwrap_or(LENGTHS_SECS[0])
}

/// Whether the windows of a range are long enough to be told from recorded minima, of which the first reaches a little
/// into the window before.
pub(super) fn may_be_recorded(range: Window) -> bool {
    length_secs(range) >= FEWEST_RECORDED * RECORDED_SECS
}

/// What is known of the windows of one selector.
#[derive(Debug, Default)]
struct Known {
    /// Number of the first window: it ends so many lengths after the epoch.
    first: i64,
    /// Number of the window after the last that is known.
    end: i64,
    /// The lowest value of each, NaN where there is none.
    series: BTreeMap<Arc<Labels>, Vec<f64>>,
    notices: Vec<String>,
    /// When its last answer had come.
    answered: Option<Instant>,
    /// Whether that answer left nothing out, so that the next one can build on it.
    whole: bool,
}

#[derive(Debug)]
struct Entry {
    known: Arc<tokio::sync::Mutex<Known>>,
    bytes: usize,
    used: Instant,
}

/// The windows of one data source's settings, what was made of them, the samples of its worst, and the scans that are
/// under way. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Windows {
    pub(super) flights: Flights,
    looks: Arc<Looks>,
    recent: Arc<Recent>,
    entries: Arc<Mutex<BTreeMap<(String, u32), Entry>>>,
}

impl Windows {
    /// What was made of minima.
    pub(super) fn looks(&self) -> Arc<Looks> {
        Arc::clone(&self.looks)
    }

    /// The samples of what was looked at in full.
    pub(super) fn recent(&self) -> &Recent {
        &self.recent
    }

    /// The lowest value of each window of the range, at the window's end, of every series the selector finds, with the
    /// name of `metric`: functions of PromQL drop it, and what is recorded has another.
    ///
    /// O(series) to merge an answer, and as much memory as the windows of the range.
    pub(super) async fn minima(
        &self,
        client: &Client,
        selector: &Selector,
        metric: &str,
        split_by: &[&str],
        range: Window,
    ) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
        let arrived = Instant::now();
        let length = length_secs(range);
        let secs = f64::from(length);
        let (first, last) =
            ((range.from_secs / secs).floor() as i64 + 1, (range.to_secs / secs).ceil() as i64);
        // One recorded metric may stand for several.
        let key = (format!("{metric} by {selector}"), length);
        let known = self.entry(&key);
        let mut known = known.lock().await;
        // An answer that came while this one waited is as new as its own would be.
        if known.answered.is_none_or(|answered| answered < arrived) || !known.covers(first, last) {
            let ask_from = known.to_ask_from(first, ((range.to_secs - GRACE_SECS) / secs).floor() as i64);
            metrics().looked_up(if ask_from > first { "some" } else { "none" });
            let ends = Window { from_secs: ask_from as f64 * secs, to_secs: last as f64 * secs };
            let what = What::Minima { secs };
            let mut answer = if ask_from == first {
                shards::ask_in_halves(client, selector, split_by, what, ends).await?
            } else {
                shards::ask(client, selector, split_by, what, ends).await?
            };
            let (name, metric) = (Arc::<str>::from("__name__"), Arc::<str>::from(metric));
            for one in &mut answer.value {
                Arc::make_mut(&mut one.labels).set(Arc::clone(&name), Arc::clone(&metric));
            }
            known.merge(answer, ask_from, first, last, secs);
            known.answered = Some(Instant::now());
            self.keep(&key, known.bytes());
        } else {
            metrics().looked_up("all");
        }
        Ok(known.answer(first, last, range, secs))
    }

    fn entry(&self, key: &(String, u32)) -> Arc<tokio::sync::Mutex<Known>> {
        // A poisoned lock only means that another scan panicked; the map itself is whole.
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = key.0.len() + ENTRY_BYTES;
        let fresh = || Entry { known: Arc::default(), bytes, used: Instant::now() };
        let entry = entries.entry(key.clone()).or_insert_with(fresh);
        entry.used = Instant::now();
        let known = Arc::clone(&entry.known);
        forget_oldest(&mut entries);
        known
    }

    /// Notes how large an entry has become.
    fn keep(&self, key: &(String, u32), bytes: usize) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get_mut(key) {
            entry.bytes = key.0.len() + ENTRY_BYTES + bytes;
        }
        forget_oldest(&mut entries);
    }
}

/// Forgets what was used longest ago until all fits.
fn forget_oldest(entries: &mut BTreeMap<(String, u32), Entry>) {
    while entries.values().map(|entry| entry.bytes).sum::<usize>() > MAX_BYTES {
        let Some(oldest) = entries.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone())
        else {
            break;
        };
        entries.remove(&oldest);
    }
}

impl Known {
    fn covers(&self, first: i64, last: i64) -> bool {
        self.answered.is_some() && self.first <= first && last < self.end
    }

    /// The first window to ask for: of what is known, that which is over before `settled` stands.
    fn to_ask_from(&self, first: i64, settled: i64) -> i64 {
        let usable = self.whole && self.first <= first && first < self.end;
        if usable { self.end.min(settled + 1).max(first) } else { first }
    }

    /// Takes over an answer about the windows from `ask_from` to `last`; what lies before `first` is forgotten.
    fn merge(&mut self, answer: Answer<Vec<RangeSeries>>, ask_from: i64, first: i64, last: i64, secs: f64) {
        let count = |windows: i64| usize::try_from(windows).unwrap_or(0);
        let (len, skip) = (count(last + 1 - first), count(first - self.first));
        let stays = count(ask_from - first).min(len);
        if stays == 0 {
            self.series.clear();
        }
        for values in self.series.values_mut() {
            values.drain(..skip.min(values.len()));
            values.truncate(stays);
            values.resize(len, f64::NAN);
        }
        let fill = |values: &mut [f64], series: &Series| {
            for (time, value) in series.iter() {
                let window = (time / secs).round() as i64 - first;
                if let Some(cell) = usize::try_from(window).ok().and_then(|window| values.get_mut(window)) {
                    *cell = value;
                }
            }
        };
        // Both in order, side by side: label sets are long to compare, and a search would compare a dozen of them.
        let mut newest = answer.value;
        newest.sort_by(|one, other| one.labels.cmp(&other.labels));
        let mut known = self.series.iter_mut().peekable();
        let mut new: Vec<(Arc<Labels>, Vec<f64>)> = Vec::new();
        for RangeSeries { labels, series } in newest {
            let order = loop {
                let order = known.peek().map_or(Ordering::Greater, |(next, _)| (*next).cmp(&labels));
                if order != Ordering::Less {
                    break order;
                }
                known.next();
            };
            match (known.peek_mut().filter(|_| order == Ordering::Equal), new.last_mut()) {
                (Some((_, values)), _) => fill(values, &series),
                (None, Some((last, values))) if *last == labels => fill(values, &series),
                (None, _) => {
                    let mut values = vec![f64::NAN; len];
                    fill(&mut values, &series);
                    new.push((labels, values));
                }
            }
        }
        self.series.append(&mut BTreeMap::from_iter(new));
        self.series.retain(|_, values| values.iter().any(|value| !value.is_nan()));
        // What a server left out may be there the next time: the next answer must not build on this one.
        self.whole = answer.notices.is_empty();
        (self.first, self.end, self.notices) = (first, last + 1, answer.notices);
    }

    fn answer(&self, first: i64, last: i64, range: Window, secs: f64) -> Answer<Vec<RangeSeries>> {
        let (from, to) = ((first - self.first) as usize, (last + 1 - self.first) as usize);
        let series = self.series.iter().map(|(labels, values)| {
            let (mut times, mut seen) = (Vec::with_capacity(to - from), Vec::with_capacity(to - from));
            for (window, value) in (first..).zip(&values[from..to]).filter(|(_, value)| !value.is_nan()) {
                // The newest window is not over yet.
                times.push((window as f64 * secs).min(range.to_secs));
                seen.push(*value);
            }
            RangeSeries { labels: Arc::clone(labels), series: Series::new(times, seen) }
        });
        let value = series.filter(|one| !one.series.is_empty()).collect();
        Answer { value, notices: self.notices.clone() }
    }

    /// About how many bytes it takes.
    fn bytes(&self) -> usize {
        // As if nothing were shared.
        let of =
            |labels: &Labels| labels.iter().map(|(name, value)| name.len() + value.len() + 96).sum::<usize>();
        self.series.iter().map(|(labels, values)| of(labels) + values.len() * 8 + 64).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(hours: f64) -> Window {
        Window { from_secs: 1.0e9, to_secs: 1.0e9 + hours * 3600.0 }
    }

    fn answer(pod: &str, samples: &[(f64, f64)]) -> Answer<Vec<RangeSeries>> {
        let series =
            Series::new(samples.iter().map(|one| one.0).collect(), samples.iter().map(|one| one.1).collect());
        Answer {
            value: vec![RangeSeries { labels: Arc::new([("pod", pod)].into_iter().collect()), series }],
            notices: Vec::new(),
        }
    }

    fn values(known: &Known, pod: &str) -> Vec<f64> {
        known.series[&[("pod", pod)].into_iter().collect::<Labels>()].clone()
    }

    #[test]
    fn a_range_has_48_to_96_windows() {
        for hours in [0.25, 1.0, 3.0, 6.0, 24.0, 36.0, 168.0, 8760.0, 87_600.0] {
            let windows = hours * 3600.0 / f64::from(length_secs(range(hours)));
            assert!((48.0..=96.0).contains(&windows), "{hours} h have {windows}");
        }
        assert_eq!(length_secs(range(24.0)), 1800);
        assert_eq!(length_secs(range(0.0)), 15, "an empty range has a length all the same");
    }

    #[test]
    fn only_what_is_not_settled_is_asked_for_again() {
        let mut known = Known::default();
        assert_eq!(known.to_ask_from(100, 103), 100, "nothing is known");
        known.merge(answer("a", &[(1000.0, 1.0), (1010.0, 2.0), (1020.0, 3.0)]), 100, 100, 104, 10.0);
        assert_eq!(known.to_ask_from(101, 102), 103);
        assert_eq!(known.to_ask_from(101, 999), 105, "never beyond what was asked for");
        assert_eq!(known.to_ask_from(99, 102), 99, "the range now begins earlier");
        known.whole = false;
        assert_eq!(known.to_ask_from(101, 102), 101, "something had been left out");
    }

    #[test]
    fn a_later_answer_moves_the_range_on_and_corrects_its_end() {
        let mut known = Known::default();
        known.merge(answer("a", &[(1000.0, 1.0), (1010.0, 2.0), (1020.0, 3.0)]), 100, 100, 102, 10.0);
        // A sample came late, a pod is new.
        let mut newest = answer("a", &[(1020.0, 2.5), (1030.0, 4.0)]);
        newest.value.extend(answer("b", &[(1030.0, 9.0)]).value);
        known.merge(newest, 102, 101, 103, 10.0);
        assert_eq!(values(&known, "a"), [2.0, 2.5, 4.0]);
        assert!(values(&known, "b")[..2].iter().all(|value| value.is_nan()));
        // Whoever looks again much later asks for everything anew.
        known.merge(answer("c", &[(1070.0, 5.0)]), 105, 105, 107, 10.0);
        assert_eq!(known.series.len(), 1);
        let told = known.answer(105, 107, Window { from_secs: 1045.0, to_secs: 1068.0 }, 10.0);
        assert_eq!(told.value[0].series, Series::new(vec![1068.0], vec![5.0]), "the window is not over yet");
    }

    #[test]
    fn an_answer_is_taken_over_in_any_order() {
        let mut known = Known::default();
        let cell = |pod: &str, time: f64, value: f64| answer(pod, &[(time, value)]).value.remove(0);
        let of = |value| Answer { value, notices: Vec::new() };
        // Two halves each bring a part of b.
        let first = of(vec![cell("d", 100.0, 4.0), cell("b", 100.0, 2.0), cell("b", 110.0, 2.5)]);
        known.merge(first, 10, 10, 11, 10.0);
        let newest = ["e", "d", "c", "b", "a"].map(|pod| cell(pod, 110.0, 9.0));
        known.merge(of(newest.to_vec()), 11, 10, 11, 10.0);
        let pods: Vec<_> = known.series.keys().filter_map(|labels| labels.get("pod")).collect();
        assert_eq!(pods, ["a", "b", "c", "d", "e"]);
        assert_eq!((values(&known, "b"), values(&known, "d")), (vec![2.0, 9.0], vec![4.0, 9.0]));
        assert!(values(&known, "c")[0].is_nan());
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let windows = Windows::default();
        let key = |name: &str| (name.to_owned(), 15);
        for name in ["one", "two", "three"] {
            windows.entry(&key(name));
            windows.keep(&key(name), MAX_BYTES / 2 - 2 * ENTRY_BYTES);
        }
        let left: Vec<String> =
            windows.entries.lock().unwrap().keys().map(|(selector, _)| selector.clone()).collect();
        assert_eq!(left, ["three", "two"]);
    }
}
