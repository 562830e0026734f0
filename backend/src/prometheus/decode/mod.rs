//! Answers into values: Prometheus' envelope, and samples straight into columns.

mod arriving;
mod envelope;
mod matrix;
mod plain;
mod point;
#[cfg(test)]
mod tests;

use std::marker::PhantomData;

use model::labels::Labels;
use serde::Deserialize;
use serde::de::{DeserializeSeed, IgnoredAny};
use serde_json::value::RawValue;

pub use self::arriving::Arriving;
use self::envelope::Envelope;
pub(super) use self::envelope::envelope;
pub use self::matrix::Limits;
use self::matrix::Matrix;
pub(super) use self::matrix::Tally;
use self::point::Point;
use super::PrometheusError;
use super::types::{Answer, InstantSample, RangeSeries};

/// The data of an answer that is small and has a type of its own.
pub(super) fn data<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<Answer<T>, PrometheusError> {
    open(body, PhantomData::<T>)
}

/// Columns of a range query. Of a body that was cut, the series that had come whole.
pub fn range(
    body: &[u8],
    cut_at_bytes: Option<u64>,
    limits: Limits,
) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
    range_into(Tally::new(limits), body, cut_at_bytes)
}

/// The same, after series that have been read already.
fn range_into(
    mut tally: Tally,
    body: &[u8],
    cut_at_bytes: Option<u64>,
) -> Result<Answer<Vec<RangeSeries>>, PrometheusError> {
    let mut notices = Vec::new();
    match (envelope(body, Matrix(&mut tally)), cut_at_bytes) {
        (Err(error), Some(limit_bytes)) if error.is_eof() => notices.push(
            tally.cut(limit_bytes).ok_or(PrometheusError::TooLarge { limit_bytes, announced_bytes: 0 })?,
        ),
        (envelope, _) => notices = opened(body, envelope)?.notices,
    }
    tally.tell(&mut notices);
    Ok(Answer { value: tally.kept, notices })
}

/// Samples of an instant query.
pub fn instant(body: &[u8], limits: Limits) -> Result<Answer<Vec<InstantSample>>, PrometheusError> {
    let Answer { value: typed, mut notices } = data::<Typed<'_>>(body)?;
    let samples = match typed.result_type.as_str() {
        "vector" => {
            let vector: Vec<VectorItem> =
                serde_json::from_str(typed.result.get()).map_err(|e| unreadable(body, &e))?;
            let mut tally = Tally::new(limits);
            tally.series_seen = vector.len();
            let numbers = vector.into_iter().filter_map(|item| {
                let point = item.value;
                tally.histograms += usize::from(point.is_none());
                point.map(|Point { time_secs, value }| InstantSample {
                    labels: item.metric,
                    time_secs,
                    value,
                })
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
    opened(body, envelope(body, seed))
}

fn opened<T>(
    body: &[u8],
    envelope: Result<Envelope<T>, serde_json::Error>,
) -> Result<Answer<T>, PrometheusError> {
    let envelope = envelope.map_err(|error| unreadable(body, &error))?;
    match (envelope.status.as_str(), envelope.data) {
        ("success", Some(data)) => Ok(Answer { value: data, notices: envelope.notices }),
        ("error", _) => Err(PrometheusError::Server {
            status: 200,
            message: format!("{} {}", envelope.error_type, envelope.error).trim().to_owned(),
        }),
        ("success", None) => Err(PrometheusError::Malformed { reason: "success without data".into() }),
        _ => Err(not_ours()),
    }
}

/// Tells apart what is no JSON at all, what ends too early and what has another shape.
fn unreadable(body: &[u8], error: &serde_json::Error) -> PrometheusError {
    let start = body.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    match start {
        None => PrometheusError::NotPrometheus { got: "an empty answer".into() },
        Some(b'<') => PrometheusError::NotPrometheus { got: "an HTML page".into() },
        Some(b'{') if is_not_ours(body) => not_ours(),
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

/// Whether it is JSON, but of some other API.
fn is_not_ours(body: &[u8]) -> bool {
    let envelope = envelope(body, PhantomData::<IgnoredAny>);
    envelope.is_ok_and(|envelope| !matches!(envelope.status.as_str(), "success" | "error"))
}

fn not_ours() -> PrometheusError {
    PrometheusError::NotPrometheus { got: "JSON without Prometheus' `status`".into() }
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
