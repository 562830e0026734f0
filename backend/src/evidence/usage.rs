//! Usage against the limit.

use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;
use model::thresholds::Thresholds;

use crate::scan::Suspect;

/// From this share of the limit on, a spike is enough for an OOM kill.
const NEAR_LIMIT: f64 = 0.9;

fn judge(suspect: &Suspect, thresholds: &Thresholds) -> (FindingState, String) {
    let Some((_, usage)) = suspect.last_sample() else {
        return (FindingState::Unknown, format!("{} has no sample in the time range", suspect.name()));
    };
    let shown = format::bytes(usage);
    let name = suspect.name();
    let (near, against_limit) = match suspect.context.limit_bytes {
        Some(limit) => {
            let (share, limit_shown) = (usage / limit, format::bytes(limit));
            (share >= NEAR_LIMIT, format!("{:.0} % of its limit of {limit_shown}", share * 100.0))
        }
        None => (false, "no limit is known".to_owned()),
    };
    let when = suspect
        .assessment
        .to_limit
        .map(|to| format!("; at this rate it gets there in {}", format::duration(to.likely_secs)));
    let sentence = format!("{name} uses {shown}, {against_limit}{}", when.unwrap_or_default());
    let state = if near || usage >= thresholds.critical_usage_bytes {
        FindingState::Bad
    } else if usage >= thresholds.usage_bytes || suspect.assessment.to_limit.is_some() {
        FindingState::Attention
    } else if suspect.context.limit_bytes.is_none() {
        // Below the thresholds, but whether that is near the end nobody knows.
        FindingState::Unknown
    } else {
        FindingState::Ok
    };
    (state, sentence)
}

pub(super) fn finding(suspect: &Suspect, thresholds: &Thresholds) -> Finding {
    let (state, sentence) = judge(suspect, thresholds);
    super::finding(EvidenceKind::Usage, state, sentence, suspect.selector().to_string())
}
