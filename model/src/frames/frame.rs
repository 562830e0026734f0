//! A frame, free of any transport, and Grafana's JSON form of it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::cell::Kind;

/// A column's cells. A null is `None`; NaN and infinities are never stored, they are nulls.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Text.
    Text(Vec<Option<String>>),
    /// Numbers.
    Number(Vec<Option<f64>>),
    /// Times, milliseconds since the epoch.
    Time(Vec<Option<i64>>),
}

impl Values {
    /// Number of cells.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Number(cells) => cells.len(),
            Self::Time(cells) => cells.len(),
        }
    }

    /// Whether there are no cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Their type.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::String,
            Self::Number(_) => Kind::Number,
            Self::Time(_) => Kind::Time,
        }
    }
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name, unique in the frame.
    pub name: String,
    /// Grafana's unit id, or empty.
    pub unit: String,
    /// Whether cells may be null.
    pub nullable: bool,
    /// Labels of the series, for time series frames.
    pub labels: BTreeMap<String, String>,
    /// The cells.
    pub values: Values,
}

impl Column {
    /// Without labels; of numbers any may be missing, as of series and parts of a time range.
    pub fn new(name: &str, unit: &str, values: Values) -> Self {
        let nullable = matches!(values, Values::Number(_));
        Self { name: name.to_owned(), unit: unit.to_owned(), nullable, labels: BTreeMap::new(), values }
    }
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeSeverity {
    /// For information. What Grafana 9 leaves out when it passes a notice on.
    #[default]
    Info,
    /// Something is missing from the answer.
    Warning,
    /// Part of the answer failed.
    Error,
}

/// Something to tell beside the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// How much it matters.
    pub severity: NoticeSeverity,
    /// The sentence.
    pub text: String,
}

impl Notice {
    /// The notices of a frame's schema in Grafana's JSON form. A severity that is not known is a warning.
    pub fn of(schema: &Value) -> Vec<Self> {
        let notices = schema["meta"]["notices"].as_array().into_iter().flatten();
        let read = |notice: &Value| Self {
            severity: match notice["severity"].as_str() {
                None | Some("info") => NoticeSeverity::Info,
                Some("error") => NoticeSeverity::Error,
                Some(_) => NoticeSeverity::Warning,
            },
            text: text_of(&notice["text"]).to_owned(),
        };
        notices.map(read).collect()
    }
}

/// A table or time series.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    /// What kind of rows these are, such as `suspects`.
    pub name: String,
    /// The columns, all of one length.
    pub columns: Vec<Column>,
    /// Notices to show with it.
    pub notices: Vec<Notice>,
    /// The PromQL behind it, or empty.
    pub executed_query: String,
}

/// Why a frame could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FrameError {
    /// A column is absent.
    #[error("frame {frame:?} has no column {column:?}")]
    MissingColumn {
        /// The frame.
        frame: String,
        /// The column.
        column: &'static str,
    },
    /// A cell has another type than the contract says.
    #[error("column {column:?} of frame {frame:?}, row {row}: not what the contract says")]
    WrongCell {
        /// The frame.
        frame: String,
        /// The column.
        column: &'static str,
        /// The row, from 0.
        row: usize,
    },
    /// Not Grafana's JSON form of a frame.
    #[error("not a data frame: {0}")]
    NotAFrame(String),
}

impl Frame {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// Reads what Grafana's `dataFrameToJSON` writes: `{schema: {name, fields}, data: {values, entities}}`.
    /// Columns that are neither text, number nor time are left out. A column whose cells are not an array but a number
    /// has the cells that `numbers` gives for it, where NaN is a null.
    pub fn from_grafana(json: &Value, numbers: &mut Numbers<'_>) -> Result<Self, FrameError> {
        let mut columns = Vec::new();
        for (field, cells) in fields(json)? {
            let is_time = match text_of(&field["type"]) {
                "string" => None,
                "number" => Some(false),
                "time" => Some(true),
                _ => continue,
            };
            let name = text_of(&field["name"]);
            let values = match (is_time, cells) {
                (None, Value::Array(cells)) => Values::Text(cells.iter().map(text).collect()),
                (Some(is_time), Value::Array(cells)) => of_numbers(is_time, cells.iter().map(Value::as_f64)),
                (Some(is_time), place) => {
                    of_numbers(is_time, cells_at(name, place, numbers)?.into_iter().map(Some))
                }
                (None, _) => return Err(no_cells(name)),
            };
            let labels = field["labels"].as_object().into_iter().flatten();
            let label = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
            columns.push(Column {
                name: name.to_owned(),
                unit: text_of(&field["config"]["unit"]).to_owned(),
                nullable: true,
                labels: labels.filter_map(label).collect(),
                values,
            });
        }
        let schema = &json["schema"];
        Ok(Self {
            name: text_of(&schema["name"]).to_owned(),
            columns,
            notices: Notice::of(schema),
            executed_query: text_of(&schema["meta"]["executedQueryString"]).to_owned(),
        })
    }
}

/// A frame of many series over the same times, as it is drawn: hundreds of thousands of cells, of which no more is made than
/// numbers. NaN is a null.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wide {
    /// Milliseconds since the epoch.
    pub times_ms: Vec<f64>,
    /// Name and cells of each column of numbers.
    pub columns: Vec<(String, Vec<f64>)>,
}

