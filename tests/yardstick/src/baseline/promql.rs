//! Alert expressions over range vectors, each held for ten minutes at three evaluations.

use super::THRESHOLD;
use super::least_squares::Line;
use crate::generate::Labelled;

/// The window of the runbook's expression, seconds.
pub const RATE_WINDOW_SECS: f64 = 3600.0;
const HOLD_SECS: f64 = 600.0;
const EVALUATIONS: u32 = 3;

fn held(labelled: &Labelled, window_secs: f64, rule: impl Fn(f64, &[f64], &[f64]) -> bool) -> bool {
    let times = &labelled.series.times_secs;
    let Some(end) = times.last() else { return false };
    (0..EVALUATIONS).all(|number| {
        let at = end - HOLD_SECS * f64::from(number) / f64::from(EVALUATIONS - 1);
        let from = times.partition_point(|&time| time <= at - window_secs);
        let to = times.partition_point(|&time| time <= at);
        to - from >= 3 && rule(at, &times[from..to], &labelled.series.values[from..to])
    })
}

fn deriv_above(labelled: &Labelled, window_secs: f64) -> bool {
    held(labelled, window_secs, |_, times, values| Line::fit(times, values).slope * 3600.0 > THRESHOLD)
}

pub(super) fn deriv_1h(labelled: &Labelled) -> bool {
    deriv_above(labelled, RATE_WINDOW_SECS)
}

pub(super) fn deriv_6h(labelled: &Labelled) -> bool {
    deriv_above(labelled, 6.0 * RATE_WINDOW_SECS)
}

pub(super) fn increase_1h(labelled: &Labelled) -> bool {
    held(labelled, RATE_WINDOW_SECS, |_, _, values| {
        // A fall counts as a reset to zero: the value after it is all increase.
        let increase = |pair: &[f64]| if pair[1] < pair[0] { pair[1] } else { pair[1] - pair[0] };
        values.windows(2).map(increase).sum::<f64>() > THRESHOLD
    })
}

pub(super) fn delta_1h(labelled: &Labelled) -> bool {
    held(labelled, RATE_WINDOW_SECS, |_, times, values| {
        let secs = (times[times.len() - 1] - times[0]).max(1.0);
        (values[values.len() - 1] - values[0]) * 3600.0 / secs > THRESHOLD
    })
}

pub(super) fn predict_4h(labelled: &Labelled) -> bool {
    let Some(limit) = labelled.limit_bytes else { return false };
    held(labelled, RATE_WINDOW_SECS, |at, times, values| {
        Line::fit(times, values).at(at + 4.0 * 3600.0) > limit
    })
}

/// Slope of the last `window_secs`, bytes per hour.
fn deriv(labelled: &Labelled, window_secs: f64) -> f64 {
    let times = &labelled.series.times_secs;
    let from = times.partition_point(|&time| times.last().is_some_and(|end| time <= end - window_secs));
    Line::fit(&times[from..], &labelled.series.values[from..]).slope * 3600.0
}

pub(super) fn rate_1h(labelled: &Labelled) -> f64 {
    deriv(labelled, RATE_WINDOW_SECS)
}

pub(super) fn rate_6h(labelled: &Labelled) -> f64 {
    deriv(labelled, 6.0 * RATE_WINDOW_SECS)
}
