//! `overview`: suspects, alerts and runbook in one round trip.

use model::frames::{AlertRow, Frame, SuspectRow, Table as _};

use super::{AnswerError, Asked, alerts, runbook, suspects, warnings};

/// Each part may fail alone and then says so in its own frame's notices; only when neither memory nor alerts
/// can be read is there no answer but the error.
pub(super) async fn answer(asked: Asked<'_>) -> Result<Vec<Frame>, AnswerError> {
    let (scan, alerts) = tokio::join!(suspects::scan_of(asked), alerts::relevant(asked));
    let (scan, alerts) = match (scan, alerts) {
        (Err(error), Err(_)) => return Err(error),
        (scan, alerts) => (scan, alerts),
    };
    let (scan, memory_failure) = split(scan);
    let (alerts, alerts_failure) = split(alerts);
    let page = runbook::frame(asked, &alerts.alerts, memory_failure.is_none().then_some(&*scan)).await;

    let mut frames = if let Some(failure) = memory_failure {
        let mut empty = SuspectRow::to_frame(Vec::new());
        empty.notices.extend(warnings(vec![format!("{}: {failure}", runbook::UNREAD)]));
        vec![empty]
    } else {
        suspects::frames(asked, &scan)
    };
    frames.push(if let Some(failure) = alerts_failure {
        let mut empty = AlertRow::to_frame(Vec::new());
        empty.notices.extend(warnings(vec![format!("alerts could not be read: {failure}")]));
        empty
    } else {
        alerts::frame(asked, alerts)
    });
    frames.push(page);
    Ok(frames)
}

fn split<T: Default>(part: Result<T, AnswerError>) -> (T, Option<AnswerError>) {
    match part {
        Ok(part) => (part, None),
        Err(error) => (T::default(), Some(error)),
    }
}
