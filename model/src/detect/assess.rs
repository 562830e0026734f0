//! The detector from samples to assessment, in the order of its steps.

use super::clean::{Samples, clean, clean_from};
use super::floor::{self, Floor};
use super::gates::{self, Facts, Gates, Growth};
use super::load::{self, Explained};
use super::rate::Pairs;
use super::shape::{self, Noise, Reading, Run, Shape};
use super::{
    Assessment, Context, Interval, LEAK_SCORE, Point, SUSPECT_SCORE, Verdict, crash_loop, cycle, forecast,
    rate, reasons, restarts, teeth, workers,
};
use crate::series::Series;
use crate::thresholds::Thresholds;

/// Fewer samples say nothing.
const FEWEST_SAMPLES: usize = 30;
/// With less than this many times the shortest history (6 h by default) there is little.
const ENOUGH_EVIDENCE: f64 = 12.0;
/// From so many restarts on a series of short runs is a crash loop whatever ends them.
const FEWEST_CRASHES: usize = 5;
/// The score where load and a leak explain growth equally well: a suspect, and no more.
const UNTOLD_SCORE: f64 = 0.45;
/// Fewer floor points in a run, and an earlier one is fitted instead.
const FEWEST_RUN_POINTS: usize = 6;
/// Fewer pairs of floor points show no rate.
const FEWEST_PAIRS: usize = 6;

/// Fewer points of the run at its present rate, and the rate's interval is that of the whole.
const FEWEST_STEADY_POINTS: usize = 10;

/// Judges one series. Never panics, whatever the input; O(n log n) in its length, O(n) when it is in time order.
pub fn assess(series: &Series, context: &Context) -> Assessment {
    let samples = clean(series);
    let thresholds = usable(&context.thresholds);
    // Where several processes answer in turn, each is a series of its own.
    match workers::split(&samples) {
        Some(workers) => most_suspicious(&workers, context, &thresholds),
        None => assess_from(&samples, context, &thresholds, 0.0),
    }
}

/// As [`assess`], of which only scores from `least` on are wanted: what cannot reach it is not judged to the end. Of one
/// process.
fn assess_from(samples: &Samples, context: &Context, thresholds: &Thresholds, least: f64) -> Assessment {
    // Three short climbs say more than their samples' number or time.
    match crash_loop::assess(samples, context, thresholds) {
        // So few restarts may be deploys: that climbs end far below the limit says little, the whole series decides.
        Some(looping)
            if looping.verdict == Verdict::Suspect && looping.restarts_secs.len() < FEWEST_CRASHES =>
        {
            let whole = judge_alone(samples, context, thresholds, least);
            if whole.verdict == Verdict::Leak { whole } else { looping }
        }
        Some(looping) => looping,
        None => judge_alone(samples, context, thresholds, least),
    }
}

/// As [`assess`], of window minima of which only scores from `least` on are wanted. Of several processes that answer in turn
/// they show the lowest alone: levels in turn are the teeth of one.
pub(super) fn assess_minima(minima: &Series, context: &Context, least: f64) -> Assessment {
    assess_from(&clean(minima), context, &usable(&context.thresholds), least)
}

/// The worker that looks most like a leak.
fn most_suspicious(workers: &[Samples], context: &Context, thresholds: &Thresholds) -> Assessment {
    let judged = workers.iter().map(|samples| judge_alone(samples, context, thresholds, 0.0));
    let worst = judged.max_by(|left, right| left.score.total_cmp(&right.score));
    let mut found = worst.unwrap_or_else(|| insufficient(&Samples::default(), Vec::new()));
    found.reasons.push(format!(
        "{} processes answer in turn at this address: each was judged alone, and this is what the most suspicious one does.",
        workers.len()
    ));
    found
}

/// Judges runs that are long enough to be judged by themselves.
fn judge_alone(samples: &Samples, context: &Context, thresholds: &Thresholds, least: f64) -> Assessment {
    let span_secs = samples.span_hours() * 3600.0;
    let needed_secs = thresholds.min_evidence_secs;
    if samples.len() < FEWEST_SAMPLES || span_secs < needed_secs {
        let why = reasons::too_little(samples.len(), FEWEST_SAMPLES, span_secs, needed_secs);
        return insufficient(samples, why);
    }
    let (cuts, teeth) = cuts_and_teeth(samples, context.restarts_secs.as_deref());
    let floor = floor::trace(samples, &restarts::runs(samples.len(), &cuts), &teeth);
    let judged = |samples: &Samples, floor: &Floor| {
        let traced = Traced { samples, floor, cuts: &cuts, teeth: teeth.len(), thresholds };
        judge(traced, context.limit_bytes, least)
    };
    let found = judged(samples, &floor);
    match context.request_rate.as_ref().filter(|_| found.score >= SUSPECT_SCORE) {
        Some(rate) => beside_load(found, samples, &floor, rate, judged),
        None => found,
    }
}

