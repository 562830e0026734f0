//! Series in files: CSV columns, and sets with labels that say what is a leak.

use std::path::{Component, Path};

use serde::Deserialize;
use thiserror::Error;

use crate::series::Series;

/// Why a file of series cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// It is no CSV.
    #[error("no CSV, write one line per time with a comma between columns: {0}")]
    Csv(#[from] csv::Error),
    /// The first column is not named as expected.
    #[error("the first column must be named t_seconds, not {0:?}")]
    FirstColumn(String),
    /// There is no column of values.
    #[error("no column beside t_seconds: add one for every series, named by the series")]
    NoSeries,
    /// A cell is no number.
    #[error(
        "line {line}, column {column:?}: {text:?} is no number, leave the cell empty for a missing sample"
    )]
    Number {
        /// Line in the file, from 1.
        line: u64,
        /// Name of the column.
        column: String,
        /// What stands there.
        text: String,
    },
    /// A labelled file has another number of columns.
    #[error("a labelled file has one column beside t_seconds, this one has {0}")]
    Columns(usize),
    /// A label is neither 0 nor 1.
    #[error("the label of {file:?} is {label}: write 0 or 1, 1 for a leak")]
    Label {
        /// Its file.
        file: String,
        /// As written.
        label: u8,
    },
    /// A file of a set lies elsewhere.
    #[error("{0:?} lies outside of the set: name a file in the folder of labels.json or below")]
    Outside(String),
}

/// One entry of a labelled set's `labels.json`, an array of these.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LabelledFile {
    /// CSV file of `t_seconds` and one value column in bytes, relative to `labels.json`.
    pub file: String,
    /// 1 for a leak, 0 for anything else.
    pub label: u8,
    /// What kind of behaviour it is.
    pub scenario: String,
    /// Memory limit, bytes.
    pub limit_bytes: Option<f64>,
    /// Known restart times, seconds; absent where they are not known.
    pub restarts: Option<Vec<f64>>,
    /// True growth at the end, bytes per hour, where it is known.
    pub rate_bytes_per_hour: Option<f64>,
}

impl LabelledFile {
    /// Refuses labels other than 0 and 1, and files that are not in the set's own folder.
    pub fn check(&self) -> Result<(), FileError> {
        if self.label > 1 {
            return Err(FileError::Label { file: self.file.clone(), label: self.label });
        }
        let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if self.file.is_empty() || !Path::new(&self.file).components().all(inside) {
            return Err(FileError::Outside(self.file.clone()));
        }
        Ok(())
    }
}

/// Reads the CSV of a labelled file: `t_seconds` and one column of values.
pub fn labelled_series_from_csv(text: &str) -> Result<Series, FileError> {
    let mut columns = series_from_csv(text)?;
    match columns.pop() {
        Some((_, series)) if columns.is_empty() => Ok(series),
        _ => Err(FileError::Columns(columns.len() + 1)),
    }
}

/// Reads CSV whose first column is `t_seconds` and every other column a series by name. An empty cell is a missing
/// sample; `NaN` is one too.
pub fn series_from_csv(text: &str) -> Result<Vec<(String, Series)>, FileError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let first = names.first().map_or("", String::as_str);
    if first != "t_seconds" {
        return Err(FileError::FirstColumn(first.to_owned()));
    }
    if names.len() < 2 {
        return Err(FileError::NoSeries);
    }
    let mut columns = vec![Series::default(); names.len() - 1];
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let number = |index: usize| -> Result<Option<f64>, FileError> {
            let text = record.get(index).unwrap_or("");
            if text.is_empty() {
                return Ok(None);
            }
            let parsed: Result<f64, std::num::ParseFloatError> = text.parse();
            parsed.map(Some).map_err(|_not_a_number| FileError::Number {
                line,
                column: names[index].clone(),
                text: text.to_owned(),
            })
        };
        let Some(time) = number(0)? else { continue };
        for (index, column) in columns.iter_mut().enumerate() {
            if let Some(value) = number(index + 1)? {
                column.times_secs.push(time);
                column.values.push(value);
            }
        }
    }
    Ok(names.into_iter().skip(1).zip(columns).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_series_and_empty_cells_are_missing() {
        let text = "t_seconds,web,\"rss{pod=\"\"a,b\"\"}\"\n0,1,2\n60,,3\n120,4,\n";
        let series = series_from_csv(text).expect("valid");
        assert_eq!(series[0].0, "web");
        assert_eq!(series[0].1, Series::new(vec![0.0, 120.0], vec![1.0, 4.0]));
        assert_eq!(series[1].0, "rss{pod=\"a,b\"}");
        assert_eq!(series[1].1, Series::new(vec![0.0, 60.0], vec![2.0, 3.0]));
    }

    #[test]
    fn a_set_stays_in_its_folder() {
        let entry = |file: &str, label| LabelledFile {
            file: file.to_owned(),
            label,
            scenario: String::new(),
            limit_bytes: None,
            restarts: None,
            rate_bytes_per_hour: None,
        };
        assert!(entry("a.csv", 1).check().is_ok() && entry("./deep/a.csv", 0).check().is_ok());
        for file in ["", "../a.csv", "/etc/passwd", "deep/../../a.csv"] {
            assert!(matches!(entry(file, 1).check(), Err(FileError::Outside(_))), "{file:?}");
        }
        assert!(matches!(entry("a.csv", 2).check(), Err(FileError::Label { .. })));
        assert!(matches!(labelled_series_from_csv("t_seconds,a,b\n"), Err(FileError::Columns(2))));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let message = |text: &str| series_from_csv(text).expect_err("invalid").to_string();
        assert!(message("time,web\n0,1\n").contains("t_seconds"));
        assert!(message("t_seconds\n0\n").contains("no column"));
        assert!(message("t_seconds,web\n0,1\n60,much\n").contains("line 3, column \"web\": \"much\""));
        assert!(message("t_seconds,web\n0,1,2\n").contains("CSV"));
    }
}
