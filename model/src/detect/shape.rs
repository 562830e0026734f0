//! Which curve the floor follows, by the Bayesian information criterion (Schwarz 1978).

use super::fit::{Curve, Fitted, best_of, fit};
use super::stats::{lag_one_correlation, median, robust_sigma};

/// The families of curves told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Constant,
    Linear,
    Step,
    TwoSteps,
    Ramp,
    Saturating,
    Late,
    Bent,
    Curved,
    WarmUpLinear,
    Wave,
    WaveLine,
}

impl Shape {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Linear => "linear",
            Self::Step => "step",
            Self::Ramp => "ramp",
            Self::TwoSteps => "two-steps",
            Self::Saturating => "saturating",
            Self::Late => "late",
            Self::Bent => "two-rates",
            Self::Curved => "curved",
            Self::WarmUpLinear => "warm-up+linear",
            Self::Wave => "cycle",
            Self::WaveLine => "cycle+linear",
        }
    }

    pub(super) fn grows_on(self) -> bool {
        matches!(
            self,
            Self::Linear | Self::Late | Self::Bent | Self::Curved | Self::WarmUpLinear | Self::WaveLine
        )
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

/// A family of curves fitted to the run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) shape: Shape,
    pub(super) fitted: Fitted,
    /// The Bayesian information criterion: lower is better.
    criterion: f64,
    /// Probability of the family, all being equally likely before.
    pub(super) weight: f64,
}

/// Every family fitted, the best first.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) candidates: Vec<Candidate>,
}

impl Choice {
    pub(super) fn best(&self) -> &Candidate {
        &self.candidates[0]
    }

    pub(super) fn shape(&self) -> Shape {
        self.best().shape
    }

    /// Share of the run from which on the best curve grows at the rate it has at the end: where a late climb begins, one
    /// rate gives way to another, or a warm-up has died down. `None` for all other curves.
    pub(super) fn steady_from(&self) -> Option<f64> {
        match self.best().fitted.curve {
            Curve::Late(at) | Curve::Bent(at) => Some(at),
            // Three time constants leave a twentieth.
            Curve::WarmUp(constant) => Some(3.0 * constant),
            _ => None,
        }
    }

    /// By how much the best growing curve beats a level and a single step, in units of the criterion.
    pub(super) fn growth_evidence(&self) -> f64 {
        let least = |wanted: &dyn Fn(Shape) -> bool| {
            self.candidates
                .iter()
                .filter(|candidate| wanted(candidate.shape))
                .map(|candidate| candidate.criterion)
                .fold(f64::INFINITY, f64::min)
        };
        let bounded = least(&|shape| matches!(shape, Shape::Constant | Shape::Step));
        let growing = least(&Shape::grows_on);
        if bounded.is_finite() && growing.is_finite() { bounded - growing } else { 0.0 }
    }
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
    match best_of(&curves, &run.xs, &run.bytes, &|_| true) {
        Some(best) => Noise::of(&best.residuals(&run.xs, &run.bytes)),
        None => Noise::of(&[]),
    }
}

/// Time constants of levelling off, shares of the run.
const TIME_CONSTANTS: [f64; 8] = [0.03, 0.06, 0.1, 0.15, 0.2, 0.27, 0.35, 0.5];
/// Knees of logarithmic slowing, shares of the run.
const KNEES: [f64; 3] = [0.01, 0.03, 0.08];
/// Where a ramp begins and ends.
const RAMPS: [(f64, f64); 9] = [
    (0.0, 0.4),
    (0.0, 0.6),
    (0.0, 0.75),
    (0.15, 0.45),
    (0.15, 0.6),
    (0.15, 0.75),
    (0.3, 0.5),
    (0.3, 0.65),
    (0.3, 0.8),
];
/// Where a late climb may begin.
const ONSETS: [f64; 4] = [0.15, 0.3, 0.45, 0.6];
/// Where one rate may give way to another.
const BENDS: [f64; 5] = [0.3, 0.4, 0.5, 0.6, 0.7];
/// The slower of two rates is at least this share of the faster one: less is a climb that ends, or begins.
const LEAST_OF_TWO: f64 = 0.2;
/// Time constants of a warm-up before a leak.
const WARM_UPS: [f64; 3] = [0.02, 0.05, 0.1];
/// Differences below this share of the level are never resolved: page and counter granularity.
const RESOLUTION: f64 = 0.002;

