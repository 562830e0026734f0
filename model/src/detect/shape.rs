//! Which curve the floor follows, by the Bayesian information criterion (Schwarz 1978).

use super::fit::{Curve, Fitted, best_of, fit};
use super::stats::{lag_one_correlation, median, robust_sigma};

/// The families of curves told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Constant,
    Linear,
    Step,
    Saturating,
    Late,
    Curved,
    WarmUpLinear,
}

impl Shape {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Linear => "linear",
            Self::Step => "step",
            Self::Saturating => "saturating",
            Self::Late => "late",
            Self::Curved => "curved",
            Self::WarmUpLinear => "warm-up+linear",
        }
    }

    fn grows_on(self) -> bool {
        matches!(self, Self::Linear | Self::Late | Self::Curved | Self::WarmUpLinear)
    }
}

/// The floor of the run that is judged, and how it is scaled for fitting.
#[derive(Debug)]
pub(super) struct Run {
    /// Hours since the first sample.
    pub(super) hours: Vec<f64>,
    pub(super) bytes: Vec<f64>,
    /// The same times as shares of the run, 0 to 1.
    pub(super) xs: Vec<f64>,
}

impl Run {
    pub(super) fn new(hours: Vec<f64>, bytes: Vec<f64>) -> Self {
        let start = hours.first().copied().unwrap_or(0.0);
        let span = (hours.last().copied().unwrap_or(0.0) - start).max(f64::MIN_POSITIVE);
        let xs = hours.iter().map(|hour| (hour - start) / span).collect();
        Self { hours, bytes, xs }
    }

    pub(super) fn len(&self) -> usize {
        self.hours.len()
    }

    pub(super) fn span_hours(&self) -> f64 {
        self.hours.last().copied().unwrap_or(0.0) - self.hours.first().copied().unwrap_or(0.0)
    }

    /// Hours at a share of the run.
    pub(super) fn hours_at(&self, x: f64) -> f64 {
        self.hours.first().copied().unwrap_or(0.0) + x * self.span_hours()
    }
}

/// The chosen curve and what the choice rests on.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) shape: Shape,
    pub(super) fitted: Fitted,
    /// By how much the best growing curve beats the best that does not grow, in units of the criterion.
    pub(super) growth_evidence: f64,
}

/// What noise remains around growth.
#[derive(Debug)]
pub(super) struct Noise {
    /// Robust standard deviation, bytes.
    pub(super) sigma_bytes: f64,
    /// Factor on variances for values that repeat their neighbours.
    pub(super) inflation: f64,
}

impl Noise {
    pub(super) fn of(residuals: &[f64]) -> Self {
        let correlation = lag_one_correlation(residuals);
        Self {
            sigma_bytes: robust_sigma(&mut residuals.to_vec()),
            inflation: (1.0 + correlation) / (1.0 - correlation),
        }
    }
}

/// Noise around the best growth curve. Around a line only, a late or stepped leak would look autocorrelated.
pub(super) fn noise(run: &Run) -> Noise {
    let curves = [Curve::Linear, Curve::Quadratic, Curve::Late(0.3), Curve::Late(0.5), Curve::WarmUp(0.06)];
    match best_of(curves, &run.xs, &run.bytes, |_| true) {
        Some(best) => Noise::of(&best.residuals(&run.xs, &run.bytes)),
        None => Noise::of(&[]),
    }
}

/// Time constants of levelling off, shares of the run.
const TIME_CONSTANTS: [f64; 8] = [0.03, 0.06, 0.1, 0.15, 0.2, 0.27, 0.35, 0.5];
/// Knees of logarithmic slowing, shares of the run.
const KNEES: [f64; 3] = [0.01, 0.03, 0.08];
/// Where a late climb may begin.
const ONSETS: [f64; 4] = [0.15, 0.3, 0.45, 0.6];
/// Time constants of a warm-up before a leak.
const WARM_UPS: [f64; 3] = [0.02, 0.05, 0.1];
/// Differences below this share of the level are never resolved: page and counter granularity.
const RESOLUTION: f64 = 0.002;

/// Chooses the family that explains the run best for its number of parameters.
pub(super) fn choose(run: &Run, inflation: f64) -> Choice {
    let (xs, bytes) = (&run.xs[..], &run.bytes[..]);
    let count = run.len() as f64;
    let level = median(&mut bytes.to_vec());
    let resolution = (RESOLUTION * level).powi(2) * count / 9.0 + 1.0;
    // Autocorrelated points carry less evidence than as many independent ones.
    let effective = (count / inflation.sqrt()).max(5.0);
    let criterion = |fitted: &Fitted, parameters: f64| {
        effective * ((fitted.squared_error + resolution) / count).ln() + parameters * effective.ln()
    };
    let rises = |fitted: &Fitted| fitted.slopes[0] > 0.0;
    let rises_at_end =
        |fitted: &Fitted| fitted.slopes[1] > 0.0 && fitted.slopes[0] + 2.0 * fitted.slopes[1] > 0.0;
    let levelling = TIME_CONSTANTS.map(Curve::Exponential).into_iter().chain(KNEES.map(Curve::Logarithmic));
    let candidates = [
        (Shape::Constant, 1.0, Some(fit(Curve::Constant, xs, bytes))),
        (Shape::Linear, 2.0, Some(fit(Curve::Linear, xs, bytes))),
        (Shape::Step, 3.0, best_step(xs, bytes)),
        (Shape::Saturating, 3.0, best_of(levelling, xs, bytes, rises)),
        (Shape::Late, 3.0, best_of(ONSETS.map(Curve::Late), xs, bytes, rises)),
        (Shape::Curved, 3.0, best_of([Curve::Quadratic], xs, bytes, rises_at_end)),
        (Shape::WarmUpLinear, 4.0, best_of(WARM_UPS.map(Curve::WarmUp), xs, bytes, rises)),
    ];
    let mut chosen: Option<(Shape, Fitted, f64)> = None;
    let (mut best_growing, mut best_bounded) = (f64::INFINITY, f64::INFINITY);
    for (shape, parameters, fitted) in candidates {
        let Some(fitted) = fitted else { continue };
        let value = criterion(&fitted, parameters);
        if shape.grows_on() {
            best_growing = best_growing.min(value);
        } else if matches!(shape, Shape::Constant | Shape::Step) {
            best_bounded = best_bounded.min(value);
        }
        if chosen.is_none_or(|(_, _, best)| value < best) {
            chosen = Some((shape, fitted, value));
        }
    }
    let (shape, fitted, _) = chosen.unwrap_or((Shape::Constant, fit(Curve::Constant, xs, bytes), 0.0));
    let growth_evidence =
        if best_growing.is_finite() && best_bounded.is_finite() { best_bounded - best_growing } else { 0.0 };
    Choice { shape, fitted, growth_evidence }
}

/// The best single jump, found with running sums.
fn best_step(xs: &[f64], bytes: &[f64]) -> Option<Fitted> {
    let total: f64 = bytes.iter().sum();
    let count = bytes.len() as f64;
    let mut before = 0.0;
    let mut best: Option<(usize, f64)> = None;
    for index in 1..bytes.len() {
        before += bytes[index - 1] - total / count;
        let left = index as f64;
        // Variance explained by two levels instead of one.
        let explained = before * before * count / (left * (count - left));
        if xs[index] > xs[index - 1] && best.is_none_or(|(_, most)| explained > most) {
            best = Some((index, explained));
        }
    }
    best.map(|(index, _)| fit(Curve::Step(xs[index]), xs, bytes))
}
