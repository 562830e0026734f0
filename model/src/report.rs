//! What an assessment becomes: the rows that frames, command line and panel show.

use std::cmp::Ordering;

use crate::detect::{Assessment, Context, Interval, Point, Verdict};
use crate::format;
use crate::frames::{
    Frame, HistoryEvent, HistoryFloor, HistoryForecast, HistoryLine, HistorySample, HistoryTrend, Millis,
    SPARKLINE_POINTS, SuspectRow, Table as _,
};
use crate::series::Series;
use crate::thresholds::Thresholds;

/// Points of a forecast: enough for a smooth band.
const FORECAST_POINTS: usize = 24;
/// Scores closer than this are equal for a reader; then the time left decides.
const SCORE_STEP: f64 = 0.05;
const SECS_PER_HOUR: f64 = 3600.0;

/// By score, then by time to the limit, then by rate.
pub fn most_suspicious_first(a: &Assessment, b: &Assessment) -> Ordering {
    let score = |of: &Assessment| (of.score / SCORE_STEP).round();
    let left = |of: &Assessment| of.to_limit.map_or(f64::INFINITY, |to| to.likely_secs);
    let rate = |of: &Assessment| of.rate_bytes_per_hour.map_or(0.0, |rate| rate.mid);
    score(b)
        .total_cmp(&score(a))
        .then_with(|| left(a).total_cmp(&left(b)))
        .then_with(|| rate(b).total_cmp(&rate(a)))
}

/// Which thresholds are passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// None.
    None,
    /// One of the lower ones.
    Warning,
    /// One of the upper ones.
    Critical,
}

impl Severity {
    /// How bad a usage in bytes and what is concluded of it are: growth counts only where it is growth that does not
    /// end.
    pub fn of(assessment: &Assessment, usage_bytes: f64, thresholds: &Thresholds) -> Self {
        let growing = matches!(assessment.verdict, Verdict::Leak | Verdict::Suspect);
        let rate = assessment.rate_bytes_per_hour.filter(|_| growing).map_or(0.0, |rate| rate.mid);
        if rate >= thresholds.critical_growth_bytes_per_hour || usage_bytes >= thresholds.critical_usage_bytes
        {
            Self::Critical
        } else if rate >= thresholds.growth_bytes_per_hour || usage_bytes >= thresholds.usage_bytes {
            Self::Warning
        } else {
            Self::None
        }
    }

