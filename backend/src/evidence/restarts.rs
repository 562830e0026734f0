//! Restarts in the time range, and whether the kernel killed it.

use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;
use model::series::Series;

use super::ask::{Ask, Unknown};
use crate::profiles::Signal;
use crate::promql::Selector;
use crate::scan::{Suspect, Window};

/// The reason Kubernetes gives for a kill at the memory limit.
const OOM_KILLED: &str = "OOMKilled";
/// The reason of an end is told so long after the restart at the latest, seconds.
const REASON_LATE_SECS: f64 = 600.0;
/// The finest step at which reasons are asked for, seconds, and into how many steps a long range is cut.
const REASON_STEP_SECS: f64 = 60.0;
const REASON_STEPS: f64 = 600.0;

/// Which of the suspect's restarts came after a kill at the memory limit.
pub(super) async fn kills(ask: Ask<'_>) -> Vec<f64> {
    let restarts = ask.suspect.context.restarts_secs.as_deref().unwrap_or_default();
    if restarts.is_empty() {
        return Vec::new();
    }
    let step_secs = (ask.window.length_secs() / REASON_STEPS).max(REASON_STEP_SECS);
    // Where no reason can be read they are restarts, of which the finding says why nothing more is known.
    let reasons = ask.course(Signal::LastEnd, step_secs).await.unwrap_or_default();
    killed(restarts, &reasons, step_secs)
}

/// From the reasons of the last end over time: the last one told soon after a restart is that restart's.
fn killed(restarts: &[f64], reasons: &[(String, Series)], step_secs: f64) -> Vec<f64> {
    let mut restarts = restarts.to_vec();
    restarts.sort_by(f64::total_cmp);
    let reason_of = |restart: f64, next: f64| {
        let until = next.min(restart + REASON_LATE_SECS.max(2.0 * step_secs));
        let told = reasons.iter().flat_map(|(reason, series)| {
            let holding =
                series.iter().filter(move |(time, value)| *time >= restart && *time < until && *value > 0.0);
            holding.map(move |(time, _)| (time, reason.as_str()))
        });
        told.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, reason)| reason)
    };
    let next = restarts.iter().skip(1).copied().chain([f64::INFINITY]);
    let kills =
        restarts.iter().zip(next).filter(|(restart, next)| reason_of(**restart, *next) == Some(OOM_KILLED));
    kills.map(|(restart, _)| *restart).collect()
}

pub(super) async fn finding(ask: Ask<'_>) -> Finding {
    let Ask { suspect, window, .. } = ask;
    let last = |selector: &Selector| selector.last_over(window.length_secs());
    let ends = ask.amounts(Signal::LastEnd, last).await.map(|ends| {
        // A reason that no longer holds is 0 or has gone.
        let holding = ends.by.into_iter().filter(|(_, value)| *value > 0.0);
        holding.map(|(reason, _)| reason).collect::<Vec<_>>()
    });
    let (state, sentence) = judge(&suspect.name(), suspect.context.restarts_secs.as_deref(), &ends, window);
    super::finding(EvidenceKind::Restarts, state, sentence, query(suspect, window))
}

/// From the times of restarts and the reasons of the last end.
fn judge(
    name: &str,
    restarts_secs: Option<&[f64]>,
    ends: &Result<Vec<String>, Unknown>,
    window: Window,
) -> (FindingState, String) {
    let range = format::duration(window.length_secs());
    let killed = ends.as_ref().is_ok_and(|ends| ends.iter().any(|end| end == OOM_KILLED));
    let end = match ends {
        Ok(ends) if killed && ends.len() > 1 => {
            format!("; within the range it was ended by {}", ends.join(" and "))
        }
        Ok(ends) if !ends.is_empty() => format!("; its last end: {}", ends.join(", ")),
        Ok(_) | Err(_) => String::new(),
    };
    match restarts_secs {
        None if killed => (FindingState::Bad, format!("when {name} restarted is unknown{end}")),
        None => (
            FindingState::Unknown,
            format!(
                "whether {name} restarted is unknown: no start time and no restart counter belongs to it{end}"
            ),
        ),
        Some([]) => {
            let before = if killed { FindingState::Attention } else { FindingState::Ok };
            (before, format!("{name} did not restart in the last {range}{end}"))
        }
        Some(restarts) => {
            let last = restarts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let ago = format::duration(window.to_secs - last);
            let times =
                if let [_] = restarts { "once".to_owned() } else { format!("{} times", restarts.len()) };
            let why = match ends {
                Err(unknown) => format!("; why is unknown: {}", unknown.reason),
                Ok(_) => end,
            };
            let state = if killed { FindingState::Bad } else { FindingState::Attention };
            (state, format!("{name} restarted {times} in the last {range}, last {ago} before its end{why}"))
        }
    }
}

/// How often the first gauge or counter that was asked for it changed.
fn query(suspect: &Suspect, window: Window) -> String {
    let sources = suspect.profile.start_time.iter().chain(&suspect.profile.restarts);
    let selector = sources.take(1).map(|source| {
        source.on.iter().fold(Selector::metric(&source.metric), |selector, role| {
            let names = source.roles.get(role).or_else(|| suspect.profile.roles.get(role));
            match names.and_then(|names| names.first()) {
                Some(name) => selector.equal(name, suspect.role(*role)),
                None => selector,
            }
        })
    });
    selector.map(|selector| selector.applied("changes", window.length_secs())).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Window = Window { from_secs: 0.0, to_secs: 3600.0 };

    #[test]
    fn a_kill_is_bad_and_a_restart_is_not_fine() {
        let judged = |restarts: Option<&[f64]>, ends: &[&str]| {
            judge("web", restarts, &Ok(ends.iter().map(|end| (*end).to_owned()).collect()), HOUR)
        };
        let (state, sentence) = judged(Some(&[1800.0, 3000.0]), &["OOMKilled"]);
        assert_eq!(state, FindingState::Bad);
        assert_eq!(
            sentence,
            "web restarted 2 times in the last 1 h, last 10 min before its end; its last end: OOMKilled"
        );
        assert_eq!(judged(Some(&[1800.0]), &["Completed"]).0, FindingState::Attention);
        assert_eq!(judged(Some(&[]), &["OOMKilled"]).0, FindingState::Attention);
        assert_eq!(judged(Some(&[]), &[]).0, FindingState::Ok);
        assert_eq!(judged(None, &[]).0, FindingState::Unknown);
    }

    #[test]
    fn the_reason_told_after_a_restart_is_its_own() {
        let course = |reason: &str, times: &[f64]| {
            (reason.to_owned(), Series::new(times.to_vec(), vec![1.0; times.len()]))
        };
        // The second restart's reason comes two minutes late; until then the first one's is told.
        let reasons = [course("OOMKilled", &[120.0, 600.0, 1020.0]), course("Error", &[1140.0, 1200.0])];
        assert_eq!(killed(&[1000.0, 100.0], &reasons, 60.0), [100.0]);
        assert_eq!(killed(&[100.0], &[], 60.0), [] as [f64; 0]);
    }

    #[test]
    fn what_could_not_be_read_is_said() {
        let unread = Err(Unknown { reason: "refused".to_owned(), query: String::new() });
        assert!(judge("web", Some(&[1800.0]), &unread, HOUR).1.ends_with("why is unknown: refused"));
    }
}
