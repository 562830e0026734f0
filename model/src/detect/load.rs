//! What the load explains of the floor: memory that grows because traffic does is no leak.
//!
//! Floor and load are compared level by level, each about its mean within its run (restarts shift the level): a straight
//! climb and the load explain the floor together by least squares. Load is measured with noise, which by itself would
//! hide part of what it explains; that noise, read from its second differences, is taken out of its variance first
//! (W. A. Fuller, "Measurement Error Models", 1987).

use super::clean::Samples;
use super::floor::Floor;
use super::stats::{lag_one_correlation, mean, median, quantile};
use crate::format::bytes;

/// Load that varies by less than this share of its mean explains no growth.
const LEAST_VARIATION: f64 = 0.15;
/// At most this share of the floor points may be without load.
const MOST_MISSING: f64 = 0.2;
/// Fewer points tell nothing apart.
const FEWEST_POINTS: usize = 12;
/// Standard errors by which memory must follow the load.
const SURE: f64 = 3.0;
/// Share of the load's own variance that a straight line must leave for both to be told apart.
const LEAST_APART: f64 = 0.02;
/// Where they cannot be, load must leave at most this many times the squared error that a line leaves, but for the load's
/// own noise.
const AS_GOOD: f64 = 1.6;

/// What the load says of the floor's growth.
#[derive(Debug)]
pub(super) enum Explained {
    /// The floor follows the load.
    Part(Followed),
    /// Load rose in a straight line as the floor did: either may be the reason.
    Untold(Followed),
}

/// The floor as it follows the load.
#[derive(Debug)]
pub(super) struct Followed {
    /// Bytes for one unit of load.
    bytes_per_unit: f64,
    /// Load at each point of the floor.
    load: Vec<f64>,
    hours: Vec<f64>,
}

impl Followed {
    /// Bytes that the load explains at a time, against the end.
    pub(super) fn bytes_at(&self, hours: f64) -> f64 {
        self.bytes_per_unit * (self.load_at(hours) - self.ends().1)
    }

    fn load_at(&self, hours: f64) -> f64 {
        let after = self.hours.partition_point(|hour| *hour < hours).min(self.hours.len() - 1);
        let before = after.saturating_sub(1);
        let step = self.hours[after] - self.hours[before];
        let part = if step > 0.0 { ((hours - self.hours[before]) / step).clamp(0.0, 1.0) } else { 0.0 };
        self.load[before] + part * (self.load[after] - self.load[before])
    }

    /// `bytes` at `hours` as if load had always been what it is at the end.
    fn levelled(&self, hours: &[f64], bytes: &[f64]) -> Vec<f64> {
        let end = self.ends().1;
        let explained = |hours: f64| self.bytes_per_unit * (self.load_at(hours) - end);
        bytes.iter().zip(hours).map(|(bytes, &hours)| bytes - explained(hours)).collect()
    }

    /// The samples without what load adds.
    pub(super) fn without(&self, samples: &Samples) -> Samples {
        let bytes = self.levelled(&samples.hours, &samples.bytes);
        Samples { origin_secs: samples.origin_secs, hours: samples.hours.clone(), bytes }
    }

    /// The floor without it.
    pub(super) fn floor_without(&self, floor: &Floor) -> Floor {
        Floor {
            hours: floor.hours.clone(),
            bytes: self.levelled(&floor.hours, &floor.bytes),
            raw: self.levelled(&floor.hours, &floor.raw),
            run: floor.run.clone(),
            after_falls: floor.after_falls,
        }
    }

    /// Load at the start and at the end, means of an eighth of the points.
    fn ends(&self) -> (f64, f64) {
        let edge = (self.load.len() / 8).max(1);
        (mean(&self.load[..edge]), mean(&self.load[self.load.len() - edge..]))
    }

    /// How the load went, for a sentence: "went from 12/s to 40/s".
    pub(super) fn course(&self) -> String {
        let (start, end) = self.ends();
        format!("went from {}/s to {}/s", number(start), number(end))
    }

    /// What the load explains from start to end, for a sentence.
    pub(super) fn amount(&self) -> String {
        let (start, end) = self.ends();
        bytes(self.bytes_per_unit * (end - start))
    }
}

