//! Keeps the share of false alarms among many suspects down (Y. Benjamini and Y. Hochberg, 1995).
//!
//! One safe series in a hundred looks like a leak: of thousands judged at once, dozens. What counts as their number is
//! those whose floor rose at all: many that stand still tell nothing about the one that moves.

use crate::detect::{Assessment, Verdict};

/// Share of the leaks named that may be false.
pub const FALSE_SHARE: f64 = 0.1;

/// How many of the safe series whose floor rose score at least so much: natural logarithm of the share, by score.
/// Calibrated on the generator's safe classes, normal and hard, seeds 201 to 210; docs/detector.md has the
/// check on others.
const SAFE_AT_LEAST: [(f64, f64); 12] = [
    (0.25, -3.74),
    (0.4, -4.23),
    (0.5, -4.50),
    (0.6, -4.75),
    (0.7, -5.03),
    (0.8, -5.39),
    (0.9, -5.98),
    (0.95, -6.32),
    (0.98, -6.56),
    (0.99, -6.99),
    (0.995, -7.43),
    (0.999, -8.78),
];

/// The chance that a safe series whose floor rose scores at least this much.
pub fn chance(score: f64) -> f64 {
    let below = SAFE_AT_LEAST.iter().rposition(|(from, _)| *from <= score);
    let Some(index) = below else { return 1.0 };
    let (from, low) = SAFE_AT_LEAST[index];
    let Some(&(to, high)) = SAFE_AT_LEAST.get(index + 1) else { return low.exp() };
    (low + (high - low) * (score - from) / (to - from)).exp()
}

/// Makes suspects of those leaks that, among so many judged, may as well be chance.
pub fn control<'a>(judged: impl IntoIterator<Item = &'a mut Assessment>) {
    let rose = |one: &&mut Assessment| match one.verdict {
        Verdict::Stable | Verdict::Insufficient => false,
        Verdict::Screened => one.rate_bytes_per_hour.is_some_and(|rate| rate.low > 0.0),
        Verdict::Leak | Verdict::Suspect | Verdict::Growing | Verdict::Bounded => true,
    };
    let mut risen: Vec<&mut Assessment> = judged.into_iter().filter(rose).collect();
    risen.sort_by(|a, b| b.score.total_cmp(&a.score));
    let count = risen.len();
    let passes = |(index, one): (usize, &&mut Assessment)| {
        chance(one.score) <= FALSE_SHARE * (index + 1) as f64 / count as f64
    };
    // The last that passes takes all before it with it.
    let discoveries =
        count - risen.iter().enumerate().rev().take_while(|one| !passes((one.0, one.1))).count();
    for one in risen.into_iter().skip(discoveries).filter(|one| one.verdict == Verdict::Leak) {
        let expected = (chance(one.score) * count as f64).ceil();
        one.make_suspect(format!(
            "Of {count} that rose and were judged at once, about {expected:.0} would look like this by chance."
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Context, assess};
    use crate::series::Series;

    fn scored(verdict: Verdict, score: f64) -> Assessment {
        Assessment { verdict, score, ..assess(&Series::default(), &Context::default()) }
    }

    #[test]
    fn chance_falls_as_the_score_rises() {
        let chances: Vec<f64> = (0..=100).map(|percent| chance(f64::from(percent) / 100.0)).collect();
        assert!(chances.windows(2).all(|pair| pair[1] <= pair[0]), "{chances:?}");
        assert!(chances[100] > 0.0 && chances[0] <= 1.0);
    }

    #[test]
    fn one_doubtful_leak_among_thousands_is_a_suspect() {
        let mut many: Vec<Assessment> = (0..2000).map(|_| scored(Verdict::Bounded, 0.0)).collect();
        many.push(scored(Verdict::Leak, 0.55));
        control(&mut many);
        assert_eq!(many[2000].verdict, Verdict::Suspect);
        assert!((0.25..0.5).contains(&many[2000].score));
    }

    #[test]
    fn among_few_and_beside_what_stands_still_it_stays_a_leak() {
        let mut few: Vec<Assessment> = (0..2000).map(|_| scored(Verdict::Stable, 0.0)).collect();
        few.push(scored(Verdict::Bounded, 0.0));
        few.push(scored(Verdict::Leak, 0.9));
        control(&mut few);
        assert_eq!(few[2001].verdict, Verdict::Leak);
        let mut all: Vec<Assessment> = (0..100).map(|_| scored(Verdict::Leak, 0.9)).collect();
        control(&mut all);
        assert!(all.iter().all(|one| one.verdict == Verdict::Leak));
    }
}
