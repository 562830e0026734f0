//! Judges the short runs of a crash loop together: none of them is long enough to tell alone.
//!
//! Each run is read as one climb. The climbs are independent repetitions of the same experiment, so the spread of their
//! rates is the error of the rate: its interval is Student's t over the runs.

use std::ops::Range;

use super::clean::{Samples, clean};
use super::stats::{mean, median, robust_sigma, soft_above};
use super::{
    Assessment, Context, Interval, LEAK_SCORE, Point, SUSPECT_SCORE, Verdict, forecast, gates, rate, restarts,
};
use crate::format::{bytes, bytes_per_hour, duration, range};
use crate::series::Series;
use crate::thresholds::Thresholds;

/// Two runs may be chance; the third of the same kind is a pattern.
const FEWEST_CLIMBS: usize = 3;
/// So many finished short runs in a row are a loop.
const FEWEST_SHORT: usize = 2;
/// Fewer samples show no climb.
const FEWEST_SAMPLES: usize = 5;
/// The latest climbs that are judged: enough for any certainty, and what was long ago may have been mended.
const MOST_CLIMBS: usize = 24;
/// Points that a climb is thinned to before its pairs are compared.
const POINTS: usize = 24;
/// The running one is a climb once it has lasted this share of the usual length.
const LEAST_SHARE_OF_USUAL: f64 = 0.5;
/// A climb still rises when its second half is at least this steep beside the whole. A warm-up of a sixth of the run
/// leaves a tenth, a straight line leaves 1.
const STILL_RISING: f64 = 0.45;
/// Standard errors by which the rate must differ from nothing.
const SURE: f64 = 3.0;
/// Runs that end below this share of a known limit were not ended by it; then a climb may be how it always starts.
const FAR_BELOW_LIMIT: f64 = 0.6;

/// One run between restarts.
struct Climb {
    /// Bytes per hour, the median over pairs of its points.
    rate: f64,
    /// The same over its second half.
    late_rate: f64,
    /// From its first points to its last, bytes.
    net_bytes: f64,
    /// Scatter about its line, bytes.
    noise_bytes: f64,
    /// Highest sample, bytes.
    peak_bytes: f64,
    /// Where it begins.
    start: Point,
    length_hours: f64,
}

/// A fall to less than this share from one sample to the next may be a restart.
const DEEP_FALL: f64 = 0.65;
/// Falls from above this share of a known limit are kills: a collector leaves room.
const AT_LIMIT: f64 = 0.93;

/// The assessment of a series that ends in a crash loop; `None` when it does not, or when neither restart times nor falls
/// from the limit tell.
pub(super) fn assess(samples: &Samples, context: &Context, thresholds: &Thresholds) -> Option<Assessment> {
    let cuts = match &context.restarts_secs {
        Some(known) => restarts::known(samples, known),
        None => kills(samples, context.limit_bytes?)?,
    };
    if cuts.len() < FEWEST_SHORT {
        return None;
    }
    let looping = trailing_short_runs(samples, &cuts, thresholds.min_evidence_secs / 3600.0)?;
    let mut starts: Vec<f64> = looping.iter().map(|run| samples.hours[run.start]).collect();
    let mut cycles: Vec<f64> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let cycle_hours = median(&mut cycles);
    let living = starts.pop().map_or(0.0, |start| samples.span_hours() - start);
    let runs = looping.len();
    let latest = &looping[runs.saturating_sub(MOST_CLIMBS)..];
    let climbs: Vec<Climb> = latest
        .iter()
        .enumerate()
        .filter(|(index, _)| index + 1 < latest.len() || living >= LEAST_SHARE_OF_USUAL * cycle_hours)
        .filter_map(|(_, run)| climb(samples, run.clone()))
        .collect();
    let loop_sentence =
        format!("It restarts about every {}: {runs} short runs in a row.", duration(cycle_hours * 3600.0));
    let mut found = Assessment {
        samples: samples.len(),
        span_secs: samples.span_hours() * 3600.0,
        restarts_secs: cuts.iter().map(|&index| samples.secs(samples.hours[index])).collect(),
        ..super::assess::insufficient(samples, Vec::new())
    };
    if climbs.len() < FEWEST_CLIMBS {
        found.reasons = vec![
            loop_sentence,
            format!(
                "Too few of them show a climb to judge: {} of at least {FEWEST_CLIMBS}. This is not an all-clear.",
                climbs.len()
            ),
        ];
        return Some(found);
    }
    judge(&mut found, samples, &climbs, &Kind::RUNS, context, thresholds);
    found.reasons.push(loop_sentence);
    Some(found)
}

