//! Arrow frames in the JSON that grafana-plugin-sdk-go writes for them. tests/gohost compares the two.

use anyhow::{Context as _, Result, bail};
use grafana_plugin_sdk::arrow2;
use grafana_plugin_sdk::pluginv2::{DataResponse, QueryDataResponse};

use arrow2::array::{Array, BooleanArray, PrimitiveArray, Utf8Array};
use arrow2::datatypes::{DataType, Field, Metadata, TimeUnit};
use arrow2::io::ipc::read::{FileReader, read_file_metadata};
use serde_json::{Map, Value, json};

const NANOS_PER_MILLI: i64 = 1_000_000;

/// The body of `/api/ds/query`, and whether a query failed.
pub fn response(answer: QueryDataResponse) -> Result<(Value, bool)> {
    let failed = answer.responses.values().any(|response| !response.error.is_empty());
    let results = answer.responses.into_iter().map(|(ref_id, answer)| {
        let result = data_response(&answer).with_context(|| format!("answer to {ref_id:?}"))?;
        Ok((ref_id, result))
    });
    let results = results.collect::<Result<Map<_, _>>>()?;
    Ok((json!({ "results": results }), failed))
}

fn data_response(answer: &DataResponse) -> Result<Value> {
    let frames: Vec<_> = answer.frames.iter().map(|bytes| frame(bytes)).collect::<Result<_>>()?;
    let mut result = json!({ "status": answer.status, "frames": frames });
    if !answer.error.is_empty() {
        result["error"] = json!(answer.error);
        // The SDK's messages do not carry the source of an error.
        result["errorSource"] = json!("");
    }
    Ok(result)
}

fn frame(bytes: &[u8]) -> Result<Value> {
    let mut cursor = std::io::Cursor::new(bytes);
    let metadata = read_file_metadata(&mut cursor)?;
    let arrow_schema = metadata.schema.clone();
    let chunks = FileReader::new(cursor, metadata, None, None).collect::<Result<Vec<_>, _>>()?;

    let mut schema = Map::new();
    for key in ["name", "refId"] {
        if let Some(value) = arrow_schema.metadata.get(key).filter(|value| !value.is_empty()) {
            schema.insert(key.to_owned(), json!(value));
        }
    }
    if let Some(meta) = arrow_schema.metadata.get("meta") {
        let mut meta: Map<String, Value> = serde_json::from_str(meta)?;
        meta.entry("typeVersion").or_insert_with(|| json!([0, 0]));
        schema.insert("meta".to_owned(), Value::Object(meta));
    }
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (index, field) in arrow_schema.fields.iter().enumerate() {
        fields.push(field_schema(field)?);
        let mut column = Column::default();
        for chunk in &chunks {
            column.append(chunk.arrays()[index].as_ref(), field.is_nullable)?;
        }
        columns.push(column);
    }
    schema.insert("fields".to_owned(), Value::Array(fields));
    Ok(json!({ "schema": schema, "data": data(columns) }))
}

fn data(columns: Vec<Column>) -> Value {
    let mut data = Map::new();
    if columns.iter().any(|column| !column.entities.is_empty()) {
        let entities = columns.iter().map(|column| match &column.entities {
            none if none.is_empty() => Value::Null,
            some => Value::Object(some.clone()),
        });
        data.insert("entities".to_owned(), entities.collect());
    }
    if columns.iter().any(Column::has_nanos) {
        let nanos = columns.iter().map(|column| json!(column.has_nanos().then_some(&column.nanos)));
        data.insert("nanos".to_owned(), nanos.collect());
    }
    data.insert("values".to_owned(), columns.into_iter().map(|column| Value::Array(column.cells)).collect());
    Value::Object(data)
}

fn field_schema(field: &Field) -> Result<Value> {
    let (simple, exact) = match &field.data_type {
        DataType::Utf8 => ("string", "string"),
        DataType::Boolean => ("boolean", "bool"),
        DataType::Float64 => ("number", "float64"),
        DataType::Int64 => ("number", "int64"),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => ("time", "time.Time"),
        other => bail!("field {:?} has a type this host does not read: {other:?}", field.name),
    };
    let mut schema = Map::new();
    if !field.name.is_empty() {
        schema.insert("name".to_owned(), json!(field.name));
    }
    schema.insert("type".to_owned(), json!(simple));
    let mut type_info = json!({ "frame": exact });
    if field.is_nullable {
        type_info["nullable"] = json!(true);
    }
    schema.insert("typeInfo".to_owned(), type_info);
    for key in ["labels", "config"] {
        if let Some(value) = json_of(&field.metadata, key)? {
            schema.insert(key.to_owned(), value);
        }
    }
    Ok(Value::Object(schema))
}

fn json_of(metadata: &Metadata, key: &str) -> Result<Option<Value>> {
    metadata.get(key).map(|text| serde_json::from_str(text)).transpose().with_context(|| key.to_owned())
}

/// A column's values, with what JSON cannot say beside them.
#[derive(Default)]
struct Column {
    cells: Vec<Value>,
    entities: Map<String, Value>,
    nanos: Vec<i64>,
}

