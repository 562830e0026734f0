//! Which suspect comes first.

use std::cmp::Ordering;

use model::report;

use super::Suspect;

/// By what is concluded, then by labels.
pub(super) fn most_suspicious_first(a: &Suspect, b: &Suspect) -> Ordering {
    report::most_suspicious_first(&a.assessment, &b.assessment).then_with(|| a.labels.cmp(&b.labels))
}
