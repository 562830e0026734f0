//! The floor: what memory comes down to, without collector teeth, spikes and noise.

use std::ops::Range;

use super::clean::Samples;
use super::stats::{Line, mean, median, quantile, robust_sigma};

/// Points a floor has at most; pair slopes cost their square.
const BINS: usize = 48;
/// A series shorter than this many samples gets a bin for every [`SAMPLES_PER_BIN`], at least [`FEWEST_BINS`].
const SAMPLES_FOR_ALL_BINS: usize = 144;
const SAMPLES_PER_BIN: usize = 3;
const FEWEST_BINS: usize = 12;
/// Bins of a run between restarts, where it has twice as many samples.
const FEWEST_RUN_BINS: usize = 8;
/// Where in a bin the floor is read: low enough to ignore spikes, high enough to be steady.
const BIN_QUANTILE: f64 = 0.3;
/// The same in a sawtooth of too few teeth to read them one by one.
const SAWTOOTH_BIN_QUANTILE: f64 = 0.1;
/// Teeth needed to read the low after each of them.
const FEWEST_TEETH: usize = 4;
/// More teeth than this are thinned.
const MOST_TEETH: usize = 60;
const THINNED_TEETH: usize = 40;
/// Fewer samples, and a tooth is not told from a line.
const FEWEST_OF_TOOTH: usize = 4;
/// What is left of a tooth beside its line, as a share of its rise.
const STRAIGHT: f64 = 0.2;
/// A burst rises and falls by at least this many robust sigma of the changes from point to point...
const BURST_SIGMAS: f64 = 9.0;
/// ...gives back at least this share of its rise...
const GIVEN_BACK: f64 = 0.7;
/// ...and lasts at most this share of the run.
const LONGEST_BURST: f64 = 0.15;

/// Floor points in time order.
#[derive(Debug, Default)]
pub(super) struct Floor {
    /// Hours since the first sample.
    pub(super) hours: Vec<f64>,
    /// Bytes, single outliers removed.
    pub(super) bytes: Vec<f64>,
    /// Bytes before that.
    pub(super) raw: Vec<f64>,
    /// Number of the run between restarts each point belongs to, ascending.
    pub(super) run: Vec<usize>,
    /// Whether the points are the lows after the falls of a sawtooth.
    pub(super) after_falls: bool,
}

impl Floor {
    pub(super) fn len(&self) -> usize {
        self.hours.len()
    }

    /// Index ranges of the runs.
    pub(super) fn runs(&self) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        let mut start = 0;
        for index in 1..=self.len() {
            if index == self.len() || self.run[index] != self.run[start] {
                runs.push(start..index);
                start = index;
            }
        }
        runs
    }

    /// Median time between neighbouring points, hours.
    pub(super) fn step_hours(&self) -> f64 {
        let mut steps: Vec<f64> = self.hours.windows(2).map(|pair| pair[1] - pair[0]).collect();
        median(&mut steps)
    }

    fn push(&mut self, hours: f64, bytes: f64, run: usize) {
        self.hours.push(hours);
        self.raw.push(bytes);
        self.run.push(run);
    }
}

/// Reads the floor of `samples` run by run; at the lows after `teeth` when there are any.
pub(super) fn trace(samples: &Samples, runs: &[Range<usize>], teeth: &[usize]) -> Floor {
    let mut floor = Floor::default();
    if !teeth.is_empty() {
        floor = after_falls(samples, teeth);
        if floor.len() >= FEWEST_TEETH {
            floor.bytes.clone_from(&floor.raw);
            return floor;
        }
        floor = Floor::default();
    }
    let (bins, share) = if !teeth.is_empty() {
        (teeth.len().max(6), SAWTOOTH_BIN_QUANTILE)
    } else if samples.len() >= SAMPLES_FOR_ALL_BINS {
        (BINS, BIN_QUANTILE)
    } else {
        ((samples.len() / SAMPLES_PER_BIN).max(FEWEST_BINS), BIN_QUANTILE)
    };
    let mut scratch = Vec::new();
    for (number, run) in runs.iter().enumerate() {
        let count = (bins * run.len() + samples.len() / 2) / samples.len().max(1);
        // A short run gets bins enough to see its own slope.
        let count = count.max(FEWEST_RUN_BINS.min(run.len() / 2)).max(4);
        for bin in 0..count {
            let from = run.start + run.len() * bin / count;
            let to = run.start + run.len() * (bin + 1) / count;
            if from < to {
                scratch.clear();
                scratch.extend_from_slice(&samples.bytes[from..to]);
                floor.push(mean(&samples.hours[from..to]), quantile(&mut scratch, share), number);
            }
        }
    }
    floor.bytes = if teeth.is_empty() && floor.len() >= FEWEST_BINS {
        without_bursts(running_median(&floor.raw, floor.runs()), &floor.runs())
    } else {
        floor.raw.clone()
    };
    floor
}

/// Levels what rises sharply and is soon given back: a batch, not growth.
fn without_bursts(mut bytes: Vec<f64>, runs: &[Range<usize>]) -> Vec<f64> {
    let mut changes: Vec<f64> =
        runs.iter().flat_map(|run| bytes[run.clone()].windows(2).map(|pair| pair[1] - pair[0])).collect();
    let sharp = BURST_SIGMAS * robust_sigma(&mut changes);
    if sharp <= 0.0 {
        return bytes;
    }
    for run in runs {
        let longest = (LONGEST_BURST * run.len() as f64) as usize;
        let mut index = run.start + 1;
        while index < run.end {
            let Some(back) = given_back(&bytes, index, run.end, longest, sharp) else {
                index += 1;
                continue;
            };
            let before = bytes[index - 1];
            let after = bytes[back];
            let steps = (back + 1 - index) as f64;
            for step in 0..back - index {
                bytes[index + step] = before + (after - before) * (step + 1) as f64 / steps;
            }
            index = back + 1;
        }
    }
    bytes
}

