//! Order statistics and soft thresholds on slices of finite numbers.

/// The value below which `share` (0 to 1) of `values` lies, interpolated between neighbours; 0 when empty.
/// Reorders `values`.
pub(super) fn quantile(values: &mut [f64], share: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let rank = share.clamp(0.0, 1.0) * (values.len() - 1) as f64;
    let below = rank.floor();
    let (_, &mut lower, above) = values.select_nth_unstable_by(below as usize, f64::total_cmp);
    let part = rank - below;
    if part <= 0.0 || above.is_empty() {
        return lower;
    }
    let upper = above.iter().copied().fold(f64::INFINITY, f64::min);
    lower + part * (upper - lower)
}

/// The middle value; 0 when empty. Reorders `values`.
pub(super) fn median(values: &mut [f64]) -> f64 {
    quantile(values, 0.5)
}

/// Standard deviation as the median absolute deviation shows it: half the values may be anything. Destroys `values`.
pub(super) fn robust_sigma(values: &mut [f64]) -> f64 {
    let centre = median(values);
    for value in values.iter_mut() {
        *value = (*value - centre).abs();
    }
    // 1.4826 makes it the standard deviation of a normal distribution.
    1.4826 * median(values)
}

/// The mean; 0 when empty.
pub(super) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// A straight line by least squares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    mean_x: f64,
    mean_y: f64,
    /// The rise for each unit of x; no number where x does not vary.
    pub(super) slope: f64,
}

impl Line {
    /// Through points of which there is at least one.
    pub(super) fn through(xs: &[f64], ys: &[f64]) -> Self {
        let (mean_x, mean_y) = (mean(xs), mean(ys));
        let (mut shared, mut power) = (0.0, 0.0);
        for (x, y) in xs.iter().zip(ys) {
            shared += (x - mean_x) * (y - mean_y);
            power += (x - mean_x) * (x - mean_x);
        }
        Self { mean_x, mean_y, slope: shared / power }
    }

    pub(super) fn at(&self, x: f64) -> f64 {
        self.mean_y + self.slope * (x - self.mean_x)
    }
}

/// A threshold without an edge: 0.5 where `value` is `centre`, 0.73 one `width` above it, near 1 three above.
pub(super) fn soft_above(value: f64, centre: f64, width: f64) -> f64 {
    let steps = ((value - centre) / width).clamp(-30.0, 30.0);
    1.0 / (1.0 + (-steps).exp())
}

/// Autocorrelation of `residuals` at lag 1, 0 to 0.9: how much of a value is only its neighbour repeated.
pub(super) fn lag_one_correlation(residuals: &[f64]) -> f64 {
    let power: f64 = residuals.iter().map(|value| value * value).sum();
    if power <= 0.0 {
        return 0.0;
    }
    let shared: f64 = residuals.windows(2).map(|pair| pair[0] * pair[1]).sum();
    (shared / power).clamp(0.0, 0.9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0, 4.0], 0.5), 2.5);
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 1.0), 3.0);
        assert_eq!(quantile(&mut [], 0.3), 0.0);
    }

    #[test]
    fn a_line_goes_through_its_points() {
        let line = Line::through(&[0.0, 1.0, 2.0], &[5.0, 7.0, 9.0]);
        assert_eq!((line.slope, line.at(-1.0)), (2.0, 3.0));
    }

    #[test]
    fn robust_sigma_ignores_outliers() {
        let mut values: Vec<f64> = (0..100).map(|index| f64::from(index % 10)).collect();
        values[3] = 1e12;
        assert!(robust_sigma(&mut values) < 5.0);
    }
}