/// Judges the lives of one workload's pods together, in the order of their ends, each as one climb; `insufficient` with
/// fewer than three that show one.
pub fn assess_lives(lives: &[&Series], context: &Context) -> Assessment {
    let thresholds = super::assess::usable(&context.thresholds);
    let cleaned: Vec<Samples> =
        lives[lives.len().saturating_sub(MOST_CLIMBS)..].iter().map(|life| clean(life)).collect();
    let mut lengths: Vec<f64> = cleaned.iter().map(Samples::span_hours).collect();
    let usual_hours = median(&mut lengths);
    // What has only just begun is no climb yet.
    let grown_up = |life: &&Samples| life.span_hours() >= LEAST_SHARE_OF_USUAL * usual_hours;
    let climbs: Vec<Climb> =
        cleaned.iter().filter(grown_up).filter_map(|life| climb(life, 0..life.len())).collect();
    let last = cleaned.last();
    let nothing = Samples::default();
    let last = last.unwrap_or(&nothing);
    let why =
        format!("Too few pods show a climb to judge together: {} of at least {FEWEST_CLIMBS}.", climbs.len());
    let mut found = super::assess::insufficient(last, vec![why]);
    if climbs.len() >= FEWEST_CLIMBS {
        judge(&mut found, last, &climbs, &Kind::LIVES, context, &thresholds);
    }
    found
}

/// What climbs are of, for sentences.
struct Kind {
    /// Several of them.
    many: &'static str,
    /// What it was not that a leak ended.
    ended: &'static str,
}

impl Kind {
    const RUNS: Self = Self { many: "runs between restarts", ended: "what restarts it is not a leak" };
    const LIVES: Self = Self { many: "pods of its workload", ended: "what replaces them is not a leak" };
}

/// Deep falls, when most come from the limit.
fn kills(samples: &Samples, limit_bytes: f64) -> Option<Vec<usize>> {
    let bytes = &samples.bytes;
    let falls: Vec<usize> =
        (1..bytes.len()).filter(|&index| bytes[index] < DEEP_FALL * bytes[index - 1]).collect();
    // The highest of the last samples before a fall: the very last may have been missed.
    let peak =
        |fall: usize| bytes[fall.saturating_sub(3)..fall].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let at_limit = falls.iter().filter(|&&fall| peak(fall) >= AT_LIMIT * limit_bytes).count();
    (2 * at_limit > falls.len()).then_some(falls)
}

/// The short runs the series ends with, the running one last; `None` when they make no loop. When no run of all is
/// long enough to be judged alone, all are short.
fn trailing_short_runs(samples: &Samples, cuts: &[usize], short_hours: f64) -> Option<Vec<Range<usize>>> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain(std::iter::once(samples.len()));
    let runs: Vec<Range<usize>> = starts.zip(ends).map(|(start, end)| start..end).collect();
    let all_short = runs.iter().all(|run| run.len() < restarts::shortest_run(samples.len()));
    let length = |run: &Range<usize>| samples.hours[run.end - 1] - samples.hours[run.start];
    let long = runs.iter().rposition(|run| !all_short && length(run) >= short_hours);
    let looping = runs[long.map_or(0, |index| index + 1)..].to_vec();
    (looping.len() > FEWEST_SHORT).then_some(looping)
}

/// Reads one run; `None` when its samples are too few.
fn climb(samples: &Samples, run: Range<usize>) -> Option<Climb> {
    if run.len() < FEWEST_SAMPLES {
        return None;
    }
    let (hours, values) = thinned(&samples.hours[run.clone()], &samples.bytes[run.clone()]);
    let slope_from = |first: usize| {
        rate::slope_within(&hours, &values, first..values.len()).map_or(0.0, |(slope, _)| slope)
    };
    let rate = slope_from(0);
    // At least three points.
    let half = (values.len() / 2).min(values.len() - 3);
    let edge = (values.len() / 5).max(1);
    let mut residuals: Vec<f64> =
        hours.iter().zip(&values).map(|(hour, value)| value - rate * hour).collect();
    Some(Climb {
        rate,
        late_rate: slope_from(half),
        net_bytes: mean(&values[values.len() - edge..]) - mean(&values[..edge]),
        noise_bytes: robust_sigma(&mut residuals),
        peak_bytes: samples.bytes[run.clone()].iter().copied().fold(f64::NEG_INFINITY, f64::max),
        start: Point { time_secs: samples.secs(samples.hours[run.start]), bytes: mean(&values[..edge]) },
        length_hours: samples.hours[run.end - 1] - samples.hours[run.start],
    })
}

/// Means of at most `POINTS` even parts.
fn thinned(hours: &[f64], values: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let size = values.len().div_ceil(POINTS);
    let means = |all: &[f64]| all.chunks(size).map(mean).collect();
    (means(hours), means(values))
}

/// The median over the climbs.
fn usual(climbs: &[Climb], of: impl Fn(&Climb) -> f64) -> f64 {
    median(&mut climbs.iter().map(of).collect::<Vec<_>>())
}

