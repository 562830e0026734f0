//! The coarse look: whether window minima are worth a look in full resolution.

use super::assess::each_point_score;
use super::{Context, Verdict, assess};
use crate::series::Series;

/// A coarse score of at least this earns a look in full resolution.
pub const SCREEN_SCORE: f64 = 0.02;

/// How much the lowest values of even windows of the time (`min_over_time` in a range query, 48 or more of them) look like
/// a leak, 0 to 1. Meant to lose nothing: it is the full judgement, asked at a far lower score and in two readings, as if
/// the minima were samples, and each minimum as a point of the floor, for single steps and lows vanish where few points
/// are put together once more.
///
/// Minima that are too few or too short to judge score 1, for they rule nothing out.
pub fn screen(minima: &Series, context: &Context) -> f64 {
    let found = assess(minima, context);
    if found.verdict == Verdict::Insufficient {
        return 1.0;
    }
    if found.score >= SCREEN_SCORE { found.score } else { found.score.max(each_point_score(minima, context)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_judged_is_not_screened_out() {
        assert_eq!(screen(&Series::default(), &Context::default()), 1.0);
    }
}
