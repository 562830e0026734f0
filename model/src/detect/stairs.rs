//! A climb in separate jumps: a leak that comes with jobs, deploys of data or arenas.
//!
//! Levels are found by optimal partitioning (Jackson and others 2005) of at most [`MOST_POINTS`] medians. They are stairs
//! when they explain the climb better than the best smooth curve, by the Bayesian information criterion, and when jumps
//! at times of chance would be spread like these.

use std::ops::Range;

use super::stats::{lag_one_correlation, mean, median, robust_sigma};

/// Points that are cut into levels: their square is what it costs.
const MOST_POINTS: usize = 144;
/// Fewer points show no levels.
const FEWEST_POINTS: usize = 12;
/// What a level more costs, in variances of the noise and logarithms of the points.
const LEVEL_COSTS: f64 = 4.0;
/// Jumps that make stairs rather than one or two steps.
const FEWEST_JUMPS: usize = 4;
/// A jump is at least this share of the whole climb...
const SHARE_OF_CLIMB: f64 = 0.03;
/// ...and this many robust sigma of what is left around the levels.
const JUMP_SIGMAS: f64 = 2.5;
/// From point to point memory climbs at least this share of the whole at the jumps.
const JUMPS_CARRY: f64 = 0.6;
/// A fall larger than this share of the climb, and memory is given back.
const LARGEST_FALL: f64 = 0.12;
/// By how much levels must explain more than the smooth curve, in units of the criterion: very strong evidence
/// (Kass and Raftery 1995).
const LEAST_EVIDENCE: f64 = 10.0;
/// The mean time of the jumps, weighted by height, may be this many of its standard deviations early: earlier, and the
/// climb is dying out.
const EARLIEST_SIGMAS: f64 = 2.3;
/// The least chance that jumps which go on leave so long a wait at the end.
const LEAST_CHANCE_OF_WAIT: f64 = 0.03;

/// Bytes per hour of the stairs that `bytes` at `hours` (ascending) climb, beside `smooth`, the bytes of the best smooth
/// curve at an hour, whatever its offset; `None` when they are no stairs. O(n), and the square of [`MOST_POINTS`].
pub(super) fn rate(hours: &[f64], bytes: &[f64], smooth: impl Fn(f64) -> f64) -> Option<f64> {
    let (hours, bytes) = thin(hours, bytes);
    let len = bytes.len();
    if len < FEWEST_POINTS {
        return None;
    }
    let levels = merge(&bytes, levels(&bytes));
    let heights: Vec<f64> = levels.iter().map(|level| mean(&bytes[level.clone()])).collect();
    let net = heights[heights.len() - 1] - heights[0];
    let span_hours = hours[len - 1] - hours[0];
    if net <= 0.0 || span_hours <= 0.0 {
        return None;
    }
    let (mut jumps, mut xs) = (Vec::new(), Vec::new());
    let (mut fallen, mut carried) = (0.0, 0.0);
    for (pair, heights) in levels.windows(2).zip(heights.windows(2)) {
        let (at, change) = (pair[1].start, heights[1] - heights[0]);
        if change > SHARE_OF_CLIMB * net {
            jumps.push(change);
            xs.push((hours[at] - hours[0]) / span_hours);
            let after = median(&mut bytes[at..pair[1].end.min(at + 3)].to_vec());
            let before = median(&mut bytes[pair[0].start.max(at.saturating_sub(3))..at].to_vec());
            carried += (after - before).clamp(0.0, change);
        } else if change < 0.0 {
            fallen -= change;
        }
    }
    let are_stairs = jumps.len() >= FEWEST_JUMPS
        && carried >= JUMPS_CARRY * net
        && fallen <= LARGEST_FALL * net
        && go_on(&jumps, &xs)
        && evidence(&hours, &bytes, &around(&bytes, &levels), jumps.len(), smooth) >= LEAST_EVIDENCE;
    are_stairs.then(|| net / span_hours)
}

/// Whether jumps at times of chance, to the end, would be spread like these at `xs`, shares of the run.
fn go_on(jumps: &[f64], xs: &[f64]) -> bool {
    let total: f64 = jumps.iter().sum();
    let centre = xs.iter().zip(jumps).map(|(x, jump)| x * jump).sum::<f64>() / total;
    // A time drawn evenly from 0 to 1 has the variance 1/12.
    let centre_sigma = (jumps.iter().map(|jump| jump * jump).sum::<f64>() / 12.0).sqrt() / total;
    // So many of them all come before the last one with this chance.
    let chance_of_wait = xs[xs.len() - 1].powf(xs.len() as f64);
    centre >= 0.5 - EARLIEST_SIGMAS * centre_sigma && chance_of_wait >= LEAST_CHANCE_OF_WAIT
}

/// By how much levels explain more than the curve, in units of the criterion, over as many points as are independent.
fn evidence(
    hours: &[f64],
    bytes: &[f64],
    around_levels: &[f64],
    jumps: usize,
    smooth: impl Fn(f64) -> f64,
) -> f64 {
    let around_curve: Vec<f64> =
        hours.iter().zip(bytes).map(|(&hours, bytes)| bytes - smooth(hours)).collect();
    let offset = mean(&around_curve);
    let power = |left: &[f64], offset: f64| {
        left.iter().map(|value| (value - offset) * (value - offset)).sum::<f64>().max(1.0)
    };
    let correlation = lag_one_correlation(around_levels);
    let independent = bytes.len() as f64 * (1.0 - correlation) / (1.0 + correlation);
    // A time and a height for each jump.
    independent * (power(&around_curve, offset) / power(around_levels, 0.0)).ln()
        - 2.0 * jumps as f64 * independent.ln()
}

