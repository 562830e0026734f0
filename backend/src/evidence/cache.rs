//! Resident memory against page cache.

use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;

use super::ask::Ask;
use super::settle;
use crate::profiles::Signal;
use crate::promql::Selector;

/// Longest time over which slopes are taken, seconds.
const MAX_SLOPE_SECS: f64 = 21_600.0;
/// Time within which a last value counts as now, seconds.
const NOW_SECS: f64 = 600.0;

/// Bytes now, and bytes per hour.
#[derive(Debug, Clone, Copy)]
struct Part {
    bytes: f64,
    per_hour: f64,
}

pub(super) async fn finding(ask: Ask<'_>) -> Finding {
    let slope_secs = ask.window.length_secs().min(MAX_SLOPE_SECS);
    let now = |selector: &Selector| selector.last_over(NOW_SECS);
    let slope = |selector: &Selector| format!("{} * 3600", selector.applied("deriv", slope_secs));
    let (used, used_slope, resident, resident_slope) = tokio::join!(
        ask.amounts(Signal::WorkingSet, now),
        ask.amounts(Signal::WorkingSet, slope),
        ask.amounts(Signal::Resident, now),
        ask.amounts(Signal::Resident, slope),
    );
    let answer = (|| {
        let (used, resident) = (used?, resident?);
        let of = |now: f64, slope: f64| Part { bytes: now, per_hour: slope };
        let used_part = of(used.total(), used_slope?.total());
        let resident_part = of(resident.total(), resident_slope?.total());
        let threshold = ask.suspect.context.thresholds.growth_bytes_per_hour;
        let (state, sentence) = judge(used_part, resident_part, slope_secs, threshold);
        Ok((state, sentence, format!("{} or {}", used.query, resident.query)))
    })();
    settle(EvidenceKind::PageCache, "how much of it is page cache", answer)
}

fn judge(used: Part, resident: Part, slope_secs: f64, threshold_per_hour: f64) -> (FindingState, String) {
    let rest =
        Part { bytes: (used.bytes - resident.bytes).max(0.0), per_hour: used.per_hour - resident.per_hour };
    let share = resident.bytes / used.bytes * 100.0;
    let figures = format!(
        "of a working set of {}, {} ({share:.0} %) are processes' and {} page cache, files in memory and kernel; over {} the first changed by {}, the rest by {}",
        format::bytes(used.bytes),
        format::bytes(resident.bytes),
        format::bytes(rest.bytes),
        format::duration(slope_secs),
        format::bytes_per_hour(resident.per_hour),
        format::bytes_per_hour(rest.per_hour),
    );
    if resident.per_hour >= threshold_per_hour && resident.per_hour >= rest.per_hour {
        (FindingState::Attention, format!("{figures}: process memory grows"))
    } else if rest.per_hour >= threshold_per_hour {
        let sentence =
            format!("{figures}: cache or files in memory grow, of which cache is given back under pressure");
        (FindingState::Attention, sentence)
    } else {
        (FindingState::Ok, figures)
    }
}

#[cfg(test)]
mod tests {
    use model::thresholds::MIB;

    use super::*;

    fn part(mib: f64, mib_per_hour: f64) -> Part {
        Part { bytes: mib * MIB, per_hour: mib_per_hour * MIB }
    }

    #[test]
    fn processes_and_cache_are_told_apart() {
        let judged = |used, resident| judge(used, resident, 21_600.0, 10.0 * MIB);
        let (state, sentence) = judged(part(720.0, 22.0), part(700.0, 21.0));
        assert_eq!(state, FindingState::Attention);
        assert!(sentence.contains("700 MiB (97 %) are processes' and 20 MiB page cache"), "{sentence}");
        assert!(sentence.ends_with("process memory grows"), "{sentence}");
        assert!(judged(part(720.0, 22.0), part(300.0, 1.0)).1.contains("given back under pressure"));
        assert_eq!(judged(part(720.0, 2.0), part(700.0, 1.0)).0, FindingState::Ok);
    }
}
