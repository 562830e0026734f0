//! Samples reduced to the columns of pixels there are. It stands here because the panel is compiled for size, and this runs
//! over every sample of a chart.

/// A point: milliseconds since the epoch and bytes.
pub type Point = (f64, f64);

/// Cuts samples at gaps and keeps, of each of `columns` columns between the two times of `range_ms`, the first, the lowest,
/// the highest and the last point in order of time, so that no peak is lost. `times_ms` are in order and as many as
/// `values`; a value that is not finite is a gap. Linear in the number of samples.
pub fn min_max(times_ms: &[f64], values: &[f64], range_ms: (f64, f64), columns: usize) -> Vec<Vec<Point>> {
    let (from, to) = range_ms;
    let per_ms = columns as f64 / (to - from);
    if !(to > from && per_ms > 0.0 && per_ms.is_finite()) {
        return Vec::new();
    }
    let within = times_ms.partition_point(|time| *time < from)..times_ms.partition_point(|time| *time <= to);
    let mut runs: Vec<Vec<Point>> = Vec::new();
    let mut run: Vec<Point> = Vec::new();
    let mut column: Option<Column> = None;
    for (&time, &value) in times_ms[within.clone()].iter().zip(values.get(within).unwrap_or_default()) {
        if !value.is_finite() {
            if let Some(done) = column.take() {
                done.put(&mut run);
                runs.push(std::mem::take(&mut run));
            }
            continue;
        }
        match &mut column {
            Some(open) if time < open.until_ms => open.take((time, value)),
            _ => {
                let place = ((time - from) * per_ms).floor();
                let next = Column::new((time, value), from + (place + 1.0) / per_ms);
                if let Some(done) = column.replace(next) {
                    done.put(&mut run);
                }
            }
        }
    }
    if let Some(done) = column {
        done.put(&mut run);
        runs.push(run);
    }
    runs
}

/// Leaves out the points that nobody tells from the last one kept: nearer than `aside_ms` in time and `up_bytes` in value.
/// Noise lower than a pixel is most of what there is to draw. The last point stays.
pub fn thin(run: &mut Vec<Point>, aside_ms: f64, up_bytes: f64) {
    let mut left = run.len();
    let mut kept: Option<Point> = None;
    run.retain(|&point| {
        left -= 1;
        let told = left == 0
            || kept.is_none_or(|last| point.0 - last.0 >= aside_ms || (point.1 - last.1).abs() >= up_bytes);
        if told {
            kept = Some(point);
        }
        told
    });
}

/// The point nearest in time. `points` are in order of time.
pub fn nearest(points: &[Point], time_ms: f64) -> Option<Point> {
    let after = points.partition_point(|point| point.0 < time_ms);
    let candidates = [after.checked_sub(1), Some(after)].into_iter().flatten();
    let distance = |point: &&Point| (point.0 - time_ms).abs();
    candidates.filter_map(|at| points.get(at)).min_by(|a, b| distance(a).total_cmp(&distance(b))).copied()
}

/// What is kept of a column of pixels.
#[derive(Clone, Copy)]
struct Column {
    until_ms: f64,
    first: Point,
    low: Point,
    high: Point,
    last: Point,
}

impl Column {
    fn new(point: Point, until_ms: f64) -> Self {
        Self { until_ms, first: point, low: point, high: point, last: point }
    }

    fn take(&mut self, point: Point) {
        if point.1 < self.low.1 {
            self.low = point;
        }
        if point.1 > self.high.1 {
            self.high = point;
        }
        self.last = point;
    }

    fn put(&self, run: &mut Vec<Point>) {
        let (one, other) =
            if self.low.0 <= self.high.0 { (self.low, self.high) } else { (self.high, self.low) };
        run.push(self.first);
        for point in [one, other, self.last] {
            if run.last() != Some(&point) {
                run.push(point);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_and_ends_survive() {
        let times: Vec<f64> = (0..100_000).map(f64::from).collect();
        let value = |at: i32| if at == 54_321 { 9e9 } else { f64::from(at % 7) };
        let values: Vec<f64> = (0..100_000).map(value).collect();
        let runs = min_max(&times, &values, (0.0, 100_000.0), 500);
        assert_eq!(runs.len(), 1);
        assert!(runs[0].len() <= 2004, "{}", runs[0].len());
        assert!(runs[0].contains(&(54_321.0, 9e9)));
        assert_eq!(runs[0].first(), Some(&(0.0, 0.0)));
        assert_eq!(runs[0].last().map(|point| point.0), Some(99_999.0));
        assert!(runs[0].windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn gaps_cut_and_few_samples_stay_as_they_are() {
        let runs =
            min_max(&[0.0, 1.0, 2.0, 3.0, 4.0], &[1.0, f64::NAN, f64::INFINITY, 2.0, 3.0], (0.0, 10.0), 100);
        assert_eq!(runs, [vec![(0.0, 1.0)], vec![(3.0, 2.0), (4.0, 3.0)]]);
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
    fn what_is_lower_than_a_pixel_is_thinned_and_what_is_higher_stays() {
        let mut run: Vec<Point> = (0..1000).map(|at| (f64::from(at), f64::from(at % 2))).collect();
        run[500].1 = 90.0;
        thin(&mut run, 10.0, 5.0);
        assert!(run.len() < 110, "{}", run.len());
        assert_eq!((run[0], run.last().copied()), ((0.0, 0.0), Some((999.0, 1.0))));
        assert!(run.contains(&(500.0, 90.0)));
        assert!(run.contains(&(501.0, 1.0)), "the peak is no wider than it was");
        let mut none = Vec::new();
        thin(&mut none, 1.0, 1.0);
        assert!(none.is_empty());
    }

    #[test]
    fn what_lies_outside_is_left_out_and_no_width_is_no_picture() {
        let (times, values) = ([0.0, 5.0, 20.0], [1.0, 2.0, 3.0]);
        assert_eq!(min_max(&times, &values, (4.0, 10.0), 100), [vec![(5.0, 2.0)]]);
        for (range, columns) in
            [((4.0, 4.0), 100), ((9.0, 4.0), 100), ((4.0, f64::NAN), 100), ((4.0, 10.0), 0)]
        {
            assert!(min_max(&times, &values, range, columns).is_empty());
        }
    }
}
