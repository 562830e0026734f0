//! Counts of right and wrong, and what follows from them.

use std::collections::BTreeMap;

use model::detect::Interval;
use model::thresholds::MIB;
use serde::Serialize;

use crate::generate::Labelled;
use crate::judge::Answer;

/// Right and wrong answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Leaks found.
    pub found: usize,
    /// Leaks missed.
    pub missed: usize,
    /// Safe series called leaks.
    pub false_alarms: usize,
    /// Safe series left alone.
    pub quiet: usize,
}

impl Counts {
    /// Counts answers; each is whether it leaks and whether it was called a leak.
    pub fn of(answers: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut counts = Self::default();
        for answer in answers {
            *match answer {
                (true, true) => &mut counts.found,
                (true, false) => &mut counts.missed,
                (false, true) => &mut counts.false_alarms,
                (false, false) => &mut counts.quiet,
            } += 1;
        }
        counts
    }

    /// Share of alarms that are leaks.
    pub fn precision(&self) -> f64 {
        ratio(self.found, self.found + self.false_alarms)
    }

    /// Share of leaks found.
    pub fn recall(&self) -> f64 {
        ratio(self.found, self.found + self.missed)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        ratio(2 * self.found, 2 * self.found + self.false_alarms + self.missed)
    }

    /// Share of safe series called leaks.
    pub fn false_positive_rate(&self) -> f64 {
        ratio(self.false_alarms, self.false_alarms + self.quiet)
    }
}

pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Share of each class that fires, in percent, with whether it leaks.
pub fn by_class(set: &[Labelled], fired: &[bool]) -> BTreeMap<(bool, String), f64> {
    let mut counts: BTreeMap<(bool, String), (usize, usize)> = BTreeMap::new();
    for (labelled, &fired) in set.iter().zip(fired) {
        let count = counts.entry((!labelled.leaks, labelled.class.clone())).or_default();
        count.0 += usize::from(fired);
        count.1 += 1;
    }
    counts.into_iter().map(|(class, (fired, all))| (class, 100.0 * ratio(fired, all))).collect()
}

/// How well rates are estimated on leaks.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct RateErrors {
    /// Median of |estimate - truth| / truth.
    pub median: f64,
    /// 90th percentile of it.
    pub ninetieth: f64,
    /// Share whose severity at 10 and 50 MiB/h is right.
    pub severity: f64,
    /// Share whose 90 % interval, widened by 3 % for the page size, holds the truth; `None` without intervals.
    pub coverage: Option<f64>,
    /// The same without that: most intervals of quiet series are narrower than 3 %.
    pub coverage_exact: Option<f64>,
    /// Leaks judged.
    pub count: usize,
}

/// Classes whose rate at the end is not one number.
const NO_ONE_RATE: [&str; 2] = ["accel", "stairs"];

/// The rates a detector answered with against the truth; `None` where it answers with none.
pub fn rate_errors(set: &[Labelled], answers: &[Answer]) -> Option<RateErrors> {
    let mut errors = Vec::new();
    let (mut right, mut covered, mut covered_exactly, mut intervals) = (0, 0, 0, 0);
    for (labelled, answer) in set.iter().zip(answers) {
        let truth = labelled.rate_bytes_per_hour.filter(|_| !NO_ONE_RATE.contains(&labelled.class.as_str()));
        let (Some(truth), Some(rate)) = (truth, answer.rate) else { continue };
        errors.push((rate - truth).abs() / truth);
        right += usize::from(severity(rate) == severity(truth));
        if let Some(Interval { low, high, .. }) = answer.interval {
            intervals += 1;
            covered_exactly += usize::from(low <= truth && truth <= high);
            covered += usize::from(low * 0.97 <= truth && truth <= high * 1.03);
        }
    }
    errors.sort_by(f64::total_cmp);
    let at = |share: f64| errors.get(((errors.len() as f64 - 1.0) * share) as usize).copied();
    Some(RateErrors {
        median: at(0.5)?,
        ninetieth: at(0.9)?,
        severity: ratio(right, errors.len()),
        coverage: (intervals > 0).then(|| ratio(covered, intervals)),
        coverage_exact: (intervals > 0).then(|| ratio(covered_exactly, intervals)),
        count: errors.len(),
    })
}

fn severity(rate: f64) -> u8 {
    u8::from(rate > 10.0 * MIB) + u8::from(rate > 50.0 * MIB)
}
