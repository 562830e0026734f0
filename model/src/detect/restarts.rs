//! Cuts a series at restarts. Known restart times are believed; without them a lasting deep fall is one.

use super::clean::Samples;
use super::stats::median;

/// A restart is looked for where one sample is at most this share of the one before...
const FALL: f64 = 0.75;
/// ...and the memory around it stays below this share of what it was.
const LASTING_FALL: f64 = 0.65;
/// More deep falls than this are a collector at work, not restarts.
const MOST_GUESSED: usize = 4;
/// A run shorter than this many samples, or than this part of the series, says nothing of a trend.
const SHORTEST_RUN_SAMPLES: usize = 12;
const SHORTEST_RUN_PART: usize = 12;

/// Index of the first sample of each new run, from known restart times in seconds.
pub(super) fn known(samples: &Samples, restarts_secs: &[f64]) -> Vec<usize> {
    let mut cuts: Vec<usize> = restarts_secs
        .iter()
        .filter(|secs| secs.is_finite())
        .map(|&secs| samples.index_at(secs))
        .filter(|&index| index > 0 && index < samples.len())
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// Index of the first sample after each deep, lasting fall.
pub(super) fn guess(samples: &Samples) -> Vec<usize> {
    let bytes = &samples.bytes;
    let around = (bytes.len() / 60).max(3);
    let mut cuts: Vec<usize> = Vec::new();
    for index in 2..bytes.len().saturating_sub(2) {
        if bytes[index] >= FALL * bytes[index - 1] || cuts.last().is_some_and(|last| index - last <= around) {
            continue;
        }
        let before = median(&mut bytes[index.saturating_sub(around)..index].to_vec());
        let after = median(&mut bytes[index..bytes.len().min(index + around)].to_vec());
        if after < LASTING_FALL * before {
            cuts.push(index);
        }
    }
    cuts
}

/// Whether so many falls were guessed that they cannot be restarts.
pub(super) fn too_many(cuts: &[usize]) -> bool {
    cuts.len() > MOST_GUESSED
}

/// The runs between `cuts` that are long enough to judge, as index ranges; the whole series when none is.
pub(super) fn runs(len: usize, cuts: &[usize]) -> Vec<std::ops::Range<usize>> {
    let shortest = SHORTEST_RUN_SAMPLES.max(len / SHORTEST_RUN_PART);
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain(std::iter::once(len));
    let long: Vec<_> =
        starts.zip(ends).map(|(start, end)| start..end).filter(|run| run.len() >= shortest).collect();
    if long.is_empty() { std::iter::once(0..len).collect() } else { long }
}