/// The score of window minima, each taken as a point of the floor, where it may reach `least`.
pub(super) fn each_point_score(minima: &Series, context: &Context, least: f64) -> f64 {
    let samples = clean(minima);
    // Minima show no teeth: what still falls deep and stays low is a restart.
    let cuts = match &context.restarts_secs {
        Some(known) => restarts::known(&samples, known),
        None => restarts::guess(&samples),
    };
    let floor = floor::of_minima(&samples, &restarts::runs(samples.len(), &cuts));
    let thresholds = usable(&context.thresholds);
    if let Some(most) = gates::most_of_range(&floor, &thresholds).filter(|most| *most < least) {
        return most;
    }
    let Some(seen) = Seen::of(&floor) else { return 0.0 };
    let most = seen.most(&floor, &thresholds);
    let traced = Traced { samples: &samples, floor: &floor, cuts: &cuts, teeth: 0, thresholds: &thresholds };
    if most < least { most } else { weigh(traced, &seen).gates.score() }
}

/// What is left of a leak when the load's part is taken out of the floor.
fn beside_load(
    mut found: Assessment,
    samples: &Samples,
    floor: &Floor,
    request_rate: &Series,
    judged: impl Fn(&Samples, &Floor) -> Assessment,
) -> Assessment {
    let load = clean_from(request_rate, samples.origin_secs);
    match load::explain(floor, &load) {
        None => found,
        Some(Explained::Untold(followed)) => {
            found.score = found.score.min(UNTOLD_SCORE);
            found.verdict = Verdict::Suspect;
            let why = reasons::requests_rose_alike(&followed);
            found.reasons.insert(1.min(found.reasons.len()), why);
            found
        }
        Some(Explained::Part(followed)) => {
            let mut rest = judged(&followed.without(samples), &followed.floor_without(floor));
            if rest.score >= found.score {
                rest.score = found.score;
                rest.verdict = found.verdict;
            }
            if rest.verdict == Verdict::Stable {
                // It did grow, and by no more than the load.
                rest.verdict = Verdict::Bounded;
            }
            rest.reasons = reasons::beside_requests(&followed, &rest);
            rest.floor = found.floor;
            for point in &mut rest.trend {
                point.bytes += followed.bytes_at((point.time_secs - samples.origin_secs) / 3600.0);
            }
            rest
        }
    }
}

/// Thresholds a person could mean: positive and finite, the default in place of what is not a number.
pub(super) fn usable(thresholds: &Thresholds) -> Thresholds {
    let default = Thresholds::default();
    let within = |value: f64, default: f64| if value.is_nan() { default } else { value.clamp(1.0, 1e15) };
    Thresholds {
        growth_bytes_per_hour: within(thresholds.growth_bytes_per_hour, default.growth_bytes_per_hour),
        min_evidence_secs: within(thresholds.min_evidence_secs, default.min_evidence_secs),
        ..*thresholds
    }
}

/// Where the series restarts, and where a collector lets it fall. A deep fall may look like either.
fn cuts_and_teeth(samples: &Samples, restarts_secs: Option<&[f64]>) -> (Vec<usize>, Vec<usize>) {
    let mut falls = teeth::find(&samples.bytes);
    let (cuts, is_sawtooth) = if let Some(known) = restarts_secs {
        let cuts = restarts::known(samples, known);
        falls.retain(|fall| cuts.iter().all(|cut| fall.abs_diff(*cut) > 2));
        (cuts, falls.len() >= 2)
    } else {
        let cuts = restarts::guess(samples);
        let is_sawtooth = restarts::like_teeth(&cuts) || (falls.len() >= 3 && cuts.len() != falls.len());
        (cuts, is_sawtooth)
    };
    if is_sawtooth { (Vec::new(), falls) } else { (cuts, Vec::new()) }
}

/// What is seen of a floor before any curve is fitted.
struct Seen {
    pairs: Pairs,
    /// The period of its cycle in floor points.
    period: Option<usize>,
    /// The run that is alive at the end, averaged over the cycle.
    run: Run,
    /// Floor points of that run.
    alive: std::ops::Range<usize>,
}

impl Seen {
    /// `None` where there are too few points.
    fn of(floor: &Floor) -> Option<Self> {
        let mut pairs = rate::pairs(floor);
        if pairs.slopes.len() < FEWEST_PAIRS {
            return None;
        }
        let period = cycle::find(floor, pairs.slope());
        if let Some(points) = period {
            pairs = rate::pairs_over_cycle(floor, points);
        }
        let (run, alive) = living_run(floor, period);
        Some(Self { pairs, period, run, alive })
    }

