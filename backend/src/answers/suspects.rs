//! `suspects`: ranked rows and their sparklines.

use std::sync::Arc;

use model::frames::{Column, Frame, SPARKLINE_POINTS, SPARKLINES, SuspectRow, Table as _, Values};
use model::labels::Role;
use model::report;

use super::{AnswerError, Asked, info, warnings};
use crate::scan::{Scan, Subject, Suspect, Window, scan};

pub(super) async fn answer(asked: Asked<'_>) -> Result<Vec<Frame>, AnswerError> {
    let scan = scan_of(asked).await?;
    Ok(frames(asked, &scan))
}

pub(super) async fn scan_of(asked: Asked<'_>) -> Result<Arc<Scan>, AnswerError> {
    let subject = Subject::Scope(asked.query.scope.clone());
    Ok(scan(asked.server(), asked.windows, &subject, asked.window).await?)
}

pub(super) fn frames(asked: Asked<'_>, scan: &Scan) -> Vec<Frame> {
    let Scan { suspects, notices, queries, .. } = scan;
    let total = suspects.len();
    let suspects = &suspects[..total.min(asked.limit())];
    let rows = suspects.iter().map(row).collect();
    let mut table = SuspectRow::to_frame(rows);
    table.executed_query = queries.join("\n");
    table.notices.extend(warnings(notices.clone()));
    if suspects.len() < total {
        let text =
            format!("the {} most suspicious of {total}: narrow by namespace to see others", suspects.len());
        table.notices.push(info(text));
    }
    if total == 0 {
        let text = "no memory metrics of any profile in this scope and time range: check the variables, the range and the health of the data source";
        table.notices.push(info(text.to_owned()));
    }
    vec![table, sparklines(suspects, asked.window)]
}

fn row(suspect: &Suspect) -> SuspectRow {
    let role = |role| suspect.role(role).to_owned();
    let labels = suspect.labels.filtered(|name| name != "__name__");
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
        stands_for: serde_json::json!(suspect.stands_for).to_string(),
        ..report::suspect_row(&suspect.series, &suspect.context, &suspect.assessment)
    }
}

/// A few points of each suspect on one grid.
fn sparklines(suspects: &[Suspect], window: Window) -> Frame {
    let step_secs = window.length_secs() / SPARKLINE_POINTS as f64;
    let times = (1..=SPARKLINE_POINTS)
        .map(|point| Some(report::millis(window.from_secs + step_secs * point as f64).0))
        .collect();
    let mut columns = vec![Column::new("time", "", Values::Time(times))];
    for suspect in suspects {
        let cells = report::sparkline(&suspect.series, window.from_secs, window.to_secs);
        columns.push(Column::new(&suspect.id(), "bytes", Values::Number(cells)));
    }
    Frame { name: SPARKLINES.to_owned(), columns, ..Frame::default() }
}
