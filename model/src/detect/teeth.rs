//! Finds the sharp falls of a sawtooth, as a garbage collector or a memory-freeing job draws it.

use super::stats::{quantile, robust_sigma};

/// A fall counts when it is this many robust sigma of the sample-to-sample changes...
const FALL_SIGMAS: f64 = 6.0;
/// ...and this share of the range of the series (2nd to 98th percentile).
const FALL_SHARE_OF_RANGE: f64 = 0.15;
/// Sharp rises for each fall that still make a sawtooth: with more of them it is spikes.
const RISES_PER_FALL: f64 = 0.34;

/// Index of the first sample after each fall, empty when the series is no sawtooth.
pub(super) fn find(bytes: &[f64]) -> Vec<usize> {
    let changes: Vec<f64> = bytes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let sigma = robust_sigma(&mut changes.clone());
    let mut sorted = bytes.to_vec();
    let range = quantile(&mut sorted, 0.98) - quantile(&mut sorted, 0.02);
    let sharp = (FALL_SIGMAS * sigma).max(FALL_SHARE_OF_RANGE * range);
    if sharp <= 0.0 {
        return Vec::new();
    }
    let rises = changes.iter().filter(|&&change| change > sharp).count();
    let falls: Vec<usize> = changes
        .iter()
        .enumerate()
        .filter(|(_, change)| **change < -sharp)
        .map(|(index, _)| index + 1)
        .collect();
    if falls.len() >= 2 && rises as f64 <= RISES_PER_FALL * falls.len() as f64 { falls } else { Vec::new() }
}
