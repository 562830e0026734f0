//! Joins the series that one process shows into one.

use crate::series::Series;

/// Joins gauges that each show the same process as it was when they were last set, such as one per view.
///
/// A gauge keeps its old value until its view runs again, so at any scrape most gauges are stale. The one that changed
/// last is the one that tells: at each time the result is the value of the gauge that changed then, of the
/// highest where several did, and stays what it was where none did. Taking the highest of all gauges
/// instead would hide every fall, and their mean would bend every slope. O(n log n) in the samples.
///
/// Samples that are not finite are left out.
pub fn latest_changed(mut gauges: Vec<Series>) -> Series {
    if gauges.len() == 1 {
        return gauges.swap_remove(0);
    }
    let mut samples: Vec<(f64, usize, f64)> = gauges
        .iter()
        .enumerate()
        .flat_map(|(gauge, series)| series.iter().map(move |(time, value)| (time, gauge, value)))
        .filter(|(time, _, value)| time.is_finite() && value.is_finite())
        .collect();
    samples.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));

    let mut joined = Series::default();
    let mut seen: Vec<Option<f64>> = vec![None; gauges.len()];
    let mut current: Option<(usize, f64)> = None;
    for scrape in samples.chunk_by(|a, b| a.0 == b.0) {
        let mut changed: Option<(usize, f64)> = None;
        for &(_, gauge, value) in scrape {
            let fresh = seen[gauge] != Some(value);
            seen[gauge] = Some(value);
            if fresh && changed.is_none_or(|(_, highest)| value > highest) {
                changed = Some((gauge, value));
            }
        }
        // A gauge that is gone says nothing any more: fall back on what is still there.
        let gone = current.is_some_and(|(gauge, _)| scrape.iter().all(|sample| sample.1 != gauge));
        let fallback =
            || scrape.iter().map(|&(_, gauge, value)| (gauge, value)).max_by(|a, b| a.1.total_cmp(&b.1));
        current = changed.or(if gone { fallback() } else { current });
        if let (Some((_, value)), Some((time, _, _))) = (current, scrape.first()) {
            joined.times_secs.push(*time);
            joined.values.push(value);
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(samples: &[(f64, f64)]) -> Series {
        Series::new(samples.iter().map(|s| s.0).collect(), samples.iter().map(|s| s.1).collect())
    }

    #[test]
    fn the_gauge_that_changed_last_tells() {
        let busy = series(&[(0.0, 100.0), (1.0, 110.0), (2.0, 120.0), (3.0, 90.0)]);
        let stale = series(&[(0.0, 130.0), (1.0, 130.0), (2.0, 130.0), (3.0, 130.0)]);
        // At 0 both are new and the higher one is taken; from then on only one changes, falls included.
        assert_eq!(latest_changed(vec![busy, stale]).values, [130.0, 110.0, 120.0, 90.0]);
    }

    #[test]
    fn a_view_that_leaves_does_not_freeze_the_process() {
        let leaving = series(&[(0.0, 10.0), (1.0, 200.0)]);
        let staying = series(&[(0.0, 20.0), (1.0, 20.0), (2.0, 20.0), (3.0, 30.0)]);
        assert_eq!(latest_changed(vec![leaving, staying]).values, [20.0, 200.0, 20.0, 30.0]);
    }

    #[test]
    fn nothing_joins_to_nothing() {
        assert!(latest_changed(vec![]).is_empty());
        assert!(
            latest_changed(vec![Series::default(), series(&[(f64::NAN, 1.0), (1.0, f64::NAN)])]).is_empty()
        );
    }
}
