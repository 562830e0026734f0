//! A matrix, series by series, each into two columns, and no more of it than the limits allow.

use std::fmt;
use std::sync::Arc;

use model::labels::{Labels, LabelsLike};
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
#[derive(Debug)]
pub(in crate::prometheus) struct Tally {
    limits: Limits,
    pub(super) series_seen: usize,
    pub(super) series_kept: usize,
    samples_kept: usize,
    pub(super) histograms: usize,
    points_hint: usize,
    /// The series themselves: here, so that they are not lost with an answer that ends too early.
    pub(in crate::prometheus) kept: Vec<RangeSeries>,
}

impl Tally {
    pub(in crate::prometheus) fn new(limits: Limits) -> Self {
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

    /// Points of the series before, which the next one likely has as well.
    pub(in crate::prometheus) fn points_hint(&self) -> usize {
        self.points_hint
    }

    /// For how many samples there is room.
    pub(in crate::prometheus) fn samples_left(&self) -> usize {
        self.limits.max_samples - self.samples_kept
    }

    /// Keeps a series that has come whole, if it has samples and there is room. Never half a series: what would go over
    /// the limit is left out whole.
    pub(in crate::prometheus) fn offer(
        &mut self,
        labels: Labels,
        series: Option<Series>,
        has_histograms: bool,
    ) {
        self.series_seen += 1;
        if self.is_full() {
            return;
        }
        if series.is_none() && has_histograms {
            self.histograms += 1;
            return;
        }
        let series = series.unwrap_or_default();
        self.points_hint = series.len();
        if series.len() > self.samples_left() {
            self.samples_kept = self.limits.max_samples;
            return;
        }
        self.samples_kept += series.len();
        self.series_kept += 1;
        self.kept.push(RangeSeries { labels: Arc::new(labels), series });
    }

    /// What to say of an answer that was cut; `None` where not one series came whole: that is no answer, and must not
    /// read as one that has none.
    pub(in crate::prometheus) fn cut(&self, limit_bytes: u64) -> Option<String> {
        let kept = self.kept.len();
        (kept > 0).then(|| {
            format!(
                "{kept} series read, and there were more (`maxResponseBytes` is {limit_bytes}): narrow the query, for example by namespace, or raise it"
            )
        })
    }

    pub(in crate::prometheus) fn tell(&self, notices: &mut Vec<String>) {
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

/// `[{"metric":{...},"values":[...]},...]`
pub(super) struct SeriesList<'a>(pub(super) &'a mut Tally);

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
            if seq.next_element_seed(OneSeries(tally))?.is_none() {
                return Ok(());
            }
        }
    }
}

/// A series, which is kept if there is room.
struct OneSeries<'a>(&'a mut Tally);

impl<'de> DeserializeSeed<'de> for OneSeries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneSeries<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a series")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let tally = self.0;
        let before = tally.kept.last().map(|one| Arc::clone(&one.labels)).unwrap_or_default();
        let mut labels = Labels::default();
        let mut series = None;
        let mut has_histograms = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "metric" => labels = map.next_value_seed(LabelsLike(&before))?,
                "values" => series = Some(map.next_value_seed(Samples { points_hint: tally.points_hint })?),
                "histograms" => {
                    map.next_value::<IgnoredAny>()?;
                    has_histograms = true;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        tally.offer(labels, series, has_histograms);
        Ok(())
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
