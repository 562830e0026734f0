//! `history`: one suspect in full resolution.

use model::frames::{
    Frame, HistoryEvent, HistoryFloor, HistoryForecast, HistoryLine, HistoryLink, HistorySample,
    HistoryTrend, Table as _,
};
use model::labels::Labels;
use model::report;

use super::{AnswerError, Asked, suspects, warnings};
use crate::links;
use crate::scan::{Scan, ScanError, Subject, scan};

pub(super) async fn answer(asked: Asked<'_>) -> Result<Vec<Frame>, AnswerError> {
    let id = &asked.query.suspect;
    let scan = if id.is_empty() {
        suspects::scan_of(asked).await?
    } else {
        let labels: Labels =
            serde_json::from_str(id).map_err(|_not_labels| ScanError::NoSuchSuspect { id: id.clone() })?;
        scan(asked.server(), asked.windows, &Subject::These(vec![labels]), asked.window).await?
    };
    let Scan { suspects, notices, queries } = &*scan;
    let suspect = suspects.first().ok_or(AnswerError::NoHistory)?;
    let range_secs = asked.window.length_secs();
    let history = report::history(&suspect.series, &suspect.context, &suspect.assessment, range_secs);

    let mut samples = HistorySample::to_frame(history.samples);
    samples.executed_query = queries.join("\n");
    samples.notices.extend(warnings(notices.clone()));
    Ok(vec![
        samples,
        HistoryFloor::to_frame(history.floor),
        HistoryTrend::to_frame(history.trend),
        HistoryForecast::to_frame(history.forecast),
        HistoryLine::to_frame(history.lines),
        HistoryEvent::to_frame(history.events),
        HistoryLink::to_frame(links::of_suspect(suspect, asked.settings, asked.uid, asked.window)),
    ])
}
