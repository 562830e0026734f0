//! Restarts in the time range.

use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;

use super::without_suspect;
use crate::promql::Selector;
use crate::scan::{Suspect, Window};

pub(super) fn finding(suspect: Option<&Suspect>, window: Window) -> Finding {
    let Some(suspect) = suspect else { return without_suspect(EvidenceKind::Restarts) };
    let (name, range) = (suspect.name(), format::duration(window.length_secs()));
    let (state, sentence) = match suspect.context.restarts_secs.as_deref() {
        None => (
            FindingState::Unknown,
            format!(
                "whether {name} restarted is unknown: no start time and no restart counter belongs to it"
            ),
        ),
        Some([]) => (FindingState::Ok, format!("{name} did not restart in the last {range}")),
        Some(restarts) => {
            let last = restarts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let ago = format::duration(window.to_secs - last);
            let times =
                if let [_] = restarts { "once".to_owned() } else { format!("{} times", restarts.len()) };
            (
                FindingState::Attention,
                format!("{name} restarted {times} in the last {range}, last {ago} before its end"),
            )
        }
    };
    super::finding(EvidenceKind::Restarts, state, sentence, query(suspect, window))
}

/// The first query that was asked for it.
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
    selector.map(|selector| selector.over(window.length_secs())).next().unwrap_or_default()
}