/// Periods of a cycle too long for its autocorrelation to show.
const PERIODS: [f64; 7] = [0.33, 0.42, 0.52, 0.64, 0.8, 1.0, 1.3];
/// Half the height of a cycle, as a share of the climb under it: less, and the wave only bends the line.
const LEAST_SWING: f64 = 0.35;
/// With fewer points than this only a level, a line and a step can be told apart...
const POINTS_FOR_CURVES: usize = 6;
/// ...and with fewer lows after falls, each of which rests on few samples.
const LOWS_FOR_CURVES: usize = 12;

/// The same for cycles seen in part.
const POINTS_FOR_CYCLES: usize = 16;

/// How the floor was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// At the lows after falls.
    pub(super) after_falls: bool,
    /// Averaged over whole cycles.
    pub(super) cycle_removed: bool,
    /// Over so little time that a rise may well be one that ends.
    pub(super) young: bool,
}

/// How much likelier levelling off is than each other family while there is little history: most things that are
/// started grow at first.
const YOUNG_ODDS: f64 = 4.0;

/// Fits every family to the run and weighs them for their number of parameters.
pub(super) fn choose(run: &Run, inflation: f64, reading: Reading) -> Choice {
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
    let swings = |fitted: &Fitted| fitted.slopes[1].hypot(fitted.slopes[2]) > LEAST_SWING * fitted.slopes[0];
    // A climb that slows down while there is little history levels off.
    let slows = |fitted: &Fitted| fitted.slopes[1] < 0.0;
    let goes_on = |fitted: &Fitted| {
        fitted.slope_at(1.0) > LEAST_OF_TWO * fitted.slopes[0] && !(reading.young && slows(fitted))
    };
    let rises_at_end = |fitted: &Fitted| fitted.slopes[1] > 0.0 && fitted.slope_at(1.0) > 0.0;
    let mut families = vec![
        (Shape::Constant, 1.0, Some(fit(Curve::Constant, xs, bytes))),
        (Shape::Linear, 2.0, Some(fit(Curve::Linear, xs, bytes))),
        (Shape::Step, 3.0, best_step(xs, bytes)),
    ];
    if run.len() >= if reading.after_falls { LOWS_FOR_CURVES } else { POINTS_FOR_CURVES } {
        let saturating = [
            refined(&TIME_CONSTANTS, Curve::Exponential, xs, bytes, &rises),
            refined(&KNEES, Curve::Logarithmic, xs, bytes, &rises),
        ];
        let saturating = saturating.into_iter().flatten();
        families.extend([
            (Shape::TwoSteps, 5.0, best_two_steps(xs, bytes)),
            (
                Shape::Saturating,
                3.0,
                saturating.min_by(|left, right| left.squared_error.total_cmp(&right.squared_error)),
            ),
            (Shape::Ramp, 4.0, best_of(&RAMPS.map(|(from, to)| Curve::Ramp(from, to)), xs, bytes, &rises)),
            (Shape::Late, 3.0, refined(&ONSETS, Curve::Late, xs, bytes, &rises)),
            (
                Shape::Bent,
                4.0,
                best_of(&BENDS.map(Curve::Bent), xs, bytes, &|fitted: &Fitted| {
                    rises(fitted) && goes_on(fitted)
                }),
            ),
            (Shape::Curved, 3.0, best_of(&[Curve::Quadratic], xs, bytes, &rises_at_end)),
            (Shape::WarmUpLinear, 4.0, refined(&WARM_UPS, Curve::WarmUp, xs, bytes, &rises)),
        ]);
    }
    if run.len() >= POINTS_FOR_CYCLES && !reading.after_falls && !reading.cycle_removed {
        families.extend([
            (Shape::Wave, 5.0, best_of(&PERIODS.map(Curve::Wave), xs, bytes, &|_| true)),
            (
                Shape::WaveLine,
                6.0,
                best_of(&PERIODS.map(Curve::WaveLine), xs, bytes, &|fitted: &Fitted| {
                    rises(fitted) && swings(fitted)
                }),
            ),
        ]);
    }
    let mut candidates: Vec<Candidate> = families
        .into_iter()
        .filter_map(|(shape, parameters, fitted)| {
            let fitted = fitted?;
            Some(Candidate { shape, fitted, criterion: criterion(&fitted, parameters), weight: 0.0 })
        })
        .collect();
    candidates.sort_unstable_by(|left, right| left.criterion.total_cmp(&right.criterion));
    let best = candidates[0].criterion;
    for candidate in &mut candidates {
        let levels_off = matches!(candidate.shape, Shape::Saturating | Shape::Ramp);
        let odds = if reading.young && levels_off { YOUNG_ODDS } else { 1.0 };
        candidate.weight = odds * (0.5 * (best - candidate.criterion)).exp();
    }
    let total: f64 = candidates.iter().map(|candidate| candidate.weight).sum();
    for candidate in &mut candidates {
        candidate.weight /= total;
    }
    Choice { candidates }
}

