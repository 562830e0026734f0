//! Everything that is measured of a detector on a set, in one row.

use std::collections::BTreeMap;
use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use crate::baseline::Line;
use crate::case::Case;
use crate::class::STANDARD;
use crate::generate::{Difficulty, Grid, Labelled, make};
use crate::judge::{Answer, Detector};
use crate::score::{Counts, RateErrors, by_class, rate_errors, ratio};

/// One detector on one set.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its name.
    pub detector: String,
    /// Share of alarms that are leaks.
    pub precision: f64,
    /// Share of leaks found.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
    /// Share of safe series called leaks.
    pub false_positive_rate: f64,
    /// Safe series called leaks.
    pub false_alarms: usize,
    /// Leaks not found.
    pub missed: usize,
    /// How far its rates are off, where it names any.
    pub rate: Option<RateErrors>,
    /// Time it takes for a series, microseconds on one core.
    pub micros_per_series: f64,
    /// The same as a multiple of plain least squares over the same series in the same run.
    pub times_least_squares: f64,
    /// Percentage of each class that fires, leaks first.
    pub fires_percent: Vec<ClassShare>,
}

/// How much of a class fires.
#[derive(Debug, Clone, Serialize)]
pub struct ClassShare {
    /// The class.
    pub class: String,
    /// Whether it leaks.
    pub leaks: bool,
    /// Percentage that fires.
    pub percent: f64,
}

/// Measures detectors on a set.
pub fn rows(set: &[Labelled], detectors: &[Detector]) -> Vec<Row> {
    let plain_micros = least_squares_micros(set);
    detectors.iter().map(|&detector| row(set, detector, plain_micros)).collect()
}

fn row(set: &[Labelled], detector: Detector, plain_micros: f64) -> Row {
    let answers: Vec<Answer> = set.iter().map(|labelled| detector.answer(labelled)).collect();
    // Timed apart: the rates are not part of a baseline's work.
    let micros_per_series =
        micros_each(set, || set.iter().filter(|labelled| detector.fires(labelled)).count());
    let fired: Vec<bool> = answers.iter().map(|answer| answer.fires).collect();
    let counts = Counts::of(set.iter().zip(&fired).map(|(labelled, &fired)| (labelled.leaks, fired)));
    Row {
        detector: detector.name(),
        precision: counts.precision(),
        recall: counts.recall(),
        f1: counts.f1(),
        false_positive_rate: counts.false_positive_rate(),
        false_alarms: counts.false_alarms,
        missed: counts.missed,
        rate: rate_errors(set, &answers),
        micros_per_series,
        times_least_squares: micros_per_series / plain_micros,
        fires_percent: by_class(set, &fired)
            .into_iter()
            .map(|((safe, class), percent)| ClassShare { class, leaks: !safe, percent })
            .collect(),
    }
}

/// Microseconds a series of the fastest of three passes over the set, of this thread's own time: what other programs take
/// of the machine is not counted.
fn micros_each<T>(set: &[Labelled], pass: impl Fn() -> T) -> f64 {
    let secs = (0..3).map(|_| {
        let start = own_secs();
        black_box(pass());
        own_secs() - start
    });
    secs.fold(f64::INFINITY, f64::min) * 1e6 / set.len().max(1) as f64
}

fn own_secs() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Of plain least squares; so short a time is taken over several passes.
fn least_squares_micros(set: &[Labelled]) -> f64 {
    const PASSES: usize = 20;
    let slope = |labelled: &Labelled| Line::fit(&labelled.series.times_secs, &labelled.series.values).slope;
    let all = || (0..PASSES).map(|_| black_box(set).iter().map(slope).sum::<f64>()).sum::<f64>();
    (micros_each(set, all) / PASSES as f64).max(1e-3)
}

/// What one series of a day costs.
#[derive(Debug, Clone, Serialize)]
pub struct Speed {
    /// Samples of each series.
    pub samples: usize,
    /// Microseconds a series, on average.
    pub mean_micros: f64,
    /// The class that takes longest, and its microseconds a series.
    pub slowest: (String, f64),
    /// Plain least squares on the same series, microseconds.
    pub least_squares_micros: f64,
}

/// A sample a minute, for a day.
const DAY: Grid = (1440, 60);

/// How long our detector takes for a day of samples a minute apart, over all classes.
pub fn speed(seed: u64) -> Speed {
    let mut by_class = BTreeMap::new();
    let mut all = Vec::new();
    for class in STANDARD {
        let set: Vec<_> =
            (0..20).map(|index| make(class, seed, index, Difficulty::Normal, Some(DAY))).collect();
        let judge = || set.iter().filter(|labelled| Detector::Leaklens.fires(labelled)).count();
        by_class.insert(class.name, micros_each(&set, judge));
        all.extend(set);
    }
    let slowest = by_class.iter().max_by(|a, b| a.1.total_cmp(b.1));
    Speed {
        samples: DAY.0,
        mean_micros: by_class.values().sum::<f64>() / by_class.len() as f64,
        slowest: slowest.map(|(class, micros)| ((*class).to_owned(), *micros)).unwrap_or_default(),
        least_squares_micros: least_squares_micros(&all),
    }
}

/// How much of each class of cases is called a leak.
#[derive(Debug, Clone, Serialize)]
pub struct CaseShares {
    /// The detector; ours once after joining and once with every series judged alone.
    pub detector: String,
    /// Percentage of each class, in the order of the classes.
    pub fires_percent: Vec<ClassShare>,
}

/// Judges cases: ours after joining, then every detector on each series alone.
pub fn cases(cases: &[Case], detectors: &[Detector]) -> Vec<CaseShares> {
    let share = |detector: String, fires: &dyn Fn(&Case) -> bool| {
        let fires_percent = cases
            .chunk_by(|a, b| a.class == b.class)
            .map(|class| ClassShare {
                class: class[0].class.to_owned(),
                leaks: class[0].leaks,
                percent: 100.0 * ratio(class.iter().filter(|case| fires(case)).count(), class.len()),
            })
            .collect();
        CaseShares { detector, fires_percent }
    };
    let joined = share("leaklens, joined".to_owned(), &Case::fires);
    let alone = detectors.iter().map(|&detector| share(detector.name(), &|case| case.any_fires(detector)));
    std::iter::once(joined).chain(alone).collect()
}
