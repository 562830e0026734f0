//! What memory moves with: requests, errors, database queries, CPU, users.

use model::correlate::{self, Untold};
use model::evidence::{EvidenceKind, Finding, FindingState};
use model::format;

use super::ask::{Ask, Unknown};
use super::{count, settle};
use crate::profiles::Signal;

/// Steps a window is compared in: a quarter of an hour each for a day.
const STEPS: usize = 96;
/// Shortest step, seconds: a minute holds few scrapes, and a counter's increase needs two.
const MIN_STEP_SECS: f64 = 120.0;
/// Steps by which memory may follow.
const MAX_LAG_STEPS: usize = 3;

pub(super) async fn finding(ask: Ask<'_>, kind: EvidenceKind) -> Finding {
    let (signal, what, unit) = match kind {
        EvidenceKind::ErrorRate => (Signal::Errors, "errors", "errors"),
        EvidenceKind::DatabaseQueries => (Signal::DatabaseQueries, "database queries", "queries"),
        EvidenceKind::Cpu => (Signal::CpuSeconds, "CPU use", "CPU seconds"),
        EvidenceKind::UserActivity => (Signal::UserActivity, "user activity", "actions"),
        _ => (Signal::Requests, "requests", "requests"),
    };
    let topic = format!("whether memory moves with {what}");
    if signal == Signal::UserActivity && !ask.suspect.profile.evidence.contains_key(&signal) {
        let reason = "no metric of user activity is configured".to_owned();
        return settle(kind, &topic, Err(Unknown { reason, query: String::new() }));
    }
    let length_secs = ask.window.length_secs();
    let steps = ((length_secs / MIN_STEP_SECS) as usize).clamp(1, STEPS);
    let mut course = Vec::new();
    let answer = ask.increases(signal, steps).await.map(|(query, amounts)| {
        course = amounts.iter().map(|amount| amount.map(f64::round)).collect();
        let step_secs = length_secs / steps as f64;
        let changes = correlate::floor_changes(&ask.suspect.series, ask.window.from_secs, step_secs, steps);
        let (state, sentence) = judge(&changes, &amounts, step_secs, (what, unit));
        (state, sentence, query)
    });
    Finding { course, ..settle(kind, &topic, answer) }
}

fn judge(
    changes: &[Option<f64>],
    amounts: &[Option<f64>],
    step_secs: f64,
    (what, unit): (&str, &str),
) -> (FindingState, String) {
    let known: Vec<f64> = amounts.iter().flatten().copied().collect();
    let total: f64 = known.iter().sum();
    let rate = total / (known.len().max(1) as f64 * step_secs);
    let step = format::duration(step_secs);
    if total <= 0.0 && !known.is_empty() {
        return (FindingState::Ok, format!("there were no {unit} in {} steps of {step}", known.len()));
    }
    let mean = format!("{} {unit}/s on average", count(rate));
    match correlate::associate(changes, amounts, MAX_LAG_STEPS) {
        Err(Untold::TooFew(samples)) => {
            let least = correlate::MIN_SAMPLES;
            (
                FindingState::Unknown,
                format!(
                    "whether memory moves with {what} is unknown: {samples} steps of {step} have both, {least} are needed; {mean}"
                ),
            )
        }
        Err(Untold::Constant) => (
            FindingState::Unknown,
            format!(
                "whether memory moves with {what} cannot be told: they were steady ({mean}), so nothing could move with them"
            ),
        ),
        Err(Untold::Still) => {
            (FindingState::Ok, format!("memory does not move at all, whatever {what} do ({mean})"))
        }
        Ok(found) => {
            let lag = match found.lag_steps {
                0 => "at once".to_owned(),
                steps => format!("{} later", format::duration(steps as f64 * step_secs)),
            };
            let figures =
                format!("strength {:.2}, {} steps of {step}; {mean}", found.strength, found.samples);
            if !found.stands_out() {
                (FindingState::Ok, format!("memory does not move with {what} ({figures})"))
            } else if found.strength > 0.0 {
                (FindingState::Attention, format!("memory moves with {what}, {lag} ({figures})"))
            } else {
                (FindingState::Attention, format!("memory moves against {what}, {lag} ({figures})"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUESTS: (&str, &str) = ("requests", "requests");

    fn wave(place: usize) -> f64 {
        100.0 + 50.0 * (place as f64 * 1.7).sin() + (place % 7) as f64
    }

    #[test]
    fn it_says_moves_with_its_strength_and_count_and_never_why() {
        let amounts: Vec<_> = (0..60).map(|place| Some(wave(place))).collect();
        let changes: Vec<_> = amounts.iter().map(|amount| amount.map(|amount| amount * 900.0)).collect();
        let (state, sentence) = judge(&changes, &amounts, 900.0, REQUESTS);
        assert_eq!(state, FindingState::Attention);
        assert!(
            sentence.starts_with("memory moves with requests, at once (strength 1.00, 60 steps of 15 min"),
            "{sentence}"
        );
        assert!(!sentence.contains("cause"));
    }

    #[test]
    fn steady_and_absent_are_not_taken_for_independent() {
        let changes: Vec<_> = (0..60).map(|place| Some(wave(place))).collect();
        assert_eq!(judge(&changes, &[Some(60.0); 60], 60.0, REQUESTS).0, FindingState::Unknown);
        assert_eq!(judge(&changes, &[None; 60], 60.0, REQUESTS).0, FindingState::Unknown);
        assert_eq!(judge(&changes, &[Some(0.0); 60], 60.0, REQUESTS).0, FindingState::Ok);
    }
}
