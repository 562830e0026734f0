//! Which suspect comes first.

use std::cmp::Ordering;

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
