//! An axis whose ticks are worked out beforehand.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

/// A linear axis.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    /// First and last value.
    pub(super) range: Range<f64>,
    /// Where grid lines and labels stand.
    pub(super) ticks: Vec<f64>,
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        let pixel = f64::from(first) + share * f64::from(last - first);
        // Far outside the plot is far enough: what is drawn there is clipped.
        pixel.clamp(-1e8, 1e8).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Light lines between the ticks are not wanted.
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}