/// What is left of `bytes` around their levels.
fn around(bytes: &[f64], levels: &[Range<usize>]) -> Vec<f64> {
    let mut left = Vec::with_capacity(bytes.len());
    for level in levels {
        let height = mean(&bytes[level.clone()]);
        left.extend(bytes[level.clone()].iter().map(|value| value - height));
    }
    left
}

/// At most [`MOST_POINTS`] medians of neighbours.
fn thin(hours: &[f64], bytes: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let stride = bytes.len().div_ceil(MOST_POINTS).max(1);
    (
        hours.chunks(stride).map(mean).collect(),
        bytes.chunks(stride).map(|chunk| median(&mut chunk.to_vec())).collect(),
    )
}

/// Cuts `bytes` into the levels that cost least: squares around them in variances of the noise, and a price for each.
/// Beginnings that can never be best again are dropped on the way (Killick, Fearnhead and Eckley 2012).
fn levels(bytes: &[f64]) -> Vec<Range<usize>> {
    let len = bytes.len();
    let mut changes: Vec<f64> = bytes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let sigma = (robust_sigma(&mut changes) / std::f64::consts::SQRT_2).max(1.0);
    let (mut sums, mut squares) = (vec![0.0; len + 1], vec![0.0; len + 1]);
    for (index, bytes_here) in bytes.iter().enumerate() {
        let value = (bytes_here - bytes[0]) / sigma;
        sums[index + 1] = sums[index] + value;
        squares[index + 1] = squares[index] + value * value;
    }
    let price = LEVEL_COSTS * (len as f64).ln();
    let (mut costs, mut starts) = (vec![0.0; len + 1], vec![0; len + 1]);
    let mut open: Vec<(usize, f64)> = Vec::new();
    for end in 1..=len {
        open.push((end - 1, 0.0));
        let mut best = (f64::INFINITY, 0);
        for (start, cost) in &mut open {
            let sum = sums[end] - sums[*start];
            *cost = costs[*start] + squares[end] - squares[*start] - sum * sum / (end - *start) as f64;
            if *cost < best.0 {
                best = (*cost, *start);
            }
        }
        (costs[end], starts[end]) = (best.0 + price, best.1);
        open.retain(|(_, cost)| *cost <= costs[end]);
    }
    let mut levels = Vec::new();
    let mut end = len;
    while end > 0 {
        levels.push(starts[end]..end);
        end = starts[end];
    }
    levels.reverse();
    levels
}

/// Joins neighbours that noise alone may hold apart, those least apart first; and a level of one point, which a jump
/// inside a median leaves, with one beside it.
fn merge(bytes: &[f64], mut levels: Vec<Range<usize>>) -> Vec<Range<usize>> {
    loop {
        let heights: Vec<f64> = levels.iter().map(|level| mean(&bytes[level.clone()])).collect();
        let least = JUMP_SIGMAS * robust_sigma(&mut around(bytes, &levels));
        let apart = |index: usize| (heights[index + 1] - heights[index]).abs();
        let is_short = |index: usize| levels[index].len() < 2 || levels[index + 1].len() < 2;
        let weakest = (0..levels.len() - 1)
            .filter(|&index| apart(index) < least || is_short(index))
            .min_by(|&left, &right| apart(left).total_cmp(&apart(right)));
        let Some(index) = weakest else { return levels };
        levels[index].end = levels[index + 1].end;
        levels.remove(index + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: f64 = 1_048_576.0;

    /// Bytes after `jumps` at shares of a run of 300 points over 10 hours, with a ripple of 0.2 MiB.
    fn climb(jumps: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>) {
        let hours: Vec<f64> = (0..300).map(|index| f64::from(index) / 30.0).collect();
        let bytes = hours
            .iter()
            .enumerate()
            .map(|(index, hour)| {
                let climbed: f64 = jumps.iter().filter(|jump| hour / 10.0 >= jump.0).map(|jump| jump.1).sum();
                (200.0 + climbed + 0.2 * (index as f64 * 2.4).sin()) * MIB
            })
            .collect();
        (hours, bytes)
    }

    fn line(hour: f64) -> f64 {
        (200.0 + 10.0 * hour) * MIB
    }

    #[test]
    fn five_jumps_that_go_on_are_stairs_and_their_rate_is_the_climb_over_the_time() {
        let (hours, bytes) = climb(&[(0.1, 20.0), (0.35, 15.0), (0.4, 30.0), (0.7, 10.0), (0.95, 25.0)]);
        let rate = rate(&hours, &bytes, line).unwrap() / MIB;
        assert!((rate - 10.0).abs() < 0.5, "{rate}");
    }

    #[test]
    fn jumps_that_ended_long_ago_are_none() {
        let (hours, bytes) = climb(&[(0.05, 20.0), (0.1, 15.0), (0.2, 30.0), (0.3, 10.0), (0.4, 25.0)]);
        assert_eq!(rate(&hours, &bytes, line), None);
    }

    #[test]
    fn jumps_that_fall_again_are_none() {
        let (hours, bytes) = climb(&[(0.1, 30.0), (0.3, 30.0), (0.5, -30.0), (0.6, 30.0), (0.9, 30.0)]);
        assert_eq!(rate(&hours, &bytes, line), None);
    }

    #[test]
    fn a_line_is_none() {
        let (hours, ripple) = climb(&[]);
        let bytes: Vec<f64> =
            hours.iter().zip(&ripple).map(|(hour, ripple)| ripple + 10.0 * hour * MIB).collect();
        assert_eq!(rate(&hours, &bytes, line), None);
    }
}
