//! A matrix, series by series, each into two columns, and no more of it than the limits allow.

use std::fmt;
use std::sync::Arc;

use model::labels::Labels;
use model::series::Series;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::point::Point;
use crate::prometheus::types::RangeSeries;

/// What is read of an answer at most. The rest is counted and named in a notice.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Series, or samples of an instant query.
    pub max_series: usize,
    /// Samples of all series together; a series is kept whole or not at all.
    pub max_samples: usize,
}

/// What was kept of an answer and what was not.
pub(super) struct Tally {
    limits: Limits,
    pub(super) series_seen: usize,
    pub(super) series_kept: usize,
    samples_kept: usize,
    pub(super) histograms: usize,
    points_hint: usize,
    /// The series themselves: here, so that they are not lost with an answer that ends too early.
    pub(super) kept: Vec<RangeSeries>,
}

impl Tally {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            series_seen: 0,
            series_kept: 0,
            samples_kept: 0,
            histograms: 0,
            points_hint: 0,
            kept: Vec::new(),
        }
    }

    fn is_full(&self) -> bool {
        self.series_kept >= self.limits.max_series || self.samples_kept >= self.limits.max_samples
    }

    pub(super) fn tell(&self, notices: &mut Vec<String>) {
        if self.histograms > 0 {
            notices.push(format!(
                "{} native histogram series left out: memory is read from plain numbers",
                self.histograms
            ));
        }
        let left_out = self.series_seen - self.series_kept - self.histograms;
        if left_out > 0 {
            let limit = if self.series_kept >= self.limits.max_series {
                format!("`maxSeries` is {}", self.limits.max_series)
            } else {
                format!("`maxSamples` is {}", self.limits.max_samples)
            };
            let (kept, seen) = (self.series_kept, self.series_seen);
            notices.push(format!(
                "{kept} of {seen} series read ({limit}): narrow the query, for example by namespace, or raise it"
            ));
        }
    }
}

/// `{"resultType":"matrix","result":[...]}`
pub(super) struct Matrix<'a>(pub(super) &'a mut Tally);

impl<'de> DeserializeSeed<'de> for Matrix<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Matrix<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a matrix")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut result = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "resultType" => {
                    if map.next_value::<String>()? != "matrix" {
                        return Err(de::Error::custom("not a matrix"));
                    }
                }
                "result" => result = Some(map.next_value_seed(SeriesList(self.0))?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        result.ok_or_else(|| de::Error::missing_field("result"))
    }
}

struct SeriesList<'a>(&'a mut Tally);

impl<'de> DeserializeSeed<'de> for SeriesList<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for SeriesList<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("series")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let tally = self.0;
        loop {
            if tally.is_full() {
                if seq.next_element::<IgnoredAny>()?.is_none() {
                    return Ok(());
                }
                tally.series_seen += 1;
                continue;
            }
            match seq.next_element_seed(OneSeries(tally))? {
                None => return Ok(()),
                Some(kept) => {
                    tally.series_seen += 1;
                    tally.kept.extend(kept);
                }
            }
        }
    }
}

/// A series, or nothing where it holds histograms only or would not fit.
struct OneSeries<'a>(&'a mut Tally);

impl<'de> DeserializeSeed<'de> for OneSeries<'_> {
    type Value = Option<RangeSeries>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneSeries<'_> {
    type Value = Option<RangeSeries>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a series")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let tally = self.0;
        let mut labels = Labels::default();
        let mut series = None;
        let mut has_histograms = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "metric" => labels = map.next_value()?,
                "values" => series = Some(map.next_value_seed(Samples { points_hint: tally.points_hint })?),
                "histograms" => {
                    map.next_value::<IgnoredAny>()?;
                    has_histograms = true;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let Some(series) = series else {
            tally.histograms += usize::from(has_histograms);
            tally.series_kept += usize::from(!has_histograms);
            return Ok((!has_histograms)
                .then(|| RangeSeries { labels: Arc::new(labels), series: Series::default() }));
        };
        tally.points_hint = series.len();
        // Never half a series: what would go over the limit is left out whole.
        if tally.samples_kept + series.len() > tally.limits.max_samples {
            tally.samples_kept = tally.limits.max_samples;
            return Ok(None);
        }
        tally.samples_kept += series.len();
        tally.series_kept += 1;
        Ok(Some(RangeSeries { labels: Arc::new(labels), series }))
    }
}

/// `[[time, "value"], ...]` into two columns.
struct Samples {
    /// Points of the series before, which this one likely has as well.
    points_hint: usize,
}

impl<'de> DeserializeSeed<'de> for Samples {
    type Value = Series;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Samples {
    type Value = Series;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("samples")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut times_secs = Vec::with_capacity(self.points_hint);
        let mut values = Vec::with_capacity(self.points_hint);
        while let Some(point) = seq.next_element::<Point>()? {
            times_secs.push(point.time_secs);
            values.push(point.value);
        }
        Ok(Series::new(times_secs, values))
    }
}
