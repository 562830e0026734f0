//! What each class adds to its base, in bytes above it.

use std::f64::consts::TAU;

use model::thresholds::MIB;
use rand_distr::Gamma;

use super::{Difficulty, Growth, Setting};
use crate::chance::Chance;

/// Safe classes may end with at most this growth, bytes per hour.
const SAFE_END: f64 = 6.0 * MIB;

/// The growth of a standard class, by its name.
pub(super) fn of(class: &str, setting: &Setting, chance: &mut Chance) -> Growth {
    match class {
        "linear" | "saw_leak" | "diurnal_leak" | "stairs" | "warm_leak" | "late_leak" | "restart_leak"
        | "accel" | "spiky_leak" | "arena_leak" => leak(class, setting, chance),
        _ => safe(class, setting, chance),
    }
}

fn leak(class: &str, setting: &Setting, chance: &mut Chance) -> Growth {
    let (hours, span, base) = (&setting.hours, setting.span_hours, setting.base_bytes);
    let mut rate = setting.rate;
    let (mut restarts_hours, mut onset_hours) = (Vec::new(), 0.0);
    let each = |at: &dyn Fn(f64) -> f64| hours.iter().map(|&hour| at(hour)).collect::<Vec<f64>>();
    let bytes = match class {
        "saw_leak" => {
            let height = chance.between(0.1, 0.6) * base;
            let teeth = sawtooth(setting, height, chance.between(span / 30.0, span / 5.0), chance);
            add(&each(&|hour| rate * hour), &teeth)
        }
        "diurnal_leak" => {
            rate = rate.max(0.5 * chance.between(0.1, 0.3) * base / span);
            let cycle = cycle(setting, chance.between(0.05, 0.25) * base, chance);
            add(&each(&|hour| rate * hour), &cycle)
        }
        "stairs" => {
            let count = chance.whole(6, 30);
            let times = chance.times(count, 0.0, span);
            let gamma = Gamma::new(3.0, 1.0).expect("shape and scale are positive");
            let heights: Vec<f64> = (0..count).map(|_| chance.draw(&gamma)).collect();
            let unit = rate * span / heights.iter().sum::<f64>();
            each(&|hour| {
                let climbed = times.iter().zip(&heights).filter(|(time, _)| hour >= **time);
                climbed.map(|(_, height)| height * unit).sum()
            })
        }
        "warm_leak" => {
            let warm = chance.between(0.2, 0.8) * base;
            let constant = span * chance.between(0.02, 0.08);
            each(&|hour| rate * hour + warm * (1.0 - (-hour / constant).exp()))
        }
        "late_leak" => {
            onset_hours = chance.between(0.25, 0.55) * span;
            rate *= 1.6;
            each(&|hour| rate * (hour - onset_hours).max(0.0))
        }
        "restart_leak" => {
            let count = chance.whole(1, 4);
            restarts_hours = chance.times(count, 0.15 * span, 0.8 * span);
            rate = rate.max(0.7 * base / span * (count + 1) as f64 * chance.between(0.8, 2.0));
            each(&|hour| rate * since_restart(hour, &restarts_hours))
        }
        "accel" => each(&|hour| rate * hour * (0.3 + 1.4 * hour / span)),
        "spiky_leak" => add(&each(&|hour| rate * hour), &spikes(setting, 40, chance)),
        "arena_leak" => {
            let arena = (chance.one_of(&[1.0, 4.0, 16.0]) * MIB).min(rate * span / 5.0);
            each(&|hour| (rate * hour / arena).floor() * arena)
        }
        _ => each(&|hour| rate * hour),
    };
    Growth { bytes, restarts_hours, rate, onset_hours, noise: None }
}

