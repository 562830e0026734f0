//! Pods of one workload that come and go: each is too young to tell, all of them together are not.

use crate::detect::{Assessment, Context, Verdict, assess_lives};
use crate::series::Series;

/// A pod that was judged alone.
#[derive(Debug)]
pub struct Pod<'a> {
    /// Its memory.
    pub series: &'a Series,
    /// What is known beside it.
    pub context: &'a Context,
    /// What is concluded of it.
    pub assessment: &'a mut Assessment,
}

/// Fewer lives show no pattern.
const FEWEST_LIVES: usize = 3;
/// Pods that usually live longer than this share of the time in view are judged alone.
const SHORT_LIFE: f64 = 0.5;
/// A pod is alive when its last sample is in this last share of the time in view.
const ALIVE: f64 = 0.05;

/// Judges the pods of one workload, same container and metric, together where they are short-lived.
///
/// When their lives climb alike, those that are alive take over that verdict, young as they are. When they do not, a
/// single one that seems to leak becomes a suspect: of many short lives one looks so by chance.
pub fn join(pods: &mut [Pod<'_>]) {
    let spans: Vec<(f64, f64)> = pods.iter().map(|pod| span(pod.series)).collect();
    let start = spans.iter().map(|span| span.0).fold(f64::INFINITY, f64::min);
    let end = spans.iter().map(|span| span.1).fold(f64::NEG_INFINITY, f64::max);
    let mut lengths: Vec<f64> = spans.iter().map(|(from, to)| to - from).collect();
    lengths.sort_unstable_by(f64::total_cmp);
    let usual = lengths.get(lengths.len() / 2).copied().unwrap_or(0.0);
    // Written so that spans without a number are not short.
    let short = usual <= SHORT_LIFE * (end - start);
    if pods.len() < FEWEST_LIVES || !short {
        return;
    }
    // In the order of their deaths, so that those alive are the latest.
    let mut order: Vec<usize> = (0..pods.len()).collect();
    order.sort_by(|a, b| spans[*a].1.total_cmp(&spans[*b].1).then(spans[*a].0.total_cmp(&spans[*b].0)));
    let lives: Vec<&Series> = order.iter().map(|index| pods[*index].series).collect();
    let Some(last) = order.last() else { return };
    let together = assess_lives(&lives, pods[*last].context);
    let count = lives.len();
    for (pod, span) in pods.iter_mut().zip(&spans) {
        let found = &mut *pod.assessment;
        match together.verdict {
            Verdict::Leak if span.1 >= end - ALIVE * (end - start) && found.verdict != Verdict::Leak => {
                found.verdict = Verdict::Leak;
                found.score = together.score;
                found.rate_bytes_per_hour = together.rate_bytes_per_hour;
                found.reasons.splice(0..0, together.reasons.iter().cloned());
            }
            Verdict::Leak => found.reasons.extend(together.reasons.first().cloned()),
            Verdict::Bounded | Verdict::Stable if found.verdict == Verdict::Leak => {
                found.make_suspect(format!(
                    "The {count} lives of its workload's pods in this time do not climb as a rule: one may seem to by chance."
                ));
            }
            Verdict::Suspect
            | Verdict::Growing
            | Verdict::Screened
            | Verdict::Insufficient
            | Verdict::Bounded
            | Verdict::Stable => {}
        }
    }
}

/// First and last time of the finite samples.
fn span(series: &Series) -> (f64, f64) {
    let times =
        || series.iter().filter(|(time, value)| time.is_finite() && value.is_finite()).map(|(time, _)| time);
    (times().fold(f64::INFINITY, f64::min), times().fold(f64::NEG_INFINITY, f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::assess;
    use crate::thresholds::MIB;

    /// Four replicas in turn, each life 40 min, a sample every 30 s; memory by minutes of age.
    fn judged(memory: impl Fn(f64) -> f64) -> Vec<Assessment> {
        let lives: Vec<Series> = (0..8)
            .map(|life| {
                let born = f64::from(life) * 2500.0;
                let ripple = |index: u32| f64::from((index * 7919 + life * 31) % 101) / 101.0 * MIB;
                Series::new(
                    (0..80).map(|index| born + f64::from(index) * 30.0).collect(),
                    (0..80).map(|index| memory(f64::from(index) / 2.0) + ripple(index)).collect(),
                )
            })
            .collect();
        let context = Context { restarts_secs: Some(Vec::new()), ..Context::default() };
        let mut found: Vec<Assessment> = lives.iter().map(|series| assess(series, &context)).collect();
        let mut pods: Vec<Pod<'_>> = lives
            .iter()
            .zip(&mut found)
            .map(|(series, assessment)| Pod { series, context: &context, assessment })
            .collect();
        join(&mut pods);
        found
    }

    #[test]
    fn lives_that_all_climb_are_a_leak_of_the_one_alive() {
        let found = judged(|minutes| (300.0 + minutes) * MIB);
        let alive = found.last().unwrap();
        assert_eq!(alive.verdict, Verdict::Leak, "{:?}", alive.reasons);
        assert!(alive.reasons.iter().any(|reason| reason.contains("8 pods")), "{:?}", alive.reasons);
    }

    #[test]
    fn lives_that_warm_up_are_none() {
        let found = judged(|minutes| (300.0 + 80.0 * (1.0 - (-minutes / 4.0).exp())) * MIB);
        assert!(found.iter().all(|one| one.verdict != Verdict::Leak), "{:?}", found.last().unwrap().reasons);
    }

    #[test]
    fn nothing_joins_to_nothing() {
        join(&mut []);
    }
}