    /// The noise around the line, and the cycle where there is one: all there is in what does not grow.
    fn noise_of_line(&self, floor: &Floor) -> Noise {
        Noise::of(&match self.period {
            Some(points) => cycle::residuals(floor, self.pairs.slope(), points),
            None => cycle::around_line(floor, self.pairs.slope()),
        })
    }

    fn noise(&self, floor: &Floor) -> Noise {
        if self.period.is_some() { self.noise_of_line(floor) } else { shape::noise(&self.run) }
    }

    /// No score is higher.
    fn most(&self, floor: &Floor, thresholds: &Thresholds) -> f64 {
        gates::most(floor, &self.run, &self.pairs, thresholds)
    }
}

/// Samples with the floor traced under them.
#[derive(Clone, Copy)]
struct Traced<'a> {
    samples: &'a Samples,
    floor: &'a Floor,
    /// Where the process restarted.
    cuts: &'a [usize],
    /// How many teeth the floor lies under.
    teeth: usize,
    thresholds: &'a Thresholds,
}

fn judge(traced: Traced<'_>, limit_bytes: Option<f64>, least: f64) -> Assessment {
    let Traced { samples, floor, thresholds, .. } = traced;
    let Some(seen) = Seen::of(floor) else {
        let why = vec!["Too few low points to judge. This is not an all-clear.".to_owned()];
        return insufficient(samples, why);
    };
    let most = seen.most(floor, thresholds);
    if most < least {
        return calm(samples, floor, &seen, most);
    }
    conclude(traced, &seen, limit_bytes)
}

/// What the curves say of a floor.
struct Weighed {
    noise: Noise,
    choice: shape::Choice,
    growth: Growth,
    gates: Gates,
    /// The rate's interval, bytes per hour.
    low: f64,
    high: f64,
}

fn weigh(traced: Traced<'_>, seen: &Seen) -> Weighed {
    let Traced { samples, floor, cuts, teeth, thresholds } = traced;
    let noise = seen.noise(floor);
    let Seen { pairs, period, run, alive } = seen;
    let young = samples.span_hours() * 3600.0 < 0.95 * ENOUGH_EVIDENCE * thresholds.min_evidence_secs;
    let choice = shape::choose(
        run,
        noise.inflation,
        Reading { after_falls: floor.after_falls, cycle_removed: period.is_some(), young },
    );
    // Over a cycle there is only what is averaged over its periods.
    let lived = &restarts::runs(samples.len(), cuts)[floor.run[alive.start]];
    let in_full = match period {
        Some(_) => (&run.hours[..], &run.bytes[..]),
        None => (&samples.hours[lived.clone()], &samples.bytes[lived.clone()]),
    };
    let facts = Facts {
        floor,
        run,
        in_full,
        alive: alive.clone(),
        pairs,
        noise: &noise,
        choice: &choice,
        teeth,
        thresholds,
    };
    let mut growth = gates::growth(&facts, None);
    // Over a cycle only pairs whole periods apart may be compared, wherever they are.
    let steady_from = choice.steady_from().filter(|_| period.is_none());
    let (low, high) = interval(run, steady_from, pairs, noise.inflation);
    let mut gates = gates::judge(&facts, &growth, low, young);
    if gates.score() < LEAK_SCORE && growth.net_is_material {
        // No smooth curve that grows on explains it: separate jumps may.
        if let Some(rate) = gates::stairs_rate(&facts) {
            growth = gates::growth(&facts, Some(rate));
            gates = gates::judge(&facts, &growth, low, young);
        }
    }
    Weighed { noise, choice, growth, gates, low, high }
}

fn conclude(traced: Traced<'_>, seen: &Seen, limit_bytes: Option<f64>) -> Assessment {
    let Weighed { noise, choice, growth, gates, low, high } = weigh(traced, seen);
    let Traced { samples, floor, cuts, thresholds, .. } = traced;
    let Seen { period, run, .. } = seen;
    let score = gates.score();
    let verdict = verdict(score, &gates, &growth, choice.shape(), thresholds.growth_bytes_per_hour);
    let rate = Interval { low: low.min(growth.rate), mid: growth.rate, high: high.max(growth.rate) };
    let grows = matches!(verdict, Verdict::Leak | Verdict::Suspect | Verdict::Growing);
    let end_hours = samples.span_hours();
    let floor_bytes = forecast::floor_now(floor, end_hours, if grows { rate.mid } else { 0.0 });
    let grew = grows || verdict == Verdict::Bounded;
    let onset = forecast::onset(run, &choice).filter(|_| grew);
    let onset_hours = onset.map(|x| run.hours_at(x));
    let to_limit = limit_bytes
        .filter(|limit| grows && limit.is_finite() && *limit > 0.0)
        .and_then(|limit| forecast::to_limit(limit, floor_bytes, &rate));
    let reasons = reasons::tell(&reasons::Told {
        verdict,
        rate,
        growth: &growth,
        gates: &gates,
        noise: &noise,
        shape: choice.shape(),
        cycle_hours: period.map(|points| points as f64 * floor.step_hours()),
        after_falls: floor.after_falls,
        restarts: cuts.len(),
        span_hours: end_hours,
        onset_hours_ago: onset_hours.map(|hours| end_hours - hours),
        to_limit,
        thresholds,
    });
    Assessment {
        verdict,
        score,
        shape: choice.shape().as_str(),
        rate_bytes_per_hour: Some(rate),
        floor_bytes: Some(floor_bytes),
        floor: points(samples, floor),
        trend: if grew {
            forecast::trend(run, &choice, onset, rate.mid, end_hours, |hours| samples.secs(hours))
        } else {
            Vec::new()
        },
        onset_secs: onset_hours.map(|hours| samples.secs(hours)),
        to_limit,
        restarts_secs: cuts.iter().map(|&index| samples.secs(samples.hours[index])).collect(),
        samples: samples.len(),
        span_secs: end_hours * 3600.0,
        reasons,
    }
}

