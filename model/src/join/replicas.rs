//! Compares replicas that run side by side: what all of them share explains no growth of one alone.

use crate::detect::{Assessment, Verdict};
use crate::series::Series;

/// A replica that was judged.
#[derive(Debug)]
pub struct Replica<'a> {
    /// Its memory.
    pub series: &'a Series,
    /// What is concluded of it.
    pub assessment: &'a mut Assessment,
}

/// Replicas beside one, from which that it grows alone means something.
const FEWEST_OTHERS: usize = 2;
/// Two are side by side when they share this part of the shorter one's time.
const SHARED_TIME: f64 = 0.5;
/// A score of at least 0.42 becomes a leak where only this one grows: same code, same traffic, and the others are level.
const ALONE_POWER: f64 = 0.8;

/// Compares the replicas of one workload, same container and metric, and says so in their reasons.
pub fn compare(replicas: &mut [Replica<'_>]) {
    let seen: Vec<((f64, f64), Verdict)> =
        replicas.iter().map(|replica| (span(replica.series), replica.assessment.verdict)).collect();
    for (index, replica) in replicas.iter_mut().enumerate() {
        let (own, verdict) = seen[index];
        if !verdict.grows() {
            continue;
        }
        let beside = || {
            seen.iter().enumerate().filter(|(other, (span, verdict))| {
                *other != index && *verdict != Verdict::Insufficient && side_by_side(own, *span)
            })
        };
        let others = beside().count();
        let growing = beside().filter(|(_, (_, verdict))| verdict.grows()).count();
        if others < FEWEST_OTHERS {
            continue;
        }
        if growing == 0 {
            let why = format!("It grows alone: its {others} other replicas do not.");
            replica.assessment.make_likelier(ALONE_POWER, why);
        } else if growing == others {
            replica.assessment.reasons.push(format!(
                "All {others} other replicas grow as well: it comes with the code or the load, not with this one."
            ));
        }
    }
}

fn side_by_side(one: (f64, f64), other: (f64, f64)) -> bool {
    let shared = one.1.min(other.1) - one.0.max(other.0);
    let shorter = (one.1 - one.0).min(other.1 - other.0);
    shared > 0.0 && shared >= SHARED_TIME * shorter
}

/// First and last time.
fn span(series: &Series) -> (f64, f64) {
    let times = || series.times_secs.iter().copied();
    (times().fold(f64::INFINITY, f64::min), times().fold(f64::NEG_INFINITY, f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Context, assess};
    use crate::thresholds::MIB;

    fn compared(rates: &[f64]) -> Vec<Assessment> {
        let series: Vec<Series> = rates
            .iter()
            .map(|rate| {
                let minutes = || (0..480).map(f64::from);
                let bytes = |minute: f64| (300.0 + rate * minute / 60.0 + (minute * 7.0) % 3.0) * MIB;
                Series::new(minutes().map(|minute| minute * 60.0).collect(), minutes().map(bytes).collect())
            })
            .collect();
        let mut found: Vec<Assessment> = series.iter().map(|one| assess(one, &Context::default())).collect();
        let mut replicas: Vec<Replica<'_>> = series
            .iter()
            .zip(&mut found)
            .map(|(series, assessment)| Replica { series, assessment })
            .collect();
        compare(&mut replicas);
        found
    }

    #[test]
    fn alone_and_alike_are_told_apart() {
        let alone = compared(&[30.0, 0.0, 0.0]);
        assert!(alone[0].reasons.iter().any(|reason| reason.starts_with("It grows alone: its 2 other")));
        let alike = compared(&[30.0, 32.0, 28.0]);
        assert!(alike.iter().all(|one| one.reasons.iter().any(|reason| reason.starts_with("All 2 other"))));
        let mixed = compared(&[30.0, 32.0, 0.0]);
        assert!(mixed.iter().all(|one| one.reasons.iter().all(|reason| !reason.contains("replicas"))));
    }

    #[test]
    fn a_doubt_ends_where_only_one_grows() {
        let rates = [10.0, 0.0, 0.0];
        let alone = compared(&rates);
        let single = compared(&rates[..1]);
        assert!(single[0].score > 0.3 && single[0].score < 0.6, "{}", single[0].score);
        assert!(alone[0].score > single[0].score + 0.03, "{} {}", alone[0].score, single[0].score);
    }
}
