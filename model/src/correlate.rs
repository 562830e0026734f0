//! Whether memory moves with something else.
//!
//! Two levels that both rise are always correlated and it means nothing, so changes are compared: how memory's floor
//! changed from one step to the next, with how much of the other thing came in that step, now or some steps before.
//! The measure is Spearman's rank correlation (C. Spearman, 1904): restarts and spikes cannot carry it. It says
//! "moves with" and never "is caused by".

use crate::series::Series;

/// Steps that must have both values before anything is said.
pub const MIN_SAMPLES: usize = 20;
/// Strength below which two things are said to move independently, however many samples there are.
const WEAK: f64 = 0.3;
/// Standard errors by which a strength must stand out of chance: the best of several lags is taken.
const STANDARD_ERRORS: f64 = 3.0;
/// Spread relative to the mean below which something is taken as constant.
const CONSTANT: f64 = 0.01;

/// How two things move together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Association {
    /// Rank correlation, -1 to 1.
    pub strength: f64,
    /// Steps by which memory follows.
    pub lag_steps: usize,
    /// Steps compared.
    pub samples: usize,
}

impl Association {
    /// Whether it is stronger than chance would make it.
    pub fn stands_out(&self) -> bool {
        let chance = STANDARD_ERRORS / ((self.samples.max(2) - 1) as f64).sqrt();
        self.strength.abs() >= WEAK.max(chance)
    }
}

/// Why nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    /// Fewer than [`MIN_SAMPLES`] steps have both values: so many do.
    TooFew(usize),
    /// The other thing hardly varied, so that nothing can move with it.
    Constant,
    /// Memory did not change at all.
    Still,
}

/// How a series' floor changed over each step: entry `k` is the lowest value in the step after the `k`-th of
/// `step_secs` from `from_secs` on less that of the `k`-th; `None` where either has no finite sample. While a floor
/// rises, each step's lowest value stands at its start, so that this is what the `k`-th step added.
pub fn floor_changes(series: &Series, from_secs: f64, step_secs: f64, steps: usize) -> Vec<Option<f64>> {
    let mut floors: Vec<Option<f64>> = vec![None; steps];
    for (time, value) in series.iter().filter(|(time, value)| time.is_finite() && value.is_finite()) {
        // A step is open at its start, as PromQL's ranges are.
        let place = ((time - from_secs) / step_secs).ceil() - 1.0;
        if place >= 0.0 && place < steps as f64 {
            let floor = &mut floors[place as usize];
            *floor = Some(floor.map_or(value, |lowest| lowest.min(value)));
        }
    }
    let change = |k: usize| Some((*floors.get(k + 1)?)? - floors[k]?);
    (0..steps).map(change).collect()
}

/// The strongest association of `memory` with `other` where memory follows by up to `max_lag_steps`. Both hold one
/// entry for each step; entries without a finite value are left out.
pub fn associate(
    memory: &[Option<f64>],
    other: &[Option<f64>],
    max_lag_steps: usize,
) -> Result<Association, Untold> {
    let mut best: Option<Association> = None;
    let mut untold = Untold::TooFew(0);
    for lag_steps in 0..=max_lag_steps {
        let lagged = memory.get(lag_steps..).unwrap_or_default();
        let finite = |pair: (&Option<f64>, &Option<f64>)| {
            Some((*pair.0, *pair.1)).and_then(|(a, b)| Some((a?, b?))).filter(|(a, b)| (a + b).is_finite())
        };
        let (changes, amounts): (Vec<f64>, Vec<f64>) = lagged.iter().zip(other).filter_map(finite).unzip();
        let samples = changes.len();
        let strength = if samples < MIN_SAMPLES {
            Err(Untold::TooFew(samples))
        } else if is_constant(&amounts) {
            Err(Untold::Constant)
        } else {
            pearson(&ranks(&changes), &ranks(&amounts)).ok_or(Untold::Still)
        };
        match strength {
            Ok(strength) if best.is_none_or(|best| strength.abs() > best.strength.abs()) => {
                best = Some(Association { strength, lag_steps, samples });
            }
            Err(reason) if lag_steps == 0 => untold = reason,
            Ok(_) | Err(_) => {}
        }
    }
    best.ok_or(untold)
}

