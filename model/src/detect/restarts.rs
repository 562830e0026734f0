//! Cuts a series at restarts. Known restart times are believed; without them a lasting deep fall is one.

use super::clean::Samples;
use super::stats::median;

/// A restart is looked for where one sample is at most this share of the one before...
const FALL: f64 = 0.75;
/// ...and the memory around it stays below this share of what it was.
const LASTING_FALL: f64 = 0.65;
/// More deep falls than this are a collector at work, not restarts.
const MOST_GUESSED: usize = 4;
/// So are falls whose waits differ by less than this factor.
const REGULAR: f64 = 1.2;
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
    let after_len = (bytes.len() / 60).max(3);
    // Longer than any spike, so that the end of a spike is no restart.
    let before_len = (bytes.len() / 10).max(3);
    let mut cuts: Vec<usize> = Vec::new();
    for index in 2..bytes.len().saturating_sub(2) {
        if bytes[index] >= FALL * bytes[index - 1]
            || cuts.last().is_some_and(|last| index - last <= after_len)
        {
            continue;
        }
        let from = index.saturating_sub(before_len).max(cuts.last().copied().unwrap_or(0));
        let before = median(&mut bytes[from..index].to_vec());
        let after = median(&mut bytes[index..bytes.len().min(index + after_len)].to_vec());
        if after < LASTING_FALL * before {
            cuts.push(index);
        }
    }
    cuts
}

/// Whether guessed restarts are so many, or so regular, that a collector is at work.
pub(super) fn like_teeth(cuts: &[usize]) -> bool {
    if cuts.len() > MOST_GUESSED {
        return true;
    }
    let waits: Vec<f64> = cuts.windows(2).map(|pair| (pair[1] - pair[0]) as f64).collect();
    let longest = waits.iter().copied().fold(0.0, f64::max);
    let shortest = waits.iter().copied().fold(f64::INFINITY, f64::min);
    waits.len() >= 2 && longest < REGULAR * shortest
}

/// Fewest samples of a run that is judged alone, of a series of `len`.
pub(super) fn shortest_run(len: usize) -> usize {
    SHORTEST_RUN_SAMPLES.max(len / SHORTEST_RUN_PART)
}

/// The runs between `cuts` that are long enough to judge, as index ranges; the whole series when none is.
pub(super) fn runs(len: usize, cuts: &[usize]) -> Vec<std::ops::Range<usize>> {
    let shortest = shortest_run(len);
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain(std::iter::once(len));
    let long: Vec<_> =
        starts.zip(ends).map(|(start, end)| start..end).filter(|run| run.len() >= shortest).collect();
    if long.is_empty() { std::iter::once(0..len).collect() } else { long }
}
