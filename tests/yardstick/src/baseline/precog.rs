//! Linear backward regression and Precog's change points (Jindal et al. 2021).

use super::least_squares::Line;
use crate::generate::Labelled;

/// How straight a trend must be.
const STRAIGHT: f64 = 0.8;
/// How soon it must reach the limit, seconds.
const CRITICAL_SECS: f64 = 7.0 * 86_400.0;

fn critical(labelled: &Labelled, line: Line, last: f64) -> bool {
    let Some(limit) = labelled.limit_bytes else { return false };
    line.slope > 0.0 && line.r_squared > STRAIGHT && (limit - last) / line.slope < CRITICAL_SECS
}

pub(super) fn backward_regression(labelled: &Labelled) -> bool {
    let (times, values) = (&labelled.series.times_secs, &labelled.series.values);
    let count = times.len();
    let Some(&last) = values.last() else { return false };
    (30.max(count / 5)..=count).step_by((count / 40).max(1)).any(|length| {
        critical(labelled, Line::fit(&times[count - length..], &values[count - length..]), last)
    })
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2])
}

pub(super) fn change_points(labelled: &Labelled) -> bool {
    let (times, values) = (&labelled.series.times_secs, &labelled.series.values);
    if times.len() < 4 {
        return false;
    }
    let span = times[times.len() - 1] - times[0];
    let window = (span / 48.0).max(900.0);
    let thinned: Vec<f64> = times.iter().copied().step_by((times.len() / 240).max(1)).collect();
    let smooth: Vec<f64> = thinned
        .iter()
        .map(|&at| {
            let from = times.partition_point(|&time| time <= at - window);
            median(&values[from..times.partition_point(|&time| time <= at)])
        })
        .collect();
    let changes: Vec<f64> = smooth.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let centre = median(&changes);
    let spread = median(&changes.iter().map(|change| (change - centre).abs()).collect::<Vec<_>>()).max(1e-9);
    let apart = span / 8.0;
    let mut starts = vec![0];
    for (index, change) in changes.iter().enumerate() {
        // Iglewicz and Hoaglin's modified z-score.
        let is_change_point = 0.6745 * (change - centre) / spread > 3.5;
        if is_change_point && thinned[index + 1] - thinned[starts[starts.len() - 1]] >= apart {
            starts.push(index + 1);
        }
    }
    let end = thinned[thinned.len() - 1];
    let last = smooth[smooth.len() - 1];
    starts
        .into_iter()
        .filter(|&start| end - thinned[start] >= apart)
        .any(|start| critical(labelled, Line::fit(&thinned[start..], &smooth[start..]), last))
}
