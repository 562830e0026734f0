//! The rate: median of pair slopes inside runs (Theil 1950, Sen 1968; pooled over runs), over whole cycles where there
//! is a cycle (Hirsch, Slack and Smith 1982), and Kendall's S with its variance.

use std::ops::Range;

use super::floor::Floor;
use super::stats::median;

/// Slopes of all pairs of floor points that may be compared.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Bytes per hour, in no order.
    pub(super) slopes: Vec<f64>,
    /// Their median; 0 without pairs.
    median: f64,
    /// Variance of S were there no trend and no autocorrelation.
    pub(super) variance: f64,
}

impl Pairs {
    /// Median slope, bytes per hour; 0 without pairs.
    pub(super) fn slope(&self) -> f64 {
        self.median
    }

    /// Kendall's S, rising pairs minus falling pairs, in standard deviations, the variance multiplied by `inflation` for
    /// autocorrelation.
    pub(super) fn z(&self, inflation: f64) -> f64 {
        let signs = self.slopes.iter().map(|slope| i32::from(*slope > 0.0) - i32::from(*slope < 0.0));
        let s = f64::from(signs.sum::<i32>());
        // One less towards zero: Kendall's continuity correction.
        let corrected = s.signum() * (s.abs() - 1.0).max(0.0);
        corrected / (self.variance * inflation).max(1.0).sqrt()
    }

    /// 90 % interval of the median slope: Sen's order statistics with the variance multiplied by `inflation`.
    pub(super) fn interval(&self, inflation: f64) -> (f64, f64) {
        between_ranks(self.slopes.clone(), self.variance * inflation)
    }

    fn add(&mut self, hours: f64, bytes: f64) {
        if hours > 0.0 {
            self.slopes.push(bytes / hours);
        }
    }

    /// With the median of the slopes.
    fn with_median(mut self) -> Self {
        self.median = median(&mut self.slopes);
        self
    }
}

/// Variance of Kendall's S over `count` points without ties.
fn kendall_variance(count: usize) -> f64 {
    let count = count as f64;
    count * (count - 1.0) * (2.0 * count + 5.0) / 18.0
}

/// All pairs inside each run.
pub(super) fn pairs(floor: &Floor) -> Pairs {
    let mut pairs = Pairs::default();
    for run in floor.runs() {
        pairs.variance += kendall_variance(run.len());
        add_all(&mut pairs.slopes, &floor.hours[run.clone()], &floor.bytes[run]);
    }
    pairs.with_median()
}

/// The 90 % interval of the median slope over a range of points of one run.
pub(super) fn interval_within(
    hours: &[f64],
    bytes: &[f64],
    range: Range<usize>,
    inflation: f64,
) -> (f64, f64) {
    let variance = kendall_variance(range.len());
    between_ranks(slopes_within(hours, bytes, range), variance * inflation)
}

/// The 90 % interval of the median of slopes. Two order statistics need no sorting.
fn between_ranks(mut slopes: Vec<f64>, variance: f64) -> (f64, f64) {
    let Some((low, high)) = interval_ranks(slopes.len(), variance) else { return (0.0, 0.0) };
    let (_, &mut lowest, above) = slopes.select_nth_unstable_by(low, f64::total_cmp);
    let highest = match high.checked_sub(low + 1) {
        Some(rank) => *above.select_nth_unstable_by(rank, f64::total_cmp).1,
        None => lowest,
    };
    (lowest, highest)
}

/// Ranks of Sen's 90 % interval among so many slopes; `None` without any.
fn interval_ranks(count: usize, variance: f64) -> Option<(usize, usize)> {
    let last = count.checked_sub(1)?;
    // 1.645 sigma on either side hold 90 % of a normal distribution.
    let reach = 1.645 * variance.max(1.0).sqrt();
    let count = count as f64;
    let rank = |value: f64| (value.max(0.0) as usize).min(last);
    Some((rank((count - reach) / 2.0), rank(f64::midpoint(count, reach))))
}

/// Pairs a whole number of `cycle_points` apart, which see the same phase of a cycle twice.
pub(super) fn pairs_over_cycle(floor: &Floor, cycle_points: usize) -> Pairs {
    let mut pairs = Pairs::default();
    let len = floor.len();
    for phase in 0..cycle_points.min(len) {
        pairs.variance += kendall_variance((len - phase).div_ceil(cycle_points));
        for early in (phase..len).step_by(cycle_points) {
            for late in (early + cycle_points..len).step_by(cycle_points) {
                pairs.add(floor.hours[late] - floor.hours[early], floor.bytes[late] - floor.bytes[early]);
            }
        }
    }
    pairs.with_median()
}

/// Median pair slope over a range of points, bytes per hour, and the share of its pairs that rise.
pub(super) fn slope_within(hours: &[f64], bytes: &[f64], range: Range<usize>) -> Option<(f64, f64)> {
    let mut slopes = slopes_within(hours, bytes, range);
    if slopes.is_empty() {
        return None;
    }
    let rising = slopes.iter().filter(|slope| **slope > 0.0).count() as f64 / slopes.len() as f64;
    Some((median(&mut slopes), rising))
}

fn slopes_within(hours: &[f64], bytes: &[f64], range: Range<usize>) -> Vec<f64> {
    let mut slopes = Vec::new();
    add_all(&mut slopes, &hours[range.clone()], &bytes[range]);
    slopes
}

/// Adds the slopes of all pairs of points that are some time apart.
fn add_all(slopes: &mut Vec<f64>, hours: &[f64], bytes: &[f64]) {
    slopes.reserve(hours.len() * hours.len() / 2);
    // Times mostly ascend, and where nothing is tested for each pair several are divided at once.
    let ascend = hours.windows(2).all(|pair| pair[0] < pair[1]);
    for (early, (hour, byte)) in hours.iter().zip(bytes).enumerate() {
        let later = hours[early + 1..].iter().zip(&bytes[early + 1..]);
        let apart = later.map(|(later_hour, later_byte)| (later_hour - hour, later_byte - byte));
        if ascend {
            slopes.extend(apart.map(|(hours, bytes)| bytes / hours));
        } else {
            slopes.extend(apart.filter(|(hours, _)| *hours > 0.0).map(|(hours, bytes)| bytes / hours));
        }
    }
}
