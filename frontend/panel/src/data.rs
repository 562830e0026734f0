//! Frames, decoded once per answer.

use std::collections::BTreeMap;
use std::rc::Rc;

use model::evidence::Finding;
use model::frames::{
    AlertRow, Column, Frame, HistoryLink, NoticeSeverity, RunbookRow, SPARKLINES, SuspectRow, Table, Values,
};
use model::labels::Labels;
use model::report::HistoryRows;
use model::runbook::FilledPage;
use model::series::Series;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::strings;

/// A runbook page and the alert-or-general role it plays.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Whether it is a page of an alert at hand rather than a section that serves every alert.
    pub for_alert: bool,
    /// The page.
    pub page: FilledPage,
}

/// A time series of whatever data source, still to be judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Unjudged {
    /// Its labels, its name among them as `__name__`.
    pub labels: Labels,
    /// Its samples, in bytes.
    pub series: Series,
}

/// What the frames say. A part that was not among them is `None`, which is not the same as an empty one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Most suspicious first.
    pub suspects: Option<Vec<SuspectRow>>,
    /// Bytes per suspect, at evenly spaced times.
    pub sparklines: BTreeMap<String, Vec<Option<f64>>>,
    /// Worst first.
    pub alerts: Option<Vec<AlertRow>>,
    /// Pages of the alerts, then general sections.
    pub pages: Vec<Page>,
    /// For information.
    pub notes: Vec<String>,
    /// What is missing or failed inside the answer.
    pub faults: Vec<String>,
    /// Time series that come without a verdict.
    pub unjudged: Rc<Vec<Unjudged>>,
    /// Names of frames the panel does not know.
    pub foreign: Vec<String>,
}

impl Data {
    /// Decodes what `dataFrameToJSON` wrote. What cannot be read is a fault, the rest is kept.
    pub fn decode(frames: &[Value]) -> Self {
        let mut data = Self::default();
        for json in frames {
            match Frame::from_grafana(json) {
                Ok(frame) => data.take(&frame),
                Err(error) => data.faults.push(error.to_string()),
            }
        }
        data
    }

    fn take(&mut self, frame: &Frame) {
        for notice in &frame.notices {
            let kind =
                if notice.severity == NoticeSeverity::Info { &mut self.notes } else { &mut self.faults };
            kind.push(notice.text.clone());
        }
        match frame.name.as_str() {
            SuspectRow::NAME => self.suspects = self.rows(frame),
            AlertRow::NAME => self.alerts = self.rows(frame),
            RunbookRow::NAME => {
                for row in self.rows::<RunbookRow>(frame).unwrap_or_default() {
                    match parse(&row.page) {
                        Ok(page) => self.pages.push(Page { for_alert: row.role == "alert", page }),
                        Err(error) => self.faults.push(strings::page_unreadable(&row.title, &error)),
                    }
                }
            }
            SPARKLINES => {
                for column in &frame.columns {
                    if let Values::Number(cells) = &column.values {
                        self.sparklines.insert(column.name.clone(), cells.clone());
                    }
                }
            }
            name => {
                let found = time_series(frame);
                if found.is_empty() {
                    self.foreign.push(name.to_owned());
                }
                Rc::make_mut(&mut self.unjudged).extend(found);
            }
        }
    }

    fn rows<T: Table>(&mut self, frame: &Frame) -> Option<Vec<T>> {
        T::from_frame(frame).map_err(|error| self.faults.push(error.to_string())).ok()
    }

    /// Answers to the steps of the alerts' pages, each once, in the order of the steps.
    pub fn findings(&self) -> Vec<&Finding> {
        let mut findings: Vec<&Finding> = Vec::new();
        let steps = self.pages.iter().filter(|page| page.for_alert).flat_map(|page| &page.page.groups);
        for finding in steps.flat_map(|group| &group.steps).flat_map(|step| &step.findings) {
            if !findings.iter().any(|seen| seen.kind == finding.kind && seen.sentence == finding.sentence) {
                findings.push(finding);
            }
        }
        findings
    }
}

/// The series of a frame with a time column: each column of numbers is one. Grafana 9.4 and later versions differ in
/// whether each series has a frame of its own, and in whether the metric is a label or the column's name.
fn time_series(frame: &Frame) -> Vec<Unjudged> {
    let times = frame.columns.iter().find_map(|column| match &column.values {
        Values::Time(times) => Some(times),
        _ => None,
    });
    let Some(times) = times else { return Vec::new() };
    let series = |column: &Column| {
        let Values::Number(cells) = &column.values else { return None };
        let samples = times.iter().zip(cells).filter_map(|(time, value)| Some(((*time)?, (*value)?)));
        let (times_secs, values) = samples.map(|(time_ms, value)| (time_ms as f64 / 1000.0, value)).unzip();
        let mut labels = Labels(column.labels.clone());
        if labels.get("__name__").is_none() {
            let name =
                if frame.name.is_empty() || frame.columns.len() > 2 { &column.name } else { &frame.name };
            labels.0.insert("__name__".to_owned(), name.clone());
        }
        Some(Unjudged { labels, series: Series::new(times_secs, values) })
    };
    frame.columns.iter().filter_map(series).collect()
}

/// Reads JSON by way of a tree: the frames are read from trees, and one way to read is half the code of two.
pub fn parse<T: DeserializeOwned>(json: &str) -> Result<T, serde_json::Error> {
    T::deserialize(&serde_json::from_str::<Value>(json)?)
}

/// The frames that answer `history`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Samples, floor, trend and the rest.
    pub rows: HistoryRows,
    /// Where to look further.
    pub links: Vec<HistoryLink>,
    /// What is missing or failed.
    pub faults: Vec<String>,
}

impl History {
    /// Decodes what `dataFrameToJSON` wrote. What cannot be read is a fault, the rest is kept.
    pub fn decode(frames: &[Value], errors: Vec<String>) -> Self {
        let mut history = Self { faults: errors, ..Self::default() };
        for json in frames {
            if let Err(error) = Frame::from_grafana(json).and_then(|frame| history.take(&frame)) {
                history.faults.push(error.to_string());
            }
        }
        history
    }

    fn take(&mut self, frame: &Frame) -> Result<(), model::frames::FrameError> {
        use model::frames::{
            HistoryEvent, HistoryFloor, HistoryForecast, HistoryLine, HistorySample, HistoryTrend,
        };
        let notices = frame.notices.iter().filter(|notice| notice.severity != NoticeSeverity::Info);
        self.faults.extend(notices.map(|notice| notice.text.clone()));
        match frame.name.as_str() {
            HistorySample::NAME => self.rows.samples = Table::from_frame(frame)?,
            HistoryFloor::NAME => self.rows.floor = Table::from_frame(frame)?,
            HistoryTrend::NAME => self.rows.trend = Table::from_frame(frame)?,
            HistoryForecast::NAME => self.rows.forecast = Table::from_frame(frame)?,
            HistoryLine::NAME => self.rows.lines = Table::from_frame(frame)?,
            HistoryEvent::NAME => self.rows.events = Table::from_frame(frame)?,
            HistoryLink::NAME => self.links = Table::from_frame(frame)?,
            _ => {}
        }
        Ok(())
    }

    /// The level of that line, bytes.
    pub fn line(&self, name: &str) -> Option<f64> {
        self.rows.lines.iter().find(|line| line.line == name).map(|line| line.level_bytes)
    }
}
