//! Least squares of a constant and at most two regressors.

use super::stats::mean;

/// Which curves are tried; positions, time constants and knees are shares of the range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Curve {
    /// A level.
    Constant,
    /// A straight climb.
    Linear,
    /// A jump at a point.
    Step(f64),
    /// A jump at each of two points.
    TwoSteps(f64, f64),
    /// Climbs in a straight line from one point to another, level before and after.
    Ramp(f64, f64),
    /// Levels off exponentially with a time constant: warm-up, cache.
    Exponential(f64),
    /// Slows down as a logarithm with a knee: fragmentation.
    Logarithmic(f64),
    /// Begins to climb at a point.
    Late(f64),
    /// A parabola.
    Quadratic,
    /// Levels off with a time constant while it climbs on: warm-up over a leak.
    WarmUp(f64),
}

impl Curve {
    /// The regressors at `x`; those not used are 0.
    fn basis(self, x: f64) -> [f64; 2] {
        match self {
            Self::Constant => [0.0, 0.0],
            Self::Linear => [x, 0.0],
            Self::Step(at) => [f64::from(u8::from(x >= at)), 0.0],
            Self::TwoSteps(first, second) => {
                [f64::from(u8::from(x >= first)), f64::from(u8::from(x >= second))]
            }
            Self::Ramp(from, to) => [(x.min(to) - from).max(0.0), 0.0],
            Self::Exponential(constant) => [1.0 - (-x / constant).exp(), 0.0],
            Self::Logarithmic(knee) => [(x / knee).ln_1p(), 0.0],
            Self::Late(at) => [(x - at).max(0.0), 0.0],
            Self::Quadratic => [x, x * x],
            Self::WarmUp(constant) => [x, 1.0 - (-x / constant).exp()],
        }
    }

    /// Derivatives of the regressors at `x`.
    fn basis_slope(self, x: f64) -> [f64; 2] {
        match self {
            Self::Constant | Self::Step(_) | Self::TwoSteps(..) => [0.0, 0.0],
            Self::Linear => [1.0, 0.0],
            Self::Ramp(from, to) => [f64::from(u8::from(x >= from && x < to)), 0.0],
            Self::Exponential(constant) => [(-x / constant).exp() / constant, 0.0],
            Self::Logarithmic(knee) => [1.0 / (x + knee), 0.0],
            Self::Late(at) => [f64::from(u8::from(x >= at)), 0.0],
            Self::Quadratic => [1.0, 2.0 * x],
            Self::WarmUp(constant) => [1.0, (-x / constant).exp() / constant],
        }
    }

    fn regressors(self) -> usize {
        match self {
            Self::Constant => 0,
            Self::Quadratic | Self::WarmUp(_) | Self::TwoSteps(..) => 2,
            _ => 1,
        }
    }
}

/// A curve fitted to points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fitted {
    pub(super) curve: Curve,
    /// Bytes at which the regressors are 0.
    intercept: f64,
    /// Bytes per unit of each regressor.
    pub(super) slopes: [f64; 2],
    /// Sum of squared residuals, bytes².
    pub(super) squared_error: f64,
}

impl Fitted {
    /// Bytes at `x`, a share of the range.
    pub(super) fn at(&self, x: f64) -> f64 {
        let basis = self.curve.basis(x);
        self.intercept + self.slopes[0] * basis[0] + self.slopes[1] * basis[1]
    }

    /// Bytes per whole range at which it grows at `x`.
    pub(super) fn slope_at(&self, x: f64) -> f64 {
        let slope = self.curve.basis_slope(x);
        self.slopes[0] * slope[0] + self.slopes[1] * slope[1]
    }

    /// What is left of `bytes`.
    pub(super) fn residuals(&self, xs: &[f64], bytes: &[f64]) -> Vec<f64> {
        xs.iter().zip(bytes).map(|(&x, bytes)| bytes - self.at(x)).collect()
    }
}

/// Fits `curve` to `bytes` over `xs` (0 to 1).
pub(super) fn fit(curve: Curve, xs: &[f64], bytes: &[f64]) -> Fitted {
    let rows: Vec<[f64; 2]> = xs.iter().map(|&x| curve.basis(x)).collect();
    let centre_bytes = mean(bytes);
    let mut centre = [0.0; 2];
    for row in &rows {
        centre[0] += row[0];
        centre[1] += row[1];
    }
    centre = centre.map(|sum| sum / rows.len().max(1) as f64);
    let (mut aa, mut ab, mut bb, mut ay, mut by) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (row, bytes) in rows.iter().zip(bytes) {
        let (a, b, y) = (row[0] - centre[0], row[1] - centre[1], bytes - centre_bytes);
        aa += a * a;
        ab += a * b;
        bb += b * b;
        ay += a * y;
        by += b * y;
    }
    let slopes = match curve.regressors() {
        0 => [0.0, 0.0],
        2 if aa * bb - ab * ab > 1e-9 * aa * bb => {
            let determinant = aa * bb - ab * ab;
            [(ay * bb - by * ab) / determinant, (by * aa - ay * ab) / determinant]
        }
        // One regressor, or two that cannot be told apart on these points.
        _ if aa > 1e-12 => [ay / aa, 0.0],
        _ => [0.0, 0.0],
    };
    let intercept = centre_bytes - slopes[0] * centre[0] - slopes[1] * centre[1];
    let squared_error = rows
        .iter()
        .zip(bytes)
        .map(|(row, bytes)| (bytes - intercept - slopes[0] * row[0] - slopes[1] * row[1]).powi(2))
        .sum();
    Fitted { curve, intercept, slopes, squared_error }
}

/// The best of several curves by squared error, of those whose climb `accept` likes.
pub(super) fn best_of(
    curves: impl IntoIterator<Item = Curve>,
    xs: &[f64],
    bytes: &[f64],
    accept: impl Fn(&Fitted) -> bool,
) -> Option<Fitted> {
    curves
        .into_iter()
        .map(|curve| fit(curve, xs, bytes))
        .filter(accept)
        .min_by(|left, right| left.squared_error.total_cmp(&right.squared_error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_finds_itself() {
        let xs: Vec<f64> = (0..48).map(|index| f64::from(index) / 47.0).collect();
        for curve in [
            Curve::Linear,
            Curve::Step(0.4),
            Curve::TwoSteps(0.3, 0.7),
            Curve::Ramp(0.2, 0.6),
            Curve::Exponential(0.15),
            Curve::Logarithmic(0.03),
            Curve::Late(0.45),
            Curve::Quadratic,
            Curve::WarmUp(0.05),
        ] {
            let truth = Fitted { curve, intercept: 7.0, slopes: [3.0, 2.0], squared_error: 0.0 };
            let bytes: Vec<f64> = xs.iter().map(|&x| truth.at(x)).collect();
            let found = fit(curve, &xs, &bytes);
            assert!(found.squared_error < 1e-9, "{curve:?}: {found:?}");
            assert!((found.slopes[0] - 3.0).abs() < 1e-6, "{curve:?}: {found:?}");
        }
    }
}
