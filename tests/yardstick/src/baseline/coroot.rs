//! The steps of Coroot's memory growth check (2026).

use model::thresholds::MIB;

use super::least_squares::Line;
use crate::generate::Labelled;

/// Least growth of the last hour without a limit, bytes.
const LEAST_WITHOUT_LIMIT: f64 = 50.0 * MIB;
/// The same as a share of a limit.
const LEAST_SHARE_OF_LIMIT: f64 = 0.05;
/// The shipped alert threshold, percent an hour.
const PERCENT: f64 = 10.0;

pub(super) fn as_shipped(labelled: &Labelled) -> bool {
    let least = labelled.limit_bytes.map_or(LEAST_WITHOUT_LIMIT, |limit| LEAST_SHARE_OF_LIMIT * limit);
    growth_percent(labelled, least).is_some_and(|percent| percent > PERCENT)
}

pub(super) fn without_limit(labelled: &Labelled) -> bool {
    growth_percent(labelled, LEAST_WITHOUT_LIMIT).is_some_and(|percent| percent > PERCENT)
}

pub(super) fn at_threshold(labelled: &Labelled) -> bool {
    growth_percent(labelled, super::THRESHOLD).is_some_and(|percent| percent > 0.0)
}

/// Growth of the last hour in percent, when every step holds.
fn growth_percent(labelled: &Labelled, least_bytes: f64) -> Option<f64> {
    let (times, values) = (&labelled.series.times_secs, &labelled.series.values);
    let (first, last) = (times.first()?, times.last()?);
    let last = *last;
    let expected = ((last - first) / labelled.step_secs).round() + 1.0;
    if (times.len() as f64) < 0.8 * expected {
        return None;
    }
    let mut cuts = vec![0];
    cuts.extend((1..values.len()).filter(|&index| values[index] < 0.5 * values[index - 1]));
    cuts.push(values.len());
    let run = cuts.windows(2).map(|pair| pair[0]..pair[1]).rev().max_by_key(std::ops::Range::len)?;
    let (times, values) = (&times[run.clone()], &values[run]);
    if times.len() < 10 || times.len() < expected as usize / 3 {
        return None;
    }
    let line = Line::fit(times, values);
    let mut tail = times.len() - times.len() / 4;
    while tail > 0 && times[times.len() - 1] - times[tail.min(times.len() - 1)] < 900.0 {
        tail -= 1;
    }
    if line.slope <= 0.0 || times.len() - tail < 5 {
        return None;
    }
    let tail_slope = Line::fit(&times[tail..], &values[tail..]).slope;
    if tail_slope <= 0.0 || tail_slope < 0.3 * line.slope {
        return None;
    }
    let (start, end) = (line.at(last - 3600.0), line.at(last));
    if end <= 0.0 || end <= start || end - start < least_bytes {
        return None;
    }
    Some((end - start) / if start > 0.0 { start } else { end } * 100.0)
}
