//! `suspects`: ranked rows and their sparklines.

use std::collections::BTreeMap;

use model::frames::{Column, Frame, Millis, SPARKLINE_POINTS, SPARKLINES, SuspectRow, Table as _, Values};
use model::labels::{Labels, Role};
use model::thresholds::Thresholds;

use super::{AnswerError, Asked, info, warnings};
use crate::scan::{Scan, Subject, Suspect, Window, scan, severity};

pub(super) async fn answer(asked: Asked<'_>) -> Result<Vec<Frame>, AnswerError> {
    let scan = scan_of(asked).await?;
    Ok(frames(asked, scan))
}

pub(super) async fn scan_of(asked: Asked<'_>) -> Result<Scan, AnswerError> {
    let subject = Subject::Scope(asked.query.scope.clone());
    let mut scan = scan(asked.client, asked.settings, &subject, asked.window).await?;
    let workload = &asked.query.scope.workload;
    scan.suspects.retain(|suspect| workload.is_any() || workload.admits(suspect.role(Role::Workload)));
    Ok(scan)
}

pub(super) fn frames(asked: Asked<'_>, scan: Scan) -> Vec<Frame> {
    let Scan { mut suspects, notices, queries } = scan;
    let total = suspects.len();
    suspects.truncate(asked.limit());
    let rows = suspects.iter().map(|suspect| row(suspect, &asked.settings.thresholds)).collect();
    let mut table = SuspectRow::to_frame(rows);
    table.executed_query = queries.join("\n");
    table.notices.extend(warnings(notices));
    if suspects.len() < total {
        let text =
            format!("the {} most suspicious of {total}: narrow by namespace to see others", suspects.len());
        table.notices.push(info(text));
    }
    if total == 0 {
        let text = "no memory metrics of any profile in this scope and time range: check the variables, the range and the health of the data source";
        table.notices.push(info(text.to_owned()));
    }
    vec![table, sparklines(&suspects, asked.window)]
}

fn row(suspect: &Suspect, thresholds: &Thresholds) -> SuspectRow {
    let assessment = &suspect.assessment;
    let rate = assessment.rate_bytes_per_hour;
    let last = suspect.last_sample();
    let role = |role| suspect.role(role).to_owned();
    let labels: Labels = suspect.labels.0.iter().filter(|(name, _)| *name != "__name__").collect();
    SuspectRow {
        id: suspect.id(),
        labels: serde_json::json!(labels).to_string(),
        namespace: role(Role::Namespace),
        pod: role(Role::Pod),
        container: role(Role::Container),
        workload: role(Role::Workload),
        instance: role(Role::Instance),
        job: role(Role::Job),
        metric: suspect.metric().to_owned(),
        score: assessment.score,
        verdict: assessment.verdict.as_str().to_owned(),
        shape: assessment.shape.to_owned(),
        severity: severity(suspect, thresholds).as_str().to_owned(),
        rate_bytes_per_hour: rate.map(|rate| rate.mid),
        rate_low_bytes_per_hour: rate.map(|rate| rate.low),
        rate_high_bytes_per_hour: rate.map(|rate| rate.high),
        current_bytes: last.map(|(_, bytes)| bytes),
        floor_bytes: assessment.floor_bytes,
        limit_bytes: suspect.context.limit_bytes,
        secs_to_limit: assessment.to_limit.map(|to| to.likely_secs),
        secs_to_limit_low: assessment.to_limit.map(|to| to.earliest_secs),
        secs_to_limit_high: assessment.to_limit.and_then(|to| to.latest_secs),
        onset: assessment.onset_secs.map(millis),
        restarts: suspect.context.restarts_secs.as_ref().map(|restarts| restarts.len() as f64),
        samples: assessment.samples as f64,
        span_secs: assessment.span_secs,
        last_sample: last.map(|(secs, _)| millis(secs)),
        reasons: serde_json::json!(assessment.reasons).to_string(),
    }
}

pub(super) fn millis(secs: f64) -> Millis {
    Millis((secs * 1000.0).round() as i64)
}

/// A few points of each suspect on one grid: the last sample before each point, null where there is none.
fn sparklines(suspects: &[Suspect], window: Window) -> Frame {
    let points = SPARKLINE_POINTS;
    let step_secs = window.length_secs() / points as f64;
    let times =
        (1..=points).map(|point| Some(millis(window.from_secs + step_secs * point as f64).0)).collect();
    let mut columns = vec![column("time", "", Values::Time(times))];
    for suspect in suspects {
        let mut cells = vec![None; points];
        for (time, value) in suspect.series.iter().filter(|(_, value)| value.is_finite()) {
            let point = ((time - window.from_secs) / step_secs).floor();
            if (0.0..points as f64).contains(&point) {
                cells[point as usize] = Some(value);
            }
        }
        columns.push(column(&suspect.id(), "bytes", Values::Number(cells)));
    }
    Frame { name: SPARKLINES.to_owned(), columns, ..Frame::default() }
}

fn column(name: &str, unit: &str, values: Values) -> Column {
    let nullable = matches!(values, Values::Number(_));
    Column { name: name.to_owned(), unit: unit.to_owned(), nullable, labels: BTreeMap::new(), values }
}
