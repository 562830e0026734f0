//! Answers into values: Prometheus' envelope, and samples straight into columns.

use std::fmt;
use std::marker::PhantomData;

use model::labels::Labels;
use model::series::Series;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::PrometheusError;
use super::types::{Answer, InstantSample, RangeSeries};

/// What is read of an answer at most. The rest is counted and named in a notice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) max_series: usize,
    pub(super) max_samples: usize,
}

/// `{"status":"success","data":...,"warnings":[...]}`, or an error of the server.
#[derive(Debug)]
pub(super) struct Envelope<T> {
    pub(super) status: String,
    pub(super) data: Option<T>,
    pub(super) error_type: String,
    pub(super) error: String,
    pub(super) notices: Vec<String>,
}

/// The data of an answer that is small and has a type of its own.
pub(super) fn data<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<Answer<T>, PrometheusError> {
    open(body, PhantomData::<T>)
}

/// Columns of a range query.
pub(super) fn range(body: &[u8], limits: Limits) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
    let mut tally = Tally::new(limits);
    let mut answer = open(body, Matrix(&mut tally))?;
    tally.tell(&mut answer.notices);
    Ok(answer)
}

/// Samples of an instant query.
pub(super) fn instant(body: &[u8], limits: Limits) -> Result<Answer<Vec<InstantSample>>, PrometheusError> {
    let Answer { value: typed, mut notices } = data::<Typed<'_>>(body)?;
    let samples = match typed.result_type.as_str() {
        "vector" => {
            let vector: Vec<VectorItem> =
                serde_json::from_str(typed.result.get()).map_err(|e| unreadable(body, &e))?;
            let mut tally = Tally::new(limits);
            tally.series_seen = vector.len();
            let numbers = vector.into_iter().filter_map(|item| match item.value {
                Some(point) => Some(InstantSample {
                    labels: item.metric,
                    time_secs: point.time_secs,
                    value: point.value,
                }),
                None => {
                    tally.histograms += 1;
                    None
                }
            });
            let mut samples: Vec<_> = numbers.collect();
            samples.truncate(limits.max_series);
            tally.series_kept = samples.len();
            tally.tell(&mut notices);
            samples
        }
        "scalar" => {
            let point: Point = serde_json::from_str(typed.result.get()).map_err(|e| unreadable(body, &e))?;
            vec![InstantSample { labels: Labels::default(), time_secs: point.time_secs, value: point.value }]
        }
        other => {
            return Err(PrometheusError::Malformed {
                reason: format!("result type {other:?} where a vector belongs"),
            });
        }
    };
    Ok(Answer { value: samples, notices })
}

/// Opens the envelope of an answer with a good HTTP status.
fn open<'de, S: DeserializeSeed<'de>>(body: &'de [u8], seed: S) -> Result<Answer<S::Value>, PrometheusError> {
    let envelope = envelope(body, seed).map_err(|error| unreadable(body, &error))?;
    match (envelope.status.as_str(), envelope.data) {
        ("success", Some(data)) => Ok(Answer { value: data, notices: envelope.notices }),
        ("error", _) => Err(PrometheusError::Server {
            status: 200,
            message: format!("{} {}", envelope.error_type, envelope.error).trim().to_owned(),
        }),
        ("success", None) => Err(PrometheusError::Malformed { reason: "success without data".into() }),
        _ => Err(PrometheusError::NotPrometheus { got: "JSON without Prometheus' `status`".into() }),
    }
}

/// Reads any envelope.
pub(super) fn envelope<'de, S: DeserializeSeed<'de>>(
    body: &'de [u8],
    seed: S,
) -> Result<Envelope<S::Value>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let envelope = deserializer.deserialize_map(EnvelopeVisitor(seed))?;
    deserializer.end()?;
    Ok(envelope)
}

/// Tells apart what is no JSON at all, what ends too early and what has another shape.
fn unreadable(body: &[u8], error: &serde_json::Error) -> PrometheusError {
    let start = body.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    match start {
        None => PrometheusError::NotPrometheus { got: "an empty answer".into() },
        Some(b'<') => PrometheusError::NotPrometheus { got: "an HTML page".into() },
        Some(b'{') if error.is_eof() => PrometheusError::CutOff { read_bytes: body.len() as u64 },
        // serde_json quotes a wrong string in its message, which may be anything: the place is enough.
        Some(b'{') => PrometheusError::Malformed {
            reason: format!(
                "{:?} error at line {} column {}",
                error.classify(),
                error.line(),
                error.column()
            )
            .to_lowercase(),
        },
        Some(_) => PrometheusError::NotPrometheus { got: "neither JSON nor HTML".into() },
    }
}

