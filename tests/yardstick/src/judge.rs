//! Detectors behind one question: is this a leak?

use std::borrow::Cow;

use model::detect::{Assessment, Context, Interval, Verdict, assess};
use model::series::Series;

use crate::baseline::{self, Baseline};
use crate::generate::Labelled;
use crate::minima::minima;

/// A detector: ours, as it sees more or less, or a baseline.
#[derive(Debug, Clone, Copy)]
pub enum Detector {
    /// Ours, restart times given.
    Leaklens,
    /// Ours, restart times and requests a second given.
    LeaklensWithRequests,
    /// Ours, restart times not known.
    LeaklensWithoutRestarts,
    /// Ours on the lowest value of each of so many windows, restart times given.
    LeaklensOnMinima(usize),
    /// Somebody else's.
    Baseline(Baseline),
}

/// What a detector says of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// Whether it calls it a leak.
    pub fires: bool,
    /// Growth, bytes per hour, where it says one.
    pub rate: Option<f64>,
    /// The 90 % interval of that, where it says one.
    pub interval: Option<Interval>,
}

impl Detector {
    /// Every detector, ours first.
    pub fn all() -> Vec<Self> {
        let ours = [Self::Leaklens, Self::LeaklensWithRequests, Self::LeaklensWithoutRestarts];
        let on_minima = crate::minima::POINTS.map(Self::LeaklensOnMinima);
        let others = baseline::ALL.into_iter().map(Self::Baseline);
        ours.into_iter().chain(on_minima).chain(others).collect()
    }

    /// Its name in tables.
    pub fn name(self) -> String {
        match self {
            Self::Leaklens => "leaklens".to_owned(),
            Self::LeaklensWithRequests => "leaklens_requests".to_owned(),
            Self::LeaklensWithoutRestarts => "leaklens_norestarts".to_owned(),
            Self::LeaklensOnMinima(points) => format!("leaklens_minima{points}"),
            Self::Baseline(baseline) => baseline.name.to_owned(),
        }
    }

    /// Whether it calls the series a leak.
    pub fn fires(self, labelled: &Labelled) -> bool {
        match self {
            Self::Baseline(baseline) => (baseline.fires)(&as_answered(labelled)),
            ours => ours.verdict(labelled) == Some(Verdict::Leak),
        }
    }

    /// Whether it calls the series a leak, and how fast it says it grows.
    pub fn answer(self, labelled: &Labelled) -> Answer {
        match self {
            Self::Baseline(baseline) => {
                let labelled = as_answered(labelled);
                let rate = baseline.rate.map(|rate| rate(&labelled));
                Answer { fires: (baseline.fires)(&labelled), rate, interval: None }
            }
            ours => {
                let assessment = ours.assessment(labelled);
                let interval = assessment.as_ref().and_then(|found| found.rate_bytes_per_hour);
                // That it is silent about the rate counts against it: as no growth.
                let interval = interval.or(Some(Interval { low: 0.0, mid: 0.0, high: 0.0 }));
                Answer {
                    fires: assessment.is_some_and(|found| found.verdict == Verdict::Leak),
                    rate: interval.map(|rate| rate.mid),
                    interval,
                }
            }
        }
    }

    /// Our verdict, `None` of a baseline.
    pub fn verdict(self, labelled: &Labelled) -> Option<Verdict> {
        self.assessment(labelled).map(|found| found.verdict)
    }

    /// Our assessment, `None` of a baseline.
    fn assessment(self, labelled: &Labelled) -> Option<Assessment> {
        match self {
            Self::Leaklens => Some(assess_with_restarts(labelled)),
            Self::LeaklensWithRequests => Some(assess(&labelled.series, &with_everything(labelled))),
            Self::LeaklensWithoutRestarts => Some(assess(&labelled.series, &context(labelled, None))),
            Self::LeaklensOnMinima(points) => Some(assess_with_restarts(&minima(labelled, points))),
            Self::Baseline(_) => None,
        }
    }
}

/// The series as a server would answer with it, which is what baselines expect: finite values, in the order of time.
fn as_answered(labelled: &Labelled) -> Cow<'_, Labelled> {
    let usable = |(time, value): (f64, f64)| time.is_finite() && value.is_finite();
    let times = &labelled.series.times_secs;
    if labelled.series.iter().all(usable) && times.windows(2).all(|pair| pair[0] < pair[1]) {
        return Cow::Borrowed(labelled);
    }
    let mut samples: Vec<(f64, f64)> = labelled.series.iter().filter(|sample| usable(*sample)).collect();
    samples.sort_by(|a, b| a.0.total_cmp(&b.0));
    samples.dedup_by(|later, earlier| later.0 == earlier.0);
    let (times_secs, values) = samples.into_iter().unzip();
    Cow::Owned(Labelled { series: Series { times_secs, values }, ..labelled.clone() })
}

pub(crate) fn context(labelled: &Labelled, restarts_secs: Option<Vec<f64>>) -> Context {
    Context { restarts_secs, limit_bytes: labelled.limit_bytes, ..Context::default() }
}

/// Everything that is known beside a series.
pub(crate) fn with_everything(labelled: &Labelled) -> Context {
    Context { request_rate: labelled.request_rate.clone(), ..with_restarts(labelled) }
}

/// What is known beside a series, but for its request rate.
pub(crate) fn with_restarts(labelled: &Labelled) -> Context {
    context(labelled, labelled.restarts_secs.clone())
}

/// Our assessment, restart times given.
pub fn assess_with_restarts(labelled: &Labelled) -> Assessment {
    assess(&labelled.series, &with_restarts(labelled))
}
