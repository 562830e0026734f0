//! What must hold of a leak, each as a soft gate between 0 and 1; the score is the root of their product.

use super::floor::Floor;
use super::rate::{Pairs, slope_within};
use super::shape::{Choice, Noise, Run, Shape};
use super::stairs;
use super::stats::{mean, median, soft_above};
use crate::thresholds::Thresholds;

/// What the gates are judged on.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) floor: &'a Floor,
    /// The run that is alive at the end.
    pub(super) run: &'a Run,
    /// Hours and bytes of the same run in full; of its floor where something was taken out of that.
    pub(super) in_full: (&'a [f64], &'a [f64]),
    /// Floor points of that run.
    pub(super) alive: std::ops::Range<usize>,
    pub(super) pairs: &'a Pairs,
    pub(super) noise: &'a Noise,
    pub(super) choice: &'a Choice,
    pub(super) teeth: usize,
    pub(super) thresholds: &'a Thresholds,
}

/// How growth stands at the end of the range.
#[derive(Debug, Clone, Copy)]
pub(super) struct Growth {
    /// Bytes per hour that the verdict rests on.
    pub(super) rate: f64,
    /// Bytes per hour over the last third.
    pub(super) end_rate: f64,
    /// Share of pairs in the last third that rise.
    pub(super) end_rising: f64,
    /// Bytes grown over the run.
    pub(super) net: f64,
    /// Whether that is more than noise and small change.
    pub(super) net_is_material: bool,
    /// Bytes per hour of a climb in many separate jumps; `None` when it is no such climb.
    pub(super) stairs_rate: Option<f64>,
    /// Runs that grow, of those long enough to tell; `None` with one run.
    pub(super) growing_runs: Option<(usize, usize)>,
}

/// Each gate, 0 (shut) to 1 (open).
#[derive(Debug, Clone, Copy)]
pub(super) struct Gates {
    /// The rate is above the threshold.
    pub(super) rate: f64,
    /// The rise is more than chance.
    pub(super) trend: f64,
    /// The growth is large against noise, level and threshold.
    pub(super) material: f64,
    /// It still grows at the end.
    pub(super) still: f64,
    /// The curves that explain it go on growing, faster than the threshold.
    pub(super) lasting: f64,
    /// Growth is spread over the range.
    pub(super) spread: f64,
    /// Teeth enough to know the lows.
    pub(super) teeth: f64,
    /// Most runs between restarts grow.
    pub(super) runs: f64,
    /// With little history, even the low end of the rate's interval is growth.
    pub(super) sure: f64,
}

impl Gates {
    /// The score, 0 to 1.
    pub(super) fn score(&self) -> f64 {
        let product = self.rate
            * self.trend
            * self.material
            * self.still
            * self.lasting
            * self.spread
            * self.teeth
            * self.runs
            * self.sure;
        product.sqrt()
    }
}

/// Share of the run that counts as its end.
const END_SHARE: f64 = 0.36;

/// Growth below this many units is immaterial; 3 MiB by default.
pub(super) const LEAST_GROWTH: f64 = 0.6;
/// So is growth below this share of the level.
pub(super) const LEAST_SHARE_OF_LEVEL: f64 = 0.006;

/// With little history the low end of the rate's interval must be at least this share of the threshold.
const LEAST_LOW: f64 = 0.3;

/// What growth at the threshold adds in the shortest history: 5 MiB by default, and the natural unit of growth.
pub(super) fn unit_bytes(thresholds: &Thresholds) -> f64 {
    thresholds.growth_bytes_per_hour * thresholds.min_evidence_secs / 3600.0
}

/// The usual height of the floor, bytes.
fn level(floor: &Floor) -> f64 {
    median(&mut floor.bytes.clone()).abs().max(1.0)
}

/// Bytes per hour of the stairs that the run climbs; `None` when it climbs none.
pub(super) fn stairs_rate(facts: &Facts<'_>) -> Option<f64> {
    let run = facts.run;
    let best = &facts.choice.best().fitted;
    let smooth = |hours: f64| best.at((hours - run.hours[0]) / run.span_hours().max(f64::MIN_POSITIVE));
    let (hours, bytes) = facts.in_full;
    // Between the teeth of a collector there is no level.
    if facts.teeth == 0 { stairs::rate(hours, bytes, smooth) } else { None }
}

