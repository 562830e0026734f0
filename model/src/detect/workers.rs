//! Several processes behind one address: any of them answers a scrape, so that their levels alternate in one series.

use super::clean::Samples;

/// Samples looked at together: enough of each of a few workers, and few enough that none grows far meanwhile.
const WINDOW: usize = 32;
/// Most processes told apart.
const MOST: usize = 6;
/// Samples that each must have in a window.
const FEWEST_OF_EACH: usize = 3;
/// The gap between two levels is at least this many times the largest gap within one.
const APART: f64 = 3.0;
/// Neighbouring samples that are of different workers, at least this share: a step or a tooth changes level once.
const ALTERNATING: f64 = 0.3;
/// Share of the windows that must show as many levels.
const AGREEING: f64 = 0.75;

/// The samples of each worker, lowest level first; `None` when the series is of one process, or the levels do not stand
/// apart.
pub(super) fn split(samples: &Samples) -> Option<Vec<Samples>> {
    let windows: Vec<&[f64]> = samples.bytes.chunks_exact(WINDOW).collect();
    // A look at three windows, of which two must show levels, tells nearly all other series from workers.
    let few = [0, windows.len() / 2, windows.len().checked_sub(1)?];
    let few = if windows.len() == 1 { &few[..1] } else { &few[..] };
    let mut without = few.iter().filter(|place| levels(windows[**place]).is_none());
    if without.nth(few.len() / 2).is_some() {
        return None;
    }
    let found: Vec<Option<Vec<usize>>> = windows.iter().map(|window| levels(window)).collect();
    let count_of = |workers: usize| {
        found
            .iter()
            .flatten()
            .filter(|levels| levels.iter().max().is_some_and(|most| most + 1 == workers))
            .count()
    };
    let workers = (2..=MOST).max_by_key(|workers| count_of(*workers))?;
    if (count_of(workers) as f64) < AGREEING * windows.len() as f64 {
        return None;
    }
    let mut each: Vec<Samples> =
        (0..workers).map(|_| Samples { origin_secs: samples.origin_secs, ..Samples::default() }).collect();
    for (window, levels) in found.iter().enumerate() {
        let Some(levels) = levels.as_ref().filter(|levels| levels.iter().all(|level| *level < workers))
        else {
            continue;
        };
        for (place, level) in levels.iter().enumerate() {
            let index = window * WINDOW + place;
            each[*level].hours.push(samples.hours[index]);
            each[*level].bytes.push(samples.bytes[index]);
        }
    }
    Some(each)
}

/// The level of each sample of a window, 0 the lowest; `None` when there is only one or they do not alternate.
fn levels(window: &[f64]) -> Option<Vec<usize>> {
    let mut sorted = window.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut gaps: Vec<(f64, usize)> =
        sorted.windows(2).enumerate().map(|(index, pair)| (pair[1] - pair[0], index + 1)).collect();
    let largest_first = |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0);
    // No more than these are compared below.
    if gaps.len() > MOST {
        gaps.select_nth_unstable_by(MOST, largest_first);
        gaps.truncate(MOST);
    }
    gaps.sort_unstable_by(largest_first);
    // As many levels as have gaps that stand out against the next one.
    let cuts =
        (1..MOST).rev().find(|&cuts| gaps.get(cuts).is_some_and(|next| gaps[cuts - 1].0 > APART * next.0))?;
    let mut borders: Vec<usize> = gaps[..cuts].iter().map(|gap| gap.1).collect();
    borders.sort_unstable();
    let starts = std::iter::once(0).chain(borders.iter().copied());
    let ends = borders.iter().copied().chain(std::iter::once(sorted.len()));
    if starts.zip(ends).any(|(start, end)| end - start < FEWEST_OF_EACH) {
        return None;
    }
    let limits: Vec<f64> = borders.iter().map(|border| sorted[*border]).collect();
    let levels: Vec<usize> =
        window.iter().map(|value| limits.iter().filter(|limit| value >= *limit).count()).collect();
    let changes = levels.windows(2).filter(|pair| pair[0] != pair[1]).count();
    (changes as f64 >= ALTERNATING * (window.len() - 1) as f64).then_some(levels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(bytes: impl Fn(u32) -> f64) -> Samples {
        Samples {
            origin_secs: 0.0,
            hours: (0..480).map(|index| f64::from(index) / 60.0).collect(),
            bytes: (0..480).map(bytes).collect(),
        }
    }

    fn wander(index: u32) -> f64 {
        f64::from((index * 7919) % 101) / 101.0
    }

    #[test]
    fn workers_in_turn_are_told_apart() {
        let each =
            split(&samples(|index| 300.0 + 50.0 * f64::from((index * 31 / 7) % 3) + wander(index))).unwrap();
        assert_eq!(each.len(), 3);
        assert!(each[0].bytes.iter().all(|value| (300.0..301.0).contains(value)));
        assert!(each[2].bytes.iter().all(|value| (400.0..401.0).contains(value)));
        assert!(each.iter().all(|one| one.hours.len() == one.bytes.len()));
    }

    #[test]
    fn one_process_is_one() {
        assert!(split(&samples(|index| 300.0 + 20.0 * wander(index))).is_none());
        assert!(split(&samples(|index| 300.0 + f64::from(index % 60))).is_none(), "teeth");
        assert!(
            split(&samples(|index| 300.0 + f64::from(index / 120) * 50.0 + wander(index))).is_none(),
            "steps"
        );
        assert!(split(&samples(|_| 300.0)).is_none(), "constant");
        assert!(split(&Samples::default()).is_none());
    }
}
