//! Says why, in sentences for the person on call.

use super::gates::{Gates, Growth};
use super::load::Followed;
use super::shape::{Noise, Shape};
use super::{Assessment, Interval, TimeToLimit, Verdict};
use crate::format::{bytes, bytes_per_hour, duration, range};
use crate::thresholds::Thresholds;

/// What the sentences are made of.
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub(super) verdict: Verdict,
    pub(super) rate: Interval,
    pub(super) growth: &'a Growth,
    pub(super) gates: &'a Gates,
    pub(super) noise: &'a Noise,
    pub(super) shape: Shape,
    pub(super) cycle_hours: Option<f64>,
    pub(super) after_falls: bool,
    pub(super) restarts: usize,
    pub(super) span_hours: f64,
    pub(super) onset_hours_ago: Option<f64>,
    pub(super) to_limit: Option<TimeToLimit>,
    pub(super) thresholds: &'a Thresholds,
}

/// Why nothing can be said.
pub(super) fn too_little(samples: usize, needed: usize, span_secs: f64, needed_secs: f64) -> Vec<String> {
    vec![format!(
        "Too little data to judge: {samples} samples over {}; needs at least {needed} over {}. This is not an all-clear.",
        duration(span_secs),
        duration(needed_secs)
    )]
}

/// The verdict's reasons, the most telling first.
pub(super) fn tell(told: &Told<'_>) -> Vec<String> {
    let mut reasons = vec![headline(told)];
    reasons.extend(objections(told));
    if let Some(hours) = told.onset_hours_ago.filter(|_| told.verdict.grows()) {
        reasons.push(format!("The growth began about {} before the last sample.", duration(hours * 3600.0)));
    }
    if told.verdict.grows() {
        reasons.push(format!(
            "Over the last third of the time it grows {}.",
            bytes_per_hour(told.growth.end_rate)
        ));
    }
    if let Some(forecast) = &told.to_limit {
        reasons.push(match forecast.latest_secs {
            Some(latest) => format!(
                "At this rate it reaches its limit in {}, between {} and {}.",
                duration(forecast.likely_secs),
                duration(forecast.earliest_secs),
                duration(latest)
            ),
            None => format!(
                "At this rate it reaches its limit in {}, at the earliest in {}; the growth is too unsure for a latest time.",
                duration(forecast.likely_secs),
                duration(forecast.earliest_secs)
            ),
        });
    }
    reasons.extend(reading(told));
    reasons
}

/// That growth cannot be told from the load's.
pub(super) fn requests_rose_alike(followed: &Followed) -> String {
    format!(
        "Requests {} in the same way: whether memory follows them or leaks cannot be told until they stop rising.",
        followed.course()
    )
}

/// The reasons of what is left beside what the load explains.
pub(super) fn beside_requests(followed: &Followed, rest: &Assessment) -> Vec<String> {
    let explained = format!(
        "Memory follows the requests: they {}, which explains {} of it.",
        followed.course(),
        followed.amount()
    );
    let mut reasons = rest.reasons.clone();
    if rest.verdict.grows() {
        reasons.insert(1.min(reasons.len()), format!("{explained} The growth named here is what is left."));
        return reasons;
    }
    let left = rest.rate_bytes_per_hour.map_or(0.0, |rate| rate.mid);
    if let Some(headline) = reasons.first_mut() {
        *headline = format!("{explained} Beyond that it does not grow: {}.", bytes_per_hour(left));
    }
    reasons
}

fn headline(told: &Told<'_>) -> String {
    let rate = bytes_per_hour(told.rate.mid);
    let interval = range(&bytes_per_hour(told.rate.low), &bytes_per_hour(told.rate.high));
    let sure = format!("90 % sure of {interval}");
    let threshold = bytes_per_hour(told.thresholds.growth_bytes_per_hour);
    match told.verdict {
        Verdict::Leak => {
            format!("Memory that is never given back grows {rate} ({sure}); the threshold is {threshold}.")
        }
        Verdict::Suspect => format!(
            "Looks like a leak, with doubts: the floor grows {rate} ({sure}); the threshold is {threshold}."
        ),
        Verdict::Growing => {
            format!("The floor grows {rate} ({sure}), but is no leak by the threshold of {threshold} so far.")
        }
        Verdict::Bounded => {
            format!("Memory grew by {} and then stopped growing.", bytes(told.growth.net.max(0.0)))
        }
        Verdict::Stable => format!("The floor does not grow: {rate} ({sure})."),
        Verdict::Insufficient | Verdict::Screened => {
            "Too little data to judge. This is not an all-clear.".to_owned()
        }
    }
}

/// What speaks against a leak: every gate that is not open.
fn objections(told: &Told<'_>) -> Vec<String> {
    const SHUT: f64 = 0.5;
    let mut objections = Vec::new();
    if told.verdict == Verdict::Leak || told.verdict == Verdict::Stable {
        return objections;
    }
    let (gates, growth) = (told.gates, told.growth);
    if gates.lasting < SHUT && growth.net > 0.0 {
        objections.extend(match told.shape {
            Shape::Step => {
                Some("It was a single step up; before and after it the floor is level.".to_owned())
            }
            Shape::TwoSteps => Some("It was two steps up; between them the floor is level.".to_owned()),
            Shape::Wave => Some("It goes up and down in a cycle that is not seen whole.".to_owned()),
            Shape::Ramp => Some("It climbed for a while and has been level since.".to_owned()),
            Shape::Saturating => {
                Some("The growth is levelling off, as a warm-up or a filling cache does.".to_owned())
            }
            _ => None,
        });
    }
    if gates.rate < SHUT && growth.rate > 0.0 {
        objections.push(format!(
            "{} is below the threshold of {}.",
            bytes_per_hour(growth.rate),
            bytes_per_hour(told.thresholds.growth_bytes_per_hour)
        ));
    }
    if gates.still < SHUT {
        objections.push(format!(
            "Over the last third of the time it grows only {}.",
            bytes_per_hour(growth.end_rate)
        ));
    }
    if gates.trend < SHUT {
        objections.push("The rise is not told apart from chance.".to_owned());
    }
    if gates.material < SHUT {
        objections.push(format!(
            "The growth is small beside the usual ups and downs of about {}.",
            bytes(told.noise.sigma_bytes)
        ));
    }
    if gates.spread < SHUT {
        objections.push("It grew in one part of the time only.".to_owned());
    }
    objections
}

/// How the series was read.
fn reading(told: &Told<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if told.after_falls {
        notes.push("Read at the low after each fall, as garbage collection leaves it.".to_owned());
    }
    if let Some(hours) = told.cycle_hours {
        notes.push(format!("A cycle of about {} is taken out.", duration(hours * 3600.0)));
    }
    if let Some((growing, all)) = told.growth.growing_runs {
        let restarts = told.restarts;
        let noun = if restarts == 1 { "restart" } else { "restarts" };
        notes.push(format!("{restarts} {noun} in this time; {growing} of {all} runs between them grow."));
    }
    // Twelve times the shortest evidence, 6 h by default: shorter than that, a warm-up easily passes for growth.
    let advised_secs = 12.0 * told.thresholds.min_evidence_secs;
    if told.span_hours * 3600.0 < 0.98 * advised_secs {
        notes.push(format!(
            "Judged on {} only; {} would be surer.",
            duration(told.span_hours * 3600.0),
            duration(advised_secs)
        ));
    }
    notes
}
