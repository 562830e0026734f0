//! Holds our generator to another one of the same classes: `reference/README.md` says where its figures come from.

use anyhow::{Context as _, Result, ensure};

use crate::baseline::{ALL, Baseline};
use crate::class::{Class, STANDARD};
use crate::generate::{Difficulty, make};

/// Series of each class behind the figures of the other generator.
pub const SERIES: u64 = 2000;

/// How often a baseline fires on a class, there and here.
#[derive(Debug, Clone)]
pub struct Share {
    /// The class.
    pub class: &'static str,
    /// The baseline.
    pub baseline: &'static str,
    /// Whether on the hard distribution.
    pub difficulty: Difficulty,
    /// Share that fires of the other generator's series.
    pub theirs: f64,
    /// Share that fires of ours.
    pub ours: f64,
}

impl Share {
    /// By how many percentage points ours differs.
    pub fn points(&self) -> f64 {
        100.0 * (self.ours - self.theirs)
    }

    /// The standard error of that, when ours is of so many series.
    pub fn standard_error_points(&self, series: u64) -> f64 {
        let share = f64::midpoint(self.ours, self.theirs);
        // Half a case, so that a share of nought is not taken for certain.
        let variance = (share * (1.0 - share)).max(0.5 / series as f64);
        100.0 * (variance / series as f64 + variance / SERIES as f64).sqrt()
    }
}

/// Every share of every class and baseline on one distribution, ours from so many series of a seed.
pub fn compare(seed: u64, series: u64, difficulty: Difficulty) -> Result<Vec<Share>> {
    let theirs = read()?;
    let mut shares = Vec::new();
    for class in STANDARD {
        let mut fired = [0u64; ALL.len()];
        for index in 0..series {
            let labelled = make(class, seed, index, difficulty, None);
            for (count, baseline) in fired.iter_mut().zip(ALL) {
                *count += u64::from((baseline.fires)(&labelled));
            }
        }
        for (count, baseline) in fired.into_iter().zip(ALL) {
            shares.push(Share {
                class: class.name,
                baseline: baseline.name,
                difficulty,
                theirs: count_of(&theirs, class, baseline, difficulty)? / SERIES as f64,
                ours: count as f64 / series as f64,
            });
        }
    }
    Ok(shares)
}

type Line = (String, String, [f64; 2]);

fn count_of(lines: &[Line], class: Class, baseline: Baseline, difficulty: Difficulty) -> Result<f64> {
    let (_, _, counts) = lines
        .iter()
        .find(|(of, by, _)| of == class.name && by == baseline.name)
        .with_context(|| format!("the reference has no {} on {}", baseline.name, class.name))?;
    Ok(counts[usize::from(difficulty == Difficulty::Hard)])
}

fn read() -> Result<Vec<Line>> {
    let text = include_str!("../reference/fires.csv");
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            ensure!(cells.len() == 4, "reference/fires.csv: {line:?} has not four cells");
            Ok((cells[0].to_owned(), cells[1].to_owned(), [cells[2].parse()?, cells[3].parse()?]))
        })
        .collect()
}
