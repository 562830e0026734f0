//! Age of the last sample.

use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;

use crate::scan::{Suspect, Window};

/// So old and nobody watches any more: as long as the rule for missing metrics waits, seconds.
const MISSING_SECS: f64 = 600.0;
/// As long as Prometheus itself goes on showing a last sample, seconds.
const STALE_SECS: f64 = 300.0;

pub(super) fn finding(suspect: &Suspect, window: Window) -> Finding {
    let name = suspect.name();
    let (state, sentence) = match suspect.last_sample() {
        None => (FindingState::Unknown, format!("{name} has no sample in the time range")),
        Some((last_secs, _)) => judge(&name, window.to_secs - last_secs, interval_secs(suspect)),
    };
    super::finding(EvidenceKind::SampleAge, state, sentence, suspect.selector().to_string())
}

fn judge(name: &str, age_secs: f64, interval_secs: Option<f64>) -> (FindingState, String) {
    let age = format::duration(age_secs.max(0.0));
    let every = interval_secs
        .map(|secs| format!("; samples come every {}", format::duration(secs)))
        .unwrap_or_default();
    if age_secs >= MISSING_SECS {
        (
            FindingState::Bad,
            format!("the last sample of {name} is {age} old: nobody watches its memory now{every}"),
        )
    } else if age_secs >= STALE_SECS {
        (FindingState::Attention, format!("the last sample of {name} is {age} old{every}"))
    } else {
        (FindingState::Ok, format!("the last sample of {name} is {age} old{every}"))
    }
}

/// The usual distance of its samples: their median.
fn interval_secs(suspect: &Suspect) -> Option<f64> {
    let times = &suspect.series.times_secs;
    let mut gaps: Vec<f64> =
        times.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > 0.0).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_samples_are_never_fine() {
        let state = |age| judge("web", age, Some(15.0)).0;
        assert_eq!(state(20.0), FindingState::Ok);
        assert_eq!(state(400.0), FindingState::Attention);
        assert_eq!(state(86_400.0), FindingState::Bad);
        assert!(judge("web", 900.0, Some(15.0)).1.contains("15 min old"));
    }
}
