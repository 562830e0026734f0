//! A frame, free of any transport, and Grafana's JSON form of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
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

/// How much a notice matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How much it matters.
    #[serde(default)]
    pub severity: NoticeSeverity,
    /// The sentence.
    pub text: String,
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
    /// has them in that place of `numbers`, where NaN is a null.
    pub fn from_grafana(json: &Value, numbers: &[Vec<f64>]) -> Result<Self, FrameError> {
        let raw = RawFrame::deserialize(json).map_err(|error| FrameError::NotAFrame(error.to_string()))?;
        let mut columns = Vec::new();
        for (field, cells) in raw.schema.fields.into_iter().zip(raw.data.values) {
            let is_time = match field.kind.as_str() {
                "string" => None,
                "number" => Some(false),
                "time" => Some(true),
                _ => continue,
            };
            let values = match (is_time, cells) {
                (None, Value::Array(cells)) => Values::Text(cells.into_iter().map(text).collect()),
                (Some(is_time), Value::Array(cells)) => of_numbers(is_time, cells.iter().map(Value::as_f64)),
                (Some(is_time), place) => {
                    let place = place.as_u64().and_then(|place| numbers.get(place as usize));
                    let cells = place.ok_or_else(|| no_cells(&field.name))?;
                    of_numbers(is_time, cells.iter().map(|cell| Some(*cell)))
                }
                (None, _) => return Err(no_cells(&field.name)),
            };
            columns.push(Column {
                name: field.name,
                unit: field.config.unit,
                nullable: true,
                labels: field.labels.unwrap_or_default(),
                values,
            });
        }
        let meta = raw.schema.meta.unwrap_or_default();
        Ok(Self {
            name: raw.schema.name.unwrap_or_default(),
            columns,
            notices: meta.notices,
            executed_query: meta.executed_query_string,
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
    /// Reads what [`Frame::from_grafana`] reads; cells that stand in `numbers` are moved out of there.
    pub fn from_grafana(json: &Value, numbers: &mut [Vec<f64>]) -> Result<Self, FrameError> {
        let raw = RawFrame::deserialize(json).map_err(|error| FrameError::NotAFrame(error.to_string()))?;
        let mut wide = Self::default();
        for (field, cells) in raw.schema.fields.into_iter().zip(raw.data.values) {
            let is_time = field.kind == "time";
            if !is_time && field.kind != "number" {
                continue;
            }
            let cells = match cells {
                Value::Array(cells) => cells.iter().map(|cell| cell.as_f64().unwrap_or(f64::NAN)).collect(),
                place => {
                    let place = place.as_u64().and_then(|place| numbers.get_mut(place as usize));
                    std::mem::take(place.ok_or_else(|| no_cells(&field.name))?)
                }
            };
            if is_time {
                wide.times_ms = cells;
            } else {
                wide.columns.push((field.name, cells));
            }
        }
        Ok(wide)
    }
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

fn text(cell: Value) -> Option<String> {
    match cell {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

#[derive(Deserialize)]
struct RawFrame {
    schema: RawSchema,
    data: RawData,
}

#[derive(Deserialize)]
struct RawSchema {
    name: Option<String>,
    #[serde(default)]
    fields: Vec<RawField>,
    meta: Option<RawMeta>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawMeta {
    notices: Vec<Notice>,
    executed_query_string: String,
}

#[derive(Deserialize)]
struct RawField {
    #[serde(default)]
    name: String,
    #[serde(rename = "type", default)]
    kind: String,
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    config: RawConfig,
}

#[derive(Deserialize, Default)]
struct RawConfig {
    #[serde(default)]
    unit: String,
}

#[derive(Deserialize)]
struct RawData {
    #[serde(default)]
    values: Vec<Value>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_stand_in_the_json_or_beside_it() {
        let fields = json!([{"name": "time", "type": "time"}, {"name": "a", "type": "number"}, {"name": "b", "type": "string"}]);
        let inside =
            json!({"schema": {"fields": fields}, "data": {"values": [[1, 2], [0.5, null], ["x", null]]}});
        let beside = json!({"schema": {"fields": fields}, "data": {"values": [0, 1, ["x", null]]}});
        let numbers = [vec![1.0, 2.0], vec![0.5, f64::NAN]];
        let frame = Frame::from_grafana(&inside, &[]).expect("a frame");
        assert_eq!(frame.columns[1].values, Values::Number(vec![Some(0.5), None]));
        assert_eq!(Frame::from_grafana(&beside, &numbers), Ok(frame));
        assert!(Frame::from_grafana(&beside, &numbers[..1]).is_err(), "cells that are not there");
    }

    #[test]
    fn a_wide_frame_is_read_from_either_place() {
        let fields = json!([{"name": "time", "type": "time"}, {"name": "a", "type": "number"}, {"name": "b", "type": "string"}]);
        let inside =
            json!({"schema": {"fields": fields}, "data": {"values": [[1, 2], [0.5, null], ["x", null]]}});
        let beside = json!({"schema": {"fields": fields}, "data": {"values": [0, 1, ["x", null]]}});
        let mut numbers = [vec![1.0, 2.0], vec![0.5, f64::NAN]];
        for json in [inside, beside.clone()] {
            let wide = Wide::from_grafana(&json, &mut numbers).expect("a frame");
            assert_eq!(wide.times_ms, [1.0, 2.0]);
            assert_eq!((wide.columns.len(), wide.columns[0].0.as_str(), wide.columns[0].1[0]), (1, "a", 0.5));
            assert!(wide.columns[0].1[1].is_nan());
        }
        assert!(Wide::from_grafana(&beside, &mut numbers[..1]).is_err(), "cells that are not there");
    }

    #[test]
    fn grafana_9_leaves_out_that_a_notice_is_for_information() {
        let said = |notice: &Value| {
            let json =
                json!({"schema": {"fields": [], "meta": {"notices": [notice]}}, "data": {"values": []}});
            Frame::from_grafana(&json, &[]).expect("a frame").notices.remove(0).severity
        };
        assert_eq!(said(&json!({"text": "x"})), NoticeSeverity::Info);
        assert_eq!(said(&json!({"severity": "warning", "text": "x"})), NoticeSeverity::Warning);
    }
}