impl Wide {
    /// Reads what [`Frame::from_grafana`] reads.
    pub fn from_grafana(json: &Value, numbers: &mut Numbers<'_>) -> Result<Self, FrameError> {
        let mut wide = Self::default();
        for (field, cells) in fields(json)? {
            let (kind, name) = (text_of(&field["type"]), text_of(&field["name"]));
            if kind != "time" && kind != "number" {
                continue;
            }
            let cells = match cells {
                Value::Array(cells) => cells.iter().map(|cell| cell.as_f64().unwrap_or(f64::NAN)).collect(),
                place => cells_at(name, place, numbers)?,
            };
            if kind == "time" {
                wide.times_ms = cells;
            } else {
                wide.columns.push((name.to_owned(), cells));
            }
        }
        Ok(wide)
    }
}

/// The fields of a frame with their cells. Read from the tree: a tenth of the panel's code would be visitors else.
fn fields(json: &Value) -> Result<impl Iterator<Item = (&Value, &Value)>, FrameError> {
    let fields = list(&json["schema"]["fields"], "fields")?;
    Ok(fields.iter().zip(list(&json["data"]["values"], "values")?))
}

fn list<'a>(value: &'a Value, what: &str) -> Result<&'a [Value], FrameError> {
    let missing = || FrameError::NotAFrame(format!("it has no {what}"));
    value.as_array().map(Vec::as_slice).ok_or_else(missing)
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The cells of a column that do not stand in its JSON, by the number that stands there; `None` where there are none.
pub type Numbers<'a> = dyn FnMut(usize) -> Option<Vec<f64>> + 'a;

fn cells_at(column: &str, place: &Value, numbers: &mut Numbers<'_>) -> Result<Vec<f64>, FrameError> {
    place.as_u64().and_then(|place| numbers(place as usize)).ok_or_else(|| no_cells(column))
}

fn no_cells(column: &str) -> FrameError {
    FrameError::NotAFrame(format!("no cells of {column:?}"))
}

fn of_numbers(is_time: bool, cells: impl Iterator<Item = Option<f64>>) -> Values {
    let cells = cells.map(|cell| cell.filter(|number| number.is_finite()));
    if is_time {
        Values::Time(cells.map(|cell| cell.map(|ms| ms as i64)).collect())
    } else {
        Values::Number(cells.collect())
    }
}

fn text(cell: &Value) -> Option<String> {
    match cell {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The first so many of two columns' cells.
    fn cells(columns: usize) -> impl FnMut(usize) -> Option<Vec<f64>> {
        let all = [vec![1.0, 2.0], vec![0.5, f64::NAN]];
        move |place| all[..columns].get(place).cloned()
    }

    #[test]
    fn cells_stand_in_the_json_or_beside_it() {
        let fields = json!([{"name": "time", "type": "time"}, {"name": "a", "type": "number"}, {"name": "b", "type": "string"}]);
        let inside =
            json!({"schema": {"fields": fields}, "data": {"values": [[1, 2], [0.5, null], ["x", null]]}});
        let beside = json!({"schema": {"fields": fields}, "data": {"values": [0, 1, ["x", null]]}});
        let frame = Frame::from_grafana(&inside, &mut |_| None).expect("a frame");
        assert_eq!(frame.columns[1].values, Values::Number(vec![Some(0.5), None]));
        assert_eq!(Frame::from_grafana(&beside, &mut cells(2)), Ok(frame));
        assert!(Frame::from_grafana(&beside, &mut cells(1)).is_err(), "cells that are not there");
    }

    #[test]
    fn a_wide_frame_is_read_from_either_place() {
        let fields = json!([{"name": "time", "type": "time"}, {"name": "a", "type": "number"}, {"name": "b", "type": "string"}]);
        let inside =
            json!({"schema": {"fields": fields}, "data": {"values": [[1, 2], [0.5, null], ["x", null]]}});
        let beside = json!({"schema": {"fields": fields}, "data": {"values": [0, 1, ["x", null]]}});
        for json in [inside, beside.clone()] {
            let wide = Wide::from_grafana(&json, &mut cells(2)).expect("a frame");
            assert_eq!(wide.times_ms, [1.0, 2.0]);
            assert_eq!((wide.columns.len(), wide.columns[0].0.as_str(), wide.columns[0].1[0]), (1, "a", 0.5));
            assert!(wide.columns[0].1[1].is_nan());
        }
        assert!(Wide::from_grafana(&beside, &mut cells(1)).is_err(), "cells that are not there");
    }

    #[test]
    fn grafana_9_leaves_out_that_a_notice_is_for_information() {
        let said = |notice: &Value| {
            let json =
                json!({"schema": {"fields": [], "meta": {"notices": [notice]}}, "data": {"values": []}});
            Frame::from_grafana(&json, &mut |_| None).expect("a frame").notices.remove(0).severity
        };
        assert_eq!(said(&json!({"text": "x"})), NoticeSeverity::Info);
        assert_eq!(said(&json!({"severity": "alarming", "text": "x"})), NoticeSeverity::Warning);
        assert_eq!(said(&json!({"severity": "warning", "text": "x"})), NoticeSeverity::Warning);
    }
}
