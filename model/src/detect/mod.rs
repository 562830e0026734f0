//! Decides what is a leak.
//!
//! The modules in the order data flows: `clean` the samples, tell several `workers` apart, cut them at `restarts`, find the `teeth` of a collector,
//! read the `floor` beneath, take a `cycle` out of it, measure the `rate`, choose the `shape` (by `fit`), judge
//! the `gates`, make a `forecast`, give `reasons`. `assess` calls them one after the other; growth that the `load` explains
//! is taken out and the rest judged again. The short runs of a `crash_loop` are judged together instead. Of many
//! series, `screen` tells which are worth it.

mod assess;
mod clean;
mod crash_loop;
#[cfg(test)]
mod crash_loop_tests;
mod cycle;
mod fit;
mod floor;
mod forecast;
mod gates;
mod load;
mod rate;
mod reasons;
mod restarts;
mod screen;
mod shape;
mod stairs;
mod stats;
mod teeth;
#[cfg(test)]
mod tests;
mod workers;

pub use assess::assess;
pub use crash_loop::assess_lives;
pub use screen::{screen, worth_a_look};

use crate::series::Series;
use crate::thresholds::Thresholds;

/// From this score on it is a suspect.
const SUSPECT_SCORE: f64 = 0.25;
/// From this score on it is a leak.
const LEAK_SCORE: f64 = 0.5;

/// What is concluded about one series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A leak: the floor grows materially, still, and without bound.
    Leak,
    /// Probably a leak; one gate is only half passed.
    Suspect,
    /// Grows, but slower than the threshold or too young to be called a leak.
    Growing,
    /// Grew and levelled off: warm-up, cache, step.
    Bounded,
    /// Does not grow.
    Stable,
    /// Only looked at coarsely, among many others that look worse.
    Screened,
    /// Too little data to say anything. Never read as healthy.
    Insufficient,
}

impl Verdict {
    /// Whether the floor grows without an end in sight.
    pub fn grows(self) -> bool {
        matches!(self, Self::Leak | Self::Suspect | Self::Growing)
    }

    /// Its name in frames and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::Suspect => "suspect",
            Self::Growing => "growing",
            Self::Bounded => "bounded",
            Self::Stable => "stable",
            Self::Screened => "screened",
            Self::Insufficient => "insufficient",
        }
    }
}

/// A point of the floor or of a fitted curve: seconds and bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Seconds, on the series' clock.
    pub time_secs: f64,
    /// Bytes.
    pub bytes: f64,
}

/// An estimate with its 90 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Best estimate.
    pub mid: f64,
    /// Upper end.
    pub high: f64,
}

/// When the floor reaches the limit, seconds after the last sample, each at least 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeToLimit {
    /// At the upper end of the rate's interval.
    pub earliest_secs: f64,
    /// At the rate itself.
    pub likely_secs: f64,
    /// At the lower end of the rate's interval; `None` when that includes "never".
    pub latest_secs: Option<f64>,
}

/// What is known beside the samples.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// Restart times on the series' clock; `None` when they are not known and must be guessed from falls.
    pub restarts_secs: Option<Vec<f64>>,
    /// Memory limit, bytes.
    pub limit_bytes: Option<f64>,
    /// What memory may follow, requests a second, on the series' clock; `None` when it is not known.
    pub request_rate: Option<Series>,
    /// What counts as too much.
    pub thresholds: Thresholds,
}

/// What is concluded. No number in it is ever NaN or infinite.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The conclusion.
    pub verdict: Verdict,
    /// How sure this is a leak, 0 to 1; 0.5 and more is a leak.
    pub score: f64,
    /// The best-fitting curve's name, or empty.
    pub shape: &'static str,
    /// Growth of the floor with its 90 % interval, bytes per hour; `None` when there is too little data.
    pub rate_bytes_per_hour: Option<Interval>,
    /// The floor now, bytes.
    pub floor_bytes: Option<f64>,
    /// The floor over time.
    pub floor: Vec<Point>,
    /// The fitted curve over time since the onset, empty when nothing grows.
    pub trend: Vec<Point>,
    /// When the growth began, seconds; `None` when nothing grows or it began before the first sample.
    pub onset_secs: Option<f64>,
    /// When the limit is reached; `None` when it is not, when there is no limit, or when it cannot be told.
    pub to_limit: Option<TimeToLimit>,
    /// Restarts used as cuts, seconds.
    pub restarts_secs: Vec<f64>,
    /// Finite samples judged.
    pub samples: usize,
    /// Seconds between the first and the last of them.
    pub span_secs: f64,
    /// Why, in plain sentences.
    pub reasons: Vec<String>,
}

impl Assessment {
    /// What another look makes doubtful: a suspect, the most certain first.
    pub(crate) fn make_suspect(&mut self, why: String) {
        // From 0.45 to just under a leak, in the order of the scores before.
        self.score = (0.45 + 0.098 * (self.score - LEAK_SCORE)).clamp(SUSPECT_SCORE, LEAK_SCORE - 1e-3);
        self.verdict = Verdict::Suspect;
        self.reasons.insert(1.min(self.reasons.len()), why);
    }

    /// What another look makes likelier: its score to a power below 1.
    pub(crate) fn make_likelier(&mut self, power: f64, why: String) {
        self.score = self.score.powf(power);
        if self.score >= LEAK_SCORE {
            self.verdict = Verdict::Leak;
        } else if self.score >= SUSPECT_SCORE && self.verdict != Verdict::Leak {
            self.verdict = Verdict::Suspect;
        }
        self.reasons.insert(1.min(self.reasons.len()), why);
    }
}