impl Column {
    fn has_nanos(&self) -> bool {
        self.nanos.iter().any(|&nanos| nanos != 0)
    }

    fn append(&mut self, array: &dyn Array, nullable: bool) -> Result<()> {
        for row in 0..array.len() {
            // Like the Go SDK: what a field that may not be null holds is read as it stands.
            let null = nullable && array.is_null(row);
            let (mut cell, mut nanos) = (Value::Null, 0);
            match array.data_type() {
                _ if null => {}
                DataType::Utf8 => cell = json!(downcast::<Utf8Array<i32>>(array)?.value(row)),
                DataType::Boolean => cell = json!(downcast::<BooleanArray>(array)?.value(row)),
                DataType::Int64 => cell = json!(downcast::<PrimitiveArray<i64>>(array)?.value(row)),
                DataType::Timestamp(..) => {
                    let time = downcast::<PrimitiveArray<i64>>(array)?.value(row);
                    cell = json!(time.div_euclid(NANOS_PER_MILLI));
                    nanos = time.rem_euclid(NANOS_PER_MILLI);
                }
                DataType::Float64 => {
                    let number = downcast::<PrimitiveArray<f64>>(array)?.value(row);
                    match entity(number) {
                        Some(name) => self.mark(name),
                        None => cell = json!(number),
                    }
                }
                other => bail!("cannot read {other:?}"),
            }
            self.cells.push(cell);
            self.nanos.push(nanos);
        }
        Ok(())
    }

    fn mark(&mut self, entity: &str) {
        let row = json!(self.cells.len());
        if let Value::Array(rows) = self.entities.entry(entity).or_insert_with(|| json!([])) {
            rows.push(row);
        }
    }
}

fn entity(number: f64) -> Option<&'static str> {
    if number.is_nan() {
        return Some("NaN");
    }
    number.is_infinite().then_some(if number > 0.0 { "Inf" } else { "NegInf" })
}

fn downcast<A: Array>(array: &dyn Array) -> Result<&A> {
    array.as_any().downcast_ref().context("an array of another type than its field says")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use arrow2::chunk::Chunk;
    use arrow2::datatypes::Schema;
    use arrow2::io::ipc::write::{FileWriter, WriteOptions};

    use super::*;

    #[test]
    fn what_json_cannot_say_stands_beside_the_values() {
        let times = DataType::Timestamp(TimeUnit::Nanosecond, None);
        let metadata = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
        let fields = vec![
            Field::new("t", times.clone(), false),
            Field::new("n", DataType::Float64, true).with_metadata(metadata("config", r#"{"unit":"bytes"}"#)),
            Field::new("s", DataType::Utf8, true).with_metadata(metadata("labels", r#"{"pod":"a"}"#)),
            Field::new("", DataType::Boolean, false),
        ];
        let arrays: Vec<Box<dyn Array>> = vec![
            PrimitiveArray::<i64>::from_vec(vec![-1, 2_000_000, 3_000_001]).to(times).boxed(),
            PrimitiveArray::<f64>::from([Some(f64::NAN), None, Some(f64::NEG_INFINITY)]).boxed(),
            Utf8Array::<i32>::from([Some("x"), None, Some("<")]).boxed(),
            BooleanArray::from_slice([true, false, true]).boxed(),
        ];
        let schema = Schema::from(fields).with_metadata(metadata("meta", r#"{"executedQueryString":"up"}"#));
        let mut writer =
            FileWriter::try_new(Vec::new(), schema, None, WriteOptions { compression: None }).unwrap();
        writer.write(&Chunk::new(arrays), None).unwrap();
        writer.finish().unwrap();
        let expected = json!({
            "schema": {
                "meta": { "executedQueryString": "up", "typeVersion": [0, 0] },
                "fields": [
                    { "name": "t", "type": "time", "typeInfo": { "frame": "time.Time" } },
                    { "name": "n", "type": "number", "typeInfo": { "frame": "float64", "nullable": true },
                      "config": { "unit": "bytes" } },
                    { "name": "s", "type": "string", "typeInfo": { "frame": "string", "nullable": true },
                      "labels": { "pod": "a" } },
                    { "type": "boolean", "typeInfo": { "frame": "bool" } },
                ],
            },
            "data": {
                "values": [[-1, 2, 3], [null, null, null], ["x", null, "<"], [true, false, true]],
                "entities": [null, { "NaN": [0], "NegInf": [2] }, null, null],
                "nanos": [[999_999, 0, 1], null, null, null],
            },
        });
        assert_eq!(frame(&writer.into_inner()).unwrap(), expected);
    }

    #[test]
    fn a_failed_query_tells_its_error() {
        let answer = DataResponse { error: "down".into(), status: 502, ..Default::default() };
        let answer = QueryDataResponse { responses: [("A".to_owned(), answer)].into() };
        let expected = json!({ "results": { "A": {
            "error": "down", "errorSource": "", "status": 502, "frames": [],
        } } });
        assert_eq!(response(answer).unwrap(), (expected, true));
    }
}