fn number(value: f64) -> String {
    if value.abs() < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

/// Sums of products about the means within runs.
#[derive(Debug, Default)]
struct Products {
    load_load: f64,
    load_time: f64,
    time_time: f64,
    load_bytes: f64,
    time_bytes: f64,
    bytes_bytes: f64,
}

/// How the floor follows `load`; `None` where it does not, or where that is not known.
pub(super) fn explain(floor: &Floor, load: &Samples) -> Option<Explained> {
    if floor.len() < FEWEST_POINTS {
        return None;
    }
    let load = at_points(floor, load)?;
    let range = quantile(&mut load.clone(), 0.95) - quantile(&mut load.clone(), 0.05);
    if range < LEAST_VARIATION * mean(&load).abs() {
        return None;
    }
    let (products, freedom) = products(floor, &load);
    let noise = noise_variance(floor, &load) * freedom;
    let load_load = products.load_load - noise;
    if load_load <= 0.0 || load_load < 0.5 * products.load_load || products.time_time <= 0.0 {
        return None;
    }
    let followed =
        |bytes_per_unit| Followed { bytes_per_unit, load: load.clone(), hours: floor.hours.clone() };
    let apart = load_load - products.load_time * products.load_time / products.time_time;
    if apart < (LEAST_APART * load_load).max(2.0 * noise / freedom.sqrt()) {
        let left_by_line = products.bytes_bytes - products.time_bytes.powi(2) / products.time_time;
        let left_by_load = products.bytes_bytes - products.load_bytes.powi(2) / load_load;
        let bytes_per_unit = products.load_bytes / load_load;
        // How far the load's own noise moves its share: part of a standard error of the sum with memory.
        let unsure = 0.3 * bytes_per_unit * (noise / freedom * products.bytes_bytes).sqrt();
        let as_good = left_by_load <= AS_GOOD * left_by_line.max(0.0) + unsure;
        return (as_good && bytes_per_unit > 0.0).then(|| Explained::Untold(followed(bytes_per_unit)));
    }
    let bytes_per_unit =
        (products.load_bytes - products.load_time * products.time_bytes / products.time_time) / apart;
    let slope = (products.time_bytes - bytes_per_unit * products.load_time) / products.time_time;
    let residuals: Vec<f64> = floor
        .bytes
        .iter()
        .zip(&floor.hours)
        .zip(&load)
        .map(|((bytes, hours), load)| bytes - slope * hours - bytes_per_unit * load)
        .collect();
    let centre = mean(&residuals);
    let residuals: Vec<f64> = residuals.into_iter().map(|value| value - centre).collect();
    let correlation = lag_one_correlation(&residuals);
    let inflation = (1.0 + correlation) / (1.0 - correlation);
    let variance = inflation * residuals.iter().map(|value| value * value).sum::<f64>() / freedom;
    let error = (variance / apart).sqrt();
    (bytes_per_unit > SURE * error).then(|| Explained::Part(followed(bytes_per_unit)))
}

/// Mean load around each point of the floor; single gaps are filled from the points beside them. `None` when it is
/// missing at too many.
fn at_points(floor: &Floor, load: &Samples) -> Option<Vec<f64>> {
    let reach = 0.5 * floor.step_hours();
    let mut means: Vec<Option<f64>> = Vec::with_capacity(floor.len());
    for (index, &hours) in floor.hours.iter().enumerate() {
        let halfway =
            |other: Option<&f64>| other.map_or(reach, |other| (0.5 * (hours - other)).abs().min(2.0 * reach));
        let before = hours - halfway(index.checked_sub(1).and_then(|before| floor.hours.get(before)));
        let after = hours + halfway(floor.hours.get(index + 1));
        let from = load.hours.partition_point(|hour| *hour < before);
        let to = load.hours.partition_point(|hour| *hour < after);
        means.push((from < to).then(|| mean(&load.bytes[from..to])));
    }
    let known: Vec<usize> = (0..means.len()).filter(|&index| means[index].is_some()).collect();
    if (means.len() - known.len()) as f64 > MOST_MISSING * means.len() as f64 {
        return None;
    }
    let nearest =
        |index: usize| known.iter().min_by_key(|known| known.abs_diff(index)).and_then(|&known| means[known]);
    (0..means.len()).map(nearest).collect()
}

/// The sums, and the degrees of freedom that remain with two regressors.
fn products(floor: &Floor, load: &[f64]) -> (Products, f64) {
    let mut sums = Products::default();
    let mut freedom = floor.len() as f64 - 2.0;
    for run in floor.runs() {
        freedom -= 1.0;
        let centred = |column: &[f64]| -> Vec<f64> {
            let centre = mean(&column[run.clone()]);
            column[run.clone()].iter().map(|value| value - centre).collect()
        };
        let (loads, hours, bytes) = (centred(load), centred(&floor.hours), centred(&floor.bytes));
        for ((load, hours), bytes) in loads.iter().zip(&hours).zip(&bytes) {
            sums.load_load += load * load;
            sums.load_time += load * hours;
            sums.time_time += hours * hours;
            sums.load_bytes += load * bytes;
            sums.time_bytes += hours * bytes;
            sums.bytes_bytes += bytes * bytes;
        }
    }
    (sums, freedom.max(1.0))
}

/// Variance of the load's noise: what a parabola through three neighbours does not see has 6 times that variance.
fn noise_variance(floor: &Floor, load: &[f64]) -> f64 {
    let mut seconds: Vec<f64> = floor
        .runs()
        .into_iter()
        .flat_map(|run| {
            load[run].windows(3).map(|three| (three[0] - 2.0 * three[1] + three[2]).abs()).collect::<Vec<_>>()
        })
        .collect();
    // 1.4826 makes the median of absolute values the standard deviation of a normal distribution.
    (1.4826 * median(&mut seconds)).powi(2) / 6.0
}