/// The rate's interval: of the part of the run that has this rate, where it is only a part.
fn interval(run: &Run, steady_from: Option<f64>, pairs: &Pairs, inflation: f64) -> (f64, f64) {
    let part = steady_from.map(|from| run.xs.partition_point(|x| *x < from)..run.len());
    match part.filter(|part| part.len() >= FEWEST_STEADY_POINTS) {
        Some(part) => rate::interval_within(&run.hours, &run.bytes, part, inflation),
        None => pairs.interval(inflation),
    }
}

/// The floor of the latest run with points enough, averaged over whole cycles when there is a cycle.
fn living_run(floor: &Floor, period: Option<usize>) -> (Run, std::ops::Range<usize>) {
    let long_enough = |run: &std::ops::Range<usize>| run.len() >= FEWEST_RUN_POINTS;
    let alive = floor.runs().into_iter().rev().find(long_enough).unwrap_or(0..floor.len());
    let (hours, bytes) = (&floor.hours[alive.clone()], &floor.bytes[alive.clone()]);
    if let Some(points) = period {
        let (hours, bytes) = cycle::averaged(hours, bytes, points);
        if bytes.len() >= FEWEST_RUN_POINTS {
            return (Run::new(hours, bytes), alive);
        }
    }
    (Run::new(hours.to_vec(), bytes.to_vec()), alive)
}

fn verdict(score: f64, gates: &Gates, growth: &Growth, shape: Shape, threshold: f64) -> Verdict {
    if score >= LEAK_SCORE {
        return Verdict::Leak;
    }
    if score >= SUSPECT_SCORE {
        return Verdict::Suspect;
    }
    let material = gates.trend > 0.5 && gates.material > 0.5;
    // A twentieth of the threshold is no growth anyone would act on.
    let still = growth.end_rate > 0.35 * growth.rate && growth.end_rate > 0.05 * threshold;
    let bounded = matches!(shape, Shape::Step | Shape::TwoSteps | Shape::Ramp | Shape::Wave);
    if material && still && !bounded && growth.rate > 0.0 {
        Verdict::Growing
    } else if growth.net_is_material {
        Verdict::Bounded
    } else {
        Verdict::Stable
    }
}

fn points(samples: &Samples, floor: &Floor) -> Vec<Point> {
    let points = floor.hours.iter().zip(&floor.bytes);
    points.map(|(&hours, &bytes)| Point { time_secs: samples.secs(hours), bytes }).collect()
}

/// What grows too little to be looked at closely, and to be drawn.
fn calm(samples: &Samples, floor: &Floor, seen: &Seen, score: f64) -> Assessment {
    let (low, high) = seen.pairs.interval(seen.noise_of_line(floor).inflation);
    let rate = Interval { low, mid: seen.pairs.slope(), high };
    Assessment {
        verdict: Verdict::Stable,
        score,
        rate_bytes_per_hour: Some(rate),
        floor_bytes: Some(forecast::floor_now(floor, samples.span_hours(), 0.0)),
        ..insufficient(samples, Vec::new())
    }
}

/// Nothing is concluded.
pub(super) fn insufficient(samples: &Samples, reasons: Vec<String>) -> Assessment {
    Assessment {
        verdict: Verdict::Insufficient,
        score: 0.0,
        shape: "",
        rate_bytes_per_hour: None,
        floor_bytes: None,
        floor: Vec::new(),
        trend: Vec::new(),
        onset_secs: None,
        to_limit: None,
        restarts_secs: Vec::new(),
        samples: samples.len(),
        span_secs: samples.span_hours() * 3600.0,
        reasons,
    }
}
