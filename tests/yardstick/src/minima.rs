//! The coarse pass: of each window of the time only the lowest value, as `min_over_time` answers in a range query.

use std::time::Instant;

use model::detect::{screen, worth_a_look};
use model::series::Series;
use serde::Serialize;

use crate::generate::Labelled;
use crate::judge::{Detector, context};
use crate::score::Counts;

/// Windows a coarse pass asks for.
pub const POINTS: [usize; 2] = [48, 96];

/// The lowest value of each of `points` windows, at the window's end. A window without samples has none.
pub fn minima(labelled: &Labelled, points: usize) -> Labelled {
    let samples: Vec<(f64, f64)> = labelled.series.iter().filter(|(_, value)| value.is_finite()).collect();
    let start = samples.iter().map(|sample| sample.0).fold(f64::INFINITY, f64::min);
    let end = samples.iter().map(|sample| sample.0).fold(f64::NEG_INFINITY, f64::max);
    let window_secs = ((end - start + labelled.step_secs) / points as f64).max(labelled.step_secs);
    let mut lows = vec![f64::INFINITY; points];
    for (time, value) in samples {
        let window = (((time - start) / window_secs) as usize).min(points - 1);
        lows[window] = lows[window].min(value);
    }
    let seen = lows.iter().enumerate().filter(|(_, low)| low.is_finite());
    let (times_secs, values) =
        seen.map(|(window, low)| (start + window_secs * (window + 1) as f64, *low)).unzip();
    Labelled { series: Series { times_secs, values }, step_secs: window_secs, ..labelled.clone() }
}

/// How a coarse pass with a full look at what it keeps compares with full looks at everything.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct TwoPasses {
    /// Windows of the coarse pass.
    pub points: usize,
    /// Of the leaks found in full resolution, the percentage the coarse pass keeps.
    pub kept_percent: f64,
    /// Of the safe series, the percentage it keeps as well: the work it does not save.
    pub safe_kept_percent: f64,
    /// What a coarse look takes, microseconds on one core.
    pub screen_micros: f64,
    /// F1 of both passes.
    pub f1: f64,
    /// F1 in full resolution.
    pub f1_full: f64,
}

/// Judges a set in two passes.
pub fn two_passes(set: &[Labelled], points: usize) -> TwoPasses {
    // Before all else, and alone: what is made and judged between the looks would push the detector out of the caches.
    let coarse: Vec<_> =
        set.iter().map(|labelled| (minima(labelled, points).series, context(labelled, None))).collect();
    let start = Instant::now();
    // As it ships: restarts are asked for only of what is kept.
    let kept: Vec<bool> =
        coarse.iter().map(|(minima, context)| worth_a_look(&screen(minima, context))).collect();
    let screen_micros = start.elapsed().as_secs_f64() * 1e6 / set.len().max(1) as f64;
    let judged: Vec<(bool, bool, bool)> = set
        .iter()
        .zip(kept)
        .map(|(labelled, kept)| (labelled.leaks, kept, Detector::Leaklens.fires(labelled)))
        .collect();
    let percent = |of: &dyn Fn(&(bool, bool, bool)) -> bool| {
        let chosen: Vec<_> = judged.iter().filter(|one| of(one)).collect();
        let kept = chosen.iter().filter(|(_, kept, _)| *kept).count();
        if chosen.is_empty() { 100.0 } else { 100.0 * kept as f64 / chosen.len() as f64 }
    };
    TwoPasses {
        points,
        screen_micros,
        kept_percent: percent(&|(leaks, _, full)| *leaks && *full),
        safe_kept_percent: percent(&|(leaks, ..)| !leaks),
        f1: Counts::of(judged.iter().map(|(leaks, kept, full)| (*leaks, *kept && *full))).f1(),
        f1_full: Counts::of(judged.iter().map(|(leaks, _, full)| (*leaks, *full))).f1(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::STANDARD;
    use crate::generate::{Difficulty, make};

    #[test]
    fn a_window_shows_its_lowest_value_and_an_empty_one_nothing() {
        let mut labelled = make(STANDARD[0], 1, 0, Difficulty::Normal, Some((6, 10)));
        labelled.series = Series::new(vec![0.0, 10.0, 20.0, 50.0], vec![5.0, 3.0, f64::NAN, 4.0]);
        let coarse = minima(&labelled, 3);
        assert_eq!(coarse.series, Series::new(vec![20.0, 60.0], vec![3.0, 4.0]));
        assert_eq!(coarse.step_secs, 20.0);
    }
}
