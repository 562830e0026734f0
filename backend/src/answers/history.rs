//! `history`: one suspect in full resolution.

use model::detect::{Assessment, Interval, Point};
use model::format;
use model::frames::{
    Frame, HistoryEvent, HistoryFloor, HistoryForecast, HistoryLine, HistorySample, HistoryTrend, Table as _,
};
use model::labels::Labels;

use super::suspects::millis;
use super::{AnswerError, Asked, suspects, warnings};
use crate::scan::{Scan, ScanError, Subject, Suspect, Window, scan};

/// Points of a forecast: enough for a smooth band.
const FORECAST_POINTS: usize = 24;
const SECS_PER_HOUR: f64 = 3600.0;

pub(super) async fn answer(asked: Asked<'_>) -> Result<Vec<Frame>, AnswerError> {
    let id = &asked.query.suspect;
    let scan = if id.is_empty() {
        suspects::scan_of(asked).await?
    } else {
        let labels: Labels =
            serde_json::from_str(id).map_err(|_not_labels| ScanError::NoSuchSuspect { id: id.clone() })?;
        scan(asked.client, asked.settings, &Subject::One(labels), asked.window).await?
    };
    let Scan { suspects, notices, queries } = scan;
    let suspect = suspects.first().ok_or(AnswerError::NoHistory)?;
    let assessment = &suspect.assessment;

    let mut samples = HistorySample::to_frame(samples(suspect));
    samples.executed_query = queries.join("\n");
    samples.notices.extend(warnings(notices));
    let floor = assessment
        .floor
        .iter()
        .map(|point| HistoryFloor { time: millis(point.time_secs), floor_bytes: point.bytes });
    let lines =
        suspect.context.limit_bytes.map(|limit| HistoryLine { line: "limit".to_owned(), level_bytes: limit });
    Ok(vec![
        samples,
        HistoryFloor::to_frame(floor.collect()),
        HistoryTrend::to_frame(trend(assessment)),
        HistoryForecast::to_frame(forecast(assessment, asked.window)),
        HistoryLine::to_frame(lines.into_iter().collect()),
        HistoryEvent::to_frame(events(suspect)),
    ])
}

/// In order of time; what is not finite is a null, so that gaps show.
fn samples(suspect: &Suspect) -> Vec<HistorySample> {
    let mut samples: Vec<_> = suspect.series.iter().filter(|(time, _)| time.is_finite()).collect();
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
fn forecast(assessment: &Assessment, window: Window) -> Vec<HistoryForecast> {
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
    let reach = window.length_secs();
    let length_secs = assessment.to_limit.map_or(reach, |to| to.likely_secs.min(reach));
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

fn events(suspect: &Suspect) -> Vec<HistoryEvent> {
    let event = |secs: f64, event: &str, text: String| HistoryEvent {
        time: millis(secs),
        event: event.to_owned(),
        text,
    };
    let restarts =
        suspect.assessment.restarts_secs.iter().map(|secs| event(*secs, "restart", "restart".to_owned()));
    let onset = suspect.assessment.onset_secs.map(|secs| {
        let rate = suspect.assessment.rate_bytes_per_hour.map_or(f64::NAN, |rate| rate.mid);
        event(secs, "onset", format!("growth of {} began", format::bytes_per_hour(rate)))
    });
    let mut events: Vec<_> = restarts.chain(onset).collect();
    events.sort_by_key(|event| event.time);
    events
}

#[cfg(test)]
mod tests {
    use model::frames::Millis;

    use super::*;

    #[test]
    fn the_band_is_narrow_where_the_line_turns() {
        let rate = Interval { low: 8.0, mid: 10.0, high: 15.0 };
        assert_eq!(band(100.0, 0.0, rate), (100.0, 100.0));
        assert_eq!(band(100.0, 2.0 * SECS_PER_HOUR, rate), (96.0, 110.0));
    }

    #[test]
    fn times_are_rounded_to_milliseconds() {
        assert_eq!(millis(1.2345), Millis(1235));
    }
}
