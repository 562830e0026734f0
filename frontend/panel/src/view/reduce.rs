//! Samples reduced to the pixels there are.

/// A point: milliseconds since the epoch and bytes.
pub type Point = (f64, f64);

/// Cuts samples at gaps and keeps, of each of `columns` columns between `from_ms` and `to_ms`, the first, the
/// lowest, the highest and the last point in order of time, so that no peak is lost. Samples are in order of
/// time; `None` and numbers that are not finite are gaps.
pub fn min_max(
    samples: impl Iterator<Item = (f64, Option<f64>)>,
    from_ms: f64,
    to_ms: f64,
    columns: usize,
) -> Vec<Vec<Point>> {
    let span = to_ms - from_ms;
    if !(span > 0.0 && span.is_finite()) || columns == 0 {
        return Vec::new();
    }
    let mut runs: Vec<Vec<Point>> = Vec::new();
    let mut run: Vec<Point> = Vec::new();
    let mut bucket = Bucket::default();
    for (time, value) in samples.filter(|(time, _)| *time >= from_ms && *time <= to_ms) {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            bucket.flush(&mut run);
            if !run.is_empty() {
                runs.push(std::mem::take(&mut run));
            }
            continue;
        };
        let column = ((time - from_ms) / span * columns as f64) as usize;
        if column != bucket.column {
            bucket.flush(&mut run);
            bucket.column = column;
        }
        bucket.points.push((time, value));
    }
    bucket.flush(&mut run);
    if !run.is_empty() {
        runs.push(run);
    }
    runs
}

/// The point nearest in time. `points` are in order of time.
pub fn nearest(points: &[Point], time_ms: f64) -> Option<Point> {
    let after = points.partition_point(|point| point.0 < time_ms);
    let candidates = [after.checked_sub(1), Some(after)].into_iter().flatten();
    let distance = |point: &&Point| (point.0 - time_ms).abs();
    candidates.filter_map(|at| points.get(at)).min_by(|a, b| distance(a).total_cmp(&distance(b))).copied()
}

/// The points of one column of pixels.
#[derive(Default)]
struct Bucket {
    column: usize,
    points: Vec<Point>,
}

impl Bucket {
    fn flush(&mut self, run: &mut Vec<Point>) {
        if self.points.len() <= 4 {
            run.append(&mut self.points);
            return;
        }
        let last = self.points.len() - 1;
        let by_value = |a: &usize, b: &usize| self.points[*a].1.total_cmp(&self.points[*b].1);
        let lowest = (0..=last).min_by(by_value).unwrap_or(0);
        let highest = (0..=last).max_by(by_value).unwrap_or(0);
        let kept = [0, lowest.min(highest), lowest.max(highest), last];
        let mut before = None;
        for index in kept {
            if before != Some(index) {
                run.push(self.points[index]);
            }
            before = Some(index);
        }
        self.points.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_and_ends_survive() {
        let samples = (0..100_000).map(|i| {
            let value = if i == 54_321 { 9e9 } else { f64::from(i % 7) };
            (f64::from(i), Some(value))
        });
        let runs = min_max(samples, 0.0, 100_000.0, 500);
        assert_eq!(runs.len(), 1);
        assert!(runs[0].len() <= 2004, "{}", runs[0].len());
        assert!(runs[0].contains(&(54_321.0, 9e9)));
        assert_eq!(runs[0].first(), Some(&(0.0, 0.0)));
        assert_eq!(runs[0].last().map(|point| point.0), Some(99_999.0));
        assert!(runs[0].windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn the_nearest_point_is_found_at_and_beyond_the_ends() {
        let points = [(1.0, 10.0), (2.0, 20.0), (4.0, 40.0)];
        for (time, value) in [(-5.0, 10.0), (2.9, 20.0), (3.1, 40.0), (9.0, 40.0)] {
            assert_eq!(nearest(&points, time).map(|point| point.1), Some(value), "{time}");
        }
        assert_eq!(nearest(&[], 1.0), None);
    }

    #[test]
    fn gaps_cut_and_few_samples_stay_as_they_are() {
        let samples =
            [(0.0, Some(1.0)), (1.0, None), (2.0, Some(f64::NAN)), (3.0, Some(2.0)), (4.0, Some(3.0))];
        let runs = min_max(samples.into_iter(), 0.0, 10.0, 100);
        assert_eq!(runs, [vec![(0.0, 1.0)], vec![(3.0, 2.0), (4.0, 3.0)]]);
    }
}