    /// Its name in frames: empty for none.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// The row of a suspect, as far as its samples tell; what its labels tell is left empty.
pub fn suspect_row(series: &Series, context: &Context, assessment: &Assessment) -> SuspectRow {
    let rate = assessment.rate_bytes_per_hour;
    let last = last_sample(series);
    let usage_bytes = last.map_or(0.0, |(_, bytes)| bytes);
    SuspectRow {
        score: assessment.score,
        verdict: assessment.verdict.as_str().to_owned(),
        shape: assessment.shape.to_owned(),
        severity: Severity::of(assessment, usage_bytes, &context.thresholds).as_str().to_owned(),
        rate_bytes_per_hour: rate.map(|rate| rate.mid),
        rate_low_bytes_per_hour: rate.map(|rate| rate.low),
        rate_high_bytes_per_hour: rate.map(|rate| rate.high),
        current_bytes: last.map(|(_, bytes)| bytes),
        floor_bytes: assessment.floor_bytes,
        limit_bytes: context.limit_bytes,
        secs_to_limit: assessment.to_limit.map(|to| to.likely_secs),
        secs_to_limit_low: assessment.to_limit.map(|to| to.earliest_secs),
        secs_to_limit_high: assessment.to_limit.and_then(|to| to.latest_secs),
        onset: assessment.onset_secs.map(millis),
        restarts: context.restarts_secs.as_ref().map(|restarts| restarts.len() as f64),
        samples: assessment.samples as f64,
        span_secs: assessment.span_secs,
        last_sample: last.map(|(secs, _)| millis(secs)),
        reasons: serde_json::json!(assessment.reasons).to_string(),
        ..SuspectRow::default()
    }
}

/// Time and value of the last finite sample.
pub fn last_sample(series: &Series) -> Option<(f64, f64)> {
    let finite = series.iter().filter(|(time, value)| time.is_finite() && value.is_finite());
    finite.max_by(|a, b| a.0.total_cmp(&b.0))
}

/// Milliseconds since the epoch from seconds.
pub fn millis(secs: f64) -> Millis {
    Millis((secs * 1000.0).round() as i64)
}

/// A few points on an even grid over a range: the last sample of each part, `None` where there is none.
pub fn sparkline(series: &Series, from_secs: f64, to_secs: f64) -> Vec<Option<f64>> {
    grid(series, from_secs, to_secs, SPARKLINE_POINTS, |_, newer| newer)
}

/// The peaks of a range: the highest sample of each of so many parts, `None` where there is none.
pub fn peaks(series: &Series, from_secs: f64, to_secs: f64, parts: usize) -> Vec<Option<f64>> {
    grid(series, from_secs, to_secs, parts, f64::max)
}

fn grid(
    series: &Series,
    from_secs: f64,
    to_secs: f64,
    parts: usize,
    pick: fn(f64, f64) -> f64,
) -> Vec<Option<f64>> {
    let step_secs = (to_secs - from_secs).max(1.0) / parts as f64;
    let mut cells: Vec<Option<f64>> = vec![None; parts];
    for (time, value) in series.iter().filter(|(_, value)| value.is_finite()) {
        let point = ((time - from_secs) / step_secs).floor();
        if (0.0..parts as f64).contains(&point) {
            let cell = &mut cells[point as usize];
            *cell = Some(cell.map_or(value, |before| pick(before, value)));
        }
    }
    cells
}

/// One suspect in full resolution.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HistoryRows {
    /// Samples as scraped, in order of time.
    pub samples: Vec<HistorySample>,
    /// Their floor.
    pub floor: Vec<HistoryFloor>,
    /// The fitted trend.
    pub trend: Vec<HistoryTrend>,
    /// The trend drawn on.
    pub forecast: Vec<HistoryForecast>,
    /// The limit, where it is known.
    pub lines: Vec<HistoryLine>,
    /// Restarts and onset, in order of time.
    pub events: Vec<HistoryEvent>,
}

impl HistoryRows {
    /// A frame of each kind of rows.
    pub fn into_frames(self) -> Vec<Frame> {
        vec![
            HistorySample::to_frame(self.samples),
            HistoryFloor::to_frame(self.floor),
            HistoryTrend::to_frame(self.trend),
            HistoryForecast::to_frame(self.forecast),
            HistoryLine::to_frame(self.lines),
            HistoryEvent::to_frame(self.events),
        ]
    }
}

/// The history of a suspect within a range that is so many seconds long.
pub fn history(series: &Series, context: &Context, assessment: &Assessment, range_secs: f64) -> HistoryRows {
    let floor = assessment
        .floor
        .iter()
        .map(|point| HistoryFloor { time: millis(point.time_secs), floor_bytes: point.bytes });
    let limit = context.limit_bytes.map(|limit| HistoryLine { line: "limit".to_owned(), level_bytes: limit });
    HistoryRows {
        samples: samples(series),
        floor: floor.collect(),
        trend: trend(assessment),
        forecast: forecast(assessment, range_secs),
        lines: limit.into_iter().collect(),
        events: events(assessment),
    }
}

/// In order of time; what is not finite is a null, so that gaps show.
fn samples(series: &Series) -> Vec<HistorySample> {
    let mut samples: Vec<_> = series.iter().filter(|(time, _)| time.is_finite()).collect();
    samples.sort_by(|a, b| a.0.total_cmp(&b.0));
    let row = |(time, value): (f64, f64)| HistorySample { time: millis(time), value_bytes: Some(value) };
    samples.into_iter().map(row).collect()
}

