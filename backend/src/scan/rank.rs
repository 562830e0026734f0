//! Which suspect comes first, and how bad it is.

use std::cmp::Ordering;

use model::detect::Verdict;
use model::thresholds::Thresholds;

use super::Suspect;

/// Scores closer than this are equal for a reader; then the time left decides.
const SCORE_STEP: f64 = 0.05;

/// By score, then by time to the limit, then by rate, then by labels.
pub(super) fn most_suspicious_first(a: &Suspect, b: &Suspect) -> Ordering {
    let score = |suspect: &Suspect| (suspect.assessment.score / SCORE_STEP).round();
    let left = |suspect: &Suspect| suspect.assessment.to_limit.map_or(f64::INFINITY, |to| to.likely_secs);
    let rate = |suspect: &Suspect| suspect.assessment.rate_bytes_per_hour.map_or(0.0, |rate| rate.mid);
    score(b)
        .total_cmp(&score(a))
        .then_with(|| left(a).total_cmp(&left(b)))
        .then_with(|| rate(b).total_cmp(&rate(a)))
        .then_with(|| a.labels.cmp(&b.labels))
}

/// Which thresholds are passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// None.
    None,
    /// One of the lower ones.
    Warning,
    /// One of the upper ones.
    Critical,
}

impl Severity {
    /// Its name in frames: empty for none.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// How bad a suspect is: growth counts only where it is growth that does not end.
pub fn severity(suspect: &Suspect, thresholds: &Thresholds) -> Severity {
    let growing = matches!(suspect.assessment.verdict, Verdict::Leak | Verdict::Suspect);
    let rate = suspect.assessment.rate_bytes_per_hour.filter(|_| growing).map_or(0.0, |rate| rate.mid);
    let usage = suspect.last_sample().map_or(0.0, |(_, bytes)| bytes);
    if rate >= thresholds.critical_growth_bytes_per_hour || usage >= thresholds.critical_usage_bytes {
        Severity::Critical
    } else if rate >= thresholds.growth_bytes_per_hour || usage >= thresholds.usage_bytes {
        Severity::Warning
    } else {
        Severity::None
    }
}
