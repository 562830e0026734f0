//! Frames in Arrow's file format, with Grafana's metadata.
//!
//! Written here and not with the SDK's frames: 0.5.0 loses the labels of a field that has a unit.

use std::collections::BTreeMap;

use grafana_plugin_sdk::arrow2;

use arrow2::array::{Array, PrimitiveArray, Utf8Array};
use arrow2::chunk::Chunk;
use arrow2::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow2::io::ipc::write::{FileWriter, WriteOptions};
use model::frames::{Column, Frame, Values};
use serde_json::json;

const NANOS_PER_MILLI: i64 = 1_000_000;

/// Encodes a frame as part of the answer to query `ref_id`. Fails when its columns differ in length.
pub(super) fn encode(frame: Frame, ref_id: &str) -> Result<Vec<u8>, arrow2::error::Error> {
    let mut metadata =
        BTreeMap::from([("name".to_owned(), frame.name.clone()), ("refId".to_owned(), ref_id.to_owned())]);
    if let Some(meta) = meta(&frame) {
        metadata.insert("meta".to_owned(), meta);
    }
    let (fields, arrays): (Vec<_>, Vec<_>) = frame.columns.into_iter().map(column).unzip();
    let schema = Schema::from(fields).with_metadata(metadata);
    let mut writer = FileWriter::try_new(Vec::new(), schema, None, WriteOptions { compression: None })?;
    if !arrays.is_empty() {
        writer.write(&Chunk::try_new(arrays)?, None)?;
    }
    writer.finish()?;
    Ok(writer.into_inner())
}

/// Grafana's `FrameMeta`, or nothing where there is nothing to say.
fn meta(frame: &Frame) -> Option<String> {
    let mut meta = serde_json::Map::new();
    if !frame.notices.is_empty() {
        meta.insert("notices".to_owned(), json!(frame.notices));
    }
    if !frame.executed_query.is_empty() {
        meta.insert("executedQueryString".to_owned(), json!(frame.executed_query));
    }
    (!meta.is_empty()).then(|| serde_json::Value::Object(meta).to_string())
}