/// The trend, and around it how far the line may turn within the rate's interval, about its middle.
fn trend(assessment: &Assessment) -> Vec<HistoryTrend> {
    let (Some(rate), Some(first), Some(last)) =
        (assessment.rate_bytes_per_hour, assessment.trend.first(), assessment.trend.last())
    else {
        return Vec::new();
    };
    let middle_secs = f64::midpoint(first.time_secs, last.time_secs);
    let row = |point: &Point| {
        let (low_bytes, high_bytes) = band(point.bytes, (point.time_secs - middle_secs).abs(), rate);
        HistoryTrend { time: millis(point.time_secs), trend_bytes: point.bytes, low_bytes, high_bytes }
    };
    assessment.trend.iter().map(row).collect()
}

fn band(bytes: f64, away_secs: f64, rate: Interval) -> (f64, f64) {
    let hours = away_secs / SECS_PER_HOUR;
    (bytes - (rate.mid - rate.low).max(0.0) * hours, bytes + (rate.high - rate.mid).max(0.0) * hours)
}

/// From the floor now on to the limit, or as far again as the range.
fn forecast(assessment: &Assessment, range_secs: f64) -> Vec<HistoryForecast> {
    let (Some(rate), Some(floor), Some(now), Some(first)) = (
        assessment.rate_bytes_per_hour,
        assessment.floor_bytes,
        assessment.trend.last(),
        assessment.trend.first(),
    ) else {
        return Vec::new();
    };
    if rate.mid <= 0.0 {
        return Vec::new();
    }
    let length_secs = assessment.to_limit.map_or(range_secs, |to| to.likely_secs.min(range_secs));
    let turned_secs = (now.time_secs - first.time_secs) / 2.0;
    (0..=FORECAST_POINTS)
        .map(|step| {
            let ahead_secs = length_secs * step as f64 / FORECAST_POINTS as f64;
            let forecast_bytes = floor + rate.mid * ahead_secs / SECS_PER_HOUR;
            let (low_bytes, high_bytes) = band(forecast_bytes, turned_secs + ahead_secs, rate);
            HistoryForecast {
                time: millis(now.time_secs + ahead_secs),
                forecast_bytes,
                low_bytes,
                high_bytes,
            }
        })
        .collect()
}

fn events(assessment: &Assessment) -> Vec<HistoryEvent> {
    let event = |secs: f64, event: &str, text: String| HistoryEvent {
        time: millis(secs),
        event: event.to_owned(),
        text,
    };
    let restarts = assessment.restarts_secs.iter().map(|secs| event(*secs, "restart", "restart".to_owned()));
    let onset = assessment.onset_secs.map(|secs| {
        let rate = assessment.rate_bytes_per_hour.map_or(f64::NAN, |rate| rate.mid);
        event(secs, "onset", format!("growth of {} began", format::bytes_per_hour(rate)))
    });
    let mut events: Vec<_> = restarts.chain(onset).collect();
    events.sort_by_key(|event| event.time);
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_is_narrow_where_the_line_turns() {
        let rate = Interval { low: 8.0, mid: 10.0, high: 15.0 };
        assert_eq!(band(100.0, 0.0, rate), (100.0, 100.0));
        assert_eq!(band(100.0, 2.0 * SECS_PER_HOUR, rate), (96.0, 110.0));
    }

    #[test]
    fn a_part_without_a_sample_is_a_gap_and_a_peak_is_not_lost() {
        let series = Series::new(vec![0.0, 1.0, 5.0, 9.0], vec![3.0, 2.0, f64::NAN, 1.0]);
        assert_eq!(peaks(&series, 0.0, 10.0, 5), [Some(3.0), None, None, None, Some(1.0)]);
        let line = sparkline(&series, 0.0, 96.0);
        assert_eq!((line[0], line[1]), (Some(2.0), None));
    }

    #[test]
    fn times_are_rounded_to_milliseconds() {
        assert_eq!(millis(1.2345), Millis(1235));
    }
}
