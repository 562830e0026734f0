//! What is really the case, for tests to compare with. It is written where neither plugin nor workbench looks.

use serde::{Deserialize, Serialize};

use crate::curve::Shape;
use crate::plan::{Fleet, HISTORY_SECS};
use crate::pod::{End, Page, Pod};

/// The truth about a fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// The fleet's seed.
    pub seed: u64,
    /// When history ended, milliseconds since the epoch.
    pub anchor_ms: i64,
    /// Every pod of the day, those that are gone by the anchor included.
    pub pods: Vec<PodTruth>,
}

/// The truth about a pod at the anchor (or at its end).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PodTruth {
    /// Its namespace.
    pub namespace: String,
    /// Its deployment.
    pub workload: String,
    /// Its name.
    pub pod: String,
    /// Its container.
    pub container: String,
    /// Where it is scraped.
    pub instance: String,
    /// What its memory does.
    pub shape: String,
    /// Whether it leaks.
    pub leaks: bool,
    /// Growth of its floor, bytes per hour; for a pod that fills or climbs by steps, at the moment.
    pub rate_bytes_per_hour: f64,
    /// When the growth began, milliseconds since the epoch; for a leak that has always been there, the last start.
    pub onset_ms: Option<i64>,
    /// Resident memory, bytes.
    pub resident_bytes: f64,
    /// Its limit, bytes.
    pub limit_bytes: f64,
    /// Age of the current run, seconds.
    pub run_age_secs: f64,
    /// Restarts within the day.
    pub restarts: usize,
    /// How many of them were kills at the limit.
    pub oom_kills: usize,
    /// What is wrong with its metrics page: `401`, `500`, `missing`, or empty.
    pub page: String,
    /// When it was deleted, milliseconds since the epoch.
    pub deleted_ms: Option<i64>,
}

impl Truth {
    /// The truth about a fleet dealt from a seed.
    pub fn of(seed: u64, fleet: &Fleet) -> Self {
        let alive =
            fleet.pods.iter().filter(|pod| pod.exists(fleet.anchor_secs) || pod.deleted_secs.is_some());
        Self {
            seed,
            anchor_ms: millis(fleet.anchor_secs),
            pods: alive.filter_map(|pod| of_pod(pod, fleet.anchor_secs)).collect(),
        }
    }
}

fn of_pod(pod: &Pod, anchor_secs: f64) -> Option<PodTruth> {
    let secs = pod.deleted_secs.map_or(anchor_secs, |deleted| deleted - 1.0);
    let (run, moment) = pod.at(secs)?;
    let day = anchor_secs - HISTORY_SECS..=anchor_secs;
    let restarts = || pod.runs.iter().filter(|run| run.after.is_some() && day.contains(&run.start_secs));
    let start = pod.runs[run].start_secs;
    Some(PodTruth {
        namespace: pod.namespace.clone(),
        workload: pod.workload.clone(),
        pod: pod.pod.clone(),
        container: pod.container.clone(),
        instance: pod.instance.clone(),
        shape: pod.shape.name().to_owned(),
        leaks: pod.leaks,
        rate_bytes_per_hour: pod.shape.rate_bytes_per_hour(moment),
        onset_ms: pod.leaks.then(|| match pod.shape {
            Shape::Late { onset_secs, .. } => millis(onset_secs.max(start)),
            _ => millis(start),
        }),
        resident_bytes: pod.resident_bytes(secs)?,
        limit_bytes: pod.limit_bytes,
        run_age_secs: moment.age_secs,
        restarts: restarts().count(),
        oom_kills: restarts().filter(|run| run.after == Some(End::OomKilled)).count(),
        page: match pod.page {
            Page::Fine => "",
            Page::WrongPassword(_) => "401",
            Page::NoCredentials(_) => "500",
            Page::NoMiddleware(_) => "missing",
        }
        .to_owned(),
        deleted_ms: pod.deleted_secs.map(millis),
    })
}

fn millis(secs: f64) -> i64 {
    (secs * 1000.0).round() as i64
}