/// Measures growth at the end of the range; beside the rate of its stairs, where it climbs some.
pub(super) fn growth(facts: &Facts<'_>, stairs_rate: Option<f64>) -> Growth {
    let (run, floor) = (facts.run, facts.floor);
    let threshold = facts.thresholds.growth_bytes_per_hour;
    let overall = facts.pairs.slope();
    let alive = &floor.bytes[facts.alive.clone()];
    let edge = alive.len().min(3);
    let net = mean(&alive[alive.len() - edge..]) - mean(&alive[..edge]);
    let net_is_material = net > 3.0 * facts.noise.sigma_bytes
        && net > LEAST_GROWTH * unit_bytes(facts.thresholds)
        && net > LEAST_SHARE_OF_LEVEL * level(floor);
    let (end_slope, end_rising) = end_of(run).unwrap_or((overall, 0.5));
    let fitted_end = facts.choice.best().fitted.slope_at(1.0) / run.span_hours().max(f64::MIN_POSITIVE);
    let rate = match facts.choice.shape() {
        // The rate now, not the mean over the quiet time before; bounded, for the end alone is noisy. What bounds it
        // is the curve that fits the whole: the median over all pairs says little of a climb that began lately.
        Shape::Late | Shape::Curved => end_slope.min(1.5 * fitted_end.max(0.0)).max(overall),
        Shape::WarmUpLinear => end_slope.max(0.0),
        // Two of the three agree: where the bend is real the end's, else the whole's.
        Shape::Bent => median(&mut [overall, end_slope, fitted_end]).max(0.0),
        Shape::Saturating => overall.min(end_slope.max(0.0)),
        Shape::Constant
        | Shape::Linear
        | Shape::Step
        | Shape::TwoSteps
        | Shape::Ramp
        | Shape::Wave
        | Shape::WaveLine => overall,
    };
    let rate = rate.max(stairs_rate.map_or(f64::NEG_INFINITY, |stairs| stairs.min(overall)));
    let end_rate =
        if overall > 0.0 { end_slope.clamp(0.0, 3.0 * overall.max(rate)) } else { end_slope.max(0.0) };
    let end_rate = end_rate.max(stairs_rate.unwrap_or(0.0));
    Growth {
        rate,
        end_rate,
        end_rising,
        net,
        net_is_material,
        stairs_rate,
        growing_runs: growing_runs(floor, threshold),
    }
}

/// Slope of the end of the run, bytes per hour, and the share of its pairs that rise.
fn end_of(run: &Run) -> Option<(f64, f64)> {
    // At least four points, however few there are.
    let start = run.xs.partition_point(|&x| x < 1.0 - END_SHARE).min(run.len().saturating_sub(4));
    slope_within(&run.hours, &run.bytes, start..run.len())
}

/// No score is higher, whatever curve fits and whatever stairs are found: [`growth`] takes no rate above that of the
/// whole and of the end.
pub(super) fn most(floor: &Floor, run: &Run, pairs: &Pairs, thresholds: &Thresholds) -> f64 {
    let overall = pairs.slope();
    let rate = end_of(run).map_or(overall, |(end, _)| end.max(overall)).max(0.0);
    most_at(rate, run.span_hours(), floor, thresholds)
}

