//! The coarse look: whether window minima are worth a look in full resolution.

use super::assess::{assess_minima, each_point_score};
use super::{Assessment, Context, LEAK_SCORE, Verdict};
use crate::series::Series;

/// A coarse score of at least this earns a look in full resolution.
const SCREEN_SCORE: f64 = 0.02;
/// The highest coarse score: that something leaks is never said after a coarse look alone.
const MOST: f64 = LEAK_SCORE - 0.01;

/// How much the lowest values of even windows of the time (`min_over_time` in a range query, 48 or more of them) look like
/// a leak. Meant to lose nothing: it is the full judgement, asked at a far lower score and in two readings, as if
/// the minima were samples, and each minimum as a point of the floor, for single steps and lows vanish where few points
/// are put together once more. What rises too slowly for any score above that, whatever its shape, is not judged to the
/// end: of most series that is known from their slopes.
///
/// The verdict is `Screened`, or `Insufficient` where the minima are too few or too short; the score stays below a leak's.
pub fn screen(minima: &Series, context: &Context) -> Assessment {
    let mut found = assess_minima(minima, context, SCREEN_SCORE);
    if found.verdict == Verdict::Insufficient {
        return found;
    }
    if found.score < SCREEN_SCORE {
        found.score = found.score.max(each_point_score(minima, context, SCREEN_SCORE));
    }
    // What is drawn is looked at in full.
    (found.floor, found.trend) = (Vec::new(), Vec::new());
    found.score = found.score.min(MOST);
    found.verdict = Verdict::Screened;
    found.reasons = vec![String::from(
        "Of many, this one looked calmer than others at a coarse look: narrow the selection to have it judged.",
    )];
    found
}

/// Whether what [`screen`] says calls for a look in full resolution. Minima too few to judge rule nothing out.
pub fn worth_a_look(screened: &Assessment) -> bool {
    screened.verdict == Verdict::Insufficient || screened.score >= SCREEN_SCORE
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: f64 = 1_048_576.0;

    fn minima(bytes: impl Fn(f64) -> f64) -> Series {
        let hours = |window: u32| f64::from(window) / 2.0;
        let (times, values) =
            (1..=48_u32).map(|window| (hours(window) * 3600.0, bytes(hours(window)))).unzip();
        Series::new(times, values)
    }

    #[test]
    fn what_cannot_be_judged_is_not_screened_out() {
        let nothing = screen(&Series::default(), &Context::default());
        assert_eq!(nothing.verdict, Verdict::Insufficient);
        assert!(worth_a_look(&nothing));
    }

    #[test]
    fn a_climb_is_worth_a_look_and_is_not_called_a_leak() {
        let climb = screen(&minima(|hours| (200.0 + 20.0 * hours) * MIB), &Context::default());
        assert_eq!(climb.verdict, Verdict::Screened);
        assert!(worth_a_look(&climb) && climb.score < LEAK_SCORE, "{}", climb.score);
        let rate = climb.rate_bytes_per_hour.map(|rate| rate.mid / MIB);
        assert!(rate.is_some_and(|rate| (rate - 20.0).abs() < 0.5), "{rate:?}");
    }

    #[test]
    fn a_level_process_is_not_worth_a_look() {
        let level = screen(&minima(|hours| (200.0 + hours.sin()) * MIB), &Context::default());
        assert_eq!(level.verdict, Verdict::Screened);
        assert!(!worth_a_look(&level), "{}", level.score);
    }

    #[test]
    fn what_is_not_judged_to_the_end_could_not_have_scored() {
        let context = Context::default();
        let mut cut_short = 0;
        for case in 0..600_u32 {
            let (slope, shape) = (f64::from(case % 40) * 0.5 - 2.0, case % 5);
            let scatter = if case % 3 == 0 { 3.0 } else { 0.3 };
            let noise = |hours: f64| ((hours * 977.0 + f64::from(case)).sin() * 43_758.5).fract();
            let series = minima(|hours| {
                let bend = match shape {
                    0 => hours,
                    1 => (hours - 16.0).max(0.0),
                    2 => hours.min(8.0),
                    3 => hours + 6.0 * (hours * std::f64::consts::TAU / 8.0).sin(),
                    _ => (hours / 6.0).floor() * 6.0,
                };
                (200.0 + slope * bend + scatter * noise(hours)) * MIB
            });
            let both = [
                [SCREEN_SCORE, 0.0].map(|least| assess_minima(&series, &context, least).score),
                [SCREEN_SCORE, 0.0].map(|least| each_point_score(&series, &context, least)),
            ];
            for [cut, whole] in both {
                assert!(
                    cut == whole || (whole..SCREEN_SCORE).contains(&cut),
                    "case {case}: {cut} for {whole}"
                );
                cut_short += u32::from(cut != whole);
            }
        }
        assert!(cut_short > 100, "{cut_short} of 1200 were cut short");
    }
}
