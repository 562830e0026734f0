//! The course of a suspect in the width of a word.

use std::fmt::Write as _;

use yew::prelude::*;

const WIDTH: f64 = 96.0;
const HEIGHT: f64 = 24.0;

/// Properties of [`Sparkline`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SparklineProps {
    /// Evenly spaced values; `None` is a gap.
    pub values: Vec<Option<f64>>,
}

/// A line from its lowest to its highest value. The figures beside it say the same, so it is hidden from
/// screen readers.
#[component]
pub fn Sparkline(props: &SparklineProps) -> Html {
    html! {
        <svg class="ll-sparkline" viewBox={format!("0 0 {WIDTH} {HEIGHT}")} preserveAspectRatio="none"
            aria-hidden="true" focusable="false">
            <path d={path(&props.values)} vector-effect="non-scaling-stroke" />
        </svg>
    }
}

/// An SVG path through the values. A course that barely moves stays flat: the scale spans at least a tenth of the
/// highest value.
fn path(values: &[Option<f64>]) -> String {
    let known = || values.iter().flatten().copied().filter(|value| value.is_finite());
    let (low, high) =
        known().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let span = (high - low).max(high.abs() * 0.1).max(f64::MIN_POSITIVE);
    let middle = f64::midpoint(low, high);
    let step = WIDTH / (values.len().max(2) - 1) as f64;
    let points: Vec<(usize, f64)> = values
        .iter()
        .enumerate()
        .filter_map(|(at, value)| Some((at, value.filter(|value| value.is_finite())?)))
        .collect();
    // Samples may be farther apart than the cells; only what is well beyond their usual distance is a gap.
    let usual = points.windows(2).map(|pair| pair[1].0 - pair[0].0).min().unwrap_or(1);
    let mut path = String::new();
    let mut before: Option<usize> = None;
    for (at, value) in points {
        let y = HEIGHT / 2.0 - (value - middle) / span * (HEIGHT - 4.0);
        let draws = before.is_some_and(|before| at - before <= 2 * usual);
        // Writing to a String cannot fail.
        let _ok = write!(path, "{}{:.1} {y:.1}", if draws { 'L' } else { 'M' }, step * at as f64);
        before = Some(at);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_lift_the_pen_and_a_flat_course_stays_flat() {
        let gap = [Some(1.0), Some(2.0), None, None, Some(2.0)];
        assert_eq!(path(&gap), "M0.0 22.0L24.0 2.0M96.0 2.0");
        assert_eq!(path(&[Some(1.0), None, None, Some(2.0)]), "M0.0 22.0L96.0 2.0", "sparse is no gap");
        assert_eq!(path(&[Some(1000.0), Some(1001.0)]), "M0.0 12.1L96.0 11.9");
        assert_eq!(path(&[]), "");
        assert_eq!(path(&[None, Some(f64::NAN)]), "");
    }
}
