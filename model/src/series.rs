//! One time series as two columns.

/// Samples of one series. Nothing is promised of them: unsorted, duplicate, missing, NaN and infinite samples
/// are allowed, and whoever judges them cleans them first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// Seconds since the epoch (or since any other fixed point).
    pub times_secs: Vec<f64>,
    /// The value at each time, in bytes for memory. As long as `times_secs`.
    pub values: Vec<f64>,
}

impl Series {
    /// A series of the given columns; the longer one is cut to the shorter.
    pub fn new(mut times_secs: Vec<f64>, mut values: Vec<f64>) -> Self {
        let len = times_secs.len().min(values.len());
        times_secs.truncate(len);
        values.truncate(len);
        Self { times_secs, values }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.times_secs.len()
    }

    /// Whether there is no sample at all.
    pub fn is_empty(&self) -> bool {
        self.times_secs.is_empty()
    }

    /// The samples as pairs of seconds and value.
    pub fn iter(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.times_secs.iter().copied().zip(self.values.iter().copied())
    }
}