/// The best curve of a family with one shape parameter: of the given values, then twice of those beside the best.
fn refined(
    values: &[f64],
    curve: fn(f64) -> Curve,
    xs: &[f64],
    bytes: &[f64],
    accept: &dyn Fn(&Fitted) -> bool,
) -> Option<Fitted> {
    let better = |best: Option<(f64, Fitted)>, value: f64| {
        let fitted = fit(curve(value), xs, bytes);
        let is_better = best.is_none_or(|(_, best)| fitted.squared_error < best.squared_error);
        if is_better && accept(&fitted) { Some((value, fitted)) } else { best }
    };
    let coarsely = values.iter().copied().fold(None, better);
    let beside = |best: Option<(f64, Fitted)>, factor: f64| {
        let Some((centre, _)) = best else { return best };
        [centre * factor, centre / factor].into_iter().fold(best, better)
    };
    let finely = [1.16, 1.07].into_iter().fold(coarsely, beside);
    finely.map(|(_, fitted)| fitted)
}

/// Index of the best jump inside a range and the squared error it takes away, found with running sums.
fn best_jump(bytes: &[f64], range: std::ops::Range<usize>) -> Option<(usize, f64)> {
    let count = range.len() as f64;
    let mean = bytes[range.clone()].iter().sum::<f64>() / count;
    let mut before = 0.0;
    let mut best: Option<(usize, f64)> = None;
    for index in range.start + 1..range.end {
        before += bytes[index - 1] - mean;
        let left = (index - range.start) as f64;
        let explained = before * before * count / (left * (count - left));
        if best.is_none_or(|(_, most)| explained > most) {
            best = Some((index, explained));
        }
    }
    best
}

fn best_step(xs: &[f64], bytes: &[f64]) -> Option<Fitted> {
    best_jump(bytes, 0..bytes.len()).map(|(index, _)| fit(Curve::Step(xs[index]), xs, bytes))
}

/// Two jumps: the best, the best beside it, then the first once more between the start and the second.
fn best_two_steps(xs: &[f64], bytes: &[f64]) -> Option<Fitted> {
    let len = bytes.len();
    let (mut first, _) = best_jump(bytes, 0..len)?;
    let mut second = first;
    for _ in 0..2 {
        let beside = [best_jump(bytes, 0..first), best_jump(bytes, first..len)];
        let better = beside.into_iter().flatten().max_by(|left, right| left.1.total_cmp(&right.1));
        second = better?.0;
        let around = if second < first { second..len } else { 0..second };
        first = best_jump(bytes, around)?.0;
    }
    Some(fit(Curve::TwoSteps(xs[first.min(second)], xs[first.max(second)]), xs, bytes))
}
