//! Makes labelled series: the grid, the noise and the losses here, the growth of each class in [`growth`], the
//! traffic beside it in [`load`]; whole workloads as production shows them in [`production`].

mod growth;
mod load;
mod production;

use model::series::Series;
use model::thresholds::MIB;

use crate::chance::Chance;
use crate::class::Class;

pub use production::{case, cases};

/// Samples and seconds between them.
pub type Grid = (usize, u32);

/// An hour to two days, a sample every 15 s to 5 min.
pub const GRIDS: [Grid; 15] = [
    (240, 15),
    (480, 15),
    (720, 15),
    (60, 60),
    (120, 60),
    (180, 60),
    (360, 60),
    (720, 30),
    (2880, 15),
    (72, 300),
    (144, 300),
    (288, 300),
    (1440, 60),
    (2880, 60),
    (576, 300),
];

/// Grids of a day and more, where a daily cycle is seen whole.
const LONG_GRIDS: [Grid; 4] = [(288, 300), (1440, 60), (576, 300), (2880, 60)];

/// Eight and twelve hours: long enough to be watched through a trailing window of six.
pub const WATCHED_GRIDS: [Grid; 3] = [(480, 60), (960, 30), (1440, 30)];

/// How hard the series are to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difficulty {
    /// The distribution the detector was built on.
    Normal,
    /// More noise and loss, weaker leaks, cycles in part, slower caches.
    Hard,
}

/// A series and the truth about it.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// The kind of behaviour.
    pub class: String,
    /// Whether it leaks.
    pub leaks: bool,
    /// The samples.
    pub series: Series,
    /// Seconds between samples that are not lost.
    pub step_secs: f64,
    /// Restart times, seconds; `None` where they are not known.
    pub restarts_secs: Option<Vec<f64>>,
    /// Memory limit, bytes.
    pub limit_bytes: Option<f64>,
    /// True growth of the floor at the end, bytes per hour, where it is one number.
    pub rate_bytes_per_hour: Option<f64>,
    /// When the leak begins, seconds; the first sample unless it begins later.
    pub onset_secs: f64,
    /// Requests a second, where they are known.
    pub request_rate: Option<Series>,
}

/// The settings all classes share, drawn once per series.
#[derive(Debug)]
struct Setting {
    difficulty: Difficulty,
    /// Hours of each sample.
    hours: Vec<f64>,
    step_secs: f64,
    span_hours: f64,
    base_bytes: f64,
    /// Growth of a leak, bytes per hour: at least three sigma (two when hard) and 5 MiB (3) over the span.
    rate: f64,
    /// Period of a cycle, hours.
    cycle_hours: f64,
}

/// What a class adds to the base.
#[derive(Debug)]
struct Growth {
    /// Bytes above the base at each sample.
    bytes: Vec<f64>,
    restarts_hours: Vec<f64>,
    /// True rate at the end, bytes per hour.
    rate: f64,
    onset_hours: f64,
    /// Noise in place of the usual one, bytes.
    noise: Option<Vec<f64>>,
}

