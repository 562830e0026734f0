//! Finds a cycle (a day of traffic, an hourly job) in the floor by its autocorrelation.

use super::floor::Floor;
use super::stats::median;

/// Correlation with itself one period later that makes a cycle.
const CORRELATION: f64 = 0.3;
/// Fewer floor points show no cycle.
const FEWEST_POINTS: usize = 16;

/// The period in floor points, when two periods of a cycle are in view.
pub(super) fn find(floor: &Floor, slope_bytes_per_hour: f64) -> Option<usize> {
    let len = floor.len();
    if len < FEWEST_POINTS || floor.after_falls || floor.run.first() != floor.run.last() {
        return None;
    }
    let residuals = around_line(floor, slope_bytes_per_hour);
    let power: f64 = residuals.iter().map(|value| value * value).sum();
    if power <= 0.0 {
        return None;
    }
    let correlation = |lag: usize| {
        residuals[lag..].iter().zip(&residuals).map(|(late, early)| late * early).sum::<f64>() / power
    };
    let lags = 1..len / 2;
    let first_negative = lags.clone().find(|&lag| correlation(lag) < 0.0)?;
    let (period, best) = (first_negative..lags.end)
        .map(|lag| (lag, correlation(lag)))
        .max_by(|left, right| left.1.total_cmp(&right.1))?;
    (best > CORRELATION && period * 2 <= len + 1).then_some(period)
}

/// The floor minus its line.
pub(super) fn around_line(floor: &Floor, slope: f64) -> Vec<f64> {
    let mut residuals: Vec<f64> =
        floor.hours.iter().zip(&floor.bytes).map(|(hours, bytes)| bytes - slope * hours).collect();
    let centre = median(&mut residuals.clone());
    for value in &mut residuals {
        *value -= centre;
    }
    residuals
}

/// The floor minus its line and minus the median of each phase of the cycle.
pub(super) fn residuals(floor: &Floor, slope: f64, period: usize) -> Vec<f64> {
    let mut residuals = around_line(floor, slope);
    for phase in 0..period.min(residuals.len()) {
        let mut same: Vec<f64> = residuals.iter().skip(phase).step_by(period).copied().collect();
        let centre = median(&mut same);
        for value in residuals.iter_mut().skip(phase).step_by(period) {
            *value -= centre;
        }
    }
    residuals
}

/// Averages over each full period: (hours, bytes) without the cycle.
pub(super) fn averaged(hours: &[f64], bytes: &[f64], period: usize) -> (Vec<f64>, Vec<f64>) {
    let over = |values: &[f64]| {
        values.windows(period).map(|window| window.iter().sum::<f64>() / period as f64).collect()
    };
    (over(hours), over(bytes))
}
