//! The law that more leak is no better: adding a constant leak to a series lowers no verdict.

use std::collections::BTreeMap;

use model::detect::{Context, Verdict, assess};
use model::series::Series;
use model::thresholds::MIB;
use serde::Serialize;

use crate::chance::Chance;
use crate::generate::Labelled;
use crate::judge::assess_with_restarts;

/// How often the law holds.
#[derive(Debug, Clone, Serialize)]
pub struct Law {
    /// Series tried.
    pub tried: usize,
    /// Verdicts that became lower.
    pub lowered: usize,
    /// Those by class, with how many of the class were tried; classes where it always holds are left out.
    pub by_class: BTreeMap<String, (usize, usize)>,
}

impl Law {
    /// Percentage of the cases in which it holds.
    pub fn held_percent(&self) -> f64 {
        100.0 - 100.0 * self.lowered as f64 / self.tried.max(1) as f64
    }
}

/// Adds to each series a leak of 12 to 120 MiB/h and looks for verdicts that become lower.
///
/// A restart frees what has leaked, so the added line starts anew at each.
pub fn more_leak_is_no_better(set: &[Labelled], seed: u64) -> Law {
    let mut chance = Chance::new(seed, 0x1eaf, 0);
    let mut law = Law { tried: 0, lowered: 0, by_class: BTreeMap::new() };
    let mut tried_of: BTreeMap<&str, usize> = BTreeMap::new();
    for labelled in set {
        let rate = chance.between_logs(12.0, 120.0) * MIB;
        let before = assess_with_restarts(labelled).verdict;
        let restarts = labelled.restarts_secs.clone().unwrap_or_default();
        let start = labelled.series.times_secs.first().copied().unwrap_or_default();
        let leaked = |time: f64| {
            let since = restarts.iter().copied().filter(|restart| *restart <= time).fold(start, f64::max);
            rate * (time - since).max(0.0) / 3600.0
        };
        let values = labelled.series.iter().map(|(time, value)| value + leaked(time)).collect();
        let series = Series::new(labelled.series.times_secs.clone(), values);
        let context = Context {
            restarts_secs: labelled.restarts_secs.clone(),
            limit_bytes: labelled.limit_bytes,
            ..Context::default()
        };
        let after = assess(&series, &context).verdict;
        law.tried += 1;
        *tried_of.entry(&labelled.class).or_default() += 1;
        if gravity(after) < gravity(before) {
            law.lowered += 1;
            law.by_class.entry(labelled.class.clone()).or_default().0 += 1;
        }
    }
    for (class, (_, tried)) in &mut law.by_class {
        *tried = tried_of.get(class.as_str()).copied().unwrap_or_default();
    }
    law
}

/// How grave a verdict is. That a series levelled off and that it stays level are equally good news.
fn gravity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Insufficient | Verdict::Screened => 0,
        Verdict::Stable | Verdict::Bounded => 1,
        Verdict::Growing => 2,
        Verdict::Suspect => 3,
        Verdict::Leak => 4,
    }
}
