//! Which views allocate most, and whether requests leave the process larger.

use std::collections::BTreeMap;

use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;

use super::ask::{Amounts, Ask, Unknown};
use super::settle;
use crate::profiles::Signal;

const HOUR_SECS: f64 = 3600.0;
/// Events in an hour from which it is an alert.
const EVENTS_PER_HOUR: f64 = 5.0;
/// Views that are named.
const NAMED: usize = 3;

pub(super) async fn finding(ask: Ask<'_>) -> Finding {
    let per_second = |selector: &crate::promql::Selector| selector.applied("rate", HOUR_SECS);
    let (bytes, requests, events) = tokio::join!(
        ask.amounts(Signal::AllocatedBytes, per_second),
        ask.amounts(Signal::Allocations, per_second),
        ask.amounts(Signal::GrowthEvents, |selector| selector.applied("increase", HOUR_SECS)),
    );
    let answer = bytes.and_then(|bytes| Ok((bytes, requests?))).map(|(bytes, requests)| {
        let (state, sentence) = judge(&bytes.by, &requests.by, &events);
        (state, sentence, bytes.query)
    });
    settle(EvidenceKind::TopViews, "which views allocate most", answer)
}

/// From bytes and requests per second by view, over an hour.
fn judge(
    bytes: &BTreeMap<String, f64>,
    requests: &BTreeMap<String, f64>,
    events: &Result<Amounts, Unknown>,
) -> (FindingState, String) {
    let total: f64 = bytes.values().sum();
    let mut views: Vec<(&str, f64, f64)> = bytes
        .iter()
        .filter_map(|(view, bytes)| {
            let requests = requests.get(view).copied().filter(|rate| *rate > 0.0)?;
            Some((view.as_str(), bytes / requests, bytes / total))
        })
        .collect();
    views.sort_by(|a, b| b.1.total_cmp(&a.1));
    let events_said = match events {
        Ok(events) => {
            // An event above a larger threshold counts for the smaller one as well.
            let most = events.ranked().first().map_or(0.0, |(_, count)| *count);
            let noun = if most.round() == 1.0 { "event" } else { "events" };
            format!("{:.0} growth {noun} in the last hour", most.max(0.0))
        }
        Err(unknown) => format!("growth events are unknown: {}", unknown.reason),
    };
    let Some((view, per_request, share)) = views.first().copied() else {
        return (FindingState::Unknown, format!("no view was called in the last hour; {events_said}"));
    };
    let others: Vec<_> = views[1..]
        .iter()
        .take(NAMED - 1)
        .map(|(view, per_request, _)| format!("{view} {}", format::bytes(*per_request)))
        .collect();
    let others = if others.is_empty() { String::new() } else { format!("; then {}", others.join(", ")) };
    let share = if share.is_finite() { format!(", {:.0} % of all", share * 100.0) } else { String::new() };
    let sentence = format!(
        "of {} views, {view} allocates most: {} per request{share}{others}; {events_said}",
        views.len(),
        format::bytes(per_request)
    );
    let many = events
        .as_ref()
        .is_ok_and(|events| events.ranked().first().is_some_and(|(_, count)| *count > EVENTS_PER_HOUR));
    (if many { FindingState::Attention } else { FindingState::Ok }, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(pairs: &[(&str, f64)]) -> BTreeMap<String, f64> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    #[test]
    fn views_are_ranked_by_bytes_per_request_and_not_by_bytes() {
        let (bytes, requests) =
            (by(&[("list", 9000.0), ("export", 1000.0)]), by(&[("list", 90.0), ("export", 1.0)]));
        let events = Ok(Amounts { query: String::new(), by: by(&[("10MiB", 7.2), ("50MiB", 1.0)]) });
        let (state, sentence) = judge(&bytes, &requests, &events);
        assert_eq!(state, FindingState::Attention);
        assert_eq!(
            sentence,
            "of 2 views, export allocates most: 1000 B per request, 10 % of all; then list 100 B; 7 growth events in the last hour"
        );
    }

    #[test]
    fn views_nobody_calls_say_nothing() {
        let events = Err(Unknown { reason: "none".to_owned(), query: String::new() });
        let (state, sentence) = judge(&by(&[("list", 0.0)]), &by(&[("list", 0.0)]), &events);
        assert_eq!(state, FindingState::Unknown);
        assert!(sentence.contains("growth events are unknown: none"), "{sentence}");
    }
}
