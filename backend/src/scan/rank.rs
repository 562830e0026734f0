//! Which suspect comes first.

use std::cmp::Ordering;

use model::detect::Verdict;
use model::report;

use super::Suspect;

/// What was looked at in full before what was not; then by what is concluded, then by labels.
pub(super) fn most_suspicious_first(a: &Suspect, b: &Suspect) -> Ordering {
    let coarse = |one: &Suspect| one.assessment.verdict == Verdict::Screened;
    coarse(a)
        .cmp(&coarse(b))
        .then_with(|| report::most_suspicious_first(&a.assessment, &b.assessment))
        .then_with(|| a.labels.cmp(&b.labels))
}
