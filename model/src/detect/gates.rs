//! What must hold of a leak, each as a soft gate between 0 and 1; the score is the root of their product.

use super::floor::{Floor, running_median};
use super::rate::{Pairs, slope_within};
use super::shape::{Choice, Noise, Run, Shape};
use super::stats::{mean, median, soft_above};
use crate::thresholds::Thresholds;

/// What the gates are judged on.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) floor: &'a Floor,
    /// The run that is alive at the end.
    pub(super) run: &'a Run,
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
    /// Growth is carried by its one or two largest jumps.
    pub(super) few_jumps: bool,
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
    /// The curve is one that does not end.
    pub(super) shape: f64,
    /// Growth is spread over the range.
    pub(super) spread: f64,
    /// Teeth enough to know the lows.
    pub(super) teeth: f64,
    /// Most runs between restarts grow.
    pub(super) runs: f64,
}

impl Gates {
    /// The score, 0 to 1.
    pub(super) fn score(&self) -> f64 {
        let product = self.rate
            * self.trend
            * self.material
            * self.still
            * self.shape
            * self.spread
            * self.teeth
            * self.runs;
        product.sqrt()
    }
}

/// Share of the run that counts as its end.
const END_SHARE: f64 = 0.36;

/// Growth below this many units is immaterial; 3 MiB by default.
const LEAST_GROWTH: f64 = 0.6;
/// So is growth below this share of the level.
const LEAST_SHARE_OF_LEVEL: f64 = 0.006;

/// What growth at the threshold adds in the shortest history: 5 MiB by default, and the natural unit of growth.
fn unit_bytes(thresholds: &Thresholds) -> f64 {
    thresholds.growth_bytes_per_hour * thresholds.min_evidence_secs / 3600.0
}

/// The usual height of the floor, bytes.
fn level(floor: &Floor) -> f64 {
    median(&mut floor.bytes.clone()).abs().max(1.0)
}

/// Measures growth at the end of the range.
pub(super) fn growth(facts: &Facts<'_>) -> Growth {
    let (run, floor) = (facts.run, facts.floor);
    let threshold = facts.thresholds.growth_bytes_per_hour;
    let overall = facts.pairs.slope();
    let start = run.xs.partition_point(|&x| x < 1.0 - END_SHARE);
    let end =
        if run.len() - start >= 4 { slope_within(&run.hours, &run.bytes, start..run.len()) } else { None };
    let (end_slope, end_rising) = end.unwrap_or((overall, 0.5));
    let rate = match facts.choice.shape {
        // The rate now, not the mean over the quiet time before; bounded, for the end alone is noisy.
        Shape::Late | Shape::Curved => end_slope.min(4.0 * overall.abs()).max(overall),
        Shape::WarmUpLinear => end_slope.max(0.0),
        Shape::Saturating => overall.min(end_slope.max(0.0)),
        Shape::Constant | Shape::Linear | Shape::Step => overall,
    };
    let end_rate = if overall > 0.0 { end_slope.clamp(0.0, 3.0 * overall) } else { end_slope.max(0.0) };
    let alive = &floor.bytes[facts.alive.clone()];
    let edge = alive.len().min(3);
    let net = mean(&alive[alive.len() - edge..]) - mean(&alive[..edge]);
    let jumps = jumps(floor);
    let level = level(floor);
    Growth {
        rate,
        end_rate,
        end_rising,
        net,
        net_is_material: net > 3.0 * facts.noise.sigma_bytes
            && net > LEAST_GROWTH * unit_bytes(facts.thresholds)
            && net > LEAST_SHARE_OF_LEVEL * level,
        few_jumps: few_jumps(&jumps, net, rate, threshold, run.span_hours()),
        growing_runs: growing_runs(floor, threshold),
    }
}

/// Lasting changes from point to point inside runs, largest first, bytes.
fn jumps(floor: &Floor) -> Vec<f64> {
    let runs = floor.runs();
    let lasting = if !floor.after_falls && floor.len() >= 20 {
        running_median(&floor.raw, &runs, 5)
    } else {
        floor.bytes.clone()
    };
    let mut jumps: Vec<f64> = runs
        .into_iter()
        .flat_map(|run| lasting[run].windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>())
        .collect();
    jumps.sort_unstable_by(|left, right| right.total_cmp(left));
    jumps
}

/// Whether growth without its two largest jumps is no leak any more.
fn few_jumps(jumps: &[f64], net: f64, rate: f64, threshold: f64, span_hours: f64) -> bool {
    if net <= 0.0 || jumps.len() <= 8 {
        return false;
    }
    let two: f64 = jumps[..2].iter().sum();
    let rest: f64 = jumps[2..].iter().sum();
    let rest_rate = rest / span_hours.max(f64::MIN_POSITIVE);
    let notable = jumps.iter().filter(|jump| **jump > 0.12 * net).count();
    two > 0.6 * net && rest_rate < (0.3 * rate).max(0.8 * threshold) && notable <= 3
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
pub(super) fn judge(facts: &Facts<'_>, growth: &Growth) -> Gates {
    let threshold = facts.thresholds.growth_bytes_per_hour;
    let sigma = facts.noise.sigma_bytes.max(1e-6);
    let span_hours = facts.run.span_hours();
    let grown = growth.rate * span_hours;
    let single_jump = {
        let jumps = jumps(facts.floor);
        growth.net > 0.0 && jumps.first().is_some_and(|first| *first > 0.75 * growth.net)
    };
    let mut shape: f64 = match facts.choice.shape {
        Shape::Constant => 0.12,
        Shape::Step => 0.1,
        Shape::Saturating => {
            let mean_rate = growth.net / span_hours.max(f64::MIN_POSITIVE);
            if growth.end_rate < 1.3 * threshold || growth.end_rate < 0.45 * mean_rate { 0.15 } else { 0.7 }
        }
        Shape::Linear | Shape::Late | Shape::Curved | Shape::WarmUpLinear => 1.0,
    };
    if growth.few_jumps {
        shape = shape.min(0.15);
    }
    if single_jump && facts.choice.shape != Shape::Linear {
        shape = shape.min(0.3);
    }
    Gates {
        rate: soft_above((growth.rate.max(1.0) / threshold).ln(), 0.0, 0.12),
        trend: soft_above(facts.pairs.z(facts.noise.inflation), 1.9, 0.4).max(soft_above(
            facts.choice.growth_evidence,
            12.0,
            3.0,
        )),
        material: soft_above(grown.abs() / sigma, 2.2, 0.5)
            * soft_above(grown / unit_bytes(facts.thresholds), LEAST_GROWTH, 0.12)
            * soft_above(grown / level(facts.floor), LEAST_SHARE_OF_LEVEL, 0.002),
        still: soft_above(growth.end_rate / threshold.max(0.35 * growth.rate), 0.6, 0.12)
            * (0.3 + 0.7 * soft_above(growth.end_rising, 0.55, 0.06)),
        shape,
        spread: 0.25 + 0.75 * soft_above(rising_quarters(facts.run, sigma), 0.5, 0.08),
        teeth: if facts.teeth > 0 && facts.teeth < 3 { 0.4 } else { 1.0 },
        runs: match growth.growing_runs {
            Some((growing, all)) if (growing as f64) < 0.6 * all as f64 => 0.2,
            _ => 1.0,
        },
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
