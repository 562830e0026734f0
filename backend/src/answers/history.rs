//! `history`: one suspect in full resolution.

use std::sync::Arc;

use model::frames::{Column, Frame, HistoryEvent, HistoryLine, HistoryLink, SIBLINGS, Table as _, Values};
use model::labels::{Labels, Role};
use model::report::{self, HistoryRows};

use super::{AnswerError, Asked, suspects, warnings};
use crate::evidence::{Surroundings, surroundings};
use crate::links;
use crate::scan::{Scan, ScanError, Subject, Suspect, Window, scan};

/// Points of a sibling's curve: as fine as a chart of usual width shows.
const SIBLING_POINTS: usize = 240;

pub(super) async fn answer(asked: Asked<'_>) -> Result<Vec<Frame>, AnswerError> {
    let id = &asked.query.suspect;
    let scan = if id.is_empty() {
        suspects::scan_of(asked).await?
    } else {
        let labels: Labels =
            serde_json::from_str(id).map_err(|_not_labels| ScanError::NoSuchSuspect { id: id.clone() })?;
        scan(asked.server(), asked.windows, &Subject::These(vec![Arc::new(labels)]), asked.window).await?
    };
    let Scan { suspects, notices, queries, .. } = &*scan;
    let suspect = suspects.first().ok_or(AnswerError::NoHistory)?;
    let range_secs = asked.window.length_secs();
    let mut history = report::history(&suspect.series, &suspect.context, &suspect.assessment, range_secs);
    let around = surroundings(asked.client, asked.settings, suspect, asked.window).await;
    add(&mut history, &around);

    let mut frames = history.into_frames();
    if let Some(samples) = frames.first_mut() {
        samples.executed_query = queries.join("\n");
        samples.notices.extend(warnings(notices.clone()));
    }
    frames.push(HistoryLink::to_frame(links::of_suspect(suspect, asked.settings, asked.uid, asked.window)));
    frames.push(siblings(&around.siblings, asked.window));
    Ok(frames)
}

/// Request, kills and deploys among lines and events.
fn add(history: &mut HistoryRows, around: &Surroundings) {
    let request =
        around.request_bytes.map(|bytes| HistoryLine { line: "request".to_owned(), level_bytes: bytes });
    history.lines.extend(request);
    let kills: Vec<_> = around.kills_secs.iter().copied().map(report::millis).collect();
    for event in history.events.iter_mut().filter(|event| event.event == "restart") {
        if kills.contains(&event.time) {
            "oom_kill".clone_into(&mut event.event);
            "killed at the memory limit".clone_into(&mut event.text);
        }
    }
    history.events.extend(around.deploys.iter().map(|(secs, version)| HistoryEvent {
        time: report::millis(*secs),
        event: "deploy".to_owned(),
        text: format!("{version} deployed"),
    }));
    history.events.sort_by_key(|event| event.time);
}

/// The peaks of other pods on one grid.
fn siblings(pods: &[Suspect], window: Window) -> Frame {
    let step_secs = window.length_secs() / SIBLING_POINTS as f64;
    let middle = |part: usize| report::millis(window.from_secs + step_secs * (part as f64 + 0.5)).0;
    let times = (0..SIBLING_POINTS).map(|part| Some(middle(part))).collect();
    let mut columns = vec![Column::new("time", "", Values::Time(times))];
    for pod in pods {
        let cells = report::peaks(&pod.series, window.from_secs, window.to_secs, SIBLING_POINTS);
        columns.push(Column::new(pod.role(Role::Pod), "bytes", Values::Number(cells)));
    }
    Frame { name: SIBLINGS.to_owned(), columns, ..Frame::default() }
}
