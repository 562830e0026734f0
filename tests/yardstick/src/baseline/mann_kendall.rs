//! Mann-Kendall's trend test, Sen's slope, and the variance of Hamed and Rao.

use super::THRESHOLD;
use crate::generate::Labelled;

/// One-sided 5 %.
const SIGNIFICANT: f64 = 1.645;
/// All pairs of more points than this take too long; longer series are thinned.
const MOST_POINTS: usize = 300;
const MOST_SLOPE_POINTS: usize = 200;

fn thinned(labelled: &Labelled) -> (Vec<f64>, Vec<f64>) {
    let stride = labelled.series.len().div_ceil(MOST_POINTS).max(1);
    labelled.series.iter().step_by(stride).unzip()
}

/// Median slope of all pairs, per unit of `times`.
fn sen(times: &[f64], values: &[f64]) -> f64 {
    let count = times.len().min(MOST_SLOPE_POINTS);
    let chosen: Vec<usize> = (0..count).map(|index| index * times.len() / count).collect();
    let mut slopes = Vec::with_capacity(count * count / 2);
    for (position, &early) in chosen.iter().enumerate() {
        for &late in &chosen[position + 1..] {
            slopes.push((values[late] - values[early]) / (times[late] - times[early]));
        }
    }
    median(&mut slopes)
}

fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_unstable_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}

fn z(values: &[f64], variance_factor: f64) -> f64 {
    let count = values.len() as f64;
    let mut s = 0.0;
    for (index, early) in values.iter().enumerate() {
        for late in &values[index + 1..] {
            s += f64::from(i8::from(late > early) - i8::from(late < early));
        }
    }
    let variance = count * (count - 1.0) * (2.0 * count + 5.0) / 18.0 * variance_factor;
    (s - s.signum()) / variance.max(1e-9).sqrt()
}

/// Hamed and Rao's factor: from the significant autocorrelations of the ranks of the detrended values.
fn hamed_rao(values: &[f64]) -> f64 {
    let count = values.len();
    if count <= 8 {
        return 1.0;
    }
    let positions: Vec<f64> = (0..count).map(|index| index as f64).collect();
    let slope = sen(&positions, values);
    let mut order: Vec<usize> = (0..count).collect();
    let detrended: Vec<f64> = values.iter().zip(&positions).map(|(value, at)| value - slope * at).collect();
    order.sort_by(|&left, &right| detrended[left].total_cmp(&detrended[right]));
    let mut ranks = vec![0.0; count];
    for (rank, &index) in order.iter().enumerate() {
        ranks[index] = rank as f64 - (count - 1) as f64 / 2.0;
    }
    let power: f64 = ranks.iter().map(|rank| rank * rank).sum();
    let n = count as f64;
    let mut weighted = 0.0;
    for lag in 1..count - 2 {
        let shared: f64 = ranks[lag..].iter().zip(&ranks).map(|(late, early)| late * early).sum();
        let correlation = shared / power;
        if correlation.abs() > 1.96 / n.sqrt() {
            let left = n - lag as f64;
            weighted += left * (left - 1.0) * (left - 2.0) * correlation;
        }
    }
    (1.0 + 2.0 * weighted / (n * (n - 1.0) * (n - 2.0))).max(0.2)
}

pub(super) fn alone(labelled: &Labelled) -> bool {
    z(&thinned(labelled).1, 1.0) > SIGNIFICANT
}

pub(super) fn with_slope(labelled: &Labelled) -> bool {
    let (times, values) = thinned(labelled);
    z(&values, 1.0) > SIGNIFICANT && sen(&times, &values) * 3600.0 > THRESHOLD
}

pub(super) fn corrected_with_slope(labelled: &Labelled) -> bool {
    let (times, values) = thinned(labelled);
    z(&values, hamed_rao(&values)) > SIGNIFICANT && sen(&times, &values) * 3600.0 > THRESHOLD
}

/// Sen's slope, bytes per hour.
pub(super) fn rate(labelled: &Labelled) -> f64 {
    let (times, values) = thinned(labelled);
    sen(&times, &values) * 3600.0
}