/// Where what rises sharply at `index` has fallen back; `None` where nothing rises, or stays for more than `longest` points.
/// Where bins are cut, rise and fall may each take two points.
fn given_back(bytes: &[f64], index: usize, end: usize, longest: usize, sharp: f64) -> Option<usize> {
    let before = bytes[index - 1];
    if bytes[index] - before <= 0.5 * sharp {
        return None;
    }
    let mut top = bytes[index];
    let mut back = (index + 1..end.min(index + longest + 1)).find(|&later| {
        top = top.max(bytes[later]);
        top - before > sharp && bytes[later] < top - GIVEN_BACK * (top - before)
    })?;
    while back + 1 < end && bytes[back] - bytes[back + 1] > 0.5 * sharp {
        back += 1;
    }
    Some(back)
}

/// Every sample as a point: of samples that are minima already.
pub(super) fn of_minima(samples: &Samples, runs: &[Range<usize>]) -> Floor {
    let mut floor = Floor::default();
    for (number, run) in runs.iter().enumerate() {
        for index in run.clone() {
            floor.push(samples.hours[index], samples.bytes[index], number);
        }
    }
    floor.bytes = running_median(&floor.raw, floor.runs());
    floor
}

/// One point per tooth, just after its fall. The first tooth began before the window: its low was not seen.
fn after_falls(samples: &Samples, teeth: &[usize]) -> Floor {
    let mut floor = Floor { after_falls: true, ..Floor::default() };
    let falls = fall_hours(samples, teeth);
    let starts = std::iter::once(0).chain(teeth.iter().copied());
    let ends = teeth.iter().copied().chain(std::iter::once(samples.len()));
    let fell = std::iter::once(samples.hours[0]).chain(falls);
    for ((start, end), fell) in starts.zip(ends).zip(fell) {
        if end < start + 2 {
            continue;
        }
        if let Some(bytes) = foot(samples, start..end, fell) {
            floor.push(fell, bytes, 0);
            continue;
        }
        // The first fifth of a tooth: long enough to hold the low, short enough not to rise.
        let early = start..end.min(start + ((end - start) / 5).max(2));
        let lowest = early
            .clone()
            .min_by(|&left, &right| samples.bytes[left].total_cmp(&samples.bytes[right]))
            .unwrap_or(start);
        let first_three = early.start..early.end.min(early.start + 3);
        floor.push(samples.hours[lowest], median(&mut samples.bytes[first_three].to_vec()), 0);
    }
    let unseen_low = usize::from(floor.len() > 3);
    let stride = if floor.len() > MOST_TEETH { floor.len() / THINNED_TEETH } else { 1 };
    let thin = |column: &[f64]| column.iter().skip(unseen_low).step_by(stride).copied().collect::<Vec<_>>();
    floor.hours = thin(&floor.hours);
    floor.raw = thin(&floor.raw);
    floor.run = vec![0; floor.hours.len()];
    floor
}

/// When memory fell, hours: between two samples. Falls that come regularly tell it to a part of a sample's step.
fn fall_hours(samples: &Samples, teeth: &[usize]) -> Vec<f64> {
    let between: Vec<f64> =
        teeth.iter().map(|&fall| f64::midpoint(samples.hours[fall - 1], samples.hours[fall])).collect();
    if between.len() < FEWEST_TEETH {
        return between;
    }
    let numbers: Vec<f64> = (0..between.len()).map(|number| number as f64).collect();
    let line = Line::through(&numbers, &between);
    let regular: Vec<f64> = numbers.iter().map(|&number| line.at(number)).collect();
    let fits = teeth.iter().zip(&regular).all(|(&fall, regular)| {
        let slack = 0.1 * (samples.hours[fall] - samples.hours[fall - 1]);
        (samples.hours[fall - 1] - slack..=samples.hours[fall] + slack).contains(regular)
    });
    if fits { regular } else { between }
}

/// The foot of a tooth that rises in a straight line from where memory fell, bytes.
fn foot(samples: &Samples, tooth: Range<usize>, fell: f64) -> Option<f64> {
    if tooth.len() < FEWEST_OF_TOOTH {
        return None;
    }
    let (hours, bytes) = (&samples.hours[tooth.clone()], &samples.bytes[tooth]);
    let line = Line::through(hours, bytes);
    let left: f64 =
        hours.iter().zip(bytes).map(|(&hours, bytes)| (bytes - line.at(hours)).powi(2)).sum::<f64>()
            / hours.len() as f64;
    let rise = line.slope * (hours[hours.len() - 1] - hours[0]);
    (rise > 0.0 && left.sqrt() < STRAIGHT * rise).then_some(line.at(fell))
}

/// The middle one of each point and its two neighbours inside each run; the ends of a run stay as they are.
fn running_median(values: &[f64], runs: impl IntoIterator<Item = Range<usize>>) -> Vec<f64> {
    let mut smooth = values.to_vec();
    for run in runs {
        for index in run.start + 1..run.end.saturating_sub(1) {
            let (before, own, after) = (values[index - 1], values[index], values[index + 1]);
            smooth[index] = before.max(own).min(before.min(own).max(after));
        }
    }
    smooth
}
