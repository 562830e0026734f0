//! Is it growing, how fast, how sure.

use model::detect::Verdict;
use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;

use crate::scan::Suspect;

pub(super) fn finding(suspect: &Suspect) -> Finding {
    let query = suspect.selector().to_string();
    let assessment = &suspect.assessment;
    let name = suspect.name();
    let rate = assessment.rate_bytes_per_hour.map(|rate| {
        let interval = format::range(&format::bytes_per_hour(rate.low), &format::bytes_per_hour(rate.high));
        format!("{} (90 % sure of {interval})", format::bytes_per_hour(rate.mid))
    });
    let span = format::duration(assessment.span_secs);
    let (state, sentence) = match (assessment.verdict, rate) {
        (Verdict::Insufficient, _) | (_, None) => (
            FindingState::Unknown,
            format!(
                "{name}: {} samples over {span} are too few to tell growth from noise",
                assessment.samples
            ),
        ),
        (Verdict::Screened, Some(rate)) => (
            FindingState::Unknown,
            format!(
                "{name} was only looked at coarsely, where it grows by {rate}: narrow the selection to judge it"
            ),
        ),
        (Verdict::Leak, Some(rate)) => {
            (FindingState::Bad, format!("{name} leaks: its floor grows by {rate}"))
        }
        (Verdict::Suspect, Some(rate)) => {
            (FindingState::Attention, format!("{name} probably leaks: its floor grows by {rate}"))
        }
        (Verdict::Growing, Some(rate)) => {
            (FindingState::Attention, format!("{name} grows by {rate}, not yet enough to call it a leak"))
        }
        (Verdict::Bounded, Some(_)) => {
            (FindingState::Ok, format!("{name} grew and has levelled off within the last {span}"))
        }
        (Verdict::Stable, Some(_)) => {
            (FindingState::Ok, format!("{name} does not grow over the last {span}"))
        }
    };
    super::finding(EvidenceKind::Growth, state, sentence, query)
}
