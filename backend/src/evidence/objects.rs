//! Growth of objects by type, next to that of memory.

use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;

use super::ask::{Amounts, Ask};
use super::{count, settle};
use crate::profiles::Signal;
use crate::scan::Suspect;

const HOUR_SECS: f64 = 3600.0;
/// New objects of a type in an hour from which it is an alert.
const OBJECTS_PER_HOUR: f64 = 1000.0;

pub(super) async fn finding(ask: Ask<'_>) -> Finding {
    let per_hour = |selector: &crate::promql::Selector| {
        format!("{} * {HOUR_SECS}", selector.applied("deriv", HOUR_SECS))
    };
    let answer = ask.amounts(Signal::Objects, per_hour).await.map(|amounts| {
        let (state, sentence) = judge(&amounts, memory_per_hour(ask.suspect));
        (state, sentence, amounts.query)
    });
    settle(EvidenceKind::ObjectGrowth, "how fast objects grow", answer)
}

/// Growth of memory that is too much by itself, bytes per hour.
fn memory_per_hour(suspect: &Suspect) -> Option<f64> {
    let rate = suspect.assessment.rate_bytes_per_hour?.mid;
    (rate >= suspect.context.thresholds.growth_bytes_per_hour).then_some(rate)
}

fn judge(amounts: &Amounts, memory_per_hour: Option<f64>) -> (FindingState, String) {
    let ranked = amounts.ranked();
    let said: Vec<_> =
        ranked.iter().take(3).map(|(kind, per_hour)| format!("{kind} by {}/h", count(*per_hour))).collect();
    let said = format!("objects change: {}", said.join(", "));
    let most = ranked.first().map_or(0.0, |(_, per_hour)| *per_hour);
    match memory_per_hour {
        Some(rate) if most > OBJECTS_PER_HOUR => {
            let grown: f64 = amounts.by.values().filter(|per_hour| **per_hour > 0.0).sum();
            let sentence = format!(
                "{said}; memory grows by {}, {} for each new object: references are kept",
                format::bytes_per_hour(rate),
                format::bytes(rate / grown)
            );
            (FindingState::Attention, sentence)
        }
        Some(rate) => {
            let sentence = format!(
                "{said}, while memory grows by {}: allocator or native memory rather than Python references",
                format::bytes_per_hour(rate)
            );
            (FindingState::Attention, sentence)
        }
        None if most > OBJECTS_PER_HOUR => {
            (FindingState::Attention, format!("{said}; memory does not grow as much"))
        }
        None => (FindingState::Ok, format!("{said}, below {OBJECTS_PER_HOUR}/h")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(pairs: &[(&str, f64)]) -> Amounts {
        let by = pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        Amounts { query: String::new(), by }
    }

    #[test]
    fn flat_objects_beside_growing_memory_are_no_references() {
        let (state, sentence) = judge(&amounts(&[("dict", 12.0), ("list", -3.0)]), Some(20.0 * 1_048_576.0));
        assert_eq!(state, FindingState::Attention);
        assert_eq!(
            sentence,
            "objects change: dict by 12/h, list by −3/h, while memory grows by 20 MiB/h: allocator or native memory rather than Python references"
        );
    }

    #[test]
    fn growing_objects_are_weighed() {
        let (state, sentence) =
            judge(&amounts(&[("dict", 4096.0), ("list", 1024.0)]), Some(20.0 * 1_048_576.0));
        assert_eq!(state, FindingState::Attention);
        assert!(
            sentence.contains("dict by 4096/h") && sentence.contains("4 KiB for each new object"),
            "{sentence}"
        );
        assert_eq!(judge(&amounts(&[("dict", 40.0)]), None).0, FindingState::Ok);
        assert_eq!(judge(&amounts(&[("dict", 4000.0)]), None).0, FindingState::Attention);
    }
}