struct EnvelopeVisitor<S>(S);

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for EnvelopeVisitor<S> {
    type Value = Envelope<S::Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Prometheus' envelope")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut seed = Some(self.0);
        let mut envelope = Envelope {
            status: String::new(),
            data: None,
            error_type: String::new(),
            error: String::new(),
            notices: Vec::new(),
        };
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "status" => envelope.status = map.next_value()?,
                "data" => {
                    let seed = seed.take().ok_or_else(|| de::Error::duplicate_field("data"))?;
                    envelope.data = map.next_value_seed(Nullable(seed))?;
                }
                "errorType" => envelope.error_type = map.next_value()?,
                "error" => envelope.error = map.next_value()?,
                "warnings" | "infos" => {
                    envelope.notices.extend(map.next_value::<Option<Vec<String>>>()?.unwrap_or_default())
                }
                // VictoriaMetrics clusters
                "isPartial" => {
                    if map.next_value::<bool>()? {
                        envelope
                            .notices
                            .push("the server answered in part: some of its storage did not reply".into());
                    }
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(envelope)
    }
}

/// `null` where data belongs is no data.
struct Nullable<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Nullable<S> {
    type Value = Option<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for Nullable<S> {
    type Value = Option<S::Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("data")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.deserialize(deserializer).map(Some)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Typed<'a> {
    result_type: String,
    #[serde(borrow)]
    result: &'a RawValue,
}

#[derive(Deserialize)]
struct VectorItem {
    #[serde(default)]
    metric: Labels,
    value: Option<Point>,
}

/// What was kept of an answer and what was not.
struct Tally {
    limits: Limits,
    series_seen: usize,
    series_kept: usize,
    samples_kept: usize,
    histograms: usize,
    points_hint: usize,
}

impl Tally {
    fn new(limits: Limits) -> Self {
        Self { limits, series_seen: 0, series_kept: 0, samples_kept: 0, histograms: 0, points_hint: 0 }
    }

    fn is_full(&self) -> bool {
        self.series_kept >= self.limits.max_series || self.samples_kept >= self.limits.max_samples
    }

    fn tell(&self, notices: &mut Vec<String>) {
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
                "{kept} of {seen} series read ({limit}): narrow the query, for example by namespace"
            ));
        }
    }
}

/// `{"resultType":"matrix","result":[...]}`
struct Matrix<'a>(&'a mut Tally);

impl<'de> DeserializeSeed<'de> for Matrix<'_> {
    type Value = Vec<RangeSeries>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Matrix<'_> {
    type Value = Vec<RangeSeries>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a matrix")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut series = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "resultType" => {
                    if map.next_value::<String>()? != "matrix" {
                        return Err(de::Error::custom("not a matrix"));
                    }
                }
                "result" => series = Some(map.next_value_seed(SeriesList(self.0))?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        series.ok_or_else(|| de::Error::missing_field("result"))
    }
}

struct SeriesList<'a>(&'a mut Tally);

impl<'de> DeserializeSeed<'de> for SeriesList<'_> {
    type Value = Vec<RangeSeries>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for SeriesList<'_> {
    type Value = Vec<RangeSeries>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("series")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let tally = self.0;
        let mut list = Vec::new();
        loop {
            if tally.is_full() {
                if seq.next_element::<IgnoredAny>()?.is_none() {
                    return Ok(list);
                }
                tally.series_seen += 1;
                continue;
            }
            match seq.next_element_seed(OneSeries(tally))? {
                None => return Ok(list),
                Some(kept) => list.extend(kept),
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
        tally.series_seen += 1;
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
            return Ok((!has_histograms).then(|| RangeSeries { labels, series: Series::default() }));
        };
        tally.points_hint = series.len();
        // Never half a series: what would go over the limit is left out whole.
        if tally.samples_kept + series.len() > tally.limits.max_samples {
            tally.samples_kept = tally.limits.max_samples;
            return Ok(None);
        }
        tally.samples_kept += series.len();
        tally.series_kept += 1;
        Ok(Some(RangeSeries { labels, series }))
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

/// `[time, "value"]`
#[derive(Debug, Deserialize)]
#[serde(from = "(f64, Number)")]
struct Point {
    time_secs: f64,
    value: f64,
}

impl From<(f64, Number)> for Point {
    fn from((time_secs, Number(value)): (f64, Number)) -> Self {
        Self { time_secs, value }
    }
}

/// A number in a string, as Prometheus writes it: `NaN`, `+Inf` and `-Inf` are numbers.
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl Visitor<'_> for NumberVisitor {
            type Value = Number;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number in a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                text.parse().map(Number).map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(NumberVisitor)
    }
}