fn is_constant(values: &[f64]) -> bool {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let spread = values.iter().map(|value| (value - mean).abs()).sum::<f64>() / values.len() as f64;
    spread <= CONSTANT * mean.abs()
}

/// The rank of each value, from 0; equal values share the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = below as f64 + (equal.len() - 1) as f64 / 2.0;
        for place in equal {
            ranks[*place] = rank;
        }
        below += equal.len();
    }
    ranks
}

/// Pearson's coefficient, or `None` where either does not vary.
fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let count = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / count, b.iter().sum::<f64>() / count);
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        both += (a - mean_a) * (b - mean_b);
        of_a += (a - mean_a).powi(2);
        of_b += (b - mean_b).powi(2);
    }
    let strength = both / (of_a * of_b).sqrt();
    strength.is_finite().then(|| strength.clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A repeatable wander between 0 and 1.
    fn wander(place: usize) -> f64 {
        (((place as u64).wrapping_mul(2_654_435_761) >> 7) % 1000) as f64 / 1000.0
    }

    fn some(values: impl IntoIterator<Item = f64>) -> Vec<Option<f64>> {
        values.into_iter().map(Some).collect()
    }

    #[test]
    fn what_follows_by_two_steps_is_found_at_two_steps() {
        let other = some((0..80).map(wander));
        let memory = some((0..80).map(|k| if k < 2 { 0.0 } else { 3.0 * wander(k - 2) + 1.0 }));
        let found = associate(&memory, &other, 3).unwrap();
        assert_eq!((found.lag_steps, found.samples), (2, 78));
        assert!(found.strength > 0.99 && found.stands_out(), "{found:?}");
    }

    #[test]
    fn two_trends_alone_do_not_move_together() {
        // Memory rises evenly, requests come at random: their totals would be correlated by nearly 1.
        let series = Series::new(
            (0..960).map(|k| f64::from(k) * 60.0).collect(),
            (0..960).map(|k| f64::from(k) * 100.0 + 40.0 * wander(k as usize + 7)).collect(),
        );
        let memory = floor_changes(&series, 0.0, 600.0, 96);
        let other = some((0..96).map(|k| 100.0 + 50.0 * wander(k * 31 + 5)));
        let found = associate(&memory, &other, 3).unwrap();
        assert!(!found.stands_out(), "{found:?}");
    }

    #[test]
    fn what_cannot_be_told_says_why() {
        let varied = some((0..40).map(wander));
        assert_eq!(associate(&varied[..10], &varied, 3), Err(Untold::TooFew(10)));
        assert_eq!(associate(&varied, &some([5.0; 40]), 3), Err(Untold::Constant));
        assert_eq!(associate(&some([0.0; 40]), &varied, 3), Err(Untold::Still));
        assert_eq!(associate(&[], &[], 3), Err(Untold::TooFew(0)));
    }

    #[test]
    fn a_gap_has_no_change() {
        let series = Series::new(vec![30.0, 60.0, 90.0, 200.0, 230.0], vec![5.0, 4.0, 9.0, 7.0, f64::NAN]);
        assert_eq!(floor_changes(&series, 0.0, 60.0, 4), [Some(5.0), None, None, None]);
    }

    proptest! {
        #[test]
        fn strength_is_a_correlation_whatever_comes(
            memory in prop::collection::vec(prop::option::of(any::<f64>()), 0..60),
            other in prop::collection::vec(prop::option::of(any::<f64>()), 0..60),
        ) {
            if let Ok(found) = associate(&memory, &other, 3) {
                prop_assert!((-1.0..=1.0).contains(&found.strength));
                prop_assert!(found.samples >= MIN_SAMPLES && found.lag_steps <= 3);
            }
        }

        #[test]
        fn order_alone_counts(values in prop::collection::vec(0.0..1e6_f64, 30..60)) {
            let other = some(values.iter().enumerate().map(|(k, _)| 1.0 + wander(k)));
            let plain = associate(&some(values.iter().copied()), &other, 0);
            let bent = associate(&some(values.iter().map(|value| value.powi(3))), &other, 0);
            prop_assert_eq!(plain, bent);
        }
    }
}
