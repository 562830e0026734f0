//! Replicas that run side by side: what comparing them gains and costs against judging each alone.

use model::detect::{Assessment, Verdict};
use model::join::replicas::{Replica, compare};
use serde::Serialize;

use crate::chance::Chance;
use crate::class::{Class, STANDARD};
use crate::generate::{Difficulty, GRIDS, Labelled, make};
use crate::judge::assess_with_restarts;

/// Which replicas of a workload leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaking {
    /// One; the others are level.
    One,
    /// None.
    None,
    /// All, alike.
    All,
}

/// How many replicas are called leaks.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Called {
    /// Those that leak.
    pub found: usize,
    /// Those that do not.
    pub false_alarms: usize,
}

/// Workloads judged replica by replica, then with their replicas compared.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Compared {
    /// Which replicas leak.
    pub leaking: Leaking,
    /// Workloads judged.
    pub workloads: usize,
    /// Replicas of them that leak.
    pub leaks: usize,
    /// Those that do not.
    pub safe: usize,
    /// Each for itself.
    pub alone: Called,
    /// Compared.
    pub compared: Called,
}

/// Fewest and most replicas of a workload.
const REPLICAS: (usize, usize) = (3, 6);
/// Replica `n` of a workload takes a number of its own: more than a workload has.
const NUMBERS: u64 = 8;

/// What the other replicas of a leaking one do: the same work, without the leak.
fn level_class(leak: Class) -> &'static str {
    match leak.name {
        "saw_leak" => "saw_flat",
        "diurnal_leak" => "diurnal",
        "warm_leak" => "warmup",
        "restart_leak" => "restarts",
        "spiky_leak" => "spikes",
        _ => "flat",
    }
}

fn class(name: &str) -> Option<Class> {
    STANDARD.into_iter().find(|class| class.name == name)
}

/// Three to six replicas on one grid: the first of a class, the others of another.
fn workload(first: Class, others: Class, seed: u64, index: u64, difficulty: Difficulty) -> Vec<Labelled> {
    let mut chance = Chance::new(seed, first.number(), index);
    let grid = chance.one_of(&GRIDS);
    let count = chance.whole(REPLICAS.0, REPLICAS.1 + 1) as u64;
    let of = |replica: u64| if replica == 0 { first } else { others };
    (0..count)
        .map(|replica| make(of(replica), seed, index * NUMBERS + replica, difficulty, Some(grid)))
        .collect()
}

/// Judges `per_class` workloads of each class and seed, for each of [`Leaking`].
pub fn compared(seeds: &[u64], per_class: u64, difficulty: Difficulty) -> Vec<Compared> {
    let (leaks, safe): (Vec<Class>, Vec<Class>) = STANDARD.into_iter().partition(|class| class.leaks);
    let same = |classes: &[Class]| classes.iter().map(|&one| (one, one)).collect::<Vec<_>>();
    let one = leaks.iter().filter_map(|&leak| Some((leak, class(level_class(leak))?))).collect();
    [(Leaking::One, one), (Leaking::None, same(&safe)), (Leaking::All, same(&leaks))]
        .into_iter()
        .map(|(leaking, classes): (Leaking, Vec<(Class, Class)>)| {
            let none = Called::default();
            let mut sums = Compared { leaking, workloads: 0, leaks: 0, safe: 0, alone: none, compared: none };
            for (first, others) in classes {
                for &seed in seeds {
                    for index in 0..per_class {
                        add(&mut sums, &workload(first, others, seed, index, difficulty));
                    }
                }
            }
            sums
        })
        .collect()
}

fn add(sums: &mut Compared, workload: &[Labelled]) {
    sums.workloads += 1;
    sums.leaks += workload.iter().filter(|replica| replica.leaks).count();
    sums.safe += workload.iter().filter(|replica| !replica.leaks).count();
    let mut found: Vec<Assessment> = workload.iter().map(assess_with_restarts).collect();
    count(&mut sums.alone, workload, &found);
    let mut replicas: Vec<Replica<'_>> = workload
        .iter()
        .zip(&mut found)
        .map(|(labelled, assessment)| Replica { series: &labelled.series, assessment })
        .collect();
    compare(&mut replicas);
    count(&mut sums.compared, workload, &found);
}

fn count(called: &mut Called, workload: &[Labelled], found: &[Assessment]) {
    for (replica, found) in workload.iter().zip(found) {
        let leak = found.verdict == Verdict::Leak;
        called.found += usize::from(replica.leaks && leak);
        called.false_alarms += usize::from(!replica.leaks && leak);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_see_the_same_time_and_only_the_first_leaks() {
        let (first, others) = (class("saw_leak").expect("a class"), class("saw_flat").expect("a class"));
        for index in 0..20 {
            let replicas = workload(first, others, 7, index, Difficulty::Normal);
            assert!((3..=6).contains(&replicas.len()));
            assert_eq!(replicas.iter().filter(|replica| replica.leaks).count(), 1);
            assert!(replicas.iter().all(|replica| replica.step_secs == replicas[0].step_secs));
        }
    }

    #[test]
    fn comparing_changes_nothing_where_all_leak_alike() {
        let compared = compared(&[31], 2, Difficulty::Normal);
        let all = compared.last().expect("three kinds");
        assert!(all.leaking == Leaking::All && all.safe == 0 && all.workloads == 20);
        assert!(all.compared.found >= all.alone.found);
    }
}
