//! Least squares of a constant and at most three regressors.

use std::f64::consts::TAU;

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
    /// Two straight climbs that meet at a point.
    Bent(f64),
    /// A parabola.
    Quadratic,
    /// Levels off with a time constant while it climbs on: warm-up over a leak.
    WarmUp(f64),
    /// Goes up and down with a period, level in the long run.
    Wave(f64),
    /// The same on a straight climb.
    WaveLine(f64),
}

/// Most regressors of a curve.
const MOST: usize = 3;

impl Curve {
    /// The regressors at `x`; those not used are 0.
    fn basis(self, x: f64) -> [f64; MOST] {
        let wave = |period: f64| (TAU * x / period).sin_cos();
        let [first, second] = match self {
            Self::Wave(period) => {
                let (sin, cos) = wave(period);
                [sin, cos]
            }
            Self::WaveLine(period) => {
                let (sin, cos) = wave(period);
                return [x, sin, cos];
            }
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
            Self::Bent(at) => [x, (x - at).max(0.0)],
            Self::Quadratic => [x, x * x],
            Self::WarmUp(constant) => [x, 1.0 - (-x / constant).exp()],
        };
        [first, second, 0.0]
    }

    /// Derivatives of the regressors at `x`; of a wave only what remains over whole periods.
    fn basis_slope(self, x: f64) -> [f64; 2] {
        match self {
            Self::Constant | Self::Step(_) | Self::TwoSteps(..) | Self::Wave(_) => [0.0, 0.0],
            Self::Linear | Self::WaveLine(_) => [1.0, 0.0],
            Self::Ramp(from, to) => [f64::from(u8::from(x >= from && x < to)), 0.0],
            Self::Exponential(constant) => [(-x / constant).exp() / constant, 0.0],
            Self::Logarithmic(knee) => [1.0 / (x + knee), 0.0],
            Self::Late(at) => [f64::from(u8::from(x >= at)), 0.0],
            Self::Bent(at) => [1.0, f64::from(u8::from(x >= at))],
            Self::Quadratic => [1.0, 2.0 * x],
            Self::WarmUp(constant) => [1.0, (-x / constant).exp() / constant],
        }
    }

    fn regressors(self) -> usize {
        match self {
            Self::Constant => 0,
            Self::Bent(_) | Self::Quadratic | Self::WarmUp(_) | Self::TwoSteps(..) | Self::Wave(_) => 2,
            Self::WaveLine(_) => 3,
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
    pub(super) slopes: [f64; MOST],
    /// Sum of squared residuals, bytes².
    pub(super) squared_error: f64,
}

impl Fitted {
    /// Bytes at `x`, a share of the range.
    pub(super) fn at(&self, x: f64) -> f64 {
        let basis = self.curve.basis(x);
        self.intercept + dot(&self.slopes, &basis)
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

fn dot<const USED: usize>(left: &[f64; USED], right: &[f64; USED]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// Fits `curve` to `bytes` over `xs` (0 to 1).
pub(super) fn fit(curve: Curve, xs: &[f64], bytes: &[f64]) -> Fitted {
    // Judging spends most of its time here, and on what has one regressor.
    match curve.regressors() {
        0 | 1 => fit_with::<1>(curve, xs, bytes),
        2 => fit_with::<2>(curve, xs, bytes),
        _ => fit_with::<MOST>(curve, xs, bytes),
    }
}

fn fit_with<const USED: usize>(curve: Curve, xs: &[f64], bytes: &[f64]) -> Fitted {
    let first = |basis: [f64; MOST]| -> [f64; USED] { std::array::from_fn(|index| basis[index]) };
    let mut rows: Vec<[f64; USED]> = xs.iter().map(|&x| first(curve.basis(x))).collect();
    let centre_bytes = mean(bytes);
    let mut centre = [0.0; USED];
    for row in &rows {
        for index in 0..USED {
            centre[index] += row[index];
        }
    }
    centre = centre.map(|sum| sum / rows.len().max(1) as f64);
    // The normal equations of centred columns.
    let (mut products, mut with_bytes) = ([[0.0; USED]; USED], [0.0; USED]);
    for (row, bytes) in rows.iter_mut().zip(bytes) {
        for left in 0..USED {
            row[left] -= centre[left];
            with_bytes[left] += row[left] * (bytes - centre_bytes);
            for right in 0..=left {
                products[left][right] += row[left] * row[right];
            }
        }
    }
    let slopes = solve(products, with_bytes);
    let squared_error =
        rows.iter().zip(bytes).map(|(row, bytes)| (bytes - centre_bytes - dot(&slopes, row)).powi(2)).sum();
    let intercept = centre_bytes - dot(&slopes, &centre);
    let slopes = std::array::from_fn(|index| slopes.get(index).copied().unwrap_or(0.0));
    Fitted { curve, intercept, slopes, squared_error }
}

/// Solves the symmetric equations given by their lower triangle by Cholesky's method. A regressor that the ones before
/// it explain to one part in a thousand million gets no slope.
fn solve<const USED: usize>(mut matrix: [[f64; USED]; USED], mut right_side: [f64; USED]) -> [f64; USED] {
    for column in 0..USED {
        let whole = matrix[column][column];
        for before in 0..column {
            matrix[column][column] -= matrix[column][before] * matrix[column][before];
            right_side[column] -= matrix[column][before] * right_side[before];
        }
        let told_apart = matrix[column][column] > 1e-9 * whole.max(1e-6);
        let scale = if told_apart { 1.0 / matrix[column][column].sqrt() } else { 0.0 };
        right_side[column] *= scale;
        for row in column + 1..USED {
            for before in 0..column {
                matrix[row][column] -= matrix[row][before] * matrix[column][before];
            }
            matrix[row][column] *= scale;
        }
        matrix[column][column] = scale;
    }
    let mut slopes = [0.0; USED];
    for column in (0..USED).rev() {
        let later: f64 = (column + 1..USED).map(|row| matrix[row][column] * slopes[row]).sum();
        slopes[column] = (right_side[column] - later) * matrix[column][column];
    }
    slopes
}

/// The best of several curves by squared error, of those whose climb `accept` likes.
pub(super) fn best_of(
    curves: &[Curve],
    xs: &[f64],
    bytes: &[f64],
    accept: &dyn Fn(&Fitted) -> bool,
) -> Option<Fitted> {
    curves
        .iter()
        .map(|curve| fit(*curve, xs, bytes))
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
            Curve::Bent(0.6),
            Curve::Quadratic,
            Curve::WarmUp(0.05),
            Curve::Wave(0.6),
            Curve::WaveLine(0.6),
        ] {
            let truth = Fitted { curve, intercept: 7.0, slopes: [3.0, 2.0, 1.0], squared_error: 0.0 };
            let bytes: Vec<f64> = xs.iter().map(|&x| truth.at(x)).collect();
            let found = fit(curve, &xs, &bytes);
            assert!(found.squared_error < 1e-9, "{curve:?}: {found:?}");
            assert!((found.slopes[0] - 3.0).abs() < 1e-6, "{curve:?}: {found:?}");
        }
    }
}
