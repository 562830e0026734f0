//! Requests a second beside each series: what `load_ramp` and the cycles of `diurnal` come from, and what has nothing to do
//! with memory elsewhere.

use std::f64::consts::TAU;

use super::Setting;
use crate::chance::Chance;
use crate::class::Class;

/// Sets the stream of random numbers apart from the series' own, which stay what they were.
pub(super) const STREAM: u64 = 0x10ad;

/// Requests a second at each sample, from what the class adds to its base.
pub(super) fn of(class: Class, setting: &Setting, grown: &[f64], chance: &mut Chance) -> Vec<f64> {
    let calm = chance.between(5.0, 50.0);
    let busier = chance.between(0.5, 4.0);
    let course: Vec<f64> = match class.name {
        "load_ramp" | "diurnal" => {
            let highest = grown.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
            grown.iter().map(|bytes| bytes / highest).collect()
        }
        _ => unrelated(setting, chance),
    };
    let noise = chance.autoregressive(course.len(), 0.5, false);
    let requests =
        course.iter().zip(noise).map(|(course, noise)| calm * (1.0 + busier * course) * (1.0 + 0.05 * noise));
    requests.map(|rate| rate.max(0.0)).collect()
}

/// Steady, a wave or a ramp, 0 to 1.
fn unrelated(setting: &Setting, chance: &mut Chance) -> Vec<f64> {
    let span = setting.span_hours;
    let (from, length) = (chance.between(0.0, 0.6) * span, chance.between(0.2, 0.6) * span);
    let (period, phase) = (chance.between(0.3, 1.5) * span, chance.between(0.0, TAU));
    let kind = chance.whole(0, 3);
    let at = |hour: f64| match kind {
        0 => 0.0,
        1 => f64::midpoint(1.0, (TAU * hour / period + phase).sin()),
        _ => ((hour - from) / length).clamp(0.0, 1.0),
    };
    setting.hours.iter().map(|&hour| at(hour)).collect()
}
