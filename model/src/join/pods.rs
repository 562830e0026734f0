//! Pods of one workload that come and go: each is too young to tell, all of them together are not.

use crate::detect::{Assessment, Context, Verdict, assess_lives};
use crate::format::duration;
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
/// A pod has gone when its last sample is this share of the time in view before the end, and so many of its own samples are
/// missing: one that lives must not be stood for.
const GONE: f64 = 0.01;
const GONE_SAMPLES: f64 = 3.0;
/// A pod takes over from one that ends at most this share of a usual life after it has begun, as a rollout starts the new
/// one first.
const HANDED_OVER: f64 = 0.25;

/// What short-lived pods say together.
#[derive(Debug)]
pub struct Together {
    assessment: Assessment,
    /// First and last time of each, seconds.
    spans: Vec<(f64, f64)>,
    has_gone: Vec<bool>,
    usual_secs: f64,
}

/// Judges the pods of one workload, same container and metric, together where they are short-lived.
///
/// When their lives climb alike, those that are alive take over that verdict, young as they are. When they do not, a
/// single one that seems to leak becomes a suspect: of many short lives one looks so by chance. What was only looked at
/// coarsely is no life to learn from. `None` where there is no verdict on all.
pub fn join(pods: &mut [Pod<'_>]) -> Option<Together> {
    let spans: Vec<(f64, f64)> = pods.iter().map(|pod| span(pod.series)).collect();
    // In the order of their deaths, so that those alive are the latest.
    let mut order: Vec<usize> =
        (0..pods.len()).filter(|index| pods[*index].assessment.verdict != Verdict::Screened).collect();
    order.sort_by(|a, b| spans[*a].1.total_cmp(&spans[*b].1).then(spans[*a].0.total_cmp(&spans[*b].0)));
    let &last = order.last().filter(|_| order.len() >= FEWEST_LIVES)?;
    let start = order.iter().map(|index| spans[*index].0).fold(f64::INFINITY, f64::min);
    let end = spans[last].1;
    let mut lengths: Vec<f64> = order.iter().map(|index| spans[*index].1 - spans[*index].0).collect();
    lengths.sort_unstable_by(f64::total_cmp);
    let usual_secs = lengths[lengths.len() / 2];
    // Written so that spans without a number are not short.
    let short = usual_secs <= SHORT_LIFE * (end - start);
    if !short {
        return None;
    }
    let lives: Vec<&Series> = order.iter().map(|index| pods[*index].series).collect();
    let assessment = assess_lives(&lives, pods[last].context);
    let alive_from = end - ALIVE * (end - start);
    take_over(pods, &order, &assessment, |index| spans[index].1 >= alive_from);
    let told = assessment.verdict != Verdict::Insufficient;
    let has_gone = |(pod, span): (&Pod<'_>, &(f64, f64))| {
        let step_secs = (span.1 - span.0) / pod.series.len().saturating_sub(1).max(1) as f64;
        span.1 < end - (GONE * (end - start)).max(GONE_SAMPLES * step_secs)
    };
    let has_gone = pods.iter().zip(&spans).map(has_gone).collect();
    told.then_some(Together { assessment, spans, has_gone, usual_secs })
}

/// What all say together changes what is said of each.
fn take_over(pods: &mut [Pod<'_>], lives: &[usize], together: &Assessment, is_alive: impl Fn(usize) -> bool) {
    let count = lives.len();
    for &index in lives {
        let found = &mut *pods[index].assessment;
        match together.verdict {
            Verdict::Leak if is_alive(index) && found.verdict != Verdict::Leak => {
                adopt(found, together);
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

/// What is said of all is said of one.
fn adopt(found: &mut Assessment, together: &Assessment) {
    found.verdict = together.verdict;
    found.score = together.score;
    found.rate_bytes_per_hour = together.rate_bytes_per_hour;
    found.reasons.splice(0..0, together.reasons.iter().cloned());
}

impl Together {
    /// For each of these pods that has been replaced the place of the last of those that came after it and are no better than
    /// it, where there is one; that one's row stands for both and says so. O(n log n) in the pods.
    ///
    /// Each pod that is born takes over from one that has gone, the one that went first. What nobody takes over from, such as
    /// pods that run side by side and those that a workload no longer needs, stands for itself.
    pub fn stand_in(&self, pods: &mut [Pod<'_>]) -> Vec<Option<usize>> {
        let mut stands_for = vec![0_usize; pods.len()];
        let gravities: Vec<usize> = pods.iter().map(|pod| gravity(pod.assessment.verdict)).collect();
        let heirs = self.heirs(&gravities);
        for heir in heirs.iter().flatten() {
            stands_for[*heir] += 1;
        }
        for (pod, count) in pods.iter_mut().zip(stands_for).filter(|(_, count)| *count > 0) {
            let found = &mut *pod.assessment;
            if found.verdict == Verdict::Insufficient {
                adopt(found, &self.assessment);
            }
            let others = if count == 1 { "pod".to_owned() } else { format!("{count} pods") };
            found.reasons.push(format!(
                "This row stands for the {others} of its workload that came before it as well: each usually lives about {}.",
                duration(self.usual_secs)
            ));
        }
        heirs
    }

    /// The last as grave in the line that begins with each pod, `None` where none came after it.
    fn heirs(&self, gravities: &[usize]) -> Vec<Option<usize>> {
        let spans = &self.spans;
        let by = |key: fn(&(f64, f64)) -> f64| {
            let mut order: Vec<usize> =
                (0..spans.len()).filter(|index| spans[*index].0.is_finite()).collect();
            order.sort_by(|a, b| key(&spans[*a]).total_cmp(&key(&spans[*b])).then(a.cmp(b)));
            order
        };
        let (births, deaths) = (by(|span| span.0), by(|span| span.1));
        let mut place = vec![0; spans.len()];
        for (at, index) in births.iter().enumerate() {
            place[*index] = at;
        }
        let mut gone = deaths.into_iter().filter(|index| self.has_gone[*index]).peekable();
        let mut next: Vec<Option<usize>> = vec![None; spans.len()];
        let overlap_secs = HANDED_OVER * self.usual_secs;
        for &born in &births {
            // One that was born later and has gone all the same is left to those who come after it.
            let has_made_room =
                |gone: &usize| spans[*gone].1 <= spans[born].0 + overlap_secs && place[*gone] < place[born];
            if let Some(gone) = gone.next_if(has_made_room) {
                next[gone] = Some(born);
            }
        }
        // Of each line's rest, the last that is at least so grave.
        let mut last: Vec<[Option<usize>; GRAVITIES]> = vec![[None; GRAVITIES]; spans.len()];
        let mut heirs = vec![None; spans.len()];
        for &index in births.iter().rev() {
            let later = next[index].map_or([None; GRAVITIES], |next| last[next]);
            heirs[index] = later[gravities[index]];
            last[index] = std::array::from_fn(|least| {
                later[least].or_else(|| (gravities[index] >= least).then_some(index))
            });
        }
        heirs
    }
}

/// How grave a verdict is: no row stands for a worse one.
fn gravity(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Leak => 2,
        Verdict::Suspect => 1,
        _ => 0,
    }
}
const GRAVITIES: usize = 3;

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

    /// Memory by minutes of age, each life 40 min, a sample every 30 s.
    fn lives(births_secs: &[f64], memory: impl Fn(usize, f64) -> f64) -> Vec<Series> {
        let ripple = |index: u32, life: usize| {
            f64::from((index * 7919 + u32::try_from(life).unwrap() * 31) % 101) / 101.0 * MIB
        };
        births_secs
            .iter()
            .enumerate()
            .map(|(life, born)| {
                Series::new(
                    (0..80).map(|index| born + f64::from(index) * 30.0).collect(),
                    (0..80).map(|index| memory(life, f64::from(index) / 2.0) + ripple(index, life)).collect(),
                )
            })
            .collect()
    }

    fn judged(lives: &[Series]) -> (Vec<Assessment>, Vec<Option<usize>>) {
        let context = Context { restarts_secs: Some(Vec::new()), ..Context::default() };
        let mut found: Vec<Assessment> = lives.iter().map(|series| assess(series, &context)).collect();
        let mut pods: Vec<Pod<'_>> = lives
            .iter()
            .zip(&mut found)
            .map(|(series, assessment)| Pod { series, context: &context, assessment })
            .collect();
        let together = join(&mut pods);
        let stood_for = together.map_or_else(|| vec![None; lives.len()], |all| all.stand_in(&mut pods));
        (found, stood_for)
    }

    /// Eight pods, one after the other.
    fn in_turn(memory: impl Fn(usize, f64) -> f64) -> (Vec<Assessment>, Vec<Option<usize>>) {
        let births: Vec<f64> = (0..8).map(|life| f64::from(life) * 2500.0).collect();
        judged(&lives(&births, memory))
    }

    fn leaking(_life: usize, minutes: f64) -> f64 {
        (300.0 + minutes) * MIB
    }

    fn warming_up(_life: usize, minutes: f64) -> f64 {
        (300.0 + 80.0 * (1.0 - (-minutes / 4.0).exp())) * MIB
    }

    #[test]
    fn lives_that_all_climb_are_a_leak_of_the_one_alive() {
        let (found, stood_for) = in_turn(leaking);
        let alive = found.last().unwrap();
        assert_eq!(alive.verdict, Verdict::Leak, "{:?}", alive.reasons);
        assert!(alive.reasons.iter().any(|reason| reason.contains("8 pods")), "{:?}", alive.reasons);
        assert_eq!(stood_for, [[Some(7); 7].as_slice(), &[None]].concat());
        let stands = "This row stands for the 7 pods of its workload that came before it as well";
        assert!(alive.reasons.iter().any(|reason| reason.starts_with(stands)), "{:?}", alive.reasons);
    }

    #[test]
    fn lives_that_warm_up_are_none_and_the_young_one_says_so() {
        let (mut found, stood_for) = in_turn(warming_up);
        assert!(found.iter().all(|one| one.verdict != Verdict::Leak), "{:?}", found.last().unwrap().reasons);
        assert_eq!(stood_for[0], Some(7));
        assert_eq!(found.pop().unwrap().verdict, Verdict::Bounded);
    }

    #[test]
    fn pods_side_by_side_and_those_that_nobody_replaces_keep_their_rows() {
        // Two replicas, each replaced twice, and a third that was only there in the middle.
        let births = [0.0, 100.0, 2500.0, 2600.0, 5000.0, 5100.0, 2700.0];
        let (_, stood_for) = judged(&lives(&births, leaking));
        assert_eq!(stood_for, [Some(4), Some(5), Some(4), Some(5), None, None, None]);
        // One more is started just before the end: it takes over from nobody that lives.
        let mut scaled_up = lives(&[0.0, 100.0, 2500.0, 2600.0, 5000.0, 5000.0, 7250.0], leaking);
        scaled_up[6].times_secs.truncate(5);
        scaled_up[6].values.truncate(5);
        let (_, stood_for) = judged(&scaled_up);
        assert_eq!(stood_for[4..], [None; 3]);
    }

    #[test]
    fn what_is_worse_than_those_that_came_after_is_shown_itself() {
        let births: Vec<f64> = (0..8).map(|life| f64::from(life) * 2500.0).collect();
        let mixed = |life, minutes| {
            if matches!(life, 1 | 3) { leaking(life, 3.0 * minutes) } else { 300.0 * MIB }
        };
        let (found, stood_for) = judged(&lives(&births, mixed));
        assert!(found[3].verdict == Verdict::Suspect && stood_for[3].is_none(), "{:?}", found[3].reasons);
        assert_eq!(stood_for[1], Some(3), "the last that is as bad");
        assert!(stood_for[2] == Some(7) && stood_for[4] == Some(7));
    }

    #[test]
    fn long_lives_are_judged_alone() {
        let (_, stood_for) = judged(&lives(&[0.0, 20.0, 2000.0], leaking));
        assert_eq!(stood_for, [None; 3]);
    }

    #[test]
    fn strange_times_join_to_nothing() {
        assert!(join(&mut []).is_none());
        let odd = |times: &[f64]| Series::new(times.to_vec(), vec![1.0; times.len()]);
        let all =
            [odd(&[f64::NAN]), odd(&[]), odd(&[f64::INFINITY, 1.0]), odd(&[0.0, 1e300]), odd(&[-1e308])];
        judged(&all);
    }
}
