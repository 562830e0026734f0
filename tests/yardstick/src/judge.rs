//! Detectors behind one question: is this a leak?

use model::detect::{Assessment, Context, Verdict, assess};

use crate::baseline::{self, Baseline};
use crate::generate::Labelled;

/// A detector: ours, with or without known restart times, or a baseline.
#[derive(Debug, Clone, Copy)]
pub enum Detector {
    /// Ours, restart times given.
    Leaklens,
    /// Ours, restart times not known.
    LeaklensWithoutRestarts,
    /// Somebody else's.
    Baseline(Baseline),
}

impl Detector {
    /// Every detector, ours first.
    pub fn all() -> Vec<Self> {
        let ours = [Self::Leaklens, Self::LeaklensWithoutRestarts];
        ours.into_iter().chain(baseline::ALL.into_iter().map(Self::Baseline)).collect()
    }

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leaklens => "leaklens",
            Self::LeaklensWithoutRestarts => "leaklens_norestarts",
            Self::Baseline(baseline) => baseline.name,
        }
    }

    /// Whether it calls the series a leak.
    pub fn fires(self, labelled: &Labelled) -> bool {
        match self {
            Self::Leaklens => assess_with_restarts(labelled).verdict == Verdict::Leak,
            Self::LeaklensWithoutRestarts => {
                assess(&labelled.series, &context(labelled, None)).verdict == Verdict::Leak
            }
            Self::Baseline(baseline) => (baseline.fires)(labelled),
        }
    }
}

fn context(labelled: &Labelled, restarts_secs: Option<Vec<f64>>) -> Context {
    Context { restarts_secs, limit_bytes: labelled.limit_bytes, ..Context::default() }
}

/// Our assessment, restart times given.
pub fn assess_with_restarts(labelled: &Labelled) -> Assessment {
    assess(&labelled.series, &context(labelled, labelled.restarts_secs.clone()))
}