/// Makes series number `index` of `class` from `seed`, on a given grid or one drawn from [`GRIDS`].
pub fn make(class: Class, seed: u64, index: u64, difficulty: Difficulty, grid: Option<Grid>) -> Labelled {
    let mut chance = Chance::new(seed, class.number(), index);
    let hard = difficulty == Difficulty::Hard;
    let grid = grid.unwrap_or_else(|| {
        let any = chance.one_of(&GRIDS);
        let daily = class.name.starts_with("diurnal") && chance.happens(0.6);
        if daily { chance.one_of(&LONG_GRIDS) } else { any }
    });
    let (count, step_secs) = (grid.0, f64::from(grid.1));
    let span_hours = count as f64 * step_secs / 3600.0;
    let base_bytes = chance.between_logs(90.0, 1200.0) * MIB;
    let sigma = base_bytes * chance.between_logs(0.001, if hard { 0.06 } else { 0.03 });
    let memory_secs = chance.between_logs(30.0, 900.0);
    let heavy_tails = chance.happens(0.3);
    let noise = chance.autoregressive(count, (-step_secs / memory_secs).exp(), heavy_tails);
    let least = (if hard { 11.0f64 } else { 12.0 })
        .max(if hard { 2.0 } else { 3.0 } * sigma / MIB / span_hours)
        .max(if hard { 3.0 } else { 5.0 } / span_hours);
    let rate = chance.between_logs(least, (2.0 * least).max(150.0)) * MIB;
    let cycle_hours = if span_hours >= 24.0 {
        24.0
    } else {
        chance.between(span_hours / 8.0, span_hours / if hard { 1.4 } else { 2.6 })
    };
    let setting = Setting {
        difficulty,
        hours: (0..count).map(|index| index as f64 * step_secs / 3600.0).collect(),
        step_secs,
        span_hours,
        base_bytes,
        rate,
        cycle_hours,
    };
    let growth = growth::of(class.name, &setting, &mut chance);
    let noise = growth.noise.clone().unwrap_or_else(|| noise.iter().map(|shock| shock * sigma).collect());
    let page = chance.one_of(&[4096.0, 65536.0, MIB]);
    let values: Vec<f64> = growth
        .bytes
        .iter()
        .zip(&noise)
        .map(|(grown, noise)| (base_bytes + grown + noise).max(0.05 * base_bytes))
        .map(|bytes| (bytes / page).round() * page)
        .collect();
    let highest = values.iter().copied().fold(0.0, f64::max);
    let requests = load::of(
        class,
        &setting,
        &growth.bytes,
        &mut Chance::new(seed ^ load::STREAM, class.number(), index),
    );
    let kept = kept(count, hard, &mut chance);
    let arrived = |column: &[f64]| {
        let indices = || (0..count).filter(|&index| kept[index]);
        Series::new(
            indices().map(|index| index as f64 * step_secs).collect(),
            indices().map(|index| column[index]).collect(),
        )
    };
    Labelled {
        class: class.name.to_owned(),
        leaks: class.leaks,
        series: arrived(&values),
        step_secs,
        restarts_secs: Some(growth.restarts_hours.iter().map(|hours| hours * 3600.0).collect()),
        limit_bytes: Some(highest * chance.between(1.1, 3.0)),
        rate_bytes_per_hour: class.leaks.then_some(growth.rate),
        onset_secs: growth.onset_hours * 3600.0,
        request_rate: Some(arrived(&requests)),
    }
}

/// Which samples arrive: some are lost singly, and in 15 % of the series a stretch is missing.
fn kept(count: usize, hard: bool, chance: &mut Chance) -> Vec<bool> {
    let loss = if hard { chance.one_of(&[0.0, 0.05, 0.25]) } else { chance.one_of(&[0.0, 0.0, 0.02, 0.1]) };
    let mut kept: Vec<bool> = (0..count).map(|_| !chance.happens(loss)).collect();
    if chance.happens(0.15) {
        let start = chance.whole(0, count);
        kept[start..count.min(start + count / 15)].fill(false);
    }
    kept
}

/// `per_class` series of each class.
pub fn set(classes: &[Class], seed: u64, per_class: u64, difficulty: Difficulty) -> Vec<Labelled> {
    classes
        .iter()
        .flat_map(|&class| (0..per_class).map(move |index| make(class, seed, index, difficulty, None)))
        .collect()
}

/// `per_class` series of each class, long enough to be watched through a trailing window.
pub fn watched_set(classes: &[Class], seed: u64, per_class: u64, difficulty: Difficulty) -> Vec<Labelled> {
    let mut set = Vec::new();
    for &class in classes {
        for index in 0..per_class {
            let grid = WATCHED_GRIDS[index as usize % WATCHED_GRIDS.len()];
            set.push(make(class, seed, index, difficulty, Some(grid)));
        }
    }
    set
}