fn judge(
    found: &mut Assessment,
    samples: &Samples,
    climbs: &[Climb],
    kind: &Kind,
    context: &Context,
    thresholds: &Thresholds,
) {
    let rate = usual(climbs, |climb| climb.rate);
    let late_rate = usual(climbs, |climb| climb.late_rate);
    let net = usual(climbs, |climb| climb.net_bytes);
    let length_hours = usual(climbs, |climb| climb.length_hours).max(f64::MIN_POSITIVE);
    let noise = usual(climbs, |climb| climb.noise_bytes).max(1.0);
    let level = usual(climbs, |climb| climb.start.bytes).abs().max(1.0);
    let peak = usual(climbs, |climb| climb.peak_bytes);
    let error = standard_error(climbs, |climb| climb.rate);
    let late_error = standard_error(climbs, |climb| climb.late_rate);
    let degrees = (climbs.len() - 1) as f64;
    // Student's 95 % quantile within a tenth, exact at two degrees of freedom.
    let reach = (1.645 + 2.55 / degrees) * error;

    let above = |rate: f64| soft_above((rate.max(1.0) / thresholds.growth_bytes_per_hour).ln(), 0.0, 0.12);
    let sure = |rate: f64, error: f64| soft_above(rate / error.max(1e-6), SURE, 0.4);
    let trend = sure(rate, error) * sure(late_rate, late_error);
    let still = soft_above(late_rate * length_hours / net.abs().max(1.0), STILL_RISING, 0.06);
    let least = gates::LEAST_GROWTH * gates::unit_bytes(thresholds);
    let material = soft_above(net / noise, 3.0, 0.4)
        * soft_above(net / least, 1.0, 0.2)
        * soft_above(net / level, gates::LEAST_SHARE_OF_LEVEL, 0.002);
    let limit = context.limit_bytes.filter(|limit| limit.is_finite() && *limit > 0.0);
    let far_below = limit.filter(|limit| peak < FAR_BELOW_LIMIT * limit);
    let doubt = if far_below.is_some() { 0.4 } else { 1.0 };
    found.score = (above(rate.min(late_rate)) * trend * still * material).sqrt() * doubt;
    found.verdict = if found.score >= LEAK_SCORE {
        Verdict::Leak
    } else if found.score >= SUSPECT_SCORE {
        Verdict::Suspect
    } else if net > 0.0 && above(rate) > 0.5 && still > 0.5 {
        // It seems to climb still, yet no more than chance might: neither a leak nor an all-clear.
        Verdict::Insufficient
    } else if material > 0.5 {
        Verdict::Bounded
    } else {
        Verdict::Stable
    };
    let grows = matches!(found.verdict, Verdict::Leak | Verdict::Suspect);
    let interval = Interval { low: rate - reach, mid: rate, high: rate + reach };
    let now = mean(&samples.bytes[samples.len().saturating_sub(3)..]);
    found.shape = "crash_loop";
    found.rate_bytes_per_hour = Some(interval);
    found.floor_bytes = Some(now);
    found.floor = climbs.iter().map(|climb| climb.start).collect();
    found.to_limit = limit.filter(|_| grows).and_then(|limit| forecast::to_limit(limit, now, &interval));
    let (count, many, ended) = (climbs.len(), kind.many, kind.ended);
    let climbed = format!("each adds about {} in {}", bytes(net), duration(length_hours * 3600.0));
    found.reasons = match found.verdict {
        Verdict::Leak | Verdict::Suspect => vec![format!(
            "Over the last {count} {many} memory climbs {} (90 % sure of {}); {climbed}.",
            bytes_per_hour(rate),
            range(&bytes_per_hour(interval.low), &bytes_per_hour(interval.high))
        )],
        Verdict::Insufficient | Verdict::Screened => vec![format!(
            "The last {count} {many} seem to climb {}, but not surely more than chance. This is not an all-clear.",
            bytes_per_hour(rate)
        )],
        Verdict::Bounded => vec![format!(
            "In the last {count} {many} memory rises after the start ({climbed}) and then stops: {ended}."
        )],
        Verdict::Stable | Verdict::Growing => {
            vec![format!("In the last {count} {many} memory does not grow beyond the threshold: {ended}.")]
        }
    };
    if let Some(limit) = limit.filter(|_| grows) {
        found.reasons.push(if far_below.is_some() {
            format!(
                "They end at about {}, far below the limit of {}: something else restarts it.",
                bytes(peak),
                bytes(limit)
            )
        } else {
            format!("They end at about {} of the limit of {}.", bytes(peak), bytes(limit))
        });
    }
}

/// Standard error of the median over the climbs, 1.25 times the mean's.
fn standard_error(climbs: &[Climb], of: impl Fn(&Climb) -> f64) -> f64 {
    let values: Vec<f64> = climbs.iter().map(of).collect();
    let centre = mean(&values);
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    let deviation = (squares / (values.len() as f64 - 1.0)).sqrt();
    // One run that was cut short by a deploy must not hide what many agree on; with few, it cannot be told apart.
    let deviation =
        if values.len() < 6 { deviation } else { deviation.min(1.5 * robust_sigma(&mut values.clone())) };
    1.25 * deviation / (values.len() as f64).sqrt()
}
