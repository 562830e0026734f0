//! The rolling view: every detector looks at the same trailing window again and again, as an alert does. A single
//! verdict at the end hides how often a safe series would have woken somebody.

use model::series::Series;
use serde::Serialize;

use crate::generate::Labelled;
use crate::judge::Detector;
use crate::measure::ClassShare;
use crate::score::{by_class, ratio};

/// The trailing window, seconds.
pub const WINDOW_SECS: f64 = 6.0 * 3600.0;
/// How often it is looked at, seconds.
pub const EVERY_SECS: f64 = 1800.0;
/// The first look, seconds after the first sample.
pub const FIRST_SECS: f64 = 3.0 * 3600.0;

/// What a detector said over time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watched {
    /// Whether it ever fired.
    pub ever: bool,
    /// Seconds from the true onset to the first firing after it.
    pub delay_secs: Option<f64>,
}

/// Looks at a series through the trailing window.
pub fn watch(labelled: &Labelled, detector: Detector) -> Watched {
    let times = &labelled.series.times_secs;
    let (Some(&start), Some(&end)) = (times.first(), times.last()) else {
        return Watched { ever: false, delay_secs: None };
    };
    let mut at = start + FIRST_SECS;
    while at <= end + 1.0 {
        // A chance firing before the onset finds no leak.
        let counts = !labelled.leaks || at > labelled.onset_secs;
        if counts && detector.fires(&view(labelled, at)) {
            return Watched { ever: true, delay_secs: Some(at - labelled.onset_secs) };
        }
        at += EVERY_SECS;
    }
    Watched { ever: false, delay_secs: None }
}

/// What is seen of a series at a time.
fn view(labelled: &Labelled, at: f64) -> Labelled {
    let cut = |series: &Series| {
        let times = &series.times_secs;
        let from = times.partition_point(|&time| time <= at - WINDOW_SECS);
        let to = times.partition_point(|&time| time <= at);
        Series::new(times[from..to].to_vec(), series.values[from..to].to_vec())
    };
    let seen = |restarts: &Vec<f64>| restarts.iter().copied().filter(|restart| *restart <= at).collect();
    Labelled {
        series: cut(&labelled.series),
        request_rate: labelled.request_rate.as_ref().map(cut),
        restarts_secs: labelled.restarts_secs.as_ref().map(seen),
        ..labelled.clone()
    }
}

/// The rolling view of one detector over a set.
#[derive(Debug, Clone, Serialize)]
pub struct Watch {
    /// Its name.
    pub detector: String,
    /// Percentage of the safe series that ever fire.
    pub safe_ever_percent: f64,
    /// Percentage of the leaks found.
    pub found_percent: f64,
    /// Delays of the leaks found, seconds, ascending.
    pub delays_secs: Vec<f64>,
    /// Percentage of each class that ever fires, leaks first.
    pub by_class: Vec<ClassShare>,
}

impl Watch {
    /// The delay within which this share of the found leaks is found, seconds.
    pub fn delay_secs(&self, share: f64) -> Option<f64> {
        self.delays_secs.get(((self.delays_secs.len() as f64 - 1.0) * share).max(0.0) as usize).copied()
    }
}

/// Watches every series of a set.
pub fn summary(set: &[Labelled], detector: Detector) -> Watch {
    let watched: Vec<Watched> = set.iter().map(|labelled| watch(labelled, detector)).collect();
    let both = || set.iter().zip(&watched);
    let ever = |leaks: bool| both().filter(move |(one, watched)| one.leaks == leaks && watched.ever).count();
    let all = |leaks: bool| set.iter().filter(|labelled| labelled.leaks == leaks).count();
    let mut delays_secs: Vec<f64> =
        both().filter(|(labelled, _)| labelled.leaks).filter_map(|(_, watched)| watched.delay_secs).collect();
    delays_secs.sort_by(f64::total_cmp);
    let fired: Vec<bool> = watched.iter().map(|watched| watched.ever).collect();
    Watch {
        detector: detector.name(),
        safe_ever_percent: 100.0 * ratio(ever(false), all(false)),
        found_percent: 100.0 * ratio(ever(true), all(true)),
        delays_secs,
        by_class: by_class(set, &fired)
            .into_iter()
            .map(|((safe, class), percent)| ClassShare { class, leaks: !safe, percent })
            .collect(),
    }
}
