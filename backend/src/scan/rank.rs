//! Which suspect comes first.

use std::cmp::Ordering;

use model::detect::Verdict;
use model::report;

use super::Suspect;

/// Sorts, ties staying as they are. Suspects are large: only where each belongs is sorted, and then each is moved once.
pub(super) fn sort(suspects: &mut Vec<Suspect>, compare: impl Fn(&Suspect, &Suspect) -> Ordering) {
    let mut order: Vec<usize> = (0..suspects.len()).collect();
    order.sort_by(|a, b| compare(&suspects[*a], &suspects[*b]));
    if order.is_sorted() {
        return;
    }
    let mut unsorted: Vec<Option<Suspect>> = suspects.drain(..).map(Some).collect();
    suspects.extend(order.into_iter().filter_map(|place| unsorted[place].take()));
}

/// What was looked at in full before what was not; then by what is concluded, then by labels.
pub(super) fn most_suspicious_first(a: &Suspect, b: &Suspect) -> Ordering {
    let coarse = |one: &Suspect| one.assessment.verdict == Verdict::Screened;
    coarse(a)
        .cmp(&coarse(b))
        .then_with(|| report::most_suspicious_first(&a.assessment, &b.assessment))
        .then_with(|| a.labels.cmp(&b.labels))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::detect::{Context, assess};
    use model::series::Series;

    use super::*;

    #[test]
    fn ties_stay_as_they_are() {
        let suspect = |pod: &str| Suspect {
            labels: Arc::new([("pod", pod)].into_iter().collect()),
            profile: Arc::new(crate::profiles::builtin().remove(0)),
            series: Series::default(),
            context: Arc::default(),
            assessment: Box::new(assess(&Series::default(), &Context::default())),
            stands_for: Vec::new(),
        };
        let mut suspects = ["b2", "a1", "b1", "c1", "a2"].map(suspect).to_vec();
        let letter = |one: &Suspect| one.labels.get("pod").and_then(|pod| pod.chars().next());
        sort(&mut suspects, |a, b| letter(a).cmp(&letter(b)));
        let pods: Vec<_> = suspects.iter().filter_map(|one| one.labels.get("pod")).collect();
        assert_eq!(pods, ["a1", "a2", "b2", "b1", "c1"]);
    }
}