fn safe(class: &str, setting: &Setting, chance: &mut Chance) -> Growth {
    let (hours, span, base) = (&setting.hours, setting.span_hours, setting.base_bytes);
    let hard = setting.difficulty == Difficulty::Hard;
    let each = |at: &dyn Fn(f64) -> f64| hours.iter().map(|&hour| at(hour)).collect::<Vec<f64>>();
    let (mut restarts_hours, mut noise) = (Vec::new(), None);
    let bytes = match class {
        "ou" => {
            let size = base * chance.between(0.02, 0.08);
            let memory_secs = span * 3600.0 * chance.between(0.03, 0.12);
            let wander = chance.autoregressive(hours.len(), (-setting.step_secs / memory_secs).exp(), false);
            noise = Some(wander.iter().map(|value| value * size).collect());
            each(&|_| 0.0)
        }
        "warmup" => {
            let (height, constant) = (chance.between(0.3, 1.5) * base, span * chance.between(0.02, 0.12));
            each(&|hour| height * (1.0 - (-hour / constant).exp()))
        }
        "cache_fill" => {
            let constant = span * chance.between(0.12, if hard { 0.45 } else { 0.25 });
            let height = chance.between(0.2, 1.0) * base;
            let height = height.min(SAFE_END * constant * (span / constant).exp());
            each(&|hour| height * (1.0 - (-hour / constant).exp()))
        }
        "saw_flat" => {
            let height = chance.between(0.1, 0.8) * base;
            sawtooth(setting, height, chance.between(span / 30.0, span / 3.2), chance)
        }
        "diurnal" => cycle(setting, chance.between(0.1, 0.5) * base, chance),
        "step" => {
            let (height, at) = (chance.between(0.15, 0.9) * base, chance.between(0.15, 0.85) * span);
            each(&|hour| if hour >= at { height } else { 0.0 })
        }
        "steps_updown" => {
            let plateaus: Vec<[f64; 3]> = (0..chance.whole(2, 6))
                .map(|_| {
                    let from = chance.between(0.0, span);
                    [from, from + chance.between(0.05, 0.3) * span, chance.between(0.1, 0.4) * base]
                })
                .collect();
            each(&|hour| {
                plateaus
                    .iter()
                    .filter(|[from, to, _]| hour >= *from && hour < *to)
                    .map(|plateau| plateau[2])
                    .sum()
            })
        }
        "restarts" => {
            let count = chance.whole(1, 4);
            restarts_hours = chance.times(count, 0.1 * span, 0.8 * span);
            let (height, constant) = (chance.between(0.8, 2.0) * base, span * chance.between(0.01, 0.05));
            each(&|hour| height * (1.0 - (-since_restart(hour, &restarts_hours) / constant).exp()))
        }
        "creep" => {
            let rate = if hard { chance.between(3.0, 9.0) } else { chance.between(0.3, 6.0) } * MIB;
            each(&|hour| rate * hour)
        }
        "spikes" => spikes(setting, 20, chance),
        "drain" => {
            let depth = chance.between(0.1, 0.4) * base;
            each(&|hour| -depth * (hour / span).min(1.0))
        }
        "frag_log" => {
            let knee = span * chance.between(0.01, 0.04);
            // The logarithm grows by height / (hours + knee): at the end no more than is safe.
            let height = (chance.between(0.1, 0.3) * base).min(SAFE_END * (span + knee));
            each(&|hour| height * (hour / knee).ln_1p())
        }
        "load_ramp" => {
            let from = chance.between(0.1, 0.3) * span;
            let (length, height) = (chance.between(0.2, 0.4) * span, chance.between(0.2, 0.8) * base);
            each(&|hour| height * ((hour - from) / length).clamp(0.0, 1.0))
        }
        _ => each(&|_| 0.0),
    };
    Growth { bytes, restarts_hours, rate: 0.0, onset_hours: 0.0, noise }
}

fn add(left: &[f64], right: &[f64]) -> Vec<f64> {
    left.iter().zip(right).map(|(left, right)| left + right).collect()
}

/// Hours since the last of `restarts` before `hour`, or since the first sample.
fn since_restart(hour: f64, restarts: &[f64]) -> f64 {
    hour - restarts.iter().copied().filter(|restart| *restart <= hour).fold(0.0, f64::max)
}

/// Teeth that rise to `height`, each a fifth higher or lower, every `period` hours.
fn sawtooth(setting: &Setting, height: f64, period: f64, chance: &mut Chance) -> Vec<f64> {
    let phase = chance.between(0.0, period);
    let (mut tooth, mut this_height) = (-1, height);
    setting
        .hours
        .iter()
        .map(|hour| {
            let position = (hour + phase) / period;
            if position.floor() as i64 != tooth {
                tooth = position.floor() as i64;
                this_height = height * chance.between(0.8, 1.2);
            }
            this_height * position.fract()
        })
        .collect()
}

fn cycle(setting: &Setting, height: f64, chance: &mut Chance) -> Vec<f64> {
    let phase = chance.between(0.0, TAU);
    let wave = |hour: f64| f64::midpoint(1.0, (TAU * hour / setting.cycle_hours + phase).sin());
    setting.hours.iter().map(|&hour| height * wave(hour)).collect()
}

/// A few short peaks, none longer than one part in `shortest` of the series.
fn spikes(setting: &Setting, shortest: usize, chance: &mut Chance) -> Vec<f64> {
    let count = setting.hours.len();
    let mut bytes = vec![0.0; count];
    for _ in 0..chance.whole(3, 12) {
        let start = chance.whole(0, count);
        let length = chance.whole(1, (count / shortest).max(2));
        let height = chance.between(0.2, 1.2) * setting.base_bytes;
        for value in &mut bytes[start..count.min(start + length)] {
            *value += height;
        }
    }
    bytes
}
