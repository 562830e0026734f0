//! Frames, decoded once per answer.

use std::collections::BTreeMap;
use std::rc::Rc;

use model::evidence::Finding;
use model::frames::{
    AlertRow, Frame, HistoryLink, Notice, NoticeSeverity, RunbookRow, SHOWN, SIBLINGS, SPARKLINES,
    SuspectRow, Table, Values, Wide, bytes_in,
};
use model::report::HistoryRows;
use model::runbook::FilledPage;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::boundary::Frames;
use crate::strings;

/// A runbook page and the alert-or-general role it plays.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Whether it is a page of an alert at hand rather than a section that serves every alert.
    pub for_alert: bool,
    /// The page.
    pub page: FilledPage,
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
    /// Whether the answer is one about pages, be there any or not.
    pub has_runbook: bool,
    /// For information.
    pub notes: Vec<String>,
    /// What is missing or failed inside the answer.
    pub faults: Vec<String>,
    /// How many time series come without a verdict.
    pub unjudged: usize,
    /// Names of frames the panel does not know.
    pub foreign: Vec<String>,
}

impl Data {
    /// Decodes what the host wrote. What cannot be read is a fault, the rest is kept.
    pub fn decode(frames: &Frames) -> Self {
        let mut data = Self::default();
        for json in &frames.json {
            let schema = &json["schema"];
            if !SHOWN.contains(&schema["name"].as_str().unwrap_or_default()) {
                data.take_foreign(schema);
                continue;
            }
            match Frame::from_grafana(json, &mut |place| frames.cells(place)) {
                Ok(frame) => data.take(&frame),
                Err(error) => data.faults.push(error.to_string()),
            }
        }
        data
    }

    fn take(&mut self, frame: &Frame) {
        self.heed(&frame.notices);
        match frame.name.as_str() {
            SuspectRow::NAME => self.suspects = self.rows(frame),
            AlertRow::NAME => self.alerts = self.rows(frame),
            RunbookRow::NAME => {
                self.has_runbook = true;
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
            _ => {}
        }
    }

    fn heed(&mut self, notices: &[Notice]) {
        for notice in notices {
            let kind =
                if notice.severity == NoticeSeverity::Info { &mut self.notes } else { &mut self.faults };
            kind.push(notice.text.clone());
        }
    }

    /// A frame that is none of ours: its numbers over time are to be judged, which needs none of its cells here.
    fn take_foreign(&mut self, schema: &Value) {
        self.heed(&Notice::of(schema));
        let fields = schema["fields"].as_array().map_or(&[][..], Vec::as_slice);
        let numbers = || fields.iter().filter(|field| field["type"] == "number");
        let series = if fields.iter().any(|field| field["type"] == "time") { numbers().count() } else { 0 };
        if series == 0 {
            self.foreign.push(schema["name"].as_str().unwrap_or_default().to_owned());
        }
        self.unjudged += series;
        let mut units = numbers().map(|field| field["config"]["unit"].as_str().unwrap_or_default());
        if let Some(odd) = units.find(|unit| bytes_in(unit).is_none()) {
            let note = strings::read_as_bytes(odd);
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    /// What is said here, then what was judged of its series.
    #[must_use]
    pub fn with_judged(&self, judged: Self) -> Self {
        let mut all = self.clone();
        all.suspects.get_or_insert_default().extend(judged.suspects.unwrap_or_default());
        all.sparklines.extend(judged.sparklines);
        all.faults.extend(judged.faults);
        all
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

/// Reads JSON by way of a tree: the frames are read from trees, and one way to read is half the code of two.
pub fn parse<T: DeserializeOwned>(json: &str) -> Result<T, serde_json::Error> {
    T::deserialize(&serde_json::from_str::<Value>(json)?)
}

/// Another pod of the workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Sibling {
    /// Its name.
    pub pod: String,
    /// When it was sampled, in order, milliseconds since the epoch.
    pub times_ms: Rc<[f64]>,
    /// Its bytes at these times; NaN where there is no sample.
    pub bytes: Vec<f64>,
}

fn siblings(wide: Wide) -> Vec<Sibling> {
    let times_ms: Rc<[f64]> = wide.times_ms.into();
    let sibling = |(pod, bytes)| Sibling { pod, times_ms: times_ms.clone(), bytes };
    wide.columns.into_iter().map(sibling).collect()
}

/// The frames that answer `history`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Samples, floor, trend and the rest.
    pub rows: HistoryRows,
    /// Other pods of the workload.
    pub siblings: Vec<Sibling>,
    /// Where to look further.
    pub links: Vec<HistoryLink>,
    /// What is missing or failed.
    pub faults: Vec<String>,
}

impl History {
    /// Decodes what the host wrote. What cannot be read is a fault, the rest is kept.
    pub fn decode(frames: &Frames, errors: Vec<String>) -> Self {
        let mut history = Self { faults: errors, ..Self::default() };
        let mut cells = |place| frames.cells(place);
        for json in &frames.json {
            let read = if json["schema"]["name"] == SIBLINGS {
                Wide::from_grafana(json, &mut cells).map(|wide| history.siblings.extend(siblings(wide)))
            } else {
                Frame::from_grafana(json, &mut cells).and_then(|frame| history.take(&frame))
            };
            if let Err(error) = read {
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
