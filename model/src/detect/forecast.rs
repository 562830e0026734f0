//! Where the floor stands, since when it grows, and when it reaches the limit.

use super::fit::{Curve, best_of};
use super::floor::Floor;
use super::shape::{Choice, Run, Shape};
use super::stats::median;
use super::{Interval, Point, TimeToLimit};

/// Further ahead than this nothing is forecast, seconds: a hundred years.
const FURTHEST_SECS: f64 = 3.2e9;
/// Points of a drawn curve.
const TREND_POINTS: usize = 32;

/// The floor at the end of the samples: the middle of its last three points, carried on at `rate`.
pub(super) fn floor_now(floor: &Floor, end_hours: f64, rate: f64) -> f64 {
    let last = floor.len().saturating_sub(3)..floor.len();
    let bytes = median(&mut floor.bytes[last.clone()].to_vec());
    let hours = median(&mut floor.hours[last].to_vec());
    bytes + rate.max(0.0) * (end_hours - hours).max(0.0)
}

/// Share of the run at which a late climb or a step began; `None` for growth that was there from the start.
pub(super) fn onset(run: &Run, choice: &Choice) -> Option<f64> {
    match choice.best().fitted.curve {
        Curve::Step(at) | Curve::TwoSteps(at, _) => Some(at),
        Curve::Ramp(from, _) => Some(from).filter(|from| *from > 0.0),
        Curve::Late(_) => {
            let finer: Vec<Curve> = (1..=18).map(|index| Curve::Late(0.05 * f64::from(index))).collect();
            match best_of(&finer, &run.xs, &run.bytes, &|fitted| fitted.slopes[0] > 0.0)?.curve {
                Curve::Late(at) => Some(at),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The fitted curve from `onset` (a share of the run) to `end_hours`; a straight climb is drawn at the robust `rate`.
pub(super) fn trend(
    run: &Run,
    choice: &Choice,
    onset: Option<f64>,
    rate: f64,
    end_hours: f64,
    secs: impl Fn(f64) -> f64,
) -> Vec<Point> {
    let span_hours = run.span_hours();
    if span_hours <= 0.0 {
        return Vec::new();
    }
    let from = onset.unwrap_or(0.0);
    let to = ((end_hours - run.hours_at(0.0)) / span_hours).max(from);
    let level = line_level(run, rate);
    let at = |x: f64| match choice.shape() {
        Shape::Linear => level + rate * run.hours_at(x),
        _ => choice.best().fitted.at(x),
    };
    (0..TREND_POINTS)
        .map(|index| from + (to - from) * index as f64 / (TREND_POINTS - 1) as f64)
        .map(|x| Point { time_secs: secs(run.hours_at(x)), bytes: at(x) })
        .collect()
}

/// Bytes at hour 0 of the line with slope `rate` that leaves as many points above as below.
fn line_level(run: &Run, rate: f64) -> f64 {
    let mut levels: Vec<f64> =
        run.hours.iter().zip(&run.bytes).map(|(hours, bytes)| bytes - rate * hours).collect();
    median(&mut levels)
}

/// Time from the last sample until the floor reaches the limit.
pub(super) fn to_limit(limit_bytes: f64, floor_bytes: f64, rate: &Interval) -> Option<TimeToLimit> {
    let left = (limit_bytes - floor_bytes).max(0.0);
    let secs = |rate: f64| (rate > 0.0).then(|| left / rate * 3600.0).filter(|secs| *secs <= FURTHEST_SECS);
    Some(TimeToLimit {
        earliest_secs: secs(rate.high)?,
        likely_secs: secs(rate.mid)?,
        latest_secs: secs(rate.low),
    })
}