/// No score is higher, told without a single slope where every window has a point: none of them lies further from another
/// than their range in the shortest step, which bounds all slopes, those of averages too. The first and the last may stand
/// for part of a window and are left out: in every median that is taken, less than half of the pairs have one of them.
pub(super) fn most_of_range(floor: &Floor, thresholds: &Thresholds) -> Option<f64> {
    let len = floor.len();
    if len < FEWEST_FOR_RANGE || floor.run.first() != floor.run.last() {
        return None;
    }
    let range = |values: &mut dyn Iterator<Item = f64>| {
        values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let inner = 1..len - 1;
    let (shortest, longest) = range(&mut floor.hours[inner.clone()].windows(2).map(|pair| pair[1] - pair[0]));
    if longest > EVEN * shortest {
        return None;
    }
    let (lowest, highest) = range(&mut floor.bytes[inner].iter().copied());
    let span_hours = floor.hours[len - 1] - floor.hours[0];
    Some(most_at((highest - lowest) / shortest, span_hours, floor, thresholds))
}

/// Fewer points, and the end of a run averaged over a cycle may have less than five.
const FEWEST_FOR_RANGE: usize = 28;
/// Steps are even when the longest is at most so many times the shortest.
const EVEN: f64 = 1.2;

/// The score at a rate if all else is certain.
fn most_at(bytes_per_hour: f64, span_hours: f64, floor: &Floor, thresholds: &Thresholds) -> f64 {
    let grown_bytes = bytes_per_hour * span_hours;
    (above(bytes_per_hour, thresholds) * material(grown_bytes, floor, thresholds)).sqrt()
}

/// How far a rate is above the threshold, 0 to 1.
fn above(bytes_per_hour: f64, thresholds: &Thresholds) -> f64 {
    soft_above((bytes_per_hour.max(1.0) / thresholds.growth_bytes_per_hour).ln(), 0.0, 0.12)
}

/// How far growth is above small change, 0 to 1.
fn material(grown_bytes: f64, floor: &Floor, thresholds: &Thresholds) -> f64 {
    soft_above(grown_bytes / unit_bytes(thresholds), LEAST_GROWTH, 0.12)
        * soft_above(grown_bytes / level(floor), LEAST_SHARE_OF_LEVEL, 0.002)
}

fn growing_runs(floor: &Floor, threshold: f64) -> Option<(usize, usize)> {
    let runs = floor.runs();
    if runs.len() < 2 {
        return None;
    }
    let slopes: Vec<f64> = runs
        .into_iter()
        .filter(|run| run.len() >= 4)
        .filter_map(|run| slope_within(&floor.hours, &floor.bytes, run))
        .map(|(slope, _)| slope)
        .collect();
    Some((slopes.iter().filter(|slope| **slope > 0.5 * threshold).count(), slopes.len()))
}

/// Judges every gate.
pub(super) fn judge(facts: &Facts<'_>, growth: &Growth, low: f64, young: bool) -> Gates {
    let threshold = facts.thresholds.growth_bytes_per_hour;
    let sigma = facts.noise.sigma_bytes.max(1e-6);
    let span_hours = facts.run.span_hours();
    let grown = growth.rate * span_hours;
    let above = |rate: f64| above(rate, facts.thresholds);
    let lasting: f64 = facts
        .choice
        .candidates
        .iter()
        .filter(|candidate| candidate.shape.grows_on())
        .map(|candidate| {
            candidate.weight * above(candidate.fitted.slope_at(1.0) / span_hours.max(f64::MIN_POSITIVE))
        })
        .sum();
    let lasting = growth.stairs_rate.map_or(lasting, |rate| lasting.max(above(rate)));
    Gates {
        rate: above(growth.rate),
        trend: soft_above(facts.pairs.z(facts.noise.inflation), 1.9, 0.4).max(soft_above(
            facts.choice.growth_evidence(),
            12.0,
            3.0,
        )),
        material: soft_above(grown.abs() / sigma, 2.2, 0.5) * material(grown, facts.floor, facts.thresholds),
        still: soft_above(growth.end_rate / threshold.max(0.35 * growth.rate), 0.6, 0.12)
            * if growth.stairs_rate.is_some() {
                1.0
            } else {
                0.3 + 0.7 * soft_above(growth.end_rising, 0.55, 0.06)
            },
        lasting,
        spread: 0.25 + 0.75 * soft_above(rising_quarters(facts.run, sigma), 0.5, 0.08),
        teeth: if facts.teeth > 0 && facts.teeth < 3 { 0.4 } else { 1.0 },
        runs: match growth.growing_runs {
            Some((growing, all)) if (growing as f64) < 0.6 * all as f64 => 0.2,
            _ => 1.0,
        },
        sure: if young { 0.3 + 0.7 * soft_above(low / threshold, LEAST_LOW, 0.1) } else { 1.0 },
    }
}

/// Share of the steps from quarter to quarter of the run that rise by more than noise.
fn rising_quarters(run: &Run, sigma: f64) -> f64 {
    let quarter = |number: usize| {
        let (from, to) = (run.len() * number / 4, run.len() * (number + 1) / 4);
        median(&mut run.bytes[from..to].to_vec())
    };
    let levels: Vec<f64> = (0..4).map(quarter).collect();
    levels.windows(2).filter(|pair| pair[1] - pair[0] > 0.35 * sigma).count() as f64 / 3.0
}
