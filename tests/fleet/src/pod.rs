//! A pod, its runs, and its memory at any time.

use crate::curve::{Moment, Shape};
use crate::noise::{hash, wander};

/// What is wrong with a pod's metrics page, and since when (seconds since the epoch).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Page {
    /// Nothing.
    Fine,
    /// It answers 401: the password was changed.
    WrongPassword(f64),
    /// It answers 500: the application lost its credentials.
    NoCredentials(f64),
    /// It answers, but the memory middleware is gone.
    NoMiddleware(f64),
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At its limit.
    OomKilled,
    /// On its own.
    Error,
}

/// One life of the container.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// When it began, seconds since the epoch.
    pub start_secs: f64,
    /// How the run before it ended; `None` for the first.
    pub after: Option<End>,
}

/// One pod with one container.
#[derive(Debug, Clone, PartialEq)]
pub struct Pod {
    /// Its namespace.
    pub namespace: String,
    /// The deployment it belongs to.
    pub workload: String,
    /// The replica set that owns it.
    pub replica_set: String,
    /// Its name.
    pub pod: String,
    /// Its container.
    pub container: String,
    /// Its image.
    pub image: String,
    /// The node it runs on.
    pub node: String,
    /// Where it is scraped, `address:port`.
    pub instance: String,
    /// Whether it is the first of its replica set.
    pub first: bool,
    /// How many replicas its deployment has.
    pub replicas: usize,
    /// What its memory does.
    pub shape: Shape,
    /// Whether that is a leak.
    pub leaks: bool,
    /// Memory of a process that has just started.
    pub base_bytes: f64,
    /// What it takes on in the first minutes.
    pub warmup_bytes: f64,
    /// Time to two thirds of that.
    pub warmup_tau_secs: f64,
    /// Limit of the container.
    pub limit_bytes: f64,
    /// Requests per second.
    pub requests_per_second: f64,
    /// What its metrics page does.
    pub page: Page,
    /// When it was created.
    pub created_secs: f64,
    /// When it was deleted.
    pub deleted_secs: Option<f64>,
    /// Its runs, up to a day or more after the anchor.
    pub runs: Vec<Run>,
    /// Its own chance.
    pub seed: u64,
}

/// How finely the end of a run is looked for.
const STEP_SECS: f64 = 15.0;

impl Pod {
    /// Lives through the pod's time up to `until_secs`: a run ends at the limit, or at one of the given times.
    pub(crate) fn live(&mut self, until_secs: f64, crashes: &[f64]) {
        let mut run = Run { start_secs: self.created_secs, after: None };
        self.runs = vec![run];
        let mut secs = self.created_secs;
        let until_secs = self.deleted_secs.unwrap_or(until_secs).min(until_secs);
        while secs < until_secs {
            secs += STEP_SECS;
            let end = if self.wanted_bytes(self.moment(secs, self.runs.len() - 1, run)) >= self.limit_bytes {
                End::OomKilled
            } else if crashes.iter().any(|crash| (secs - STEP_SECS..secs).contains(crash)) {
                End::Error
            } else {
                continue;
            };
            run = Run { start_secs: secs, after: Some(end) };
            self.runs.push(run);
        }
    }

    /// Whether the pod is there.
    pub fn exists(&self, secs: f64) -> bool {
        secs >= self.created_secs && self.deleted_secs.is_none_or(|deleted| secs < deleted)
    }

    /// The run a moment belongs to, by index, and the moment; `None` when the pod is not there.
    pub fn at(&self, secs: f64) -> Option<(usize, Moment)> {
        if !self.exists(secs) {
            return None;
        }
        let index = self.runs.partition_point(|run| run.start_secs <= secs).checked_sub(1)?;
        Some((index, self.moment(secs, index, self.runs[index])))
    }

    fn moment(&self, secs: f64, index: usize, run: Run) -> Moment {
        Moment { secs, age_secs: secs - run.start_secs, run: index as u64, seed: self.seed }
    }

    /// Resident memory, whole pages; `None` when the pod is not there.
    pub fn resident_bytes(&self, secs: f64) -> Option<f64> {
        let (_, moment) = self.at(secs)?;
        Some((self.wanted_bytes(moment).min(self.limit_bytes) / 4096.0).floor() * 4096.0)
    }

    /// Page cache, which the working set counts in.
    pub fn cache_bytes(&self, secs: f64) -> Option<f64> {
        let (_, moment) = self.at(secs)?;
        let share = 0.5 + 0.5 * wander(self.seed ^ 0x70, moment.secs, 5400.0);
        Some((self.base_bytes * 0.06 * share / 4096.0).floor() * 4096.0)
    }

    /// What has been gained for good in this run, bytes.
    pub fn gained_bytes(&self, secs: f64) -> Option<f64> {
        let (_, moment) = self.at(secs)?;
        Some(self.warmup(moment) + self.shape.trend(moment))
    }

    fn warmup(&self, moment: Moment) -> f64 {
        self.warmup_bytes * -(-moment.age_secs / self.warmup_tau_secs).exp_m1()
    }

    fn wanted_bytes(&self, moment: Moment) -> f64 {
        // Requests of all sizes: most of the noise is forgotten within minutes, some lasts for half an hour.
        let noise: f64 = [(0.0030, 40.0), (0.0024, 300.0), (0.0016, 1800.0)]
            .iter()
            .zip(0..)
            .map(|((share, scale), octave)| share * wander(hash(self.seed, octave), moment.secs, *scale))
            .sum();
        self.base_bytes * (1.0 + noise)
            + self.warmup(moment)
            + self.shape.trend(moment)
            + self.shape.swing(moment)
    }
}
