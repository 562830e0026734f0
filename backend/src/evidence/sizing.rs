//! Limit and request against what is used and what is coming.

use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;

use super::ask::{Ask, Unknown};
use crate::profiles::Signal;
use crate::promql::Selector;

/// Room above the highest peak that a spike needs: a limit below it is too tight.
const HEADROOM: f64 = 1.1;
/// A limit of so many times the peak ties up memory nobody uses.
const WASTEFUL: f64 = 4.0;
const DAY_SECS: f64 = 86_400.0;

/// What is known of a container's needs, bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Needs {
    limit: Option<f64>,
    request: Option<f64>,
    floor: Option<f64>,
    peak: Option<f64>,
    in_a_day: Option<f64>,
}

pub(super) async fn finding(ask: Ask<'_>) -> Finding {
    let window_secs = ask.window.length_secs();
    let request =
        ask.amounts(Signal::MemoryRequest, |selector: &Selector| selector.last_over(window_secs)).await;
    let suspect = ask.suspect;
    let peak = suspect.series.values.iter().copied().filter(|value| value.is_finite()).max_by(f64::total_cmp);
    let floor = suspect.assessment.floor_bytes;
    let growing = suspect.assessment.rate_bytes_per_hour.filter(|rate| rate.low > 0.0);
    let in_a_day = floor.zip(growing).map(|(floor, rate)| floor + rate.mid * DAY_SECS / 3600.0);
    let unread = match &request {
        Err(Unknown { reason, .. }) => format!(" ({reason})"),
        Ok(_) => String::new(),
    };
    let needs = Needs {
        limit: suspect.context.limit_bytes,
        request: request.as_ref().ok().map(super::ask::Amounts::total).filter(|bytes| *bytes > 0.0),
        floor,
        peak,
        in_a_day,
    };
    let (state, sentence) = judge(&suspect.name(), needs, &unread);
    super::finding(EvidenceKind::RightSizing, state, sentence, suspect.selector().to_string())
}

fn judge(name: &str, needs: Needs, unread: &str) -> (FindingState, String) {
    let Needs { limit, request, floor, peak, in_a_day } = needs;
    let shown = |bytes: Option<f64>, what: &str| match bytes {
        Some(bytes) => format!("{what} {}", format::bytes(bytes)),
        None => format!("{what} unknown"),
    };
    let mut figures = format!(
        "{name}: {}, {}{}, {}, {}",
        shown(limit, "limit"),
        shown(request, "request"),
        if request.is_none() { unread } else { "" },
        shown(floor, "floor"),
        shown(peak, "peak"),
    );
    if let Some(bytes) = in_a_day {
        figures = format!("{figures}, in a day {} at this rate", format::bytes(bytes));
    }
    let Some(peak) = peak else { return (FindingState::Unknown, figures) };
    let mut advice = Vec::new();
    if let Some(limit) = limit {
        if in_a_day.is_some_and(|bytes| bytes > limit) {
            advice.push("it outgrows its limit within a day, so a higher limit only buys time".to_owned());
        } else if limit < peak * HEADROOM {
            advice.push(format!(
                "the limit leaves less than a tenth above the peak; {} would",
                format::bytes(peak * HEADROOM)
            ));
        } else if limit > peak * WASTEFUL {
            advice.push(format!("the limit is {:.0} times the peak", limit / peak));
        }
    }
    if request.zip(floor).is_some_and(|(request, floor)| request < floor) {
        advice
            .push("the request is below the floor, so the node may be promised more than it has".to_owned());
    }
    if !advice.is_empty() {
        (FindingState::Attention, format!("{figures}: {}", advice.join("; ")))
    } else if limit.is_none() || request.is_none() {
        (FindingState::Unknown, figures)
    } else {
        (FindingState::Ok, format!("{figures}: they fit"))
    }
}

#[cfg(test)]
mod tests {
    use model::thresholds::MIB;

    use super::*;

    fn needs(limit: f64, request: f64, floor: f64, peak: f64) -> Needs {
        let some = |mib: f64| Some(mib * MIB).filter(|bytes| *bytes > 0.0);
        Needs {
            limit: some(limit),
            request: some(request),
            floor: some(floor),
            peak: some(peak),
            in_a_day: None,
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let judged = |needs| judge("web", needs, "");
        assert_eq!(judged(needs(512.0, 320.0, 300.0, 400.0)).0, FindingState::Ok);
        assert!(judged(needs(512.0, 320.0, 300.0, 500.0)).1.contains("550 MiB would"));
        assert!(judged(needs(512.0, 200.0, 300.0, 400.0)).1.contains("request is below the floor"));
        assert!(judged(needs(4096.0, 320.0, 300.0, 400.0)).1.contains("10 times the peak"));
        let growing = Needs { in_a_day: Some(900.0 * MIB), ..needs(512.0, 320.0, 300.0, 400.0) };
        assert!(judged(growing).1.contains("in a day 900 MiB at this rate: it outgrows"));
    }

    #[test]
    fn what_is_not_known_is_not_fitting() {
        let (state, sentence) = judge("web", needs(512.0, 0.0, 300.0, 400.0), " (no series)");
        assert_eq!(state, FindingState::Unknown);
        assert!(sentence.contains("request unknown (no series)"), "{sentence}");
        assert_eq!(judge("web", Needs::default(), "").0, FindingState::Unknown);
    }
}
