//! Ordinary least squares.

use super::THRESHOLD;
use crate::generate::Labelled;

/// A least-squares line.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Value units per second.
    pub slope: f64,
    /// Value at time 0.
    pub level: f64,
    /// Share of the variance it explains.
    pub r_squared: f64,
}

impl Line {
    /// Fits a line to values over times in seconds.
    pub fn fit(times: &[f64], values: &[f64]) -> Self {
        let count = times.len().max(1) as f64;
        let (mean_time, mean_value) = (times.iter().sum::<f64>() / count, values.iter().sum::<f64>() / count);
        let (mut tt, mut tv, mut vv) = (0.0, 0.0, 0.0);
        for (time, value) in times.iter().zip(values) {
            let (time, value) = (time - mean_time, value - mean_value);
            tt += time * time;
            tv += time * value;
            vv += value * value;
        }
        let slope = tv / tt.max(1e-9);
        let unexplained = (vv - slope * tv).max(0.0);
        Self { slope, level: mean_value - slope * mean_time, r_squared: 1.0 - unexplained / vv.max(1e-9) }
    }

    /// The value at a time.
    pub fn at(&self, secs: f64) -> f64 {
        self.level + self.slope * secs
    }
}

pub(super) fn steep_and_straight(labelled: &Labelled) -> bool {
    let line = Line::fit(&labelled.series.times_secs, &labelled.series.values);
    line.slope * 3600.0 > THRESHOLD && line.r_squared > 0.8
}

/// Slope over everything, bytes per hour.
pub(super) fn rate(labelled: &Labelled) -> f64 {
    Line::fit(&labelled.series.times_secs, &labelled.series.values).slope * 3600.0
}