fn column(column: Column) -> (Field, Box<dyn Array>) {
    let (data_type, array): (_, Box<dyn Array>) = match column.values {
        Values::Text(cells) => (DataType::Utf8, Utf8Array::<i32>::from(cells).boxed()),
        Values::Number(cells) => (DataType::Float64, PrimitiveArray::<f64>::from(cells).boxed()),
        Values::Time(cells) => {
            let data_type = DataType::Timestamp(TimeUnit::Nanosecond, None);
            // Nanoseconds end in the year 2262; what lies beyond is shown as that.
            let nanos: Vec<_> =
                cells.into_iter().map(|cell| cell.map(|ms| ms.saturating_mul(NANOS_PER_MILLI))).collect();
            (data_type.clone(), PrimitiveArray::<i64>::from(nanos).to(data_type).boxed())
        }
    };
    let mut metadata = BTreeMap::from([("name".to_owned(), column.name.clone())]);
    if !column.labels.is_empty() {
        metadata.insert("labels".to_owned(), json!(column.labels).to_string());
    }
    if !column.unit.is_empty() {
        metadata.insert("config".to_owned(), json!({ "unit": column.unit }).to_string());
    }
    // A null in a column that should have none (a number that was not finite) must arrive as a null, not as 0.
    let nullable = column.nullable || array.null_count() > 0;
    (Field::new(column.name, data_type, nullable).with_metadata(metadata), array)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use arrow2::io::ipc::read::{FileReader, read_file_metadata};
    use model::frames::{Notice, NoticeSeverity};

    use super::*;

    fn column(name: &str, unit: &str, nullable: bool, values: Values) -> Column {
        Column { nullable, ..Column::new(name, unit, values) }
    }

    fn decode(bytes: Vec<u8>) -> (Schema, Vec<Box<dyn Array>>) {
        let mut cursor = Cursor::new(bytes);
        let metadata = read_file_metadata(&mut cursor).unwrap();
        let schema = metadata.schema.clone();
        let chunks: Vec<_> = FileReader::new(cursor, metadata, None, None).map(Result::unwrap).collect();
        assert!(chunks.len() <= 1);
        (schema, chunks.into_iter().next().map(Chunk::into_arrays).unwrap_or_default())
    }

    #[test]
    fn everything_a_frame_says_is_there() {
        let labels = BTreeMap::from([("pod".to_owned(), "a \"b\"".to_owned())]);
        let mut bytes = column("bytes", "bytes", true, Values::Number(vec![Some(1.5), None]));
        bytes.labels = labels.clone();
        let frame = Frame {
            name: "history".into(),
            columns: vec![
                column("time", "", false, Values::Time(vec![Some(1_500), Some(-1)])),
                bytes,
                column("text", "", false, Values::Text(vec![Some("x".into()), Some("ü".into())])),
            ],
            notices: vec![Notice { severity: NoticeSeverity::Warning, text: "half".into() }],
            executed_query: "up{a=\"b\"}".into(),
        };
        let (schema, arrays) = decode(encode(frame, "A").unwrap());
        assert_eq!(schema.metadata["name"], "history");
        assert_eq!(schema.metadata["refId"], "A");
        let meta: serde_json::Value = serde_json::from_str(&schema.metadata["meta"]).unwrap();
        let notices = json!([{ "severity": "warning", "text": "half" }]);
        assert_eq!(meta, json!({ "notices": notices, "executedQueryString": "up{a=\"b\"}" }));
        let nullable: Vec<_> = schema.fields.iter().map(|field| field.is_nullable).collect();
        assert_eq!(nullable, [false, true, false]);
        assert_eq!(schema.fields[1].metadata["labels"], json!(labels).to_string());
        assert_eq!(schema.fields[1].metadata["config"], r#"{"unit":"bytes"}"#);
        let times = arrays[0].as_any().downcast_ref::<PrimitiveArray<i64>>().unwrap();
        assert_eq!(times.values().as_slice(), [1_500_000_000, -1_000_000]);
        let numbers = arrays[1].as_any().downcast_ref::<PrimitiveArray<f64>>().unwrap();
        assert_eq!(numbers.iter().collect::<Vec<_>>(), [Some(&1.5), None]);
        let texts = arrays[2].as_any().downcast_ref::<Utf8Array<i32>>().unwrap();
        assert_eq!(texts.iter().collect::<Vec<_>>(), [Some("x"), Some("ü")]);
    }

    #[test]
    fn a_null_that_should_not_be_stays_a_null() {
        let columns = vec![column("value", "", false, Values::Number(vec![None]))];
        let (schema, _) = decode(encode(Frame { columns, ..Frame::default() }, "A").unwrap());
        assert!(schema.fields[0].is_nullable);
    }

    #[test]
    fn times_beyond_nanoseconds_are_clamped() {
        let columns = vec![column("time", "", false, Values::Time(vec![Some(i64::MIN), Some(i64::MAX)]))];
        let (_, arrays) = decode(encode(Frame { columns, ..Frame::default() }, "A").unwrap());
        let times = arrays[0].as_any().downcast_ref::<PrimitiveArray<i64>>().unwrap();
        assert_eq!(times.values().as_slice(), [i64::MIN, i64::MAX]);
    }

    #[test]
    fn empty_frames_and_uneven_columns() {
        assert!(decode(encode(Frame::default(), "A").unwrap()).1.is_empty());
        let none = vec![column("text", "", false, Values::Text(vec![]))];
        assert_eq!(decode(encode(Frame { columns: none, ..Frame::default() }, "A").unwrap()).1[0].len(), 0);
        let uneven = vec![
            column("a", "", false, Values::Text(vec![])),
            column("b", "", false, Values::Number(vec![Some(1.0)])),
        ];
        encode(Frame { columns: uneven, ..Frame::default() }, "A").unwrap_err();
    }
}
