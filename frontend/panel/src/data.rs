//! Frames, decoded once per answer.

use std::collections::BTreeMap;
use std::rc::Rc;

use model::evidence::Finding;
use model::frames::{
    AlertRow, Column, Frame, HistoryLink, NoticeSeverity, RunbookRow, SIBLINGS, SPARKLINES, SuspectRow,
    Table, Values, Wide,
};
use model::labels::Labels;
use model::report::HistoryRows;
use model::runbook::FilledPage;
use model::series::Series;
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

/// A time series of whatever data source, still to be judged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unjudged {
    /// The query it answers.
    pub ref_id: String,
    /// Its labels, its name among them as `__name__`.
    pub labels: Labels,
    /// Title and address of each of its field's links.
    pub links: Vec<(String, String)>,
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
    /// Whether the answer is one about pages, be there any or not.
    pub has_runbook: bool,
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
    /// Decodes what the host wrote. What cannot be read is a fault, the rest is kept.
    pub fn decode(frames: &Frames) -> Self {
        let mut data = Self::default();
        for json in &frames.json {
            match Frame::from_grafana(json, &frames.numbers) {
                Ok(frame) => data.take(&frame, &json["schema"]),
                Err(error) => data.faults.push(error.to_string()),
            }
        }
        data
    }

    fn take(&mut self, frame: &Frame, schema: &Value) {
        for notice in &frame.notices {
            let kind =
                if notice.severity == NoticeSeverity::Info { &mut self.notes } else { &mut self.faults };
            kind.push(notice.text.clone());
        }
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
            name => {
                let found = time_series(frame, schema);
                if found.is_empty() {
                    self.foreign.push(name.to_owned());
                }
                let mut units =
                    frame.columns.iter().filter(|column| matches!(column.values, Values::Number(_)));
                if let Some(odd) = units.find(|column| bytes_in(&column.unit).is_none()) {
                    let note = strings::read_as_bytes(&odd.unit);
                    if !self.notes.contains(&note) {
                        self.notes.push(note);
                    }
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
fn time_series(frame: &Frame, schema: &Value) -> Vec<Unjudged> {
    let Some(times) = times(frame) else { return Vec::new() };
    let ref_id = schema["refId"].as_str().unwrap_or_default();
    let series = |column: &Column| {
        let Values::Number(cells) = &column.values else { return None };
        let unit = bytes_in(&column.unit).unwrap_or(1.0);
        let samples = times.iter().zip(cells).filter_map(|(time, value)| Some(((*time)?, (*value)?)));
        let (times_secs, values) =
            samples.map(|(time_ms, value)| (time_ms as f64 / 1000.0, value * unit)).unzip();
        let mut labels = Labels(column.labels.clone());
        if labels.get("__name__").is_none() {
            let name =
                if frame.name.is_empty() || frame.columns.len() > 2 { &column.name } else { &frame.name };
            labels.0.insert("__name__".to_owned(), name.clone());
        }
        let links = links(schema, column);
        Some(Unjudged { ref_id: ref_id.to_owned(), labels, links, series: Series::new(times_secs, values) })
    };
    frame.columns.iter().filter_map(series).collect()
}

/// Bytes in one of a field's unit, by Grafana's unit ids; `None` where it is a unit of something else.
fn bytes_in(unit: &str) -> Option<f64> {
    let (base, prefix): (f64, _) = match unit.strip_prefix("dec") {
        Some(prefix) => (1000.0, prefix),
        None => (1024.0, unit),
    };
    Some(match prefix {
        "" | "none" | "short" | "bytes" => 1.0,
        "kbytes" => base,
        "mbytes" => base.powi(2),
        "gbytes" => base.powi(3),
        "tbytes" => base.powi(4),
        "bits" => 1.0 / 8.0,
        _ => return None,
    })
}

/// The links that the host resolved for a column's field.
fn links(schema: &Value, column: &Column) -> Vec<(String, String)> {
    let mut fields = schema["fields"].as_array().into_iter().flatten();
    let labels = |field: &Value| field["labels"].as_object().map_or(0, serde_json::Map::len);
    let is_it = |field: &&Value| {
        field["name"] == *column.name
            && labels(field) == column.labels.len()
            && column.labels.iter().all(|(name, value)| field["labels"][name] == **value)
    };
    let links = fields.find(is_it).and_then(|field| field["links"].as_array()).into_iter().flatten();
    let text = |link: &Value, key: &str| link[key].as_str().unwrap_or_default().to_owned();
    links.map(|link| (text(link, "title"), text(link, "href"))).collect()
}

fn times(frame: &Frame) -> Option<&[Option<i64>]> {
    frame.columns.iter().find_map(|column| match &column.values {
        Values::Time(times) => Some(times.as_slice()),
        _ => None,
    })
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
    pub fn decode(frames: Frames, errors: Vec<String>) -> Self {
        let mut history = Self { faults: errors, ..Self::default() };
        let Frames { json, mut numbers } = frames;
        for json in &json {
            let read = if json["schema"]["name"] == SIBLINGS {
                Wide::from_grafana(json, &mut numbers).map(|wide| history.siblings = siblings(wide))
            } else {
                Frame::from_grafana(json, &numbers).and_then(|frame| history.take(&frame))
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
