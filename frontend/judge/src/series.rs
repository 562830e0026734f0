//! Time series, read from the frames of whatever data source.

use model::frames::{Column, Frame, Numbers, SHOWN, Values, bytes_in};
use model::labels::Labels;
use model::series::Series;
use serde_json::Value;

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

/// The series of frames that the panel does not show as they are, and what could not be read.
pub fn read(frames: &[Value], numbers: &mut Numbers<'_>) -> (Vec<Unjudged>, Vec<String>) {
    let (mut series, mut faults) = (Vec::new(), Vec::new());
    let shown = |schema: &Value| schema["name"].as_str().is_some_and(|name| SHOWN.contains(&name));
    for json in frames.iter().filter(|json| !shown(&json["schema"])) {
        match Frame::from_grafana(json, numbers) {
            Ok(frame) => series.extend(time_series(&frame, &json["schema"])),
            Err(error) => faults.push(error.to_string()),
        }
    }
    (series, faults)
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
        let mut labels: Labels =
            column.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if labels.get("__name__").is_none() {
            let name =
                if frame.name.is_empty() || frame.columns.len() > 2 { &column.name } else { &frame.name };
            labels.set("__name__", name.as_str());
        }
        let links = links(schema, column);
        Some(Unjudged { ref_id: ref_id.to_owned(), labels, links, series: Series::new(times_secs, values) })
    };
    frame.columns.iter().filter_map(series).collect()
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_of_a_series_are_one_and_units_are_bytes() {
        let frame = |name: &str, labels: Value| {
            let links = json!([{ "title": "Profile", "href": "/d/profile" }]);
            json!({
                "schema": { "refId": "A", "fields": [
                    { "name": "Time", "type": "time" },
                    { "name": name, "type": "number", "labels": labels, "config": { "unit": "mbytes" }, "links": links },
                ] },
                "data": { "values": [[60_000, 120_000, 180_000], [1.5, null, 2.0]] },
            })
        };
        let early = frame("Value", json!({ "__name__": "rss", "pod": "a" }));
        let later = frame("rss", json!({ "pod": "a" }));
        let suspects = json!({ "schema": { "name": "suspects", "fields": [] }, "data": { "values": [] } });
        let (found, faults) = read(&[early, suspects, later, json!(7)], &mut |_| None);
        assert_eq!(found.len(), 2);
        assert_eq!(faults.len(), 1, "{faults:?}");
        for mut one in found {
            assert_eq!(one.labels.get("pod"), Some("a"));
            assert_eq!(one.labels.remove("__name__").as_deref(), Some("rss"));
            assert_eq!(one.series, Series::new(vec![60.0, 180.0], vec![1_572_864.0, 2_097_152.0]));
            assert_eq!((one.ref_id.as_str(), one.links.len()), ("A", 1));
        }
    }
}
