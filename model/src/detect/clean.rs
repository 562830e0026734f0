//! Brings samples into order: finite, sorted, one per time.

use crate::series::Series;

/// Larger values are no memory and no clock; leaving them out keeps every square of a difference finite.
const LARGEST: f64 = 1e18;

/// Samples in time order, hours since the first of them.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// Time of the first sample, seconds on the series' clock.
    pub(super) origin_secs: f64,
    /// Hours since `origin_secs`, strictly ascending.
    pub(super) hours: Vec<f64>,
    /// Bytes at each time.
    pub(super) bytes: Vec<f64>,
}

impl Samples {
    pub(super) fn len(&self) -> usize {
        self.hours.len()
    }

    pub(super) fn span_hours(&self) -> f64 {
        self.hours.last().copied().unwrap_or(0.0)
    }

    /// A time in hours back on the series' clock.
    pub(super) fn secs(&self, hours: f64) -> f64 {
        self.origin_secs + hours * 3600.0
    }

    /// Index of the first sample at or after `secs`.
    pub(super) fn index_at(&self, secs: f64) -> usize {
        let hours = (secs - self.origin_secs) / 3600.0;
        self.hours.partition_point(|&time| time < hours)
    }
}

/// Drops what is not a finite number (staleness markers are NaN), sorts by time and keeps the lowest of several
/// values at one time, so that the order of arrival does not matter.
pub(super) fn clean(series: &Series) -> Samples {
    let usable = |(time, value): &(f64, f64)| time.abs() <= LARGEST && value.abs() <= LARGEST;
    let in_order = series.times_secs.windows(2).all(|pair| pair[0] < pair[1]);
    if in_order && series.iter().all(|sample| usable(&sample)) {
        let origin_secs = series.times_secs.first().copied().unwrap_or(0.0);
        let hours = series.times_secs.iter().map(|time| (time - origin_secs) / 3600.0).collect();
        return Samples { origin_secs, hours, bytes: series.values.clone() };
    }
    let mut kept: Vec<(f64, f64)> = series.iter().filter(usable).collect();
    kept.sort_unstable_by(|left, right| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
    kept.dedup_by(|later, earlier| later.0 == earlier.0);
    let origin_secs = kept.first().map_or(0.0, |sample| sample.0);
    Samples {
        origin_secs,
        hours: kept.iter().map(|sample| (sample.0 - origin_secs) / 3600.0).collect(),
        bytes: kept.iter().map(|sample| sample.1).collect(),
    }
}

/// The same of another series, in hours since the first sample of the one that is judged.
pub(super) fn clean_from(series: &Series, origin_secs: f64) -> Samples {
    let mut samples = clean(series);
    let shift = (samples.origin_secs - origin_secs) / 3600.0;
    for hours in &mut samples.hours {
        *hours += shift;
    }
    samples.origin_secs = origin_secs;
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disorder_duplicates_and_markers_are_dropped() {
        let series = Series::new(
            vec![7200.0, 0.0, 3600.0, f64::NAN, 3600.0, 9000.0],
            vec![3.0, 1.0, 5.0, 1.0, 2.0, f64::INFINITY],
        );
        let samples = clean(&series);
        assert_eq!(samples.hours, [0.0, 1.0, 2.0]);
        assert_eq!(samples.bytes, [1.0, 2.0, 3.0]);
    }
}
