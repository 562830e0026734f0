//! Many series judged at once: how many safe ones are called leaks, with the false discoveries controlled and without.

use model::detect::{Assessment, Verdict};
use model::join::discoveries;
use serde::Serialize;

use crate::class::{Class, STANDARD};
use crate::generate::{Difficulty, Labelled, make};
use crate::judge::assess_with_restarts;

/// What a fleet is made of.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Fleet {
    /// In a word.
    pub name: &'static str,
    /// Series that stand still.
    pub still: u64,
    /// Safe series, evenly of all safe classes.
    pub safe: u64,
    /// Leaks, evenly of all leaking classes.
    pub leaks: u64,
}

/// The fleets that are measured.
pub const FLEETS: [Fleet; 5] = [
    Fleet { name: "no leak", still: 0, safe: 2000, leaks: 0 },
    Fleet { name: "few leaks", still: 0, safe: 2000, leaks: 20 },
    Fleet { name: "many leaks", still: 0, safe: 2000, leaks: 200 },
    Fleet { name: "mostly still, one leak", still: 1950, safe: 50, leaks: 1 },
    Fleet { name: "mostly still, some leaks", still: 1950, safe: 50, leaks: 10 },
];

/// Verdicts of a fleet.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Verdicts {
    /// Leaks called leaks.
    pub found: usize,
    /// Leaks called leaks or suspects.
    pub found_or_suspect: usize,
    /// Safe series called leaks.
    pub false_alarms: usize,
}

/// A fleet judged series by series, then with its false discoveries controlled; sums over seeds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Controlled {
    /// What was judged, of each seed.
    pub fleet: Fleet,
    /// Seeds.
    pub seeds: usize,
    /// Each for itself.
    pub alone: Verdicts,
    /// All together.
    pub together: Verdicts,
}

fn of(classes: &[Class], count: u64, seed: u64) -> Vec<Labelled> {
    let each = classes.len().max(1) as u64;
    let one =
        |index: u64| make(classes[(index % each) as usize], seed, index / each, Difficulty::Normal, None);
    (0..count).map(one).collect()
}

/// Judges each fleet of each seed.
pub fn controlled(fleets: &[Fleet], seeds: &[u64]) -> Vec<Controlled> {
    let (leaking, safe): (Vec<Class>, Vec<Class>) = STANDARD.into_iter().partition(|class| class.leaks);
    let flat: Vec<Class> = safe.iter().copied().filter(|class| class.name == "flat").collect();
    let none = Verdicts { found: 0, found_or_suspect: 0, false_alarms: 0 };
    fleets
        .iter()
        .map(|&fleet| {
            let mut sums = Controlled { fleet, seeds: seeds.len(), alone: none, together: none };
            for &seed in seeds {
                // What stands still takes other numbers than the safe series of its class.
                let still = of(&flat, fleet.still, seed + 1_000_000);
                let parts = [still, of(&safe, fleet.safe, seed), of(&leaking, fleet.leaks, seed)];
                let all = parts.concat();
                let mut judged: Vec<Assessment> = all.iter().map(assess_with_restarts).collect();
                add(&mut sums.alone, &all, &judged);
                discoveries::control(&mut judged);
                add(&mut sums.together, &all, &judged);
            }
            sums
        })
        .collect()
}

fn add(sum: &mut Verdicts, all: &[Labelled], judged: &[Assessment]) {
    for (labelled, found) in all.iter().zip(judged) {
        let leak = found.verdict == Verdict::Leak;
        sum.found += usize::from(labelled.leaks && leak);
        sum.found_or_suspect += usize::from(labelled.leaks && (leak || found.verdict == Verdict::Suspect));
        sum.false_alarms += usize::from(!labelled.leaks && leak);
    }
}

/// Of the safe series whose floor rose, the share that scores at least so much, by score: what
/// [`discoveries::chance`] is calibrated on.
pub fn calibration(seeds: &[u64], per_class: u64) -> Vec<(f64, f64)> {
    const SCORES: [f64; 12] = [0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];
    let safe = STANDARD.into_iter().filter(|class| !class.leaks);
    let mut scores = Vec::new();
    for class in safe {
        for &seed in seeds {
            for index in 0..per_class {
                for difficulty in [Difficulty::Normal, Difficulty::Hard] {
                    let found = assess_with_restarts(&make(class, seed, index, difficulty, None));
                    if !matches!(found.verdict, Verdict::Stable | Verdict::Insufficient) {
                        scores.push(found.score);
                    }
                }
            }
        }
    }
    let above =
        |score: f64| scores.iter().filter(|one| **one >= score).count() as f64 / scores.len().max(1) as f64;
    SCORES.map(|score| (score, above(score))).to_vec()
}
